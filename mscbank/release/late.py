"""A result that arrives: written down by quality control, and acted on where the lot is out.

A failing result on a released lot stops every bag of it in the same transaction: the lot is held,
a critical deviation is opened, physician and quality assurance are alerted with the place of each
bag and the recipient. Whoever records it need know none of that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank.audit.service import record
from mscbank.bags.lifecycle import RELEASED
from mscbank.bags.models import Lot
from mscbank.permissions import SYSTEM, Actor
from mscbank.release.stops import stop_everything
from mscbank.release.verdict import failure
from mscbank.testing import service as testing
from mscbank.testing.models import Result, Sample


def record_result(sample: Sample, *, by: Actor, at: datetime, **data: Any) -> Result:
    """``testing.service.record_result``, and what a failing result does to a released lot."""
    return _react_to(testing.record_result(sample, **data, by=by, at=at), by, at)


def correct_result(result: Result, reason: str, *, by: Actor, at: datetime,
                   **data: Any) -> Result:
    """``testing.service.correct_result``, and what a failing result does to a released lot."""
    return _react_to(testing.correct_result(result, reason, **data, by=by, at=at), by, at)


def _react_to(result: Result, by: Actor, at: datetime) -> Result:
    for lot in testing.lots_concerned(result):
        react(lot, result, by=by, at=at)
    return result


def react(lot: Lot, result: Result, *, by: Actor, at: datetime) -> None:
    """Stop a released lot when this result fails its criterion.

    The bank itself holds: the entry is its own. The rows name who recorded the result.
    """
    failing = failure(lot, result, at=at)
    if lot.standing not in RELEASED or failing is None:
        return
    headline = (f"{failing.criterion.title} of lot {lot.number} ({lot.standing}) fails: "
                f"result {result.code}.")
    facts = stop_everything(lot, headline, f"{headline} {failing.sentence}", by=by, at=at)
    record("hold", lot, by=SYSTEM, at=at, reason=headline, result=result.code, **facts)
