"""A sheet of the shelf as TOML text: every value with the line it stands on, every mistake named.

Numbers that are not whole are written as quoted text (`"0.5"`): TOML's own fractions are binary,
and 0.1 is not one of them. Whole numbers may stand bare.
"""
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from specs.criterion import Basis, BasisKind

Path = tuple[str | int, ...]
HEADER = re.compile(r"\s*\[")
BLANK = re.compile(r"\s*(#.*)?")
REPORTED_LINE = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)")
WRITTEN_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate inline")
DECIMAL_FORM = re.compile(r"-?\d+(\.\d+)?")
REQUIRED: Any = object()


class ShelfError(Exception):
    """A sheet that cannot be used: in which file, on which line, and why."""

    def __init__(self, file: str, line: int, reason: str):
        super().__init__(f"{file}, line {line}: {reason}" if line else f"{file}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


def open_sheet(file: str, content: bytes) -> "Table":
    """The whole sheet as its outermost table. Raises ShelfError where the text is not TOML."""
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        line = content[:fault.start].count(b"\n") + 1
        raise ShelfError(file, line, "the text is not UTF-8") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ShelfError(file, _line_of(fault, text), _reason_of(fault)) from None
    return Table(file, values, _line_numbers(text))


def _reason_of(fault: tomllib.TOMLDecodeError) -> str:
    words = REPORTED_LINE.sub("", str(fault))
    if words.startswith(WRITTEN_TWICE):
        return f"a key or table is written twice ({words})"
    return f"this is not TOML ({words})"


def _line_of(fault: tomllib.TOMLDecodeError, text: str) -> int:
    """The first line of the statement at fault; the parser names the last one it has read."""
    found = REPORTED_LINE.search(str(fault))
    last = int(found[1]) if found and found[1] else len(text.splitlines())
    return max((line for line, _ in _statements(text) if line <= last), default=1)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """(first line, text) of every header and every `key = value`, however many lines it takes.

    A statement is complete as soon as it is TOML by itself; one that never is runs to the end.
    """
    lines = text.split("\n")
    start = 0
    while start < len(lines):
        if BLANK.fullmatch(lines[start]):
            start += 1
            continue
        end = start + 1
        while end < len(lines) and not _is_toml("\n".join(lines[start:end])):
            end += 1
        yield start + 1, "\n".join(lines[start:end])
        start = end


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _line_numbers(text: str) -> dict[Path, int]:
    """The line of every table and key: `("criterion", 2, "low")` -> 31."""
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    for line, statement in _statements(text):
        values = tomllib.loads(statement)
        if not HEADER.match(statement):
            _note(values, here, line, lines)
            continue
        here = ()
        while values:
            name, inner = next(iter(values.items()))
            here += (name,)
            if isinstance(inner, list):  # the last part of a [[header]]: one more of them
                counts[here] = counts.get(here, -1) + 1
                inner = inner[0]
            if here in counts:
                lines.setdefault(here, line)
                here += (counts[here],)
            values = inner
        lines.setdefault(here, line)
    return lines


def _note(values: Mapping[str, Any], here: Path, line: int, lines: dict[Path, int]) -> None:
    for name, value in values.items():
        lines.setdefault((*here, name), line)
        if isinstance(value, dict):
            _note(value, (*here, name), line, lines)


class Table:
    """One table of a sheet, read key by key; `close` refuses what nobody read."""

    def __init__(self, file: str, values: dict[str, Any], lines: Mapping[Path, int],
                 path: Path = ()):
        self.file = file
        self.path = path
        self._values = values
        self._lines = lines
        self._read: set[str] = set()

    def error(self, reason: str, *inner: str | int) -> ShelfError:
        """The error at this table, or at a key inside it; the nearest line that is known."""
        path = self.path + inner
        while path and path not in self._lines:
            path = path[:-1]
        return ShelfError(self.file, self._lines.get(path, 1), reason)

    def close(self) -> None:
        for key in self._values:
            if key not in self._read:
                raise self.error(f"unknown key {key!r}", key)

    def keys(self) -> list[str]:
        """The keys as they stand, for a table whose keys are its own."""
        return list(self._values)

    def text(self, key: str, default: Any = REQUIRED) -> str:
        return self._typed(key, str, "a quoted text", default)

    def whole(self, key: str, default: Any = REQUIRED) -> int:
        return self._typed(key, int, "a whole number", default)

    def yes_no(self, key: str, default: Any = REQUIRED) -> bool:
        return self._typed(key, bool, "true or false", default)

    def day(self, key: str) -> date:
        return self._typed(key, date, "a day such as 2026-11-22", REQUIRED)

    def quantity(self, key: str, default: Any = REQUIRED) -> Decimal:
        value = self._take(key, default)
        if value is default:
            return value
        if type(value) is int:
            return Decimal(value)
        if isinstance(value, str) and DECIMAL_FORM.fullmatch(value):
            return Decimal(value)
        if isinstance(value, float):
            raise self.error(f'{key} is a bare fraction; write it quoted: "{value}"', key)
        raise self.error(f'{key} must be a whole number or a quoted decimal such as "0.5"', key)

    def texts(self, key: str, default: Any = REQUIRED) -> tuple[str, ...]:
        return self._many(key, str, "quoted texts", default)

    def wholes(self, key: str, default: Any = REQUIRED) -> tuple[int, ...]:
        return self._many(key, int, "whole numbers", default)

    def table(self, key: str) -> "Table":
        return self._inside(self._typed(key, dict, "a table", REQUIRED), key)

    def tables(self, key: str, default: Any = REQUIRED) -> list["Table"]:
        return [self._inside(values, key, number)
                for number, values in enumerate(self._many(key, dict, "tables", default))]

    def basis(self) -> Basis:
        """Where the number comes from: `published` or `own_choice`, one of the two."""
        published, own_choice = self.text("published", ""), self.text("own_choice", "")
        if bool(published) == bool(own_choice):
            raise self.error("say where this comes from: published = \"the source\" or"
                             " own_choice = \"why the bank chose it\", one of the two")
        if published:
            return Basis(BasisKind.PUBLISHED, published)
        return Basis(BasisKind.OWN_CHOICE, own_choice)

    def _inside(self, values: dict[str, Any], *inner: str | int) -> "Table":
        return Table(self.file, values, self._lines, self.path + inner)

    def _take(self, key: str, default: Any) -> Any:
        if key not in self._values:
            if default is REQUIRED:
                raise self.error(f"{key} is missing")
            return default
        self._read.add(key)
        return self._values[key]

    def _typed(self, key: str, kind: type, words: str, default: Any) -> Any:
        value = self._take(key, default)
        if value is default:
            return value
        # bool is an int, and a moment a day, to Python; not to a reader of the sheet
        wrong = (isinstance(value, bool) and kind is not bool) or isinstance(value, datetime)
        if wrong or not isinstance(value, kind):
            raise self.error(f"{key} must be {words}", key)
        if isinstance(value, str) and not value.strip():
            raise self.error(f"{key} is empty", key)
        return value

    def _many(self, key: str, kind: type, words: str, default: Any) -> tuple[Any, ...]:
        value = self._take(key, default)
        if value is default:
            return value
        if not isinstance(value, list) or not value or any(type(each) is not kind
                                                           for each in value):
            raise self.error(f"{key} must be a list of {words}", key)
        return tuple(value)
