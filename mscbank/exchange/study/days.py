"""Days and moments as the tables write them."""

from __future__ import annotations

from datetime import date, datetime

from mscbank.reports.trial.facts import Person
from mscbank.settings import local


def study_day(person: Person, on: date | datetime | None) -> int | None:
    """1 is the day of the first cells; there is no day 0."""
    if on is None or person.infused_on is None:
        return None
    day = local(on).date() if isinstance(on, datetime) else on
    days = (day - person.infused_on).days
    return days + 1 if days >= 0 else days


def moment(at: datetime | None) -> str | None:
    """On the site's clock, to the minute, with its offset."""
    return None if at is None else local(at).isoformat(timespec="minutes")
