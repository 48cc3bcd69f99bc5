"""What a person typed into a long form and did not send: kept for them, sealed, beside the record.

A closed tab, a dead battery or a lost network costs nothing. Nothing stands in the browser's own
storage. A draft is no part of the record: it is sealed with the bank's key, read by nobody else,
wiped when the act is done, when it is discarded, at sign-out, and after a day's session.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from mscbank.accounts.models import Draft
from mscbank.database import aside, session
from mscbank.errors import Malformed
from mscbank.identities import vault
from mscbank.settings import settings

LARGEST = 100_000  # letters of one form
WIPED = b""
Words = list[tuple[str, str]]


@dataclass(frozen=True)
class Kept:
    """The words of a form, box by box, and when they were typed."""

    at: datetime
    words: Words


def keep(account_id: int, about: str, words: Words, at: datetime) -> None:
    """Keep what stands in the form of ``about`` (place, code and act) in the place of what was
    kept of it. Whatever is past its time is wiped too."""
    text = json.dumps(words)
    if len(text) > LARGEST:
        raise Malformed("This is more than a draft can hold.", field="draft")
    sealed = vault.seal(settings().vault_key, str(account_id), about, text)
    session.rollback()
    with aside() as connection:
        connection.execute(sa.update(Draft).where(Draft.at <= at - _longest(),
                                                  Draft.sealed != WIPED).values(sealed=WIPED))
        changed = connection.execute(sa.update(Draft).where(
            Draft.account_id == account_id, Draft.about == about).values(sealed=sealed, at=at))
        if not changed.rowcount:
            connection.execute(sa.insert(Draft).values(account_id=account_id, about=about,
                                                       sealed=sealed, at=at))


def find(account_id: int, about: str, at: datetime) -> Kept | None:
    """What this person typed and did not send, unless it is past its time."""
    row = session.execute(sa.select(Draft.sealed, Draft.at).where(
        Draft.account_id == account_id, Draft.about == about, Draft.sealed != WIPED,
        Draft.at > at - _longest())).one_or_none()
    if row is None:
        return None
    try:
        text = vault.unseal(settings().vault_key, str(account_id), about, row.sealed)
    except vault.DoesNotOpen:  # the bank's key is another one since
        return None
    return Kept(row.at, [(name, word) for name, word in json.loads(text)])


def wipe(account_id: int, about: str) -> None:
    """Done, or discarded: nothing of it stays."""
    session.rollback()
    with aside() as connection:
        connection.execute(sa.update(Draft).where(
            Draft.account_id == account_id, Draft.about == about).values(sealed=WIPED))


def _longest() -> timedelta:
    """As long as a session may last."""
    return timedelta(hours=settings().absolute_hours)
