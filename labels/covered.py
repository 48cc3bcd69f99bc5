"""A QR symbol with a covered corner: the missing finder pattern is found from the other two.

A blot of a tenth of a symbol costs the code a tenth of its words, which level Q bears; on one of
the three finder patterns it costs the whole symbol, because a reader no longer sees that there is
one. Two finders that are left say where the third must be. It is drawn there, in memory, and the
picture is read again: nothing is made up, since the words must still pass their own correction and
whoever asked still checks them.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

MOST_FINDERS, MOST_TRIED = 5, 24  # a camera sends many pictures in which there is nothing
SMALLEST_MODULE, FEWEST_LINES = 2.0, 2
SMALLEST_SYMBOL, LARGEST_SYMBOL = 21, 177
FINDER, AROUND = 7, 9
RATIOS = np.array([1, 1, 3, 1, 1])
Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Finder:
    """A finder pattern: its middle and the side of a module, in pixels."""

    x: float
    y: float
    module: float


def completed(grey: Grey) -> Iterator[Grey]:
    """The picture with one finder drawn where two others say that it must be, for every such
    place; nothing where fewer than two are seen."""
    seen = finders(grey)
    places = ((x, y, one, other) for one, other in combinations(seen, 2)
              for x, y in _corners(one, other)
              if 0 <= x < grey.shape[1] and 0 <= y < grey.shape[0]
              and all(abs(each.x - x) + abs(each.y - y) > FINDER * each.module for each in seen))
    for place in islice(places, MOST_TRIED):
        yield _drawn(grey, *place)


def _corners(one: Finder, other: Finder) -> list[tuple[float, float]]:
    """Where the third may be: beside either, when they share a side; else across from the middle
    of their diagonal. None for two that belong to no symbol."""
    if not 0.75 < one.module / other.module < 1.33:
        return []
    module = (one.module + other.module) / 2
    dx, dy = other.x - one.x, other.y - one.y
    length = float(np.hypot(dx, dy)) / module + FINDER
    across = (length - FINDER) / 2 ** 0.5 + FINDER
    found = []
    if SMALLEST_SYMBOL - 1 < length < LARGEST_SYMBOL + 1:
        found += [(end.x + turn * dy, end.y - turn * dx)
                  for end in (one, other) for turn in (1, -1)]
    if SMALLEST_SYMBOL - 1 < across < LARGEST_SYMBOL + 1:
        middle_x, middle_y = (one.x + other.x) / 2, (one.y + other.y) / 2
        found += [(middle_x + turn * dy / 2, middle_y - turn * dx / 2) for turn in (1, -1)]
    return found


def _drawn(grey: Grey, x: float, y: float, one: Finder, other: Finder) -> Grey:
    """The picture with a finder around (x, y), turned as the symbol is."""
    module, turn = (one.module + other.module) / 2, np.arctan2(other.y - one.y, other.x - one.x)
    if not _shares_a_side(one, other, x, y):
        turn += np.pi / 4
    picture = Image.fromarray(grey)
    pen = ImageDraw.Draw(picture)
    dark, light = int(np.percentile(grey, 2)), int(np.percentile(grey, 98))
    for side, ink in ((AROUND, light), (FINDER, dark), (5, light), (3, dark)):
        reach = side * module / 2 * 2 ** 0.5
        pen.polygon([(x + reach * np.cos(turn + np.pi / 4 + quarter * np.pi / 2) - 0.5,
                      y + reach * np.sin(turn + np.pi / 4 + quarter * np.pi / 2) - 0.5)
                     for quarter in range(4)], fill=ink)
    return np.asarray(picture)


def _shares_a_side(one: Finder, other: Finder, x: float, y: float) -> bool:
    """Whether the line between the two is a side of the symbol, not its diagonal."""
    apart = np.hypot(other.x - one.x, other.y - one.y)
    nearest = min(np.hypot(x - one.x, y - one.y), np.hypot(x - other.x, y - other.y))
    return bool(abs(nearest - apart) < abs(nearest - apart / 2 ** 0.5))


def finders(grey: Grey) -> list[Finder]:
    """The finder patterns in a picture, those crossed by most lines first."""
    dark = grey < (int(np.percentile(grey, 2)) + int(np.percentile(grey, 98))) / 2
    columns = cache(lambda x: _crossed(dark[:, x]))
    groups: list[list[Finder]] = []
    for y in range(0, len(dark), 2):
        for x, module in _crossed(dark[y]):
            down = _at(columns(min(int(x), dark.shape[1] - 1)), y)
            if down is None or not 0.6 < down[1] / module < 1.67:
                continue
            found = Finder(x, down[0], (module + down[1]) / 2)
            for group in groups:
                if abs(group[0].x - found.x) + abs(group[0].y - found.y) < 3 * found.module:
                    group.append(found)
                    break
            else:
                groups.append([found])
    groups = sorted((group for group in groups if len(group) >= FEWEST_LINES), key=len)
    return [Finder(*np.median([(each.x, each.y, each.module) for each in group], axis=0))
            for group in groups[:-MOST_FINDERS - 1:-1]]


def _crossed(line: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Where a line of pixels crosses finders: middle and module of each 1:1:3:1:1."""
    edges = np.flatnonzero(np.diff(line.astype(np.int8))) + 1
    if len(edges) < 6:
        return []
    widths = np.lib.stride_tricks.sliding_window_view(np.diff(edges), 5)
    modules = widths.sum(axis=1) / FINDER
    fits = (np.abs(widths - modules[:, None] * RATIOS)
            <= modules[:, None] * (0.5, 0.5, 1, 0.5, 0.5)).all(axis=1)
    fits &= modules >= SMALLEST_MODULE
    begins = line[edges[:-5]]
    return [((edges[i] + edges[i + 5]) / 2, float(modules[i]))
            for i in np.flatnonzero(fits & begins)]


def _at(crossings: list[tuple[float, float]], at: int) -> tuple[float, float] | None:
    """The crossing whose middle part holds this pixel."""
    return next(((middle, module) for middle, module in crossings
                 if abs(middle - at) <= 1.5 * module + 1), None)
