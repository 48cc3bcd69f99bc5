"""What is remembered of follow-up."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed
from mscbank.recipients.models import Recipient
from mscbank.things import Recorded, Thing


class Visit(Recorded, Audited, Model):
    """A visit of the protocol's schedule, as it took place."""

    __tablename__ = "visit"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(10))
    took_place_on: Mapped[date]
    within_window: Mapped[bool]
    mrss: Mapped[int | None]
    fvc_percent: Mapped[Decimal | None]
    dlco_percent: Mapped[Decimal | None]
    recipient: Mapped[Recipient] = relationship(
        backref=sa.orm.backref("visits", order_by="Visit.took_place_on"))
    __table_args__ = (
        sa.UniqueConstraint("recipient_id", "name"),
        sa.CheckConstraint("mrss IS NULL OR mrss BETWEEN 0 AND 51", name="mrss_range"),
        sa.CheckConstraint("fvc_percent IS NULL OR CAST(fvc_percent AS NUMERIC) BETWEEN 5 AND 200",
                           name="fvc_range"),
        sa.CheckConstraint(
            "dlco_percent IS NULL OR CAST(dlco_percent AS NUMERIC) BETWEEN 5 AND 200",
            name="dlco_range"),
    )


class Seriousness(StrEnum):
    """Outcome-based; not the same as a grade."""

    NOT_SERIOUS = "not serious"
    DEATH = "death"
    LIFE_THREATENING = "life-threatening"
    HOSPITALISATION = "hospitalisation or its prolongation"
    DISABILITY = "persistent disability"
    CONGENITAL = "congenital anomaly"
    IMPORTANT = "other important medical event"


class Cause(StrEnum):
    RELATED = "related"
    NOT_RELATED = "not related"


class Outcome(StrEnum):
    ONGOING = "ongoing"
    RECOVERED = "recovered"
    SEQUELAE = "recovered with sequelae"
    FATAL = "fatal"


class AdverseEvent(Recorded, Thing):
    """An adverse event: CTCAE term, grade and version, seriousness, onset.

    Opinions on the cause are rows of their own, one column a side, never overwritten.
    """

    __tablename__ = "adverse_event"
    KIND, SLUG = "ED", "adverse-events"
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    term: Mapped[str] = mapped_column(sa.String(80))
    grade: Mapped[int]
    ctcae_version: Mapped[str] = mapped_column(sa.String(10))
    seriousness: Mapped[Seriousness] = mapped_column(closed(Seriousness))
    onset_at: Mapped[datetime]
    outcome: Mapped[Outcome] = mapped_column(closed(Outcome))
    narrative: Mapped[str | None] = mapped_column(sa.String(2000))
    recipient: Mapped[Recipient] = relationship(backref="adverse_events")
    opinions: Mapped[list[Opinion]] = relationship(order_by="Opinion.id")
    __table_args__ = (sa.CheckConstraint("grade BETWEEN 1 AND 5", name="grade_range"),)

    @property
    def title(self) -> str:
        return f"{self.term}, grade {self.grade}"


class Side(StrEnum):
    INVESTIGATOR = "investigator"
    SPONSOR = "sponsor"


class Opinion(Recorded, Audited, Model):
    """One side's opinion on the cause. A changed mind is a further row with its reason."""

    __tablename__ = "opinion"
    id: Mapped[int] = mapped_column(primary_key=True)
    adverse_event_id: Mapped[int] = mapped_column(sa.ForeignKey("adverse_event.id"), index=True)
    side: Mapped[Side] = mapped_column(closed(Side))
    cause: Mapped[Cause] = mapped_column(closed(Cause))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"), unique=True)


class FollowUpEnd(Recorded, Audited, Model):
    """The end of a recipient's follow-up: when, and as what."""

    __tablename__ = "follow_up_end"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), unique=True)
    ended_on: Mapped[date]
    why: Mapped[str] = mapped_column(sa.String(200))
