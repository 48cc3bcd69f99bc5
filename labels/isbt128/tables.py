"""The tables of the standard, from the operator's own file: what a product code means.

The standard's tables are licensed and not part of this software. A facility exports what it is
licensed for as CSV with the columns `table,code,text`; tables are `product` (five characters),
`collection` (one) and `facility` (five). Without a file nothing is described and nothing fails.
"""
from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from . import din, product
from .errors import FormatError

COLUMNS = ["table", "code", "text"]
# How a code of each table is proven to have the form: put where it stands in a whole code.
_WHOLE = {"product": lambda code: product.validate(code + "X00"),
          "collection": lambda code: product.validate("D0000" + code + "00"),
          "facility": lambda code: din.validate(code + "00000000")}
_LENGTHS = {"product": 5, "collection": 1, "facility": 5}


class TableError(ValueError):
    """The operator's file cannot be used. `line` counts from 1."""

    def __init__(self, line: int, sentence: str):
        super().__init__(f"line {line}: {sentence}")
        self.line = line


@dataclass(frozen=True)
class Tables:
    """What codes mean, as the operator's file says."""

    texts: dict[tuple[str, str], str] = field(default_factory=dict)

    def text(self, table: str, code: str) -> str | None:
        """What a code of a table means; None where the file does not say."""
        return self.texts.get((table, code))

    def describe(self, code: str) -> str:
        """A product code in words, as far as the file goes. Raises FormatError."""
        parts = product.parse(code)
        said = [self.text("product", parts.description), self.text("collection", parts.collection)]
        if parts.is_divided:
            said.append(f"division {parts.division}")
        return ", ".join(part for part in said if part)


def read(path: Path) -> Tables:
    """The operator's file. Raises TableError at the first line that is not in order."""
    texts: dict[tuple[str, str], str] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, strict=True)
        try:
            if next(rows, []) != COLUMNS:
                raise TableError(1, f"the columns are {','.join(COLUMNS)}")
            for row in rows:
                _add(texts, row, rows.line_num)
        except (csv.Error, UnicodeDecodeError) as error:
            raise TableError(rows.line_num + 1, f"is no CSV in UTF-8: {error}") from error
    return Tables(texts)


def _add(texts: dict[tuple[str, str], str], row: list[str], line: int) -> None:
    if len(row) != 3:
        raise TableError(line, f"has {len(row)} columns, not 3")
    table, code, text = row
    if table not in _WHOLE:
        raise TableError(line, f"{table!r} is no table: {', '.join(_WHOLE)} are")
    try:
        if len(code) != _LENGTHS[table]:
            raise FormatError(f"a code of {table} has {_LENGTHS[table]} characters")
        _WHOLE[table](code)
    except FormatError as error:
        raise TableError(line, f"{code!r}: {error}") from error
    if not text.strip() or not text.isprintable():
        raise TableError(line, f"the text of {code!r} is blank or cannot be printed")
    if (table, code) in texts:
        raise TableError(line, f"{code!r} comes twice in the table {table}")
    texts[table, code] = text.strip()
