"""The statistics of the study's report, by SciPy and NumPy.

SciPy takes a second and fifty megabytes: it is loaded when it is first asked for, so that the web
process and the command begin without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

QUARTILES = ("median and quartiles by linear interpolation between the ordered values, ends "
             "included (type 7 of Hyndman and Fan)")
EXACT = "exact 95 % interval of Clopper and Pearson"
PAIRED = ("change from the day of the infusion in the same person; Wilcoxon signed-rank test, two-"
          "sided, differences of zero left out, exact without ties and up to 50 pairs, else "
          "normal approximation; paired t test, two-sided; no correction for the number of visits")


@dataclass(frozen=True)
class Spread:
    """How values lie: five numbers and how many they are."""

    n: int
    median: float
    quartile_1: float
    quartile_3: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Paired:
    """A paired comparison: how many pairs, how they changed on average, both tests. ``None``
    where a test cannot be made: under two pairs, or no difference at all."""

    n: int
    mean_change: float
    median_change: float
    wilcoxon: float | None
    wilcoxon_p: float | None
    t: float | None
    t_p: float | None


def spread(values: Sequence[Decimal]) -> Spread | None:
    """Median, quartiles and ends; None without a value."""
    if not values:
        return None
    import numpy as np

    low, one, middle, three, high = np.quantile([float(each) for each in values],
                                                [0, .25, .5, .75, 1], method="linear")
    return Spread(len(values), float(middle), float(one), float(three), float(low), float(high))


def exact_interval(count: int, of: int) -> tuple[float, float] | None:
    """The exact binomial 95 % interval of a share, from 0 to 1; None where nobody is counted."""
    if of == 0:
        return None
    from scipy.stats import binomtest

    found = binomtest(count, of).proportion_ci(confidence_level=0.95, method="exact")
    return float(found.low), float(found.high)


def paired(before: Sequence[Decimal], after: Sequence[Decimal]) -> Paired | None:
    """Two measures of the same people; None without a pair."""
    if not before:
        return None
    import numpy as np
    from scipy.stats import ttest_rel, wilcoxon

    first = np.array([float(each) for each in before])
    then = np.array([float(each) for each in after])
    change = then - first
    rank = t = None
    if len(change) > 1 and np.any(change):
        rank = wilcoxon(then, first)
        t = ttest_rel(then, first) if np.ptp(change) else None
    return Paired(
        len(change), float(change.mean()), float(np.median(change)),
        float(rank.statistic) if rank is not None else None,
        float(rank.pvalue) if rank is not None else None,
        float(t.statistic) if t is not None else None,
        float(t.pvalue) if t is not None else None)
