"""Writing: an act with its entry in the trail, beside a bare durable insert of the same row.

Both wait for the same disk in the same way (SQLite: WAL and synchronous=FULL; PostgreSQL:
synchronous_commit) and go through the same driver and pool of connections. The bare insert goes
into a table of the same columns and indexes, without guards: nothing is asked before it, nothing
kept beside it. They are measured in turns, so that a busy minute meets both.

Entries follow one another, so acts take turns. Sixteen bare inserts need not: PostgreSQL commits
many of them with one flush. Beside them stand bare inserts that take turns as well: what any trail
in one order could reach.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from mscbank import clock, things
from mscbank.audit.verify import verify
from mscbank.database import db, session, transaction
from mscbank.engine import prepare_engine
from mscbank.permissions import Actor
from mscbank.recipients import service
from mscbank.recipients.models import Recipient, Sex, Weight
from tests.cast import Cast
from tests.performance import servers
from tests.performance.goals import Measured, percentile

WRITERS, ROUNDS = 16, 4
WANTED = 0.6
KG = Decimal("61.5")
Writer = Callable[[int], Callable[[int], None]]
_forked = multiprocessing.get_context("fork")
_BARE = sa.MetaData()
_ROWS = sa.Table("weight", _BARE, *(
    sa.Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable,
              index=column.index) for column in Weight.__table__.columns))
_HEAD = sa.Table("head", _BARE, sa.Column("id", sa.Integer, primary_key=True),
                 sa.Column("sequence", sa.Integer, nullable=False))


def measure(folder: Path, server: str, *, seconds: float) -> list[Measured]:
    """Both systems, one writer and sixteen, on the disk as it is."""
    found = []
    for system in servers.SYSTEMS:
        found.append(one_writer(system, folder, server, seconds, "the disk as it is"))
        found.append(_many_writers(system, folder, server, seconds))
    return found


def one_writer(system: str, folder: Path, server: str, seconds: float, disk: str) -> Measured:
    """The ratio of the median round."""
    with servers.empty_database(system, folder, server) as url, \
            servers.empty_database(system, folder, server) as bare_url, \
            servers.opened(url, folder):
        act, bare = _act_writer(*_wards()), _bare_writer(bare_url)
        rounds = [(_run(1, seconds / 2, bare), _run(1, seconds / 2, act)) for _ in range(ROUNDS)]
    ratio = median(_rate(acts) / _rate(bares) for bares, acts in rounds)
    waits = [wait for _, acts in rounds for wait in acts[0]["waits"]]
    between = median(wait for bares, _ in rounds
                     for wait in bares[0]["waits"])
    return Measured(
        f"{system}, {disk}: an act with its entry >= {WANTED:.0%} of a bare durable insert",
        f"{median(_rate(acts) for _, acts in rounds):,.0f}/s beside "
        f"{median(_rate(bares) for bares, _ in rounds):,.0f}/s; an act {median(waits) * 1e3:.1f} "
        f"ms, a bare insert {between * 1e3:.1f} ms (medians)", f"{ratio:.2f}", ratio >= WANTED)


def _many_writers(system: str, folder: Path, server: str, seconds: float) -> Measured:
    with servers.empty_database(system, folder, server) as url, \
            servers.empty_database(system, folder, server) as bare_url, \
            servers.opened(url, folder):
        act = _act_writer(*_wards())
        bare = _run(WRITERS, seconds, _bare_writer(bare_url))
        acts = _run(WRITERS, seconds, act)
        in_turns = _run(WRITERS, seconds, _bare_writer(bare_url, in_turns=True))
        report = verify()
    refusals = sum(len(told["refused"]) for told in acts)
    waits = [wait for told in acts for wait in told["waits"]]
    return Measured(
        f"{system}: {WRITERS} writers, none refused, no fork",
        f"{refusals} refused, {report.entries:,} entries "
        + ("sound" if report.sound else f"NOT SOUND: {report.problems[0]}")
        + f"; {_rate(acts):,.0f} acts/s (p99 {percentile(waits, 99) * 1e3:,.0f} ms) beside "
        f"{_rate(in_turns):,.0f}/s bare in turns, {_rate(bare):,.0f}/s bare in any order",
        f"{_rate(acts) / _rate(in_turns):.2f}", refusals == 0 and report.sound)


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


def _act_writer(by: Actor, codes: list[str]) -> Writer:
    def prepare(writer: int) -> Callable[[int], None]:
        db.engine.dispose(close=False)  # the parent's connections are the parent's

        def act(number: int) -> None:
            at = clock.now()
            code = codes[(writer * 10 + number) % len(codes)]
            with transaction():
                service.weigh(things.get(Recipient, code), KG, at, by=by, at=at)
        return act
    return prepare


def _bare_writer(url: str, *, in_turns: bool = False) -> Writer:
    """``weight`` alone: the same columns and indexes, no keys to other tables, no guards."""
    engine = sa.create_engine(url)
    prepare_engine(engine)
    _BARE.create_all(engine)
    with engine.begin() as connection:
        if not connection.execute(sa.select(_HEAD)).first():
            connection.execute(sa.insert(_HEAD), {"id": 1, "sequence": 0})
    engine.dispose()
    put = sa.insert(_ROWS)
    ask = sa.select(_HEAD.c.sequence).where(_HEAD.c.id == 1).with_for_update()
    move = sa.update(_HEAD).where(_HEAD.c.id == 1)

    def prepare(_writer: int) -> Callable[[int], None]:
        def insert(number: int) -> None:
            at = clock.now()
            row = {"recipient_id": number % 160, "kg": KG, "measured_at": at,
                   "recorded_by_id": 1, "recorded_at": at, "entry": number}
            with (engine.connect().execution_options(mscbank_writes=True) as connection,
                  connection.begin()):
                if in_turns:
                    before = connection.scalar(ask)
                connection.execute(put, row)
                if in_turns:
                    connection.execute(move, {"sequence": before + 1})
        return insert
    return prepare


def _run(writers: int, seconds: float, prepare: Writer) -> list[dict[str, Any]]:
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


def _write(writer: int, seconds: float, prepare: Writer, together: Any, answers: Any) -> None:
    act = prepare(writer)
    for number in range(3):
        act(number)  # the first ones connect and learn the words
    together.wait()
    waits: list[float] = []
    refused: list[str] = []
    began = time.perf_counter()
    number, now = 3, began
    while now - began < seconds:
        before = now
        try:
            act(number)
            waits.append(time.perf_counter() - before)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and shown
            refused.append(repr(error)[:200])
        number, now = number + 1, time.perf_counter()
    answers.put({"waits": waits, "refused": refused, "seconds": now - began})
