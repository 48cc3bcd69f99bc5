"""What waits in the trial: families, orders, events to judge, visits, reports to send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

import sqlalchemy as sa

from mscbank.bags.lifecycle import RELEASED, Place
from mscbank.bags.models import Bag, Lot
from mscbank.donors.models import Donor, DonorDecision
from mscbank.followup import expedited, schedule
from mscbank.followup.event_models import AdverseEvent, Opinion, Side
from mscbank.infusions.models import Order
from mscbank.permissions import Actor
from mscbank.recipients.models import Allocation, Assessment, Recipient, ScreeningFailure
from mscbank.reports.waiting.item import MOST, Item, everything, item
from mscbank.rules import count_told, day_told
from mscbank.settings import local, settings


def to_allocate(at: datetime, _: Actor) -> list[Item]:
    """Recipients without a place, but for those whose screening has ended without one."""
    placed = sa.select(Allocation.id).where(Allocation.recipient_id == Recipient.id).exists()
    found = everything(sa.select(Recipient).where(~placed, ~_screened_out())
                       .order_by(Recipient.id))
    return [item(one, "no place in the trial yet" if one.consents_now else "no consent yet",
                  None, at) for one in found]


def events(side: Side) -> Callable[[datetime, Actor], list[Item]]:
    def find(at: datetime, _: Actor) -> list[Item]:
        given = sa.select(Opinion.id).where(Opinion.adverse_event_id == AdverseEvent.id,
                                            Opinion.side == side).exists()
        found = everything(sa.select(AdverseEvent).where(~given).order_by(AdverseEvent.id))
        return [item(one, f"the {side}'s opinion is missing", None, at) for one in found]
    return find


def to_assess(at: datetime, _: Actor) -> list[Item]:
    """Recipients and donors about whom no physician has signed yet."""
    assessed = sa.select(Assessment.id).where(Assessment.recipient_id == Recipient.id).exists()
    decided = sa.select(DonorDecision.id).where(DonorDecision.donor_id == Donor.id).exists()
    people = everything(sa.select(Recipient).where(~assessed, ~_screened_out())
                        .order_by(Recipient.id))
    donors = everything(sa.select(Donor).where(~decided).order_by(Donor.id))
    return [item(one, "assess eligibility" if one.consents_now else "no consent yet", None, at)
            for one in people] + [
        item(one, "decide on the donor" if one.consents_now else "no consent yet", None, at)
        for one in donors]


def to_order(at: datetime, _: Actor) -> list[Item]:
    """Recipients with released bags in stock and no order that stands."""
    ready = sa.select(Bag.id).join(Lot, Lot.id == Bag.lot_id).where(
        Lot.recipient_id == Recipient.id, Lot.standing.in_(RELEASED),
        Bag.place == Place.STORED).exists()
    ordered = sa.select(Order.id).where(Order.recipient_id == Recipient.id,
                                        Order.cancelled_at.is_(None)).exists()
    found = everything(sa.select(Recipient).where(ready, ~ordered).order_by(Recipient.id))
    return [item(one, "released bags are in stock: order the infusion", None, at) for one in found]


def visits(at: datetime, _: Actor) -> list[Item]:
    """Visits whose window is open, was missed, or opens within a month."""
    found = schedule.waiting(local(at).date())[:MOST + 1]
    return [item(one.recipient, f"visit {one.name}: {one.state}, from "
                 f"{day_told(one.window.opens)} on", _end(one.window.closes), at) for one in found]


def reports(at: datetime, _: Actor) -> list[Item]:
    """Events of which a report must reach the authority by a day."""
    today = local(at).date()
    return [item(event, _to_send(event.recipient.number, due.what, due.days_left(today)),
                 _end(due.on), at) for event, due in expedited.running()[:MOST + 1]]


def _to_send(number: str, what: str, left: int) -> str:
    if left < 0:
        return f"{number}: send {what}, overdue"
    if left == 0:
        return f"{number}: send {what} today"
    if left == 1:
        return f"{number}: send {what} by tomorrow"
    return f"{number}: send {what} within {count_told(left, 'day')}"


def _end(day: date) -> datetime:
    """A day is over when it is over on the site's clock."""
    return datetime.combine(day, time(23, 59, 59), settings().zone)


def _screened_out() -> sa.Exists:
    return sa.select(ScreeningFailure.id).where(
        ScreeningFailure.recipient_id == Recipient.id).exists()
