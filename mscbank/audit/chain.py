"""The form of an entry and the chain: pure functions, no database, no clock.

Form 1: ``hash = sha256("mscbank entry 1\\n{sequence}\\n{previous}\\n{body}")``, where ``body`` is
canonical JSON: keys sorted, no spaces, UTC moments with six digits, decimals as strings without
trailing zeros, never a float. The bytes that were hashed are the bytes that are kept.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

FORM = 1
BEGINNING = "0" * 64


_AS_IT_IS = frozenset({int, bool, type(None)})


def plain(value: Any) -> Any:
    """A value as the canonical form knows it. Floats and naive moments are refused."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is str:
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if kind is datetime:
        return _moment(value)
    if kind is Decimal:
        return _decimal(value)
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, datetime):  # before date, which it is a kind of
        return _moment(value)
    if isinstance(value, str):
        return plain(str.__str__(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    return _refuse(value)


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a moment in the record needs a zone")
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        _refuse(value)
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _refuse(value: Any) -> Any:
    raise TypeError(f"{type(value).__name__} {value!r} has no canonical form")


_PLAIN = frozenset({int, bool, type(None)})
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


def canonical(value: Any) -> str:
    """The one text of a value."""
    return _encode(plain(value))


def digest(value: Any) -> str:
    """sha256 over the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def row_digest(values: list[Any]) -> str:
    """Digest of a table's row: its values in the alphabetical order of their columns."""
    plains = [value if type(value) in _PLAIN else plain(value) for value in values]
    return hashlib.sha256(_encode(plains).encode()).hexdigest()


def entry_hash(sequence: int, previous: str, body: str) -> str:
    """The hash of an entry, which the next one names as its ``previous``."""
    return hashlib.sha256(f"mscbank entry 1\n{sequence}\n{previous}\n{body}".encode()).hexdigest()
