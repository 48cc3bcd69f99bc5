"""The acts on cryo units: freeze a culture into them, put away, thaw and seed on, destroy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from mscbank import things
from mscbank.audit.service import record
from mscbank.bags import cryo_rules, rules
from mscbank.bags.lifecycle import UnitPlace
from mscbank.bags.models import CryoUnit, StoragePlace
from mscbank.bags.service import free_place, specification_in_force
from mscbank.cultures import rules as culture_rules
from mscbank.cultures.cells import cells_left, culture_limits, cumulative_doublings, end_as
from mscbank.cultures.models import Culture, VesselKind
from mscbank.cultures.reagents import use_reagents
from mscbank.cultures.service import lay_out, may_be_grown
from mscbank.database import session
from mscbank.lineage import derive
from mscbank.permissions import Actor, Permission


def freeze_into_units(
    culture: Culture, units: int, cells_per_unit: int, volume_ml: Decimal,
    reagents: Sequence[str], *, by: Actor, at: datetime,
) -> Culture:
    """Freeze counted cells into so many units of the same number of viable cells and mL.

    The culture ends as frozen; what is left in suspension may still be passaged or filled. Each
    unit keeps the storage limit of the release specification in force today, where it sets one.
    """
    by.must(Permission.CULTURE)
    may_be_frozen(culture)
    cryo_rules.units_sensible(units, cells_per_unit, volume_ml)
    culture_rules.enough_viable_cells(culture.title, units * cells_per_unit, cells_left(culture),
                                      field="cells_per_unit")
    specification = specification_in_force(culture.harvest, at)
    expires_at = cryo_rules.expiry(at, specification.cryo_unit)
    made = [CryoUnit(culture_id=culture.id, number=number, units=units,
                     viable_cells=cells_per_unit, volume_ml=volume_ml, frozen_at=at,
                     expires_at=expires_at, place_since=at, recorded_by_id=by.id, recorded_at=at)
            for number in range(1, units + 1)]
    session.add_all(made)
    session.flush()
    session.expire(culture, ["cryo_units"])
    for unit in made:
        derive(unit.code, [(culture.code, cells_per_unit)])
        used = use_reagents(unit.code, reagents, by=by, at=at)
    end_as([(culture, units * cells_per_unit)], "frozen", at)
    record("freeze into units", culture, by=by, at=at, units=[unit.code for unit in made],
           cells_per_unit=cells_per_unit, volume_ml=volume_ml, expires_at=expires_at,
           specification=specification.reference, reagents=used)
    return culture


def may_be_frozen(culture: Culture) -> None:
    """Refuse a culture that was not counted, is used up, or was frozen before; cells that may be
    seeded nowhere are not frozen either."""
    culture_rules.may_give_cells(culture)
    may_be_grown(culture.harvest)
    cryo_rules.frozen_once(culture.title, len(culture.cryo_units))
    culture_rules.something_left(culture.title, cells_left(culture))
    limits = culture_limits(culture.harvest)
    culture_rules.within_passages(culture.passage + 1, limits.passage_limit)
    culture_rules.within_doublings(cumulative_doublings(culture), limits.population_doublings_max)


def store(unit: CryoUnit, place: str, *, by: Actor, at: datetime) -> CryoUnit:
    """Put a frozen unit into a position (its house code) that holds nothing else."""
    by.must(Permission.FILL)
    may_move(unit, "store")
    _into(unit, free_place(place), at)
    record("store", unit, by=by, at=at, place=unit.storage_place.code)
    return unit


def relocate(unit: CryoUnit, place: str, *, by: Actor, at: datetime) -> CryoUnit:
    """Put a stored unit into another position."""
    by.must(Permission.FILL)
    may_move(unit, "relocate")
    before = unit.storage_place
    rules.another_position(before.id, things.get(StoragePlace, place, field="place").id)
    _into(unit, free_place(place), at)
    record("relocate", unit, by=by, at=at, place=unit.storage_place.code, before=before.code)
    return unit


def thaw_and_seed(
    unit: CryoUnit, viable_cells: int, vessel: VesselKind, vessels: int, seeded_cells: int,
    incubator: str, reagents: Sequence[str], next_due_at: datetime | None = None, *, by: Actor,
    at: datetime,
) -> Culture:
    """Thaw a unit, once, count what lives and seed it on: the next passage. Its position is free.
    Asked through the labels (``labelling.units``), which know whether this is that unit.

    ``viable_cells`` live after the thawing, ``seeded_cells`` of them over all vessels.
    """
    by.must(Permission.CULTURE)
    may_be_thawed(unit, at)
    cryo_rules.thawed_sensible(viable_cells, unit.viable_cells, seeded_cells)
    unit.place, unit.place_since, unit.storage_place = UnitPlace.THAWED, at, None
    unit.thawed_at, unit.viable_thawed = at, viable_cells
    session.flush()  # the database lets only a thawed unit give cells
    child = lay_out(unit.harvest, unit.culture.passage + 1, vessel, vessels, seeded_cells,
                    incubator, next_due_at, by=by, at=at)
    derive(child.code, [(unit.code, seeded_cells)])
    used = use_reagents(child.code, reagents, by=by, at=at)
    record("thaw and seed", unit, by=by, at=at, culture=child.code, passage=child.passage,
           viable_cells=viable_cells, seeded_cells=seeded_cells, vessel=vessel, vessels=vessels,
           reagents=used)
    return child


def may_be_thawed(unit: CryoUnit, at: datetime) -> None:
    """Refuse a unit that is not in its position, past its limit, or whose cells may go no further.
    """
    may_move(unit, "thaw and seed")
    in_time(unit, at)
    may_be_grown(unit.harvest)
    limits = culture_limits(unit.harvest)
    culture_rules.within_passages(unit.culture.passage + 1, limits.passage_limit)
    culture_rules.within_doublings(cumulative_doublings(unit.culture),
                                   limits.population_doublings_max)


def in_time(unit: CryoUnit, at: datetime) -> None:
    """Refuse a frozen unit past its storage limit."""
    if unit.usable_until is not None:
        rules.not_expired(unit.title, unit.usable_until, at)


def destroy(unit: CryoUnit, reason: str, *, by: Actor, at: datetime) -> CryoUnit:
    """Destroy a unit that was not used. Its position is free again; its record stays."""
    by.must(Permission.DESTROY)
    rules.said(reason, field="reason")
    may_move(unit, "destroy")
    unit.place, unit.place_since, unit.storage_place = UnitPlace.DESTROYED, at, None
    record("destroy", unit, by=by, at=at, reason=reason)
    return unit


def may_be_kept(unit: CryoUnit) -> None:
    """Refuse a unit that gets no label any more."""
    cryo_rules.still_frozen(unit.title, unit.place)


def may_move(unit: CryoUnit, act: str) -> None:
    """Refuse by where the unit is."""
    cryo_rules.may_move(unit.title, act, unit.place)


def _into(unit: CryoUnit, position: StoragePlace, at: datetime) -> None:
    unit.storage_place, unit.place, unit.place_since = position, UnitPlace.STORED, at
    session.flush()
