"""What is wrong with an ISBT 128 text, and where."""
from __future__ import annotations


class FormatError(ValueError):
    """The text does not have the form. `position` counts from 1, or is None for the whole text."""

    def __init__(self, sentence: str, position: int | None = None):
        super().__init__(sentence)
        self.position = position


def require_length(text: str, length: int, name: str) -> None:
    """Raise FormatError unless `text` has exactly `length` characters; its position is the first
    character missing or too many."""
    if len(text) != length:
        raise FormatError(f"{name} has {length} characters, this has {len(text)}: "
                          "scan again, or compare with the label",
                          min(len(text), length) + 1)


def require_each(text: str, allowed: str, start: int, name: str) -> None:
    """Raise FormatError at the first character outside `allowed`; `start` is its place."""
    for position, character in enumerate(text, start):
        if character not in allowed:
            raise FormatError(f"{character!r} at place {position} cannot stand in {name}: "
                              "scan again, or compare with the label", position)
