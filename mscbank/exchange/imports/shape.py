"""A shape: how one instrument writes its file, as a sheet of TOML that is checked when read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from specs.criterion import Stage
from specs.sheet import REQUIRED, ShelfError, Table, open_sheet

from mscbank.rules import count_told

LAST_HEADER_ROW = 60
LONGEST_SHEET = 40_000
LONGEST_WORD = 80
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
NUMBERED = re.compile(r"#([1-9]\d{0,2})")
PROBE = datetime(2026, 11, 22, 16, 5, tzinfo=UTC)
Word = TypeVar("Word", bound=StrEnum)


class Encoding(StrEnum):
    """How letters are written as bytes. ``utf-8-sig`` reads UTF-8 with or without its mark."""

    UTF_8_SIG = "utf-8-sig"
    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    CP1252 = "cp1252"


class Delimiter(StrEnum):
    """What parts the columns."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"

    @property
    def sign(self) -> str:
        return {"comma": ",", "semicolon": ";", "tab": "\t"}[self.value]


class DecimalMark(StrEnum):
    POINT = "point"
    COMMA = "comma"


class What(StrEnum):
    """What a column holds."""

    RESULT = "result"
    TOTAL_CELLS = "total cells"
    VIABLE_CELLS = "viable cells"


@dataclass(frozen=True)
class Measure:
    """One column and what becomes of it.

    ``test`` and ``unit`` are the specification's; ``stage`` None: whatever the sample's stage is.
    The number recorded is the number read x ``factor`` (x the number in the column ``times``, a
    volume for instance), rounded half to even to ``places`` where given. ``words`` translate the
    file's words into the specification's.
    """

    column: str
    what: What = What.RESULT
    test: str = ""
    stage: Stage | None = None
    unit: str = ""
    method: str = ""
    factor: Decimal = Decimal(1)
    times: str = ""
    places: int | None = None
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Shape:
    """A checked shape. Columns are named as in the header, or by number as ``#1``.

    ``time`` names the columns that together, joined by a blank, hold date and time; empty where
    the file has none. ``zone`` empty: the site's clock.
    """

    name: str
    version: int
    title: str
    encoding: Encoding
    delimiter: Delimiter
    decimal: DecimalMark
    header_row: int
    code: str
    measures: tuple[Measure, ...]
    time: tuple[str, ...] = ()
    time_format: str = ""
    zone: str = ""
    below: tuple[str, ...] = ("<",)
    above: tuple[str, ...] = (">",)
    empty: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    digest: str = field(default="", compare=False)

    @property
    def reference(self) -> str:
        """``vi-cell-blu-1``: what an import keeps."""
        return f"{self.name}-{self.version}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that must be in the file, once each."""
        named = [self.code, *self.time, *(each.column for each in self.measures),
                 *(each.times for each in self.measures if each.times)]
        return tuple(dict.fromkeys(named))


def read_shape(file: str, content: bytes) -> Shape:
    """The shape on a sheet. Raises ShelfError with file, line and reason."""
    if len(content) > LONGEST_SHEET:
        raise ShelfError(file, 0, f"a shape has at most {LONGEST_SHEET} bytes")
    sheet = open_sheet(file, content)
    shape = Shape(
        name=_name(sheet), version=_within(sheet, "version", 1, 9999),
        title=_short(sheet, "title", 120),
        encoding=_one_of(sheet, "encoding", Encoding),
        delimiter=_one_of(sheet, "delimiter", Delimiter),
        decimal=_one_of(sheet, "decimal", DecimalMark),
        header_row=_within(sheet, "header_row", 1, LAST_HEADER_ROW), code=_short(sheet, "code"),
        time=sheet.texts("time", ()), time_format=sheet.text("time_format", ""),
        zone=sheet.text("zone", ""), below=sheet.texts("below", ("<",)),
        above=sheet.texts("above", (">",)), empty=sheet.texts("empty", ()),
        skip=sheet.texts("skip", ()),
        measures=tuple(_measure(table) for table in sheet.tables("column")),
        digest=hashlib.sha256(content).hexdigest())
    sheet.close()
    _sound(sheet, shape)
    return shape


def _name(sheet: Table) -> str:
    name = _short(sheet, "name", 40)
    if not NAME.fullmatch(name):
        raise sheet.error("name is of small letters, figures and hyphens, such as vi-cell-blu",
                          "name")
    return name


def _short(sheet: Table, key: str, longest: int = LONGEST_WORD, default: Any = REQUIRED) -> str:
    text = sheet.text(key, default)
    if len(text) > longest or not text.isprintable():
        raise sheet.error(f"{key} has more than {count_told(longest, 'sign')}, or signs that "
                          "cannot be printed", key)
    return text


def _within(sheet: Table, key: str, low: int, high: int) -> int:
    number = sheet.whole(key)
    if not low <= number <= high:
        raise sheet.error(f"{key} lies from {low} to {high}", key)
    return number


def _one_of(sheet: Table, key: str, kind: type[Word], default: Any = REQUIRED) -> Any:
    """One of a closed list, or the default where the key is left out."""
    text = sheet.text(key, default)
    if text is default:
        return default
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(f"“{each.value}”" for each in kind)
        raise sheet.error(f"{key} is one of {known}", key) from None


def _measure(table: Table) -> Measure:
    measure = Measure(
        column=_short(table, "name"), what=_one_of(table, "what", What, What.RESULT),
        test=_short(table, "test", 40, ""), stage=_one_of(table, "stage", Stage, None),
        unit=_short(table, "unit", 20, ""), method=_short(table, "method", LONGEST_WORD, ""),
        factor=table.quantity("factor", Decimal(1)),
        times=_short(table, "times", LONGEST_WORD, ""), places=table.whole("places", None),
        words=_words(table))
    table.close()
    _measure_sound(table, measure)
    return measure


def _words(table: Table) -> tuple[tuple[str, str], ...]:
    pairs = []
    for each in table.tables("words", []):
        pairs.append((_short(each, "read").casefold(), _short(each, "recorded")))
        each.close()
    if len({read for read, _ in pairs}) < len(pairs):
        raise table.error("one of the words to read stands there twice", "words")
    return tuple(pairs)


def _measure_sound(table: Table, measure: Measure) -> None:
    if measure.what is What.RESULT:
        if not measure.test or not measure.method:
            raise table.error("a result needs its test and its method")
    elif measure.test or measure.unit or measure.words or measure.stage:
        raise table.error(f"{measure.what} are a count: they have no test, stage, unit or words")
    if not Decimal("1e-12") <= measure.factor <= Decimal("1e12"):
        raise table.error("factor lies from 10^-12 to 10^12", "factor")
    if measure.places is not None and not 0 <= measure.places <= 6:
        raise table.error("places lie from 0 to 6", "places")


def _sound(sheet: Table, shape: Shape) -> None:
    """What no key can say alone."""
    said = [(each.what, each.test, each.stage) for each in shape.measures]
    for number, key in enumerate(said):
        if key in said[:number]:
            raise sheet.error(f"two columns give the same ({key[1] or key[0]})", "column", number)
    whats = {each.what for each in shape.measures}
    if (What.TOTAL_CELLS in whats) != (What.VIABLE_CELLS in whats):
        raise sheet.error("a count needs both: total cells and viable cells", "column")
    if bool(shape.time) != bool(shape.time_format):
        raise sheet.error("time and time_format stand together, or neither does", "time")
    if shape.time:
        _time_format_sound(sheet, shape.time_format)
    if shape.decimal == DecimalMark.COMMA and shape.delimiter == Delimiter.COMMA:
        raise sheet.error("a comma cannot part the columns and mark the decimals", "decimal")
    for key, signs, others in (("below", shape.below, ()), ("above", shape.above, shape.below)):
        if len({*signs, *others}) < len(signs) + len(others) or not all(map(str.strip, signs)):
            raise sheet.error("each sign stands once, and says below or above", key)
    try:
        ZoneInfo(shape.zone or "UTC")
    except (KeyError, ValueError, OSError):
        raise sheet.error(f"{shape.zone!r} is no zone such as Europe/Paris", "zone") from None


def _time_format_sound(sheet: Table, time_format: str) -> None:
    """A format that can be written and read back to the minute, and nothing less."""
    try:
        back = datetime.strptime(PROBE.strftime(time_format), time_format)
    except (ValueError, re.error, OverflowError, IndexError, KeyError):
        back = None
    if back is None or back.replace(tzinfo=UTC) != PROBE:
        raise sheet.error("time_format must hold year, month, day, hour and minute, such as "
                          "%d.%m.%Y %H:%M", "time_format")
