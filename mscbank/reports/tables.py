"""How a table stands on paper: no word of its head is cut, no row of it alone on a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BEGINS = 3  # rows that stand together where a table begins: its head and two that follow
LONG = 1200  # letters of the rows that are kept together at the most: they could fill a page


def roomy(least: Sequence[float], widths: Sequence[float]) -> list[float]:
    """The widths of columns, each at least as wide as it needs: the others give the room. As they
    are where there is not enough of it."""
    pairs = list(zip(least, widths, strict=True))
    wanting = sum(max(0, need - width) for need, width in pairs)
    spare = sum(max(0, width - need) for need, width in pairs)
    if wanting > spare:
        return list(widths)
    given = wanting / spare if spare else 0
    return [max(need, width - max(0, width - need) * given) for need, width in pairs]


def beginning(rows: int) -> int:
    """With how many of its rows a table begins on a page; one row more is not left to the next."""
    return rows if rows <= BEGINS + 1 else BEGINS


def together(rows: Sequence[Sequence[object]]) -> list[tuple[Any, ...]]:
    """The style by which the first three rows (the head and two that follow) and the last two stand
    on one page; long ones are left to be parted."""
    ends = ((0, BEGINS - 1), (len(rows) - 2, len(rows) - 1)) if len(rows) > 2 else ()
    return [("NOSPLIT", (0, first), (-1, last)) for first, last in ends
            if sum(len(str(cell)) for row in rows[first:last + 1] for cell in row) < LONG]
