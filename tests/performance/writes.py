"""Writing: an act with its entry in the trail, beside a bare durable insert of the same row.

Both wait for the disk (SQLite: synchronous=FULL; PostgreSQL: synchronous_commit). The bare insert
goes into a table of the same columns and indexes, without guards, through the bare driver.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mscbank import clock, things
from mscbank.audit.verify import verify
from mscbank.database import db, session, transaction
from mscbank.permissions import Actor
from mscbank.recipients import service
from mscbank.recipients.models import Recipient, Sex, Weight
from tests.cast import Cast
from tests.performance import servers
from tests.performance.goals import Measured, percentile

WRITERS = 16
WANTED = 0.6
_forked = multiprocessing.get_context("fork")


def measure(folder: Path, server: str, *, seconds: float) -> list[Measured]:
    """Both systems, one writer and sixteen."""
    found = []
    for system in servers.SYSTEMS:
        with servers.empty_database(system, folder, server) as url, \
                servers.empty_database(system, folder, server) as bare_url:
            found += _of_system(system, url, bare_url, folder, seconds)
    return found


def _of_system(system: str, url: str, bare_url: str, folder: Path,
               seconds: float) -> list[Measured]:
    with servers.opened(url, folder):
        by, codes = _wards()
        _bare_table(bare_url)
        found = []
        for writers in (1, WRITERS):
            bare = _run(writers, seconds, _bare_writer(bare_url))
            acts = _run(writers, seconds, _act_writer(by, codes))
            found.append(_told(system, writers, bare, acts))
        report = verify()
    refusals = sum(len(told["refused"]) for told in acts)
    found.append(Measured(
        f"{system}: {WRITERS} writers, none refused, no fork", f"{refusals} refused; "
        f"{report.entries} entries " + ("sound" if report.sound else "NOT SOUND"), "-",
        refusals == 0 and report.sound))
    return found


def _told(system: str, writers: int, bare: list[dict[str, Any]],
          acts: list[dict[str, Any]]) -> Measured:
    bare_rate, rate = _rate(bare), _rate(acts)
    waits = [wait for told in acts for wait in told["waits"]]
    many = "1 writer" if writers == 1 else f"{writers} writers"
    return Measured(
        f"{system}: an act with its entry >= {WANTED:.0%} of a bare durable insert, {many}",
        f"{rate:.0f}/s beside {bare_rate:.0f}/s; an act {percentile(waits, 50) * 1e3:.1f} ms "
        f"p50, {percentile(waits, 99) * 1e3:.0f} ms p99",
        f"{rate / bare_rate:.2f}", rate >= WANTED * bare_rate)


def _rate(told: list[dict[str, Any]]) -> float:
    return sum(len(each["waits"]) / each["seconds"] for each in told)


def _wards(many: int = 160) -> tuple[Actor, list[str]]:
    """A nurse and recipients to weigh."""
    cast, codes = Cast(), []
    for number in range(many):
        with transaction():
            codes.append(service.enrol(
                Sex.FEMALE, f"Patient {number}", date(1980, 1, 1), f"H-{number}",
                by=cast.carole, at=clock.now()).code)
    return cast.nadia, codes


def _act_writer(by: Actor, codes: list[str]) -> Callable[[int], Callable[[int], None]]:
    def prepare(writer: int) -> Callable[[int], None]:
        db.engine.dispose(close=False)  # the parent's connections are the parent's

        def act(number: int) -> None:
            at = clock.now()
            code = codes[(writer * 10 + number) % len(codes)]
            with transaction():
                service.weigh(things.get(Recipient, code), Decimal("61.5"), at, by=by, at=at)
        return act
    return prepare


def _bare_table(url: str) -> None:
    """``weight`` alone: the same columns and indexes, no keys to other tables, no guards."""
    metadata = sa.MetaData()
    table = sa.Table("weight", metadata, *(
        sa.Column(column.name, column.type, primary_key=column.primary_key,
                  nullable=column.nullable, index=column.index)
        for column in Weight.__table__.columns))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        metadata.create_all(connection, [table])
    engine.dispose()


def _bare_writer(url: str) -> Callable[[int], Callable[[int], None]]:
    names = "recipient_id, kg, measured_at, recorded_by_id, recorded_at, entry"

    def on_sqlite(_writer: int) -> Callable[[int], None]:
        import sqlite3

        connection = sqlite3.connect(sa.make_url(url).database or "", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {pragma}")

        def insert(number: int) -> None:
            at = str(datetime.now(UTC))
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"INSERT INTO weight ({names}) VALUES (?, ?, ?, ?, ?, ?)",
                               (number % 160, "61.5", at, 1, at, number))
            connection.execute("COMMIT")
        return insert

    def on_postgresql(_writer: int) -> Callable[[int], None]:
        import psycopg

        plain = sa.make_url(url).set(drivername="postgresql").render_as_string(False)
        connection = psycopg.connect(plain, autocommit=True)

        def insert(number: int) -> None:
            at = datetime.now(UTC)
            connection.execute("BEGIN")
            connection.execute(
                f"INSERT INTO weight ({names}) VALUES (%s, %s, %s, %s, %s, %s)",
                (number % 160, Decimal("61.5"), at, 1, at, number))
            connection.execute("COMMIT")
        return insert

    return on_sqlite if url.startswith("sqlite") else on_postgresql


def _run(writers: int, seconds: float,
         prepare: Callable[[int], Callable[[int], None]]) -> list[dict[str, Any]]:
    """Every writer in a process of its own, for so long after a common start."""
    session.remove()
    db.engine.dispose()
    answers, together = _forked.Queue(), _forked.Barrier(writers)
    running = [_forked.Process(target=_write, args=(number, seconds, prepare, together, answers))
               for number in range(writers)]
    for process in running:
        process.start()
    told = [answers.get(timeout=seconds + 120) for _ in running]
    for process in running:
        process.join()
    return told


def _write(writer: int, seconds: float, prepare: Callable[[int], Callable[[int], None]],
           together: Any, answers: Any) -> None:
    act = prepare(writer)
    act(0)  # the first one connects
    together.wait()
    waits: list[float] = []
    refused: list[str] = []
    began = time.perf_counter()
    number, now = 1, began
    while now - began < seconds:
        before = now
        try:
            act(number)
            waits.append(time.perf_counter() - before)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and shown
            refused.append(repr(error)[:200])
        number, now = number + 1, time.perf_counter()
    answers.put({"waits": waits, "refused": refused, "seconds": now - began})
