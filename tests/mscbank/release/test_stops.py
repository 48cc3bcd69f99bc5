"""Holds and deviations."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from labels import housecode
from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.bags import service as bags
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    NotKnown,
    RecordChanged,
    Refused,
    WrongMoment,
)
from mscbank.release import stops
from mscbank.release.models import Hold, Severity
from mscbank.settings import local, settings
from mscbank.signatures.meanings import Meaning
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.deviations import close, investigate, open_deviation


def hold_lot(cast: Cast, lot, by: str = "tessa", reason: str = "Doubt.") -> Hold:
    with transaction():
        return stops.hold_lot(lot, reason, by=getattr(cast, by), at=clock.now())


def hold_bag(cast: Cast, bag, by: str = "tessa", reason: str = "Cracked.") -> Hold:
    with transaction():
        return stops.hold_bag(bag, reason, by=getattr(cast, by), at=clock.now())


def lift(cast: Cast, hold: Hold, reason: str = "Tested.", signed: str | None = None) -> Hold:
    seal = stages.seal_of(cast.quentin, Meaning.HOLD_LIFTED,
                          stops.hold_record(hold, signed or reason))
    with transaction():
        return stops.lift_hold(hold, reason, seal=seal, by=cast.quentin, at=clock.now())


def test_a_lot_is_held_and_the_hold_is_lifted_by_signature(bank):
    cast = Cast()
    lot = filled_lot(cast)
    first, second = hold_lot(cast, lot), hold_lot(cast, lot, by="paula", reason="Fever.")
    assert stops.open_holds(lot) == [first, second]
    lift(cast, first)
    assert stops.open_holds(lot) == [second]
    assert first.lifting_signature_id is not None
    with pytest.raises(AlreadyDone):
        lift(cast, first)


@pytest.mark.parametrize("username", ["nadia", "carole", "adam"])
def test_a_hold_is_placed_by_those_who_may(bank, username):
    cast = Cast()
    lot = filled_lot(cast)
    with pytest.raises(NotAllowed):
        hold_lot(cast, lot, by=username)
    with pytest.raises(NotAllowed):
        hold_bag(cast, lot.bags[0], by=username)
    assert session.query(Hold).count() == 0


def test_a_hold_is_lifted_only_by_a_signature_over_it_and_its_reason(bank):
    cast = Cast()
    hold = hold_lot(cast, filled_lot(cast))
    with pytest.raises(RecordChanged):
        lift(cast, hold, signed="Another reason.")
    with pytest.raises(Refused, match="must be signed"), transaction():
        stops.lift_hold(hold, "Tested.", seal=None, by=cast.quentin, at=clock.now())
    cast.quentin = cast.tessa
    with pytest.raises(NotAllowed):
        lift(cast, hold)
    assert hold.lifted_at is None


def test_what_can_no_longer_be_used_is_not_held(bank):
    cast = Cast()
    rejected = stages.rejected_lot(cast)
    with pytest.raises(WrongMoment):
        hold_lot(cast, rejected)
    bag = rejected.bags[0]
    with transaction():
        bags.destroy(bag, "Rejected.", by=cast.tessa, at=clock.now())
    with pytest.raises(WrongMoment, match="open a deviation"):
        hold_bag(cast, bag)
    assert hold_bag(cast, rejected.bags[1]).bag_id == rejected.bags[1].id
    with pytest.raises(Malformed):
        hold_bag(cast, rejected.bags[1], reason=" ")


def test_deviations_are_numbered_by_year_and_have_a_day_to_be_closed_by(bank):
    cast = Cast()
    lot = filled_lot(cast)
    made = [open_deviation(cast, code, severity) for code, severity in (
        (lot.code, Severity.MINOR), (lot.bags[0].code, Severity.MAJOR),
        (lot.harvest.code, Severity.CRITICAL))]
    assert [each.number for each in made] == ["DV26-001", "DV26-002", "DV26-003"]
    assert [f"{local(each.due_at):%Y-%m-%d %H:%M}" for each in made] == [
        "2026-05-31 09:00", "2026-04-01 09:00", "2026-03-09 09:00"]
    with clock.pinned(clock.now() + timedelta(days=365)):
        assert open_deviation(cast, lot.code).number == "DV27-001"


@pytest.mark.parametrize(("opened", "due"), [
    ("2027-10-25 00:30", "2027-11-01 00:30"),  # one hour more than seven times 24
    ("2027-03-22 23:30", "2027-03-29 23:30"),  # one less
    ("2027-03-21 02:30", "2027-03-28 03:30"),  # 02:30 was not on that day
    ("2027-12-31 23:50", "2028-01-07 23:50"), ("2028-02-22 12:00", "2028-02-29 12:00")])
def test_a_change_of_the_clocks_moves_no_day_to_be_closed_by(bank, opened, due):
    cast = Cast()
    lot = filled_lot(cast)
    with clock.pinned(datetime.fromisoformat(opened).replace(tzinfo=settings().zone)):
        made = open_deviation(cast, lot.code, Severity.CRITICAL)
    assert f"{local(made.due_at):%Y-%m-%d %H:%M}" == due


def test_a_deviation_is_closed_once_by_signature(bank):
    cast = Cast()
    deviation = investigate(cast, open_deviation(cast, filled_lot(cast).code))
    with pytest.raises(Malformed):
        close(cast, deviation, " ")
    close(cast, deviation)
    assert deviation.conclusion == "No effect."
    with pytest.raises(AlreadyDone):
        close(cast, deviation)


def test_a_deviation_is_refused_that_is_about_nothing_says_nothing_or_may_not_be_closed(bank):
    cast = Cast()
    lot = filled_lot(cast)
    with pytest.raises(NotKnown):
        open_deviation(cast, housecode.new("BX"))
    with pytest.raises(Malformed):
        open_deviation(cast, "BXBX")
    with pytest.raises(Malformed):
        open_deviation(cast, lot.code, what=" ")
    with pytest.raises(NotAllowed):
        open_deviation(cast, lot.code, by="adam")
    deviation = open_deviation(cast, lot.code)
    cast.quentin = cast.paula
    with pytest.raises(NotAllowed):
        close(cast, deviation)


def test_a_long_list_of_bags_goes_on_in_further_alerts_uncut(bank, monkeypatch):
    cast = Cast()
    lot = filled_lot(cast)
    monkeypatch.setattr(stops.rules, "places_in_words", lambda bags: ", ".join(
        str(number) for number in range(1, 400)))
    with transaction():
        stops.stop_everything(lot, "It fails.", "It fails.", by=cast.theo, at=clock.now())
        stops.record("hold", lot, by=cast.theo, at=clock.now())
    sentences = session.scalars(sa.select(Alert.sentence).where(
        Alert.role == "physician").order_by(Alert.id)).all()
    assert len(sentences) > 1 and max(map(len, sentences)) <= 500
    listed = "".join(sentence.split("Where the bags are: ")[1] + " " for sentence in sentences)
    assert listed.replace(",", "").split() == [str(number) for number in range(1, 400)]
