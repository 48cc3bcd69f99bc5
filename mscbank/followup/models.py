"""What is remembered of follow-up. Adverse events have a file of their own, read here too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed, plain_decimal
from mscbank.followup.event_models import (
    Action,
    AdverseEvent,
    Cause,
    EventInformation,
    Expectedness,
    ExpeditedReport,
    Opinion,
    Outcome,
    Seriousness,
    Side,
)
from mscbank.recipients.models import Recipient
from mscbank.things import Recorded, Thing
from mscbank.usual import Plausible

__all__ = ["Action", "AdverseEvent", "Cause", "Ended", "EventInformation", "Expectedness",
           "ExpeditedReport", "FollowUpEnd", "LaboratoryValue", "Opinion", "Outcome",
           "Seriousness", "Side", "Survival", "Visit", "standing"]


class Survival(StrEnum):
    """What is known of the person on the day of a visit."""

    ALIVE = "alive"
    DEAD = "dead"


def _between(column: str, low: int, high: int) -> str:
    return f"{column} IS NULL OR CAST({column} AS NUMERIC) BETWEEN {low} AND {high}"


class Visit(Plausible, Recorded, Thing):
    """A visit of the protocol's schedule: as it took place with what was measured, or missed, and
    why. A correction is a further row that says everything anew and points at the one it corrects.

    Skin score in points (and by its seventeen sites), lung function in per cent of predicted,
    HAQ-DI 0 to 3, SF-36 as its two component summaries, vital signs as at the bedside;
    ``usual`` is of these alone.
    """

    __tablename__ = "visit"
    KIND, SLUG = "VT", "visits"
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(10))
    took_place_on: Mapped[date | None]
    missed_why: Mapped[str | None] = mapped_column(sa.String(500))
    within_window: Mapped[bool]
    survival: Mapped[Survival | None] = mapped_column(closed(Survival))
    mrss: Mapped[int | None]
    mrss_sites: Mapped[list[int] | None] = mapped_column(sa.JSON(none_as_null=True))
    fvc_percent: Mapped[Decimal | None]
    dlco_percent: Mapped[Decimal | None]
    haq_di: Mapped[Decimal | None]
    sf36_physical: Mapped[Decimal | None]
    sf36_mental: Mapped[Decimal | None]
    temperature_c: Mapped[Decimal | None]
    pulse: Mapped[int | None]
    systolic: Mapped[int | None]
    diastolic: Mapped[int | None]
    saturation: Mapped[int | None]
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit.id"), unique=True)
    reason: Mapped[str | None] = mapped_column(sa.String(500))
    recipient: Mapped[Recipient] = relationship(
        backref=sa.orm.backref("visits", order_by="Visit.took_place_on, Visit.id"))
    laboratory: Mapped[list[LaboratoryValue]] = relationship(order_by="LaboratoryValue.id")
    __table_args__ = (
        # A schedule's visit is recorded once; what follows corrects it.
        sa.Index("uq_visit_first", "recipient_id", "name", unique=True,
                 sqlite_where=sa.text("corrects_id IS NULL"),
                 postgresql_where=sa.text("corrects_id IS NULL")),
        sa.CheckConstraint("(took_place_on IS NULL) = (missed_why IS NOT NULL)",
                           name="took_place_or_missed"),
        sa.CheckConstraint("took_place_on IS NOT NULL OR (survival IS NULL AND mrss IS NULL AND "
                           "fvc_percent IS NULL AND dlco_percent IS NULL AND haq_di IS NULL AND "
                           "sf36_physical IS NULL AND sf36_mental IS NULL AND "
                           "temperature_c IS NULL AND pulse IS NULL AND systolic IS NULL AND "
                           "diastolic IS NULL AND saturation IS NULL AND NOT within_window)",
                           name="missed_measures_nothing"),
        sa.CheckConstraint("(corrects_id IS NULL) = (reason IS NULL)", name="corrected_why"),
        sa.CheckConstraint("mrss_sites IS NULL OR mrss IS NOT NULL", name="sites_add_up"),
        sa.CheckConstraint("mrss IS NULL OR mrss BETWEEN 0 AND 51", name="mrss_range"),
        sa.CheckConstraint(_between("fvc_percent", 5, 200), name="fvc_range"),
        sa.CheckConstraint(_between("dlco_percent", 5, 200), name="dlco_range"),
        sa.CheckConstraint(_between("haq_di", 0, 3), name="haq_range"),
        sa.CheckConstraint(_between("sf36_physical", 0, 100), name="sf36_physical_range"),
        sa.CheckConstraint(_between("sf36_mental", 0, 100), name="sf36_mental_range"),
        sa.CheckConstraint(_between("temperature_c", 25, 45), name="temperature"),
        sa.CheckConstraint("pulse IS NULL OR pulse BETWEEN 0 AND 300", name="pulse"),
        sa.CheckConstraint("(systolic IS NULL) = (diastolic IS NULL) AND (systolic IS NULL OR "
                           "(systolic BETWEEN 20 AND 300 AND diastolic BETWEEN 10 AND 250))",
                           name="pressure"),
        sa.CheckConstraint("saturation IS NULL OR saturation BETWEEN 0 AND 100",
                           name="saturation"),
    )

    @property
    def title(self) -> str:
        return f"Visit {self.name} of {self.recipient.number}"


class LaboratoryValue(Audited, Model):
    """One laboratory value of a visit, with the range the laboratory gives as its reference."""

    __tablename__ = "laboratory_value"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(40))
    value: Mapped[Decimal]
    unit: Mapped[str] = mapped_column(sa.String(20))
    low: Mapped[Decimal | None]
    high: Mapped[Decimal | None]
    __table_args__ = (
        sa.UniqueConstraint("visit_id", "name"),
        sa.CheckConstraint("low IS NULL OR high IS NULL OR "
                           "CAST(low AS NUMERIC) <= CAST(high AS NUMERIC)", name="range"),
    )

    @property
    def reference(self) -> str:
        """The range in words: ``45 to 104``, ``at most 5``; a dash where none was given."""
        low, high = (None if end is None else plain_decimal(end) for end in (self.low, self.high))
        if low is not None and high is not None:
            return f"{low} to {high}"
        return f"at least {low}" if low is not None else f"at most {high}" if high else "—"

    @property
    def flag(self) -> str:
        """``low``, ``high``, ``normal``; nothing where no reference was given."""
        if self.low is not None and self.value < self.low:
            return "low"
        if self.high is not None and self.value > self.high:
            return "high"
        return "" if self.low is None and self.high is None else "normal"


class Ended(StrEnum):
    """As what a follow-up ended."""

    COMPLETED = "completed"
    WITHDRAWN = "withdrew consent"
    LOST = "lost to follow-up"
    DIED = "died"
    STOPPED = "ended by the physician"


class FollowUpEnd(Recorded, Audited, Model):
    """The end of a recipient's follow-up: when, and as what."""

    __tablename__ = "follow_up_end"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), unique=True)
    ended_on: Mapped[date]
    ended_as: Mapped[Ended] = mapped_column(closed(Ended))
    why: Mapped[str] = mapped_column(sa.String(200))


def standing(visits: Iterable[Visit]) -> list[Visit]:
    """The rows that nobody corrected, in the order given."""
    rows = list(visits)
    corrected = {each.corrects_id for each in rows}
    return [each for each in rows if each.id not in corrected]
