"""The ladder of a trial in one picture, and what the trial is run by.

A box a place, cohort under cohort: who has it, whether and since when infused. Above it a band
while the trial is paused. Beside the picture: the protocol's numbers, each with whether it was
published or chosen; who was screened out; places given up; every pause; the versions people hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from mscbank.database import session
from mscbank.infusions.models import Infusion
from mscbank.recipients import ladder
from mscbank.recipients.models import Recipient, TrialPause
from mscbank.reports.journey import address
from mscbank.reports.layout import Tone, cells_in_words, day_in_words
from mscbank.reports.sketch import Block, Fill, Ink, Mark, Rule, Sketch, Words
from mscbank.rules import count_told
from mscbank.settings import local
from specs.protocol import Cohort, Protocol

ACROSS, WIDE, HIGH, GAP = 10, 92, 62, 6
WIDTH = ACROSS * (WIDE + GAP)
HEAD, BAND = 40, 44
RULES = {
    "enrolment.waivers_allowed": "Waivers are allowed",
    "enrolment.replace_not_infused": "Who leaves before the infusion is replaced",
    "enrolment.days_between_cohorts": "Days between two cohorts",
    "dose.tolerance_percent": "Tolerance of the dose (%)",
    "dose.dmso_ml_per_kg_max": "DMSO at most (mL/kg)",
    "dose.dmso_ml_max": "DMSO at most (mL)",
    "dose.weight_valid_days": "A weight counts for (days)",
    "dose.thaw_recovery_percent": "Viable cells after thawing (%)",
    "dose.volume_step_ml": "Volumes in steps of (mL)",
    "dose.ml_per_minute_max": "Fastest rate (mL/min)",
    "dose.ml_per_kg_per_hour_max": "Fastest rate (mL/kg/h)",
    "donor.kinships": "Kinships",
    "donor.markers": "Infectious markers",
    "donor.sampling_to_donation_days_max": "From blood sample to donation at most (days)",
    "donor.autologous_allowed": "The recipient's own marrow is allowed",
    "endpoint.days": "Days of the primary endpoint",
    "endpoint.grade_min": "From which grade an event counts for the endpoint",
    "stopping.grade_min": "From which grade an event pauses the trial",
    "stopping.infusion_related_only": "Only events related to the infusion",
    "stopping.events_min": "Events that pause the trial",
    "stopping.counted_within": "Events are counted within",
    "stopping.lifted_by": "The pause is lifted by",
    "safety.ctcae_version": "CTCAE version",
    "safety.investigator_to_sponsor_hours": "From investigator to sponsor at most (h)",
    "safety.susar_fatal_or_life_threatening_days": "SUSAR, fatal or life-threatening: report within (days)",
    "safety.susar_other_days": "SUSAR, others: report within (days)",
    "safety.susar_follow_up_days": "SUSAR: completing report within (days)",
    "bedside.thawed_expiry_minutes": "A thawed bag is usable for (min)",
    "bedside.check_valid_minutes": "A check by two counts for (min)",
    "bedside.go_token_seconds": "The start is possible for (s)",
    "infusion.observation_minutes": "Observations after the start (min)",
    "transport.hours_max": "Transport at most (h)"}
SECTIONS = ("enrolment", "dose", "donor", "endpoint", "stopping", "safety", "bedside", "infusion",
            "transport")


@dataclass(frozen=True)
class Number:
    """A number of the protocol, and where it comes from."""

    section: str
    name: str
    value: str
    basis: str
    source: str
    choices: Sequence[str] = ()


@dataclass(frozen=True)
class Trial:
    """Everything the page of a trial shows."""

    protocol: Protocol
    picture: Sketch
    pause: TrialPause | None
    pauses: Sequence[TrialPause]
    screened_out: Sequence[Recipient]
    left: Sequence[Recipient]
    waiting: Sequence[Recipient]
    versions: Mapping[str, int]
    numbers: Sequence[Number]


def trial(protocol: Protocol, today: date) -> Trial:
    """The trial of this protocol as it stands on this day."""
    people = session.scalars(
        sa.select(Recipient).where(Recipient.trial == protocol.name)
        .options(selectinload(Recipient.allocated), selectinload(Recipient.screening_failure),
                 selectinload(Recipient.assessments))
        .order_by(Recipient.id)).all()
    pause = ladder.pause_of(protocol.name)
    versions = Counter(each.protocol for each in people if each.screening_failure is None)
    return Trial(
        protocol, _picture(protocol, people, pause, today), pause,
        ladder.pauses_of(protocol.name),
        [each for each in people if each.screening_failure is not None],
        [each for each in people if each.allocated and each.allocation is None],
        [each for each in people if each.allocated is None and each.screening_failure is None],
        dict(sorted(versions.items())), numbers(protocol))


def numbers(protocol: Protocol) -> list[Number]:
    """Every number of the protocol with its basis, section by section."""
    found = [_number(protocol, "cohorts", f"cohort {each.number}", f"cohort.{each.number}",
                     f"{count_told(each.size, 'place')}, {cells_in_words(each.dose_per_kg)} cells/kg")
             for each in protocol.cohorts]
    found += [_number(protocol, "eligibility", each.title, f"criterion.{each.key}",
                      _limits(each.low, each.high, each.unit) if each.options is None
                      else str(each.ask), tuple((each.options or {}).values()))
              for each in protocol.criteria]
    for section in SECTIONS:
        rules = getattr(protocol, section)
        found += [_number(protocol, section, RULES[f"{section}.{field.name}"],
                          f"{section}.{field.name}", *_told(getattr(rules, field.name)))
                  for field in fields(rules)]
    found += [_number(protocol, "visits", each.name, f"visit.{each.name}",
                      f"{_due(each)}, {count_told(each.before, 'day')} before to {each.after} after")
              for each in protocol.visits]
    return found


def _picture(protocol: Protocol, people: Sequence[Recipient], pause: TrialPause | None,
             today: date) -> Sketch:
    holders = {each.allocation.number: each for each in people if each.allocation is not None}
    began = {id_: local(first).date() for id_, first in session.execute(
        sa.select(Infusion.recipient_id, sa.func.min(Infusion.started_at))
        .where(Infusion.recipient_id.in_([each.id for each in holders.values()]))
        .group_by(Infusion.recipient_id))}
    marks: list[Mark] = []
    y = 0
    if pause is not None:
        marks += _band(pause)
        y += BAND
    first = 1
    for cohort in protocol.cohorts:
        marks += _cohort(cohort, y, sum(number in holders and holders[number].id in began
                                        for number in range(first, first + cohort.size)))
        y += HEAD
        for place in range(cohort.size):
            down, across = divmod(place, ACROSS)
            marks.append(_place(first + place, holders.get(first + place), began, today,
                                across * (WIDE + GAP), y + down * (HIGH + GAP)))
        y += -(-cohort.size // ACROSS) * (HIGH + GAP) + 10
        first += cohort.size
    told = (f"{count_told(protocol.places, 'place')} in "
            f"{count_told(len(protocol.cohorts), 'cohort')}, {len(holders)} of them given, "
            f"{count_told(len(began), 'person', 'people')} infused. ")
    told += ("The trial is paused: " + pause.why if pause else "The trial runs.")
    return Sketch("ladder-picture", "The ladder of cohorts", told, WIDTH, y, tuple(marks))


def _band(pause: TrialPause) -> Iterator[Mark]:
    since = day_in_words(local(pause.recorded_at).date())
    yield Block(0, 0, WIDTH - GAP, BAND - 12, Fill.TAKEN, (f"Paused since {since}",), Tone.STOP,
                f"The trial is paused since {since}: {pause.why}", f"/pauses/{pause.code}")


def _cohort(cohort: Cohort, y: int, infused: int) -> Iterator[Mark]:
    yield Words(0, y + 16, f"Cohort {cohort.number} · {cells_in_words(cohort.dose_per_kg)} "
                "cells/kg", Ink.INK, bold=True)
    yield Words(WIDTH - GAP, y + 16, f"{infused} infused of {count_told(cohort.size, 'place')}", anchor="end")
    yield Rule(0, y + 24, WIDTH - GAP, y + 24)


def _place(number: int, holder: Recipient | None, began: Mapping[int, date], today: date,
           x: int, y: int) -> Block:
    if holder is None:
        return Block(x, y, WIDE, HIGH, Fill.FREE, (f"Place {number}", "free"), None,
                     f"Place {number}: free")
    on = began.get(holder.id)
    if on is None:
        return Block(x, y, WIDE, HIGH, Fill.TAKEN,
                     (holder.number, f"place {number}", "not infused"), Tone.OPEN,
                     f"Place {number}: {holder.number}, not infused yet", address(holder))
    days = (today - on).days
    return Block(x, y, WIDE, HIGH, Fill.TAKEN, (holder.number, f"place {number}", f"day {days}"),
                 Tone.GOOD, f"Place {number}: {holder.number}, infused {day_in_words(on)}, "
                            f"{count_told(days, 'day')} ago", address(holder))


def _number(protocol: Protocol, section: str, name: str, key: str, value: str,
            choices: Sequence[str] = ()) -> Number:
    basis = protocol.basis.get(key)
    if basis is None:
        return Number(section, name, value, "not in this version", "", choices)
    return Number(section, name, value, str(basis.kind), basis.note, choices)


def _limits(low: Any, high: Any, unit: str) -> str:
    said = [f"at least {low}"] if low is not None else []
    said += [f"at most {high}"] if high is not None else []
    return f"{', '.join(said)} {unit}".strip()


def _due(visit: Any) -> str:
    return f"day {visit.day}" if visit.month is None else f"month {visit.month}"


def _told(value: Any) -> tuple[str, Sequence[str]]:
    """A value in words, or the several things it names."""
    if isinstance(value, tuple):
        return "", [str(each) for each in value]
    if isinstance(value, bool):
        return "yes" if value else "no", ()
    return "no limit" if value is None else str(value), ()
