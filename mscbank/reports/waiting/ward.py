"""What waits on the ward: bags and their time, infusions and their observations."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag
from mscbank.custody.models import Journey
from mscbank.infusions.models import Infusion
from mscbank.infusions.nudges import late_journeys, nudge_after
from mscbank.infusions.service import next_observation
from mscbank.permissions import Actor
from mscbank.reports.waiting.item import Item, everything, item, span


def running(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Infusion).where(Infusion.ended_at.is_(None))
                 .order_by(Infusion.started_at))
    return [item(one, "running: observe, finish or stop", next_observation(one), at)
            for one in found]


def on_the_ward(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Bag).where(Bag.place == Place.RECEIVED).order_by(Bag.place_since))
    return [item(bag, "its time is over: do not infuse it, return it" if bag.usable_until <= at
                 else f"check at the bedside: {span((bag.usable_until - at).total_seconds())} left",
                 bag.usable_until, at) for bag in found]


def on_the_way(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Journey).where(Journey.received_at.is_(None),
                                          Journey.returned_at.is_(None)).order_by(Journey.id))
    return [item(one, f"box {one.box}: take it over", None, at) for one in found]


def unchecked(at: datetime, _: Actor) -> list[Item]:
    """Bags that left the freezer long ago and were checked at no bedside: somebody must call."""
    return [item(one, f"given out {span((at - one.given_at).total_seconds())} ago to "
                 f"{one.destination}, and not checked at the bedside: call there",
                 one.given_at + nudge_after(), at, title=one.bag.title)
            for one in late_journeys(at)]
