"""Reading the trail back, and the family tree among a million nodes."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from statistics import median
from typing import Any

import sqlalchemy as sa

from mscbank import clock, lineage
from mscbank.audit import chain
from mscbank.audit.models import Entry, Head
from mscbank.audit.verify import verify
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.harvests.models import Harvest
from mscbank.lineage import Derivation
from mscbank.recipients.models import Weight
from tests.performance.build import bulk, rows_of
from tests.performance.goals import Measured

CHAIN, WITH_ROWS = 100_000, 30_000  # entries a second
KG = Decimal("61.5")
TREE = 0.020  # seconds, both ways


def add_weighings(entries: int) -> None:
    """So many acts of the commonest kind: one row and the entry that speaks of it."""
    head = session.execute(sa.select(Head.sequence, Head.hash)).one()
    first = session.scalar(sa.select(sa.func.coalesce(sa.func.max(Weight.id), 0))) + 1
    recipient = session.scalar(sa.text("SELECT min(id) FROM recipient"))
    by = session.scalar(sa.text("SELECT code FROM account WHERE username = 'nadia'"))
    at, previous = clock.now(), head.hash
    weights, told = [], []
    for number in range(entries):
        sequence = head.sequence + 1 + number
        (row,) = rows_of(Weight, [{
            "id": first + number, "recipient_id": recipient, "kg": KG, "measured_at": at,
            "recorded_by_id": 1, "recorded_at": at, "entry": sequence}])
        body = chain.canonical({
            "form": chain.FORM, "act": "weigh", "subject": "RX" + "B" * 18, "by": by,
            "roles": ["nurse"], "through": "browser 0123abcd", "at": at, "reason": None,
            "facts": {"kg": KG, "measured_at": at},
            "rows": [["weight", first + number, chain.row_digest(list(row))]]})
        hash_ = chain.entry_hash(sequence, previous, body)
        weights.append(row)
        told.append((sequence, previous, hash_, body))
        previous = hash_
    with bulk() as load:
        load(Entry.__table__, told)
        load(Weight.__table__, weights)
        load(Head.__table__, [(1, head.sequence + entries, previous, at)])


def measure_verification(system: str) -> list[Measured]:
    """How many entries a second are verified, by the chain alone and with every row."""
    found = []
    for rows, wanted in ((False, CHAIN), (True, WITH_ROWS)):
        began = time.perf_counter()
        report = verify(rows=rows)
        rate = report.entries / (time.perf_counter() - began)
        what = f"with {report.rows:,} rows" if rows else "the chain alone"
        found.append(Measured(
            f"{system}: `audit verify`, {what}, >= {wanted:,} entries/s",
            f"{report.entries:,} entries, {rate:,.0f}/s, "
            + ("sound" if report.sound else "NOT SOUND: " + report.problems[0]),
            f"{rate / wanted:.2f}", report.sound and rate >= wanted))
    return found


def measure_tree(system: str) -> Measured:
    """Everything a bag came from and everything its harvest became."""
    bags = _count(Bag)
    codes = session.scalars(sa.select(Bag.code).where(Bag.id % max(1, bags // 50) == 0)).all()
    marrow = set(session.scalars(sa.select(Harvest.code)))
    up, down, widest = [], [], 0
    for code in codes:
        family, took = _timed(lambda code=code: lineage.ancestors(code))
        up.append(took)
        (harvest,) = marrow.intersection(family)
        offspring, took = _timed(lambda harvest=harvest: lineage.descendants(harvest))
        down.append(took)
        widest = max(widest, len(offspring))
    session.rollback()
    both = median(a + b for a, b in zip(up, down, strict=True))
    return Measured(
        f"{system}: family tree both ways <= {TREE * 1e3:.0f} ms among {_nodes():,} nodes",
        f"up {median(up) * 1e3:.1f} ms, down {median(down) * 1e3:.1f} ms to {widest} descendants",
        f"{both / TREE:.2f}", both <= TREE)


def _nodes() -> int:
    """How many things stand in the family tree."""
    return _count(Derivation) + _count(Harvest)


def _count(model: type[Any]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def _timed(do: Callable[[], list[str]]) -> tuple[list[str], float]:
    began = time.perf_counter()
    found = do()
    return found, time.perf_counter() - began
