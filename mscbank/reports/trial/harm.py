"""What went wrong: the primary endpoint with its exact interval, events by grade, by term."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mscbank.reports.trial.facts import Event, Person, Span, Study
from mscbank.reports.trial.figures import Chapter, Figure, Line, events, percent, people, rounded
from mscbank.reports.trial.statistics import EXACT, exact_interval
from mscbank.rules import count_told

Picked = Callable[[Event], bool]
RELATED = "related: by either side's latest opinion"


def endpoint(study: Study) -> Chapter:
    """The primary endpoint in each wording, as a share with its exact interval."""
    days, grade = study.protocol.endpoint.days, study.protocol.endpoint.grade_min
    severe, within = f"grade {grade} or more", f"within {count_told(days, 'day')}"
    rows: tuple[tuple[str, Picked], ...] = (
        (f"Related event of {severe}, {within}", lambda event: (
            event.span is Span.WITHIN and event.grade >= grade and event.related is True)),
        (f"Event of {severe}, {within}, whatever the cause", lambda event: (
            event.span is Span.WITHIN and event.grade >= grade)),
        (f"Serious event {within}, whatever the cause", lambda event: (
            event.span is Span.WITHIN and event.row.now.serious)),
        (f"Related event of any grade, {within}", lambda event: (
            event.span is Span.WITHIN and event.related is True)),
        (f"Event of {severe} after day {days}", lambda event: (
            event.span is Span.AFTER and event.grade >= grade)),
        (f"Related event after day {days}", lambda event: (
            event.span is Span.AFTER and event.related is True)))
    return Chapter(
        "endpoint", "Primary endpoint: tolerance of the infusion",
        ("Events", "People", "Of", "%", "95 % interval"),
        tuple(_share(title, picked, study) for title, picked in rows),
        f"{EXACT}; {RELATED}. Severe is by grade, serious by what the event led to: the abstract "
        "defines its endpoint as serious events of grade 3 or more and reports severe ones, so "
        "both are shown")


def _share(title: str, picked: Picked, study: Study) -> Line:
    found = [event for event in study.events if picked(event)]
    hit = [person for person in study.infused if any(picked(event) for event in person.events)]
    of = len(study.infused)
    interval = exact_interval(len(hit), of)
    share = Figure(percent(len(hit), of) if of else "—", percent(len(hit), of) if of else None,
                   people(hit).behind)
    return Line(title, (
        Figure(str(len(found)), len(found), events(found).behind), people(hit),
        people(study.infused), share, _interval(interval, hit)))


def _interval(interval: tuple[float, float] | None, hit: Sequence[Person]) -> Figure:
    if interval is None:
        return Figure("—")
    ends = [rounded(end * 100) for end in interval]
    return Figure(f"{ends[0]} to {ends[1]} %", ends, people(hit).behind)


def by_grade(study: Study) -> Chapter:
    """Events by grade and relation, inside and after the protocol's days."""
    days = study.protocol.endpoint.days
    columns: tuple[tuple[str, Picked], ...] = tuple(
        (f"{words}, {said}", lambda event, span=span, related=related: (
            event.span is span and event.related is related))
        for span, words in ((Span.WITHIN, f"Within {count_told(days, 'day')}"),
                            (Span.AFTER, f"After day {days}"))
        for related, said in ((True, "related"), (False, "not related"), (None, "not said yet")))
    lines = [Line(f"Grade {grade}", tuple(
        events(event for event in study.events if event.grade == grade and picked(event))
        for _, picked in columns)) for grade in range(1, 6)]
    lines.append(Line("Any grade", tuple(
        events(event for event in study.events if picked(event)) for _, picked in columns)))
    lines.append(Line("Serious", tuple(
        events(event for event in study.events if event.row.now.serious and picked(event))
        for _, picked in columns)))
    return Chapter("grades", "Adverse events by grade and relation",
                   tuple(title for title, _ in columns), tuple(lines),
                   f"events in so many people; {RELATED}; an event before any cells is in none of "
                   "these columns")


def by_term(study: Study) -> Chapter:
    """Events by term, those met most often first."""
    days, severe = study.protocol.endpoint.days, study.protocol.endpoint.grade_min
    named: dict[str, list[Event]] = {}
    for event in study.events:
        named.setdefault(event.row.named, []).append(event)
    order = sorted(named, key=lambda term: (-len(named[term]), term))
    return Chapter(
        "terms", "Adverse events by term",
        (f"Within {count_told(days, 'day')}", f"After day {days}", "Before the cells",
         f"Grade {severe} or more", "Serious", "Related", "All"),
        tuple(Line(term, (
            *(events(event for event in named[term] if event.span is span)
              for span in (Span.WITHIN, Span.AFTER, Span.BEFORE)),
            events(event for event in named[term] if event.grade >= severe),
            events(event for event in named[term] if event.row.now.serious),
            events(event for event in named[term] if event.related),
            events(named[term]))) for term in order),
        f"CTCAE {study.protocol.safety.ctcae_version}; events in so many people; {RELATED}")
