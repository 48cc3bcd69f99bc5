"""Writing to the trail."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from mscbank.audit import chain
from mscbank.audit.models import NOT_PROVEN, REFUSED, Entry
from mscbank.database import current, session, write
from mscbank.errors import Refused
from mscbank.permissions import Actor

_INSERT = sa.insert(Entry.__table__).values(
    {name: sa.bindparam(name) for name in ("sequence", "previous", "hash", "body")})


@cache
def columns_of(model: type) -> tuple[str, ...]:
    """The attribute names of a model's columns in alphabetical order: the order of its digest.

    Bytes that the row holds the digest of (``DIGESTED_AS``) are left out: the digest stands in
    their place, and verification holds them against it.
    """
    digested = getattr(model, "DIGESTED_AS", {})
    return tuple(sorted(attribute.key for attribute in sa.inspect(model).column_attrs
                        if attribute.key not in digested))


def digest_of(row: Any) -> str:
    """The digest of a row as it now stands."""
    return chain.row_digest([getattr(row, name) for name in columns_of(type(row))])


def record(
    act: str, subject: Any, *, by: Actor, at: datetime, reason: str | None = None, **facts: Any
) -> int:
    """Write the entry of an act and return its sequence.

    ``subject`` is a thing with a ``code``, a code, or None. ``facts`` hold what a reader of the
    trail needs, never a person's name: references only. The rows touched since the last entry
    are flushed and their digests kept in this one.
    """
    under_way = current()
    session.flush()
    rows = sorted(
        [row.__tablename__, row.id, digest_of(row)] for row in under_way.touched.values()
    )
    moment = max(at, under_way.at)  # time never runs back
    sequence = under_way.sequence + 1
    body = chain.canonical({
        "form": chain.FORM, "act": act, "subject": getattr(subject, "code", subject),
        "by": by.code, "roles": by.roles, "through": by.through, "at": moment,
        "reason": reason, "facts": facts, "rows": rows,
    })
    hash_ = chain.entry_hash(sequence, under_way.hash, body)
    write(_INSERT, {"sequence": sequence, "previous": under_way.hash, "hash": hash_, "body": body})
    under_way.sequence, under_way.hash, under_way.at = sequence, hash_, moment
    under_way.touched.clear()
    return sequence


def record_refusal(
    act: str, subject: Any, refusal: Refused, *, by: Actor, at: datetime, **facts: Any
) -> int:
    """A refused attempt is an entry too: the near miss is the point of a bedside system."""
    return record(NOT_PROVEN if refusal.of_signer else REFUSED, subject, by=by, at=at,
                  attempted=act, reasons=list(refusal.reasons), **facts)
