"""Four hands start one bag at the same moment: one infusion begins, on both databases.

Beside it a control: the same four hands on a table without lock and constraint, where more than
one gets through. It shows that the race is real.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from mscbank import clock
from mscbank.acts import catalogue, perform
from mscbank.audit.models import Entry
from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag
from mscbank.database import db, session
from mscbank.errors import AlreadyDone, Refused
from mscbank.infusions.models import Infusion
from tests.cast import Cast
from tests.conftest import START
from tests.stages.bags import filled_lot
from tests.stages.custody import issuable_lot, issue, receive
from tests.stages.infusions import Bedside, checked, order, recipient_of
from tests.stages.recipients import weigh, wristband
from tests.stages.release import released_lot

HANDS, ROUNDS = 4, 20


def at_once(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """What each act answered or was refused with, all begun at the same moment."""
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        with app.app_context(), clock.pinned(START):
            gate.wait()
            try:
                answers[place] = act()
            except Refused as refusal:
                answers[place] = refusal

    hands = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(60)
    return answers


def many_bags(cast: Cast, count: int) -> list[Bedside]:
    """So many small bags at one bedside; together they are the dose."""
    lot = issuable_lot(cast, released_lot(cast, filled_lot(
        cast, bags=count, volume_ml=Decimal(5), cells_per_bag=70_000_000 // count)))
    recipient = recipient_of(lot)
    weigh(cast, recipient)
    band = wristband(cast, recipient)
    made = order(cast, recipient, *lot.bags)
    for bag in lot.bags:
        issue(cast, bag)
        receive(cast, bag)
    return [Bedside(bag, recipient, band, made) for bag in lot.bags]


def started(code: str, token: str, cast: Cast, key: str | None = None) -> dict[str, Any]:
    return perform(catalogue()["bags", "start"], code, {"token": token}, by=cast.nadia, key=key)


def test_one_bag_starts_once_however_many_press(bank: Flask) -> None:
    cast = Cast()
    for number, beside in enumerate(many_bags(cast, ROUNDS)):
        one = checked(cast, beside).token
        tokens = [one] * HANDS if number % 2 else [one] + [
            checked(cast, beside).token for _ in range(HANDS - 1)]
        code, bag_id = beside.bag.code, beside.bag.id
        session.rollback()  # the others must see and lock what this thread has read
        answers = at_once(bank, [lambda token=token: started(code, token, cast)
                                 for token in tokens])
        assert sorted(type(answer) is dict for answer in answers) == [False] * 3 + [True]
        assert all(isinstance(answer, AlreadyDone) for answer in answers
                   if type(answer) is not dict)
        assert session.scalar(sa.select(sa.func.count(Infusion.id))
                              .where(Infusion.bag_id == bag_id)) == 1
        assert session.get_one(Bag, bag_id).place is Place.INFUSING
    refused = session.scalar(sa.select(sa.func.count()).where(Entry.act == "refused"))
    assert refused == ROUNDS * (HANDS - 1)


def test_a_press_repeated_on_bad_wifi_is_answered_again_and_done_once(bank: Flask) -> None:
    cast = Cast()
    for beside in many_bags(cast, 4):
        token, code, bag_id = checked(cast, beside).token, beside.bag.code, beside.bag.id
        session.rollback()  # the others must see and lock what this thread has read
        answers = at_once(bank, [lambda: started(code, token, cast, key=code)] * HANDS)
        assert all(answer == answers[0] for answer in answers)
        assert session.scalar(sa.select(sa.func.count(Infusion.id))
                              .where(Infusion.bag_id == bag_id)) == 1
    assert session.scalar(sa.select(sa.func.count()).where(Entry.act == "refused")) == 0


@pytest.fixture
def scratch(bank: Flask) -> sa.Table:
    """A table of starts with neither lock nor constraint."""
    table = sa.Table("scratch_start", sa.MetaData(), sa.Column("bag", sa.Integer))
    with db.engine.connect().execution_options(mscbank_writes=True) as connection:
        table.create(connection)
        connection.commit()
    return table


def test_without_lock_and_constraint_the_same_hands_start_it_more_than_once(
        bank: Flask, scratch: sa.Table) -> None:
    def naive(bag: int) -> None:
        with db.engine.connect() as connection:
            begun = connection.scalar(sa.select(sa.func.count()).where(scratch.c.bag == bag))
        time.sleep(0.005)
        if not begun:
            with db.engine.connect().execution_options(mscbank_writes=True) as connection:
                connection.execute(sa.insert(scratch), {"bag": bag})
                connection.commit()

    for bag in range(ROUNDS):
        at_once(bank, [lambda: naive(bag)] * HANDS)
    with db.engine.connect() as connection:
        starts = connection.execute(
            sa.select(scratch.c.bag, sa.func.count()).group_by(scratch.c.bag)).all()
    assert len(starts) == ROUNDS
    assert any(count > 1 for _, count in starts)
