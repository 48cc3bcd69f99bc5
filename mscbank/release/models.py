"""What is remembered of decisions on lots."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Lot
from mscbank.database import Audited, Model, closed
from mscbank.signatures.models import Signature
from mscbank.things import Recorded, Thing


class Decision(Recorded, Thing):
    """One decision on a lot: the standing it gave, the findings judged, the signature.

    The latest decision stands.
    """

    __tablename__ = "decision"
    KIND, SLUG = "XD", "decisions"
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    standing: Mapped[Standing] = mapped_column(closed(Standing))
    findings: Mapped[list[dict]] = mapped_column(sa.JSON)
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    lot: Mapped[Lot] = relationship(backref=sa.orm.backref("decisions", order_by="Decision.id"))
    signature: Mapped[Signature] = relationship()
    __table_args__ = (sa.CheckConstraint("standing <> 'pending'", name="decided"),)


class ExceptionRequest(Recorded, Audited, Model):
    """A physician's signed request for a lot that does not meet every limit."""

    __tablename__ = "exception_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    justification: Mapped[str] = mapped_column(sa.String(500))
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    signature: Mapped[Signature] = relationship()


class Hold(Recorded, Thing):
    """A stop on a lot or on one bag. Lifted only by a signed decision of quality assurance."""

    __tablename__ = "hold"
    KIND, SLUG = "HR", "holds"
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    bag_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bag.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(500))
    lifted_at: Mapped[datetime | None]
    lifting_signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"))
    __table_args__ = (
        sa.CheckConstraint("(lot_id IS NULL) <> (bag_id IS NULL)", name="one_thing"),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifting_signature_id IS NULL)",
                           name="lifted_signed"),
    )


class Severity(StrEnum):
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Deviation(Recorded, Thing):
    """Something that did not go as written, on any thing (``about``: its code)."""

    __tablename__ = "deviation"
    KIND, SLUG = "EX", "deviations"
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    about: Mapped[str] = mapped_column(sa.String(20), index=True)
    severity: Mapped[Severity] = mapped_column(closed(Severity))
    what: Mapped[str] = mapped_column(sa.String(1000))
    due_at: Mapped[datetime]
    conclusion: Mapped[str | None] = mapped_column(sa.String(1000))
    closed_at: Mapped[datetime | None]
    closing_signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"))
    __table_args__ = (
        sa.CheckConstraint("(closed_at IS NULL) = (closing_signature_id IS NULL)",
                           name="closed_signed"),
        sa.CheckConstraint("(closed_at IS NULL) = (conclusion IS NULL)", name="closed_concluded"),
    )

    @property
    def title(self) -> str:
        return f"Deviation {self.number}"
