"""A new shape from an example: the columns as they stand in the file, and what a person says of
each, written as a sheet. Pure; the sheet is checked as every sheet is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from mscbank.errors import Malformed
from mscbank.exchange.imports import rules
from mscbank.exchange.imports.shape import (
    LAST_HEADER_ROW,
    DecimalMark,
    Delimiter,
    Encoding,
    Shape,
    What,
)
from mscbank.exchange.imports.writing import sheet_text
from mscbank.rules import count_told

EXAMPLE_BYTES = 64 * 1024
ROWS_SHOWN = 12
CODE, TIME = "code", "time"
ROLES: tuple[tuple[str, str], ...] = (
    ("", "not read"), (CODE, "code of the sample or culture"), (TIME, "date or time"),
    (What.RESULT, "a result"), (What.TOTAL_CELLS, "total cells of a culture"),
    (What.VIABLE_CELLS, "viable cells of a culture"))


@dataclass(frozen=True)
class Layout:
    """How the example is written: what must be known before its columns can be seen."""

    encoding: Encoding
    delimiter: Delimiter
    decimal: DecimalMark
    header_row: int


@dataclass(frozen=True)
class Column:
    """A column of the example: how a sheet names it, its heading, its first value, and the words
    a person gave for it."""

    number: int
    reference: str
    heading: str
    example: str
    said: Mapping[str, str] = field(default_factory=dict)


def beginning(content: bytes) -> bytes:
    """So much of a file as is needed to map it, cut at the end of a line. UTF-16 keeps pairs."""
    if len(content) <= EXAMPLE_BYTES:
        return content
    cut = content[:EXAMPLE_BYTES]
    ends = b"\n\0" if content.startswith(b"\xff\xfe") else b"\n"
    found = cut.rfind(ends)
    return cut[:found + len(ends)] if found > 0 else cut


def guessed(content: bytes) -> Layout:
    """The likeliest layout, for a person to look at and correct."""
    encoding = Encoding.UTF_16 if content.startswith(rules.UTF_16_MARKS) else Encoding.UTF_8_SIG
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding, text = Encoding.CP1252, content.decode("cp1252", "replace")
    lines = text.splitlines()[:LAST_HEADER_ROW]
    counts = {each: [line.count(each.sign) for line in lines] for each in Delimiter}
    widest = {each: max(counts[each], default=0) for each in Delimiter}
    delimiter = max(Delimiter, key=lambda each: widest[each] * counts[each].count(widest[each]))
    header = counts[delimiter].index(widest[delimiter]) + 1 if lines else 1
    commas = delimiter is not Delimiter.COMMA and re.search(r"\d,\d", text)
    return Layout(encoding, delimiter, DecimalMark.COMMA if commas else DecimalMark.POINT, header)


def looking(layout: Layout) -> Shape:
    """A shape that only cuts a file into cells."""
    return Shape("example", 1, "Example", layout.encoding, layout.delimiter, layout.decimal,
                 layout.header_row, "#1", ())


def columns_of(rows: Sequence[Sequence[str]], layout: Layout, typed: Mapping[str, str],
               ) -> list[Column]:
    """The columns of the header, each with its first value and what was said of it.

    A column without a name, or with one that another has too, is named by its number.
    """
    if len(rows) < layout.header_row:
        raise Malformed(f"The example has {count_told(len(rows), 'row')}, so its header does not stand "
                        f"in row {layout.header_row}.", field="header_row")
    header = [cell.strip() for cell in rows[layout.header_row - 1]]
    below = rows[layout.header_row:]
    often = Counter(header)
    found = []
    for number, heading in enumerate(header, 1):
        alone = heading and often[heading] == 1 and heading.isprintable()
        example = next((row[number - 1].strip() for row in below
                        if len(row) >= number and row[number - 1].strip()), "")
        said = {name: typed.get(f"{name}-{number}", "").strip() for name in
                ("what", "test", "unit", "factor", "times", "places", "method", "stage", "words")}
        found.append(Column(number, heading if alone else f"#{number}", heading, example, said))
    return found


def written_sheet(name: str, version: int, title: str, layout: Layout, time_format: str, zone: str,
                  columns: Sequence[Column]) -> str:
    """The sheet of what a person said. Refuses what cannot stand on one, naming the column."""
    codes = [each.reference for each in columns if each.said["what"] == CODE]
    if len(codes) != 1:
        raise Malformed("Say of exactly one column that it holds the code of the sample or "
                        "culture.", field="what")
    heading: dict[str, object] = {
        "name": name, "version": version, "title": title, "encoding": layout.encoding.value,
        "delimiter": layout.delimiter.value, "decimal": layout.decimal.value,
        "header_row": layout.header_row, "code": codes[0],
        "time": tuple(each.reference for each in columns if each.said["what"] == TIME),
        "time_format": time_format, "zone": zone}
    measures = [_measure(each, columns) for each in columns
                if each.said["what"] in {what.value for what in What}]
    if not measures:
        raise Malformed("Say of at least one column that it holds a result, or cells.",
                        field="what")
    return sheet_text(heading, measures)


def _measure(column: Column, columns: Sequence[Column]) -> dict[str, object]:
    said = column.said
    beside = {str(each.number): each.reference for each in columns}
    common: dict[str, object] = {
        "name": column.reference, "what": said["what"], "factor": _factor(column),
        "times": beside.get(said["times"], "")}
    if said["what"] != What.RESULT:
        return common
    places = said["places"]
    if places and not re.fullmatch(r"[0-6]", places):
        raise Malformed(f"“{column.heading}”: figures kept after the point are 0 to 6, or empty.",
                        field=f"places-{column.number}")
    return common | {
        "test": said["test"], "unit": said["unit"], "method": said["method"],
        "stage": said["stage"], "places": int(places) if places else "",
        "words": tuple(_words(column))}


def _factor(column: Column) -> str:
    text = column.said["factor"]
    if not text:
        return ""
    try:
        factor = Decimal(text)
    except InvalidOperation:
        factor = Decimal("NaN")
    if not factor.is_finite() or abs(factor.adjusted()) > 12:
        raise Malformed(f"“{column.heading}”: the factor is a number such as 1000000 or 0.01.",
                        field=f"factor-{column.number}")
    return format(factor, "f")


def _words(column: Column) -> list[dict[str, str]]:
    """``neg = not detected; pos = detected`` as pairs."""
    pairs = []
    for part in filter(str.strip, column.said["words"].split(";")):
        read, sign, recorded = part.partition("=")
        if not (sign and read.strip() and recorded.strip()):
            raise Malformed(f"“{column.heading}”: write words as “neg = not detected; pos = "
                            "detected”.", field=f"words-{column.number}")
        pairs.append({"read": read.strip(), "recorded": recorded.strip()})
    return pairs
