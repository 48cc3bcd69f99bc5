"""What is remembered of samples and results."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import closed
from mscbank.things import Recorded, Thing


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

    @property
    def title(self) -> str:
        return f"Sample ({self.stage})"


class Result(Recorded, Thing):
    """One result of one test. A number with unit, or a word; or pending: sent, not yet back.

    A correction is a new row with ``corrects_id`` and a reason; the row that nothing corrects
    stands. Confirmed by another person than who recorded it.
    """

    __tablename__ = "result"
    KIND, SLUG = "RT", "results"
    sample_id: Mapped[int] = mapped_column(sa.ForeignKey("sample.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    test: Mapped[str] = mapped_column(sa.String(40))
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
    sample: Mapped[Sample] = relationship(back_populates="results")
    __table_args__ = (
        sa.CheckConstraint("NOT pending OR (value IS NULL AND word IS NULL)", name="pending_empty"),
        sa.CheckConstraint("pending OR ((value IS NULL) <> (word IS NULL))", name="one_outcome"),
        sa.CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        sa.CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> recorded_by_id",
                           name="confirmed_by_another"),
        sa.CheckConstraint("(corrects_id IS NULL) = (reason IS NULL)", name="corrected_why"),
    )

    @property
    def title(self) -> str:
        return f"Result of {self.test}"
