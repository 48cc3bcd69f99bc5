"""The arithmetic of growth."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mscbank.cultures import rules
from mscbank.errors import Malformed


@pytest.mark.parametrize(("seeded", "harvested", "doublings"), [
    (1_000_000, 8_000_000, "3.000"),
    (1_000_000, 1_000_000, "0.000"),
    (25_000_000, 250_000_000, "3.322"),
    (8, 1, "-3.000"),
    (1, 10**12, "39.863"),
])
def test_population_doublings_are_the_binary_logarithm(seeded, harvested, doublings):
    assert rules.population_doublings(seeded, harvested) == Decimal(doublings)


@pytest.mark.parametrize(("seeded", "harvested"), [(0, 8), (8, 0), (-1, 8), (8, -1)])
def test_doublings_of_nothing_are_refused(seeded, harvested):
    with pytest.raises(Malformed):
        rules.population_doublings(seeded, harvested)


def test_eightfold_in_four_days_is_a_doubling_time_of_32_hours():
    assert rules.doubling_time(10**6, 8 * 10**6, timedelta(days=4)) == timedelta(hours=32)


@pytest.mark.parametrize(("seeded", "harvested"), [(8, 8), (8, 7), (0, 8)])
def test_cells_that_did_not_grow_have_no_doubling_time(seeded, harvested):
    assert rules.doubling_time(seeded, harvested, timedelta(days=4)) is None
