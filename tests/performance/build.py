"""A bank of so many bags, put into the database in bulk.

The guards and the indexes are taken away, the rows put in, and both put back as they were. One
entry of the trail speaks of each family; with ``whole`` it holds the digest of every row, so that
verification finds nothing to say. A million digests that no verdict reads are left out by
``whole=False``: then the chain alone is sound.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

import psycopg
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import sessions
from mscbank.accounts.models import Account
from mscbank.audit import chain
from mscbank.audit.models import Entry, Head
from mscbank.audit.service import columns_of
from mscbank.database import Base, db, session, transaction
from mscbank.permissions import SYSTEM
from tests.cast import Cast
from tests.performance.families import FAMILY, Bank, Row, family

AT_ONCE = 50  # families
KEPT = 2000  # texts to scan
Loader = Callable[[sa.Table, list[tuple[Any, ...]]], None]


@dataclass(frozen=True)
class Built:
    """A key for machines, and (label, wristband) texts whose verdict is *go*."""

    token: str
    texts: list[tuple[str, str]]


def build(bags: int, *, whole: bool) -> Built:
    """Fill the empty, migrated database of the present application."""
    cast = Cast()
    with transaction():
        token = sessions.create_token(session.get_one(Account, cast.tessa.id), "bench", 30,
                                      by=SYSTEM, at=clock.now())
    head = session.execute(sa.select(Head.sequence, Head.hash)).one()
    session.rollback()
    bank = Bank(at=clock.now() - timedelta(minutes=5), signer=cast.quentin.id,
                giver=cast.tessa.id, taker=cast.nadia.id,
                told_every=max(1, bags // KEPT))
    with bulk() as load:
        _fill(bank, bags // FAMILY, load, head.sequence, head.hash, whole)
    return Built(token, bank.texts)


def _fill(bank: Bank, families: int, load: Loader, sequence: int, previous: str,
          whole: bool) -> None:
    for first in range(0, families, AT_ONCE):
        held: dict[type[Any], list[tuple[Any, ...]]] = {}
        entries = []
        for number in range(first, min(first + AT_ONCE, families)):
            sequence += 1
            told = list(_keep(family(bank, number), sequence, held, whole))
            body = chain.canonical({
                "form": chain.FORM, "act": "bench", "subject": None, "by": "mscbank",
                "roles": [], "through": "bench", "at": bank.at, "reason": None,
                "facts": {"family": number}, "rows": told})
            hash_ = chain.entry_hash(sequence, previous, body)
            entries.append((sequence, previous, hash_, body))
            previous = hash_
        load(Entry.__table__, entries)
        for model, rows in held.items():
            load(model.__table__, rows)
    load(Head.__table__, [(1, sequence, previous, bank.at)])


def _keep(rows: Iterable[Row], sequence: int, held: dict[type[Any], list[tuple[Any, ...]]],
          whole: bool) -> Iterator[list[Any]]:
    """Put the rows with their tables, and tell each one's digest."""
    for model, values in rows:
        values["entry"] = sequence
        (row,) = rows_of(model, [values])
        held.setdefault(model, []).append(row)
        if whole:
            yield [model.__tablename__, values["id"], chain.row_digest(list(row))]


def rows_of(model: type[Any], rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The rows in the order in which they are digested and loaded; defaults where nothing is
    said."""
    defaults = _defaults(model)
    return [tuple((defaults | values).values()) for values in rows]


@cache
def _defaults(model: type[Any]) -> dict[str, Any]:
    """Every digested column with what stands there unless a row says otherwise."""
    columns = sa.inspect(model).columns
    return {name: columns[name].default.arg
            if columns[name].default is not None and columns[name].default.is_scalar else None
            for name in columns_of(model)}


@cache
def _names(table: sa.Table) -> tuple[str, ...]:
    """The columns in the order of the rows: as digested; the trail's own as written above."""
    if table is Entry.__table__:
        return "sequence", "previous", "hash", "body"
    if table is Head.__table__:
        return "id", "sequence", "hash", "at"
    return tuple(sorted(column.name for column in table.c))


def _bound(table: sa.Table, rows: list[tuple[Any, ...]], dialect: sa.Dialect,
           ) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver takes them. Most values come again and again: each is bound once."""
    binders = []
    for place, name in enumerate(_names(table)):
        kind = table.c[name].type
        if bind := kind.dialect_impl(dialect).bind_processor(dialect):
            binders.append((place, bind if isinstance(kind, sa.JSON) else cache(bind)))
    for row in rows:
        bound = list(row)
        for place, bind in binders:
            bound[place] = bind(bound[place])
        yield tuple(bound)


@contextmanager
def bulk() -> Iterator[Loader]:
    """What puts rows into a table of the present application's database, past its guards."""
    session.remove()
    url, dialect = db.engine.url, db.engine.dialect
    db.engine.dispose()
    with (_into_sqlite(url, dialect) if dialect.name == "sqlite"
          else _into_postgresql(url, dialect)) as load:
        yield load


@contextmanager
def _into_sqlite(url: sa.URL, dialect: sa.Dialect) -> Iterator[Loader]:
    connection = sqlite3.connect(url.database or "", isolation_level=None)
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-1000000"):
        connection.execute(f"PRAGMA {pragma}")
    away = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND "
        "(type = 'trigger' OR (type = 'index' AND sql NOT LIKE 'CREATE UNIQUE%'))").fetchall()
    connection.execute("BEGIN IMMEDIATE")
    for kind, name, _ in away:
        connection.execute(f"DROP {kind} {name}")

    def load(table: sa.Table, rows: list[tuple[Any, ...]]) -> None:
        names = _names(table)
        if table is Head.__table__:
            connection.execute("DELETE FROM audit_head")
        connection.executemany(
            f"INSERT INTO {table.name} ({', '.join(names)}) "
            f"VALUES ({', '.join('?' * len(names))})", _bound(table, rows, dialect))

    yield load
    for _, _, sql in away:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def _into_postgresql(url: sa.URL, dialect: sa.Dialect) -> Iterator[Loader]:
    plain = url.set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(plain, autocommit=True) as connection:
        tables = [table.name for table in Base.metadata.sorted_tables]
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET session_replication_role = replica")  # no key is asked for
        connection.execute("SET maintenance_work_mem = '512MB'")
        guards = connection.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
        ).fetchall()
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' "
            "AND indexdef NOT LIKE 'CREATE UNIQUE%'").fetchall()
        for table in tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")

        def load(table: sa.Table, rows: list[tuple[Any, ...]]) -> None:
            if table is Head.__table__:
                connection.execute("DELETE FROM audit_head")
            names = ", ".join(_names(table))
            with connection.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in _bound(table, rows, dialect):
                    copy.write_row(row)

        yield load
        for _, definition in indexes:
            connection.execute(definition)
        for table, guard in guards:
            connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")
        for table in tables:
            if {"id"} == {column.name for column in Base.metadata.tables[table].primary_key}:
                connection.execute(
                    f"SELECT setval(s, (SELECT max(id) FROM {table})) FROM "
                    f"pg_get_serial_sequence('{table}', 'id') AS s WHERE s IS NOT NULL "
                    f"AND EXISTS (SELECT 1 FROM {table})")
        connection.execute("VACUUM (ANALYZE)")
