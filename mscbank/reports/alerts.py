"""Alerts that wait to be read: all of them, and those of the lot a page is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from mscbank import things
from mscbank.accounts.models import Alert
from mscbank.bags.models import Bag, Lot
from mscbank.database import session
from mscbank.permissions import Role

MOST = 200


def bad_news(thing: Any) -> list[Alert]:
    """The alerts to be signed and not yet signed about the lot this thing is, or belongs to."""
    if isinstance(thing, Alert):
        return []
    lot = lot_of(thing)
    codes = {thing.code} | ({lot.code} if lot is not None else set())
    return list(session.scalars(sa.select(Alert).where(
        Alert.about.in_(codes), Alert.signed, Alert.acknowledged_at.is_(None))
        .order_by(Alert.id)))


def lot_of(thing: Any) -> Lot | None:
    """The lot a bag, a decision, a hold, a result, a journey, an infusion, a deviation is of."""
    if isinstance(thing, Lot):
        return thing
    for name in ("lot", "bag", "journey", "deviation"):
        if (nearer := getattr(thing, name, None)) is not None:
            return lot_of(nearer)
    for name, model in (("lot_id", Lot), ("bag_id", Bag)):
        if (id_ := getattr(thing, name, None)) is not None:
            return lot_of(session.get_one(model, id_))
    if about := getattr(thing, "about", None):
        return lot_of(things.by_code(about))
    return None


def waiting(roles: Iterable[Role] | None) -> list[Alert]:
    """Nobody has read them yet, the oldest first; of these roles where any are named."""
    return list(session.scalars(_for(roles).where(Alert.acknowledged_at.is_(None))
                                .order_by(Alert.id).limit(MOST)))


def read(roles: Iterable[Role] | None, size: int = 50) -> list[Alert]:
    """The last ones that were read."""
    return list(session.scalars(_for(roles).where(Alert.acknowledged_at.is_not(None))
                                .order_by(Alert.acknowledged_at.desc(), Alert.id.desc())
                                .limit(size)))


def _for(roles: Iterable[Role] | None) -> sa.Select[tuple[Alert]]:
    every = sa.select(Alert)
    return every if roles is None else every.where(Alert.role.in_(list(roles)))
