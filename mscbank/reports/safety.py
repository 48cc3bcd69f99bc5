"""The trial's safety table, computed from the records: enrolment, doses, events, follow-up.

``safety_table`` answers plain values that JSON can hold; numbers that are not whole are text.
*Severe* is by grade, *serious* by what the event led to. *Related* is by either side's latest
opinion. Medians and quartiles are those of linear interpolation between the ordered values (the
inclusive method); a month is 30.4375 days.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from mscbank import clock
from mscbank.audit import checkpoints
from mscbank.database import session
from mscbank.followup.event_rules import within_days
from mscbank.followup.models import (
    AdverseEvent,
    Cause,
    FollowUpEnd,
    Opinion,
    Visit,
)
from mscbank.infusions.models import Infusion
from mscbank.infusions.rules import millions
from mscbank.recipients.models import (
    Allocation,
    Assessment,
    Recipient,
    ScreeningFailure,
    Sex,
)
from mscbank.rules import count_told, day_told, moment_told
from mscbank.settings import local, settings
from specs import shelf
from specs.protocol import Protocol

MONTH_DAYS = Decimal("30.4375")
METHOD = ("months of 30.4375 days from the first infusion to the end of follow-up, or to the last "
          "visit where it goes on; median and quartiles by linear interpolation, ends included")


@dataclass(frozen=True)
class Event:
    """An adverse event as the table counts it."""

    person: str
    term: str
    grade: int
    serious: bool
    when: str  # "before", "within" or "after" the protocol's days of an infusion
    related: bool | None


def safety_table(reference: str | None = None) -> dict[str, Any]:
    """The table of one protocol's recipients (``name-version``; the bank's own when not said)."""
    protocol = shelf.protocol(reference or settings().protocol)
    people = _people(protocol)
    began = _infusions(protocol)
    events = _events(protocol, began)
    return {
        "protocol": protocol.reference, "registry": protocol.registry_id,
        "made_at": clock.now().isoformat(timespec="seconds"),
        **_enrolment(people, began),
        "cohorts": _cohorts(protocol, people, began),
        **_safety(protocol, events, len(began)),
        "follow_up": _follow_up(protocol, began),
        "discrepancies": [{"about": each.about, "registry": each.registry, "paper": each.paper}
                          for each in protocol.discrepancies],
        "checkpoint": checkpoints.note(settings().signing_key, clock.now()),
    }


def _people(protocol: Protocol) -> Sequence[Any]:
    first = sa.select(sa.func.min(Assessment.id)).group_by(Assessment.recipient_id)
    return session.execute(
        sa.select(Recipient.id, Recipient.sex, Recipient.recorded_at, Allocation.cohort,
                  Assessment.age, Assessment.mrss, ScreeningFailure.id.label("failed"))
        .outerjoin(ScreeningFailure, ScreeningFailure.recipient_id == Recipient.id)
        .outerjoin(Allocation, Allocation.recipient_id == Recipient.id)
        .outerjoin(Assessment, sa.and_(Assessment.recipient_id == Recipient.id,
                                       Assessment.id.in_(first)))
        .where(Recipient.trial == protocol.name).order_by(Recipient.id)).all()


def _infusions(protocol: Protocol) -> dict[int, list[datetime]]:
    """When each person's bags began, on the site's clock, in order."""
    began = defaultdict(list)
    for person, at in session.execute(
            sa.select(Infusion.recipient_id, Infusion.started_at)
            .join(Recipient, Recipient.id == Infusion.recipient_id)
            .where(Recipient.trial == protocol.name).order_by(Infusion.started_at)):
        began[person].append(local(at))
    return dict(began)


def _events(protocol: Protocol, began: dict[int, list[datetime]]) -> list[Event]:
    ours = Recipient.trial == protocol.name
    said: dict[int, dict[str, Cause]] = defaultdict(dict)
    for event, side, cause in session.execute(
            sa.select(Opinion.adverse_event_id, Opinion.side, Opinion.cause)
            .join(AdverseEvent, AdverseEvent.id == Opinion.adverse_event_id)
            .join(Recipient, Recipient.id == AdverseEvent.recipient_id)
            .where(ours).order_by(Opinion.id)):
        said[event][side] = cause  # the latest of each side stands
    rows = session.scalars(
        sa.select(AdverseEvent).join(Recipient, Recipient.id == AdverseEvent.recipient_id)
        .where(ours).order_by(AdverseEvent.onset_at, AdverseEvent.id)
        .options(sa.orm.selectinload(AdverseEvent.information),
                 sa.orm.contains_eager(AdverseEvent.recipient))).all()
    return [Event(row.recipient.number, row.named, row.now.grade, row.now.serious,
                  when(local(row.onset_at), began.get(row.recipient_id, []),
                       protocol.endpoint.days),
                  Cause.RELATED in said[row.id].values() if row.id in said else None)
            for row in rows]


def when(onset_at: datetime, began: Iterable[datetime], days: int) -> str:
    """``before`` the cells, ``within`` the protocol's days of them, or ``after``."""
    before_onset = [at for at in began if at <= onset_at]
    if not before_onset:
        return "before"
    return "within" if within_days(max(before_onset), onset_at, days) else "after"


def _enrolment(people: Sequence[Any], began: dict[int, list[datetime]]) -> dict[str, Any]:
    screened, people = len(people), [each for each in people if each.failed is None]
    days = [local(person.recorded_at).date() for person in people]
    sexes = Counter(person.sex for person in people)
    ages = [Decimal(person.age) for person in people if person.age is not None]
    scores = [Decimal(person.mrss) for person in people if person.mrss is not None]
    return {
        "screened": screened, "enrolled": len(people), "infused": len(began),
        "women": sexes[Sex.FEMALE], "men": sexes[Sex.MALE],
        "first_enrolled": _day(min(days, default=None)),
        "last_enrolled": _day(max(days, default=None)),
        "age": _spread(ages), "mrss": _spread(scores),
    }


def _cohorts(protocol: Protocol, people: Sequence[Any], began: dict[int, list[datetime]],
             ) -> list[dict[str, Any]]:
    return [{
        "cohort": cohort.number, "places": cohort.size, "dose_per_kg": cohort.dose_per_kg,
        "allocated": sum(person.cohort == cohort.number for person in people),
        "infused": sum(person.cohort == cohort.number and person.id in began
                       for person in people),
    } for cohort in protocol.cohorts]


def _safety(protocol: Protocol, events: list[Event], infused: int) -> dict[str, Any]:
    severe_from = protocol.endpoint.grade_min
    early = [each for each in events if each.when == "within" and each.related]
    late = [each for each in events if each.when == "after"]
    return {
        "days": protocol.endpoint.days, "severe_from_grade": severe_from,
        "ctcae": protocol.safety.ctcae_version,
        "infusion_related_severe": _count(
            (each for each in early if each.grade >= severe_from), infused),
        "infusion_related": _count(early, infused),
        "severe_after": _count((each for each in late if each.grade >= severe_from), infused),
        "severe_after_related": _count(
            (each for each in late if each.grade >= severe_from and each.related), infused),
        "related_after": _count((each for each in late if each.related), infused),
        "serious": _count((each for each in events if each.serious), infused),
        "before_infusion": _count((each for each in events if each.when == "before"), infused),
        "without_opinion": _count((each for each in events if each.related is None), infused),
    }


def _count(events: Iterable[Event], infused: int) -> dict[str, Any]:
    """How many events in how many people, in per cent of those infused, and which."""
    events = list(events)
    people = {each.person for each in events}
    kinds = Counter((each.term, each.grade) for each in events)
    return {
        "events": len(events), "people": len(people),
        "percent": _one_digit(Decimal(100 * len(people)) / infused) if infused else None,
        "terms": [{"term": term, "grade": grade, "events": count}
                  for (term, grade), count in sorted(kinds.items())],
    }


def _follow_up(protocol: Protocol, began: dict[int, list[datetime]]) -> dict[str, Any]:
    ours = Recipient.trial == protocol.name
    ends: dict[int, date] = dict(session.execute(
        sa.select(FollowUpEnd.recipient_id, FollowUpEnd.ended_on)
        .join(Recipient, Recipient.id == FollowUpEnd.recipient_id).where(ours)).tuples().all())
    later = sa.orm.aliased(Visit)
    visits: dict[int, date] = dict(session.execute(
        sa.select(Visit.recipient_id, sa.func.max(Visit.took_place_on))
        .join(Recipient, Recipient.id == Visit.recipient_id)
        .where(ours, ~sa.exists().where(later.corrects_id == Visit.id))
        .group_by(Visit.recipient_id)).tuples().all())
    months = []
    for person, starts in began.items():
        infused_on = starts[0].date()
        last = ends.get(person) or visits.get(person) or infused_on
        months.append(Decimal((last - infused_on).days) / MONTH_DAYS)
    return {"people": len(months), "ended": sum(person in ends for person in began),
            "months": _spread(months), "method": METHOD}


def quantile(values: Sequence[Decimal], part: Decimal) -> Decimal:
    """The value below which this part (0 to 1) of the ordered values lies, interpolated.

    ``values`` holds at least one number. The inclusive method, Hyndman and Fan's type 7.
    """
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _spread(values: Sequence[Decimal]) -> dict[str, str] | None:
    if not values:
        return None
    parts = {"median": "0.5", "quartile_1": "0.25", "quartile_3": "0.75", "lowest": "0",
             "highest": "1"}
    return {name: _one_digit(quantile(values, Decimal(part))) for name, part in parts.items()}


def _one_digit(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.1'), ROUND_HALF_UP):f}"


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def as_text(table: dict[str, Any]) -> str:
    """The table as lines that print on a page."""
    first, last = (day_told(date.fromisoformat(day)) if day else "-"
                   for day in (table["first_enrolled"], table["last_enrolled"]))
    lines = [
        f"Safety table of {table['protocol']} ({table['registry']}), CTCAE {table['ctcae']}",
        f"made {moment_told(local(datetime.fromisoformat(table['made_at'])))}", "",
        f"Screened            {table['screened']}",
        f"Enrolled            {table['enrolled']} ({count_told(table['women'], 'woman', 'women')}, "
        f"{count_told(table['men'], 'man', 'men')}), {first} to {last}",
        f"Infused             {table['infused']}",
        f"Age, years          {_range(table['age'])}",
        f"Skin score (mRSS)   {_range(table['mrss'])}",
    ]
    lines += [f"Cohort {each['cohort']}            {each['infused']} infused of "
              f"{each['allocated']} allocated, {millions(each['dose_per_kg'])} cells/kg"
              for each in table["cohorts"]]
    lines += _events_told(table)
    follow = table["follow_up"]
    lines += ["", f"Follow-up, months   {_range(follow['months'])}; ended in {follow['ended']} of "
              f"{follow['people']}", f"  ({follow['method']})", ""]
    lines += ["Where registry and paper differ"] if table["discrepancies"] else []
    for each in table["discrepancies"]:
        lines += [f"  {each['about']}:", f"    registry: {each['registry']}",
                  f"    paper:    {each['paper']}"]
    return "\n".join([*lines, "", table["checkpoint"].rstrip()])


def _events_told(table: dict[str, Any]) -> list[str]:
    severe = f"grade {table['severe_from_grade']} or more"
    after, within = f"after day {table['days']}", f"within {count_told(table['days'], 'day')}"
    rows = (
        (f"Infusion-related, {severe}, {within}", "infusion_related_severe"),
        (f"Infusion-related, any grade, {within}", "infusion_related"),
        (f"Severe ({severe}) {after}", "severe_after"),
        ("  of these treatment-related", "severe_after_related"),
        (f"Treatment-related, any grade, {after}", "related_after"),
        ("Serious (by what it led to), at any time", "serious"),
        ("Before the infusion", "before_infusion"),
        ("No opinion on the cause yet", "without_opinion"),
    )
    lines = ["", "Adverse events (related: by either side's latest opinion)"]
    for title, key in rows:
        lines += [_counted(title, table[key])]
        if key in ("infusion_related", "severe_after"):
            lines += [f"    {each['events']} x {each['term']}, grade {each['grade']}"
                      for each in table[key]["terms"]]
    return lines


def _counted(title: str, count: dict[str, Any]) -> str:
    share = f" ({count['percent']} %)" if count["percent"] is not None else ""
    return f"  {title}: {count['events']} in {count_told(count['people'], 'person', 'people')}{share}"


def _range(spread: dict[str, str] | None) -> str:
    if spread is None:
        return "-"
    return (f"median {spread['median']} (quartiles {spread['quartile_1']} to "
            f"{spread['quartile_3']}; {spread['lowest']} to {spread['highest']})")
