"""Symbols as matrices of modules: QR for the house's texts, Data Matrix for ISBT 128.

They are made in `masks`, which is loaded by whoever first draws one: it brings NumPy, the readers
and writers of symbols and pictures, and who only reads a record need not hold them.
"""
from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .masks import Matrix

QUIET_ZONE = 4


class Level(IntEnum):
    """How much of the symbol may be lost: L 7 %, M 15 %, Q 25 %, H 30 % of its codewords. The
    numbers are those the symbol itself names its level by."""

    L = 1
    M = 0
    Q = 3
    H = 2


class SymbolTooLong(ValueError):
    """The text does not fit any symbol of the wanted level."""


@lru_cache(maxsize=256)
def matrix(text: str, level: Level = Level.H) -> Matrix:
    """The QR of `text`: a square array, True is dark, no quiet zone. Raises SymbolTooLong.

    Letters from 0-9 A-Z $%*+-./: and space make the smallest symbols.
    """
    from . import masks

    if not text:
        raise ValueError("an empty text has no symbol")
    return masks.matrix(text, level)


@lru_cache(maxsize=256)
def data_matrix(text: str) -> Matrix:
    """The square Data Matrix (ECC 200) of `text`: True is dark, no quiet zone."""
    from . import masks

    return masks.data_matrix(text)
