"""What the trail remembers: its entries and its head."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.database import Model


# An act that was tried and not done. Where it was refused because who signs was not proven, the
# entry says nothing about its subject: it is shown beside a span of entries that is signed, and a
# mistyped password does not make that span another one.
REFUSED, NOT_PROVEN = "refused", "not proven"
ATTEMPTS = (REFUSED, NOT_PROVEN)


class BodyKey(sa.sql.expression.ColumnElement[str]):
    """``body``'s value of one key, in the words of whichever database it is."""

    inherit_cache = True
    type = sa.Text()

    def __init__(self, key: str) -> None:
        self.key = key


@compiles(BodyKey, "sqlite")
def _for_sqlite(element: BodyKey, _compiler: object, **_: object) -> str:
    return f"json_extract(body, '$.{element.key}')"


@compiles(BodyKey, "postgresql")
def _for_postgresql(element: BodyKey, _compiler: object, **_: object) -> str:
    return f"(body::jsonb ->> '{element.key}')"


def _from_body(key: str) -> sa.Computed:
    """A column the database itself reads out of the hashed text, so it cannot say otherwise."""
    return sa.Computed(BodyKey(key), persisted=True)


class Head(Model):
    """The last entry, in one row that every writing transaction takes first."""

    __tablename__ = "audit_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime]
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)


class Entry(Model):
    """One act, as it was hashed. ``act``, ``subject``, ``by`` and ``at`` are read from ``body``
    by the database (generated columns): they serve searching and cannot contradict it."""

    __tablename__ = "audit_entry"
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous: Mapped[str] = mapped_column(sa.String(64), unique=True)
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    body: Mapped[str]
    act: Mapped[str] = mapped_column(_from_body("act"))
    subject: Mapped[str | None] = mapped_column(_from_body("subject"))
    by: Mapped[str] = mapped_column(_from_body("by"))
    at: Mapped[str] = mapped_column(_from_body("at"), index=True)
    __table_args__ = (  # with the sequence, so that pages follow one another without sorting
        sa.Index("ix_audit_entry_act", "act", "sequence"),
        sa.Index("ix_audit_entry_subject", "subject", "sequence"),
        sa.Index("ix_audit_entry_by", "by", "sequence"),
    )

    @property
    def attempted(self) -> bool:
        """Whether it was tried and not done."""
        return self.act in ATTEMPTS
