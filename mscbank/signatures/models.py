"""Signatures as they were given."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.database import Audited, Model, closed
from mscbank.signatures.meanings import Meaning


class Signature(Audited, Model):
    """One signature. ``name`` and ``role`` are kept as they were; ``record`` is what was seen."""

    __tablename__ = "signature"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    username: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(120))
    role: Mapped[str] = mapped_column(sa.String(40))
    meaning: Mapped[Meaning] = mapped_column(closed(Meaning))
    subject: Mapped[str] = mapped_column(sa.String(40), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    record: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (sa.CheckConstraint("length(digest) = 64", name="digest"),)
