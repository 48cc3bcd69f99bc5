"""The Chain of Identity identifier: CH, facility 5, year 2, six figures or capitals.

It ties several donations and products of one therapy together and does not replace the donation
number. In a bar code it follows `&/`.
"""
from __future__ import annotations

from dataclasses import dataclass

from . import din
from .errors import FormatError, require_each, require_length

NAME = "a Chain of Identity identifier"
IDENTIFIER = "&/"
MARK = "CH"
LENGTH = 15
_FIGURES = "0123456789"
_SIGNS = _FIGURES + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Identity:
    """An identifier taken apart; all texts keep their zeros."""

    facility: str
    year: str
    serial: str

    @property
    def text(self) -> str:
        return MARK + self.facility + self.year + self.serial


def compact(text: str) -> str:
    """The text without spaces and hyphens, a-z in capitals."""
    return din.compact(text)


def validate(text: str) -> str:
    """The fifteen characters. Raises FormatError.

    >>> validate("CH A9999 26 00AB12")
    'CHA99992600AB12'
    """
    code = compact(text)
    require_length(code, LENGTH, NAME)
    if code[:2] != MARK:
        raise FormatError(f"{NAME} begins with {MARK}: compare with the label", 1)
    require_each(code[2], din.FIRST, 3, NAME)
    require_each(code[3:9], _FIGURES, 4, NAME)
    require_each(code[9:], _SIGNS, 10, NAME)
    return code


def is_valid(text: str) -> bool:
    """Is this a Chain of Identity identifier?"""
    try:
        validate(text)
    except FormatError:
        return False
    return True


def parse(text: str) -> Identity:
    """The identifier taken apart. Raises FormatError."""
    code = validate(text)
    return Identity(code[2:7], code[7:9], code[9:])


def format(text: str) -> str:
    """The identifier in groups, as printed.

    >>> format("CHA99992600AB12")
    'CH A9999 26 00AB12'
    """
    found = parse(text)
    return f"{MARK} {found.facility} {found.year} {found.serial}"


def to_symbol(text: str) -> str:
    """The bar code's data."""
    return IDENTIFIER + validate(text)


def from_symbol(data: str) -> str:
    """The identifier in a scanned bar code, exactly as `to_symbol` writes it."""
    require_length(data, LENGTH + 2, "the bar code of " + NAME)
    if data[:2] != IDENTIFIER or to_symbol(data[2:]) != data:
        raise FormatError(f"the bar code of {NAME} begins with {IDENTIFIER} and holds capitals "
                          "and figures only: check the keyboard setting of the scanner", 1)
    return data[2:]
