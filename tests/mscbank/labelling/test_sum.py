"""The sum of the paper: what was printed is on its thing, destroyed, or lies about."""

from __future__ import annotations

import re

import pytest

from mscbank.labelling.rules import NO_PAPER, Fate, sum_of_paper


@pytest.mark.parametrize(("fates", "said"), [
    ([], "0 printed = 0 applied + 0 destroyed + 0 loose"),
    ([Fate.WAITING, Fate.NEVER_PRINTED], "0 printed = 0 applied + 0 destroyed + 0 loose"),
    ([Fate.IN_USE, Fate.IN_USE, Fate.DESTROYED],
     "3 printed = 2 applied + 1 destroyed + 0 loose"),
    ([*Fate], "5 printed = 1 applied + 1 destroyed + 3 loose")])
def test_printed_paper_is_applied_destroyed_or_loose_and_the_sum_is_said(fates, said):
    assert str(sum_of_paper(fates)) == said
    total, *parts = map(int, re.findall(r"\d+", said))
    assert total == sum(parts) == sum(fate not in NO_PAPER for fate in fates)
