"""May this bag go into this person now: asked over HTTP, beside a page that never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from tests.performance import http_load
from tests.performance.build import Built
from tests.performance.goals import Measured, percentile

P50, P99, MEMORY, GROWTH = 3.0, 10.0, 150, 1.3  # ms, ms, MB, times
WANTED = {"SQLite": 1 / 3, "PostgreSQL": 1 / 10}
CONNECTIONS, ROUNDS = 8, 3
Bank = tuple[int, str, Built]  # bags, database, what was built


@dataclass
class _Seen:
    """What a bank of so many bags answered, round by round."""

    bags: int
    ratios: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    waits: list[list[float]] = field(default_factory=list)
    constant: list[float] = field(default_factory=list)
    memory: float = 0.0

    def wait(self, per_cent: float) -> float:
        """Milliseconds one after the other: the median round's percentile."""
        return median(percentile(waits, per_cent) for waits in self.waits) * 1e3


def measure(system: str, banks: Sequence[Bank], folder: Path, *, seconds: float) -> list[Measured]:
    """Each bank served in turn, round by round, so that a busy minute meets them all."""
    seen = [_Seen(bags) for bags, _, _ in banks]
    for _ in range(ROUNDS):
        for (_, url, built), told in zip(banks, seen, strict=True):
            _ask(url, built, folder, seconds, told)
    found = []
    for told in seen:
        found += _goals(system, told)
    small, large = seen[0], seen[-1]
    growth = large.wait(50) / small.wait(50)
    found.append(Measured(
        f"{system}: a verdict at {large.bags:,} bags <= {GROWTH} times one at {small.bags:,}",
        f"{large.wait(50):.2f} ms beside {small.wait(50):.2f} ms", f"{growth:.2f}",
        growth <= GROWTH))
    return found


def _ask(url: str, built: Built, folder: Path, seconds: float, told: _Seen) -> None:
    questions = [http_load.request("/api/v1/verdict?" + urlencode(
        {"bag": label, "recipient": band}), built.token) for label, band in built.texts]
    always = [http_load.request("/constant/")] * CONNECTIONS
    go = b'"verdict":"go"'
    with http_load.serving(url, folder) as server:
        http_load.load(server.port, questions, connections=2, seconds=1, wanted=go)
        alone = http_load.load(server.port, questions, connections=1, seconds=seconds, wanted=go)
        constant = http_load.load(
            server.port, always, connections=CONNECTIONS, seconds=seconds, wanted=go)
        many = http_load.load(
            server.port, questions, connections=CONNECTIONS, seconds=seconds, wanted=go)
        told.memory = max([told.memory, *(each / 1e6 for each in server.resident())])
    told.waits.append(alone.waits)
    told.constant.append(constant.rate)
    told.rates.append(many.rate)
    told.ratios.append(many.rate / constant.rate)


def _goals(system: str, told: _Seen) -> list[Measured]:
    bags, wanted, ratio = f"{told.bags:,} bags", WANTED[system], median(told.ratios)
    found = [Measured(
        f"{system}, {bags}, {CONNECTIONS} connections: verdicts >= {wanted:.2f} of a constant page",
        f"{median(told.rates):,.0f}/s beside {median(told.constant):,.0f}/s", f"{ratio:.2f}",
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
