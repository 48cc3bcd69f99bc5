"""Signed-in browsers and machine tokens: only digests are kept, and both die with the account."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mscbank.accounts import factors
from mscbank.accounts.factors import BY_PASSWORD, Proof
from mscbank.accounts.models import Account, ApiToken, BrowserSession, Draft
from mscbank.accounts.service import actor_of, people
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


def _built() -> tuple[sa.Select[Any], sa.Select[Any]]:
    """Whose browser, and whose token it is; built once."""
    account, browser, token = Account.__table__, BrowserSession.__table__, ApiToken.__table__
    digest_ = sa.bindparam("digest", type_=sa.String)
    browsers = people(
        browser.join(account, account.c.id == browser.c.account_id), account.c.must_change,
        browser.c.csrf, browser.c.began_at, browser.c.seen_at,
        browser.c.ended_at.label("signed_out_at")).where(browser.c.token_digest == digest_)
    tokens = people(
        token.join(account, account.c.id == token.c.account_id), token.c.label).where(
        token.c.token_digest == digest_, token.c.ended_at.is_(None),
        token.c.until_at > sa.bindparam("at", type_=Moment))
    return browsers, tokens


_WHOSE_BROWSER, _WHOSE_TOKEN = _built()


@dataclass(frozen=True)
class Browser:
    """A signed-in browser at the door: its own token for forms, and whether its person has to
    change the password first."""

    csrf: str
    must_change: bool


def find_session(token: str, *, at: datetime, idle: timedelta, absolute: timedelta,
                 ) -> tuple[Actor, Browser] | None:
    """Whose browser this is, if the session is alive: not ended, not idle, not too old."""
    key = digest(token)
    rows = read(_WHOSE_BROWSER, {"digest": key, "at": at})
    if not rows:
        return None
    found = rows[0]
    if found.signed_out_at or at - found.seen_at > idle or at - found.began_at > absolute:
        return None
    try:
        person = actor_of(rows, at, f"browser {key[:8]}")
    except NotProven:
        return None
    if at - found.seen_at > _SEEN_EVERY:
        with transaction():
            session.get_one(BrowserSession, key).seen_at = at
    return person, Browser(found.csrf, found.must_change)


def whose(token: str) -> str:
    """The person a browser's session belongs or belonged to, by code; it proves nobody."""
    return session.scalar(
        sa.select(Account.code).join(BrowserSession, BrowserSession.account_id == Account.id)
        .where(BrowserSession.token_digest == digest(token))) or ""


def sign_out(token: str, *, by: Actor, at: datetime) -> None:
    """End this browser's session; what was typed and not sent is wiped."""
    with transaction():
        browser = session.get(BrowserSession, digest(token))
        if browser and browser.ended_at is None:
            browser.ended_at = at
            session.execute(sa.update(Draft).where(Draft.account_id == by.id).values(sealed=b""))
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


def find_token(token: str, *, at: datetime) -> Actor | None:
    """Whose token this is, if it and the account are alive. One statement: machines ask often."""
    rows = read(_WHOSE_TOKEN, {"digest": digest(token), "at": at})
    try:
        return actor_of(rows, at, f"token {rows[0].label}") if rows else None
    except NotProven:
        return None
