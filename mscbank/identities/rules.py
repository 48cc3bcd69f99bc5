"""What is allowed with an identity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mscbank.errors import Malformed, WrongMoment
from mscbank.rules import day_told

NAME, BIRTH_DATE, HOSPITAL_NUMBER = FIELDS = ("name", "birth date", "hospital number")
OLDEST = 120


def age_on(birth_date: date, day: date) -> int:
    """Age in whole years on that day; below zero before birth. Born on 29 February: on 1 March.

    >>> age_on(date(2000, 2, 29), date(2018, 2, 28))
    17
    """
    birthday_to_come = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - birthday_to_come


def a_possible_birth_date(birth_date: date, today: date) -> None:
    """A person alive today was born at most 120 years ago and not tomorrow."""
    if birth_date > today:
        raise Malformed("This birth date lies in the future: check it.", field="birth_date")
    if age_on(birth_date, today) > OLDEST:
        raise Malformed(f"This birth date makes the person more than {OLDEST} years old: "
                        "check it.", field="birth_date")


def known_fields(fields: Iterable[str]) -> None:
    """The vault holds a closed list of fields."""
    if unknown := sorted(set(fields) - set(FIELDS)):
        raise Malformed(f"The vault has no field “{unknown[0]}”: it holds {', '.join(FIELDS)}.")


def something_written(value: str, field: str) -> None:
    """An empty name is no name."""
    if not value.strip():
        raise Malformed(f"The {field} is missing: write it down.", field=field.replace(" ", "_"))


def no_longer_needed(traceable_until: date | None, today: date) -> None:
    """Who gave, and who received, stays known for as long as the law asks."""
    if traceable_until is not None and today <= traceable_until:
        raise WrongMoment(f"This person must stay traceable until {day_told(traceable_until)}: the key may "
                          "be destroyed after that day.", reasons=("still traceable",))
