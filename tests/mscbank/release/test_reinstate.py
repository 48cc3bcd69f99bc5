"""The way back of a lot that a typing error made nonconforming: signed, once nothing fails."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Lot
from mscbank.database import session, transaction
from mscbank.errors import (
    Malformed,
    NotAllowed,
    RecordChanged,
    Refused,
    SamePerson,
    Unfit,
    WrongMoment,
)
from mscbank.permissions import Actor, Permission, Role
from mscbank.release import late, service, stops
from mscbank.release.models import Decision, Deviation
from mscbank.release.record import covered, decision_covers, latest_decision, lot_record
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import sign
from mscbank.testing.models import Result
from mscbank.testing.results import correct_result
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.deviations import resolved
from tests.stages.testing import METHODS, PASSING, confirm, sample_of

GROWTH = {"word": "growth: Cutibacterium acnes"}


def arrives(cast: Cast, lot: Lot, test: str = "sterility", **outcome) -> Result:
    """One more result of the lot is written down."""
    sample = sample_of(cast, lot)
    with transaction():
        return late.record_result(
            sample, test=test, method=METHODS.get(test, "Flow cytometry"), laboratory="Our own",
            performed_at=clock.now(),
            **(outcome or GROWTH), by=cast.theo, at=clock.now())


def corrected(cast: Cast, result: Result, **outcome) -> Result:
    """Theo finds that he typed into the wrong lot; Tessa confirms."""
    with transaction():
        right = late.correct_result(result, "Typed into the wrong lot.",
                                    **(outcome or PASSING[result.test]), by=cast.theo,
                                    at=clock.now())
    return confirm(cast, right)


def lift_holds(cast: Cast, lot: Lot) -> None:
    for hold in stops.open_holds(lot):
        seal = stages.seal_of(cast.quentin, Meaning.HOLD_LIFTED,
                              stops.hold_record(hold, "The result was another lot's."))
        with transaction():
            stops.lift_hold(hold, "The result was another lot's.", seal=seal, by=cast.quentin,
                            at=clock.now())


def stopped_lot(cast: Cast, lot: Lot | None = None) -> tuple[Lot, Result]:
    """A lot that went out, and the wrong result that stopped it."""
    lot = lot or stages.released_lot(cast)
    return lot, arrives(cast, lot)


@pytest.mark.parametrize("stage", [stages.conditional_lot, stages.released_lot])
def test_a_typing_error_is_corrected_and_the_lot_waits_for_a_full_decision(bank, stage):
    cast = Cast()
    lot, wrong = stopped_lot(cast, stage(cast))
    corrected(cast, wrong)
    assert lot.standing is Standing.NONCONFORMING, "a correction alone brings nothing back"
    decision = stages.reinstate(cast, lot)
    assert lot.standing is Standing.PENDING and decision.signature.meaning is Meaning.REINSTATED
    assert decision_covers(decision)
    assert stops.open_holds(lot), "holds are lifted separately"
    told = session.scalars(sa.select(Alert).order_by(Alert.id.desc())).first()
    assert (told.role, told.about, told.signed) == (Role.PHYSICIAN, lot.code, False)


def test_a_reinstated_lot_goes_out_again_by_a_new_decision_when_nothing_is_open(bank):
    cast = Cast()
    lot, wrong = stopped_lot(cast)
    corrected(cast, wrong)
    stages.reinstate(cast, lot)
    with pytest.raises(Unfit, match="held"):
        stages.certify(cast, lot)
    lift_holds(cast, lot)
    with pytest.raises(Unfit, match="DV26-001"):
        stages.certify(cast, lot)
    resolved(cast, session.scalars(sa.select(Deviation)).one())
    stages.certify(cast, lot)
    assert lot.standing is Standing.CERTIFIED and covered(lot)
    assert [each.standing for each in lot.decisions] == [
        "certified", "nonconforming", "pending", "certified"]


def test_a_lot_whose_failing_result_stands_is_not_reinstated(bank):
    cast = Cast()
    lot, wrong = stopped_lot(cast)
    with pytest.raises(Unfit, match="still fails") as refusal:
        stages.reinstate(cast, lot)
    assert "sterility fail" in refusal.value.reasons
    corrected(cast, wrong, word="growth: Micrococcus luteus")
    with pytest.raises(Unfit, match="Micrococcus"):
        stages.reinstate(cast, lot)
    assert lot.standing is Standing.NONCONFORMING


def test_what_an_exceptional_release_had_accepted_does_not_stand_in_the_way(bank):
    cast = Cast()
    lot, wrong = stopped_lot(cast, stages.exceptional_lot(cast))
    corrected(cast, wrong)
    stages.reinstate(cast, lot)
    assert lot.standing is Standing.PENDING


@pytest.mark.parametrize("stage", [
    filled_lot, stages.conditional_lot, stages.released_lot, stages.rejected_lot])
def test_only_a_nonconforming_lot_is_reinstated(bank, stage):
    cast = Cast()
    lot = stage(cast)
    with pytest.raises(WrongMoment, match="must be nonconforming"):
        stages.reinstate(cast, lot)


def test_a_recall_that_quality_assurance_signed_stays(bank):
    cast = Cast()
    with pytest.raises(WrongMoment, match="declared this lot nonconforming"):
        stages.reinstate(cast, stages.nonconforming_lot(cast))


def test_a_lot_is_reinstated_once_and_with_a_reason(bank):
    cast = Cast()
    lot, wrong = stopped_lot(cast)
    corrected(cast, wrong)
    with pytest.raises(Malformed):
        stages.reinstate(cast, lot, " ")
    stages.reinstate(cast, lot)
    with pytest.raises(WrongMoment):
        stages.reinstate(cast, lot)


@pytest.mark.parametrize("username", ["theo", "tessa", "paula", "nadia", "carole", "adam"])
def test_quality_assurance_alone_reinstates(bank, username):
    cast = Cast()
    lot, wrong = stopped_lot(cast)
    corrected(cast, wrong)
    cast.quentin = getattr(cast, username)
    with pytest.raises(NotAllowed):
        stages.reinstate(cast, lot)


def test_nobody_reinstates_a_lot_they_stopped(bank):
    cast = Cast()
    lot = stages.released_lot(cast)
    sample = sample_of(cast, lot)
    quynh = Actor(cast.quynh.id, "quynh", cast.quynh.code, "Quynh",
                  cast.quynh.roles | {Role.TECHNICIAN}, "test")
    with transaction():
        wrong = late.record_result(
            sample, test="sterility", method=METHODS["sterility"], laboratory="Our own",
            performed_at=clock.now(), **GROWTH, by=quynh, at=clock.now())
    corrected(cast, wrong)
    cast.quentin = quynh
    with pytest.raises(SamePerson, match="recorded the result that stopped this lot"):
        stages.reinstate(cast, lot)


def test_a_reinstatement_is_signed_over_the_record_and_its_reason(bank):
    cast = Cast()
    lot, wrong = stopped_lot(cast)
    corrected(cast, wrong)
    over = lot_record(lot, reason="Another.")
    for seal, error in ((None, Refused),
                        (stages.seal_of(cast.quentin, Meaning.CERTIFIED, over), Refused),
                        (stages.seal_of(cast.quentin, Meaning.REINSTATED, over), RecordChanged)):
        with pytest.raises(error), transaction():
            service.reinstate(lot, "This.", seal=seal, by=cast.quentin, at=clock.now())
    assert lot.standing is Standing.NONCONFORMING


def test_an_unsigned_decision_never_covers(bank):
    cast = Cast()
    lot, _ = stopped_lot(cast)
    found = latest_decision(lot)
    assert found.signature is None
    assert not decision_covers(found) and not covered(lot)


def decide_behind_the_services_back(cast: Cast, lot: Lot, **facts) -> None:
    """A decision written down without the act that would have refused it."""
    with transaction():
        if facts.pop("signed", False):
            facts["signature_id"] = sign(
                stages.seal_of(cast.quentin, Meaning.CERTIFIED, {}), lot,
                meaning=Meaning.CERTIFIED, over={}, permission=Permission.RELEASE,
                by=cast.quentin, at=clock.now()).id
        session.add(Decision(lot_id=lot.id, findings=[], recorded_by_id=cast.quentin.id,
                             recorded_at=clock.now(), **facts))
        stops.record("decide", lot, by=cast.quentin, at=clock.now())


@pytest.mark.parametrize(("facts", "refused"), [
    ({"standing": "certified"}, "signed_or_found"),
    ({"standing": "nonconforming"}, "signed_or_found"),
    ({"standing": "nonconforming", "signed": True, "result": True}, "signed_or_found"),
    ({"standing": "certified", "result": True}, "found_nonconforming"),
    ({"standing": "pending", "signed": True}, "decided"),
])
def test_the_database_refuses_a_decision_that_nobody_signed_and_nothing_caused(
        bank, facts, refused):
    cast = Cast()
    lot = stages.tested_lot(cast)
    more = {name: value for name, value in facts.items() if name != "result"}
    if "result" in facts:
        more["result_id"] = session.scalars(sa.select(Result.id)).first()
    with pytest.raises(sa.exc.IntegrityError, match=refused):
        decide_behind_the_services_back(cast, lot, **more)


def test_a_passing_correction_keeps_both_results(bank):
    cast = Cast()
    lot, wrong = stopped_lot(cast)
    right = corrected(cast, wrong)
    assert (right.corrects_id, wrong.word) == (wrong.id, GROWTH["word"])
    assert latest_decision(lot).result_id == wrong.id


def test_a_correction_that_fails_too_stops_nothing_twice(bank):
    cast = Cast()
    lot = stages.released_lot(cast)
    wrong = arrives(cast, lot, "cd45", value=Decimal("2.6"), unit="%")
    with transaction():
        late.correct_result(wrong, "Read again.", value=Decimal("2.4"), unit="%", by=cast.theo,
                            at=clock.now())
    assert len(lot.decisions) == 2 and len(stops.open_holds(lot)) == 1


def test_the_control_a_result_only_written_down_leaves_the_lot_out(bank):
    """Without the reaction the lot would stay released: what the tests above rest on."""
    cast = Cast()
    lot = stages.conditional_lot(cast)
    pending = next(row for row in service.standing_results(lot) if row.pending)
    with transaction():
        correct_result(pending, "Arrived.", **GROWTH, by=cast.theo, at=clock.now())
    assert lot.standing is Standing.CONDITIONAL
