"""The places that hold bags: boxes of positions in racks of tanks."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.bags import rules
from mscbank.bags.models import StoragePlace
from mscbank.database import session
from mscbank.errors import AlreadyDone
from mscbank.permissions import Actor, Permission


def add_box(
    tank: str, rack: str, box: str, positions: int, *, by: Actor, at: datetime,
) -> list[StoragePlace]:
    """A new box with its positions, numbered from 1."""
    by.must(Permission.FILL)
    rules.box_sensible(positions)
    if box_of(tank, rack, box):
        raise AlreadyDone(f"{tank} / {rack} / {box} stands in the map already: name another box.",
                          field="box")
    places = [StoragePlace(tank=tank, rack=rack, box=box, position=str(number),
                           recorded_by_id=by.id, recorded_at=at)
              for number in range(1, positions + 1)]
    session.add_all(places)
    record("add box", None, by=by, at=at, tank=tank, rack=rack, box=box, positions=positions)
    return places


def box_of(tank: str, rack: str, box: str) -> list[StoragePlace]:
    """The positions of a box in the order of their numbers; empty when there is none."""
    return list(session.scalars(
        sa.select(StoragePlace).order_by(StoragePlace.id).where(
            StoragePlace.tank == tank, StoragePlace.rack == rack, StoragePlace.box == box)))
