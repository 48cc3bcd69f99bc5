"""What is allowed of cryo units: cells frozen between two passages. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from mscbank.bags.lifecycle import UNIT_PLACE, UnitPlace, row_for
from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from mscbank.rules import count_told, parted
from specs.criterion import UnitLimit

UNITS_MAX = 100


def units_sensible(units: int, cells_per_unit: int, volume_ml: Decimal) -> None:
    """Numbers a freezing can have."""
    if not 1 <= units <= UNITS_MAX:
        raise Malformed(f"Freeze between 1 and {UNITS_MAX} units at a time.", field="units")
    if cells_per_unit <= 0:
        raise Malformed("A unit holds viable cells: more than 0.", field="cells_per_unit")
    if not 0 < volume_ml <= 100:
        raise Malformed("A unit holds more than 0 and at most 100 mL.", field="volume_ml")


def frozen_once(title: str, units: int) -> None:
    """The units of a culture are one freezing, counted through."""
    if units:
        raise AlreadyDone(f"{title} was frozen into {count_told(units, 'unit')} already: what is left is "
                          "passaged, filled or discarded.")


def expiry(frozen_at: datetime, limit: UnitLimit | None) -> datetime | None:
    """The whole minute, as it is printed, at which the limit is over; None where there is none."""
    if limit is None:
        return None
    over = frozen_at + timedelta(days=limit.storage_days_max)
    return over.replace(second=0, microsecond=0)


def may_move(title: str, act: str, place: UnitPlace) -> None:
    """Along its chart; in another position while it is stored."""
    leaves = {UnitPlace.STORED} if act == "relocate" else row_for(UNIT_PLACE, act).leaves
    if place not in leaves:
        needed = " or ".join(sorted(leaves))
        raise WrongMoment(f"{title} is {place}, and must be {needed} to {act} it.")


def still_frozen(title: str, place: UnitPlace) -> None:
    """What is used up or gone gets no label."""
    if place not in (UnitPlace.FROZEN, UnitPlace.STORED):
        raise WrongMoment(f"{title} is {place} and gets no label any more.")


def thawed_sensible(viable_thawed: int, frozen: int, seeded: int) -> None:
    """No more cells live after the thawing than before, and no more are seeded than live."""
    if not 1 <= viable_thawed <= frozen:
        raise Malformed(f"{parted(frozen)} viable cells were frozen: between 1 and as many can live "
                        "now. Count again; where none lives, destroy the unit.",
                        field="viable_cells")
    if not 1 <= seeded <= viable_thawed:
        raise Malformed(f"{parted(viable_thawed)} viable cells were counted: seed between 1 and as "
                        "many.", field="seeded_cells")
