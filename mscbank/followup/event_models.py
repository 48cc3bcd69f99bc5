"""What is remembered of adverse events.

The event itself is who, which term, when it began; what is known of it comes in versions, the
first with the report. Opinions on the cause and reports sent out are rows of their own.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed
from mscbank.recipients.models import Recipient
from mscbank.things import Recorded, Thing


class Seriousness(StrEnum):
    """What makes an event serious: by what it led to, several may apply. Not the same as a grade."""

    DEATH = "death"
    LIFE_THREATENING = "life-threatening"
    HOSPITALISATION = "hospitalisation or its prolongation"
    DISABILITY = "persistent disability"
    CONGENITAL = "congenital anomaly"
    IMPORTANT = "other important medical event"


COLUMN_OF = {
    Seriousness.DEATH: "led_to_death", Seriousness.LIFE_THREATENING: "threatened_life",
    Seriousness.HOSPITALISATION: "hospitalised", Seriousness.DISABILITY: "disabled",
    Seriousness.CONGENITAL: "congenital", Seriousness.IMPORTANT: "medically_important"}


class Cause(StrEnum):
    RELATED = "related"
    NOT_RELATED = "not related"


class Expectedness(StrEnum):
    """Whether the product's reference safety information names it. The sponsor says so."""

    EXPECTED = "expected"
    UNEXPECTED = "unexpected"


class Outcome(StrEnum):
    ONGOING = "ongoing"
    RECOVERED = "recovered"
    SEQUELAE = "recovered with sequelae"
    FATAL = "fatal"


class Action(StrEnum):
    """What was done with the cells because of the event."""

    NONE = "none"
    SLOWED = "infusion slowed"
    INTERRUPTED = "infusion interrupted and resumed"
    STOPPED = "infusion stopped"
    WITHHELD = "further cells withheld"
    NOT_APPLICABLE = "not applicable: nothing was running"


class AdverseEvent(Recorded, Thing):
    """An adverse event: its CTCAE term and version, when it began, when the investigator knew.

    What is known of it (grade, seriousness, outcome ...) stands in ``information``, the latest
    last; opinions on the cause are rows of their own, one column a side, never overwritten.
    """

    __tablename__ = "adverse_event"
    KIND, SLUG = "ED", "adverse-events"
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    term: Mapped[str] = mapped_column(sa.String(80))
    specified: Mapped[str | None] = mapped_column(sa.String(80))
    ctcae_version: Mapped[str] = mapped_column(sa.String(10))
    onset_at: Mapped[datetime]
    known_at: Mapped[datetime]
    recipient: Mapped[Recipient] = relationship(
        backref=sa.orm.backref("adverse_events", order_by="AdverseEvent.onset_at"))
    information: Mapped[list[EventInformation]] = relationship(
        order_by="EventInformation.number", back_populates="event",
        lazy="selectin")  # its title says the grade: a list asks once for all
    opinions: Mapped[list[Opinion]] = relationship(order_by="Opinion.id")
    reports: Mapped[list[ExpeditedReport]] = relationship(order_by="ExpeditedReport.id")
    __table_args__ = (
        sa.CheckConstraint("(term = 'Other, specify') = (specified IS NOT NULL)",
                           name="other_is_specified"),
        sa.CheckConstraint("known_at >= onset_at", name="known_after_onset"),
    )

    @property
    def now(self) -> EventInformation:
        """What is known of it now."""
        return self.information[-1]

    @property
    def named(self) -> str:
        """The term; what is none of them, in its own words."""
        return self.specified or self.term

    @property
    def title(self) -> str:
        return f"{self.named}, grade {self.now.grade}"

    @property
    def state(self) -> dict[str, object]:
        return {"grade": self.now.grade, "serious": self.now.serious, "outcome": self.now.outcome}


class EventInformation(Recorded, Audited, Model):
    """One version of what is known of an event: the first report, then each follow-up."""

    __tablename__ = "event_information"
    id: Mapped[int] = mapped_column(primary_key=True)
    adverse_event_id: Mapped[int] = mapped_column(sa.ForeignKey("adverse_event.id"), index=True)
    number: Mapped[int]
    grade: Mapped[int]
    led_to_death: Mapped[bool]
    threatened_life: Mapped[bool]
    hospitalised: Mapped[bool]
    disabled: Mapped[bool]
    congenital: Mapped[bool]
    medically_important: Mapped[bool]
    outcome: Mapped[Outcome] = mapped_column(closed(Outcome))
    ended_at: Mapped[datetime | None]
    action: Mapped[Action] = mapped_column(closed(Action))
    treatment: Mapped[str | None] = mapped_column(sa.String(500))
    narrative: Mapped[str | None] = mapped_column(sa.String(2000))
    what_is_new: Mapped[str | None] = mapped_column(sa.String(500))
    event: Mapped[AdverseEvent] = relationship(back_populates="information")
    __table_args__ = (
        sa.UniqueConstraint("adverse_event_id", "number"),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name="grade_range"),
        sa.CheckConstraint("(grade = 5) = led_to_death AND led_to_death = (outcome = 'fatal')",
                           name="death_throughout"),
        sa.CheckConstraint("ended_at IS NULL OR outcome <> 'ongoing'", name="ongoing_has_no_end"),
        sa.CheckConstraint("(number = 1) = (what_is_new IS NULL)", name="follow_up_says_what"),
    )

    @property
    def seriousness(self) -> list[Seriousness]:
        """The criteria that apply; none is not serious."""
        return [each for each, column in COLUMN_OF.items() if getattr(self, column)]

    @property
    def serious(self) -> bool:
        return bool(self.seriousness)


class Side(StrEnum):
    INVESTIGATOR = "investigator"
    SPONSOR = "sponsor"


class Opinion(Recorded, Audited, Model):
    """One side's opinion on the cause. A changed mind is a further row with its reason. The
    sponsor also says whether the event was expected."""

    __tablename__ = "opinion"
    id: Mapped[int] = mapped_column(primary_key=True)
    adverse_event_id: Mapped[int] = mapped_column(sa.ForeignKey("adverse_event.id"), index=True)
    side: Mapped[Side] = mapped_column(closed(Side))
    cause: Mapped[Cause] = mapped_column(closed(Cause))
    expectedness: Mapped[Expectedness | None] = mapped_column(closed(Expectedness))
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    __table_args__ = (
        sa.CheckConstraint("(side = 'sponsor') = (expectedness IS NOT NULL)",
                           name="the_sponsor_says_expected"),
    )


class ExpeditedReport(Recorded, Audited, Model):
    """A report of a serious event that went out: to whom, when, under which number of theirs.
    Which version of what was known it told."""

    __tablename__ = "expedited_report"
    id: Mapped[int] = mapped_column(primary_key=True)
    adverse_event_id: Mapped[int] = mapped_column(sa.ForeignKey("adverse_event.id"), index=True)
    information_id: Mapped[int] = mapped_column(sa.ForeignKey("event_information.id"))
    number: Mapped[int]
    sent_at: Mapped[datetime]
    sent_to: Mapped[str] = mapped_column(sa.String(120))
    reference: Mapped[str | None] = mapped_column(sa.String(80))
    information: Mapped[EventInformation] = relationship()
    __table_args__ = (sa.UniqueConstraint("adverse_event_id", "number"),)
