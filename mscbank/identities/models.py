"""The vault's two tables: a wrapped key per person, and sealed values."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.database import Audited, Model


class PersonKey(Audited, Model):
    """The key of one person (``subject``: the code of a recipient or donor), wrapped.

    ``wrapped`` becomes empty when the key is destroyed; then nothing of this person can be read.
    """

    __tablename__ = "person_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(20), unique=True)
    wrapped: Mapped[bytes | None]
    destroyed_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
    )


class SealedValue(Audited, Model):
    """One value of a person (name, birth date, hospital number), AES-256-GCM."""

    __tablename__ = "sealed_value"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.ForeignKey("person_key.subject"), index=True)
    field: Mapped[str] = mapped_column(sa.String(40))
    sealed: Mapped[bytes]
    __table_args__ = (sa.UniqueConstraint("subject", "field"),)
