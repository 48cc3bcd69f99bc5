"""The growth curve of a harvest: cumulative population doublings against days since seeding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from mscbank.cultures.cells import doublings
from mscbank.cultures.models import Culture
from mscbank.rules import count_told

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 48, 20, 30, 44


@dataclass(frozen=True)
class Mark:
    """A number on an axis and where it stands."""

    at: int
    text: str


@dataclass(frozen=True)
class Passage:
    """One passage's line, from seeding to counting."""

    name: str
    code: str
    x1: int
    y1: int
    x2: int
    y2: int
    told: str


@dataclass(frozen=True)
class Curve:
    """The curve in pixels; ``limit`` is the height of the protocol's limit, where it is shown."""

    passages: tuple[Passage, ...]
    days: tuple[Mark, ...]
    doublings: tuple[Mark, ...]
    limit: int | None
    limit_text: str
    told: str


def growth(cultures: Sequence[Culture], limit: Decimal,
           reached: Mapping[str, Decimal]) -> Curve | None:
    """The curve of the counted passages of one harvest. None while there is none to draw.

    ``reached``: cumulative doublings by code (``cultures.cells.reached``). A passage whose
    doublings are not known (P0 without colony-forming cells) has no line.
    """
    counted = [culture for culture in cultures
               if culture.count and doublings(culture) is not None]
    if not counted:
        return None
    first = min(culture.seeded_at for culture in cultures)
    last_day = max(_days(culture.count.at - first) for culture in counted if culture.count)
    highest = max(reached[culture.code] for culture in counted)
    days = _marks(last_day)
    heights = _marks(max(highest, limit) if highest * 2 > limit else highest)

    def x(moment: datetime) -> int:
        return LEFT + _part(_days(moment - first), days[-1], WIDTH - LEFT - RIGHT)

    def y(value: Decimal) -> int:
        return HEIGHT - BOTTOM - _part(value, heights[-1], HEIGHT - TOP - BOTTOM)

    passages = tuple(_passage(culture, reached[culture.code], x, y) for culture in counted)
    return Curve(
        passages,
        tuple(Mark(x(first + timedelta(days=day)), str(day)) for day in days),
        tuple(Mark(y(Decimal(height)), str(height)) for height in heights),
        y(limit) if limit <= heights[-1] else None, f"limit {limit}",
        "; ".join(("Cumulative population doublings against days since the first seeding",
                   *(passage.told for passage in passages))))


def _passage(culture: Culture, reached: Decimal, x: Callable[[datetime], int],
             y: Callable[[Decimal], int]) -> Passage:
    count = culture.count
    assert count is not None
    own = max(doublings(culture) or Decimal(0), Decimal(0))
    days = _days(count.at - culture.seeded_at)
    name = f"P{culture.passage}"
    return Passage(name, culture.code, x(culture.seeded_at), y(reached - own), x(count.at),
                   y(reached), f"{name} {count_told(reached.quantize(Decimal('0.1')), 'doubling')} after "
                   f"{count_told(days.quantize(Decimal('0.1')), 'day')} of its own")


def _days(lasted: timedelta) -> Decimal:
    return Decimal(int(lasted.total_seconds())) / 86400


def _part(value: Decimal, of: int, pixels: int) -> int:
    return int(value * pixels / of)


def _marks(highest: Decimal) -> list[int]:
    """Five to ten whole numbers from 0 past ``highest``, in steps people count in."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
                if highest <= step * 8 or step == 1000)
    return list(range(0, int(highest) + step + 1, step))
