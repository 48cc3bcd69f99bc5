"""The expiry in a bar code: `&>` and cyyjjjhhmm, the local time of the place that labelled.

c is the century (only 0, the years 2000 to 2099, is taken), yyjjj the day of the year, hhmm the
time; a day without a time is written 2359.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .errors import FormatError, require_each, require_length

NAME = "an expiry"
IDENTIFIER = "&>"
LENGTH = 10


@dataclass(frozen=True)
class Expiry:
    """A day and a time on the wall of the place that labelled: the code carries no zone."""

    day: date
    time: time

    def moment(self, zone: tzinfo) -> datetime:
        """The moment in UTC, given the zone of the place. Where the clock shows this time twice
        or not at all, the earlier moment: a bag never gains an hour."""
        wall = datetime.combine(self.day, self.time)
        return min(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def compact(text: str) -> str:
    """The text without spaces."""
    return text.replace(" ", "")


def parse(text: str) -> Expiry:
    """The day and time. Raises FormatError.

    >>> parse("0183652359").day.isoformat()
    '2018-12-31'
    """
    digits = compact(text)
    require_length(digits, LENGTH, NAME)
    require_each(digits, "0123456789", 1, NAME)
    if digits[0] != "0":
        raise FormatError(f"century {digits[0]} is not this one (0): compare with the label", 1)
    year, ordinal = 2000 + int(digits[1:3]), int(digits[3:6])
    day = date(year, 1, 1) + timedelta(days=ordinal - 1)
    if day.year != year:
        raise FormatError(f"{year} has no day {ordinal}: compare with the label", 4)
    hour, minute = int(digits[6:8]), int(digits[8:])
    if hour > 23 or minute > 59:
        raise FormatError(f"{digits[6:]} is no time of day: compare with the label", 7)
    return Expiry(day, time(hour, minute))


def validate(text: str) -> str:
    """The ten figures. Raises FormatError."""
    parse(text)
    return compact(text)


def is_valid(text: str) -> bool:
    """Is this an expiry?"""
    try:
        parse(text)
    except FormatError:
        return False
    return True


def format(text: str) -> str:
    """The expiry as people read it: 2018-12-31 23:59. Raises FormatError."""
    expiry = parse(text)
    return f"{expiry.day.isoformat()} {expiry.time:%H:%M}"


def make(moment: datetime) -> str:
    """The ten figures of a moment, in the zone it carries; seconds are left off, never added."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise FormatError("an expiry without a zone is no moment: say where the clock hangs")
    if not 2000 <= moment.year <= 2099:
        raise FormatError(f"an expiry lies between 2000 and 2099, not in {moment.year}")
    return validate(f"0{moment:%y%j%H%M}")


def to_symbol(text: str) -> str:
    """The bar code's data."""
    return IDENTIFIER + validate(text)


def from_symbol(data: str) -> str:
    """The ten figures in a scanned bar code. Raises FormatError."""
    require_length(data, 12, "the bar code of " + NAME)
    if data[:2] != IDENTIFIER or to_symbol(data[2:]) != data:
        raise FormatError(f"the bar code of {NAME} begins with &> : check the keyboard setting "
                          "of the scanner", 1)
    return data[2:]
