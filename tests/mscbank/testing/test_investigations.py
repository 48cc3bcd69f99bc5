"""A result out of specification: investigated in the laboratory, concluded by another."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.bags.models import Lot
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    RecordChanged,
    Refused,
    SamePerson,
    Unfit,
    WrongMoment,
)
from mscbank.release import service as release
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, covers
from mscbank.testing import attachments, investigations, results
from mscbank.testing.investigations import open_investigations
from mscbank.testing.models import Investigation, InvestigationOutcome, Point, Result
from specs.judge import Outcome
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.cultures import seeded_culture
from tests.stages.testing import (
    PASSING,
    answered,
    concluded,
    confirm,
    opened,
    record_all,
    result_of,
    retested,
    sample_of,
    set_aside,
)

D = Decimal
ERROR, CONFIRMED = InvestigationOutcome
LOW = {"value": D(91), "unit": "%"}


def failing(cast: Cast, lot: Lot | None = None, test: str = "cd73") -> Result:
    """CD73 at 91 %, by Theo."""
    return result_of(cast, sample_of(cast, lot or filled_lot(cast)), test, **LOW)


def finding(lot: Lot, test: str = "cd73"):
    return next(each for each in release.findings_of(lot)
                if (each.key, each.stage) == (test, "drug product"))


def test_a_failing_result_is_investigated_under_a_number(bank):
    cast = Cast()
    lot = filled_lot(cast)
    first, second = failing(cast, lot), failing(cast, lot, "cd90")
    assert [opened(cast, one).number for one in (first, second)] == ["OOS26-001", "OOS26-002"]
    assert first.investigation.title == "Investigation OOS26-001"
    assert [one.number for one in open_investigations(lot)] == ["OOS26-001", "OOS26-002"]


def test_only_a_result_that_stands_and_fails_is_investigated_once(bank):
    cast = Cast()
    lot = filled_lot(cast)
    sample = sample_of(cast, lot)
    for test, outcome in (("cd90", PASSING["cd90"]), ("sterility", {"pending": True}),
                          ("hla_dr", {"value": D(90), "unit": "%"})):
        with pytest.raises(WrongMoment, match="does not fail"):
            opened(cast, result_of(cast, sample, test, **outcome))
    fails = failing(cast, lot)
    opened(cast, fails)
    with pytest.raises(AlreadyDone, match="OOS26-001"):
        opened(cast, fails)
    slip = failing(cast, lot, "cd105")
    correct(cast, slip)
    with pytest.raises(AlreadyDone, match="it is the correction"):
        opened(cast, slip)


def test_a_cultures_result_is_held_against_the_sheet_in_force(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    sample = sample_of(cast, culture, stage="in process")
    grown = result_of(cast, sample, "sterility", word="growth", method="Automated culture, 14 days")
    assert opened(cast, grown).is_open


def correct(cast: Cast, result: Result, **outcome) -> Result:
    with transaction():
        return results.correct_result(result, "Read 97 for 91.", **(outcome or {
            "value": D(97), "unit": "%"}), by=cast.theo, at=clock.now())


def test_a_slip_is_corrected_before_but_not_once_an_investigation_is_opened(bank):
    cast = Cast()
    lot = filled_lot(cast)
    assert correct(cast, failing(cast, lot)).value == 97
    fails = failing(cast, lot, "cd90")
    for step in (opened, lambda cast, _: concluded(
            cast, answered(cast, fails.investigation), CONFIRMED)):
        step(cast, fails)
        with pytest.raises(WrongMoment, match="no longer corrected by hand"):
            correct(cast, fails)


def test_the_laboratory_looks_first(bank):
    cast = Cast()
    investigation = opened(cast, failing(cast))
    with pytest.raises(WrongMoment, match="checklist of OOS26-001 is not answered"):
        concluded(cast, investigation, CONFIRMED)
    answered(cast, investigation)
    assert [answer.point for answer in investigation.answers] == list(Point)


def test_a_point_not_in_order_is_said_in_words(bank):
    cast = Cast()
    investigation = opened(cast, failing(cast))
    answers = {str(point): point is not Point.ANALYST for point in Point}
    with pytest.raises(Malformed, match="Say what was not in order") as refused, transaction():
        investigations.answer_checklist(investigation, **answers, by=cast.theo, at=clock.now())
    assert refused.value.field == "analyst_words"


def test_answered_again_the_later_answer_stands_and_the_earlier_stays(bank):
    cast = Cast()
    investigation = answered(cast, answered(cast, opened(cast, failing(cast))), "method")
    latest = investigations.latest_answers(investigation)
    assert [answer.point for answer in latest if not answer.in_order] == [Point.METHOD]
    assert len(investigation.answers) == 2 * len(Point)


@pytest.mark.parametrize("who", ["tessa", "paula", "adam"])
def test_only_quality_assurance_concludes(bank, who):
    cast = Cast()
    investigation = answered(cast, opened(cast, failing(cast)))
    with pytest.raises(NotAllowed):
        concluded(cast, investigation, CONFIRMED, by=getattr(cast, who))


@pytest.mark.parametrize("who", ["paula", "nadia", "adam"])
def test_only_the_laboratory_and_quality_assurance_open_and_answer(bank, who):
    cast = Cast()
    fails = failing(cast)
    with pytest.raises(NotAllowed), transaction():
        investigations.open_investigation(fails, "Low.", by=getattr(cast, who), at=clock.now())
    investigation = opened(cast, fails)
    with pytest.raises(NotAllowed), transaction():
        investigations.answer_checklist(investigation, by=getattr(cast, who), at=clock.now(),
                                        **{str(point): True for point in Point})


def test_who_confirmed_the_result_does_not_conclude(bank):
    cast = Cast()
    fails = failing(cast)
    with transaction():
        results.confirm_result(fails, by=cast.quentin, at=clock.now())
    investigation = answered(cast, opened(cast, fails))
    with pytest.raises(SamePerson, match="quentin recorded or confirmed this result"):
        concluded(cast, investigation, CONFIRMED, by=cast.quentin)
    assert not concluded(cast, investigation, CONFIRMED).is_open


def test_who_confirmed_what_it_corrects_does_not_conclude_either(bank):
    cast = Cast()
    first = result_of(cast, sample_of(cast, filled_lot(cast)), "cd73")
    with transaction():
        results.confirm_result(first, by=cast.quentin, at=clock.now())
    investigation = answered(cast, opened(cast, correct(cast, first, **LOW)))
    with pytest.raises(SamePerson):
        concluded(cast, investigation, CONFIRMED, by=cast.quentin)


def test_an_error_is_proven_by_a_point_that_was_not_in_order(bank):
    cast = Cast()
    investigation = answered(cast, opened(cast, failing(cast)))
    with pytest.raises(Unfit, match="no laboratory error is proven"):
        concluded(cast, investigation, ERROR)
    answered(cast, investigation, "calculation")
    assert concluded(cast, investigation, ERROR).sets_aside


def test_a_conclusion_is_signed_over_what_was_read(bank):
    cast = Cast()
    investigation = answered(cast, opened(cast, failing(cast)))
    before = investigations.investigation_record(investigation, CONFIRMED, "Low indeed.")
    seal = stages.seal_of(cast.quynh, Meaning.INVESTIGATION_CONCLUDED, before)
    with transaction():
        attachments.attach(investigation.code, {"name": "raw.csv", "data": b"a;b\n1;2\n"},
                           by=cast.theo, at=clock.now())
    for given, refusal in (
            (seal, RecordChanged), (None, Refused),
            (Seal(cast.quynh.id, Meaning.CERTIFIED, seal.digest), Refused)):
        with pytest.raises(refusal, match="changed|says|signed"), transaction():
            investigations.conclude_investigation(
                investigation, CONFIRMED, "Low indeed.", seal=given, by=cast.quynh, at=clock.now())
    assert investigation.is_open
    done = concluded(cast, investigation, CONFIRMED)
    assert covers(done.signature, investigations.signed_investigation(done))


def test_a_concluded_investigation_stays_as_it_was_signed(bank):
    cast = Cast()
    investigation = set_aside(cast, failing(cast))
    with pytest.raises(AlreadyDone, match="nothing is added"):
        answered(cast, investigation)
    with pytest.raises(AlreadyDone, match="nothing is added"):
        concluded(cast, investigation, CONFIRMED)
    table = Investigation.__table__
    with pytest.raises(DBAPIError, match="set once"), transaction() as under_way:
        session.execute(sa.update(table).where(table.c.id == investigation.id).values(
            outcome=CONFIRMED, entry=under_way.sequence + 1))


def test_a_confirmed_result_stands_and_fails(bank):
    cast = Cast()
    lot = filled_lot(cast)
    record_all(cast, lot, but={"cd73": LOW})
    fails = next(row for row in session.scalars(sa.select(Result)) if row.value == 91)
    concluded(cast, answered(cast, opened(cast, fails)), CONFIRMED, conclusion="Low indeed.")
    with pytest.raises(WrongMoment, match="it stands, and is not tested again"):
        retested(cast, fails)
    result_of(cast, fails.sample, "cd73")
    assert finding(lot).outcome is Outcome.FAIL
    with pytest.raises(Unfit, match="does not meet its specification"):
        stages.certify(cast, lot)


def test_an_open_investigation_blocks_every_release(bank):
    cast = Cast()
    lot = filled_lot(cast)
    record_all(cast, lot, but={"cd73": LOW})
    opened(cast, next(row for row in session.scalars(sa.select(Result)) if row.value == 91))
    stages.request_exception(cast, lot)
    for release_it in (stages.certify, stages.release_conditionally,
                       stages.release_exceptionally):
        with pytest.raises(Unfit, match="Not concluded: Investigation OOS26-001"):
            release_it(cast, lot)


def test_the_database_itself_knows_who_may_test_again_and_what_is_not_corrected(bank):
    cast = Cast()
    fails = failing(cast)
    opened(cast, fails)
    columns = {column.key: getattr(fails, column.key)
               for column in sa.inspect(Result).column_attrs if column.key != "id"}
    for changed, sentence in (
            ({"retest_of_id": fails.id}, "a retest needs"),
            ({"corrects_id": fails.id, "reason": "x"}, "is not corrected")):
        with pytest.raises(DBAPIError, match=sentence), transaction() as under_way:
            session.execute(sa.insert(Result.__table__).values(
                columns | changed | {"code": "RTBBBBBBBBBBBBBBBBBB",
                                     "entry": under_way.sequence + 1}))


def test_the_numbers_begin_again_each_year(bank):
    cast = Cast()
    lot = filled_lot(cast)
    opened(cast, failing(cast, lot))
    with clock.pinned(clock.now() + timedelta(days=320)):
        assert opened(cast, failing(cast, lot, "cd90")).number == "OOS27-001"


def test_a_confirmation_by_the_second_person_does_not_open_anything(bank):
    cast = Cast()
    lot = filled_lot(cast)
    confirm(cast, failing(cast, lot))
    assert open_investigations(lot) == []
