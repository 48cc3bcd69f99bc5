"""The wall charts as Markdown tables: the README carries them, and a test keeps it true.

Run ``python -m mscbank.reports.charts`` to write them into README.md between their marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mscbank.bags.lifecycle import BAG_PLACE, LOT_STANDING, UNIT_PLACE, Row
from mscbank.permissions import CHART, Role


def places() -> str:
    """Where a bag may go."""
    return _chart(BAG_PLACE)


def units() -> str:
    """Where a cryo unit may go."""
    return _chart(UNIT_PLACE)


def standings() -> str:
    """What a lot may become."""
    return _chart(LOT_STANDING)


def permissions() -> str:
    """Who may do what."""
    return _table(("may", *Role), ((permission, *("yes" if role in roles else "" for role in Role))
                                   for permission, roles in CHART.items()))


def _chart(rows: tuple[Row, ...]) -> str:
    """A column that says nothing of any row is left out."""
    columns = (
        ("act", [row.act for row in rows]),
        ("leaves", [", ".join(sorted(row.leaves)) for row in rows]),
        ("enters", [row.enters for row in rows]),
        ("who may", [", ".join(CHART[row.who]) if row.who else "the bank itself" for row in rows]),
        ("signed as", [row.signed or "" for row in rows]),
        ("only while the lot is", [", ".join(sorted(row.while_lot or ())) for row in rows]),
        ("only once its label was scanned back", ["yes" if row.labelled else "" for row in rows]),
        ("only before it expires", ["yes" if row.unexpired else "" for row in rows]))
    told = [column for column in columns if any(column[1])]
    return _table((head for head, _ in told), zip(*(lines for _, lines in told), strict=True))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head)]
    lines += [["---"] * len(lines[0]), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written_into(text: str) -> str:
    """The text with each chart between ``<!-- chart NAME -->`` and ``<!-- end -->`` as it is."""
    for name, draw in (("places", places), ("units", units), ("standings", standings),
                       ("permissions", permissions)):
        text = re.sub(f"(<!-- chart {name} -->\n).*?(<!-- end -->)",
                      lambda found, draw=draw: f"{found[1]}{draw()}\n{found[2]}", text, flags=re.S)
    return text


if __name__ == "__main__":
    readme = Path("README.md")
    readme.write_text(written_into(readme.read_text()))
