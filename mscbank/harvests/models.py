"""What is remembered of a harvest."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import closed
from mscbank.donors.models import Donor
from mscbank.things import Recorded, Thing
from mscbank.usual import Plausible


class Site(StrEnum):
    LEFT_POSTERIOR = "left posterior iliac crest"
    RIGHT_POSTERIOR = "right posterior iliac crest"
    BOTH_POSTERIOR = "both posterior iliac crests"
    STERNUM = "sternum"


class Anticoagulant(StrEnum):
    HEPARIN = "heparin"
    ACD_A = "ACD-A"


class Harvest(Plausible, Recorded, Thing):
    """One marrow collection. Received when ``received_at`` is set; only then may it be seeded.

    Nucleated cells are the total of the bag; viability is in per cent. ``why_unusual`` is of the
    collection, ``why_received_unusual`` of the receipt.
    """

    __tablename__ = "harvest"
    KIND, SLUG = "HX", "harvests"
    din: Mapped[str] = mapped_column(sa.String(13), unique=True)
    donor_id: Mapped[int] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    site: Mapped[Site] = mapped_column(closed(Site))
    collected_at: Mapped[datetime]
    volume_ml: Mapped[Decimal]
    anticoagulant: Mapped[Anticoagulant] = mapped_column(closed(Anticoagulant))
    dispatched_at: Mapped[datetime | None]
    transport_min_c: Mapped[Decimal | None]
    transport_max_c: Mapped[Decimal | None]
    received_at: Mapped[datetime | None]
    received_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    condition: Mapped[str | None] = mapped_column(sa.String(200))
    nucleated_cells: Mapped[int | None]
    viability: Mapped[Decimal | None]
    why_received_unusual: Mapped[str | None] = mapped_column(sa.String(500))
    donor: Mapped[Donor] = relationship(backref="harvests")
    __table_args__ = (
        sa.CheckConstraint("CAST(volume_ml AS NUMERIC) > 0 AND CAST(volume_ml AS NUMERIC) <= 2000",
                           name="volume_range"),
        sa.CheckConstraint("viability IS NULL OR CAST(viability AS NUMERIC) BETWEEN 0 AND 100",
                           name="viability_range"),
        sa.CheckConstraint("nucleated_cells IS NULL OR nucleated_cells > 0", name="cells_positive"),
        sa.CheckConstraint("(received_at IS NULL) = (received_by_id IS NULL)",
                           name="received_by_someone"),
        sa.CheckConstraint("received_at IS NULL OR received_at >= collected_at",
                           name="received_after_collection"),
    )

    @property
    def title(self) -> str:
        return f"Harvest {self.din}"
