"""Who took part and what became of them: the records of one study, read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from mscbank.database import session
from mscbank.followup import events
from mscbank.followup.models import AdverseEvent, Ended, FollowUpEnd, Visit, standing
from mscbank.infusions.models import Infusion, Order
from mscbank.recipients.models import Recipient
from mscbank.reports.safety import when
from mscbank.settings import local
from specs.protocol import Protocol

MONTH_DAYS = Decimal("30.4375")


class Span(StrEnum):
    """When an event began, as the protocol counts."""

    BEFORE = "before"
    WITHIN = "within"
    AFTER = "after"


@dataclass(frozen=True)
class Event:
    """An adverse event with what the tables ask of it. ``related``: by either side's latest
    opinion; None when nobody has said."""

    row: AdverseEvent
    span: Span
    related: bool | None

    @property
    def grade(self) -> int:
        return self.row.now.grade


@dataclass(frozen=True)
class Person:
    """One person of the study. ``infusions`` in order, ``visits`` those that stand and took
    place."""

    row: Recipient
    infusions: tuple[Infusion, ...]
    visits: tuple[Visit, ...]
    events: tuple[Event, ...]
    end: FollowUpEnd | None

    @property
    def cohort(self) -> int | None:
        return self.row.allocation.cohort if self.row.allocation else None

    @property
    def screened_out(self) -> bool:
        """The screening ended without a place."""
        return self.row.screening_failure is not None

    @property
    def infused_on(self) -> date | None:
        return local(self.infusions[0].started_at).date() if self.infusions else None

    @property
    def last_on(self) -> date | None:
        """The last day of follow-up: its end, or the last visit where it goes on."""
        if self.infused_on is None:
            return None
        if self.end:
            return self.end.ended_on
        return max([self.infused_on, *(each.took_place_on for each in self.visits
                                       if each.took_place_on)])

    @property
    def months(self) -> Decimal | None:
        """Months of 30.4375 days from the first infusion to the last day."""
        if self.infused_on is None or self.last_on is None:
            return None
        return Decimal((self.last_on - self.infused_on).days) / MONTH_DAYS

    @property
    def cells(self) -> Decimal:
        """Viable cells given in all."""
        return sum((cells_of(each) for each in self.infusions), Decimal(0))

    @property
    def cells_per_kg(self) -> Decimal | None:
        return self.cells / self.infusions[0].order.weight_kg if self.infusions else None

    @property
    def volume_ml(self) -> Decimal:
        return sum((each.volume_given_ml or Decimal(0) for each in self.infusions), Decimal(0))

    @property
    def lasted(self) -> timedelta | None:
        """How long cells ran in, the pauses between bags left out."""
        ended = [each for each in self.infusions if each.ended_at]
        return sum((each.ended_at - each.started_at for each in ended), timedelta()) if ended \
            else None

    def measured(self, visit: str, column: str) -> Decimal | None:
        """A measure of a visit of the schedule."""
        seen = next((each for each in self.visits if each.name == visit), None)
        value: Any = None if seen is None else getattr(seen, column)
        return None if value is None else Decimal(value)

    def before(self, column: str) -> Decimal | None:
        """A measure before the cells: on the day of the infusion; the skin score as assessed
        where that day has none."""
        found = self.measured("D0", column)
        if found is None and column == "mrss" and self.row.assessments:
            score = self.row.assessments[-1].mrss
            return None if score is None else Decimal(score)
        return found


@dataclass(frozen=True)
class Study:
    """Everybody of one study, in the order of enrolment."""

    protocol: Protocol
    people: tuple[Person, ...]

    @property
    def infused(self) -> list[Person]:
        return [each for each in self.people if each.infusions]

    @property
    def events(self) -> list[Event]:
        return [event for person in self.people for event in person.events]


def study(protocol: Protocol) -> Study:
    """Read a study. As many questions to the database, however many take part."""
    recipients = session.scalars(
        sa.select(Recipient).where(ours(protocol)).order_by(Recipient.id).options(
            selectinload(Recipient.consents), selectinload(Recipient.assessments),
            selectinload(Recipient.weights), joinedload(Recipient.allocated),
            joinedload(Recipient.screening_failure),
            selectinload(Recipient.visits).selectinload(Visit.laboratory),
            selectinload(Recipient.infusions).options(
                joinedload(Infusion.bag), joinedload(Infusion.order).selectinload(Order.parts),
                selectinload(Infusion.observations)),
            selectinload(Recipient.adverse_events).options(
                selectinload(AdverseEvent.information), selectinload(AdverseEvent.opinions),
                selectinload(AdverseEvent.reports)))).unique().all()
    ends = {each.recipient_id: each for each in session.scalars(sa.select(FollowUpEnd))}
    people = tuple(_person(each, ends.get(each.id), protocol) for each in recipients)
    return Study(protocol, people)


def ours(protocol: Protocol) -> sa.ColumnElement[bool]:
    """Who belongs to the study of this protocol."""
    return Recipient.trial == protocol.name


def cells_of(infusion: Infusion) -> Decimal:
    """Viable cells that ran in from one bag: its ordered cells, by the volume given of it."""
    part = next(each for each in infusion.order.parts if each.bag_id == infusion.bag_id)
    given = infusion.volume_given_ml
    return Decimal(part.cells) * (Decimal(1) if given is None else given / part.volume_ml)


def completed(person: Person) -> bool:
    return person.end is not None and person.end.ended_as is Ended.COMPLETED


def _person(row: Recipient, end: FollowUpEnd | None, protocol: Protocol) -> Person:
    began = sorted(row.infusions, key=lambda each: each.started_at)
    moments = [local(each.started_at) for each in began]
    return Person(row, tuple(began), tuple(
        each for each in standing(row.visits) if each.took_place_on is not None), tuple(
        Event(each, Span(when(local(each.onset_at), moments, protocol.endpoint.days)),
              events.related(each.opinions)) for each in row.adverse_events), end)





def grouped(people: Sequence[Person], protocol: Protocol) -> list[list[Person]]:
    """The people of each cohort, then all of them: the columns of a table."""
    return [*([each for each in people if each.cohort == cohort.number]
              for cohort in protocol.cohorts), list(people)]
