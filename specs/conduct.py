"""What a protocol asks of one patient: which cohort and dose, which visits.

Pure functions over plain values; the limits are the protocol's.
"""
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from specs.protocol import Cohort, Protocol, Visit


class NoPlaceLeft(ValueError):
    """Every place of every cohort has been allocated."""


@dataclass(frozen=True)
class VisitWindow:
    """When a visit is due, and the first and last day on which it counts."""

    visit: Visit
    due: date
    opens: date
    closes: date


def next_place(protocol: Protocol, taken: Iterable[int]) -> tuple[int, Cohort]:
    """The lowest place that nobody has, from 1, and its cohort.

    Raises NoPlaceLeft when all cohorts are full.
    """
    taken, place = set(taken), 0
    for cohort in protocol.cohorts:
        for _ in range(cohort.size):
            place += 1
            if place not in taken:
                return place, cohort
    raise NoPlaceLeft(f"All places of {protocol.registry_id} are allocated ({place}); a further"
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
