"""What goes back out: the refused rows with their reasons, and a shape as a sheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from mscbank.exchange.imports import rules
from mscbank.exchange.imports.reading import Sheet
from mscbank.exchange.imports.recording import Line


def refused_rows(sheet: Sheet, lines: Sequence[Line]) -> str:
    """The refused rows as CSV (RFC 4180): their line, their cells, and why. No cell is taken for
    a formula by a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([rules.guarded(cell) for cell in ("Line", *sheet.header, "Reason")])
    for line in lines:
        cells = [*line.row.cells[:len(sheet.header)]]
        cells += [""] * (len(sheet.header) - len(cells))
        writer.writerow([line.row.line, *map(rules.guarded, cells), rules.guarded(line.refused)])
    return text.getvalue()


def sheet_text(heading: Mapping[str, object], columns: Sequence[Mapping[str, object]]) -> str:
    """A shape's sheet as TOML. What is empty is left out."""
    lines = [f"{key} = {_toml(value)}" for key, value in heading.items() if value not in ("", ())]
    for column in columns:
        lines += ["", "[[column]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in column.items()
                  if value not in ("", ())]
    return "\n".join(lines) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + "}"
    return '"' + "".join(_escaped(sign) for sign in str(value)) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    return sign if sign.isprintable() else f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else (
        f"\\U{ord(sign):08x}")
