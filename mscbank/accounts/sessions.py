"""Signed-in browsers and machine tokens: only digests are kept, and both die with the account."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mscbank.accounts import factors
from mscbank.accounts.factors import BY_PASSWORD, Proof
from mscbank.accounts.models import Account, ApiToken, BrowserSession, RoleHeld
from mscbank.accounts.service import actor
from mscbank.audit.service import record
from mscbank.database import Moment, read, session, transaction
from mscbank.errors import NotProven
from mscbank.permissions import SYSTEM, Actor, Permission

_SEEN_EVERY = timedelta(seconds=60)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(person: Actor, *, at: datetime, proof: Proof = BY_PASSWORD) -> str:
    """A new browser session for a proven person; returns its token, which is told once."""
    token = secrets.token_urlsafe(32)
    with transaction():
        factors.spend(proof, at)
        session.add(BrowserSession(
            token_digest=digest(token), account_id=person.id, csrf=secrets.token_urlsafe(32),
            began_at=at, seen_at=at))
        record("signed in", person.code, by=person, at=at, binding=proof.binding)
    return token


def find_session(token: str, *, at: datetime, idle: timedelta, absolute: timedelta,
                 ) -> tuple[Actor, BrowserSession, Account] | None:
    """Whose browser this is, if the session is alive: not ended, not idle, not too old."""
    found = session.execute(
        sa.select(BrowserSession, Account).join(Account, Account.id == BrowserSession.account_id)
        .where(BrowserSession.token_digest == digest(token))).one_or_none()
    if found is None:
        return None
    browser, account = found
    if browser.ended_at or at - browser.seen_at > idle or at - browser.began_at > absolute:
        return None
    try:
        person = actor(account, at, f"browser {browser.token_digest[:8]}")
    except NotProven:
        return None
    if at - browser.seen_at > _SEEN_EVERY:
        browser_digest = browser.token_digest
        with transaction():
            session.get_one(BrowserSession, browser_digest).seen_at = at
        browser = session.get_one(BrowserSession, browser_digest)
        account = session.get_one(Account, person.id)
    return person, browser, account


def whose(token: str) -> str:
    """The person a browser's session belongs or belonged to, by code; it proves nobody."""
    return session.scalar(
        sa.select(Account.code).join(BrowserSession, BrowserSession.account_id == Account.id)
        .where(BrowserSession.token_digest == digest(token))) or ""


def sign_out(token: str, *, by: Actor, at: datetime) -> None:
    """End this browser's session."""
    with transaction():
        browser = session.get(BrowserSession, digest(token))
        if browser and browser.ended_at is None:
            browser.ended_at = at
            record("signed out", by.code, by=by, at=at)


def create_token(account: Account, label: str, days: int, *, by: Actor, at: datetime) -> str:
    """A bearer token for a machine acting as this account; told once. Inside a transaction."""
    if by is not SYSTEM:
        by.must(Permission.KEEP_ACCOUNTS)
    token = "msc_" + secrets.token_urlsafe(32)
    session.add(ApiToken(account_id=account.id, label=label, token_digest=digest(token),
                         began_at=at, until_at=at + timedelta(days=days)))
    record("token created", account, by=by, at=at, label=label, days=days)
    return token


def _whose() -> sa.Select[Any]:
    """The person of a living token, a row for each role held at the moment; built once."""
    token, account, held = ApiToken.__table__, Account.__table__, RoleHeld.__table__
    digest_, at = sa.bindparam("digest", type_=sa.String), sa.bindparam("at", type_=Moment)
    return (
        sa.select(account.c.id, account.c.username, account.c.code, account.c.name,
                  token.c.label, held.c.role)
        .select_from(token.join(account, account.c.id == token.c.account_id).outerjoin(
            held, sa.and_(held.c.account_id == account.c.id, held.c.from_at <= at,
                          sa.or_(held.c.until_at.is_(None), held.c.until_at > at))))
        .where(token.c.token_digest == digest_, token.c.ended_at.is_(None), token.c.until_at > at,
               sa.or_(account.c.ended_at.is_(None), account.c.ended_at > at)))


_WHOSE = _whose()


def find_token(token: str, *, at: datetime) -> Actor | None:
    """Whose token this is, if it and the account are alive. One statement: machines ask often."""
    rows = read(_WHOSE, {"digest": digest(token), "at": at})
    if not rows:
        return None
    person = rows[0]
    return Actor(person.id, person.username, person.code, person.name,
                 frozenset(row.role for row in rows if row.role), f"token {person.label}")
