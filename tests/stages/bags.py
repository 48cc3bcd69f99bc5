"""Lots and bags at each stage, built through the acts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from mscbank import clock
from mscbank.bags import cryo, places, service
from mscbank.bags.models import Bag, CryoUnit, Lot, StoragePlace
from mscbank.cultures.models import Culture
from mscbank.database import transaction
from tests.cast import Cast
from tests.stages.cultures import counted_culture, grown_culture, released_reagent
from tests.stages.kept import kept

EXCIPIENTS = "4 % human albumin, 10 % DMSO"


@kept
def filled_lot(cast: Cast, culture: Culture | None = None, **different: Any) -> Lot:
    """A lot of two bags, each 70 million viable cells in 50 mL: the dose of 70 kg in cohort 1."""
    culture = culture or grown_culture(cast)
    facts = {"bags": 2, "volume_ml": Decimal(50), "cells_per_bag": 70_000_000,
             "excipients": EXCIPIENTS, "dmso_percent": Decimal(10),
             "expires_at": clock.now() + timedelta(days=365)} | different
    facts.setdefault("reagents", [released_reagent(cast).code])
    with transaction():
        return service.fill(culture, **facts, by=cast.tessa, at=clock.now())


@kept
def frozen_lot(cast: Cast, culture: Culture | None = None) -> Lot:
    """A filled lot that went through the freezer."""
    lot = filled_lot(cast, culture)
    with transaction():
        return service.freeze(lot, by=cast.tessa, at=clock.now())


def box(cast: Cast, name: str = "A", positions: int = 4) -> list[StoragePlace]:
    """A box with free positions."""
    with transaction():
        return places.add_box("TANK 9", "RACK 1", name, positions, by=cast.tessa, at=clock.now())


@kept
def stored_bag(cast: Cast, name: str = "A") -> Bag:
    """A frozen bag in the first position of a new box."""
    bag = frozen_lot(cast).bags[0]
    place = box(cast, name)[0]
    with transaction():
        return service.store(bag, place.code, by=cast.tessa, at=clock.now())


def frozen_units(cast: Cast, culture: Culture | None = None, units: int = 2,
                 cells_per_unit: int = 20_000_000) -> list[CryoUnit]:
    """A counted culture frozen into cryo units."""
    culture = culture or counted_culture(cast)
    reagent = released_reagent(cast)
    with transaction():
        cryo.freeze_into_units(culture, units, cells_per_unit, Decimal("1.8"), [reagent.code],
                               by=cast.tessa, at=clock.now())
    return culture.cryo_units


def stored_unit(cast: Cast, unit: CryoUnit | None = None) -> CryoUnit:
    """A cryo unit in its position."""
    unit = unit or frozen_units(cast)[0]
    place = box(cast, "U")[0]
    with transaction():
        return cryo.store(unit, place.code, by=cast.tessa, at=clock.now())
