"""A bag that was given out and is checked at no bedside: whoever gave it and the ward are told.

Where this was done at a hospital, checks at the bedside rose to 99.5 %. It is looked at by the
command ``mscbank watch``; the worklists of both sides show it at once by themselves.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from mscbank.accounts.models import Alert
from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag
from mscbank.custody.models import Journey
from mscbank.database import session
from mscbank.infusions.models import Check
from mscbank.permissions import SYSTEM, Actor, Role
from mscbank.rules import count_told
from mscbank.settings import settings

TOLD = (Role.TECHNICIAN, Role.NURSE)
MOST = 50


def nudge_after() -> timedelta:
    """How long after it was given out a bag should have been checked."""
    return timedelta(minutes=settings().nudge_minutes)


def late_journeys(at: datetime) -> list[Journey]:
    """Journeys of bags that are still out and were not checked since, the longest out first."""
    checked = sa.select(Check.id).where(Check.bag_id == Journey.bag_id,
                                        Check.at >= Journey.given_at).exists()
    return list(session.scalars(
        sa.select(Journey).join(Bag, Bag.id == Journey.bag_id).where(
            Journey.given_at <= at - nudge_after(), Journey.returned_at.is_(None),
            Bag.place.in_([Place.ISSUED, Place.RECEIVED]), ~checked)
        .order_by(Journey.given_at, Journey.id).limit(MOST).options(
            joinedload(Journey.bag))))


def nudge(*, at: datetime, by: Actor = SYSTEM) -> list[Journey]:
    """Raise the alerts of every late journey, each once; the journeys that were told of now."""
    told = []
    for journey in late_journeys(at):
        if session.scalar(sa.select(Alert.id).where(Alert.about == journey.code).limit(1)):
            continue
        minutes = int((at - journey.given_at).total_seconds() // 60)
        for role in TOLD:
            raise_alert(role, journey, f"{journey.bag.title} was given out to "
                        f"{journey.destination} {count_told(minutes, 'minute')} ago and was not checked at a "
                        "bedside since: call there.", at=at)
        record("nudge", journey, by=by, at=at, bag=journey.bag.code, minutes=minutes)
        told.append(journey)
    return told
