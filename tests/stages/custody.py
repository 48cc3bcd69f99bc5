"""A bag on its way, built through the acts."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal

from mscbank import clock
from mscbank.audit import chain
from mscbank.bags import places
from mscbank.bags import service as bags
from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag, Lot, StoragePlace
from mscbank.custody import service, thawing
from mscbank.custody.models import Excursion, Journey
from mscbank.database import transaction
from mscbank.labelling.service import current_copy
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.stages.bags import frozen_lot
from tests.stages.kept import kept
from tests.stages.labelling import label_text, labelled_lot
from tests.stages.release import released_lot

_boxes = itertools.count(1)


def free_places(cast: Cast, positions: int = 10) -> list[StoragePlace]:
    """The empty positions of a box that nobody used before."""
    with transaction():
        return places.add_box("TANK 1", "RACK 1", f"BOX {next(_boxes)}", positions, by=cast.tessa,
                              at=clock.now())


@kept
def stored_lot(cast: Cast, lot: Lot) -> Lot:
    """The lot with every bag in a position of its own."""
    waiting = [bag for bag in lot.bags if bag.place is Place.FILLED]
    for bag, place in zip(waiting, free_places(cast, len(waiting)) if waiting else []):
        with transaction():
            bags.store(bag, place.code, by=cast.tessa, at=clock.now())
    return lot


@kept
def issuable_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """A frozen, released lot, labelled and stored: any of its bags may be issued."""
    lot = lot or released_lot(cast, frozen_lot(cast))
    if any(current_copy(bag) is None for bag in lot.bags):
        labelled_lot(cast, lot)
    return stored_lot(cast, lot)


@kept
def labelled_bag(cast: Cast) -> Bag:
    """A frozen bag in its position, of a lot that waits for its release, with its label proven."""
    return stored_lot(cast, labelled_lot(cast, frozen_lot(cast))).bags[0]


def thaw(cast: Cast, bag: Bag, why: str | None = None, who: str = "theo") -> Bag:
    """The bag is thawed, its label scanned."""
    with transaction():
        return thawing.thaw(bag, label_text(bag), why, by=getattr(cast, who), at=clock.now())


@kept
def thawed_bag(cast: Cast) -> Bag:
    """A bag that was thawed just now, before the release of its lot."""
    return thaw(cast, labelled_bag(cast), "To be tested after thawing.")


def issue(cast: Cast, bag: Bag) -> Journey:
    """Tessa gives the bag out."""
    with transaction():
        return service.issue(bag, "BOX-7", "Ward 3, room 12", by=cast.tessa, at=clock.now())


@kept
def issued_bag(cast: Cast, lot: Lot | None = None) -> Bag:
    """A bag on its way to the ward."""
    bag = issuable_lot(cast, lot).bags[0]
    issue(cast, bag)
    return bag


def receive(cast: Cast, bag: Bag) -> Journey:
    """Nadia takes the bag over."""
    with transaction():
        return service.receive(bag, "Intact, label readable", by=cast.nadia, at=clock.now())


@kept
def bag_at_bedside(cast: Cast, lot: Lot | None = None) -> Bag:
    """A bag that Nadia took over on the ward."""
    bag = issued_bag(cast, lot)
    receive(cast, bag)
    return bag


@kept
def returned_bag(cast: Cast, lot: Lot | None = None) -> Bag:
    """A bag that came back unused and waits for quality assurance."""
    bag = bag_at_bedside(cast, lot)
    with transaction():
        service.return_bag(bag, "The infusion was put off.", by=cast.nadia, at=clock.now())
    return bag


def read(cast: Cast, journey: Journey, celsius: str, at: datetime | None = None) -> None:
    """Nadia reads the box's logger; a second later each time unless told otherwise."""
    moment = at or clock.now() + timedelta(seconds=len(journey.readings))
    with clock.pinned(max(moment, clock.now())), transaction():
        service.read_temperature(journey, moment, Decimal(celsius), by=cast.nadia,
                                 at=clock.now())


def open_excursion(cast: Cast, journey: Journey) -> Excursion:
    """An excursion of a frozen bag: it was too warm."""
    read(cast, journey, "-80")
    return service.open_excursions(journey)[0]


def judged_excursion(cast: Cast, excursion: Excursion) -> Excursion:
    """Quentin accepts the excursion by signature."""
    word = "Two minutes at the opening of the lid."
    seal = Seal(cast.quentin.id, Meaning.EXCURSION_ACCEPTED,
                chain.digest(service.excursion_record(excursion, word)))
    at = max(clock.now(), excursion.recorded_at)
    with transaction():
        return service.judge_excursion(excursion, word, seal=seal, by=cast.quentin, at=at)
