"""Rows as the trail's digests know them, read straight from the driver.

Verification reads every row of the bank. Here a column's stored form is turned into its canonical
form without a Python object between the two, which is four times as quick as reading models; what
was written in another form than ours is then no longer the same row, and is found.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa

from mscbank.audit import chain
from mscbank.audit.service import columns_of
from mscbank.database import Moment, Quantity, session

AT_ONCE = 5000


def stream(statement: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement as the driver gives them, a few thousand at a time."""
    connection = session.connection()
    driver = connection.connection.driver_connection
    # PostgreSQL would send the whole answer at once; a named cursor stays on the server, and
    # outside a transaction it is told to.
    named = {} if connection.dialect.name == "sqlite" else {
        "name": "mscbank_stream", "withhold": driver.autocommit}
    cursor = driver.cursor(**named)
    try:
        cursor.execute(statement)
        while part := cursor.fetchmany(AT_ONCE):
            yield from part
    finally:
        cursor.close()


def rows_of(model: type[Any]) -> Iterator[tuple[int, int, str]]:
    """(id, entry, digest) of every row of a table."""
    names = columns_of(model)
    at_id, at_entry = names.index("id"), names.index("entry")
    statement, turned = _reading(model, session.connection().dialect.name)
    for row in stream(statement):
        values = list(row)
        for at, turn in turned:
            if values[at] is not None:
                values[at] = turn(values[at])
        yield values[at_id], values[at_entry], chain.row_digest(values)


@cache
def _reading(model: type[Any], dialect: str,
             ) -> tuple[str, tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """The statement, and which of its columns are turned by what."""
    columns = [sa.inspect(model).column_attrs[name].columns[0] for name in columns_of(model)]
    forms = [_form(column, dialect) for column in columns]
    told = ", ".join(expression for expression, _ in forms)
    turned = tuple((at, turn) for at, (_, turn) in enumerate(forms) if turn is not None)
    return f'SELECT {told} FROM "{model.__tablename__}"', turned


def _form(column: sa.Column[Any], dialect: str) -> tuple[str, Callable[[Any], Any] | None]:
    """How a column is asked for, and what turns the answer into its canonical form."""
    name, kind = f'"{column.name}"', column.type
    if isinstance(kind, Moment):
        if dialect == "sqlite":
            return f"replace({name}, ' ', 'T') || 'Z'", None
        return (f"to_char({name} AT TIME ZONE 'UTC', "
                "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')", None)
    if isinstance(kind, Quantity):
        return (name if dialect == "sqlite" else f"trim_scale({name})::text"), None
    if isinstance(kind, sa.Date):
        return (name if dialect == "sqlite" else f"{name}::text"), None
    if isinstance(kind, sa.Boolean):
        return name, bool if dialect == "sqlite" else None
    if isinstance(kind, sa.JSON):
        return f"CAST({name} AS TEXT)", _json
    if isinstance(kind, sa.LargeBinary):
        return name, lambda value: bytes(value).hex()
    if isinstance(kind, sa.String):  # closed lists too: their words are ASCII
        return name, None if isinstance(kind, sa.Enum) else _text
    if isinstance(kind, (sa.Integer, sa.BigInteger)):
        return name, None
    raise TypeError(f"{column}: {kind!r} has no canonical form")


def _json(text: str) -> Any:
    return chain.plain(json.loads(text))


def _text(text: Any) -> Any:
    if type(text) is str and not text.isascii():
        return unicodedata.normalize("NFC", text)
    return text
