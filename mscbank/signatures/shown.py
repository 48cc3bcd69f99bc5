"""Records that someone is reading before they sign, kept for a day.

Not part of the record of the bank: when a record changes between reading and signing, the signing
fails, and this is how the signer is told what changed.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mscbank.audit import chain
from mscbank.database import aside, session
from mscbank.signatures.models import ShownRecord

KEPT = timedelta(days=1)
MOST_LINES = 40


def show(record: dict[str, Any], *, at: datetime) -> str:
    """Keep a record that is shown to be signed; returns its digest."""
    text, digest = chain.canonical(record), chain.digest(record)
    table = ShownRecord.__table__
    with aside() as connection:
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
        connection.execute(sa.delete(table).where(table.c.shown_at < at - KEPT))
        connection.execute(insert(table).on_conflict_do_nothing(),
                           {"digest": digest, "record": text, "shown_at": at})
    return digest


def changed_since(digest: str, record_now: dict[str, Any]) -> tuple[str, ...]:
    """What changed since the record of this digest was shown, as lines ``path: was -> is``;
    nothing when it was never shown, or too long ago."""
    seen = session.get(ShownRecord, digest)
    if seen is None:
        return ()
    lines = differences(json.loads(seen.record), chain.plain(record_now))
    rest = len(lines) - MOST_LINES
    return (*lines[:MOST_LINES], *([f"and {rest} more"] if rest > 0 else []))


def differences(was: Any, is_: Any, path: str = "") -> list[str]:
    """Every value that differs between two plain records, as lines ``path: was -> is``."""
    if isinstance(was, dict) and isinstance(is_, dict):
        return [line for key in sorted({*was, *is_})
                for line in differences(was.get(key), is_.get(key), f"{path}.{key}".lstrip("."))]
    if isinstance(was, list) and isinstance(is_, list):
        longest = max(len(was), len(is_))
        pairs = zip(was + [None] * (longest - len(was)), is_ + [None] * (longest - len(is_)),
                    strict=True)
        return [line for number, (a, b) in enumerate(pairs, 1)
                for line in differences(a, b, f"{path} {number}")]
    return [] if was == is_ else [f"{path}: {was} -> {is_}"]
