"""The keyboard check character: ISO/IEC 7064 MOD 37-2 over figures and capitals.

Printed boxed, apart from the number, never in a bar code. Not MOD 37,36, which gives other letters.
"""
from __future__ import annotations

from .errors import FormatError, require_each

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"


def check_character(text: str) -> str:
    """The check character of `text` (0-9, A-Z).

    >>> check_character("A999917123456")
    '9'
    >>> check_character("A999917345628")
    '*'
    """
    if not text:
        raise FormatError("an empty text has no check character")
    require_each(text, CHARACTERS[:36], 1, "a text with a check character")
    total = 0
    for character in text:
        total = (total + CHARACTERS.index(character)) * 2 % 37
    return CHARACTERS[(38 - total) % 37]


def validate(text: str) -> str:
    """`text` (figures and capitals, then the check character) if the check holds."""
    if len(text) < 2 or check_character(text[:-1]) != text[-1]:
        raise FormatError("the check character does not fit: at least one character is wrong, "
                          "compare with the label", len(text) or None)
    return text


def is_valid(text: str) -> bool:
    """Does the last character fit the ones before it?"""
    try:
        validate(text)
    except FormatError:
        return False
    return True
