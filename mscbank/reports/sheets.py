"""Tables as CSV (RFC 4180) for whoever counts on with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# A spreadsheet takes a cell that begins so for a formula and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as text, lines ended by CRLF. Nothing is left empty by None. What a spreadsheet
    would run as a formula gets an apostrophe before it."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([safe("" if cell is None else str(cell)) for cell in row] for row in rows)
    return written.getvalue()


def safe(cell: str) -> str:
    """The cell as words, never as a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
