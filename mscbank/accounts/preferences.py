"""What a person prefers: the language, and whether the first steps are still shown. Nothing
regulated hangs on it: it stands beside the record."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from mscbank.accounts.models import GuideRead, Preference
from mscbank.database import aside, read, session
from mscbank.errors import Malformed

LANGUAGES = ("en", "fr")
_LANGUAGE = sa.select(Preference.__table__.c.language).where(
    Preference.__table__.c.account_id == sa.bindparam("account_id", type_=sa.BigInteger))


def language_of(account_id: int) -> str | None:
    """The language this person chose, or None."""
    rows = read(_LANGUAGE, {"account_id": account_id})
    return rows[0].language if rows else None


def known(language: str) -> str:
    """The language as it is. Refuses one the bank does not speak."""
    if language not in LANGUAGES:
        raise Malformed("Choose one of the languages offered.", field="language")
    return language


def choose_language(account_id: int, language: str) -> None:
    """Keep a person's choice. The last one counts."""
    known(language)
    session.rollback()
    with aside() as connection:
        changed = connection.execute(
            sa.update(Preference).where(Preference.account_id == account_id)
            .values(language=language))
        if not changed.rowcount:
            connection.execute(
                sa.insert(Preference).values(account_id=account_id, language=language))


def knows_the_way(account_id: int) -> bool:
    """Whether this person put the first steps away."""
    return session.get(GuideRead, account_id) is not None


def put_guide_away(account_id: int, at: datetime) -> None:
    """Show the first steps no more; a second press changes nothing."""
    if knows_the_way(account_id):
        return
    session.rollback()
    with aside() as connection:
        connection.execute(sa.insert(GuideRead).values(account_id=account_id, at=at))
