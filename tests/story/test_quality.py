"""Quality assurance told from results to a signed release, and the bad news afterwards."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.audit.verify import verify
from mscbank.bags import service as bags
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Lot
from mscbank.database import session, transaction
from mscbank.errors import Refused, Unfit, WrongMoment
from mscbank.permissions import Role
from mscbank.release import late, stops
from mscbank.release.models import Deviation
from mscbank.release.record import covered, latest_decision
from mscbank.reports.recall import recall
from mscbank.signatures.meanings import Meaning
from mscbank.testing.models import InvestigationOutcome, Result
from mscbank.testing.service import standing_results
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.cultures import grown_culture
from tests.stages.custody import issuable_lot, issue
from tests.stages.deviations import acknowledge, add_action, close, finish, investigate
from tests.stages.deviations import verify as verified
from tests.stages.infusions import bedside, finished
from tests.stages.testing import (
    HOSPITAL,
    METHODS,
    PASSING,
    answered,
    concluded,
    confirm,
    opened,
    record_all,
    retested,
    sample_of,
)

GROWTH = {"word": "growth: Cutibacterium acnes"}


def arrives(cast: Cast, lot: Lot, test: str, **outcome) -> Result:
    """Theo writes down what came back."""
    pending = next(row for row in standing_results(lot) if row.pending and row.test == test)
    with transaction():
        return late.correct_result(pending, "The result came back.",
                                   **(outcome or PASSING[test]), by=cast.theo, at=clock.now())


def lift_hold(cast: Cast, lot: Lot, reason: str) -> None:
    hold, = stops.open_holds(lot)
    seal = stages.seal_of(cast.quentin, Meaning.HOLD_LIFTED, stops.hold_record(hold, reason))
    with transaction():
        stops.lift_hold(hold, reason, seal=seal, by=cast.quentin, at=clock.now())


@pytest.fixture(autouse=True)
def _the_trail_holds(bank):
    """Whatever a story tells, its trail is whole at the end."""
    yield
    session.rollback()
    assert verify().sound


def test_a_lot_goes_out_conditionally_and_is_certified_when_all_is_back(bank):
    # Sterility, mycoplasma and karyotype take weeks; the patient cannot wait.
    cast = Cast()
    lot = stages.conditional_lot(cast)
    assert latest_decision(lot).signature.meaning is Meaning.RELEASED_CONDITIONALLY
    # A bag may leave on that, and the first is given.
    assert finished(cast, bedside(cast, lot)).bag.place == "infused"
    # What comes back must be read before the second bag may leave.
    for test in ("sterility", "mycoplasma", "karyotype"):
        came = arrives(cast, lot, test)
        if test != "mycoplasma":
            confirm(cast, came)
    assert not covered(lot)
    with pytest.raises(Refused):
        issue(cast, lot.bags[1])
    # Quality assurance reads everything and certifies the whole lot: now it leaves.
    stages.certify(cast, lot)
    assert lot.standing is Standing.CERTIFIED and covered(lot)
    issue(cast, lot.bags[1])


def test_a_positive_sterility_after_the_infusion_stops_every_sister_bag(bank):
    # One bag of a conditional lot was given, the other lies in the freezer.
    cast = Cast()
    lot = stages.conditional_lot(cast)
    recipient = finished(cast, bedside(cast, lot)).recipient
    # On day 12 the culture grows. Theo writes it down and need know no more.
    result = arrives(cast, lot, "sterility", **GROWTH)
    # In that same transaction the lot became nonconforming, unsigned, on this result.
    assert lot.standing is Standing.NONCONFORMING
    assert latest_decision(lot).result_id == result.id and not covered(lot)
    # The sister bag does not leave, and the recall names each place and the person.
    with pytest.raises(Refused, match="nonconforming"):
        issue(cast, lot.bags[1])
    found = recall(lot)
    assert found.totals == [f"1 infused in {recipient.number}", "1 stored"]
    assert found.people == [recipient] and all(line.holds for line in found.bags)
    # Physician and quality assurance are told where each bag is, and sign that they read it.
    alerts = session.scalars(sa.select(Alert).order_by(Alert.id)).all()
    assert [alert.role for alert in alerts] == [Role.PHYSICIAN, Role.QUALITY]
    for alert in alerts:
        assert f"Recipient {recipient.number}" in alert.sentence
        assert "infused: 1; stored: 2" in alert.sentence
        assert acknowledge(cast, alert).signature_id is not None
    assert recall(lot).alerts == []
    # The critical deviation is not closed by words alone.
    deviation = session.scalars(sa.select(Deviation)).one()
    with pytest.raises(WrongMoment, match="not investigated"):
        close(cast, deviation)
    action = add_action(cast, investigate(cast, deviation))
    with pytest.raises(WrongMoment, match="finished by its owner"):
        close(cast, deviation)
    verified(cast, finish(cast, action))
    close(cast, deviation, "Contaminant of sampling; patient well.")
    # The failing result stands: the lot never comes back, its bags are destroyed.
    with pytest.raises(Unfit, match="still fails"):
        stages.reinstate(cast, lot)
    with transaction():
        bags.destroy(lot.bags[1], "Nonconforming.", by=cast.tessa, at=clock.now())


def test_a_lot_out_of_limit_is_released_exceptionally_at_the_physicians_request(bank):
    # CD105 is at 91 %; there is no other donor and no time.
    cast = Cast()
    lot = stages.lot_out_of_limit(cast)
    with pytest.raises(Unfit, match="CD105"):
        stages.certify(cast, lot)
    with pytest.raises(Unfit, match="No physician has requested"):
        stages.release_exceptionally(cast, lot)
    # Paula asks by signature over the record that shows it; quality assurance answers by its own.
    stages.request_exception(cast, lot)
    stages.release_exceptionally(cast, lot)
    assert lot.standing is Standing.EXCEPTIONAL and covered(lot)
    assert finished(cast, bedside(cast, lot)).bag.place == "infused"


def test_a_rejected_lot_is_made_again_from_the_same_harvest(bank):
    # Two cultures grow from one harvest. The first lot is not sterile.
    cast = Cast()
    culture = grown_culture(cast)
    first = filled_lot(cast, culture)
    record_all(cast, first, but={"sterility": GROWTH})
    with pytest.raises(Unfit, match="Sterility"):
        stages.certify(cast, first)
    stages.reject(cast, first, "Growth on day 6.")
    with transaction():
        for bag in first.bags:
            bags.destroy(bag, "Lot rejected.", by=cast.tessa, at=clock.now())
    # What is left is grown anew, filled, tested, certified: the rejected one does not taint it.
    again = stages.released_lot(cast, filled_lot(cast, grown_culture(cast, first.harvest)))
    assert again.harvest_id == first.harvest_id and again.number != first.number
    assert issue(cast, issuable_lot(cast, again).bags[0]).destination
    # The recall of the harvest knows both.
    assert recall(first.harvest).totals == ["1 issued", "1 stored", "2 destroyed"]


def test_a_typing_error_stops_a_lot_and_it_is_reinstated(bank):
    # Theo types another lot's growth into a certified lot: it is nonconforming at once.
    cast = Cast()
    lot = stages.released_lot(cast)
    sample = sample_of(cast, lot)
    with transaction():
        wrong = late.record_result(
            sample, test="sterility", method=METHODS["sterility"], laboratory=HOSPITAL,
            performed_at=clock.now(), **GROWTH, by=cast.theo, at=clock.now())
    assert lot.standing is Standing.NONCONFORMING
    # He sees it and corrects it with a reason; both rows stay. Nothing comes back by that alone.
    with transaction():
        right = late.correct_result(wrong, "Typed into the wrong lot.", word="no growth",
                                    by=cast.theo, at=clock.now())
    confirm(cast, right)
    assert lot.standing is Standing.NONCONFORMING and right.corrects_id == wrong.id
    # Quality assurance signs that no result fails any more. The lot waits, still held.
    stages.reinstate(cast, lot, "The growth was that of another lot.")
    assert lot.standing is Standing.PENDING
    with pytest.raises(Unfit, match="held"):
        stages.certify(cast, lot)
    lift_hold(cast, lot, "The growth was that of another lot.")
    # The deviation is worked through like any other; then the lot is decided on anew.
    deviation = session.scalars(sa.select(Deviation)).one()
    with pytest.raises(Unfit, match=deviation.number):
        stages.certify(cast, lot)
    close(cast, investigate(cast, deviation), "Typing error; the list now asks for a scan.")
    stages.certify(cast, lot)
    assert [each.standing for each in lot.decisions] == [
        Standing.CERTIFIED, Standing.NONCONFORMING, Standing.PENDING, Standing.CERTIFIED]
    issue(cast, issuable_lot(cast, lot).bags[0])


def test_a_result_out_of_specification_is_a_laboratory_error_and_is_tested_again(bank):
    # CD105 is at 91 %. Nobody tests until it fits: an investigation is opened.
    cast = Cast()
    lot = stages.lot_out_of_limit(cast)
    low = next(row for row in standing_results(lot) if row.test == "cd105")
    investigation = opened(cast, low)
    with pytest.raises(Unfit):
        stages.certify(cast, lot)
    # The laboratory looks at each point and finds the gate on the debris; one who took no part
    # in the result signs that the error is proven, and the result is set aside, not deleted.
    concluded(cast, answered(cast, investigation, "calculation"),
              InvestigationOutcome.LABORATORY_ERROR)
    # The specification allows one test more, by another person than the first.
    again = retested(cast, low, **PASSING["cd105"])
    assert again.retest_of_id == low.id and again.recorded_by_id != low.recorded_by_id
    # Both results are kept and shown; the lot is certified on the second.
    assert low in standing_results(lot) and again in standing_results(lot)
    stages.certify(cast, lot)
    assert lot.standing is Standing.CERTIFIED and covered(lot)
