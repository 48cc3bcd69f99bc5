"""Of what and for whom things are: the same for one as for many, and no question more for many."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from mscbank.bags.models import Bag
from mscbank.database import db, session
from mscbank.reports.whose import whose, whose_each
from mscbank.testing.models import Result
from mscbank.things import Thing
from tests.cast import Cast
from tests.stages.release import tested_lot


def asked(read: Callable[[], object]) -> int:
    """How many statements reading takes, of what nothing is known yet but the things."""
    found: list[str] = []
    listen = ("before_cursor_execute", lambda *told: found.append(told[2]))
    sa.event.listen(db.engine, *listen)
    read()
    sa.event.remove(db.engine, *listen)
    return len(found)


def things_now() -> list[Thing]:
    session.expunge_all()
    return [*session.scalars(sa.select(Bag)), *session.scalars(sa.select(Result))]


def test_of_many_things_no_more_is_asked_than_of_the_things_of_one_family(cast: Cast) -> None:
    people = {whose(tested_lot(cast))[-1].number}
    few = things_now()
    once = asked(lambda: whose_each(few))
    people |= {whose(tested_lot(cast))[-1].number}
    many = things_now()
    assert len(many) == 2 * len(few)
    assert asked(lambda: whose_each(many)) <= once
    assert {told[-1].number for told in whose_each(many).values()} == people
    fresh = things_now()
    assert asked(lambda: [whose(one) for one in fresh]) > once, "the control: one at a time"


def test_what_is_told_of_many_is_what_is_told_of_each(cast: Cast) -> None:
    tested_lot(cast)
    found = things_now()
    told = whose_each(found)
    assert told == {one.code: whose(one) for one in found}
    sources = {one.SLUG: [each.SLUG for each in told[one.code]] for one in found}
    assert sources["bags"] == ["recipients"] and sources["results"][1:] == ["recipients"]
    assert whose(told[found[0].code][0]) == []
