"""The product code: description 5, collection type 1, division 2; in a bar code after `=<`.

Capital and small letters differ here: division `Aa` is a part of `A0`, so nothing is raised to
capitals. The donation number with the whole product code is the unique key of one bag.
"""
from __future__ import annotations

from dataclasses import dataclass

from .errors import FormatError, require_each, require_length

NAME = "a product code"
IDENTIFIER = "=<"
LENGTH = 8
_FIGURES = "0123456789"
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SMALL = _CAPITALS.lower()


@dataclass(frozen=True)
class Product:
    """A product code taken apart. `division` is `00` for an undivided product."""

    description: str
    collection: str
    division: str

    @property
    def text(self) -> str:
        return self.description + self.collection + self.division

    @property
    def is_divided(self) -> bool:
        return self.division != "00"


def compact(text: str) -> str:
    """The text without spaces."""
    return text.replace(" ", "")


def validate(text: str) -> str:
    """The eight characters. Raises FormatError.

    >>> validate("D0001 X Aa")
    'D0001XAa'
    """
    code = compact(text)
    require_length(code, LENGTH, NAME)
    require_each(code[0], _CAPITALS, 1, NAME)
    require_each(code[1:5], _CAPITALS + _FIGURES, 2, NAME)
    require_each(code[5], _CAPITALS + _SMALL + _FIGURES, 6, NAME)
    require_each(code[6], _CAPITALS + "0", 7, "the division of " + NAME)
    require_each(code[7], _SMALL + "0", 8, "the division of " + NAME)
    if code[6] == "0" and code[7] != "0":
        raise FormatError(f"division {code[6:]} has a part but no whole: a division is 00, a "
                          "capital and 0, or a capital and a small letter", 7)
    return code


def is_valid(text: str) -> bool:
    """Is this a product code?"""
    try:
        validate(text)
    except FormatError:
        return False
    return True


def parse(text: str) -> Product:
    """The code taken apart. Raises FormatError."""
    code = validate(text)
    return Product(code[:5], code[5], code[6:])


def format(text: str) -> str:
    """The code as printed: its eight characters together."""
    return validate(text)


def to_symbol(text: str) -> str:
    """The bar code's data."""
    return IDENTIFIER + validate(text)


def from_symbol(data: str) -> str:
    """The code in a scanned bar code, exactly as `to_symbol` writes it. Raises FormatError."""
    require_length(data, 10, "the bar code of " + NAME)
    if data[:2] != IDENTIFIER or to_symbol(data[2:]) != data:
        raise FormatError(f"the bar code of {NAME} begins with =< : check the keyboard setting "
                          "of the scanner", 1)
    return data[2:]
