"""What is allowed after the infusion. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from mscbank.rules import day_told
from specs.conduct import VisitWindow
from specs.scores import SKIN_SITES, skin_score


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
        raise AlreadyDone(f"The follow-up of {number} ended on {day_told(ended_on)}.")


def the_visit(name: str, windows: Sequence[VisitWindow]) -> VisitWindow:
    """A visit of the protocol's schedule."""
    for window in windows:
        if window.visit.name == name:
            return window
    raise Malformed("The protocol has no such visit. Its visits are "
                    f"{', '.join(window.visit.name for window in windows)}.", field="name")


def visit_once(name: str, done: Iterable[str]) -> None:
    """Each visit is recorded once, as it took place or as missed; then it is corrected."""
    if name in set(done):
        raise AlreadyDone(f"The visit {name} is recorded already: correct it, where it is wrong.",
                          field="name")


def stands(name: str, corrected: bool) -> None:
    """Only the row that stands is corrected."""
    if corrected:
        raise AlreadyDone(f"This record of the visit {name} was corrected before: correct the one "
                          "that stands now.")


def took_place_or_missed(took_place_on: date | None, missed_why: str | None) -> None:
    """One of the two."""
    if (took_place_on is None) == (missed_why is None):
        raise Malformed("A visit took place on a day, or was missed for a reason: give one of the "
                        "two.", field="took_place_on")


def missed_measures_nothing(took_place_on: date | None, values: Iterable[object]) -> None:
    """What was missed has no measures."""
    if took_place_on is None and any(value is not None for value in values):
        raise Malformed("A missed visit has no measures: leave them out, or give the day.",
                        field="missed_why")


def may_be_missed(window: VisitWindow, today: date) -> None:
    """A visit is missed once it could have been."""
    if today < window.opens:
        raise WrongMoment(f"The window of {window.visit.name} opens on {day_told(window.opens)}: it cannot "
                          "be missed before.")


def not_before_the_infusion(took_place_on: date, infused_on: date) -> None:
    """A visit after the infusion."""
    if took_place_on < infused_on:
        raise Malformed(f"This lies before the infusion on {day_told(infused_on)}: check the date.",
                        field="took_place_on")


MEASURES = (
    ("mrss", 0, 51, "points"), ("fvc_percent", 5, 200, "% of predicted"),
    ("dlco_percent", 5, 200, "% of predicted"), ("haq_di", 0, 3, "points"),
    ("sf36_physical", 0, 100, "points"), ("sf36_mental", 0, 100, "points"),
    ("temperature_c", 25, 45, "degrees Celsius"), ("pulse", 0, 300, "per minute"),
    ("systolic", 20, 300, "mmHg"), ("diastolic", 10, 250, "mmHg"), ("saturation", 0, 100, "%"))
HAQ_STEP = Decimal("0.125")


def measured(values: Mapping[str, Decimal | int | None]) -> None:
    """Numbers that can be. More than the protocol asks for at a visit may be measured."""
    for field, low, high, unit in MEASURES:
        value = values.get(field)
        if value is not None and not low <= value <= high:
            raise Malformed(f"This lies between {low} and {high} {unit}: check the number.",
                            field=field)
    if (haq := values.get("haq_di")) is not None and haq % HAQ_STEP:
        raise Malformed(f"The HAQ-DI goes in steps of {HAQ_STEP}: check the number.",
                        field="haq_di")
    upper, lower = values.get("systolic"), values.get("diastolic")
    if (upper is None) != (lower is None):
        raise Malformed("A blood pressure has two numbers.", field="diastolic")
    if upper is not None and lower is not None and lower >= upper:
        raise Malformed("The lower pressure is below the upper one: check the numbers.",
                        field="diastolic")


def skin(mrss: int | None, sites: Sequence[int] | None) -> int | None:
    """The skin score: as given, or added up from its seventeen sites; both must agree."""
    if sites is None:
        return mrss
    if len(sites) != len(SKIN_SITES):
        raise Malformed(f"The skin score has {len(SKIN_SITES)} sites: give a number for each.",
                        field="mrss_sites")
    try:
        added = skin_score(dict(zip(SKIN_SITES, sites, strict=True)))
    except ValueError as error:
        raise Malformed(f"{error}: check the number.", field="mrss_sites") from None
    if mrss is not None and mrss != added:
        raise Malformed(f"The sites add up to {added}, not {mrss}: check both.", field="mrss")
    return added


class Value(NamedTuple):
    """A laboratory value as it comes in, with the laboratory's reference range. A tuple, so that a
    request that holds one has its canonical form."""

    name: str
    value: Decimal
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None


def laboratory(values: Sequence[Value]) -> None:
    """Each named once, with a range that is one."""
    names = [each.name.lower() for each in values]
    if len(set(names)) < len(names):
        raise Malformed("A laboratory value is named twice: name each once.", field="laboratory")
    for each in values:
        if each.low is not None and each.high is not None and each.low > each.high:
            raise Malformed(f"The reference of {each.name} ends below where it begins.",
                            field="laboratory")


def within_window(window: VisitWindow, took_place_on: date) -> bool:
    """Whether the day counts for the protocol. One that does not is recorded, and marked."""
    return window.opens <= took_place_on <= window.closes


def ends_after(ended_on: date, earliest: date | None) -> None:
    """The follow-up ends after what was recorded in it."""
    if earliest is not None and ended_on < earliest:
        raise Malformed(f"Something of {earliest} is recorded: the follow-up cannot end before.",
                        field="ended_on")
