"""How a number with what it counts, and a day, are said: by the judge as by every page."""
from datetime import date
from decimal import Decimal

MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def count_told(number: int | Decimal, one: str, many: str = "") -> str:
    """``1 day``, ``2 days``, ``3 entries``: a number and what it counts. The French of both is in
    the catalogue, as ``{n} day`` and ``{n} days``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def day_told(day: date) -> str:
    """``22 NOV 2026``: nobody takes the day for the month. In sentences as on pages."""
    return f"{day.day:02} {MONTHS[day.month - 1]} {day.year}"
