"""Statements that are built once, when their module is loaded, and run as often as anyone asks.

SQLAlchemy asks of a statement each time whether it has seen it, binds each value wherever it
stands, and wraps cursor and rows in objects of its own. For the few statements that every request,
act and verdict runs, that costs more than the database does. Here a statement is turned into the
driver's words a single time, with what binds its values and reads its columns; each value is sent
once, and the rows are plain named tuples. Errors are SQLAlchemy's, as everywhere.
"""

from __future__ import annotations

import atexit
import threading
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

_STYLE = {"sqlite": "named", "postgresql": "numeric_dollar"}  # a value is sent once, not each time
Turn = Callable[[Any], Any] | None


@dataclass
class Spoken:
    """A statement in the driver's words: its values in their order, with what stands there unless
    it is given and what binds it; its columns, with what reads each once the first answer came."""

    words: str
    values: tuple[tuple[str, Any, Turn], ...]
    columns: tuple[sa.ColumnElement[Any], ...]
    row: Callable[..., Any]
    dialect: sa.Dialect
    readers: tuple[tuple[int, Callable[[Any], Any]], ...] | None = None

    def bound(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values as the driver takes them."""
        return {name: bind(given.get(name, otherwise)) if bind else given.get(name, otherwise)
                for name, otherwise, bind in self.values}

    def read(self, cursor: Any) -> list[Any]:
        """The rows as the application knows them; none where the statement has none to tell."""
        if not self.columns:
            return []
        if self.readers is None:
            self.readers = tuple(self._readers(cursor.description))
        found = []
        for row in cursor.fetchall():
            values = list(row)
            for at, turn in self.readers:
                values[at] = turn(values[at])
            found.append(self.row(*values))
        return found

    def _readers(self, description: Iterable[Any]) -> Iterable[tuple[int, Callable[[Any], Any]]]:
        for at, (column, told) in enumerate(zip(self.columns, description, strict=True)):
            kind = column.type.dialect_impl(self.dialect)
            if turn := kind.result_processor(self.dialect, told[1]):
                yield at, turn


def run(connection: sa.Connection, statement: sa.Executable, given: Mapping[str, Any]) -> list[Any]:
    """Run a statement where a transaction is under way, and tell its rows."""
    return _run(connection.engine, connection, connection.connection.driver_connection,
                statement, given)


def ask(engine: sa.Engine, statement: sa.Executable, given: Mapping[str, Any]) -> list[Any]:
    """Run a question by itself, and tell its rows: it sees one moment, and begins nothing."""
    lent = _lent(engine)
    return _run(engine, lent, lent.driver_connection, statement, given)


class _Held(threading.local):
    """The connection a thread asks by. Nothing is under way on it between two questions, so it is
    kept instead of being given back and reset each time."""

    pool: sa.Pool | None = None
    lent: Any = None


_held = _Held()


def _lent(engine: sa.Engine) -> Any:
    if _held.pool is not engine.pool or not _held.lent.is_valid:  # another bank, or it was lost
        let_go()
        lent = engine.raw_connection()
        if engine.dialect.name == "postgresql":
            lent.driver_connection.autocommit = True
        _held.pool, _held.lent = engine.pool, lent
    return _held.lent


def let_go(_engine: Any = None) -> None:
    """Close the connection this thread asks by, if it holds one: its engine is done with."""
    if _held.pool is not None and _held.lent.is_valid:
        _held.lent.invalidate()
    _held.pool = _held.lent = None


atexit.register(let_go)


def _run(engine: sa.Engine, connection: Any, driver: Any, statement: sa.Executable,
         given: Mapping[str, Any]) -> list[Any]:
    dialect = engine.dialect
    spoken = _spoken(statement, type(dialect))
    said = spoken.bound(given)
    for listener in engine.dispatch.before_cursor_execute:  # who listens hears these too
        listener(connection, driver, spoken.words, said, None, False)
    try:
        if dialect.name == "sqlite":
            return spoken.read(driver.execute(spoken.words, said))
        with _raw_cursor()(driver) as cursor:
            return spoken.read(cursor.execute(spoken.words, tuple(said.values())))
    except dialect.loaded_dbapi.Error as error:
        lost = dialect.is_disconnect(error, driver, None)
        if lost:  # it is not used again
            connection.invalidate(error)
        raise sa.exc.DBAPIError.instance(  # as SQLAlchemy tells it
            spoken.words, None, error, dialect.loaded_dbapi.Error, hide_parameters=True,
            connection_invalidated=lost, dialect=dialect) from error


@cache
def _raw_cursor() -> Any:
    """A cursor that takes the words as the server does, with $1 for a value: nothing to read in
    them each time."""
    from psycopg import RawCursor

    return RawCursor


@cache
def _spoken(statement: Any, kind: type[sa.Dialect]) -> Spoken:
    dialect = kind(paramstyle=_STYLE[kind.name], dbapi=kind.import_dbapi())
    compiled = statement.compile(dialect=dialect)
    names = compiled.positiontup if compiled.positional else tuple(compiled.params)
    kinds = {name: bind.type for bind, name in compiled.bind_names.items()}
    columns = tuple(getattr(statement, "selected_columns", ()))
    return Spoken(
        str(compiled), tuple((name, compiled.params[name], kinds[name].dialect_impl(dialect)
                              .bind_processor(dialect)) for name in names),
        columns, namedtuple("Row", [column.key for column in columns], rename=True), dialect)
