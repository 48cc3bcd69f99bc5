"""A result that arrives: written down by quality control, and acted on where the lot is out.

A failing result on a released lot makes it nonconforming in the same transaction: the bank itself
writes the decision, the lot is held, a critical deviation is opened, physician and quality
assurance are alerted with the place of each bag and the recipient, and must sign that they read
it. Whoever records the result need know none of that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank.audit.service import record
from mscbank.bags.lifecycle import LOT_STANDING, RELEASED, after
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.permissions import SYSTEM, Actor
from mscbank.release.models import Decision
from mscbank.release.stops import stop_everything
from mscbank.release.verdict import failure, told
from mscbank.testing import results as testing
from mscbank.testing.models import Result, Sample
from mscbank.testing.service import lots_concerned


def record_result(sample: Sample, *, by: Actor, at: datetime, **data: Any) -> Result:
    """``testing.results.record_result``, and what a failing result does to a released lot."""
    return _react_to(testing.record_result(sample, **data, by=by, at=at), by, at)


def correct_result(result: Result, reason: str, *, by: Actor, at: datetime,
                   **data: Any) -> Result:
    """``testing.results.correct_result``, and what a failing result does to a released lot."""
    return _react_to(testing.correct_result(result, reason, **data, by=by, at=at), by, at)


def _react_to(result: Result, by: Actor, at: datetime) -> Result:
    for lot in lots_concerned(result):
        react(lot, result, by=by, at=at)
    return result


def react(lot: Lot, result: Result, *, by: Actor, at: datetime) -> None:
    """Find a released lot nonconforming when this result fails its criterion.

    The bank itself decides: the entry is its own. The rows name who recorded the result.
    """
    failing = failure(lot, result, at=at)
    if lot.standing not in RELEASED or failing is None:
        return
    was, act = lot.standing, "find nonconforming"
    headline = (f"{failing.criterion.title} of lot {lot.number} ({was}) fails: "
                f"result {result.code}.")
    decision = Decision(lot=lot, standing=after(LOT_STANDING, act, was), findings=[told(failing)],
                        reason=headline, result_id=result.id, recorded_by_id=by.id,
                        recorded_at=at)
    session.add(decision)
    session.flush()
    lot.standing = decision.standing
    facts = stop_everything(lot, headline, f"{headline} {failing.sentence}", by=by, at=at)
    record(act, lot, by=SYSTEM, at=at, reason=headline, decision=decision.code, was=was,
           standing=decision.standing, result=result.code, **facts)
