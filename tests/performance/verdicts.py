"""May this bag go into this person now: asked over HTTP, beside a page that never changes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from tests.performance import http_load
from tests.performance.build import Built
from tests.performance.goals import Measured, percentile

P50, P99, MEMORY, GROWTH = 3.0, 10.0, 150, 1.3  # ms, ms, MB, times
WANTED = {"SQLite": 1 / 3, "PostgreSQL": 1 / 10}
CONNECTIONS, ROUNDS = 8, 6
ALWAYS = [http_load.request("/constant/")] * CONNECTIONS
GO = b'"verdict":"go"'
Bank = tuple[int, str, Built]  # bags, database, what was built


@dataclass
class _Seen:
    """What a bank of so many bags answered, round by round."""

    bags: int
    server: http_load.Server
    questions: list[bytes]
    ratios: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    waits: list[list[float]] = field(default_factory=list)
    constant: list[float] = field(default_factory=list)
    busy: list[tuple[float, float]] = field(default_factory=list)  # a verdict, a constant page
    memory: float = 0.0

    def wait(self, per_cent: float) -> float:
        """Milliseconds one after the other: the median round's percentile."""
        return median(percentile(waits, per_cent) for waits in self.waits) * 1e3

    def ask(self, seconds: float) -> None:
        """A round: one after the other, then the constant page and verdicts by many at once."""
        alone = http_load.load(
            self.server, self.questions, connections=1, seconds=seconds, wanted=GO)
        constant = http_load.load(
            self.server, ALWAYS, connections=CONNECTIONS, seconds=seconds, wanted=GO)
        many = http_load.load(
            self.server, self.questions, connections=CONNECTIONS, seconds=seconds, wanted=GO)
        self.waits.append(alone.waits)
        self.constant.append(constant.rate)
        self.rates.append(many.rate)
        self.busy.append((many.busy, constant.busy))
        self.ratios.append(many.rate / constant.rate)
        self.memory = max([self.memory, *(each / 1e6 for each in self.server.resident())])


def measure(system: str, banks: Sequence[Bank], folder: Path, *, seconds: float) -> list[Measured]:
    """All banks served at once and asked in turns, so that a busy minute meets them all."""
    with ExitStack() as stack:
        seen = [_Seen(bags, stack.enter_context(http_load.serving(url, folder)),
                      _questions(built)) for bags, url, built in banks]
        for told in seen:
            http_load.load(told.server, told.questions, connections=CONNECTIONS,
                           seconds=seconds, wanted=GO)  # caches fill, statements are planned
        for _ in range(ROUNDS):
            for told in seen:
                told.ask(seconds / 3)
    found = []
    for told in seen:
        found += _goals(system, told)
    small, large = seen[0], seen[-1]
    growth = median(percentile(more, 50) / percentile(fewer, 50)
                    for fewer, more in zip(small.waits, large.waits, strict=True))
    found.append(Measured(
        f"{system}: a verdict at {large.bags:,} bags <= {GROWTH} times one at {small.bags:,}",
        f"{large.wait(50):.2f} ms beside {small.wait(50):.2f} ms", f"{growth:.2f}",
        growth <= GROWTH))
    return found


def _ms(told: _Seen, which: int) -> str:
    return f"{median(each[which] for each in told.busy) * 1e3:.2f}"


def _questions(built: Built) -> list[bytes]:
    return [http_load.request("/api/v1/verdict?" + urlencode(
        {"bag": label, "recipient": band}), built.token) for label, band in built.texts]


def _goals(system: str, told: _Seen) -> list[Measured]:
    bags, wanted, ratio = f"{told.bags:,} bags", WANTED[system], median(told.ratios)
    found = [Measured(
        f"{system}, {bags}, {CONNECTIONS} connections: verdicts >= {wanted:.2f} of a constant page",
        f"{median(told.rates):,.0f}/s beside {median(told.constant):,.0f}/s; of the processors, "
        f"clients included, {_ms(told, 0)} beside {_ms(told, 1)} ms each", f"{ratio:.2f}",
        ratio >= wanted), Measured(
        f"{system}, {bags}: a web process < {MEMORY} MB", f"{told.memory:.0f} MB",
        f"{told.memory / MEMORY:.2f}", told.memory < MEMORY)]
    if system == "SQLite":
        p50, p99 = told.wait(50), told.wait(99)
        found.insert(0, Measured(
            f"{system}, {bags}, one after the other: p50 <= {P50:.0f} ms, p99 <= {P99:.0f} ms",
            f"p50 {p50:.2f} ms, p99 {p99:.1f} ms", f"{p50 / P50:.2f}, {p99 / P99:.2f}",
            p50 <= P50 and p99 <= P99))
    return found
