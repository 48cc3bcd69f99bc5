"""What the ladder of cohorts asks of an infusion: the trial runs, the cohorts below were watched;
and a place given up by somebody who was never infused."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.infusions import dose
from mscbank.infusions.models import Infusion
from mscbank.permissions import Actor, Permission
from mscbank.recipients import ladder
from mscbank.recipients.eligibility import protocol_of
from mscbank.recipients.models import Allocation, Recipient
from mscbank.settings import local


def may_go_on(recipient: Recipient, at: datetime) -> None:
    """Refuse a first order while the trial is paused or a cohort below is still watched."""
    if not recipient.infusions:
        ladder.runs(recipient)
        _cohorts_below(recipient, at)


def give_up_place(recipient: Recipient, reason: str, *, by: Actor, at: datetime) -> Allocation:
    """Record that this person will not be infused. Where the protocol replaces those not infused,
    the next recipient gets the place."""
    by.must(Permission.ORDER_INFUSION)
    may_give_up(recipient)
    reason = dose.said(reason, field="reason")
    place = recipient.allocation
    ladder.give_up(place, reason, at=at)
    record("give up place", recipient, by=by, at=at, reason=reason, place=place.number,
           replaced=protocol_of(recipient).enrolment.replace_not_infused)
    return place


def may_give_up(recipient: Recipient) -> None:
    """Refuse who has no place, was infused, or has an order that stands."""
    place = recipient.allocation
    standing = [each.code for each in recipient.orders if each.cancelled_at is None]
    dose.place_may_be_given_up(recipient.number, place and place.number,
                               bool(recipient.infusions), standing)


def _cohorts_below(recipient: Recipient, at: datetime) -> None:
    """Every place of the cohorts below is infused, and the last so many days ago."""
    protocol, place = protocol_of(recipient), recipient.allocation
    days = protocol.enrolment.days_between_cohorts
    if place is None or place.cohort == 1 or not days:
        return
    below = sum(each.size for each in protocol.cohorts if each.number < place.cohort)
    began = dict(session.execute(
        sa.select(Allocation.number, sa.func.min(Infusion.started_at))
        .outerjoin(Infusion, Infusion.recipient_id == Allocation.recipient_id)
        .where(Allocation.trial == recipient.trial, Allocation.number <= below,
               Allocation.given_up_at.is_(None)).group_by(Allocation.number)).tuples().all())
    left_empty = set() if protocol.enrolment.replace_not_infused else set(session.scalars(
        sa.select(Allocation.number).where(Allocation.trial == recipient.trial,
                                           Allocation.given_up_at.is_not(None))))
    waiting = [f"place {number}" for number in range(1, below + 1)
               if began.get(number) is None and number not in left_empty]
    last = max((local(each).date() for each in began.values() if each), default=None)
    left = (last + timedelta(days=days) - local(at).date()).days if last else 0
    dose.cohort_may_begin(waiting, left, place.cohort)
