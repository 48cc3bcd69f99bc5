"""What is remembered of decisions on lots, of holds, deviations and what is done about them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.accounts.models import Account
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Bag, Lot
from mscbank.database import Audited, Model, closed
from mscbank.signatures.models import Signature
from mscbank.testing.models import Result
from mscbank.things import Recorded, Thing


class Decision(Recorded, Thing):
    """One decision on a lot: the standing it gave, the findings judged, the signature.

    The latest decision stands. Without a signature the bank itself found the lot nonconforming,
    on ``result``; ``recorded_by_id`` is then who wrote that result down.
    """

    __tablename__ = "decision"
    KIND, SLUG = "XD", "decisions"
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    standing: Mapped[Standing] = mapped_column(closed(Standing))
    findings: Mapped[list[dict]] = mapped_column(sa.JSON)
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    result_id: Mapped[int | None] = mapped_column(sa.ForeignKey("result.id"), index=True)
    lot: Mapped[Lot] = relationship(backref=sa.orm.backref("decisions", order_by="Decision.id"))
    signature: Mapped[Signature | None] = relationship()
    result: Mapped[Result | None] = relationship()
    __table_args__ = (
        sa.CheckConstraint("standing <> 'pending' OR reason IS NOT NULL", name="decided"),
        sa.CheckConstraint("(signature_id IS NULL) = (result_id IS NOT NULL)",
                           name="signed_or_found"),
        sa.CheckConstraint("result_id IS NULL OR standing = 'nonconforming'",
                           name="found_nonconforming"),
    )

    @property
    def title(self) -> str:
        return f"Decision on lot {self.lot.number}: {self.standing}"


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
    lot: Mapped[Lot | None] = relationship()
    bag: Mapped[Bag | None] = relationship()

    @property
    def held(self) -> Lot | Bag:
        """What the hold stops."""
        return self.lot or self.bag

    @property
    def title(self) -> str:
        return f"Hold: {self.held.title}"


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
    classifications: Mapped[list[Classification]] = relationship(order_by="Classification.id")
    investigations: Mapped[list[DeviationInvestigation]] = relationship(
        order_by="DeviationInvestigation.id")
    actions: Mapped[list[Action]] = relationship(
        order_by="Action.number", back_populates="deviation")
    __table_args__ = (
        sa.CheckConstraint("(closed_at IS NULL) = (closing_signature_id IS NULL)",
                           name="closed_signed"),
        sa.CheckConstraint("(closed_at IS NULL) = (conclusion IS NULL)", name="closed_concluded"),
    )

    @property
    def title(self) -> str:
        return f"Deviation {self.number}"


class Classification(Recorded, Audited, Model):
    """Quality assurance judged the severity anew: what it was, what it is, why, and until when
    the deviation is to be closed since."""

    __tablename__ = "deviation_classification"
    id: Mapped[int] = mapped_column(primary_key=True)
    deviation_id: Mapped[int] = mapped_column(sa.ForeignKey("deviation.id"), index=True)
    was: Mapped[Severity] = mapped_column(closed(Severity, name="severity_before"))
    severity: Mapped[Severity] = mapped_column(closed(Severity))
    reason: Mapped[str] = mapped_column(sa.String(500))
    due_at: Mapped[datetime]
    __table_args__ = (sa.CheckConstraint("was <> severity", name="changed"),)


class InquiryMethod(StrEnum):
    FIVE_WHYS = "5 whys"
    ISHIKAWA = "Ishikawa"
    FAULT_TREE = "fault tree"
    TIMELINE = "timeline"
    OTHER = "other"


class DeviationInvestigation(Recorded, Audited, Model):
    """Why it happened, how that was found out, and what it means for this and other lots."""

    __tablename__ = "deviation_investigation"
    id: Mapped[int] = mapped_column(primary_key=True)
    deviation_id: Mapped[int] = mapped_column(sa.ForeignKey("deviation.id"), index=True)
    method: Mapped[InquiryMethod] = mapped_column(closed(InquiryMethod))
    root_cause: Mapped[str] = mapped_column(sa.String(2000))
    product_impact: Mapped[str] = mapped_column(sa.String(1000))
    other_lots: Mapped[str] = mapped_column(sa.String(1000))


class ActionKind(StrEnum):
    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


class Action(Recorded, Thing):
    """What is done about a deviation: by whom and until when; finished by its owner, then
    verified by another person, who says whether it works."""

    __tablename__ = "deviation_action"
    KIND, SLUG = "EL", "actions"
    deviation_id: Mapped[int] = mapped_column(sa.ForeignKey("deviation.id"), index=True)
    number: Mapped[int]
    kind: Mapped[ActionKind] = mapped_column(closed(ActionKind))
    what: Mapped[str] = mapped_column(sa.String(1000))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    due_on: Mapped[date]
    done: Mapped[str | None] = mapped_column(sa.String(1000))
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    effective: Mapped[bool | None]
    verification: Mapped[str | None] = mapped_column(sa.String(1000))
    verified_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    deviation: Mapped[Deviation] = relationship(back_populates="actions")
    owner: Mapped[Account] = relationship(foreign_keys=[owner_id])
    __table_args__ = (
        sa.UniqueConstraint("deviation_id", "number"),
        sa.CheckConstraint("number > 0", name="numbered"),
        sa.CheckConstraint("(done_at IS NULL) = (done IS NULL)", name="done_said"),
        sa.CheckConstraint("(done_at IS NULL) = (done_by_id IS NULL)", name="done_by"),
        sa.CheckConstraint("(verified_at IS NULL) = (verified_by_id IS NULL)", name="verified_by"),
        sa.CheckConstraint("(verified_at IS NULL) = (verification IS NULL)", name="verified_said"),
        sa.CheckConstraint("(verified_at IS NULL) = (effective IS NULL)", name="verified_judged"),
        sa.CheckConstraint("verified_at IS NULL OR done_at IS NOT NULL", name="verified_done"),
        sa.CheckConstraint("verified_by_id IS NULL OR (verified_by_id <> owner_id AND "
                           "verified_by_id <> done_by_id)", name="verified_by_another"),
    )

    @property
    def title(self) -> str:
        return f"Action {self.number} of deviation {self.deviation.number}"


class TrailReview(Recorded, Thing):
    """A span of the trail that quality assurance has read and signed.

    Of a lot: every entry about its family from ``first`` to ``last``. Of the whole trail (no
    lot): every entry from the end of the review before. ``digest`` is that of the list of
    (sequence, hash) that was read; ``refusals`` and ``corrections`` say how many of them were so.
    """

    __tablename__ = "trail_review"
    KIND, SLUG = "TR", "trail-reviews"
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lot.id"))
    first: Mapped[int]
    last: Mapped[int]
    entries: Mapped[int]
    refusals: Mapped[int]
    corrections: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64))
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    lot: Mapped[Lot | None] = relationship()
    signature: Mapped[Signature] = relationship()
    __table_args__ = (
        sa.CheckConstraint("first > 0 AND last >= first AND entries > 0", name="a_span"),
        sa.CheckConstraint("entries <= last - first + 1 AND (lot_id IS NOT NULL OR "
                           "entries = last - first + 1)", name="within_the_span"),
        sa.CheckConstraint("refusals >= 0 AND corrections >= 0 AND "
                           "refusals + corrections <= entries", name="some_of_them"),
        sa.CheckConstraint("length(digest) = 64", name="digest"),
        sa.Index("ix_trail_review_lot_id", "lot_id", "last"),
    )

    @property
    def title(self) -> str:
        of = f"the trail of lot {self.lot.number}" if self.lot else "the trail"
        return f"Review of {of}, entries {self.first} to {self.last}"
