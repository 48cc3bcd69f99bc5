"""What is remembered of cultures and reagents."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed
from mscbank.harvests.models import Harvest
from mscbank.things import Recorded, Thing
from mscbank.usual import Plausible


class ReagentKind(StrEnum):
    MEDIUM = "medium"
    PLATELET_LYSATE = "platelet lysate"
    SERUM = "serum"
    ENZYME = "enzyme"
    BUFFER = "buffer"
    CRYOPROTECTANT = "cryoprotectant"
    ALBUMIN = "albumin"
    GROWTH_FACTOR = "growth factor"


class ReagentStanding(StrEnum):
    QUARANTINE = "quarantine"
    RELEASED = "released"
    BLOCKED = "blocked"


class VesselKind(StrEnum):
    T75 = "T-75 flask"
    T175 = "T-175 flask"
    STACK_1 = "1-layer stack"
    STACK_2 = "2-layer stack"
    STACK_5 = "5-layer stack"
    STACK_10 = "10-layer stack"


VESSEL_AREA_CM2: dict[VesselKind, int] = {
    VesselKind.T75: 75, VesselKind.T175: 175, VesselKind.STACK_1: 636,
    VesselKind.STACK_2: 1272, VesselKind.STACK_5: 3180, VesselKind.STACK_10: 6360,
}


class ReagentLot(Recorded, Thing):
    """A supplier's lot of a reagent. Used only while released and not expired."""

    __tablename__ = "reagent_lot"
    KIND, SLUG = "GX", "reagents"
    reagent: Mapped[ReagentKind] = mapped_column(closed(ReagentKind))
    name: Mapped[str] = mapped_column(sa.String(80))
    lot_number: Mapped[str] = mapped_column(sa.String(40))
    supplier: Mapped[str] = mapped_column(sa.String(80))
    expires_on: Mapped[date]
    standing: Mapped[ReagentStanding] = mapped_column(closed(ReagentStanding))
    __table_args__ = (sa.UniqueConstraint("supplier", "name", "lot_number"),)

    @property
    def title(self) -> str:
        return f"{self.name}, lot {self.lot_number}"


class ReagentUse(Recorded, Audited, Model):
    """This reagent lot went into this thing (a culture's or a lot's code)."""

    __tablename__ = "reagent_use"
    id: Mapped[int] = mapped_column(primary_key=True)
    reagent_lot_id: Mapped[int] = mapped_column(sa.ForeignKey("reagent_lot.id"), index=True)
    used_in: Mapped[str] = mapped_column(sa.String(20), index=True)
    reagent_lot: Mapped[ReagentLot] = relationship()


class Looked(StrEnum):
    FED = "fed"
    OBSERVED = "observed"


class CultureNote(Recorded, Audited, Model):
    """A feeding or an observation: confluence in per cent, a word on what was seen."""

    __tablename__ = "culture_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    culture_id: Mapped[int] = mapped_column(sa.ForeignKey("culture.id"), index=True)
    kind: Mapped[Looked] = mapped_column(closed(Looked))
    at: Mapped[datetime]
    confluence: Mapped[int | None]
    seen: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("confluence IS NULL OR confluence BETWEEN 0 AND 100",
                           name="confluence_range"),
    )


class CultureCount(Plausible, Recorded, Audited, Model):
    """A count at the end of a passage: total and viable cells of the whole culture.

    A later count corrects the one before (``corrects_id``); the latest stands.
    """

    __tablename__ = "culture_count"
    id: Mapped[int] = mapped_column(primary_key=True)
    culture_id: Mapped[int] = mapped_column(sa.ForeignKey("culture.id"), index=True)
    at: Mapped[datetime]
    total_cells: Mapped[int]
    viable_cells: Mapped[int]
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("culture_count.id"), unique=True)
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("total_cells > 0 AND viable_cells >= 0 AND viable_cells <= total_cells",
                           name="viable_within_total"),
        sa.CheckConstraint("(corrects_id IS NULL) = (reason IS NULL)", name="corrected_why"),
    )


class Culture(Recorded, Thing):
    """One passage in its vessels, from seeding until it is passaged, filled or discarded.

    ``passage`` counts from 0. ``seeded_cells`` went in (nucleated for P0, viable after).
    """

    __tablename__ = "culture"
    KIND, SLUG = "CX", "cultures"
    harvest_id: Mapped[int] = mapped_column(sa.ForeignKey("harvest.id"), index=True)
    passage: Mapped[int]
    vessel: Mapped[VesselKind] = mapped_column(closed(VesselKind))
    vessels: Mapped[int]
    area_cm2: Mapped[int]
    seeded_cells: Mapped[int]
    colony_forming: Mapped[int | None]
    seeded_at: Mapped[datetime]
    incubator: Mapped[str] = mapped_column(sa.String(40))
    next_due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str | None] = mapped_column(sa.String(40))
    harvest: Mapped[Harvest] = relationship(backref="cultures")
    notes: Mapped[list[CultureNote]] = relationship(order_by="CultureNote.id")
    counts: Mapped[list[CultureCount]] = relationship(order_by="CultureCount.id")
    UNSIGNED = ("next_due_at",)
    __table_args__ = (
        sa.CheckConstraint("passage >= 0 AND vessels > 0 AND area_cm2 > 0 AND seeded_cells > 0",
                           name="positive"),
        sa.CheckConstraint("colony_forming IS NULL OR colony_forming > 0", name="colonies"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name="ended_as_something"),
    )

    @property
    def title(self) -> str:
        return f"P{self.passage} of {self.harvest.din}"

    @property
    def density(self) -> Decimal:
        """Seeding density in cells per square centimetre."""
        return (Decimal(self.seeded_cells) / self.area_cm2).quantize(Decimal(1))

    @property
    def count(self) -> CultureCount | None:
        """The count that stands."""
        return self.counts[-1] if self.counts else None
