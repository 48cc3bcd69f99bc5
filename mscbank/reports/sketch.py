"""A picture as plain marks: what a page draws as SVG and a paper as vectors, alike.

Whole pixels, the origin at the upper left. A mark with ``told`` is said to a screen reader; one
with ``address`` opens what it stands for. ``templates/reports/sketch.html`` and
``reports/drawing.py`` draw what stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from mscbank.reports.layout import Shape, Tone
from mscbank.rules import count_told

POINTS = 6.2  # the width of a letter of twelve pixels, on average


class Ink(Shape):
    """What a mark means; the style sheet and the paper choose its colour."""

    LINE = "line"
    SOFT = "soft"
    INK = "ink"
    ACT = "act"
    STOP = "stop"
    BAND = "band"


class Fill(Shape):
    """How a block is filled."""

    FREE = "free"
    TAKEN = "taken"
    BAND = "band"
    BAR = "bar"


@dataclass(frozen=True)
class Rule:
    """A line."""

    x1: int
    y1: int
    x2: int
    y2: int
    ink: Ink = Ink.LINE
    dashed: bool = False
    kind: str = "rule"


@dataclass(frozen=True)
class Way:
    """A line through points."""

    points: tuple[tuple[int, int], ...]
    ink: Ink = Ink.ACT
    kind: str = "way"


@dataclass(frozen=True)
class Words:
    """A line of text. ``anchor``: start, middle or end."""

    x: int
    y: int
    text: str
    ink: Ink = Ink.SOFT
    anchor: str = "start"
    bold: bool = False
    kind: str = "words"


@dataclass(frozen=True)
class Sign:
    """A sign of a tone: a shape each, so that colour is never alone. ``x``, ``y`` its middle."""

    x: int
    y: int
    tone: Tone
    told: str = ""
    address: str = ""
    kind: str = "sign"


@dataclass(frozen=True)
class Block:
    """A box with lines of words, the first in bold, and the sign of how it stands."""

    x: int
    y: int
    width: int
    height: int
    fill: Fill = Fill.TAKEN
    lines: tuple[str, ...] = ()
    tone: Tone | None = None
    told: str = ""
    address: str = ""
    here: bool = False
    kind: str = "block"


Mark = Rule | Way | Words | Sign | Block


@dataclass(frozen=True)
class Sketch:
    """The whole picture; ``told`` is the picture in a sentence, for whoever cannot see it."""

    name: str
    title: str
    told: str
    width: int
    height: int
    marks: tuple[Mark, ...]


def steps(low: Decimal, high: Decimal, most: int = 8) -> list[Decimal]:
    """At most so many round numbers from at or below ``low`` past ``high``, in steps of 1, 2 or 5.
    """
    span = max(high - low, Decimal("0.1"))
    step = Decimal("0.1")
    while span / step > most - 2:
        step *= Decimal("2.5") if step.as_tuple().digits[0] == 2 else 2
    first = (low // step) * step
    if first > low:  # Decimal divides towards zero
        first -= step
    found = [first]
    while found[-1] < high:
        found.append(found[-1] + step)
    return found


def lasting(time: timedelta) -> str:
    """How long, in the two greatest units that say it: ``3 days 4 h``, ``25 min``."""
    minutes = int(time.total_seconds()) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days >= 60:
        return count_told(days, "day")
    if days:
        return f"{count_told(days, 'day')} {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def cut(text: str, width: int) -> str:
    """The words of a block as they fit into so many pixels, in whatever language: the whole is
    what the block says to a screen reader."""
    most = max(int(width / POINTS), 2)
    return text if len(text) <= most else text[:most - 1].rstrip() + "…"
