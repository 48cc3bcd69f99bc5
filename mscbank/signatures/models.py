"""Signatures as they were given."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.accounts.models import Binding
from mscbank.database import Audited, Model, closed
from mscbank.signatures.meanings import Meaning


class Signature(Audited, Model):
    """One signature. ``name`` and ``role`` are kept as they were; ``record`` is what was seen.

    ``binding`` says how it was bound to its signer. A passkey leaves its ``proof``: the manifest
    and the answer to it, with which the signature is verified without this database. ``nonce``
    and ``assertion`` (the digest of the passkey's own signature) are unique: neither signs twice.
    """

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
    binding: Mapped[Binding] = mapped_column(closed(Binding), default=Binding.PASSWORD)
    proof: Mapped[str | None]
    nonce: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    assertion: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    __table_args__ = (
        sa.CheckConstraint("length(digest) = 64", name="digest"),
        sa.CheckConstraint(
            "(binding = 'passkey') = (proof IS NOT NULL) AND (proof IS NULL) = (nonce IS NULL)"
            " AND (proof IS NULL) = (assertion IS NULL)", name="bound"),
    )


class ShownRecord(Model):
    """The canonical text of a record that someone was shown to sign, by its digest; for a day."""

    __tablename__ = "shown_record"
    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    record: Mapped[str]
    shown_at: Mapped[datetime] = mapped_column(index=True)
