"""The database: one session, exact types, and the one way to write.

``with transaction():`` is the only commit. It takes the trail's head row first (SQLite: BEGIN
IMMEDIATE; PostgreSQL: SELECT ... FOR UPDATE), so facts are read inside the lock, the order is the
sequence and the chain cannot fork. A row marked ``Audited`` carries the sequence of the entry that
last touched it; a change without an entry is refused at commit, here and by the database itself.
Flask-SQLAlchemy is used in this file alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, orm
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from mscbank import statements

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment, always UTC. A naive time is refused: it could be any hour of the day."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def plain_decimal(value: Decimal) -> str:
    """The one spelling of a decimal: no exponent, no trailing zeros. ``82.50`` is ``82.5``."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


class Quantity(sa.types.TypeDecorator[Decimal]):
    """An exact decimal. NUMERIC on PostgreSQL; text on SQLite, whose numbers are floats.

    CHECKs compare with ``CAST(column AS NUMERIC)``, which reads both.
    """

    impl = sa.Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        kind = sa.String(40) if dialect.name == "sqlite" else sa.Numeric()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: Decimal | int | None, dialect: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, float) or not isinstance(value, (Decimal, int)):
            raise TypeError("a quantity is a Decimal")
        value = Decimal(value)
        if not value.is_finite():
            raise ValueError("a quantity is finite")
        return plain_decimal(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value)


@cache
def amounts() -> frozenset[str]:
    """The names of all columns that hold exact decimals."""
    return frozenset(column.key for table in Base.metadata.tables.values()
                     for column in table.columns if isinstance(column.type, Quantity))


def closed(list_: type[StrEnum], length: int = 40, *, name: str | None = None) -> sa.Enum:
    """A closed list as a column: the value is stored, and a CHECK knows them all. A second column
    of the same list in one table gives its CHECK a ``name`` of its own."""
    return sa.Enum(
        list_,
        native_enum=False,
        create_constraint=True,
        length=length,
        values_callable=lambda e: [member.value for member in e],
        name=name or list_.__name__.lower(),
        validate_strings=True,
    )


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    registry = orm.registry(
        metadata=metadata,
        type_annotation_map={
            datetime: Moment(),
            Decimal: Quantity(),
            int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            str: sa.Text(),
        },
    )


db = SQLAlchemy(model_class=Base)
Model = db.Model
session = db.session


class Audited:
    """A row that no one changes without an entry in the trail; ``entry`` is that entry's number.

    The key is deferred, so the entry may be written after the rows it speaks of, and the
    database refuses the commit when it is not written at all. ``DIGESTED_AS`` names columns of
    bytes, each with the column that holds its sha256: the trail keeps that.
    """

    DIGESTED_AS: ClassVar[dict[str, str]] = {}

    @orm.declared_attr
    def entry(cls) -> Mapped[int]:
        return mapped_column(
            sa.ForeignKey("audit_entry.sequence", deferrable=True, initially="DEFERRED"),
            index=True,
        )


class Unrecorded(Exception):
    """A change that no entry of the trail accounts for. A fault of ours, never of the user's."""


@dataclass
class Open:
    """The transaction under way: the head it holds and the rows that no entry speaks of yet."""

    sequence: int
    hash: str
    at: datetime
    touched: dict[int, Any] = field(default_factory=dict)


HEAD = sa.table("audit_head", sa.column("id"), sa.column("sequence", sa.Integer),
                sa.column("hash", sa.String), sa.column("at", Moment()))
_READ_HEAD = {
    "sqlite": sa.select(HEAD.c.sequence, HEAD.c.hash, HEAD.c.at).where(HEAD.c.id == 1),
    "postgresql": sa.select(HEAD.c.sequence, HEAD.c.hash, HEAD.c.at)
    .where(HEAD.c.id == 1).with_for_update(),
}


def current() -> Open:
    """The transaction under way; there is no writing without one."""
    if (under_way := session.info.get("open")) is None:
        raise Unrecorded("a change outside a transaction")
    return under_way


@contextmanager
def transaction() -> Iterator[Open]:
    """Take the trail's head, let the acts write, commit once. Any error undoes everything."""
    if session.info.get("open") is not None:
        raise Unrecorded("a transaction within a transaction")
    session.rollback()  # a read may hold an older picture of the database
    session.info.pop("names", None)
    connection = session.connection(execution_options={"mscbank_writes": True})
    (row,) = statements.run(connection, _READ_HEAD[connection.dialect.name], {})
    session.info["open"] = under_way = Open(row.sequence, row.hash, row.at)
    try:
        yield under_way
        session.flush()
        if under_way.touched:
            names = sorted({type(row).__tablename__ for row in under_way.touched.values()})
            raise Unrecorded(f"changed without an entry: {', '.join(names)}")
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop("open", None)
        session.info.pop("names", None)


@contextmanager
def aside() -> Iterator[sa.Connection]:
    """A connection of its own with its own commit, outside the trail: for plain logs only."""
    with (db.engine.connect().execution_options(mscbank_writes=True) as connection,
          connection.begin()):
        yield connection


@event.listens_for(orm.Session, "before_flush")
def _mark_touched(session_: orm.Session, _context: Any, _instances: Any) -> None:
    if any(isinstance(row, Audited) for row in session_.deleted):
        raise Unrecorded("nothing regulated is deleted; end it or correct it")
    for row in (*session_.new, *session_.dirty):
        new = row in session_.new
        if new or session_.is_modified(row):
            under_way = current()
            # a child added to a row's collection changes the child alone
            if isinstance(row, Audited) and (
                    new or session_.is_modified(row, include_collections=False)):
                row.entry = under_way.sequence + 1
                under_way.touched[id(row)] = row


@event.listens_for(orm.Session, "do_orm_execute")
def _refuse_bulk(state: orm.ORMExecuteState) -> None:
    if (state.is_update or state.is_delete) and state.bind_mapper is not None:
        if issubclass(state.bind_mapper.class_, Audited):
            raise Unrecorded("rows of the record are changed one by one, with an entry")


def read(statement: sa.Executable, values: dict[str, Any]) -> list[Any]:
    """The rows of a statement that was built once, when its module was loaded.

    Beside other reading, or in an act, it reads what they read; else it is a question by itself,
    and no session is opened for it.
    """
    if session.registry.has() and session().in_transaction():
        return statements.run(session.connection(), statement, values)
    return statements.ask(db.engine, statement, values)


def write(statement: sa.Executable, values: dict[str, Any]) -> None:
    """Run an INSERT that was built once, inside the transaction under way."""
    current()
    statements.run(session.connection(), statement, values)


def note(statement: sa.Executable, values: dict[str, Any]) -> None:
    """Run one INSERT of a plain log that was built once: by itself, outside the trail, for good."""
    statements.ask(db.engine, statement, values)


def one_picture() -> None:
    """Let what is read from here to the end of this reading be of one moment, while others write.

    SQLite's readers see one once they have begun. PostgreSQL's outside a transaction see each
    statement's own.
    """
    session.rollback()
    postgresql = db.engine.dialect.name == "postgresql"
    session.connection(execution_options={
        "isolation_level": "REPEATABLE READ"} if postgresql else None)


@event.listens_for(orm.Session, "after_begin")
def _only_read(_session: orm.Session, _transaction: Any, connection: sa.Connection) -> None:
    """PostgreSQL: who only reads sends no BEGIN and no end. Each statement saw its own picture
    anyway, and after a ROLLBACK psycopg would forget every statement it had prepared."""
    asked = connection.get_execution_options()
    if connection.dialect.name == "postgresql" and not (
            asked.get("mscbank_writes") or asked.get("isolation_level")):
        connection.connection.driver_connection.autocommit = True
