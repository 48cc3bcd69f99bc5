"""What the database itself refuses of bags, whoever asks: raw SQL, every pair of places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product

import sqlalchemy as sa

from mscbank.bags.lifecycle import BAG_PLACE, Place
from mscbank.database import db, session
from tests.cast import Cast
from tests.stages.bags import box, filled_lot
from tests.stages.labelling import apply, labelled_lot, printed_labels
from tests.stages.release import released_lot

PAIRS = {(left, row.enters) for row in BAG_PLACE for left in row.leaves}
WAYS = {  # one way along the chart to each place
    Place.FILLED: (), Place.STORED: (Place.STORED,), Place.ISSUED: (Place.STORED, Place.ISSUED),
}
WAYS[Place.RECEIVED] = (*WAYS[Place.ISSUED], Place.RECEIVED)
WAYS[Place.INFUSING] = (*WAYS[Place.RECEIVED], Place.INFUSING)
WAYS[Place.INFUSED] = (*WAYS[Place.INFUSING], Place.INFUSED)
WAYS[Place.RETURNED] = (*WAYS[Place.ISSUED], Place.RETURNED)
WAYS[Place.DESTROYED] = (Place.DESTROYED,)
PUT = sa.text("UPDATE bag SET place = :place, storage_place_id = :position, "
              "entry = (SELECT sequence + 1 FROM audit_head WHERE id = 1) WHERE id = :bag")


@contextmanager
def undone(connection: sa.Connection) -> Iterator[None]:
    """Try something; afterwards it never happened."""
    step = connection.begin_nested()
    try:
        yield
    finally:
        step.rollback()


def put(connection: sa.Connection, bag: int, position: int, place: Place) -> None:
    """Write a place into the table as somebody with a database client would."""
    connection.execute(PUT, {"place": place.value, "bag": bag,
                             "position": position if place is Place.STORED else None})


def accepted(connection: sa.Connection, bag: int, position: int,
             leaves: Place, enters: Place) -> bool:
    """Whether the database lets the bag go from one place to another."""
    with undone(connection):
        for place in WAYS[leaves]:
            put(connection, bag, position, place)
        try:
            put(connection, bag, position, enters)
        except sa.exc.DBAPIError:
            return False
        return True


def test_the_database_moves_a_bag_along_its_chart_and_no_other_way(bank):
    cast = Cast()
    bag, position = labelled_lot(cast, released_lot(cast)).bags[0].id, box(cast)[0].id
    session.rollback()
    with db.engine.connect() as connection:
        allowed = {pair for pair in product(Place, Place) if pair[0] is not pair[1]
                   and accepted(connection, bag, position, *pair)}
    assert allowed == PAIRS


def test_the_database_lets_no_bag_of_an_unreleased_lot_leave(bank):
    cast = Cast()
    bag, position = filled_lot(cast).bags[0].id, box(cast)[0].id
    session.rollback()
    with db.engine.connect() as connection:
        assert accepted(connection, bag, position, Place.FILLED, Place.STORED)
        assert accepted(connection, bag, position, Place.STORED, Place.DESTROYED)
        assert not accepted(connection, bag, position, Place.STORED, Place.ISSUED)


def test_the_database_lets_no_bag_leave_whose_label_was_not_scanned_back(bank):
    cast = Cast()
    lot, position = released_lot(cast), box(cast)[0].id
    printed_labels(cast, lot)
    apply(cast, lot.bags[1])
    unproven, proven = (bag.id for bag in lot.bags)
    session.rollback()
    with db.engine.connect() as connection:
        assert accepted(connection, unproven, position, Place.FILLED, Place.STORED)
        assert not accepted(connection, unproven, position, Place.STORED, Place.ISSUED)
        assert accepted(connection, proven, position, Place.STORED, Place.ISSUED)


def refused(connection: sa.Connection, statement: str) -> bool:
    """Whether the database refuses the statement."""
    with undone(connection):
        try:
            connection.execute(sa.text(statement))
        except sa.exc.DBAPIError:
            return True
        return False


def test_what_was_filled_stays_as_it_was_filled(bank):
    bag = filled_lot(Cast()).bags[0].id
    session.rollback()
    update = ("UPDATE bag SET {}, entry = (SELECT sequence + 1 FROM audit_head WHERE id = 1) "
              f"WHERE id = {bag}")
    with db.engine.connect() as connection:
        for change in ("viable_cells = viable_cells + 1", "volume_ml = '60'", "number = 9",
                       "lot_id = lot_id + 1"):
            assert refused(connection, update.format(change)), change
        assert not refused(connection, update.format("frozen_at = place_since"))
        assert refused(connection, f"UPDATE bag SET frozen_at = place_since WHERE id = {bag}")
        assert refused(connection, f"DELETE FROM bag WHERE id = {bag}")
