"""How a number with what it counts, and a day, are said."""
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from specs.words import count_told, day_told


@pytest.mark.parametrize(("number", "told"), [
    (0, "0 days"), (1, "1 day"), (2, "2 days"), (Decimal("1.0"), "1.0 day"),
    (Decimal("1.5"), "1.5 days")])
def test_one_is_one(number: int | Decimal, told: str) -> None:
    assert count_told(number, "day") == told


def test_what_takes_no_s_brings_its_own_plural() -> None:
    assert [count_told(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


def test_a_day_has_its_month_in_letters() -> None:
    assert [day_told(date(2026, month, 6)) for month in range(1, 13)] == [
        f"06 {name} 2026" for name in ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG",
                                       "SEP", "OCT", "NOV", "DEC")]
    assert day_told(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == "31 DEC 2026"
