"""What the database itself refuses of a check by two whose scans were not the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.audit.service import record
from mscbank.bags.models import Bag
from mscbank.database import current, session, transaction
from mscbank.infusions import halves
from mscbank.infusions.models import Check, HalfCheck
from mscbank.recipients.models import Wristband
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.infusions.test_scans_apart import beside, cast, other
from tests.stages.infusions import Bedside
from tests.stages.recipients import allocated_recipient, wristband

__all__ = ["beside", "cast", "other"]  # fixtures


def written(cast: Cast, beside: Bedside, first: HalfCheck | None, second: HalfCheck | None,
            **different: Any) -> Check:
    """A check written behind the acts' back: a stop of two who scanned different things."""
    with transaction():
        at = current().at
        check = Check(**{
            "bag_id": beside.bag.id, "wristband_id": beside.band.id, "at": at, "verdict": "stop",
            "second_id": cast.noel.id, "reasons": ["different scans"], "told": [],
            "first_half_id": first and first.id, "second_half_id": second and second.id,
            "recorded_by_id": cast.nadia.id, "recorded_at": at} | different)
        session.add(check)
        session.flush()
        record("check", beside.bag, by=cast.nadia, at=at)
    return check


def two_halves(cast: Cast, beside: Bedside, bag: Bag, band: Wristband | None = None,
               copy: int | None = 1) -> tuple[HalfCheck, HalfCheck]:
    """Nadia's of the bag in hand, Noel's of what is said."""
    with transaction():
        both = (halves.keep(beside.bag, beside.band.id, 1, cast.nadia, clock.now(), 5),
                halves.keep(bag, (band or beside.band).id, copy, cast.noel, clock.now(), 5))
        record("own check", beside.bag, by=cast.nadia, at=clock.now())
    return both


GO = {"verdict": "go", "reasons": [], "token_digest": "0" * 64,
      "token_until": START + timedelta(minutes=1)}


@pytest.mark.parametrize("different", [
    GO, GO | {"reasons": ["different scans"]}, {"reasons": []}, {"reasons": ["held"]},
    {"verdict": "cannot tell"}, {"verdict": "already done", "reasons": ["already done"]}])
@pytest.mark.parametrize("apart", ["bag", "band", "label"])
def test_the_database_lets_no_check_hide_that_the_scans_differed(
        cast, beside, other, apart: str, different: dict[str, Any]) -> None:
    both = two_halves(cast, beside, other.bag if apart == "bag" else beside.bag,
                      wristband(cast, allocated_recipient(cast, name="Rose Petit"))
                      if apart == "band" else None, 2 if apart == "label" else 1)
    with pytest.raises(DBAPIError):
        written(cast, beside, *both, **different)
    assert written(cast, beside, *both).verdict == "stop"  # the control: told


def test_the_control_a_typed_code_and_a_label_are_one_bag(cast, beside) -> None:
    both = two_halves(cast, beside, beside.bag, copy=None)
    assert written(cast, beside, *both, **GO).verdict == "go"


def test_the_database_takes_the_scans_of_the_checks_own_two_people_only(cast, beside, other) -> None:
    hers, his = two_halves(cast, beside, other.bag)
    for first, second, different in (
            (his, None, {}), (None, hers, {}), (his, hers, {}),
            (hers, his, {"second_id": cast.paula.id}), (hers, his, {"second_id": None})):
        with pytest.raises(DBAPIError):
            written(cast, beside, first, second, **different)
    assert written(cast, beside, hers, his).second_half_id == his.id  # the control


def test_the_database_lets_scans_serve_one_check(cast, beside, other) -> None:
    """Neither in the same place nor in the other one."""
    hers, his = two_halves(cast, beside, other.bag)
    written(cast, beside, hers, his)
    for first, second, different in (
            (hers, None, {}), (None, his, {}),
            (his, None, {"recorded_by_id": cast.noel.id, "second_id": None}),
            (None, hers, {"recorded_by_id": cast.noel.id, "second_id": cast.nadia.id})):
        with pytest.raises(DBAPIError):
            written(cast, beside, first, second, **different)
    assert written(cast, beside, None, None).first_half_id is None  # the control
