"""Windows of visits over every day, leap days and the nights the clocks change.

A window is days of the calendar. What a clock does in a night moves no day.
"""
from calendar import isleap
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specs import shelf
from specs.conduct import visit_windows

PROTOCOL = shelf.protocol("nct02213705-2")
PARIS = ZoneInfo("Europe/Paris")
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
NIGHTS = [date(2026, 3, 29), date(2026, 10, 25), date(2024, 3, 31), date(2024, 10, 27)]


@given(DAYS)
@example(date(2020, 2, 29))
@example(date(2019, 8, 31))
@example(date(2026, 3, 28))
def test_every_window_holds_its_day_and_ends_before_the_next_begins(infused_on):
    windows = visit_windows(PROTOCOL, infused_on)
    assert all(each.opens <= each.due <= each.closes for each in windows)
    assert all(one.closes < two.opens for one, two in zip(windows, windows[1:]))
    assert all((each.due - each.opens).days == each.visit.before for each in windows)
    assert all((each.closes - each.due).days == each.visit.after for each in windows)


@given(DAYS)
@example(date(2024, 2, 29))
def test_a_month_is_the_same_day_or_the_last_of_a_shorter_month(infused_on):
    for window in visit_windows(PROTOCOL, infused_on):
        if window.visit.month is None:
            assert (window.due - infused_on).days == window.visit.day
            continue
        months = (window.due.year - infused_on.year) * 12 + window.due.month - infused_on.month
        assert months == window.visit.month
        last = (window.due + timedelta(days=1)).day == 1
        assert window.due.day == infused_on.day or (last and window.due.day < infused_on.day)


@given(DAYS)
def test_a_year_later_is_a_year_later_leap_or_not(infused_on):
    (year,) = [each.due for each in visit_windows(PROTOCOL, infused_on) if each.visit.month == 12]
    leap = isleap(infused_on.year if infused_on < date(infused_on.year, 3, 1) else year.year)
    born_on_a_leap_day = (infused_on.month, infused_on.day) == (2, 29)
    assert (year - infused_on).days == (365 if born_on_a_leap_day else 365 + leap)


@pytest.mark.parametrize("night", NIGHTS)
@given(seconds=st.integers(0, 25 * 3600 - 1), before=st.integers(0, 12))
def test_the_night_the_clocks_change_moves_no_window(night, seconds, before):
    """Whatever instant of that night the infusion began, its day is the site's day."""
    midnight = datetime(night.year, night.month, night.day, tzinfo=PARIS).astimezone(UTC)
    began = (midnight + timedelta(seconds=seconds) - timedelta(days=before)).astimezone(PARIS)
    windows = {each.visit.name: each for each in visit_windows(PROTOCOL, began.date())}
    due = windows["D10"].due
    assert due == began.date() + timedelta(days=10)
    at_the_same_hour = datetime(due.year, due.month, due.day, began.hour, began.minute,
                                tzinfo=PARIS)
    assert (at_the_same_hour.date() - began.date()).days == 10


@pytest.mark.parametrize("night", NIGHTS)
def test_a_day_of_that_night_counted_in_hours_would_be_another(night):
    """The control: 24 hours are not a day when the clocks change, so hours would be wrong."""
    early = datetime(night.year, night.month, night.day, 0, 30, tzinfo=PARIS)
    late = early - timedelta(hours=1)  # 23.30 of the day before, by the wall
    by_hours = {(each.astimezone(UTC) + timedelta(hours=24)).astimezone(PARIS).date()
                for each in (early, late)}
    assert by_hours != {early.date() + timedelta(days=1), late.date() + timedelta(days=1)}
