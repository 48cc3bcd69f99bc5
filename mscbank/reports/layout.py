"""A family tree on paper: which box stands where, and the lines between. No drawing, whole pixels.

The template ``reports/picture.html`` draws what stands here, on the page and on paper alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mscbank.rules import RAISED, day_told
from mscbank.settings import local

MARGIN = 8


class Shape(StrEnum):
    """How something is drawn: a word of style sheets and papers, never said to a reader."""


class Tone(Shape):
    """How a state is drawn: a shape each, so that colour is never alone."""

    GOOD = "good"
    STOP = "stop"
    WAIT = "wait"
    DONE = "done"
    OPEN = "open"


@dataclass(frozen=True)
class Grid:
    """The size of a box and how far apart columns and rows are."""

    width: int
    height: int
    column: int
    row: int


@dataclass(frozen=True)
class Stop:
    """One box: what it is, its name, lines of facts, its state, where to open it, its column.
    ``here`` marks the one whose page this is."""

    code: str
    kind: str
    title: str
    lines: tuple[str, ...]
    state: str
    tone: Tone
    address: str
    column: int
    here: bool = False


@dataclass(frozen=True)
class Edge:
    """``child`` came from ``parent`` (house codes), with so many cells where they were counted."""

    parent: str
    child: str
    cells: int | None = None


@dataclass(frozen=True)
class Drawn:
    """A box in its spot: the upper left corner."""

    stop: Stop
    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """A line between two boxes, and the word on it."""

    path: str
    x: int
    y: int
    label: str


@dataclass(frozen=True)
class Picture:
    """Everything the template needs. ``told`` is the picture in a sentence."""

    grid: Grid
    width: int
    height: int
    boxes: tuple[Drawn, ...]
    lines: tuple[Line, ...]
    told: str


def draw(stops: Sequence[Stop], edges: Iterable[Edge], grid: Grid, told: str) -> Picture:
    """Every box in its column, its row following from what was made of it.

    What nothing was made of takes a row of its own; a parent stands in the middle of its
    children. A pooled child hangs on the parent named first. Edges to boxes that are not in the
    picture are left out.
    """
    known = {stop.code for stop in stops}
    inside = [edge for edge in edges if edge.parent in known and edge.child in known]
    tops = _tops([stop.code for stop in stops], inside, grid)
    for stop in stops:
        parents = [tops[edge.parent] for edge in inside if edge.child == stop.code]
        if parents and [each.column for each in stops].count(stop.column) == 1:
            tops[stop.code] = (min(parents) + max(parents)) // 2  # alone: amid what it came from
    boxes = {stop.code: Drawn(stop, MARGIN + stop.column * grid.column, tops[stop.code])
             for stop in stops}
    return Picture(
        grid, max((box.x for box in boxes.values()), default=0) + grid.width + MARGIN,
        max((box.y for box in boxes.values()), default=0) + grid.height + MARGIN,
        tuple(boxes.values()),
        tuple(_line(boxes[edge.parent], boxes[edge.child], edge, grid) for edge in inside), told)


def _tops(codes: Sequence[str], edges: Sequence[Edge], grid: Grid) -> dict[str, int]:
    first_parent: dict[str, str] = {}
    for edge in edges:
        first_parent.setdefault(edge.child, edge.parent)
    children: dict[str, list[str]] = {code: [] for code in codes}
    for child in codes:
        if child in first_parent:
            children[first_parent[child]].append(child)
    tops: dict[str, int] = {}
    bottom = MARGIN
    for root in (code for code in codes if code not in first_parent):
        for code in _leaves_first(root, children):
            if below := children[code]:
                tops[code] = (tops[below[0]] + tops[below[-1]]) // 2
            else:
                tops[code] = bottom
                bottom += grid.row
    return tops


def _leaves_first(root: str, children: Mapping[str, Sequence[str]]) -> Iterable[str]:
    for child in children[root]:
        yield from _leaves_first(child, children)
    yield root


def _line(start: Drawn, end: Drawn, edge: Edge, grid: Grid) -> Line:
    left, right = start.x + grid.width, end.x
    above, below = start.y + grid.height // 2, end.y + grid.height // 2
    half = right - (grid.column - grid.width) // 2
    path = f"M{left} {above} C{half} {above} {half} {below} {right} {below}"
    words_at = below + 15 if below > above else below - 6  # on the side the curve leaves free
    return Line(path, right - 6, words_at, cells_in_words(edge.cells) if edge.cells else "")


def cells_in_words(cells: int) -> str:
    """``84×10⁶``: cells as people write them, to three figures, in signs a picture can hold."""
    if cells < 10_000:
        return str(cells)
    power = 6 if cells >= 1_000_000 else 3
    whole, rest = divmod(cells, 10 ** power)
    tenths = "" if whole >= 100 or not (tenth := rest * 10 // 10 ** power) else f".{tenth}"
    return f"{whole}{tenths}×10{str(power).translate(RAISED)}"


def quoted(typed: str | None) -> str:
    """Somebody's own words, marked as such: they are shown as they were typed in every language."""
    return f"“{typed}”" if typed else ""


def day_in_words(when: datetime | date) -> str:
    """``22 NOV 2026``, on the site's calendar."""
    on = local(when).date() if isinstance(when, datetime) else when
    return day_told(on)
