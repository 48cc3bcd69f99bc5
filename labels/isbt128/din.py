"""The donation identification number: thirteen characters, facility 5, year 2, sequence 6.

Typed with its check character it has fourteen. In a bar code it follows the sign `=` and is
followed by two flag characters (`00`: unused) that are no part of it.
"""
from __future__ import annotations

from dataclasses import dataclass

from .. import keyboards
from .check import CHARACTERS, check_character
from .errors import FormatError, require_each, require_length

NAME = "a donation number"
LENGTH = 13
_FIGURES = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIRST = (_CAPITALS + _FIGURES).translate({ord("O"): None, ord("0"): None})
_COMPACT = {ord(" "): None, ord("-"): None, **{c: c - 32 for c in range(ord("a"), ord("z") + 1)}}


@dataclass(frozen=True)
class Din:
    """A donation number taken apart; all texts keep their zeros."""

    facility: str
    year: str
    sequence: str

    @property
    def text(self) -> str:
        return self.facility + self.year + self.sequence

    @property
    def check(self) -> str:
        return check_character(self.text)


def compact(text: str) -> str:
    """The text without spaces and hyphens, a-z in capitals."""
    return text.translate(_COMPACT)


def validate(text: str) -> str:
    """The thirteen characters; a fourteenth must be their check character. Raises FormatError.

    >>> validate("A9999 17 123456")
    'A999917123456'
    """
    number = compact(text)
    if len(number) == LENGTH + 1:
        check = number[LENGTH]
        require_each(check, CHARACTERS, LENGTH + 1, "the check character of " + NAME)
    else:
        require_length(number, LENGTH, NAME)
        check = None
    require_each(number[0], FIRST, 1, NAME)
    require_each(number[1:LENGTH], _FIGURES, 2, NAME)
    if check is not None and check_character(number[:LENGTH]) != check:
        raise FormatError(f"the check character {check} does not fit: at least one character is "
                          "wrong, compare with the label", LENGTH + 1)
    return number[:LENGTH]


def is_valid(text: str) -> bool:
    """Is this a donation number, alone or with its check character?"""
    try:
        validate(text)
    except FormatError:
        return False
    return True


def repair(text: str) -> tuple[str, str] | None:
    """A number with its check character that a scanner typed for another keyboard: the thirteen
    characters and what must have happened. None where nothing holds; the person decides."""
    return keyboards.repair(text, lambda each: validate(each) if (
        len(compact(each)) == LENGTH + 1 and is_valid(each)) else None)


def parse(text: str) -> Din:
    """The number taken apart. Raises FormatError."""
    number = validate(text)
    return Din(number[:5], number[5:7], number[7:])


def format(text: str) -> str:
    """The number in three groups, as printed; the check character stands apart in its box.

    >>> format("A999917123456")
    'A9999 17 123456'
    """
    din = parse(text)
    return f"{din.facility} {din.year} {din.sequence}"


def make(facility: str, year: int, sequence: int) -> str:
    """The number of a facility's `sequence`-th donation of a `year` (four figures).

    >>> make("A9999", 2026, 42)
    'A999926000042'
    """
    if not 2000 <= year <= 2099:
        raise FormatError(f"a donation number tells years from 2000 to 2099 apart, not {year}")
    if not 0 <= sequence <= 999_999:
        raise FormatError(f"a sequence number runs from 0 to 999999, this was {sequence}: "
                          "the year's numbers are used up, ask for a second facility number")
    return validate(f"{facility}{year % 100:02d}{sequence:06d}")


def to_symbol(text: str, flags: str = "00") -> str:
    """The bar code's data: `=`, the number, two flag characters."""
    require_length(flags, 2, "the flags of " + NAME)
    require_each(flags, _FIGURES + _CAPITALS, 15, "the flags of " + NAME)
    return "=" + validate(text) + flags


def from_symbol(data: str) -> str:
    """The number in a scanned bar code, exactly as `to_symbol` writes it. Raises FormatError."""
    require_length(data, 16, "the bar code of " + NAME)
    if to_symbol(data[1:14], data[14:]) != data:
        raise FormatError(f"the bar code of {NAME} begins with = and holds capitals and figures "
                          "only: check the keyboard setting of the scanner")
    return data[1:14]
