"""The acts of this step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mscbank.acts import Act
from mscbank.bags import cryo, places, rules, schemas, service
from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures import rules as culture_rules
from mscbank.cultures.acts import to_give
from mscbank.cultures.cells import cells_left, donor_accepted
from mscbank.cultures.models import Culture
from mscbank.permissions import Permission


def _on_chart(act: str) -> Callable[[Bag], None]:
    """Whether the wall chart lets the bag go this way now."""
    def possible(bag: Bag) -> None:
        service.may_move(bag, act)
    return possible


def _may_fill(culture: Culture) -> None:
    culture_rules.may_give_cells(culture)
    donor_accepted(culture.harvest)
    culture_rules.something_left(culture.title, cells_left(culture))


def _may_freeze(lot: Lot) -> None:
    rules.lot_may_freeze(lot.standing)
    rules.anything_to_freeze(len(service.to_freeze(lot)))


def _frozen(culture: Culture) -> dict[str, Any]:
    return {"units": [unit.code for unit in culture.cryo_units]}


def _filled(lot: Lot) -> dict[str, Any]:
    return {"lot": lot.code, "number": lot.number, "bags": [bag.code for bag in lot.bags]}


ACTS: tuple[Act, ...] = (
    Act("fill", Permission.FILL, service.fill, on=Culture, schema=schemas.FillSchema,
        possible=_may_fill, answer=_filled, offers=to_give("cells_per_bag", cells_left)),
    Act("freeze", Permission.FILL, service.freeze, on=Lot, possible=_may_freeze),
    Act("freeze into units", Permission.CULTURE, cryo.freeze_into_units, on=Culture,
        schema=schemas.FreezeUnitsSchema, possible=cryo.may_be_frozen, answer=_frozen,
        offers=to_give("cells_per_unit", cells_left)),
    Act("store", Permission.FILL, cryo.store, on=CryoUnit, schema=schemas.PlaceSchema,
        possible=lambda unit: cryo.may_move(unit, "store")),
    Act("relocate", Permission.FILL, cryo.relocate, on=CryoUnit, schema=schemas.PlaceSchema,
        possible=lambda unit: cryo.may_move(unit, "relocate")),
    Act("destroy", Permission.DESTROY, cryo.destroy, on=CryoUnit, schema=schemas.ReasonSchema,
        possible=lambda unit: cryo.may_move(unit, "destroy")),
    Act("add box", Permission.FILL, places.add_box, room="places", schema=schemas.AddBoxSchema,
        answer=lambda box: {"places": [place.code for place in box]}),
    Act("store", Permission.FILL, service.store, on=Bag, schema=schemas.PlaceSchema,
        possible=_on_chart("store")),
    Act("relocate", Permission.FILL, service.relocate, on=Bag, schema=schemas.PlaceSchema,
        possible=lambda bag: rules.may_relocate(bag.title, bag.place)),
    Act("destroy", Permission.DESTROY, service.destroy, on=Bag, schema=schemas.ReasonSchema,
        possible=_on_chart("destroy")),
)
