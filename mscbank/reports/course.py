"""One person's measures over the months after the cells, with the windows of the visits shaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mscbank.database import plain_decimal
from mscbank.followup.schedule import Planned
from mscbank.reports.layout import Tone, day_in_words
from mscbank.reports.sketch import Block, Fill, Ink, Mark, Rule, Sign, Sketch, Way, Words, steps

WIDTH, HEIGHT = 600, 236
LEFT, RIGHT, TOP, BOTTOM = 46, 22, 34, 40
MONTH_DAYS = Decimal("30.4375")
QUARTER = 3
LONG = 36  # months; longer courses are marked by the half year


@dataclass(frozen=True)
class Drawn:
    """A measure that is drawn: its column, what people call it, its unit, how far its scale goes."""

    column: str
    title: str
    unit: str
    low: int | None = None
    high: int | None = None


MEASURES = (
    Drawn("mrss", "Modified Rodnan skin score", "points", 0, 51),
    Drawn("fvc_percent", "FVC", "% of predicted"), Drawn("dlco_percent", "DLCO", "% of predicted"),
    Drawn("haq_di", "HAQ-DI", "points", 0, 3),
    Drawn("sf36_physical", "SF-36, physical component", "points"),
    Drawn("sf36_mental", "SF-36, mental component", "points"))


@dataclass(frozen=True)
class Point:
    """A measured value: which visit, which day, how many months after the cells."""

    visit: str
    on: date
    months: Decimal
    value: Decimal
    within: bool
    address: str


def plots(schedule: Sequence[Planned], infused_on: date | None) -> list[Sketch]:
    """A picture for each measure that was taken at least once."""
    if infused_on is None:
        return []
    found = [(measure, _points(schedule, infused_on, measure.column)) for measure in MEASURES]
    return [_sketch(measure, points, schedule, infused_on) for measure, points in found if points]


def months_between(start: date, end: date) -> Decimal:
    """Months of 30.4375 days."""
    return Decimal((end - start).days) / MONTH_DAYS


def _points(schedule: Sequence[Planned], infused_on: date, column: str) -> list[Point]:
    points = []
    for planned in schedule:
        seen: Any = planned.visit
        value = None if seen is None else getattr(seen, column)
        if value is not None and seen.took_place_on is not None:
            points.append(Point(
                planned.name, seen.took_place_on, months_between(infused_on, seen.took_place_on),
                Decimal(value), seen.within_window, f"/visits/{seen.code}"))
    return sorted(points, key=lambda point: point.on)


def _sketch(measure: Drawn, points: Sequence[Point], schedule: Sequence[Planned],
            infused_on: date) -> Sketch:
    last = max([24, *(int(point.months) + 1 for point in points)])
    heights = _scale(measure, points)

    def x(months: Decimal) -> int:
        return LEFT + int(max(months, Decimal(0)) * (WIDTH - LEFT - RIGHT) / last)

    def y(value: Decimal) -> int:
        span = heights[-1] - heights[0]
        return HEIGHT - BOTTOM - int((value - heights[0]) * (HEIGHT - TOP - BOTTOM) / span)

    marks: list[Mark] = [*_windows(schedule, infused_on, last, x), *_axes(heights, last, x, y)]
    marks.append(Words(0, 14, f"{measure.title}, {measure.unit}", Ink.INK, bold=True))
    if len(points) > 1:
        marks.append(Way(tuple((x(point.months), y(point.value)) for point in points)))
    marks += [Sign(x(point.months), y(point.value), Tone.GOOD if point.within else Tone.WAIT,
                   _said(point, measure), point.address) for point in points]
    return Sketch(f"plot-{measure.column.replace('_', '-')}",
                  f"{measure.title} over the months after the cells", _told(measure, points),
                  WIDTH, HEIGHT, tuple(marks))


def _scale(measure: Drawn, points: Sequence[Point]) -> list[Decimal]:
    """Round numbers that hold every value; a scale with an end of its own does not pass it."""
    values = [point.value for point in points]
    low, high = min(values), max(values)
    room = max((high - low) / 4, Decimal("0.2"))
    low, high = low - room, high + room
    if measure.low is not None:
        low = Decimal(measure.low)
    if measure.high is not None:
        high = min(high, Decimal(measure.high))
    return steps(low, high)


def _windows(schedule: Sequence[Planned], infused_on: date, last: int, x: Any) -> Iterator[Mark]:
    for planned in schedule:
        window = planned.window
        if window.visit.month and window.opens < window.closes:
            begins = months_between(infused_on, window.opens)
            ends = min(months_between(infused_on, window.closes), Decimal(last))
            if begins < ends:
                yield Block(x(begins), TOP - 8, x(ends) - x(begins), HEIGHT - TOP - BOTTOM + 8,
                            Fill.BAND)


def _axes(heights: Sequence[Decimal], last: int, x: Any, y: Any) -> Iterator[Mark]:
    for height in heights:
        yield Rule(LEFT, y(height), WIDTH - RIGHT, y(height))
        yield Words(LEFT - 8, y(height) + 4, plain_decimal(height), anchor="end")
    for month in range(0, last + 1, QUARTER if last <= LONG else 2 * QUARTER):
        yield Words(x(Decimal(month)), HEIGHT - BOTTOM + 17, str(month), anchor="middle")
    yield Words(WIDTH - RIGHT, HEIGHT - 4, "months after the cells; windows of the visits shaded",
                anchor="end")


def _said(point: Point, measure: Drawn) -> str:
    outside = "" if point.within else ", outside its window"
    return (f"{point.visit}, {day_in_words(point.on)}: {plain_decimal(point.value)} "
            f"{measure.unit}{outside}")


def _told(measure: Drawn, points: Sequence[Point]) -> str:
    return (f"{measure.title} in {measure.unit} against months after the cells: " + "; ".join(
        f"{point.visit} {plain_decimal(point.value)}" for point in points) + ".")
