"""What is remembered of a recipient."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed
from mscbank.things import Recorded, Thing
from mscbank.usual import Plausible


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class RecipientConsent(Recorded, Audited, Model):
    """Consent to a version of the information sheet, under a version of the protocol; withdrawn
    at most once."""

    __tablename__ = "recipient_consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    protocol: Mapped[str] = mapped_column(sa.String(60))
    document: Mapped[str] = mapped_column(sa.String(80))
    given_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)",
                           name="withdrawn_with_reason"),
    )


class CriterionFinding(Recorded, Audited, Model):
    """What was found of one criterion of the protocol, and the evidence. The latest day counts.

    ``number`` is what the limit is held against; ``items`` what it was computed from (sites of
    the skin, signs of the classification) or which options are present.
    """

    __tablename__ = "criterion_finding"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    criterion: Mapped[str] = mapped_column(sa.String(40))
    found_on: Mapped[date]
    number: Mapped[Decimal | None]
    items: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    evidence: Mapped[str] = mapped_column(sa.String(500))
    attachment: Mapped[str | None] = mapped_column(sa.String(20))
    __table_args__ = (sa.CheckConstraint("length(trim(evidence)) > 0", name="evidence"),)


class Assessment(Recorded, Audited, Model):
    """Eligibility against the protocol on a day: every criterion in words, and the signature.

    ``findings`` says the sentence of each criterion, ``failing`` the keys of those not met; empty
    means eligible. Skin score and points are absent where the protocol does not ask them.
    """

    __tablename__ = "assessment"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    protocol: Mapped[str] = mapped_column(sa.String(60))
    assessed_on: Mapped[date]
    age: Mapped[int]
    mrss: Mapped[int | None]
    acr_eular_score: Mapped[int | None]
    findings: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    failing: Mapped[list[str]] = mapped_column(sa.JSON)
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"))
    __table_args__ = (
        sa.CheckConstraint("mrss BETWEEN 0 AND 51", name="mrss_range"),
        sa.CheckConstraint("acr_eular_score BETWEEN 0 AND 19", name="score_range"),
        sa.CheckConstraint("age BETWEEN 0 AND 120", name="age_range"),
    )


class Waiver(Recorded, Audited, Model):
    """A physician's signed waiver of one criterion, where the protocol allows waivers."""

    __tablename__ = "waiver"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    protocol: Mapped[str] = mapped_column(sa.String(60))
    criterion: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(500))
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    __table_args__ = (sa.UniqueConstraint("recipient_id", "protocol", "criterion"),)


class ScreeningFailure(Recorded, Audited, Model):
    """The end of a screening without a place: when, why, and which criteria were not met."""

    __tablename__ = "screening_failure"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), unique=True)
    ended_on: Mapped[date]
    why: Mapped[str] = mapped_column(sa.String(500))
    failing: Mapped[list[str]] = mapped_column(sa.JSON)


class Weight(Plausible, Recorded, Audited, Model):
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
    """The recipient's place in the trial's ladder of cohorts, in order and once.

    Who leaves before the infusion gives the place up; where the protocol says so, the next
    recipient takes it. One place holds one person at a time.
    """

    __tablename__ = "allocation"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), unique=True)
    trial: Mapped[str] = mapped_column(sa.String(60))
    protocol: Mapped[str] = mapped_column(sa.String(60))
    number: Mapped[int]
    cohort: Mapped[int]
    dose_per_kg: Mapped[int]
    given_up_at: Mapped[datetime | None]
    given_up_why: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.Index("one_person_a_place", "trial", "number", unique=True,
                 sqlite_where=sa.text("given_up_at IS NULL"),
                 postgresql_where=sa.text("given_up_at IS NULL")),
        sa.CheckConstraint("(given_up_at IS NULL) = (given_up_why IS NULL)", name="given_up_why"),
    )


class TrialPause(Recorded, Thing):
    """A trial stands still: nobody gets a place, an order or a first bag until the board's decision
    is recorded and signed. ``events`` are the adverse events that count."""

    __tablename__ = "trial_pause"
    KIND, SLUG = "EP", "pauses"
    trial: Mapped[str] = mapped_column(sa.String(60))
    protocol: Mapped[str] = mapped_column(sa.String(60))
    why: Mapped[str] = mapped_column(sa.String(500))
    events: Mapped[list[str]] = mapped_column(sa.JSON)
    resumed_at: Mapped[datetime | None]
    board_met_on: Mapped[date | None]
    decision: Mapped[str | None] = mapped_column(sa.String(1000))
    signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    __table_args__ = (
        sa.Index("one_pause_at_a_time", "trial", unique=True,
                 sqlite_where=sa.text("resumed_at IS NULL"),
                 postgresql_where=sa.text("resumed_at IS NULL")),
        sa.CheckConstraint(
            "(resumed_at IS NULL) = (signature_id IS NULL) AND (resumed_at IS NULL) = (decision IS"
            " NULL) AND (resumed_at IS NULL) = (board_met_on IS NULL)", name="resumed_signed"),
    )

    @property
    def title(self) -> str:
        return f"Pause of {self.trial}"


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
    """A patient of the trial, by study number. ``protocol`` is the version last consented to."""

    __tablename__ = "recipient"
    KIND, SLUG = "RX", "recipients"
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    sex: Mapped[Sex] = mapped_column(closed(Sex))
    trial: Mapped[str] = mapped_column(sa.String(60), index=True)
    protocol: Mapped[str] = mapped_column(sa.String(60))
    consents: Mapped[list[RecipientConsent]] = relationship(order_by="RecipientConsent.id")
    assessments: Mapped[list[Assessment]] = relationship(order_by="Assessment.id")
    weights: Mapped[list[Weight]] = relationship(order_by="Weight.id")
    wristbands: Mapped[list[Wristband]] = relationship(
        order_by="Wristband.id", back_populates="recipient")
    findings: Mapped[list[CriterionFinding]] = relationship(
        order_by=(CriterionFinding.found_on, CriterionFinding.id))
    waivers: Mapped[list[Waiver]] = relationship(order_by="Waiver.id")
    screening_failure: Mapped[ScreeningFailure | None] = relationship()
    allocated: Mapped[Allocation | None] = relationship()

    @property
    def title(self) -> str:
        return f"Recipient {self.number}"

    @property
    def consents_now(self) -> bool:
        """Whether there is a consent that was not withdrawn."""
        return any(consent.withdrawn_at is None for consent in self.consents)

    @property
    def allocation(self) -> Allocation | None:
        """The place in the ladder, unless it was given up."""
        place = self.allocated
        return place if place is not None and place.given_up_at is None else None

    @property
    def weight_now(self) -> Weight | None:
        """The latest weight by the time it was measured."""
        return max(self.weights, key=lambda w: (w.measured_at, w.id), default=None)
