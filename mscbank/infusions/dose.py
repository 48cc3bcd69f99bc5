"""What is allowed of an order, and of what is written down at the bedside. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from mscbank.bags.lifecycle import Place, Standing
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, Unfit, WrongMoment
from mscbank.infusions.rules import millions
from mscbank.recipients.rules import consents
from mscbank.rules import count_told, not_in_the_future
from specs.conduct import dose_within
from specs.protocol import DoseRules

GONE = frozenset({Place.INFUSING, Place.INFUSED, Place.DESTROYED})
REFUSED_LOTS = frozenset({Standing.REJECTED, Standing.NONCONFORMING})
BAGS_MAX = 20
AT_ONCE = timedelta(minutes=1)


@dataclass(frozen=True)
class BagFacts:
    """What an order must know of one of its bags. Recipients by study number."""

    code: str
    title: str
    is_for: str
    place: Place
    standing: Standing
    usable_until: datetime
    volume_ml: Decimal
    viable_cells: int
    dmso_percent: Decimal
    recovery_percent: Decimal  # of the viable cells filled, those that come out of thawing
    recovery_why: str
    in_order: str | None  # the code of another open order that names it


def said(text: str, *, field: str) -> str:
    """A reason is words, not spaces; returned without blanks around it."""
    if not text.strip():
        raise Malformed("Say why in a few words.", field=field)
    return text.strip()


def may_be_ordered_for(number: str, consents_now: bool, dose_per_kg: int | None) -> None:
    """Who consents and has a place in the trial's ladder."""
    consents(consents_now, number)
    if dose_per_kg is None:
        raise WrongMoment(f"{number} has no place in the trial yet, so no dose is known: "
                          "allocate first.", reasons=("not allocated",))


def no_open_order(number: str, others: Iterable[str]) -> None:
    """One order at a time."""
    if any(True for _ in others):
        raise AlreadyDone(f"{number} has an order that stands: cancel it before you order anew.",
                          reasons=("order open",))


def weighed(number: str, kg: Decimal | None) -> None:
    """Without a weight there is no dose."""
    if kg is None:
        raise WrongMoment(f"No weight of {number} is recorded: weigh first.",
                          reasons=("weight missing",))


def weight_fresh(number: str, measured_at: datetime, at: datetime, valid_days: int) -> None:
    """The dose is counted from a weight of these days."""
    if at - measured_at > timedelta(days=valid_days):
        raise WrongMoment(f"The last weight of {number} is more than {count_told(valid_days, 'day')} old: "
                          "weigh first.", reasons=("weight too old",))


def cohort_may_begin(waiting: Iterable[str], days_left: int, cohort: int) -> None:
    """A higher dose begins when every place of the cohorts before was infused, so long ago."""
    if waiting := tuple(waiting):
        raise WrongMoment(f"Cohort {cohort} begins when the cohorts before are complete; not "
                          f"infused yet: {', '.join(waiting)}.", reasons=("cohort before",))
    if days_left > 0:
        raise WrongMoment(f"The cohort before cohort {cohort} is watched for {days_left} more "
                          "days: order after that.", reasons=("cohort before",))


def place_may_be_given_up(number: str, place: int | None, begun: bool, orders: Iterable[str],
                          ) -> None:
    """Only who was never infused, and has no order that stands, gives a place up."""
    if place is None:
        raise WrongMoment(f"{number} has no place in the trial.", reasons=("not allocated",))
    if begun:
        raise WrongMoment(f"{number} was infused: the place stays theirs, whatever happens.",
                          reasons=("infused",))
    if any(True for _ in orders):
        raise WrongMoment(f"{number} has an order that stands: cancel it first.",
                          reasons=("order open",))


def bags_named(codes: Sequence[str]) -> None:
    """At least one bag, each named once."""
    if not 1 <= len(codes) <= BAGS_MAX:
        raise Malformed(f"Name between 1 and {BAGS_MAX} bags.", field="bags")
    if len(set(codes)) < len(codes):
        raise Malformed("A bag is named twice: name each once.", field="bags")


def may_be_ordered(bag: BagFacts, number: str, at: datetime) -> None:
    """A bag of this person's that can still be given and that no other order names."""
    if bag.is_for != number:
        raise Unfit(f"{bag.title} is for {bag.is_for}, not for {number}: take it out of the "
                    "order.", field="bags", reasons=("wrong recipient",))
    if bag.place in GONE:
        raise WrongMoment(f"{bag.title} is {bag.place}: order another bag.", field="bags")
    if bag.standing in REFUSED_LOTS:
        raise WrongMoment(f"{bag.title} is of a lot that is {bag.standing}: order another bag.",
                          field="bags", reasons=("not released",))
    if at >= bag.usable_until:
        raise WrongMoment(f"{bag.title} has expired: order another bag.", field="bags",
                          reasons=("expired",))
    if bag.in_order is not None:
        raise AlreadyDone(f"{bag.title} is in another order that stands: cancel that one first.",
                          field="bags", reasons=("in another order",))


def volume_ordered(bag: BagFacts, volume_ml: Decimal, step_ml: Decimal) -> None:
    """Some of the bag, no more than is in it, and a volume that can be set."""
    if not volume_ml.is_finite() or not 0 < volume_ml <= bag.volume_ml:
        raise Malformed(f"{bag.title} holds {bag.volume_ml} mL: order more than 0 and at most "
                        "that.", field="bags")
    if volume_ml != bag.volume_ml and volume_ml % step_ml:
        raise Malformed(f"Volumes are set in steps of {step_ml} mL: round {volume_ml} mL, or order "
                        "the whole bag.", field="bags")


def thawed_cells(bag: BagFacts) -> int:
    """Viable cells of the whole bag after thawing."""
    return cells_in(bag, bag.volume_ml)


def cells_in(bag: BagFacts, volume_ml: Decimal) -> int:
    """Viable cells after thawing in a part of the bag, to the nearest cell (a half goes up), at
    least one."""
    part = (Decimal(bag.viable_cells) * bag.recovery_percent / 100) * volume_ml / bag.volume_ml
    return max(1, int(part.to_integral_value(rounding=ROUND_HALF_UP)))


def dose_fits(kg: Decimal, dose_per_kg: int, target: int, cells: int, given: int,
              limits: DoseRules) -> None:
    """The bags, with what was given before, make the dose within the protocol's tolerance."""
    if dose_within(target, cells + given, limits.tolerance_percent):
        return
    before = f" and {millions(given)} were given before" if given else ""
    raise Unfit(f"{kg} kg × {millions(dose_per_kg)} cells/kg = {millions(target)} cells; the bags "
                f"give {millions(cells)}{before}: more than {limits.tolerance_percent} % away. "
                "Name other bags, or other volumes.", field="bags", reasons=("dose",))


def dmso_fits(kg: Decimal, dmso_ml: Decimal, limits: DoseRules) -> None:
    """DMSO within mL per kg and within mL altogether."""
    most = min(limits.dmso_ml_per_kg_max * kg, limits.dmso_ml_max)
    if dmso_ml > most:
        raise Unfit(f"The bags hold {dmso_ml.normalize():f} mL of DMSO; for {kg} kg at most "
                    f"{most.normalize():f} mL may be given. Order less, or on another day.",
                    field="bags", reasons=("DMSO",))


def may_be_cancelled(cancelled: bool, running: bool) -> None:
    """An order that stands and of which no bag runs."""
    if cancelled:
        raise AlreadyDone("This order was cancelled before.")
    if running:
        raise WrongMoment("A bag of this order is running: finish or stop it first.")


def token_fits(known: bool, same_bag: bool, used: bool, one_of_the_two: bool) -> None:
    """The token of this bag's go, unused, in the hands of one of the two who checked."""
    if not known or not same_bag:
        raise Unfit("This start does not come from a check of this bag: scan wristband and bag "
                    "again.", field="token", reasons=("no check",))
    if used:
        raise AlreadyDone("This check started the bag already.", field="token")
    if not one_of_the_two:
        raise NotAllowed("The infusion is started by one of the two who checked.")


def running(ended_at: datetime | None) -> None:
    """An infusion ends once."""
    if ended_at is not None:
        raise AlreadyDone("This infusion has ended.")


def volume_given(volume_ml: Decimal, ordered_ml: Decimal, *, stopped: bool) -> None:
    """No more than was ordered; nothing at all only when it was stopped."""
    if not volume_ml.is_finite() or volume_ml < 0 or (volume_ml == 0 and not stopped):
        raise Malformed("Give the volume that ran in, in mL: more than 0."
                        if not stopped else "Give the volume that ran in, in mL: 0 or more.",
                        field="volume_given_ml")
    if volume_ml > ordered_ml:
        raise Malformed(f"{ordered_ml} mL were ordered of this bag: no more can have run in. "
                        "Read the pump again.", field="volume_given_ml")


def within(started_at: datetime, ended_at: datetime | None, after: timedelta, at: datetime,
           what: str) -> None:
    """While the infusion runs, and so long after it."""
    if at < started_at:
        raise WrongMoment("The infusion has not begun.")
    if ended_at is not None and at > ended_at + after:
        raise WrongMoment(f"The infusion ended too long ago for {what} at the bedside: record it "
                          "in the follow-up.")


def when_it_happened(told: datetime | None, started_at: datetime, at: datetime) -> datetime:
    """The hour of what could not be recorded at once, from the start on; else now.

    A page tells the hour of each press: what arrives within a minute was recorded at once.
    """
    if told is None or abs(at - told) < AT_ONCE:
        return at
    not_in_the_future(told, at, field="happened_at")
    if told < started_at - AT_ONCE:  # clocks of two machines may differ a little
        raise Malformed("This lies before the start of the infusion: check the hour.",
                        field="happened_at")
    return max(told, started_at)


def vital_signs(temperature_c: Decimal, pulse: int, systolic: int, diastolic: int,
                saturation: int) -> None:
    """Numbers a living person can have."""
    for field, value, low, high, unit in (
            ("temperature_c", temperature_c, 25, 45, "degrees Celsius"),
            ("pulse", pulse, 0, 300, "per minute"), ("systolic", systolic, 20, 300, "mmHg"),
            ("diastolic", diastolic, 10, 250, "mmHg"), ("saturation", saturation, 0, 100, "%")):
        if not low <= value <= high:
            raise Malformed(f"This lies between {low} and {high} {unit}: measure again.",
                            field=field)
    if diastolic >= systolic:
        raise Malformed("The lower pressure is below the upper one: measure again.",
                        field="diastolic")


def a_grade(grade: int, whose: str, *, death: bool) -> None:
    """CTCAE grades run from 1 to 5, and 5 is death: that is asked once more."""
    if not 1 <= grade <= 5:
        raise Malformed("A grade runs from 1 to 5.", field="grade")
    if grade == 5 and not death:
        raise Malformed(f"Grade 5 is a death: confirm that {whose} has died, or choose another "
                        "grade.", field="death")
    if death and grade != 5:
        raise Malformed("Death is grade 5: grade and death must say the same.", field="grade")
