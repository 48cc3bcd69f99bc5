"""Who it was, as pages print it."""

from __future__ import annotations

from mscbank.accounts.models import Account
from mscbank.database import session


def who(account_id: int | None) -> str:
    """The name of a person who works with the bank; a dash where there is none."""
    account = session.get(Account, account_id) if account_id else None
    return account.name if account else "—"
