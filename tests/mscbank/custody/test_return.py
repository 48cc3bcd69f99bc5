"""A bag comes back before its infusion, and goes into stock only by signature."""

from __future__ import annotations

import pytest

from mscbank import clock
from mscbank.audit import chain
from mscbank.bags.lifecycle import Place
from mscbank.custody import service
from mscbank.database import transaction
from mscbank.errors import Malformed, NotAllowed, RecordChanged, Refused, Unfit, WrongMoment
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.stages.custody import (
    bag_at_bedside,
    free_places,
    issuable_lot,
    issue,
    issued_bag,
    judged_excursion,
    open_excursion,
    returned_bag,
    thaw,
)


def bring_back(cast, bag, reason="The infusion was put off.", by=None):
    with transaction():
        return service.return_bag(bag, reason, by=by or cast.nadia, at=clock.now())


def accept(cast, bag, place, by=None, at=None):
    by = by or cast.quentin
    seal = Seal(by.id, Meaning.RETURN_ACCEPTED,
                chain.digest(service.return_record(bag, place.code)))
    with transaction():
        return service.accept_return(bag, place.code, seal=seal, by=by, at=at or clock.now())


@pytest.mark.parametrize("stage", [issued_bag, bag_at_bedside])
def test_a_bag_on_its_way_or_on_the_ward_comes_back(bank, stage):
    cast = Cast()
    bag = bring_back(cast, stage(cast))
    assert bag.place is Place.RETURNED
    assert bag.journeys[-1].returned_at == clock.now()
    assert service.open_journey(bag) is None


@pytest.mark.parametrize("stage", [lambda cast: issuable_lot(cast).bags[0], returned_bag],
                         ids=["stored", "returned"])
def test_a_bag_that_is_not_out_does_not_come_back(bank, stage):
    cast = Cast()
    with pytest.raises(WrongMoment, match="must be issued or received"):
        bring_back(cast, stage(cast))


def test_a_return_has_a_reason(bank):
    cast = Cast()
    with pytest.raises(Malformed):
        bring_back(cast, bag_at_bedside(cast), " ")


def test_quality_assurance_carries_no_bag_back(bank):
    cast = Cast()
    with pytest.raises(NotAllowed):
        bring_back(cast, bag_at_bedside(cast), by=cast.quentin)


def test_an_accepted_bag_is_stored_and_may_be_issued_again(bank):
    cast = Cast()
    bag, place = returned_bag(cast), free_places(cast)[0]
    accept(cast, bag, place)
    assert (bag.place, bag.storage_place_id) == (Place.STORED, place.id)
    assert issue(cast, bag).bag is bag
    assert len(bag.journeys) == 2


def test_a_returned_bag_is_not_issued_before_it_is_accepted(bank):
    cast = Cast()
    bag = returned_bag(cast)
    with pytest.raises(Unfit, match="only a stored bag"):
        issue(cast, bag)


def test_a_bag_with_an_open_excursion_stays_out_of_stock_until_it_is_judged(bank):
    cast = Cast()
    bag = bag_at_bedside(cast)
    excursion = open_excursion(cast, bag.journeys[0])
    bring_back(cast, bag)
    place = free_places(cast)[0]
    with pytest.raises(Unfit, match="not judged"):
        accept(cast, bag, place)
    judged_excursion(cast, excursion)
    assert accept(cast, bag, place).place is Place.STORED


def test_a_thawed_bag_is_never_frozen_again(bank):
    cast = Cast()
    bag = bag_at_bedside(cast)
    thaw(cast, bag)
    bring_back(cast, bag)
    with pytest.raises(Unfit, match="not frozen again"):
        accept(cast, bag, free_places(cast)[0])


def test_an_expired_bag_is_not_accepted(bank):
    cast = Cast()
    bag = returned_bag(cast)
    with pytest.raises(Unfit, match="expiry has passed"):
        accept(cast, bag, free_places(cast)[0], at=bag.expires_at)


def test_a_taken_position_takes_no_second_bag(bank):
    cast = Cast()
    bag = returned_bag(cast)
    taken = bag.lot.bags[1].storage_place
    with pytest.raises(WrongMoment, match="scan another place"):
        accept(cast, bag, taken)


def test_the_signature_is_over_the_position_that_was_read(bank):
    cast = Cast()
    bag, (one, other, *_) = returned_bag(cast), free_places(cast)
    seal = Seal(cast.quentin.id, Meaning.RETURN_ACCEPTED,
                chain.digest(service.return_record(bag, one.code)))
    with pytest.raises(RecordChanged), transaction():
        service.accept_return(bag, other.code, seal=seal, by=cast.quentin, at=clock.now())


@pytest.mark.parametrize("seal", [None, Seal(0, Meaning.RETURN_ACCEPTED, "0" * 64)])
def test_an_unsigned_return_is_not_accepted(bank, seal):
    cast = Cast()
    bag, place = returned_bag(cast), free_places(cast)[0]
    with pytest.raises(Refused), transaction():
        service.accept_return(bag, place.code, seal=seal, by=cast.quentin, at=clock.now())


def test_only_a_returned_bag_is_accepted_and_only_by_quality_assurance(bank):
    cast = Cast()
    bag, place = returned_bag(cast), free_places(cast)[0]
    with pytest.raises(NotAllowed):
        accept(cast, bag, place, by=cast.tessa)
    accept(cast, bag, place)
    with pytest.raises(WrongMoment, match="must be returned"):
        accept(cast, bag, free_places(cast)[0])
