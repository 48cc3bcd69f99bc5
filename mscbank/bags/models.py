"""What is remembered of lots, bags and the places that hold them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.bags.lifecycle import Place, Standing, UnitPlace
from mscbank.cultures.models import Culture
from mscbank.database import closed
from mscbank.harvests.models import Harvest
from mscbank.things import Recorded, Thing
from mscbank.usual import Plausible


class Lot(Plausible, Recorded, Thing):
    """One batch of drug product, filled from one or more cultures of one harvest.

    It keeps the specification's version it was made under, with its digest.
    """

    __tablename__ = "lot"
    KIND, SLUG = "LX", "lots"
    UNSIGNED = ("standing",)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    harvest_id: Mapped[int] = mapped_column(sa.ForeignKey("harvest.id"), index=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    passage: Mapped[int]
    specification: Mapped[str] = mapped_column(sa.String(60))
    specification_digest: Mapped[str] = mapped_column(sa.String(64))
    standing: Mapped[Standing] = mapped_column(closed(Standing), default=Standing.PENDING)
    filled_at: Mapped[datetime]
    excipients: Mapped[str] = mapped_column(sa.String(200))
    dmso_percent: Mapped[Decimal]
    harvest: Mapped[Harvest] = relationship(backref="lots")
    bags: Mapped[list[Bag]] = relationship(order_by="Bag.number", back_populates="lot")
    __table_args__ = (
        sa.CheckConstraint("CAST(dmso_percent AS NUMERIC) BETWEEN 0 AND 20", name="dmso_range"),
    )

    @property
    def title(self) -> str:
        return f"Lot {self.number}"

    @property
    def state(self) -> dict[str, Any]:
        """The standing, and where each bag is."""
        return {"standing": self.standing, "bags": {bag.title: bag.place for bag in self.bags}}


class StoragePlace(Recorded, Thing):
    """A position that holds one bag or one cryo unit: tank, rack, box, position."""

    __tablename__ = "storage_place"
    KIND, SLUG = "FX", "places"
    tank: Mapped[str] = mapped_column(sa.String(20))
    rack: Mapped[str] = mapped_column(sa.String(20))
    box: Mapped[str] = mapped_column(sa.String(20))
    position: Mapped[str] = mapped_column(sa.String(20))
    __table_args__ = (sa.UniqueConstraint("tank", "rack", "box", "position"),)

    @property
    def title(self) -> str:
        return f"{self.tank} / {self.rack} / {self.box} / {self.position}"


class CryoUnit(Recorded, Thing):
    """Cells frozen between two passages: one vial or small bag of a counted culture.

    ``viable_cells`` went in; ``viable_thawed`` were counted when it was thawed and seeded on.
    Passage and doublings go on where the culture stopped. ``expires_at`` is None where the release
    specification in force at the freezing set no limit.
    """

    __tablename__ = "cryo_unit"
    KIND, SLUG = "CR", "cryo-units"
    UNSIGNED = ("place", "storage_place_id", "place_since")
    culture_id: Mapped[int] = mapped_column(sa.ForeignKey("culture.id"), index=True)
    number: Mapped[int]
    viable_cells: Mapped[int]
    place: Mapped[UnitPlace] = mapped_column(closed(UnitPlace), default=UnitPlace.FROZEN)
    frozen_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    units: Mapped[int]
    volume_ml: Mapped[Decimal]
    place_since: Mapped[datetime]
    storage_place_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("storage_place.id"), unique=True)
    thawed_at: Mapped[datetime | None]
    viable_thawed: Mapped[int | None]
    culture: Mapped[Culture] = relationship(backref="cryo_units")
    storage_place: Mapped[StoragePlace | None] = relationship(backref="cryo_units")
    __table_args__ = (
        sa.UniqueConstraint("culture_id", "number"),
        sa.CheckConstraint("number BETWEEN 1 AND units AND viable_cells > 0", name="positive"),
        sa.CheckConstraint("CAST(volume_ml AS NUMERIC) > 0 AND CAST(volume_ml AS NUMERIC) <= 100",
                           name="volume_range"),
        sa.CheckConstraint("(place = 'stored') = (storage_place_id IS NOT NULL)",
                           name="stored_somewhere"),
        sa.CheckConstraint("(place = 'thawed') = (thawed_at IS NOT NULL)", name="thawed_when"),
        sa.CheckConstraint("expires_at > frozen_at", name="expires_later"),
        sa.CheckConstraint("thawed_at < expires_at", name="thawed_before_expiry"),
        sa.CheckConstraint("(thawed_at IS NULL) = (viable_thawed IS NULL)", name="thawed_counted"),
        sa.CheckConstraint("viable_thawed IS NULL OR viable_thawed BETWEEN 1 AND viable_cells",
                           name="viable_thawed"),
    )

    @property
    def title(self) -> str:
        return f"Cryo unit {self.number} of {self.units}, {self.culture.title}"

    @property
    def harvest(self) -> Harvest:
        """The marrow it comes from."""
        return self.culture.harvest

    @property
    def state(self) -> dict[str, Any]:
        """Where it is."""
        return {"place": self.place}

    @property
    def usable_until(self) -> datetime | None:
        """The storage limit while it is frozen; None where there is none, or it is used up or gone.
        """
        return self.expires_at if self.place in (UnitPlace.FROZEN, UnitPlace.STORED) else None


class Bag(Recorded, Thing):
    """One bag of a lot. ``place`` moves by ``bags.service.move`` alone.

    Volume in mL, viable cells of the whole bag. Thawing shortens the expiry to ``thaw_expires_at``.
    """

    __tablename__ = "bag"
    KIND, SLUG = "BX", "bags"
    UNSIGNED = ("place", "storage_place_id", "thawed_at", "thaw_expires_at", "place_since")
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("lot.id"), index=True)
    number: Mapped[int]
    volume_ml: Mapped[Decimal]
    viable_cells: Mapped[int]
    place: Mapped[Place] = mapped_column(closed(Place), default=Place.FILLED)
    place_since: Mapped[datetime]
    storage_place_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("storage_place.id"), unique=True)
    frozen_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    thawed_at: Mapped[datetime | None]
    thaw_expires_at: Mapped[datetime | None]
    lot: Mapped[Lot] = relationship(  # its title names the lot
        back_populates="bags", lazy="joined", innerjoin=True)
    storage_place: Mapped[StoragePlace | None] = relationship(backref="bags")
    __table_args__ = (
        sa.UniqueConstraint("lot_id", "number"),
        sa.CheckConstraint("CAST(volume_ml AS NUMERIC) > 0 AND CAST(volume_ml AS NUMERIC) <= 1000",
                           name="volume_range"),
        sa.CheckConstraint("viable_cells > 0 AND number > 0", name="positive"),
        sa.CheckConstraint("(thawed_at IS NULL) = (thaw_expires_at IS NULL)", name="thaw_expires"),
        sa.CheckConstraint("(place = 'stored') = (storage_place_id IS NOT NULL)",
                           name="stored_somewhere"),
    )

    @property
    def title(self) -> str:
        return f"Bag {self.number} of lot {self.lot.number}"

    @property
    def state(self) -> dict[str, Any]:
        """The place, and the lot's standing."""
        return {"place": self.place, "standing": self.lot.standing}

    @property
    def usable_until(self) -> datetime:
        """The end of use: the expiry, or the end of the thaw time where that is earlier."""
        return min(self.expires_at, self.thaw_expires_at or self.expires_at)
