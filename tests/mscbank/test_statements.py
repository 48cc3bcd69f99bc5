"""Statements built once tell what SQLAlchemy tells, and reading and writing keep apart."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from psycopg.pq import TransactionStatus

from mscbank import clock, statements
from mscbank.accounts.models import Account, SignInThrottle
from mscbank.audit.models import Entry
from mscbank.audit.verify import verify
from mscbank.database import Unrecorded, db, one_picture, read, session, transaction, write
from mscbank.recipients import service
from mscbank.recipients.models import Recipient, Weight
from mscbank.things import get
from tests.cast import Cast
from tests.stages.recipients import consenting_recipient

WEIGHTS = sa.select(Weight.__table__).where(Weight.__table__.c.kg == sa.bindparam("kg"))
ACCOUNTS = sa.select(Account.__table__).order_by(Account.__table__.c.id)
_E = Entry.__table__
ENTRY = sa.insert(_E).values({name: sa.bindparam(name)
                              for name in ("sequence", "previous", "hash", "body")})
COUNT = sa.select(sa.func.count().label("entries")).select_from(_E)


def weigh(cast: Cast, code: str, kg: str) -> None:
    with transaction():
        service.weigh(get(Recipient, code), Decimal(kg), clock.now(), by=cast.nadia,
                      at=clock.now())


def entries() -> int:
    return read(COUNT, {})[0].entries


def test_the_rows_are_those_sqlalchemy_tells(bank) -> None:
    cast = Cast()
    weigh(cast, consenting_recipient(cast).code, "61.50")
    for statement, values in ((WEIGHTS, {"kg": Decimal("61.5")}), (ACCOUNTS, {})):
        found = read(statement, values)
        told = session.connection().execute(statement, values).all()
        assert found and [tuple(row) for row in found] == [tuple(row) for row in told]
        assert found[0]._fields == told[0]._fields
    (weight,) = read(WEIGHTS, {"kg": Decimal("61.5")})
    assert weight.measured_at == clock.now() and weight.measured_at.tzinfo is not None


def test_who_listens_to_the_database_hears_these_statements_too(bank) -> None:
    heard: list[str] = []

    def hear(_connection, _cursor, words, *_) -> None:
        heard.append(words)

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        entries()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)
    assert any("audit_entry" in words for words in heard)


def test_a_refusal_of_the_database_is_sqlalchemys_error(bank) -> None:
    Cast()
    out_of_turn = {"sequence": 999, "previous": "0" * 64, "hash": "1" * 64, "body": "{}"}
    with pytest.raises(sa.exc.DBAPIError), transaction():
        write(ENTRY, out_of_turn)
    assert verify().sound


def test_nothing_is_written_outside_a_transaction(bank) -> None:
    with pytest.raises(Unrecorded):
        write(ENTRY, {})
    session.add(SignInThrottle(username="someone", failures=1))
    with pytest.raises(Unrecorded):
        session.flush()
    session.rollback()
    assert session.get(SignInThrottle, "someone") is None
    with transaction():  # the control: inside one, the same row is kept
        session.add(SignInThrottle(username="someone", failures=1))
    assert session.get(SignInThrottle, "someone") is not None


def test_what_is_read_as_one_picture_stays_so_while_others_write(bank) -> None:
    cast = Cast()
    code = consenting_recipient(cast).code
    one_picture()
    before = entries()
    with bank.app_context():  # somebody else, with a session of their own
        weigh(cast, code, "61.5")
        assert entries() == before + 1
    assert entries() == before
    session.rollback()
    assert entries() == before + 1


def driver() -> Any:
    """The driver's connection that this thread asks by."""
    entries()
    return statements._held.lent.driver_connection


def test_who_only_asks_leaves_nothing_open(bank) -> None:
    Cast()
    session.remove()
    entries(), entries()
    assert not session.registry.has(), "a session was opened for a question by itself"
    if db.engine.dialect.name == "sqlite":
        assert not driver().in_transaction
        return
    beside = session.connection().connection.driver_connection
    assert beside is not driver()
    assert {each.info.transaction_status for each in (beside, driver())} == {TransactionStatus.IDLE}
    session.remove()
    known = sa.select(sa.func.count().label("kept")).select_from(
        sa.table("pg_prepared_statements"))
    kept = read(known, {})[0].kept
    with transaction():
        inside = session.connection().connection.driver_connection
        assert inside is not driver() and inside.info.transaction_status == TransactionStatus.INTRANS
    assert kept and read(known, {})[0].kept >= kept


def test_who_reads_beside_an_act_reads_what_it_wrote(bank) -> None:
    cast = Cast()
    code = consenting_recipient(cast).code
    values = {"kg": Decimal("61.5")}
    with transaction():
        service.weigh(get(Recipient, code), Decimal("61.5"), clock.now(), by=cast.nadia,
                      at=clock.now())
        session.flush()
        assert len(read(WEIGHTS, values)) == 1
        assert statements.ask(db.engine, WEIGHTS, values) == [], "it was not written yet"
    assert len(read(WEIGHTS, values)) == 1


def test_a_lost_connection_is_told_once_and_not_used_again(bank) -> None:
    Cast()
    session.remove()
    before, lost = entries(), driver()
    lost.close()
    with pytest.raises(sa.exc.DBAPIError):
        entries()
    assert entries() == before
    assert driver() is not lost


def test_an_engine_that_is_done_with_leaves_no_connection(bank) -> None:
    Cast()
    session.remove()
    before, held = entries(), driver()
    db.engine.dispose()
    assert statements._held.lent is None
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError)):
        held.execute("SELECT 1")
    assert entries() == before
