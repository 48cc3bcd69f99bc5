"""What is allowed after the infusion. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from specs.conduct import VisitWindow
from specs.protocol import StoppingRule


def said(text: str, *, field: str) -> str:
    """Words, not spaces; returned without blanks around them."""
    if not text.strip():
        raise Malformed("Nothing is written here: write it down.", field=field)
    return text.strip()


def infused(infused_on: date | None, number: str) -> date:
    """Visits count from the infusion."""
    if infused_on is None:
        raise WrongMoment(f"{number} was not infused yet: the visits begin with the infusion.",
                          reasons=("not infused",))
    return infused_on


def still_followed(ended_on: date | None, number: str) -> None:
    """The follow-up of this person has not ended."""
    if ended_on is not None:
        raise AlreadyDone(f"The follow-up of {number} ended on {ended_on}.")


def the_visit(name: str, windows: Sequence[VisitWindow]) -> VisitWindow:
    """A visit of the protocol's schedule."""
    for window in windows:
        if window.visit.name == name:
            return window
    raise Malformed("The protocol has no such visit. Its visits are "
                    f"{', '.join(window.visit.name for window in windows)}.", field="name")


def visit_once(name: str, done: Iterable[str]) -> None:
    """Each visit takes place once."""
    if name in set(done):
        raise AlreadyDone(f"The visit {name} is recorded already.", field="name")


def not_before_the_infusion(took_place_on: date, infused_on: date) -> None:
    """A visit after the infusion."""
    if took_place_on < infused_on:
        raise Malformed(f"This lies before the infusion on {infused_on}: check the date.",
                        field="took_place_on")


MEASURES = (("mrss", 0, 51, "points"), ("fvc_percent", 5, 200, "% of predicted"),
            ("dlco_percent", 5, 200, "% of predicted"))


def measured(values: Mapping[str, Decimal | int | None]) -> None:
    """Numbers that can be. More than the protocol asks for at a visit may be measured."""
    for field, low, high, unit in MEASURES:
        value = values[field]
        if value is not None and not low <= value <= high:
            raise Malformed(f"This lies between {low} and {high} {unit}: check the number.",
                            field=field)


def within_window(window: VisitWindow, took_place_on: date) -> bool:
    """Whether the day counts for the protocol. One that does not is recorded, and marked."""
    return window.opens <= took_place_on <= window.closes


def a_grade(grade: int, *, fatal: bool) -> None:
    """CTCAE grades run from 1 to 5, and 5 is death."""
    if not 1 <= grade <= 5:
        raise Malformed("A grade runs from 1 to 5.", field="grade")
    if (grade == 5) != fatal:
        raise Malformed("Grade 5 is death, and death is grade 5: seriousness, outcome and grade "
                        "must say the same.", field="grade")


def death_throughout(dead: bool, fatal: bool) -> None:
    """Serious because of death, and fatal: both or neither."""
    if dead != fatal:
        raise Malformed("Death as the seriousness and a fatal outcome belong together: check "
                        "both.", field="outcome")


def changed_mind(before: str | None, cause: str, reason: str | None) -> None:
    """A further opinion of the same side says something else, and why."""
    if before is None:
        return
    if before == cause:
        raise AlreadyDone(f"This side's opinion is “{cause}” already.", field="cause")
    if not reason or not reason.strip():
        raise Malformed(f"The opinion was “{before}”. Say why it changes; both stay to be read.",
                        field="reason")


def ends_after(ended_on: date, earliest: date | None) -> None:
    """The follow-up ends after what was recorded in it."""
    if earliest is not None and ended_on < earliest:
        raise Malformed(f"Something of {earliest} is recorded: the follow-up cannot end before.",
                        field="ended_on")


@dataclass(frozen=True)
class EventFacts:
    """What the stopping rule asks of an adverse event. Times on the site's clock."""

    grade: int
    onset_at: datetime
    infused_at: datetime | None  # the last bag begun before the onset
    related: bool | None  # by either side's latest opinion; None: nobody has said


def pauses(rule: StoppingRule, days: int, event: EventFacts) -> bool:
    """Whether this event pauses the trial.

    It counts from its grade on; where the rule asks for an infusion-related one, it began within
    the protocol's days of an infusion, and nobody has said yet or one side says: related.
    """
    if event.grade < rule.grade_min:
        return False
    if not rule.infusion_related_only:
        return True
    return event.related is not False and within_days(event.infused_at, event.onset_at, days)


def within_days(infused_at: datetime | None, onset_at: datetime, days: int) -> bool:
    """During the infusion or on one of the first ``days`` days after its day.

    Both times on the site's clock: days are counted as people count them.
    """
    return infused_at is not None and infused_at <= onset_at and (
        (onset_at.date() - infused_at.date()).days <= days)
