"""Goals and what was measured, as one Markdown table."""

from __future__ import annotations

import os
import platform
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime


_MET = {True: "yes", False: "no", None: "-"}


@dataclass(frozen=True)
class Measured:
    """One goal: what was asked, what was measured, the ratio to what stands beside it."""

    goal: str
    measured: str
    ratio: str
    met: bool | None  # None: not measured


def percentile(values: list[float], per_cent: float) -> float:
    """The value below which so many per cent of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * per_cent / 100))]


def table(found: list[Measured], *, seconds: float, quick: bool, disk: str) -> str:
    """The whole document: where it was measured, then the table."""
    size = "quick, smaller sizes" if quick else "full sizes"
    lines = [
        "# Bench", "",
        (f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d} in {seconds / 60:.0f} min "
        f"({size}): {os.cpu_count()} processors, {disk}, Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version}. Judge by the ratios: times belong to the machine."), "",
        "| goal | measured | ratio | met |", "|---|---|---|---|",
    ]
    lines += [f"| {each.goal} | {each.measured} | {each.ratio} | {_MET[each.met]} |"
              for each in found]
    return "\n".join(lines) + "\n"
