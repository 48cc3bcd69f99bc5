"""What a protocol asks of one patient: may they take part, which cohort and dose, which visits.

Pure functions over plain values; the limits are the protocol's.
"""
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from specs.protocol import Cohort, Protocol, Visit


class NoPlaceLeft(ValueError):
    """Every place of every cohort has been allocated."""


@dataclass(frozen=True)
class EligibilityFacts:
    """What is known of a patient; None is not recorded. Age in whole years on the day of consent.

    `inadequate_response`: to immunosuppression; `contraindication`: to immunosuppression or to
    autologous stem-cell transplantation. Either is enough.
    """

    age: int | None = None
    mrss: int | None = None
    acr_eular_score: int | None = None
    severe_organ_involvement: bool | None = None
    inadequate_response: bool | None = None
    contraindication: bool | None = None
    severe_comorbidity: bool | None = None


@dataclass(frozen=True)
class Unmet:
    """An eligibility criterion that is not met, in a sentence."""

    key: str
    sentence: str


@dataclass(frozen=True)
class VisitWindow:
    """When a visit is due, and the first and last day on which it counts."""

    visit: Visit
    due: date
    opens: date
    closes: date


def eligibility(protocol: Protocol, facts: EligibilityFacts) -> list[Unmet]:
    """Every criterion that is not met, what is not recorded included. Empty: eligible."""
    limits = protocol.eligibility
    found = [
        _number("age", "Age", facts.age, limits.age_min, limits.age_max),
        _number("mrss", "Modified Rodnan skin score", facts.mrss, limits.mrss_min,
                limits.mrss_max),
        _number("acr_eular_score", "ACR/EULAR 2013 points", facts.acr_eular_score,
                limits.acr_eular_min, None),
    ]
    if limits.organ_involvement_required:
        found.append(_answer("severe_organ_involvement", "Severe lung, heart or kidney involvement",
                             facts.severe_organ_involvement, wanted=True))
    if limits.inadequate_response_or_contraindication_required:
        answers = (facts.inadequate_response, facts.contraindication)
        either = True if True in answers else None if None in answers else False
        found.append(_answer("inadequate_response_or_contraindication", "Inadequate response to"
                             " immunosuppression, or contraindication to it or to stem-cell"
                             " transplantation", either, wanted=True))
    if limits.severe_comorbidity_excluded:
        found.append(_answer("severe_comorbidity", "Severe comorbidity",
                             facts.severe_comorbidity, wanted=False))
    return [unmet for unmet in found if unmet]


def _number(key: str, title: str, value: int | None, low: int, high: int | None) -> Unmet | None:
    if value is None:
        return Unmet(key, f"{title}: not recorded")
    if value < low:
        return Unmet(key, f"{title} is {value}, the protocol asks for at least {low}")
    if high is not None and value > high:
        return Unmet(key, f"{title} is {value}, the protocol allows at most {high}")
    return None


def _answer(key: str, title: str, value: bool | None, *, wanted: bool) -> Unmet | None:
    if value is None:
        return Unmet(key, f"{title}: not recorded")
    if value is not wanted:
        return Unmet(key, f"{title}: {'yes' if value else 'no'}, the protocol"
                     f" {'requires it' if wanted else 'excludes it'}")
    return None


def cohort_for(protocol: Protocol, already_allocated: int) -> Cohort:
    """The cohort of the next patient when that many have been allocated.

    Raises NoPlaceLeft when all cohorts are full, ValueError for a number below zero.
    """
    if already_allocated < 0:
        raise ValueError("the number of patients already allocated cannot be below zero")
    places = 0
    for cohort in protocol.cohorts:
        places += cohort.size
        if already_allocated < places:
            return cohort
    raise NoPlaceLeft(f"All {places} places of {protocol.registry_id} are allocated; a further"
                      " patient needs an amended protocol")


def target_dose(cohort: Cohort, weight_kg: Decimal) -> int:
    """Viable cells to give: dose per kg x weight, to the nearest whole cell (a half goes up).

    70 kg at 1e6/kg is 70e6. Raises ValueError unless the weight is a Decimal above zero.
    """
    if not isinstance(weight_kg, Decimal) or not weight_kg.is_finite() or weight_kg <= 0:
        raise ValueError(f"the weight must be a Decimal above zero kg, not {weight_kg!r}")
    return int((cohort.dose_per_kg * weight_kg).to_integral_value(rounding=ROUND_HALF_UP))


def dose_within(target: int, actual: int, tolerance_percent: Decimal) -> bool:
    """Whether `actual` cells differ from `target` by at most the tolerance (itself allowed)."""
    return abs(actual - target) * 100 <= tolerance_percent * target


def visit_windows(protocol: Protocol, infused_on: date) -> list[VisitWindow]:
    """The visits after an infusion on that day, in order.

    Months are calendar months; where the day does not exist the month's last day counts
    (29 February + 12 months = 28 February).
    """
    windows = []
    for visit in protocol.visits:
        due = (infused_on + timedelta(days=visit.day or 0) if visit.month is None
               else _months_after(infused_on, visit.month))
        windows.append(VisitWindow(visit, due, due - timedelta(days=visit.before),
                                   due + timedelta(days=visit.after)))
    return windows


def _months_after(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
