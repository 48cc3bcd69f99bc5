"""A bag leaves when nothing speaks against it; every reason is named at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.bags.lifecycle import Place
from mscbank.custody import service
from mscbank.database import transaction
from mscbank.donors import service as donors
from mscbank.donors.models import Agent, Reaction
from mscbank.errors import Malformed, NotAllowed, Unfit
from mscbank.labelling import service as labelling
from mscbank.release import stops
from tests.cast import Cast
from tests.stages.bags import frozen_lot
from tests.stages.custody import bag_at_bedside, issuable_lot, issue, issued_bag, thaw
from tests.stages.labelling import reprinted
from tests.stages.release import (
    conditional_lot,
    declare_nonconforming,
    exceptional_lot,
    rejected_lot,
)


def refused(cast, bag, at=None):
    """The reasons for which the bag stays."""
    with pytest.raises(Unfit) as caught, transaction():
        service.issue(bag, "BOX-7", "Ward 3", by=cast.tessa, at=at or clock.now())
    assert bag.place is not Place.ISSUED or not bag.journeys[1:]
    return caught.value


def test_the_bag_is_on_its_way_within_the_protocol_s_limits(bank):
    cast = Cast()
    bag = issuable_lot(cast).bags[0]
    journey = issue(cast, bag)
    assert (bag.place, bag.storage_place_id) == (Place.ISSUED, None)
    assert (journey.low_c, journey.high_c) == (Decimal(-196), Decimal(-135))
    assert (journey.given_by_id, journey.given_at) == (cast.tessa.id, clock.now())


def test_a_thawed_bag_travels_within_the_limits_of_thawed_bags(bank):
    cast = Cast()
    bag = issuable_lot(cast).bags[0]
    thaw(cast, bag)
    journey = issue(cast, bag)
    assert (journey.low_c, journey.high_c) == (Decimal(2), Decimal(25))


@pytest.mark.parametrize("released", [conditional_lot, exceptional_lot])
def test_bags_of_every_kind_of_release_may_leave(bank, released):
    cast = Cast()
    assert issued_bag(cast, released(cast, frozen_lot(cast))).place is Place.ISSUED


@pytest.mark.parametrize("standing", [frozen_lot, lambda cast: rejected_lot(cast)],
                         ids=["pending", "rejected"])
def test_a_bag_that_is_not_released_stays(bank, standing):
    cast = Cast()
    assert refused(cast, issuable_lot(cast, standing(cast)).bags[0]).reasons == ("not released",)


def test_a_bag_of_a_recalled_lot_stays(bank):
    cast = Cast()
    lot = issuable_lot(cast)
    declare_nonconforming(cast, lot)
    assert "not released" in refused(cast, lot.bags[0]).reasons


def test_a_held_bag_stays_and_its_neighbour_leaves(bank):
    cast = Cast()
    held, free = issuable_lot(cast).bags
    with transaction():
        stops.hold_bag(held, "Clumps seen.", by=cast.tessa, at=clock.now())
    found = refused(cast, held)
    assert found.reasons == ("held",)
    assert found.sentence == "The bag stays: It is on hold: Clumps seen."
    assert issue(cast, free).bag is free


def test_a_release_that_no_longer_covers_keeps_the_bag(bank):
    cast = Cast()
    lot = issuable_lot(cast)
    with transaction():
        donors.record_marker(lot.harvest.donor, Agent.CMV, Reaction.REACTIVE,
                             lot.harvest.collected_at, "Virology", by=cast.carole, at=clock.now())
    assert refused(cast, lot.bags[0]).reasons == ("not covered",)


@pytest.mark.parametrize(("seconds", "leaves"), [(-1, True), (0, False), (1, False)])
def test_at_the_moment_of_expiry_it_is_over(bank, seconds, leaves):
    cast = Cast()
    bag = issuable_lot(cast).bags[0]
    at = bag.expires_at + timedelta(seconds=seconds)
    if leaves:
        with transaction():
            assert service.issue(bag, "BOX-7", "Ward 3", by=cast.tessa, at=at).given_at == at
    else:
        assert refused(cast, bag, at).reasons == ("expired",)


def test_a_bag_whose_label_was_not_scanned_back_stays(bank):
    cast = Cast()
    bag = issuable_lot(cast).bags[0]
    reprinted(cast, bag)
    assert refused(cast, bag).reasons == ("label",)


def test_a_bag_that_left_does_not_leave_again(bank):
    cast = Cast()
    assert refused(cast, issued_bag(cast)).reasons == ("wrong place",)


def test_every_reason_is_named_at_once(bank):
    cast = Cast()
    bag = bag_at_bedside(cast)
    with transaction():
        stops.hold_bag(bag, "Box was open.", by=cast.tessa,
                       at=clock.now())
    with transaction():
        labelling.void_label(bag, "Torn.", by=cast.tessa, at=clock.now())
    found = refused(cast, bag, bag.expires_at)
    assert found.reasons == ("wrong place", "held", "expired", "label")
    for words in ("received", "Box was open", "expired on", "no label"):
        assert words in found.sentence


@pytest.mark.parametrize(("box", "destination", "field"), [
    (" ", "Ward 3", "box"), ("BOX-7", "", "destination")])
def test_box_and_destination_are_said(bank, box, destination, field):
    cast = Cast()
    bag = issuable_lot(cast).bags[0]
    with pytest.raises(Malformed) as found, transaction():
        service.issue(bag, box, destination, by=cast.tessa, at=clock.now())
    assert found.value.field == field


def test_a_physician_gives_no_bag_out(bank):
    cast = Cast()
    bag = issuable_lot(cast).bags[0]
    with pytest.raises(NotAllowed), transaction():
        service.issue(bag, "BOX-7", "Ward 3", by=cast.paula, at=clock.now())
