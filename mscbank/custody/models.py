"""What is remembered of custody."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.bags.models import Bag
from mscbank.database import Audited, Model, plain_decimal
from mscbank.things import Recorded, Thing


class Journey(Recorded, Thing):
    """One bag on its way to the ward in one box: given out, carried, taken over.

    ``received_at`` empty: it is on the way. Limits are those of the protocol on that day.
    """

    __tablename__ = "journey"
    KIND, SLUG = "JX", "journeys"
    UNSIGNED = ("received_by_id", "received_at", "condition", "returned_at")
    bag_id: Mapped[int] = mapped_column(sa.ForeignKey("bag.id"), index=True)
    box: Mapped[str] = mapped_column(sa.String(40))
    destination: Mapped[str] = mapped_column(sa.String(80))
    given_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    given_at: Mapped[datetime]
    low_c: Mapped[Decimal]
    high_c: Mapped[Decimal]
    received_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    received_at: Mapped[datetime | None]
    condition: Mapped[str | None] = mapped_column(sa.String(200))
    returned_at: Mapped[datetime | None]
    bag: Mapped[Bag] = relationship(backref=sa.orm.backref("journeys", order_by="Journey.id"))
    readings: Mapped[list[Temperature]] = relationship(order_by="Temperature.at")
    excursions: Mapped[list[Excursion]] = relationship(
        order_by="Excursion.id", back_populates="journey")
    __table_args__ = (
        sa.CheckConstraint("(received_at IS NULL) = (received_by_id IS NULL)", name="received_by"),
        sa.CheckConstraint("received_by_id IS NULL OR received_by_id <> given_by_id",
                           name="two_sides"),
    )

    @property
    def title(self) -> str:
        return f"Journey of {self.bag.title} to {self.destination}"


class Temperature(Recorded, Audited, Model):
    """One reading of the box's logger, in degrees Celsius."""

    __tablename__ = "temperature"
    id: Mapped[int] = mapped_column(primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"), index=True)
    at: Mapped[datetime]
    celsius: Mapped[Decimal]
    __table_args__ = (
        sa.UniqueConstraint("journey_id", "at"),
        sa.CheckConstraint("CAST(celsius AS NUMERIC) BETWEEN -273 AND 100", name="range"),
    )


class Excursion(Recorded, Thing):
    """Readings outside the limits. Open until quality assurance accepts it by signature;
    an open one keeps the bag from the patient."""

    __tablename__ = "excursion"
    KIND, SLUG = "JC", "excursions"
    UNSIGNED = ("judged_at", "judgement", "signature_id")
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"), index=True)
    celsius: Mapped[Decimal]
    began_at: Mapped[datetime]
    judged_at: Mapped[datetime | None]
    judgement: Mapped[str | None] = mapped_column(sa.String(500))
    signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"))
    journey: Mapped[Journey] = relationship(back_populates="excursions")
    __table_args__ = (
        sa.CheckConstraint("(judged_at IS NULL) = (signature_id IS NULL)", name="judged_signed"),
        sa.CheckConstraint("(judged_at IS NULL) = (judgement IS NULL)", name="judged_said"),
    )

    @property
    def title(self) -> str:
        return f"Excursion to {plain_decimal(self.celsius)} °C: {self.journey.bag.title}"
