"""A stage is played once on each database and kept; the next test that comes to it gets a copy.

Only where everything before it was a kept stage too, the cast first of all: then the database is
known to its last row, and the copy made after the stage takes its place. What a test itself wrote
in between ends this, and stages are played from there on. Copies lie in memory, 16 MB each on
PostgreSQL: of those that nobody asked for in a long while the oldest go.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import orm

from mscbank import clock
from mscbank.database import Model, session
from mscbank.settings import settings
from tests import databases, ground
from tests.ground import State

MOST = 400  # copies kept at the same time, of both systems together

_kept: dict[tuple[Any, ...], Kept] = {}  # in the order in which they were last asked for
_asked: Counter[tuple[Any, ...]] = Counter()


class Unkept(TypeError):
    """Something that cannot stand in a kept stage."""


class Row(NamedTuple):
    """Which row."""

    model: type[Any]
    id: int


class Made(NamedTuple):
    """A value of a kind, of these fields."""

    kind: type[Any]
    fields: dict[str, Any]


class Kept(NamedTuple):
    """The database after a stage, who was on it, and what the stage answered."""

    state: State
    people: dict[str, Any]
    answer: Any


def kept(stage: Callable[..., Any]) -> Callable[..., Any]:
    """Let this stage be played once: as it is at once, with wishes when it is asked for again."""

    @functools.wraps(stage)
    def played(cast: Any, *more: Any, **different: Any) -> Any:
        under = ground.here()
        begins = under.standing() if under else None
        try:
            key = (begins, stage.__module__, stage.__name__, repr(_told([*more, different])),
                   clock.now(), dataclasses.replace(settings(), instance=None, database_url=""))
        except Unkept:
            begins = None
        if not under or not begins:
            return stage(cast, *more, **different)
        if key in _kept:
            state, people, answer = _kept[key] = _kept.pop(key)
            under.move_to(state)
            vars(cast).update(people)
            return _found(answer)
        answer = stage(cast, *more, **different)
        _asked[key] += 1
        if not (more or different) or _asked[key] > 1:
            _kept[key] = Kept(under.keep(), dict(vars(cast)), _told(answer))
            if len(_kept) > MOST:
                databases.forget_copy(_kept.pop(next(iter(_kept))).state.place)
        return answer

    return played


def _told(answer: Any) -> Any:
    """The answer with a mark in the place of every row."""
    if answer is None or isinstance(answer, (str, int, bytes, Decimal, date, Enum)):
        return answer
    if isinstance(answer, Model) and (identity := sa.inspect(answer).identity):
        return Row(type(answer), identity[0])
    if isinstance(answer, (list, tuple)):
        return Made(list, {str(place): _told(each) for place, each in enumerate(answer)})
    if isinstance(answer, dict):
        return Made(dict, {key: _told(each) for key, each in answer.items()})
    if dataclasses.is_dataclass(answer):
        return Made(type(answer), {field.name: _told(getattr(answer, field.name))
                                   for field in dataclasses.fields(answer)})
    raise Unkept(f"a stage of {answer!r} cannot be kept")


def _found(told: Any) -> Any:
    """The answer with the rows as they stand in the database of now, read when looked at."""
    if isinstance(told, Row):
        return _row(*told)
    if isinstance(told, Made):
        fields = {name: _found(each) for name, each in told.fields.items()}
        return list(fields.values()) if told.kind is list else told.kind(**fields)
    return told


def _row(model: type[Any], identity: int) -> Any:
    at_hand = session.identity_map.get(orm.util.identity_key(model, identity))
    if at_hand is not None:
        return at_hand
    row = model(id=identity)
    orm.make_transient_to_detached(row)
    session.add(row)
    return row
