"""The statistics against published examples: they are SciPy's, and asked rightly."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest

from mscbank.reports import safety
from mscbank.reports.trial.statistics import exact_interval, paired, spread

# Charles Darwin's fifteen differences in height of cross- and self-fertilised maize, in eighths of
# an inch: SciPy documents their signed-rank test (W = 24, p = 0.041), Fisher their paired t (2.148).
DARWIN = [Decimal(each) for each in (6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75)]


@pytest.mark.parametrize("count, of, low, high", [
    (0, 20, 0.0, 0.1684), (20, 20, 0.8316, 1.0), (14, 20, 0.4572, 0.8811),
    (2, 20, 0.0123, 0.3170), (1, 10, 0.0025, 0.4450), (5, 10, 0.1871, 0.8129)])
def test_exact_intervals_are_those_of_the_tables(count, of, low, high) -> None:
    found = exact_interval(count, of)
    assert found == pytest.approx((low, high), abs=5e-5)
    assert found[0] <= count / of <= found[1]


def test_no_one_counted_has_no_interval_and_none_hit_obeys_the_closed_form() -> None:
    assert exact_interval(0, 0) is None
    for of in (1, 7, 20, 300):  # Clopper and Pearson: 1 - (0.025)^(1/n)
        assert exact_interval(0, of)[1] == pytest.approx(1 - 0.025 ** (1 / of), rel=1e-9)


def test_the_paired_tests_are_those_of_the_documented_example() -> None:
    found = paired([Decimal(0)] * 15, DARWIN)
    assert (found.n, found.wilcoxon) == (15, 24.0)
    assert found.wilcoxon_p == pytest.approx(0.041259765625)
    assert found.t == pytest.approx(2.148, abs=5e-4)
    assert found.t_p == pytest.approx(0.0497, abs=5e-5)
    assert found.mean_change == pytest.approx(20.93, abs=5e-3) and found.median_change == 24


def test_the_order_of_the_pair_is_before_then_after() -> None:
    found = paired([Decimal(20), Decimal(30), Decimal(25)], [Decimal(15), Decimal(22), Decimal(19)])
    assert found.mean_change < 0 and found.t < 0


@pytest.mark.parametrize("before, after", [([], []), ([1], [2]), ([1, 2, 3], [1, 2, 3])])
def test_what_cannot_be_tested_is_not(before, after) -> None:
    found = paired([Decimal(each) for each in before], [Decimal(each) for each in after])
    assert found is None or (found.wilcoxon_p is None and found.t_p is None)


def test_everyone_changed_alike_has_a_rank_test_and_no_t() -> None:
    found = paired([Decimal(each) for each in (1, 2, 3)], [Decimal(each) for each in (2, 3, 4)])
    assert found.wilcoxon_p is not None and found.t is None


@pytest.mark.parametrize("values", [[7], [1, 2], [5, 1, 4, 2, 3], [20, 24, 24, 25, 7, 11]])
def test_both_reports_find_the_same_quartiles(values) -> None:
    ours = [Decimal(each) for each in values]
    found = spread(ours)
    assert [found.lowest, found.quartile_1, found.median, found.quartile_3, found.highest] == [
        float(safety.quantile(ours, Decimal(part))) for part in ("0", "0.25", "0.5", "0.75", "1")]
    assert spread([]) is None


def test_a_bank_begins_without_scipy() -> None:
    """The web process stays small and the command quick: SciPy is loaded when first asked for."""
    words = ("import sys, mscbank; mscbank.import_models(); import mscbank.reports.trial.report, "
             "mscbank.cli, mscbank.reports.trial.pages; "
             "print(sorted({'scipy'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
