"""Reagents and cultures at each stage, built through the acts."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

from mscbank import clock
from mscbank.cultures import reagents, service
from mscbank.cultures.models import Culture, ReagentKind, ReagentLot, VesselKind
from mscbank.database import transaction
from mscbank.harvests.models import Harvest
from mscbank.permissions import Actor
from tests.cast import PEOPLE, Cast
from tests.stages.harvests import received_harvest
from tests.stages.kept import kept

_numbers = itertools.count(1001)
COUNTED_TWICE = "Counted twice."  # kept only where a value is out of the usual
LASTS_UNTIL = date(2027, 1, 31)


def others(cast: Cast, *names: str) -> list[Actor]:
    """Everyone but these people: the ones an act refuses."""
    return [getattr(cast, name) for name in PEOPLE if name not in names]


def quarantined_reagent(cast: Cast, **different: Any) -> ReagentLot:
    """A lot of medium, just delivered."""
    facts = {"reagent": ReagentKind.MEDIUM, "name": "Alpha-MEM",
             "lot_number": f"M{next(_numbers)}", "supplier": "Macopharma",
             "expires_on": LASTS_UNTIL} | different
    with transaction():
        return reagents.add_reagent(**facts, by=cast.tessa, at=clock.now())


def released_reagent(cast: Cast, **different: Any) -> ReagentLot:
    """A lot that may be used."""
    lot = quarantined_reagent(cast, **different)
    with transaction():
        return reagents.release_reagent(lot, by=cast.quentin, at=clock.now())


def blocked_reagent(cast: Cast) -> ReagentLot:
    """A lot that was released and then stopped."""
    lot = released_reagent(cast)
    with transaction():
        return reagents.block_reagent(lot, "Turbid.", by=cast.tessa, at=clock.now())


@kept
def seeded_culture(cast: Cast, harvest: Harvest | None = None, **different: Any) -> Culture:
    """P0: 60 million nucleated cells on a two-layer stack."""
    harvest = harvest or received_harvest(cast)
    facts = {"vessel": VesselKind.STACK_2, "vessels": 1, "seeded_cells": 60_000_000,
             "incubator": "INC-1", "colony_forming": 6_000} | different
    facts.setdefault("reagents", [released_reagent(cast).code])
    with transaction():
        return service.seed(harvest, **facts, by=cast.tessa, at=clock.now())


def count(cast: Cast, culture: Culture, total_cells: int, viable_cells: int) -> Culture:
    """Tessa detaches and counts the culture."""
    with transaction():
        service.count(culture, total_cells, viable_cells, COUNTED_TWICE, by=cast.tessa, at=clock.now())
    return culture


@kept
def counted_culture(cast: Cast, harvest: Harvest | None = None) -> Culture:
    """P0 with 60 million viable cells, ready to be passaged."""
    return count(cast, seeded_culture(cast, harvest), 62_000_000, 60_000_000)


def passaged_culture(cast: Cast, parent: Culture | None = None, **different: Any) -> Culture:
    """P1: 25 million viable cells on a ten-layer stack."""
    parent = parent or counted_culture(cast)
    facts = {"vessel": VesselKind.STACK_10, "vessels": 1, "seeded_cells": 25_000_000,
             "incubator": "INC-1"} | different
    facts.setdefault("reagents", [released_reagent(cast).code])
    with transaction():
        return service.passage(parent, **facts, by=cast.tessa, at=clock.now())


@kept
def grown_culture(cast: Cast, harvest: Harvest | None = None) -> Culture:
    """P1 with 250 million viable cells, ready to be filled."""
    child = passaged_culture(cast, counted_culture(cast, harvest))
    return count(cast, child, 260_000_000, 250_000_000)
