"""Cohorts and follow-up as one picture: a line a person, from the infusion to the last contact.

Months after the infusion to the right; visits as ticks, the visits' windows of the protocol in the
scale above; adverse events by their sign. Read in five statements, however many people there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from mscbank.database import session
from mscbank.followup.models import AdverseEvent, Cause, FollowUpEnd, Visit, standing
from mscbank.infusions.models import Infusion
from mscbank.recipients.models import Allocation, Recipient
from mscbank.reports.journey import address
from mscbank.reports.layout import Tone, cells_in_words, day_in_words
from mscbank.reports.sketch import Block, Fill, Ink, Mark, Rule, Sign, Sketch, Words
from mscbank.rules import count_told
from mscbank.settings import local
from specs.protocol import Protocol

WIDTH, LEFT, RIGHT, TOP = 900, 92, 128, 58
ROW, HEAD, BAR = 26, 30, 10
MONTH_DAYS = Decimal("30.4375")
LEAST_MONTHS = 6  # a scale is never shorter


@dataclass(frozen=True)
class Person:
    """One recipient's line."""

    recipient: Recipient
    infused_on: date | None
    last_on: date | None
    ended: bool


def protocols() -> dict[str, int]:
    """The protocols of people here, each trial by the latest version somebody holds, and how many
    take part in it; most first."""
    held: dict[str, list[str]] = {}
    for trial, reference in session.execute(sa.select(Recipient.trial, Recipient.protocol)):
        held.setdefault(trial, []).append(reference)
    latest = {max(versions, key=lambda one: int(one.rpartition("-")[2])): len(versions)
              for versions in held.values()}
    return dict(sorted(latest.items(), key=lambda each: (-each[1], each[0])))


def timeline(protocol: Protocol) -> Sketch:
    """Everybody who has a place in the protocol's ladder, by cohort and place."""
    people = _people(protocol)
    months = max([LEAST_MONTHS, *(_months(each.infused_on, each.last_on) for each in people),
                  *(visit.month for visit in protocol.visits if visit.month)])
    marks: list[Mark] = []
    y = TOP
    for number, group in groupby(people, lambda each: _cohort(each.recipient)):
        group = list(group)
        marks += _heading(protocol, number, group, y)
        y += HEAD
        for person in group:
            marks += _line(person, y, months, protocol.endpoint.grade_min)
            y += ROW
    height = y + 56
    return Sketch("cohorts-picture", "Cohorts and follow-up", _told(people), WIDTH, height,
                  (*_scale(protocol, months, y), *marks, *_legend(height - 16, protocol)))


def _people(protocol: Protocol) -> list[Person]:
    recipients = session.scalars(
        sa.select(Recipient).where(Recipient.trial == protocol.name)
        .join(Recipient.allocated).where(Allocation.given_up_at.is_(None))
        .options(sa.orm.contains_eager(Recipient.allocated), selectinload(Recipient.visits),
                 selectinload(Recipient.adverse_events).options(
                     selectinload(AdverseEvent.opinions), selectinload(AdverseEvent.information)))
    ).unique().all()
    began = dict(session.execute(
        sa.select(Infusion.recipient_id, sa.func.min(Infusion.started_at))
        .group_by(Infusion.recipient_id)).tuples().all())
    ends = dict(session.execute(
        sa.select(FollowUpEnd.recipient_id, FollowUpEnd.ended_on)).tuples().all())
    return sorted((_person(each, began.get(each.id), ends.get(each.id)) for each in recipients),
                  key=lambda each: (_cohort(each.recipient), each.recipient.allocation.number))


def _person(recipient: Recipient, began: datetime | None, ended: date | None) -> Person:
    if began is None:
        return Person(recipient, None, None, ended is not None)
    on = local(began).date()
    visits = [each.took_place_on for each in _visits(recipient)]
    return Person(recipient, on, ended or max([on, *visits]), ended is not None)


def _visits(recipient: Recipient) -> list[Visit]:
    """Those that took place, as they stand."""
    return [each for each in standing(recipient.visits) if each.took_place_on is not None]


def _cohort(recipient: Recipient) -> int:
    assert recipient.allocation is not None
    return recipient.allocation.cohort


def _heading(protocol: Protocol, number: int, group: Sequence[Person], y: int) -> Iterator[Mark]:
    cohort = next(each for each in protocol.cohorts if each.number == number)
    infused = sum(each.infused_on is not None for each in group)
    yield Words(0, y + 12, f"Cohort {number} · {cells_in_words(cohort.dose_per_kg)} cells/kg",
                Ink.INK, bold=True)
    yield Words(WIDTH, y + 12, f"{infused} infused of {count_told(cohort.size, 'place')}", anchor="end")
    yield Rule(0, y + 19, WIDTH, y + 19)


def _line(person: Person, y: int, months: int, severe: int) -> Iterator[Mark]:
    recipient, middle = person.recipient, y + ROW // 2
    if person.infused_on is None or person.last_on is None:
        yield Block(0, y, LEFT - 12, ROW - 4, Fill.FREE, (recipient.number,), None,
                    f"{recipient.number}: allocated, not infused", address(recipient))
        yield Words(LEFT, middle + 4, "not infused yet")
        return
    events = sorted(recipient.adverse_events, key=lambda event: event.onset_at)
    yield Block(0, y, LEFT - 12, ROW - 4, Fill.FREE, (recipient.number,), None,
                _said(person, len(events)), address(recipient))
    end = _x(_months(person.infused_on, person.last_on), months)
    yield Block(LEFT, middle - BAR // 2 - 2, max(end - LEFT, 2), BAR, Fill.BAR)
    for visit in _visits(recipient):
        x = _x(_months(person.infused_on, visit.took_place_on), months)
        yield Rule(x, middle - 9, x, middle + 5, Ink.INK, dashed=not visit.within_window)
    for event in events:
        yield _event(event, person.infused_on, middle - 2, months, severe)
    yield Words(min(end + 8, WIDTH - RIGHT + 8), middle + 2, day_in_words(person.infused_on)
                + ("" if person.ended else " →"))


def _event(event: AdverseEvent, infused_on: date, y: int, months: int, severe: int) -> Sign:
    related = any(opinion.cause is Cause.RELATED for opinion in event.opinions)
    on = local(event.onset_at).date()
    tone = Tone.STOP if related else Tone.WAIT if event.now.grade >= severe else Tone.OPEN
    return Sign(_x(max(_months(infused_on, on), Decimal(0)), months), y, tone,
                f"{event.title}, {day_in_words(on)}{', related' if related else ''}",
                address(event))


def _said(person: Person, events: int) -> str:
    recipient = person.recipient
    assert person.infused_on and person.last_on
    months = _months(person.infused_on, person.last_on).quantize(Decimal("0.1"))
    if person.ended:
        return (f"{recipient.number}: infused {day_in_words(person.infused_on)}, followed "
                f"{count_told(months, 'month')}, ended, visits: {len(_visits(recipient))}, "
                f"adverse events: {events}")
    return (f"{recipient.number}: infused {day_in_words(person.infused_on)}, followed "
            f"{count_told(months, 'month')}, visits: {len(_visits(recipient))}, "
            f"adverse events: {events}")


def _scale(protocol: Protocol, months: int, bottom: int) -> Iterator[Mark]:
    """The months, and the windows of the visits that have one worth seeing."""
    yield Words(LEFT, 16, "months after the infusion, and the windows of the visits")
    for month in range(0, int(months) + 1, 3 if months <= 36 else 6):
        yield Rule(_x(month, months), TOP - 10, _x(month, months), bottom)
        yield Words(_x(month, months), TOP - 16, str(month), anchor="middle")
    for visit in protocol.visits:
        if visit.month and visit.before + visit.after:
            begins = visit.month - visit.before / MONTH_DAYS
            ends = visit.month + visit.after / MONTH_DAYS
            yield Block(_x(begins, months), TOP - 10, _x(ends, months) - _x(begins, months),
                        bottom - TOP + 10, Fill.BAND)


def _legend(y: int, protocol: Protocol) -> Iterator[Mark]:
    x = LEFT
    for tone, words in ((Tone.STOP, "related event"),
                        (Tone.WAIT, f"other event, grade {protocol.endpoint.grade_min} or more"),
                        (Tone.OPEN, "other event, milder")):
        yield Sign(x, y - 4, tone)
        yield Words(x + 14, y, words)
        x += 44 + len(words) * 7
    yield Rule(x, y - 11, x, y + 3, Ink.INK)
    yield Words(x + 10, y, "visit (dashed: outside its window)")


def _told(people: Sequence[Person]) -> str:
    infused = [each for each in people if each.infused_on]
    if not infused:
        return f"{count_told(len(people), 'person has', 'people have')} a place; nobody was infused yet."
    ended = sum(each.ended for each in infused)
    return (f"{count_told(len(people), 'person has', 'people have')} a place, {len(infused)} infused; the "
            f"follow-up of {ended} has ended. A line a person, from the infusion to the last contact.")


def _months(start: date | None, end: date | None) -> Decimal:
    return Decimal((end - start).days) / MONTH_DAYS if start and end else Decimal(0)


def _x(month: Decimal | int | float, months: Decimal | int) -> int:
    return LEFT + int(Decimal(month) * (WIDTH - LEFT - RIGHT) / Decimal(months))
