"""What waits for administrators: people who never came, credentials lost, names tried in vain."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from mscbank.accounts.models import Account, LostCredential
from mscbank.permissions import Actor
from mscbank.reports.waiting.item import Item, everything, item


def not_enrolled(at: datetime, _: Actor) -> list[Item]:
    """Accounts whose holder has not chosen a password yet."""
    found = everything(sa.select(Account).where(
        Account.must_change, Account.ended_at.is_(None)).order_by(Account.id))
    return [item(one, "has not signed in for the first time yet", None, at) for one in found]


def lost_credentials(at: datetime, person: Actor) -> list[Item]:
    """Reports of a lost credential that wait for another person than who wrote them down."""
    found = everything(sa.select(Account).join(
        LostCredential, LostCredential.account_id == Account.id).where(
        LostCredential.confirmed_at.is_(None), LostCredential.asked_by_id != person.id)
        .order_by(LostCredential.id))
    return [item(one, "reported a lost credential: confirm who it is", None, at) for one in found]
