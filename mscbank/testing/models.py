"""What is remembered of quality control: who tests by what, samples and their way, results, files,
and investigations of results out of specification."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed, plain_decimal
from mscbank.signatures.models import Signature
from mscbank.testing.files import Attachment
from mscbank.things import Recorded, Thing
from specs.result import SIGNS


class Stage(StrEnum):
    IN_PROCESS = "in process"
    DRUG_SUBSTANCE = "drug substance"
    DRUG_PRODUCT = "drug product"
    POST_THAW = "post-thaw"


class Qualifier(StrEnum):
    """Whether the number is the value, or the end of the method's range."""

    EXACT = "exact"
    BELOW = "below detection limit"
    ABOVE = "above detection limit"


class LaboratoryKind(StrEnum):
    """Whether the bank's own people test there, or others under a contract."""

    IN_HOUSE = "in-house"
    CONTRACT = "contract"


class Laboratory(Recorded, Thing):
    """A laboratory of the register, by its name for ever. Ended, never removed."""

    __tablename__ = "laboratory"
    KIND, SLUG = "TL", "laboratories"
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    kind: Mapped[LaboratoryKind] = mapped_column(closed(LaboratoryKind))
    since: Mapped[date]
    accreditation: Mapped[str | None] = mapped_column(sa.String(120))
    accredited_until: Mapped[date | None]
    ended_on: Mapped[date | None]
    ended_why: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("(accreditation IS NULL) = (accredited_until IS NULL)",
                           name="accredited_until"),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_why IS NULL)", name="ended_why"),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= since", name="ended_after"),
    )

    @property
    def title(self) -> str:
        return self.name


class Method(Recorded, Thing):
    """A method of the register, whichever laboratory works by it. Ended, never removed."""

    __tablename__ = "test_method"
    KIND, SLUG = "TP", "methods"
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    measures: Mapped[str] = mapped_column(sa.String(120))
    unit: Mapped[str | None] = mapped_column(sa.String(20))
    since: Mapped[date]
    ended_on: Mapped[date | None]
    ended_why: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("(ended_on IS NULL) = (ended_why IS NULL)", name="ended_why"),
        sa.CheckConstraint("ended_on IS NULL OR ended_on >= since", name="ended_after"),
    )

    @property
    def title(self) -> str:
        return self.name


class MoveKind(StrEnum):
    """What happened to a sample on its way."""

    SENT = "sent"
    RECEIVED = "received"
    USED_UP = "used up"
    DISCARDED = "discarded"


ENDS = (MoveKind.USED_UP, MoveKind.DISCARDED)


class Sample(Recorded, Thing):
    """Material taken from a thing (``taken_from``: a culture's, lot's or bag's code).

    ``lot_id`` is set when it speaks of a lot or of one of its bags.
    """

    __tablename__ = "sample"
    KIND, SLUG = "TX", "samples"
    taken_from: Mapped[str] = mapped_column(sa.String(20), index=True)
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    stage: Mapped[Stage] = mapped_column(closed(Stage))
    taken_at: Mapped[datetime]
    volume_ml: Mapped[Decimal | None]
    destined: Mapped[str] = mapped_column(sa.String(120))
    results: Mapped[list[Result]] = relationship(order_by="Result.id", back_populates="sample")
    moves: Mapped[list[SampleMove]] = relationship(order_by="SampleMove.id")

    @property
    def title(self) -> str:
        return f"Sample ({self.stage})"


class SampleMove(Recorded, Audited, Model):
    """One step on a sample's way: sent to a laboratory and how cold, received there and in what
    condition, used up or discarded and why."""

    __tablename__ = "sample_move"
    id: Mapped[int] = mapped_column(primary_key=True)
    sample_id: Mapped[int] = mapped_column(sa.ForeignKey("sample.id"), index=True)
    kind: Mapped[MoveKind] = mapped_column(closed(MoveKind))
    moved_at: Mapped[datetime]
    laboratory: Mapped[str | None] = mapped_column(sa.String(120))
    condition: Mapped[str | None] = mapped_column(sa.String(200))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("(kind IN ('sent', 'received')) = (laboratory IS NOT NULL)",
                           name="where_to"),
        sa.CheckConstraint("(kind IN ('sent', 'received')) = (condition IS NOT NULL)",
                           name="condition"),
        sa.CheckConstraint("(kind IN ('used up', 'discarded')) = (reason IS NOT NULL)",
                           name="ended_why"),
        sa.Index("uq_sample_move_end", "sample_id", unique=True,
                 sqlite_where=sa.text("kind IN ('used up', 'discarded')"),
                 postgresql_where=sa.text("kind IN ('used up', 'discarded')")),
    )


class Result(Recorded, Thing):
    """One result of one test. A number with unit, or a word; or pending: sent, not yet back.

    A correction is a new row with ``corrects_id`` and a reason; the row that nothing corrects
    stands. Confirmed by another person than who recorded it. ``test_name`` is what the
    specification calls the test. A retest names the result that an investigation set aside.
    """

    __tablename__ = "result"
    KIND, SLUG = "RT", "results"
    sample_id: Mapped[int] = mapped_column(sa.ForeignKey("sample.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    test: Mapped[str] = mapped_column(sa.String(40))
    test_name: Mapped[str] = mapped_column(sa.String(120))
    pending: Mapped[bool] = mapped_column(default=False)
    value: Mapped[Decimal | None]
    qualifier: Mapped[Qualifier] = mapped_column(closed(Qualifier), default=Qualifier.EXACT)
    word: Mapped[str | None] = mapped_column(sa.String(80))
    unit: Mapped[str | None] = mapped_column(sa.String(20))
    method: Mapped[str] = mapped_column(sa.String(80))
    laboratory: Mapped[str] = mapped_column(sa.String(120))
    performed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("result.id"), unique=True)
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    retest_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("result.id"), unique=True)
    sample: Mapped[Sample] = relationship(back_populates="results")
    replicates: Mapped[list[Replicate]] = relationship(order_by="Replicate.id")
    attachments: Mapped[list[Attachment]] = relationship(
        primaryjoin=lambda: Result.code == sa.orm.foreign(Attachment.about),
        order_by=Attachment.id, viewonly=True)
    investigation: Mapped[Investigation | None] = relationship(
        back_populates="result", lazy="joined")
    __table_args__ = (
        sa.CheckConstraint("NOT pending OR (value IS NULL AND word IS NULL)", name="pending_empty"),
        sa.CheckConstraint("pending OR ((value IS NULL) <> (word IS NULL))", name="one_outcome"),
        sa.CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        sa.CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> recorded_by_id",
                           name="confirmed_by_another"),
        sa.CheckConstraint("(corrects_id IS NULL) = (reason IS NULL)", name="corrected_why"),
        sa.CheckConstraint("retest_of_id IS NULL OR corrects_id IS NULL", name="retest_is_new"),
    )

    @property
    def amount(self) -> str:
        """What was reported, as people say it: ``99.1 %``, ``< 0.05 EU/mL``, ``no growth``."""
        if self.value is None:
            return self.word or "awaited"
        unit = f" {self.unit}" if self.unit else ""
        return f"{SIGNS[self.qualifier]}{plain_decimal(self.value)}{unit}"

    @property
    def title(self) -> str:
        return f"{self.test_name} {self.amount}"


class Replicate(Audited, Model):
    """One of the single values whose mean is the result."""

    __tablename__ = "replicate"
    id: Mapped[int] = mapped_column(primary_key=True)
    result_id: Mapped[int] = mapped_column(sa.ForeignKey("result.id"), index=True)
    value: Mapped[Decimal]
    __table_args__ = (sa.CheckConstraint("CAST(value AS NUMERIC) >= 0", name="amount"),)


class Point(StrEnum):
    """What phase 1 of an investigation looks at in the laboratory."""

    SAMPLE = "sample"
    METHOD = "method"
    INSTRUMENT = "instrument"
    REAGENTS = "reagents"
    CALCULATION = "calculation"
    ANALYST = "analyst"


class InvestigationOutcome(StrEnum):
    LABORATORY_ERROR = "laboratory error proven"
    CONFIRMED = "confirmed out of specification"


class Investigation(Recorded, Thing):
    """The investigation of one result out of specification, concluded by quality assurance.

    Where a laboratory error is proven the result is set aside, kept and shown.
    """

    __tablename__ = "investigation"
    KIND, SLUG = "TV", "investigations"
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    result_id: Mapped[int] = mapped_column(sa.ForeignKey("result.id"), unique=True)
    observed: Mapped[str] = mapped_column(sa.String(1000))
    outcome: Mapped[InvestigationOutcome | None] = mapped_column(closed(InvestigationOutcome))
    conclusion: Mapped[str | None] = mapped_column(sa.String(1000))
    concluded_at: Mapped[datetime | None]
    concluding_signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"))
    result: Mapped[Result] = relationship(back_populates="investigation")
    answers: Mapped[list[ChecklistAnswer]] = relationship(order_by="ChecklistAnswer.id")
    attachments: Mapped[list[Attachment]] = relationship(
        primaryjoin=lambda: Investigation.code == sa.orm.foreign(Attachment.about),
        order_by=Attachment.id, viewonly=True)
    signature: Mapped[Signature | None] = relationship()
    __table_args__ = (
        sa.CheckConstraint("(concluded_at IS NULL) = (concluding_signature_id IS NULL)",
                           name="concluded_signed"),
        sa.CheckConstraint("(concluded_at IS NULL) = (outcome IS NULL)", name="concluded_how"),
        sa.CheckConstraint("(concluded_at IS NULL) = (conclusion IS NULL)", name="concluded_why"),
    )

    @property
    def title(self) -> str:
        return f"Investigation {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for its conclusion."""
        return self.concluded_at is None

    @property
    def sets_aside(self) -> bool:
        """Whether it proved a laboratory error, so that its result does not decide."""
        return self.outcome is InvestigationOutcome.LABORATORY_ERROR


class ChecklistAnswer(Recorded, Audited, Model):
    """One answer of the laboratory's checklist. The latest of a point stands."""

    __tablename__ = "checklist_answer"
    id: Mapped[int] = mapped_column(primary_key=True)
    investigation_id: Mapped[int] = mapped_column(sa.ForeignKey("investigation.id"), index=True)
    point: Mapped[Point] = mapped_column(closed(Point))
    in_order: Mapped[bool]
    words: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("in_order OR words IS NOT NULL", name="said_what"),
    )
