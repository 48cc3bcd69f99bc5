"""Freezing, storing, moving within the freezer, destroying."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.bags import places, service
from mscbank.bags.lifecycle import Place
from mscbank.database import transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, NotKnown, WrongMoment
from tests.cast import Cast
from tests.stages import release
from tests.stages.bags import box, filled_lot, frozen_lot, stored_bag
from tests.stages.cultures import others


def do(act, thing, *facts, by):
    with transaction():
        return act(thing, *facts, by=by, at=clock.now())


def test_freezing_marks_every_bag_once(bank):
    cast = Cast()
    lot = frozen_lot(cast)
    assert {bag.frozen_at for bag in lot.bags} == {clock.now()}
    with pytest.raises(AlreadyDone), clock.pinned(clock.now() + timedelta(hours=1)):
        do(service.freeze, lot, by=cast.tessa)


def test_a_destroyed_bag_is_not_frozen_with_the_others(bank):
    cast = Cast()
    lot = filled_lot(cast)
    do(service.destroy, lot.bags[0], "Leaks.", by=cast.tessa)
    do(service.freeze, lot, by=cast.tessa)
    assert [bag.frozen_at is None for bag in lot.bags] == [True, False]


def test_a_rejected_lot_is_not_frozen(bank):
    cast = Cast()
    lot = release.tested_lot(cast)
    release.reject(cast, lot)
    with pytest.raises(WrongMoment, match="destroy its bags"):
        do(service.freeze, lot, by=cast.tessa)


def test_a_box_has_its_positions_once(bank):
    cast = Cast()
    made = box(cast, "B", 3)
    assert [place.title for place in made] == [f"TANK 9 / RACK 1 / B / {n}" for n in (1, 2, 3)]
    assert places.box_of("TANK 9", "RACK 1", "B") == made
    with pytest.raises(AlreadyDone, match="another box"):
        box(cast, "B", 5)
    for positions in (0, -1, 401):
        with pytest.raises(Malformed) as refusal:
            box(cast, "C", positions)
        assert refusal.value.field == "positions"


def test_a_stored_bag_takes_its_position_and_no_other_bag_does(bank):
    cast = Cast()
    lot = frozen_lot(cast)
    one, two = lot.bags
    first, second = box(cast, positions=2)
    do(service.store, one, first.code, by=cast.tessa)
    assert (one.place, one.storage_place, one.place_since) == (Place.STORED, first, clock.now())
    with pytest.raises(WrongMoment, match="holds Bag 1") as refusal:
        do(service.store, two, first.code, by=cast.tessa)
    assert refusal.value.reasons == ("place taken",)
    do(service.store, two, second.code, by=cast.tessa)
    with pytest.raises(WrongMoment, match="must be filled"):
        do(service.store, two, first.code, by=cast.tessa)


def test_a_bag_is_stored_in_a_place_and_in_nothing_else(bank):
    cast = Cast()
    lot = frozen_lot(cast)
    with pytest.raises(NotKnown, match="code of lots"):
        do(service.store, lot.bags[0], lot.code, by=cast.tessa)
    with pytest.raises(Malformed):
        do(service.store, lot.bags[0], "TANK 9", by=cast.tessa)


def test_a_stored_bag_changes_its_position_and_frees_the_one_before(bank):
    cast = Cast()
    bag = stored_bag(cast)
    before, other = bag.storage_place, box(cast, "Z", 1)[0]
    do(service.relocate, bag, other.code, by=cast.theo)
    assert (bag.place, bag.storage_place) == (Place.STORED, other)
    assert service.free_place(before.code) == before
    with pytest.raises(AlreadyDone, match="already"):
        do(service.relocate, bag, other.code, by=cast.theo)
    neighbour = bag.lot.bags[1]
    do(service.store, neighbour, before.code, by=cast.tessa)
    with pytest.raises(WrongMoment, match="holds"):
        do(service.relocate, bag, before.code, by=cast.theo)


def test_only_a_stored_bag_changes_its_position(bank):
    cast = Cast()
    bag = frozen_lot(cast).bags[0]
    with pytest.raises(WrongMoment, match="is filled"):
        do(service.relocate, bag, box(cast)[0].code, by=cast.tessa)


def test_destroying_frees_the_position_and_is_final(bank):
    cast = Cast()
    bag = stored_bag(cast)
    place = bag.storage_place
    with pytest.raises(Malformed):
        do(service.destroy, bag, " ", by=cast.tessa)
    do(service.destroy, bag, "Label lost.", by=cast.quentin)
    assert (bag.place, bag.storage_place) == (Place.DESTROYED, None)
    assert service.free_place(place.code) == place
    for act, facts in ((service.destroy, ("Again.",)), (service.store, (place.code,)),
                       (service.relocate, (place.code,))):
        with pytest.raises(WrongMoment):
            do(act, bag, *facts, by=cast.tessa)


def test_the_freezer_is_the_technicians(bank):
    cast = Cast()
    bag, place = stored_bag(cast), box(cast, "Z")[0]
    filled = bag.lot.bags[1]
    for by in others(cast, "tessa", "theo"):
        for act, thing, facts in ((service.freeze, bag.lot, ()), (service.store, filled,
                                  (place.code,)), (service.relocate, bag, (place.code,))):
            with pytest.raises(NotAllowed):
                do(act, thing, *facts, by=by)
        with pytest.raises(NotAllowed), transaction():
            places.add_box("T", "R", "B", 1, by=by, at=clock.now())
    for by in others(cast, "tessa", "theo", "quentin", "quynh"):
        with pytest.raises(NotAllowed):
            do(service.destroy, bag, "Leaks.", by=by)
