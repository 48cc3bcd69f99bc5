"""What the pure judge says of a lot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank.bags.models import Lot
from mscbank.testing.judging import derived_results, for_judge, largest_dose
from mscbank.testing.models import Result
from mscbank.testing.service import specification_of, standing_results
from specs.judge import Finding, Outcome, judge


def findings_of(lot: Lot, *, at: datetime | None = None) -> tuple[Finding, ...]:
    """One finding per criterion of the lot's specification, in its order.

    Judged as of ``at``; without it as of the last result written down, so that the same record
    gives the same findings whenever it is read.
    """
    results = standing_results(lot)
    as_of = at or max((result.recorded_at for result in results), default=lot.filled_at)
    return judge(specification_of(lot),
                 [*derived_results(lot), *(for_judge(result) for result in results)], at=as_of,
                 dose=largest_dose(lot))


def failure(lot: Lot, result: Result, *, at: datetime) -> Finding | None:
    """The finding of the criterion that this one result fails, or None."""
    findings = judge(specification_of(lot), [for_judge(result)], at=at, dose=largest_dose(lot))
    return next((finding for finding in findings if finding.outcome is Outcome.FAIL), None)


def told(finding: Finding) -> dict[str, Any]:
    """A finding as plain values, for the record, the trail and whoever asks."""
    return {"test": finding.key, "title": finding.criterion.title, "stage": str(finding.stage),
            "limit": finding.criterion.limit_text, "outcome": str(finding.outcome),
            "sentence": finding.sentence}
