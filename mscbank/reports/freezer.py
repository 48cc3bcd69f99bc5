"""The freezer map: each box of a tank as a grid of its positions, and what lies in them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Bag, CryoUnit, Lot, StoragePlace
from mscbank.cultures.models import Culture
from mscbank.database import session
from mscbank.release.models import Hold
from mscbank.reports.layout import Tone
from mscbank.reports.sketch import Block, Fill, Sketch
from mscbank.rules import count_told

WIDE, HIGH, GAP = 92, 58, 6
ACROSS = range(10, 3, -1)  # positions beside one another, where the box divides so
TONE = {Standing.PENDING: Tone.WAIT, Standing.REJECTED: Tone.STOP, Standing.NONCONFORMING: Tone.STOP}


@dataclass(frozen=True)
class Position:
    """A position and the bag or cryo unit in it, where there is one."""

    code: str
    number: str
    place: str
    bag: str | None
    bag_number: int | None
    lot: str | None
    standing: Standing | None
    expires_at: datetime | None
    held: bool
    unit: str | None = None
    unit_told: str = ""

    @property
    def free(self) -> bool:
        """Whether a bag or a cryo unit may be put here."""
        return self.bag is None and self.unit is None


@dataclass(frozen=True)
class Box:
    """A box of a rack with its positions in order."""

    rack: str
    name: str
    positions: tuple[Position, ...]
    picture: Sketch

    @property
    def taken(self) -> int:
        """How many of its positions hold a bag."""
        return sum(not each.free for each in self.positions)


def tanks() -> list[tuple[str, int, int]]:
    """Every tank with the number of its positions and of those taken."""
    return [tuple(row) for row in session.execute(
        sa.select(StoragePlace.tank, sa.func.count(StoragePlace.id),
                  sa.func.count(Bag.id) + sa.func.count(CryoUnit.id))
        .outerjoin(Bag, Bag.storage_place_id == StoragePlace.id)
        .outerjoin(CryoUnit, CryoUnit.storage_place_id == StoragePlace.id)
        .group_by(StoragePlace.tank).order_by(StoragePlace.tank))]


def boxes(tank: str, at: datetime, *, here: str = "", opens: Callable[[Position], str] | None = None,
          ) -> list[Box]:
    """The boxes of a tank by rack and name, read in one statement.

    ``here`` is the code of the position that is looked for. ``opens`` says where a position leads;
    by itself to its bag, a free one to its own page.
    """
    held = sa.exists().where(sa.or_(Hold.lot_id == Lot.id, Hold.bag_id == Bag.id),
                             Hold.lifted_at.is_(None))
    rows = session.execute(
        sa.select(StoragePlace, Bag.code, Bag.number, Lot.number, Lot.standing,
                  sa.func.coalesce(Bag.expires_at, CryoUnit.expires_at), held, CryoUnit.code,
                  CryoUnit.number, Culture.passage)
        .outerjoin(Bag, Bag.storage_place_id == StoragePlace.id).outerjoin(Lot, Lot.id == Bag.lot_id)
        .outerjoin(CryoUnit, CryoUnit.storage_place_id == StoragePlace.id)
        .outerjoin(Culture, Culture.id == CryoUnit.culture_id)
        .where(StoragePlace.tank == tank).order_by(StoragePlace.rack, StoragePlace.box,
                                                   StoragePlace.id)).all()
    return [_box(rack, name, tuple(map(_position, found)), at, here, opens or leads_to)
            for (rack, name), found in groupby(rows, lambda row: (row[0].rack, row[0].box))]


def _position(row: Any) -> Position:
    place, bag, number, lot, standing, expires_at, held, unit, unit_number, passage = row
    return Position(place.code, place.position, place.title, bag, number, lot, standing, expires_at,
                    bool(bag and held), unit, f"P{passage} · unit {unit_number}" if unit else "")


def leads_to(position: Position) -> str:
    if position.unit is not None:
        return f"/cryo-units/{position.unit}"
    return f"/places/{position.code}" if position.free else f"/bags/{position.bag}"


def _box(rack: str, name: str, positions: tuple[Position, ...], at: datetime, here: str,
         opens: Callable[[Position], str]) -> Box:
    across = _across(len(positions))
    blocks = tuple(_block(position, divmod(place, across), at, position.code == here,
                          opens(position)) for place, position in enumerate(positions))
    taken = sum(not each.free for each in positions)
    down = math.ceil(len(positions) / across)
    return Box(rack, name, positions, Sketch(
        f"box-{positions[0].code}", f"Rack {rack}, box {name}",
        f"{taken} of {count_told(len(positions), 'position')} taken by a bag, row by row from the "
        "upper left.",
        across * (WIDE + GAP) + GAP, down * (HIGH + GAP) + GAP, blocks))


def _across(positions: int) -> int:
    """As boxes are made: ten or fewer beside one another, in full rows where that can be."""
    return next((wide for wide in ACROSS if positions % wide == 0), min(positions, max(ACROSS)))


def _block(position: Position, spot: Sequence[int], at: datetime, here: bool, address: str) -> Block:
    down, across = spot
    x, y = GAP + across * (WIDE + GAP), GAP + down * (HIGH + GAP)
    if position.free:
        return Block(x, y, WIDE, HIGH, Fill.FREE, (position.number,),
                     told=f"{position.place}: free", address=address, here=here)
    state, tone = how(position, at)
    if position.unit is not None:
        told = (f"{position.place}: cryo unit, {position.unit_told}" if tone is Tone.GOOD else
                f"{position.place}: cryo unit, {position.unit_told}, {state}")
        return Block(x, y, WIDE, HIGH, Fill.TAKEN, (position.number, position.unit_told, state),
                     tone, told, address, here)
    held = f"{position.lot} · {position.bag_number}"
    return Block(x, y, WIDE, HIGH, Fill.TAKEN,
                 (position.number, held, state), tone,
                 f"{position.place}: bag {position.bag_number} of lot {position.lot}, {state}",
                 address, here)


def how(position: Position, at: datetime) -> tuple[str, Tone]:
    """How the bag or cryo unit in a position stands, the gravest first."""
    if position.standing in (Standing.REJECTED, Standing.NONCONFORMING):
        return str(position.standing), Tone.STOP
    if position.held:
        return "held", Tone.STOP
    if position.expires_at is not None and position.expires_at <= at:
        return "expired", Tone.STOP
    if position.unit is not None:
        return "cryo unit", Tone.GOOD
    return str(position.standing), TONE.get(position.standing or Standing.PENDING, Tone.GOOD)
