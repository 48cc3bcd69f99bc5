"""From the bytes of a file to its rows: what each says, or why it cannot be read. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from mscbank.errors import Malformed
from mscbank.exchange.imports import rules
from mscbank.exchange.imports.shape import LAST_HEADER_ROW, Measure, Shape
from specs.judge import Qualifier


@dataclass(frozen=True)
class Reading:
    """What one cell says. ``value`` is as read; ``volume`` what it is multiplied with."""

    measure: Measure
    value: Decimal | None = None
    word: str | None = None
    qualifier: Qualifier = Qualifier.EXACT
    volume: Decimal | None = None

    @property
    def amount(self) -> Decimal | None:
        """The number in the measure's unit, exact but for the rounding the shape asks for."""
        if self.value is None:
            return None
        return rules.product(self.value, self.measure.factor, self.volume or Decimal(1),
                             places=self.measure.places)


@dataclass(frozen=True)
class Row:
    """One row of the file: the line it begins on, its cells, and what they say or why not.

    ``left_out``: a row that the shape skips, such as a mean below the table.
    """

    line: int
    cells: tuple[str, ...]
    code: str = ""
    performed_at: datetime | None = None
    readings: tuple[Reading, ...] = ()
    refused: str = ""
    left_out: bool = False


@dataclass(frozen=True)
class Sheet:
    """A whole file, read."""

    preamble: tuple[tuple[str, ...], ...]
    header: tuple[str, ...]
    rows: tuple[Row, ...] = field(default=())


def read_file(content: bytes, shape: Shape, clock: ZoneInfo) -> Sheet:
    """Every row of the file. ``clock`` is the site's. Raises Malformed when it cannot be read."""
    rules.file_can_be_read(content)
    lines = list(_lines(rules.decoded(content, shape.encoding), shape))
    if len(lines) < shape.header_row:
        raise Malformed(f"The header should stand in row {shape.header_row}, and the file has "
                        f"{len(lines)}: choose another shape.", field="file")
    header = [cell.strip() for cell in lines[shape.header_row - 1][1]]
    furthest = max((rules.column_number(name) or 0 for name in shape.columns), default=0)
    while len(header) > furthest and not header[-1]:
        header.pop()
    rules.header_fits(header, shape)
    place = {name: rules.column_number(name) or header.index(name) + 1 for name in shape.columns}
    below = [(line, cells) for line, cells in lines[shape.header_row:]
             if any(cell.strip() for cell in cells)]
    rules.some_rows(len(below))
    rules.not_too_many_rows(len(below))
    return Sheet(tuple(tuple(cells) for _, cells in lines[:shape.header_row - 1]), tuple(header),
                 tuple(_row(line, cells, header, place, shape, clock) for line, cells in below))


def first_rows(content: bytes, shape: Shape, most: int) -> list[list[str]]:
    """The first rows as cells, whatever they mean: to be looked at while mapping."""
    rules.file_can_be_read(content)
    found = []
    for _, cells in _lines(rules.decoded(content, shape.encoding), shape):
        found.append([cell[:rules.LONGEST_CELL] for cell in cells[:rules.MOST_COLUMNS]])
        if len(found) == most:
            break
    return found


def _lines(text: str, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """(line on which it begins, cells) of every row, the preamble's too."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=shape.delimiter.sign, strict=True)
    line, found = 1, 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # also a cell without end, which an unclosed mark mostly makes
            raise Malformed(f"From line {line} on, this file cannot be read: a quotation mark is "
                            "opened and never closed, or stands within a cell, or a cell has no "
                            "end. Export the file again.", field="file") from None
        found += 1
        rules.not_too_many_rows(found - LAST_HEADER_ROW)
        yield line, cells
        line = reader.line_num + 1


def _row(line: int, cells: list[str], header: list[str], place: dict[str, int], shape: Shape,
         clock: ZoneInfo) -> Row:
    """What the row says; what is wrong with it stays with the row, for the person to read."""
    cells = [cell.strip() for cell in cells]
    try:
        rules.row_fits(cells, header)
        said = {name: cells[number - 1] for name, number in place.items()}
        if said[shape.code] in shape.skip:
            return Row(line, tuple(cells), left_out=True)
        for name, text in said.items():
            rules.no_formula(text, name)
        return Row(line, tuple(cells), rules.house_code(said[shape.code]),
                   _moment(said, shape, clock), tuple(_readings(said, shape)))
    except Malformed as refusal:
        return Row(line, tuple(cells), refused=refusal.sentence)


def _moment(said: dict[str, str], shape: Shape, clock: ZoneInfo) -> datetime | None:
    if not shape.time:
        return None
    return rules.moment(" ".join(said[name] for name in shape.time), shape, clock)


def _readings(said: dict[str, str], shape: Shape) -> Iterator[Reading]:
    for measure in shape.measures:
        text = said[measure.column]
        if text and text not in shape.empty:
            yield _reading(text, measure, said, shape)


def _reading(text: str, measure: Measure, said: dict[str, str], shape: Shape) -> Reading:
    if measure.words:
        words = dict(measure.words)
        if text.casefold() not in words:
            known = ", ".join(f"“{read}”" for read in words)
            raise Malformed(f"“{measure.column}” says “{text[:40]}”; the shape knows {known}.")
        return Reading(measure, word=words[text.casefold()])
    qualifier, text = _bound(text, shape)
    if measure.unit == "%":
        text = text.removesuffix("%").rstrip()
    value = rules.number(text, measure.column, shape.decimal)
    return Reading(measure, value, qualifier=qualifier, volume=_volume(measure, said, shape))


def _volume(measure: Measure, said: dict[str, str], shape: Shape) -> Decimal | None:
    """The number beside, by which this one is multiplied; None where nothing is written."""
    text = said.get(measure.times, "")
    if not text or text in shape.empty:
        return None
    volume = rules.number(text, measure.times, shape.decimal)
    rules.some_volume(volume, measure.times)
    return volume


def _bound(text: str, shape: Shape) -> tuple[Qualifier, str]:
    """``<0.05`` is a number below which the method cannot see."""
    for signs, qualifier in ((shape.below, Qualifier.BELOW), (shape.above, Qualifier.ABOVE)):
        for sign in sorted(signs, key=len, reverse=True):
            if text.startswith(sign):
                return qualifier, text.removeprefix(sign).strip()
    return Qualifier.EXACT, text
