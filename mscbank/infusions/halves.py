"""Halves of a check: what one person scanned at the bedside, and whose other half belongs to it.

Another person's half belongs to mine when it is of the same bag, band and label. When there is
none, what somebody else scanned last of this bag, or at this band, belongs to it too: two people
who stand at one bed and scan different things must hear of it, not wait for one another.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from mscbank.accounts import service as accounts
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.errors import NotProven
from mscbank.infusions.models import Check, HalfCheck
from mscbank.infusions.rules import scans_valid
from mscbank.permissions import Actor, Permission


def keep(bag: Bag, wristband_id: int, copy: int | None, person: Actor, at: datetime,
         minutes: int) -> HalfCheck:
    """What this person scanned, good for so many minutes."""
    half = HalfCheck(bag_id=bag.id, wristband_id=wristband_id, copy=copy, at=at,
                     until_at=at + scans_valid(minutes), recorded_by_id=person.id, recorded_at=at)
    session.add(half)
    session.flush()
    return half


# Fresh and in no check, latest first.
_WAITING = (
    sa.select(HalfCheck).where(
        HalfCheck.until_at >= sa.bindparam("until_at"),
        ~sa.select(Check.id).where(sa.or_(Check.first_half_id == HalfCheck.id,
                                          Check.second_half_id == HalfCheck.id)).exists())
    .order_by(HalfCheck.id.desc()))
_BAG = HalfCheck.bag_id == sa.bindparam("bag_id")
_BAND = HalfCheck.wristband_id == sa.bindparam("wristband_id")
_MINE = _WAITING.where(_BAG, _BAND, HalfCheck.recorded_by_id == sa.bindparam("person_id"))
_LATER = aliased(HalfCheck)
# With whether it is the last that this person scanned: who began again stands by what came last.
_OTHERS = _WAITING.add_columns(
    ~sa.select(_LATER.id).where(_LATER.id > HalfCheck.id,
                                _LATER.recorded_by_id == HalfCheck.recorded_by_id).exists()
).where(sa.or_(_BAG, _BAND), HalfCheck.recorded_by_id != sa.bindparam("person_id"))


def mine(bag: Bag, wristband_id: int, copy: int | None, person: Actor, at: datetime,
         ) -> HalfCheck | None:
    """What this person scanned just before, on their own."""
    halves = session.scalars(_MINE, {"bag_id": bag.id, "wristband_id": wristband_id,
                                     "until_at": at, "person_id": person.id})
    return next((half for half in halves if half.copy == copy), None)


def anothers(bag: Bag, wristband_id: int, copy: int | None, person: Actor, at: datetime,
             ) -> tuple[HalfCheck, Actor, bool] | None:
    """The half of another person who may infuse that belongs to these scans of this person's, who
    it is, and whether they scanned the same."""
    last_of_others = None
    for theirs, last in session.execute(_OTHERS, {
            "bag_id": bag.id, "wristband_id": wristband_id, "until_at": at,
            "person_id": person.id}):
        try:
            other = accounts.actor_now(theirs.recorded_by_id, at, "own device")
        except NotProven:  # the account has ended since
            continue
        if not other.may(Permission.INFUSE):
            continue
        same_label = None in (copy, theirs.copy) or copy == theirs.copy
        if (theirs.bag_id, theirs.wristband_id) == (bag.id, wristband_id) and same_label:
            return theirs, other, True
        if last and last_of_others is None:
            last_of_others = theirs, other, False
    return last_of_others


def state_of(half: HalfCheck, at: datetime) -> tuple[str, Check | None]:
    """How a half stands: ``answered`` with its check, ``over``, or ``waiting``."""
    found = session.scalar(sa.select(Check).where(sa.or_(
        Check.first_half_id == half.id, Check.second_half_id == half.id)))
    if found is not None:
        return "answered", found
    return ("over" if at > half.until_at else "waiting"), None
