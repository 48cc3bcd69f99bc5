"""Testing again: after a proven laboratory error, by another person, as often as allowed."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Lot
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    SamePerson,
    Unfit,
    WrongMoment,
)
from mscbank.release import service as release
from mscbank.testing import results
from mscbank.testing.models import InvestigationOutcome, Result
from specs.judge import Outcome
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.testing import (
    PASSING,
    answered,
    concluded,
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


def test_an_error_a_retest_and_a_release_both_results_kept(bank):
    cast = Cast()
    lot = filled_lot(cast)
    record_all(cast, lot, but={"cd73": LOW})
    fails = next(row for row in session.scalars(sa.select(Result)) if row.value == 91)
    set_aside(cast, fails)
    assert finding(lot).outcome is Outcome.MISSING
    again = retested(cast, fails)
    assert (again.retest_of_id, again.corrects_id) == (fails.id, None)
    assert finding(lot).outcome is Outcome.PASS and "OOS26-001" in finding(lot).sentence
    stages.certify(cast, lot)
    assert lot.standing is Standing.CERTIFIED
    kept = lot.decisions[-1].signature.record
    assert fails.code in kept and again.code in kept and "OOS26-001" in kept


def test_the_retester_is_another_person(bank):
    cast = Cast()
    fails = failing(cast)
    set_aside(cast, fails)
    with pytest.raises(SamePerson, match="theo recorded the result that is tested again"):
        retested(cast, fails, by=cast.theo)
    pending = retested(cast, fails, pending=True)
    with pytest.raises(SamePerson), transaction():
        results.correct_result(pending, "Came.", **PASSING["cd73"], by=cast.theo, at=clock.now())
    with transaction():
        came = results.correct_result(pending, "Came.", **PASSING["cd73"], by=cast.tessa,
                                      at=clock.now())
    assert results.retests(fails) == (None, pending) and results.first_of(came) == pending


def test_a_retest_may_be_of_a_new_sample_of_the_same_lot(bank):
    cast = Cast()
    lot = filled_lot(cast)
    fails = failing(cast, lot)
    set_aside(cast, fails)
    facts = {"method": fails.method, "laboratory": fails.laboratory, **PASSING["cd73"]}
    fresh = sample_of(cast, lot)
    with transaction():
        again = results.record_result(fresh, "cd73", performed_at=clock.now(), **facts,
                                      retest_of=fails.code, by=cast.tessa, at=clock.now())
    assert again.retest_of_id == fails.id


def test_a_retest_of_something_else_is_refused(bank):
    cast = Cast()
    lot = filled_lot(cast)
    fails = failing(cast, lot)
    set_aside(cast, fails)
    facts = {"method": fails.method, "laboratory": fails.laboratory, "performed_at": clock.now()}
    other = filled_lot(cast)
    for sample, test in ((fails.sample, "cd90"), (sample_of(cast, other), "cd73")):
        with pytest.raises(Malformed, match="names a result of something else"), transaction():
            results.record_result(sample, test, **facts, **PASSING[test], retest_of=fails.code,
                                  by=cast.tessa, at=clock.now())


@pytest.mark.parametrize("concluding", [False, True])
def test_no_retest_without_a_proven_error(bank, concluding):
    cast = Cast()
    fails = failing(cast)
    with pytest.raises(WrongMoment, match="No concluded investigation"):
        retested(cast, fails)
    investigation = answered(cast, opened(cast, fails))
    if concluding:
        concluded(cast, investigation, CONFIRMED)
    with pytest.raises(WrongMoment, match="No concluded investigation"):
        retested(cast, fails)


def test_a_result_is_tested_again_once_and_as_often_as_the_specification_allows(bank):
    cast = Cast()
    fails = failing(cast)
    set_aside(cast, fails)
    again = retested(cast, fails, **LOW)
    with pytest.raises(AlreadyDone, match="tested again already"):
        retested(cast, fails)
    investigation = answered(cast, opened(cast, again), "method")
    concluded(cast, investigation, ERROR, conclusion="The wrong antibody.")
    with pytest.raises(Unfit, match="allows 1 retest of .*2 results were set aside"):
        retested(cast, again, by=cast.theo)


def test_a_test_without_retests_is_not_tested_again(bank):
    cast = Cast()
    lot = filled_lot(cast)
    growth = result_of(cast, sample_of(cast, lot), "sterility", word="growth")
    set_aside(cast, growth)
    with pytest.raises(Unfit, match="allows no retest"):
        retested(cast, growth)
    assert finding(lot, "sterility").outcome is Outcome.FAIL


def test_nothing_that_passes_is_put_beside_an_investigation(bank):
    cast = Cast()
    lot = filled_lot(cast)
    fails = failing(cast, lot)
    investigation = opened(cast, fails)
    with pytest.raises(WrongMoment, match="OOS26-001 about this test is open"):
        result_of(cast, sample_of(cast, lot), "cd73")
    assert result_of(cast, sample_of(cast, lot), "cd73", **LOW).value == 91, "bad news is not held"
    concluded(cast, answered(cast, investigation, "sample"), ERROR)
    with pytest.raises(WrongMoment, match=f"by its code {fails.code}"):
        result_of(cast, sample_of(cast, lot), "cd73")
