"""A stage is played once on each database and kept; the next test that begins with it gets a copy.

Only where a test asks for the stage as it is, right after its cast came on: then nothing is in the
database but people, and the kept copy takes its place with its own people.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.models import Head
from mscbank.database import Model, db, session
from tests.cast import PEOPLE, Cast

_numbers = itertools.count(1)
_kept: dict[tuple[Any, ...], Kept] = {}


class Row(NamedTuple):
    """Which row a stage answered with."""

    model: type[Any]
    id: int


class Kept(NamedTuple):
    """A copy of the database after a stage, who was on it, and what the stage answered."""

    place: str
    people: dict[str, Any]
    answer: Any


def kept(stage: Callable[..., Any]) -> Callable[..., Any]:
    """Let this stage be played once."""

    @functools.wraps(stage)
    def played(cast: Cast, *more: Any, **different: Any) -> Any:
        if more or different or not _just_begun():
            return stage(cast, *more, **different)
        key = (db.engine.dialect.name, stage.__module__, stage.__name__, clock.now())
        if key not in _kept:
            answer = _told(stage(cast))
            people = {name: getattr(cast, name) for name in PEOPLE}
            _kept[key] = Kept(copy_away(), people, answer)
        else:
            copy_back(_kept[key].place)
            for name, actor in _kept[key].people.items():
                setattr(cast, name, actor)
        return _found(_kept[key].answer)

    return played


def _just_begun() -> bool:
    began = session.scalar(sa.select(Head.sequence)) == len(PEOPLE)
    session.rollback()
    return began


def _told(answer: Any) -> Any:
    """The answer with a mark in the place of every row."""
    if answer is None:
        return None
    if isinstance(answer, Model):
        return Row(type(answer), answer.id)
    if dataclasses.is_dataclass(answer):
        return type(answer), {field.name: _told(getattr(answer, field.name))
                              for field in dataclasses.fields(answer)}
    raise TypeError(f"a stage that answers with {answer!r} cannot be kept")


def _found(told: Any) -> Any:
    """The answer with the rows as they stand in this database."""
    if told is None:
        return None
    if isinstance(told, Row):
        return session.get_one(told.model, told.id)
    kind, fields = told
    return kind(**{name: _found(each) for name, each in fields.items()})


def copy_away() -> str:
    """Keep a copy of the database as it now stands, and say where."""
    url = db.engine.url
    session.remove()
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        place = tempfile.mkdtemp(prefix="mscbank-stage-") + "/kept.sqlite3"
        shutil.copy(url.database or "", place)
        return place
    place = f"mscbank_stage_{os.getpid()}_{next(_numbers)}"
    _on_server(f"CREATE DATABASE {place} TEMPLATE {url.database} STRATEGY FILE_COPY")
    return place


def copy_back(place: str) -> None:
    """Put a kept copy in the place of the database."""
    url = db.engine.url
    session.remove()
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        for beside in ("-wal", "-shm"):
            Path(f"{url.database}{beside}").unlink(missing_ok=True)
        shutil.copy(place, url.database or "")
        return
    _on_server(f"DROP DATABASE {url.database} WITH (FORCE)",
               f"CREATE DATABASE {url.database} TEMPLATE {place} STRATEGY FILE_COPY")


def _on_server(*statements: str) -> None:
    admin = sa.create_engine(db.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    admin.dispose()


def forget() -> None:
    """Take the copies that are files away, at the end of the tests."""
    for key in [key for key in _kept if key[0] == "sqlite"]:
        shutil.rmtree(Path(_kept.pop(key).place).parent, ignore_errors=True)


def forget_on(server: str) -> None:
    """Take the copies on a server away while it still runs."""
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for key in [key for key in _kept if key[0] == "postgresql"]:
            connection.exec_driver_sql(f"DROP DATABASE {_kept.pop(key).place}")
    admin.dispose()
