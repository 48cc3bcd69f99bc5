"""What is remembered of printed labels: jobs, copies, printers, what was sent to them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank import things
from mscbank.bags.models import Bag, Lot
from mscbank.database import Audited, Model, closed
from mscbank.rules import day_told
from mscbank.settings import local
from mscbank.things import Recorded, Thing


class LabelKind(StrEnum):
    """What a label is put on, or what a paper goes with."""

    BAG = "bag"
    DONOR_TUBE = "donor tube"
    HARVEST = "harvest bag"
    VESSEL = "culture vessel"
    CRYO_UNIT = "cryo unit"
    SAMPLE = "sample tube"
    PLACE = "storage place"
    BADGE = "staff badge"
    WRISTBAND = "wristband"
    BOX = "shipment box"
    PACKING_LIST = "packing list"
    BEDSIDE_FORM = "bedside form"


class PrintState(StrEnum):
    """How far a copy is on its way to a printer. ``unknown``: bytes went out, then the line broke,
    so it may be on paper; it is never sent again by itself."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


OUT = frozenset({PrintState.SENT, PrintState.UNKNOWN})  # may be on paper


class Piece(StrEnum):
    """What of a copy a printer prints: the label, or the companion that says what it has no room
    for. Both bear the copy's number and go on together; each has a stock of its own."""

    LABEL = "label"
    COMPANION = "companion"


class LabelJob(Recorded, Thing):
    """One print job: its pages were read back and compared before anyone could download it.

    ``used`` are the places of the first sheet that hold no label any more; ``tag_digest`` is that
    of the companions of labels too small to say all.
    """

    __tablename__ = "label_job"
    KIND, SLUG = "LC", "label-jobs"
    kind: Mapped[LabelKind] = mapped_column(closed(LabelKind))
    stock: Mapped[str] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(10))
    used: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    pdf_digest: Mapped[str] = mapped_column(sa.String(64))
    tag_digest: Mapped[str | None] = mapped_column(sa.String(64))
    copies: Mapped[list[LabelCopy]] = relationship(order_by="LabelCopy.id", back_populates="job")

    @property
    def title(self) -> str:
        return f"Labels of {day_told(local(self.recorded_at))}: {len(self.copies)} × {self.kind}"


class LabelCopy(Recorded, Thing):
    """Copy ``number`` of the label of ``about`` (a house code), on its part ``part`` (a vessel, a
    tube). Copies of a thing are numbered through; at most one of each part is not voided.

    ``content`` is what was printed, so that the same job gives the same bytes for ever.
    ``bag_id`` is set for the labels of bags, whose current copy decides whether they may leave.
    """

    __tablename__ = "label_copy"
    KIND, SLUG = "LP", "label-copies"
    about: Mapped[str] = mapped_column(sa.String(20), index=True)
    kind: Mapped[LabelKind] = mapped_column(closed(LabelKind))
    part: Mapped[int] = mapped_column(default=1)
    number: Mapped[int]
    bag_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bag.id"), index=True)
    job_id: Mapped[int | None] = mapped_column(sa.ForeignKey("label_job.id"), index=True)
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("label_copy.id"), unique=True)
    content: Mapped[dict] = mapped_column(sa.JSON)
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    printed_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    applied_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    voided_at: Mapped[datetime | None]
    voided_why: Mapped[str | None] = mapped_column(sa.String(500))
    damaged_at: Mapped[datetime | None]
    damaged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    destroyed_at: Mapped[datetime | None]
    destroyed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    destroyed_how: Mapped[str | None] = mapped_column(sa.String(200))
    bag: Mapped[Bag | None] = relationship(
        backref=sa.orm.backref("labels", order_by="LabelCopy.number"))
    job: Mapped[LabelJob | None] = relationship(back_populates="copies")
    prints: Mapped[list[LabelPrint]] = relationship(
        order_by="LabelPrint.id", back_populates="copy")
    __table_args__ = (
        sa.UniqueConstraint("about", "number"),
        sa.UniqueConstraint("bag_id", "number"),
        sa.Index("uq_label_copy_current", "bag_id", unique=True,
                 sqlite_where=sa.text("voided_at IS NULL"),
                 postgresql_where=sa.text("voided_at IS NULL")),
        sa.Index("uq_label_copy_current_part", "about", "kind", "part", unique=True,
                 sqlite_where=sa.text("voided_at IS NULL"),
                 postgresql_where=sa.text("voided_at IS NULL")),
        sa.CheckConstraint("number BETWEEN 1 AND 255", name="number_range"),
        sa.CheckConstraint("part BETWEEN 1 AND 255", name="part_range"),
        sa.CheckConstraint("(bag_id IS NOT NULL) = (kind = 'bag')", name="bag_of_bags"),
        sa.CheckConstraint("(replaces_id IS NULL) = (reason IS NULL)", name="replaced_why"),
        sa.CheckConstraint("kind <> 'bag' OR number = 1 OR reason IS NOT NULL",
                           name="reprint_reasoned"),
        sa.CheckConstraint("(applied_at IS NULL) = (applied_by_id IS NULL)", name="applied_by"),
        sa.CheckConstraint("applied_at IS NULL OR printed_at IS NOT NULL", name="applied_printed"),
        sa.CheckConstraint("(voided_at IS NULL) = (voided_why IS NULL)", name="voided_why"),
        sa.CheckConstraint("(damaged_at IS NULL) = (damaged_by_id IS NULL)", name="damaged_by"),
        sa.CheckConstraint("damaged_at IS NULL OR (voided_at IS NOT NULL AND printed_at IS NOT "
                           "NULL)", name="damaged_void"),
        sa.CheckConstraint("(destroyed_at IS NULL) = (destroyed_by_id IS NULL)",
                           name="destroyed_by"),
        sa.CheckConstraint("(destroyed_at IS NULL) = (destroyed_how IS NULL)",
                           name="destroyed_how"),
        sa.CheckConstraint("destroyed_at IS NULL OR (voided_at IS NOT NULL AND printed_at IS NOT "
                           "NULL)", name="destroyed_void"),
    )

    looked_up: ClassVar[Any] = None  # set by whoever looked up the things of many copies at once

    @property
    def thing(self) -> Any:
        """What the label belongs to."""
        return self.bag or self.looked_up or things.by_code(self.about)

    @property
    def title(self) -> str:
        if self.kind is LabelKind.BAG:
            return f"{self.thing.title}: label copy {self.number}"
        return f"{self.thing.title}: label copy {self.number} ({self.kind})"


class Printer(Recorded, Thing):
    """A label printer on the network: where it stands, how fine it prints, what it is loaded with.
    Ended, never removed."""

    __tablename__ = "printer"
    KIND, SLUG = "LR", "printers"
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    place: Mapped[str] = mapped_column(sa.String(80))
    dpi: Mapped[int]
    stock: Mapped[str] = mapped_column(sa.String(40))
    host: Mapped[str] = mapped_column(sa.String(120))
    port: Mapped[int] = mapped_column(default=9100)
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("dpi IN (203, 300, 600)", name="dpi"),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name="port_range"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ended_why"),
    )

    @property
    def title(self) -> str:
        return f"{self.name}, {self.place}"


class LabelPrint(Recorded, Audited, Model):
    """A piece of a copy in the queue of a printer: the very bytes that were read back, and how far
    they came.

    ``bytes_out`` counts what the network took: a copy of which any went out is not sent again.
    """

    __tablename__ = "label_print"
    DIGESTED_AS: ClassVar[dict[str, str]] = {"zpl": "zpl_digest"}
    id: Mapped[int] = mapped_column(primary_key=True)
    copy_id: Mapped[int] = mapped_column(sa.ForeignKey("label_copy.id"), index=True)
    printer_id: Mapped[int] = mapped_column(sa.ForeignKey("printer.id"), index=True)
    piece: Mapped[Piece] = mapped_column(closed(Piece))
    state: Mapped[PrintState] = mapped_column(closed(PrintState), default=PrintState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    bytes_out: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(sa.String(300))
    zpl: Mapped[bytes] = mapped_column(deferred=True)
    zpl_digest: Mapped[str] = mapped_column(sa.String(64))
    copy: Mapped[LabelCopy] = relationship(back_populates="prints")
    printer: Mapped[Printer] = relationship()
    __table_args__ = (
        sa.Index("uq_label_print_once", "copy_id", "piece", unique=True,
                 sqlite_where=sa.text("state <> 'failed'"),
                 postgresql_where=sa.text("state <> 'failed'")),
        sa.Index("ix_label_print_queue", "state", "not_before"),
        sa.CheckConstraint("attempts >= 0 AND bytes_out >= 0", name="counted"),
        sa.CheckConstraint("state NOT IN ('waiting', 'failed') OR bytes_out = 0",
                           name="nothing_out"),
        sa.CheckConstraint("(ended_at IS NOT NULL) = (state IN ('sent', 'failed', 'unknown'))",
                           name="ended"),
        sa.CheckConstraint("state <> 'sending' OR taken_at IS NOT NULL", name="taken"),
    )


class LabelReconciliation(Recorded, Thing):
    """Quality assurance closed the release papers of a lot: each copy of its labels is on its bag,
    destroyed, or was never printed. ``counts`` are these; a later copy opens the question again.
    """

    __tablename__ = "label_reconciliation"
    KIND, SLUG = "LN", "label-reconciliations"
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    counts: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    lot: Mapped[Lot] = relationship()

    @property
    def title(self) -> str:
        return f"Labels of lot {self.lot.number} reconciled"
