"""What an instrument's file may be, and what its cells can mean. Pure: bytes and texts in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from math import prod
from zoneinfo import ZoneInfo

from labels import housecode
from mscbank.errors import AlreadyDone, Malformed
from mscbank.exchange.imports.shape import DecimalMark, Encoding, Shape
from mscbank.rules import count_told, not_in_the_future, parted

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5_000
MOST_COLUMNS = 200
LONGEST_CELL = 500
MOST_READINGS = 600  # some seconds of work, during which the trail is held and others wait
FIGURES = 400  # enough for any product of what NUMBER lets in
NUMBER = {DecimalMark.POINT: re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,2})?"),
          DecimalMark.COMMA: re.compile(r"[+-]?\d{1,15}(,\d{1,15})?([eE][+-]?\d{1,2})?")}
MARKS = {DecimalMark.POINT: "a decimal point", DecimalMark.COMMA: "a decimal comma"}
LETTERS = re.compile(r"[A-Za-z]+")
UTF_8_MARK, UTF_16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


def file_can_be_read(content: bytes) -> None:
    """Not empty, not too large, and text."""
    if not content.strip():
        raise Malformed("This file is empty: export it again at the instrument.", field="file")
    if len(content) > MOST_BYTES:
        raise Malformed(f"This file has more than {MOST_BYTES // 1024 // 1024} MB: export fewer "
                        "samples at a time.", field="file")


def decoded(content: bytes, encoding: Encoding) -> str:
    """The file's text. Refuses another encoding than the shape's, and signs no text has."""
    other = _written_in(content)
    if encoding is Encoding.UTF_16 and other is not Encoding.UTF_16:
        raise _other_encoding(encoding, "has no mark of UTF-16 at its beginning")
    if other is not None and other is not encoding and not (
            other is Encoding.UTF_8_SIG and encoding is Encoding.UTF_8_SIG):
        raise _other_encoding(encoding, f"begins with the mark of {other}")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        line = content[:fault.start].count(b"\n") + 1
        raise _other_encoding(encoding, f"has bytes on line {line} that are none of it") from None
    if "\0" in text:
        raise Malformed("This file holds zero bytes, so it is not a text file: export it again as "
                        "CSV.", field="file")
    return text


def _written_in(content: bytes) -> Encoding | None:
    if content.startswith(UTF_8_MARK):
        return Encoding.UTF_8_SIG
    return Encoding.UTF_16 if content.startswith(UTF_16_MARKS) else None


def _other_encoding(encoding: Encoding, why: str) -> Malformed:
    return Malformed(f"This file is not written in {encoding}: it {why}. Choose the shape of "
                     "this instrument, or export the file again.", field="file")


def not_too_many_rows(rows: int) -> None:
    if rows > MOST_ROWS:
        raise Malformed(f"This file has more than {parted(MOST_ROWS)} rows: export fewer samples at a "
                        "time.", field="file")


def not_too_many_readings(readings: int) -> None:
    """All of a file is one transaction, and a start at a bedside waits for its end."""
    if readings > MOST_READINGS:
        raise Malformed(f"Too many readings in this file: {parted(readings)}, and at most "
                        f"{MOST_READINGS} are recorded at once, so that nobody at a bedside waits "
                        "for it: export fewer samples at a time.", field="file")


def some_rows(rows: int) -> None:
    if rows == 0:
        raise Malformed("There is a header and nothing below it: export the file again.",
                        field="file")


def header_fits(header: list[str], shape: Shape) -> None:
    """Every column the shape reads is there, once."""
    if len(header) > MOST_COLUMNS:
        raise Malformed(f"The header has more than {MOST_COLUMNS} columns: this is not the file "
                        "of one instrument.", field="file")
    for name in shape.columns:
        if (number := column_number(name)) is not None:
            if number > len(header):
                raise Malformed(f"The shape reads column {number}, and the file has "
                                f"{len(header)}: choose another shape.", field="file")
            continue
        found = header.count(name)
        if found > 1:
            raise Malformed(f"The column “{name}” is there {count_told(found, 'time')}, so nobody can tell "
                            "which one is meant: export the file without the second.",
                            field="file")
        if found == 0:
            raise Malformed(f"The column “{name}” is missing in line {shape.header_row}. There "
                            f"stand: {_listed(header)}. Choose another shape, or export the file "
                            "with this column.", field="file")


def column_number(name: str) -> int | None:
    """3 for ``#3``; None for a column that has a name."""
    return int(name[1:]) if re.fullmatch(r"#[1-9]\d{0,2}", name) else None


def _listed(header: list[str]) -> str:
    return ", ".join(f"“{name[:60]}”" for name in header[:12] if name) or "no names at all"


def row_fits(cells: list[str], header: list[str]) -> None:
    """As many cells as the header has columns; blank ones at the end are no harm."""
    while len(cells) > len(header) and not cells[-1].strip():
        cells.pop()
    if len(cells) != len(header):
        raise Malformed(f"This row has {len(cells)} cells and the header {len(header)}: a comma "
                        "too many, or the row was cut off. Export the file again.")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise Malformed(f"A cell of this row has more than {LONGEST_CELL} signs: this is not an "
                        "instrument's reading.")


def no_formula(text: str, column: str) -> None:
    """A spreadsheet's formula is not a reading."""
    if text[:1] in ("=", "@"):
        raise Malformed(f"“{column}” holds a formula ({text[:30]}), not a reading: export the "
                        "file at the instrument, not from a spreadsheet.")


def house_code(text: str) -> str:
    """The house code in what a person typed or in a file's name: spaces, small letters and
    words around it do no harm, two codes do."""
    found = {_code(text)} | {_code(word) for word in LETTERS.findall(text)}
    found.discard(None)
    if len(found) > 1:
        raise Malformed(f"“{text[:60]}” holds two codes: which one is meant?")
    if not found:
        what = f"“{text[:60]}” holds no" if text else "This row has no"
        raise Malformed(f"{what} code of a sample or culture: type the twenty letters of its "
                        "label into the file, or leave the row out.")
    return str(found.pop())


def _code(text: str) -> str | None:
    try:
        return housecode.parse(text).code
    except housecode.CodeError:
        return None


def number(text: str, column: str, mark: DecimalMark) -> Decimal:
    """An exact number, with the shape's decimal mark and no marks between thousands."""
    if NUMBER[mark].fullmatch(text):
        return Decimal(text.replace(",", "."))
    for other, pattern in NUMBER.items():
        if other is not mark and pattern.fullmatch(text):
            raise Malformed(f"“{column}” says {text}, and this shape's numbers have "
                            f"{MARKS[mark]}: choose the shape that fits this file.")
    raise Malformed(f"“{column}” says “{text[:40]}”, which is no number.")


def product(*factors: Decimal, places: int | None = None) -> Decimal:
    """The exact product; rounded half to even to so many figures after the point, where asked."""
    with localcontext(prec=FIGURES):
        exact = prod(factors, start=Decimal(1))
        if places is None:
            return exact
        return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def some_volume(volume: Decimal, column: str) -> None:
    if volume <= 0:
        raise Malformed(f"“{column}” says {volume:f}: a volume is above 0.")


def moment(text: str, shape: Shape, clock: ZoneInfo) -> datetime:
    """When it was measured. ``clock`` is the site's; the shape may name another.

    The hour that a change of clocks skips or repeats is refused: nobody can tell it from the file.
    """
    try:
        given = datetime.strptime(text, shape.time_format)
    except (ValueError, OverflowError):
        example = datetime(2026, 12, 31, 16, 5).strftime(shape.time_format)
        raise Malformed(f"“{text[:40]}” is no date and time such as {example}.") from None
    if not 1900 <= given.year <= 2200:
        raise Malformed(f"“{text[:40]}”: this year cannot be meant.")
    if given.tzinfo is not None:
        return given.astimezone(UTC)
    return _on(given, ZoneInfo(shape.zone) if shape.zone else clock, text)


def _on(given: datetime, zone: ZoneInfo, text: str) -> datetime:
    first, second = given.replace(tzinfo=zone, fold=0), given.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != given:
        raise Malformed(f"{text}: the clocks went forward, and there was no such time that night. "
                        "Look at the instrument's clock.")
    raise Malformed(f"{text}: the clocks went back and this hour came twice, so the file does not "
                    "say which is meant. Record this row by hand, with its offset.")


def said_once(earlier: int | None, what: str) -> None:
    """The same reading is not in the file before."""
    if earlier is not None:
        raise AlreadyDone(f"{what} stands in line {earlier} already: the same reading twice.")


def not_imported(code: str, on: str) -> AlreadyDone:
    """The refusal of a file that was imported before."""
    return AlreadyDone(f"This very file was imported on {on} as {code}: nothing was done. Look "
                       "there at what it gave.", field="file")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before it."""
    harmless = any(pattern.fullmatch(cell) for pattern in NUMBER.values())
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not harmless else cell


def dated(file_says: bool, performed_at: datetime | None, at: datetime) -> None:
    """The time stands in the file, or is said once for all of it; not both and not neither."""
    if file_says and performed_at is not None:
        raise Malformed("This file says itself when each row was measured: leave the time out.",
                        field="performed_at")
    if not file_says and performed_at is None:
        raise Malformed("This file does not say when it was measured: say it here, for all of "
                        "its rows.", field="performed_at")
    if performed_at is not None:
        not_in_the_future(performed_at, at, field="performed_at")


def name_of_its_own(name: str, taken: set[str]) -> None:
    """The names of the shapes that come with the program stay theirs."""
    if name in taken:
        raise AlreadyDone(f"“{name}” is a shape that comes with the program: take a name of your "
                          "own.", field="sheet")


def next_version(name: str, version: int, before: int) -> None:
    """Versions count from 1, without gaps."""
    if version != before + 1:
        raise AlreadyDone(f"The next version of “{name}” is {before + 1}, not {version}: versions "
                          "are never changed, and a change is the next one.", field="sheet")
