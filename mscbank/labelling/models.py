"""What is remembered of printed labels."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.bags.models import Bag
from mscbank.database import Audited, Model
from mscbank.things import Recorded, Thing


class LabelJob(Recorded, Thing):
    """One print job: its pages were read back and compared before anyone could download it."""

    __tablename__ = "label_job"
    KIND, SLUG = "LC", "label-jobs"
    stock: Mapped[str] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(10))
    pdf_digest: Mapped[str] = mapped_column(sa.String(64))
    copies: Mapped[list[LabelCopy]] = relationship(order_by="LabelCopy.id", back_populates="job")


class LabelCopy(Recorded, Audited, Model):
    """Copy ``number`` of a bag's label. At most one copy of a bag is not voided.

    ``content`` is what was printed, so that the same job gives the same bytes for ever.
    """

    __tablename__ = "label_copy"
    id: Mapped[int] = mapped_column(primary_key=True)
    bag_id: Mapped[int] = mapped_column(sa.ForeignKey("bag.id"), index=True)
    number: Mapped[int]
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("label_job.id"), index=True)
    content: Mapped[dict] = mapped_column(sa.JSON)
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    printed_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    applied_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    voided_at: Mapped[datetime | None]
    voided_why: Mapped[str | None] = mapped_column(sa.String(500))
    bag: Mapped[Bag] = relationship(backref=sa.orm.backref("labels", order_by="LabelCopy.number"))
    job: Mapped[LabelJob | None] = relationship(back_populates="copies")
    __table_args__ = (
        sa.UniqueConstraint("bag_id", "number"),
        sa.Index("uq_label_copy_current", "bag_id", unique=True,
                 sqlite_where=sa.text("voided_at IS NULL"),
                 postgresql_where=sa.text("voided_at IS NULL")),
        sa.CheckConstraint("number BETWEEN 1 AND 255", name="number_range"),
        sa.CheckConstraint("number = 1 OR reason IS NOT NULL", name="reprint_reasoned"),
        sa.CheckConstraint("(applied_at IS NULL) = (applied_by_id IS NULL)", name="applied_by"),
        sa.CheckConstraint("applied_at IS NULL OR printed_at IS NOT NULL", name="applied_printed"),
        sa.CheckConstraint("(voided_at IS NULL) = (voided_why IS NULL)", name="voided_why"),
    )
