"""Enrolment: a person sets a password nobody else knows, at first or after a loss.

What was lost is replaced by two people: one asks, another confirms, and neither is the person.
Only then do passkeys, time code, password, sessions and tokens end. No one resets a second factor
alone.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from labels import housecode
from mscbank import clock
from mscbank.accounts import factors, rules, service
from mscbank.accounts.models import (
    Account,
    ApiToken,
    BrowserSession,
    EnrolmentCode,
    LostCredential,
    Passkey,
    TimeCode,
)
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import AlreadyDone, NotAllowed, NotProven, WrongMoment
from mscbank.permissions import Actor, Permission, Role, another_person

VALID = timedelta(hours=24)
LETTERS = 20  # of sixteen: 80 bits


class WrongCode(NotProven):
    """User name and enrolment code do not go together."""

    reason = "wrong enrolment code"


def new_code() -> str:
    """A code that can be read aloud, in groups of four."""
    letters = "".join(secrets.choice(housecode.ALPHABET) for _ in range(LETTERS))
    return " ".join(letters[at:at + 4] for at in range(0, LETTERS, 4))


def _digest(code: str) -> str:
    return hashlib.sha256(re.sub(r"[\s-]", "", code).upper().encode()).hexdigest()


def _give(account: Account, code: str, *, by: Actor, at: datetime) -> None:
    session.add(EnrolmentCode(account_id=account.id, digest=_digest(code), given_by_id=by.id,
                              given_at=at, until_at=at + VALID))


def add_person(username: str, name: str, roles: list[Role], identity_checked_by: str, *,
               code: str, prepared: str, by: Actor, at: datetime,
               until: date | None = None) -> Account:
    """A new account with an enrolment code. ``prepared`` is the hash of words nobody knows."""
    account = service.add_account(username, name, None, roles, by=by, at=at, hashed=prepared,
                                  identity_checked_by=identity_checked_by, until=until)
    _give(account, code, by=by, at=at)
    record("enrolment code given", account, by=by, at=at)
    return account


def can_give_code(account: Account) -> None:
    """A new code is given only to who never had a password of their own: else it is a loss."""
    service.not_ended(account)
    if not account.must_change or factors.passkeys_of(account.id) or factors.time_code_of(
            account.id):
        raise WrongMoment(f"{account.username} has enrolled: report a lost credential, and another "
                          "person confirms it.")


def give_code(account: Account, *, code: str, by: Actor, at: datetime) -> Account:
    """Another enrolment code in place of one that was not used within its day."""
    by.must(Permission.KEEP_ACCOUNTS)
    can_give_code(account)
    _give(account, code, by=by, at=at)
    record("enrolment code given", account, by=by, at=at)
    return account


def enrol(username: str, code: str, password: str, *, hashed: str, at: datetime) -> Account:
    """The person sets their password by the latest code given to them. Once, within its day."""
    account = service.find_account(username)
    latest = account and session.scalar(
        sa.select(EnrolmentCode).where(EnrolmentCode.account_id == account.id)
        .order_by(EnrolmentCode.id.desc()).limit(1))
    if not account or not latest or not hmac.compare_digest(latest.digest, _digest(code)):
        raise WrongCode("User name and enrolment code do not match. Try again.")
    if latest.used_at is not None or latest.until_at < at:
        raise NotProven("This enrolment code was used before or is older than a day: ask an "
                        "administrator for another.")
    person = service.actor(account, at, "enrolment")
    rules.password(password, account.username)
    latest.used_at = at
    account.password, account.must_change = hashed, False
    record("enrolled", account, by=person, at=at)
    return account


def open_loss(account: Account, at: datetime) -> LostCredential | None:
    """The loss that waits to be confirmed: asked for within the last day."""
    return session.scalar(
        sa.select(LostCredential).where(
            LostCredential.account_id == account.id, LostCredential.confirmed_at.is_(None),
            LostCredential.asked_at > at - VALID).order_by(LostCredential.id.desc()).limit(1))


def can_report(account: Account, at: datetime | None = None) -> None:
    """Refuse a loss that is reported and waits."""
    service.not_ended(account)
    if open_loss(account, at or clock.now()) is not None:
        raise AlreadyDone("This loss is reported and waits for another person to confirm it.")


def report_loss(account: Account, identity_check: str, *, by: Actor, at: datetime) -> Account:
    """A person lost what they sign with. ``identity_check``: how it was made sure who asks."""
    by.must(Permission.KEEP_ACCOUNTS)
    _another_than_owner(account, by)
    can_report(account, at)
    session.add(LostCredential(account_id=account.id, asked_by_id=by.id, asked_at=at,
                               identity_check=identity_check))
    service.raise_alert(Role.QUALITY, account, f"{account.username} lost a credential: another "
                        f"person than {by.username} confirms it.", at=at)
    record("report lost credential", account, by=by, at=at)
    return account


def can_confirm(account: Account, at: datetime) -> LostCredential:
    """The loss to confirm. Refuses where none waits."""
    if (loss := open_loss(account, at)) is None:
        raise WrongMoment("No lost credential of this person waits: an administrator reports it "
                          "first, and within a day another person confirms it.")
    return loss


def confirm_loss(account: Account, *, code: str, prepared: str, by: Actor,
                 at: datetime) -> Account:
    """Another person confirms: everything the person proved themselves with ends now, and they
    get a code to enrol anew. ``prepared`` is the hash of words nobody knows."""
    by.must(Permission.CONFIRM_LOST_CREDENTIAL)
    loss = can_confirm(account, at)
    _another_than_owner(account, by)
    another_person(by, than=loss.asked_by_id, who="reported this loss")
    service.not_ended(account)
    loss.confirmed_by_id, loss.confirmed_at = by.id, at
    ended = _end_all(account, at)
    account.password, account.must_change = prepared, True
    _give(account, code, by=by, at=at)
    service.raise_alert(Role.QUALITY, account, f"The credentials of {account.username} were ended "
                        "after a loss: look at what was signed since.", at=at)
    record("confirm lost credential", account, by=by, at=at, ended=ended)
    return account


def _end_all(account: Account, at: datetime) -> dict[str, int]:
    """End what proves this person, and say how many of each."""
    ended = {}
    for model in (Passkey, TimeCode, BrowserSession, ApiToken):
        rows = session.scalars(sa.select(model).where(
            model.account_id == account.id, model.ended_at.is_(None))).all()
        for row in rows:
            row.ended_at = at
        ended[model.__tablename__] = len(rows)
    return ended


def _another_than_owner(account: Account, by: Actor) -> None:
    if by.id == account.id:
        raise NotAllowed("Nobody reports or confirms a loss of their own: two others do.")
