"""How long the batch record of a lot takes, and how often the database is asked for it."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from mscbank import clock
from mscbank.bags.models import Lot
from mscbank.database import db, session
from mscbank.reports.batch.record import batch_record
from tests.cast import Cast
from tests.conftest import START
from tests.performance import servers
from tests.performance.goals import Measured
from tests.stages.papers import eventful_lot
from tests.stages.testing import registered

BAGS = 10
GOAL, QUESTIONS = 2.0, 300  # seconds; to the database


def measure(system: str, folder: Path, server: str) -> Measured:
    """The median of five, of a lot of ten bags to which everything happened."""
    with (servers.empty_database(system, folder, server) as url, servers.opened(url, folder),
          clock.pinned(START)):
        cast = Cast()
        registered(cast)  # so that every stage is played here
        number = eventful_lot(cast, BAGS).number
        took, asked = [], 0
        for _ in range(5):
            seconds, asked = _once(number)
            took.append(seconds)
    return Measured(
        f"batch record of a lot of {BAGS} bags < {GOAL:.0f} s, < {QUESTIONS} questions "
        f"({system})", f"{median(took):.2f} s, {asked} questions", f"{median(took) / GOAL:.2f}",
        median(took) < GOAL and asked < QUESTIONS)


def _once(number: str) -> tuple[float, int]:
    session.remove()
    asked: list[str] = []

    def ask(*words: object) -> None:
        asked.append(str(words[2]))

    sa.event.listen(db.engine, "before_cursor_execute", ask)
    began = time.perf_counter()
    batch_record(session.scalars(sa.select(Lot).where(Lot.number == number)).one())
    took = time.perf_counter() - began
    sa.event.remove(db.engine, "before_cursor_execute", ask)
    return took, len(asked)
