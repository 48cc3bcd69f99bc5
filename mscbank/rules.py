"""Sentences that every step needs: about time, about words and about numbers."""

from __future__ import annotations

import re
from datetime import date, datetime

from mscbank.errors import Malformed
from specs.words import count_told, day_told

__all__ = ["count_told", "day_told", "moment_told", "not_before", "not_in_the_future", "parted",
           "spaced"]

_LONG = re.compile(r"(?<![\w.,+-])[1-9]\d{5,14}(?!\w|[.,]\d)")


def moment_told(at: datetime) -> str:
    """``22 NOV 2026 16:05 CET``, in the zone it carries."""
    zone = at.tzname() or ""
    if not zone.isalpha():
        zone = "UTC" + at.isoformat(timespec="minutes")[-6:]
    return f"{day_told(at)} {at:%H:%M} {zone}"


# The figures of a power as raised letters, and back.
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def parted(number: int) -> str:
    """``60 000 000``: thousands apart by a narrow gap that does not break, read alike everywhere."""
    return f"{number:,}".replace(",", "\u202f")


def spaced(text: str) -> str:
    """A reckoning as people read it: ``72000000 cells`` with its thousands apart."""
    return _LONG.sub(lambda found: parted(int(found[0])), text)


def not_in_the_future(moment: datetime | date, at: datetime, *, field: str) -> None:
    """What is recorded has happened."""
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise Malformed("Give the time with its zone.", field=field)
        late = moment > at
    else:
        late = moment > at.date()
    if late:
        raise Malformed("This lies in the future: record it once it has happened.", field=field)


def not_before(moment: datetime | date, earlier: datetime | date, *, field: str, what: str) -> None:
    """``what`` names the earlier event: "the collection of the marrow"."""
    if moment < earlier:
        raise Malformed(f"This lies before {what}: check the date.", field=field)
