"""How quickly a bag may run in.

A specification that judges endotoxin per kg and hour says over how many hours the largest dose is
infused at least. A bag of an order takes its share of them, by its cells, in whole minutes rounded
up. The order carries it, the bedside shows it, the end is held against it. A bag that has run in
cannot be called back: a quick end is asked about once, then kept as it was, with a deviation.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from mscbank.errors import Unfit
from mscbank.rules import moment_told
from specs.criterion import Specification


def hours_at_least(specification: Specification) -> Decimal | None:
    """Over how many hours the largest dose runs in at least; None where nothing is judged so."""
    return max((each.infused_over_hours_at_least for each in specification.criteria
                if each.infused_over_hours_at_least is not None), default=None)


def minutes_at_least(hours: Decimal | None, cells: int, of_cells: int) -> int | None:
    """The share of a bag with so many of the order's cells, in whole minutes.

    A quarter of an hour for two equal bags: 8 minutes each. The order never holds more than the
    largest dose, so each bag runs no quicker than was judged.
    """
    if hours is None:
        return None
    return int((hours * 60 * cells / of_cells).to_integral_value(ROUND_CEILING))


def not_before(started_at: datetime, minutes: int | None) -> datetime | None:
    """The earliest moment at which all that was ordered of the bag may have run in."""
    return None if minutes is None else started_at + timedelta(minutes=minutes)


def was_quick(started_at: datetime, earliest: datetime | None, ended_at: datetime,
              share: Decimal) -> bool:
    """Whether ``share`` of the bag (0 to 1) ran in quicker than it may."""
    if earliest is None:
        return False
    return (ended_at - started_at).total_seconds() < (
        (earliest - started_at).total_seconds() * float(share))


def asked_why(why: str | None, earliest: datetime, at: datetime) -> str:
    """A quick end is kept when the person says that it is no slip of the thumb, and why."""
    if not (why or "").strip():
        shown = moment_told(earliest.astimezone(at.tzinfo))
        raise Unfit(f"This bag runs in until {shown} at the earliest. Still running: let it run "
                    "on. Has it run in: say why so quickly, then finish; it becomes a deviation.",
                    field="too_quick", reasons=("too quick",))
    return (why or "").strip()


def told(title: str, took: timedelta, least: timedelta, volume_ml: Decimal, why: str) -> str:
    """What the deviation says."""
    return (f"{title}: {volume_ml.normalize():f} mL ran in within {_minutes(took)} min; at least "
            f"{_minutes(least)} min for what was ordered, by specification and "
            f"rate. {why}")


def _minutes(span: timedelta) -> str:
    return f"{Decimal(span.total_seconds() / 60).quantize(Decimal('0.1')):f}"
