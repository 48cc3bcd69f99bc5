"""What is remembered of a recipient."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed
from mscbank.things import Recorded, Thing


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class RecipientConsent(Recorded, Audited, Model):
    """Consent to a version of the information sheet; withdrawn at most once."""

    __tablename__ = "recipient_consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    document: Mapped[str] = mapped_column(sa.String(80))
    given_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)",
                           name="withdrawn_with_reason"),
    )


class Assessment(Recorded, Audited, Model):
    """Eligibility against the protocol on a day: the facts, the outcome, the signature.

    ``failing`` lists the keys of the criteria not met; empty means eligible.
    """

    __tablename__ = "assessment"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    assessed_on: Mapped[date]
    age: Mapped[int]
    mrss: Mapped[int]
    acr_eular_score: Mapped[int]
    severe_organ_involvement: Mapped[bool]
    inadequate_response: Mapped[bool]
    severe_comorbidity: Mapped[bool]
    failing: Mapped[list[str]] = mapped_column(sa.JSON)
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"))
    __table_args__ = (
        sa.CheckConstraint("mrss BETWEEN 0 AND 51", name="mrss_range"),
        sa.CheckConstraint("acr_eular_score BETWEEN 0 AND 32", name="score_range"),
        sa.CheckConstraint("age BETWEEN 0 AND 120", name="age_range"),
    )


class Weight(Recorded, Audited, Model):
    """Body weight in kg."""

    __tablename__ = "weight"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    kg: Mapped[Decimal]
    measured_at: Mapped[datetime]
    __table_args__ = (
        sa.CheckConstraint("CAST(kg AS NUMERIC) BETWEEN 2 AND 400", name="kg_range"),
    )


class Allocation(Recorded, Audited, Model):
    """The recipient's place in the trial's ladder of cohorts, in order and once."""

    __tablename__ = "allocation"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), unique=True)
    protocol: Mapped[str] = mapped_column(sa.String(60))
    number: Mapped[int]
    cohort: Mapped[int]
    dose_per_kg: Mapped[int]
    __table_args__ = (sa.UniqueConstraint("protocol", "number"),)


class Wristband(Recorded, Thing):
    """A band on a wrist. A new one ends the one before."""

    __tablename__ = "wristband"
    KIND, SLUG = "PX", "wristbands"
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    ended_at: Mapped[datetime | None]
    recipient: Mapped[Recipient] = relationship(back_populates="wristbands")

    @property
    def title(self) -> str:
        return f"Wristband of {self.recipient.number}"


class Recipient(Recorded, Thing):
    """A patient of the trial, by study number."""

    __tablename__ = "recipient"
    KIND, SLUG = "RX", "recipients"
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    sex: Mapped[Sex] = mapped_column(closed(Sex))
    protocol: Mapped[str] = mapped_column(sa.String(60))
    consents: Mapped[list[RecipientConsent]] = relationship(order_by="RecipientConsent.id")
    assessments: Mapped[list[Assessment]] = relationship(order_by="Assessment.id")
    weights: Mapped[list[Weight]] = relationship(order_by="Weight.id")
    wristbands: Mapped[list[Wristband]] = relationship(
        order_by="Wristband.id", back_populates="recipient")
    allocation: Mapped[Allocation | None] = relationship()

    @property
    def title(self) -> str:
        return f"Recipient {self.number}"

    @property
    def consents_now(self) -> bool:
        """Whether there is a consent that was not withdrawn."""
        return any(consent.withdrawn_at is None for consent in self.consents)

    @property
    def weight_now(self) -> Weight | None:
        """The latest weight by the time it was measured."""
        return max(self.weights, key=lambda w: (w.measured_at, w.id), default=None)
