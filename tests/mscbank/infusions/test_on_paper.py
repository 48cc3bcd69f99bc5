"""What was given on paper while the bank could not be reached, and how it is entered afterwards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.acts import catalogue, perform
from mscbank.audit.models import Entry
from mscbank.bags.lifecycle import ON_PAPER, Place
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, SamePerson, Unfit, WrongMoment
from mscbank.infusions import service
from mscbank.infusions.models import Ending, Infusion, PaperStart
from mscbank.permissions import Role
from mscbank.release import stops
from mscbank.release.models import Deviation, Severity
from tests.cast import Cast
from tests.conftest import START
from tests.stages.custody import issued_bag, receive
from tests.stages.infusions import (
    BEGAN,
    ENDED,
    LATER,
    Bedside,
    bedside,
    checked,
    given_on_paper,
    order,
    second_bag,
    started,
)
from tests.stages.recipients import allocated_recipient, weigh, wristband
from tests.stages.release import declare_nonconforming, released_lot

D = Decimal
SIGNS = {"temperature_c": D("36.9"), "pulse": 72, "systolic": 118, "diastolic": 70,
         "saturation": 97}


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def beside(cast: Cast) -> Bedside:
    return bedside(cast)


def running(cast: Cast, beside: Bedside, **different: Any) -> Infusion:
    return given_on_paper(cast, beside, ended_at=None, volume_given_ml=None, **different)


def nothing_of(beside: Bedside) -> bool:
    """Whether nothing at all was kept of an attempt."""
    session.expire_all()
    return (beside.bag.place is Place.RECEIVED and not deviations()
            and session.scalar(sa.select(sa.func.count(PaperStart.id))) == 0)


def deviations() -> list[Deviation]:
    return list(session.scalars(sa.select(Deviation).order_by(Deviation.id)))


def test_it_is_kept_as_the_sheet_says(cast, beside) -> None:
    infusion = given_on_paper(cast, beside, vital_signs=[{"at": BEGAN + timedelta(minutes=5), **SIGNS}])
    assert (infusion.started_at, infusion.ended_at) == (BEGAN, ENDED)
    assert (infusion.ending, infusion.volume_given_ml) == (Ending.FINISHED, D(50))
    assert infusion.recipient_id == beside.recipient.id and infusion.check_id is None
    assert infusion.recorded_at == LATER
    assert [seen.at for seen in infusion.observations] == [BEGAN + timedelta(minutes=5)]
    assert beside.bag.place is Place.INFUSED and beside.bag.infusion is infusion
    paper = infusion.paper
    assert (paper.first_id, paper.second_id, paper.witness_id) == (
        cast.nadia.id, cast.noel.id, cast.paula.id)
    assert (paper.reasons, paper.told) == ([], [])


def test_it_is_a_deviation_each_time_and_two_roles_are_told(cast, beside) -> None:
    infusion = given_on_paper(cast, beside)
    deviation, = deviations()
    assert (deviation.about, deviation.severity) == (beside.order.code, Severity.MAJOR)
    assert "on paper, without the bank's check" in deviation.what
    assert "The network was gone from 9 to 11. Nothing in the record stood" in deviation.what
    told = session.scalars(sa.select(Alert).where(Alert.about == infusion.code)).all()
    assert {each.role for each in told} == {Role.PHYSICIAN, Role.QUALITY}
    acts = list(session.scalars(sa.select(Entry.act).order_by(Entry.sequence.desc()).limit(3)))
    assert acts == ["finish", ON_PAPER, "open deviation"]


def test_such_a_bag_is_never_checked_or_started_afterwards(cast, beside) -> None:
    token = checked(cast, beside).token
    given_on_paper(cast, beside)
    assert checked(cast, beside).check.verdict == "already done"
    with pytest.raises(AlreadyDone), transaction():
        service.start(beside.bag, token, by=cast.nadia, at=clock.now())
    with pytest.raises(AlreadyDone, match="starts once"):
        given_on_paper(cast, beside)


def test_a_bag_that_was_started_with_a_check_is_not_entered_again(cast, beside) -> None:
    infusion = started(cast, beside)
    with pytest.raises(AlreadyDone):
        given_on_paper(cast, beside)
    assert beside.bag.infusion is infusion and not deviations()


def test_what_still_runs_goes_on_by_the_ordinary_acts(cast, beside) -> None:
    infusion = running(cast, beside, at=BEGAN + timedelta(minutes=12))
    assert beside.bag.place is Place.INFUSING
    assert "still running when this was entered" in deviations()[0].what
    with clock.pinned(BEGAN + timedelta(minutes=20)), transaction():
        service.observe(infusion, **SIGNS, by=cast.nadia, at=clock.now())
        service.finish(infusion, D(50), by=cast.nadia, at=clock.now())
    assert infusion.ended_at == BEGAN + timedelta(minutes=20)


def test_a_bag_stopped_on_paper_keeps_why(cast, beside) -> None:
    infusion = given_on_paper(cast, beside, volume_given_ml=D(20), stop_reason="Chills.")
    assert (infusion.ending, infusion.stop_reason) == (Ending.STOPPED, "Chills.")


def test_one_that_ran_in_too_quickly_on_paper_is_asked_about_as_any_other(cast, beside) -> None:
    with pytest.raises(Unfit, match="at the earliest"):
        given_on_paper(cast, beside, ended_at=BEGAN + timedelta(minutes=4))
    assert nothing_of(beside)
    infusion = given_on_paper(cast, beside, ended_at=BEGAN + timedelta(minutes=4), too_quick="No pump.")
    assert infusion.too_quick == "No pump." and len(deviations()) == 2


# --- what stood against it is kept, not refused -------------------------------------------------

def test_a_held_bag_that_was_given_all_the_same_is_told_with_its_hold(cast, beside) -> None:
    with transaction():
        stops.hold_bag(beside.bag, "A crack.", by=cast.tessa, at=clock.now())
    infusion = given_on_paper(cast, beside)
    assert infusion.paper.reasons == ["held"] and "on hold" in infusion.paper.told[0]
    assert deviations()[0].severity is Severity.CRITICAL
    assert deviations()[0].what.endswith("Against it stood: held.")
    assert all(alert.signed for alert in session.scalars(
        sa.select(Alert).where(Alert.about == infusion.code)))


def test_a_bag_of_a_lot_that_was_recalled_meanwhile_is_told(cast, beside) -> None:
    declare_nonconforming(cast, beside.bag.lot)
    infusion = given_on_paper(cast, beside)
    assert "recalled" in infusion.paper.reasons and beside.bag.place is Place.INFUSED


def test_an_expiry_counts_at_the_hour_it_began_not_at_the_hour_it_is_given_on_paper(cast, beside) -> None:
    expiry = beside.bag.usable_until
    after = expiry + timedelta(hours=1)
    infusion = given_on_paper(cast, beside, at=after)
    assert "expired" not in infusion.paper.reasons


def test_a_bag_begun_after_its_expiry_is_told(cast, beside) -> None:
    late = beside.bag.usable_until + timedelta(minutes=1)
    infusion = given_on_paper(cast, beside, at=late + timedelta(hours=2), began_at=late,
                       ended_at=late + timedelta(minutes=30))
    assert "expired" in infusion.paper.reasons


def test_a_bag_begun_before_its_order_and_its_receipt_is_told(cast) -> None:
    with clock.pinned(START):
        bag = issued_bag(cast, released_lot(cast))
    recipient = bag.lot.harvest.donor.recipient
    with clock.pinned(START + timedelta(hours=1)):
        receive(cast, bag)
        weigh(cast, recipient)
        beside = Bedside(bag, recipient, wristband(cast, recipient), order(cast, recipient, bag))
    infusion = given_on_paper(cast, beside)
    assert {"not ordered", "custody gap"} <= set(infusion.paper.reasons)
    assert any("after the bag was begun" in told for told in infusion.paper.told)


def test_a_sheet_tells_minutes_so_the_same_minute_is_not_before(cast) -> None:
    with clock.pinned(START + timedelta(seconds=40)):
        beside = bedside(cast)
    infusion = given_on_paper(cast, beside, began_at=START)
    assert infusion.paper.reasons == []


# --- what is refused ----------------------------------------------------------------------------

def test_another_persons_band_is_refused_and_called_an_emergency(cast, beside) -> None:
    other = wristband(cast, allocated_recipient(cast))
    with pytest.raises(Unfit, match="call physician and quality assurance now") as refusal:
        given_on_paper(cast, beside, wristband=other.code)
    assert refusal.value.reasons == ("wrong recipient",)
    assert nothing_of(beside)


def test_a_bag_that_no_order_names_is_refused(cast) -> None:
    beside = bedside(cast, ordered=False)
    with pytest.raises(Unfit) as refusal:
        given_on_paper(cast, beside)
    assert refusal.value.reasons == ("not ordered",) and nothing_of(beside)


def test_a_bag_that_was_not_received_is_received_first(cast) -> None:
    bag = issued_bag(cast, released_lot(cast))
    recipient = bag.lot.harvest.donor.recipient
    weigh(cast, recipient)
    beside = Bedside(bag, recipient, wristband(cast, recipient), order(cast, recipient, bag))
    with pytest.raises(WrongMoment, match="must be received"):
        given_on_paper(cast, beside)


@pytest.mark.parametrize(("different", "field"), [
    ({"began_at": LATER + timedelta(minutes=1)}, "began_at"),
    ({"began_at": START - timedelta(hours=1)}, "began_at"),
    ({"ended_at": LATER + timedelta(minutes=1)}, "ended_at"),
    ({"ended_at": BEGAN}, "ended_at"),
    ({"ended_at": None}, "ended_at"),
    ({"ended_at": None, "volume_given_ml": None, "stop_reason": "Chills."}, "ended_at"),
    ({"volume_given_ml": None}, "volume_given_ml"),
    ({"volume_given_ml": D(51)}, "volume_given_ml"),
    ({"volume_given_ml": D(0)}, "volume_given_ml"),
    ({"checked_again_by": "nadia"}, "checked_again_by"),
    ({"checked_by": "tessa"}, "checked_by"),
    ({"checked_by": "nobody"}, "checked_by"),
    ({"why": "  "}, "why"),
    ({"vital_signs": [{"at": LATER + timedelta(minutes=1), **SIGNS}], "ended_at": None,
      "volume_given_ml": None}, "vital_signs"),
    ({"vital_signs": [{"at": BEGAN, **SIGNS, "pulse": 301}]}, "pulse")])
def test_a_sheet_that_cannot_be_so_is_refused_and_nothing_is_kept(
        cast, beside, different: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        given_on_paper(cast, beside, **different)
    assert refusal.value.field == field and nothing_of(beside)


def test_vital_signs_from_before_it_began_are_refused(cast, beside) -> None:
    with pytest.raises(WrongMoment):
        given_on_paper(cast, beside, vital_signs=[{"at": START, **SIGNS}])
    assert nothing_of(beside)


def test_one_person_alone_does_not_enter_it(cast, beside) -> None:
    with pytest.raises(NotAllowed, match="second person"):
        given_on_paper(cast, beside, second=None)
    with pytest.raises(SamePerson):
        given_on_paper(cast, beside, second=cast.nadia)
    for people in ({"by": cast.tessa}, {"second": cast.quentin}):
        with pytest.raises(NotAllowed):
            given_on_paper(cast, beside, **people)
    assert nothing_of(beside)


def test_a_witness_proves_who_they_are(cast, beside) -> None:
    act = catalogue()["bags", "enter-paper-infusion"]
    says = {"wristband": beside.band.code, "began_at": BEGAN, "checked_by": "nadia",
            "checked_again_by": "noel", "why": "No network."}
    with clock.pinned(LATER):
        with pytest.raises(NotAllowed, match="second person"):
            perform(act, beside.bag.code, says, by=cast.nadia)
        told = perform(act, beside.bag.code, says, by=cast.nadia, second=cast.word("noel"))
    assert told["started_at"].startswith("2026-03-02T08:10") and told["ended_at"] is None


def test_a_second_bag_of_the_order_is_still_checked_as_any_other(cast) -> None:
    beside = bedside(cast, ordered=False)
    second = second_bag(cast, beside)
    beside.order = order(cast, beside.recipient, beside.bag, second, volume_ml=D(25))
    given_on_paper(cast, beside, volume_given_ml=D(25))
    other = Bedside(second, beside.recipient, beside.band, beside.order)
    with clock.pinned(LATER):
        assert checked(cast, other).check.verdict == "go"
