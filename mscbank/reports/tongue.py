"""The language a paper is drawn in.

A page asks for the reader's (``web.files.pdf``); by itself a paper is in English, as the record is:
what is signed, kept or sent away must not depend on who draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Say = Callable[[str], str]
_english: Say = str
_spoken: ContextVar[tuple[str, Say]] = ContextVar("spoken", default=("en", _english))


@contextmanager
def spoken(language: str, say: Say) -> Iterator[None]:
    """Draw what is drawn inside in this language."""
    token = _spoken.set((language, say))
    try:
        yield
    finally:
        _spoken.reset(token)


def language() -> str:
    """Which one it is: ``en`` or ``fr``."""
    return _spoken.get()[0]


def told(text: str) -> str:
    """The house's words in that language; what somebody typed as it is."""
    return _spoken.get()[1](text)
