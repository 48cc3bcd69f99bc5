"""Accounts: who they are, what roles they hold, and the proof of user name and password."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from mscbank import clock
from mscbank.accounts import rules
from mscbank.accounts.models import Account, Alert, RoleHeld, SignInThrottle
from mscbank.audit.service import record
from mscbank.database import Moment, read, session, transaction
from mscbank.errors import AlreadyDone, NotAllowed, NotProven
from mscbank.permissions import SYSTEM, Actor, Permission, Role
from mscbank.settings import settings

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_nobody = _hasher.hash("nobody's password")
ALERT_AFTER = 5


def set_cost(memory_kib: int, passes: int) -> None:
    """What one proof of a password costs (Argon2id)."""
    global _hasher, _nobody
    if (_hasher.memory_cost, _hasher.time_cost) != (memory_kib, passes):
        _hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        _nobody = _hasher.hash("nobody's password")


def add_account(
    username: str, name: str, password: str | None, roles: list[Role], *, by: Actor, at: datetime,
    must_change: bool = True, identity_checked_by: str | None = None, hashed: str | None = None,
    until: date | None = None,
) -> Account:
    """A new account. ``hashed`` may hold the password's hash made before, outside the lock;
    ``until`` is the last day on which its roles are held.

    Without a password nobody signs in to it until its owner has enrolled (``enrolment``).
    """
    if by is not SYSTEM:
        by.must(Permission.KEEP_ACCOUNTS)
    rules.username(username)
    if password is not None:
        rules.password(password, username)
    if session.scalar(sa.select(Account.id).where(Account.username == username)):
        raise AlreadyDone(f"The user name {username} was given before and is never given again.",
                          field="username")
    until_at = _end_of(until)
    rules.held_until(roles, until_at, at)
    account = Account(
        username=username, name=name, password=hashed or hash_password(password),
        must_change=must_change, began_at=at, identity_checked_by=identity_checked_by,
        roles=[RoleHeld(role=role, from_at=at, until_at=until_at) for role in roles],
    )
    session.add(account)
    record("account added", account, by=by, at=at, username=username, roles=roles,
           **({"until": until} if until else {}))
    return account


def give_role(account: Account, role: Role, *, by: Actor, at: datetime, reason: str,
              until: date | None = None) -> None:
    """Let this person hold a role from now on, until the end of a day where one is named."""
    by.must(Permission.KEEP_ACCOUNTS)
    not_ended(account)
    if role in account.roles_at(at):
        raise AlreadyDone(f"{account.username} already holds the role {role}.")
    until_at = _end_of(until)
    rules.held_until({role, *account.roles_at(at)}, until_at, at)
    account.roles.append(RoleHeld(role=role, from_at=at, until_at=until_at))
    record("give role", account, by=by, at=at, reason=reason, role=role,
           **({"until": until} if until else {}))


def _end_of(day: date | None) -> datetime | None:
    """The moment at which the site's day is over."""
    return None if day is None else datetime.combine(
        day + timedelta(days=1), time(), settings().zone).astimezone(UTC)


def take_role(account: Account, role: Role, *, by: Actor, at: datetime, reason: str) -> None:
    """End a role now. Sessions go on with what is left."""
    by.must(Permission.KEEP_ACCOUNTS)
    held = [row for row in account.roles if row.role == role and row.counts(at)]
    if not held:
        raise AlreadyDone(f"{account.username} does not hold the role {role}.")
    for row in held:
        row.until_at = at
    record("take role", account, by=by, at=at, reason=reason, role=role)


def end_account(account: Account, *, by: Actor, at: datetime, reason: str) -> None:
    """End an account: its sessions and tokens are dead at the next request."""
    by.must(Permission.KEEP_ACCOUNTS)
    not_ended(account)
    if account.id == by.id:
        raise NotAllowed("Nobody ends their own account: ask another administrator.")
    account.ended_at = at
    record("end account", account, by=by, at=at, reason=reason)


def not_ended(account: Account) -> None:
    """Refuse what is done to an account that has ended."""
    if account.ended_at is not None:
        raise AlreadyDone(f"The account {account.username} has ended.")


def change_password(account: Account, password: str, *, by: Actor, at: datetime,
                    hashed: str | None = None) -> None:
    """A new password, by its owner and nobody else: who lost one enrols anew, by two people."""
    rules.its_owner(by.id == account.id, account.username)
    rules.password(password, account.username)
    account.password = hashed or _hasher.hash(password)
    account.must_change = False
    record("password changed", account, by=by, at=at)


def hash_password(password: str | None) -> str:
    """Argon2id, slow by intent: call it outside the lock. Of None: of words nobody knows."""
    return _hasher.hash(secrets.token_urlsafe(32) if password is None else password)


def find_account(username: str) -> Account | None:
    """The account of a user name."""
    return session.scalar(sa.select(Account).where(Account.username == username))


def actor(account: Account, at: datetime, through: str) -> Actor:
    """The person with the roles held at this moment. Refuses an ended account."""
    _still_there(account.username, account.ended_at, at)
    return Actor(account.id, account.username, account.code, account.name, account.roles_at(at),
                 through)


def _still_there(username: str, ended_at: datetime | None, at: datetime) -> None:
    if ended_at is not None and ended_at <= at:
        raise NotProven(f"The account {username} has ended.")


def people(source: sa.FromClause, *columns: Any) -> sa.Select[Any]:
    """A person of a join with ``account``, in a row for each role held at the moment ``at``."""
    account, held, at = Account.__table__, RoleHeld.__table__, sa.bindparam("at", type_=Moment)
    return (
        sa.select(account.c.id, account.c.username, account.c.code, account.c.name,
                  account.c.ended_at, held.c.role, *columns)
        .select_from(source.outerjoin(held, sa.and_(
            held.c.account_id == account.c.id, held.c.from_at <= at,
            sa.or_(held.c.until_at.is_(None), held.c.until_at > at)))))


def actor_of(rows: list[Any], at: datetime, through: str) -> Actor:
    """``actor``, of the rows of ``people``."""
    person = rows[0]
    _still_there(person.username, person.ended_at, at)
    return Actor(person.id, person.username, person.code, person.name,
                 frozenset(row.role for row in rows if row.role), through)


_PERSON = people(Account.__table__).where(
    Account.__table__.c.id == sa.bindparam("id", type_=sa.BigInteger))


def actor_now(account_id: int, at: datetime, through: str) -> Actor:
    """``actor``, of whom only the number is known: every act asks again inside the lock."""
    return actor_of(read(_PERSON, {"id": account_id, "at": at}), at, through)


def prove(username: str, password: str, *, through: str, signing: bool = False) -> Actor:
    """The person these two prove, where nothing more is asked. Outside any transaction.

    Who may have registered a second factor is proven by ``factors.prove``.
    """
    person = check_password(username, password, through=through, signing=signing)
    forget_failures(username)
    return person


def check_password(username: str, password: str, *, through: str, signing: bool = False) -> Actor:
    """The first half of a proof: Argon2 is slow by intent, so this stays outside the lock.

    Failures delay the next try (longer each time), are entries of the trail, and after five of
    them alert the administrators. Nobody is locked out for ever: that would be an attack too.
    They are forgotten once everything that is asked was proven, not before.
    """
    at = clock.now()
    wait_for_turn(username, at)
    account = find_account(username)
    try:
        _hasher.verify(account.password if account else _nobody, password)
        if account is None:
            raise VerificationError
        person = actor(account, at, through)
        if signing and account.must_change:
            raise NotProven("Change the password you were given before you sign.")
    except VerificationError as error:
        count_failure(username, through=through)
        raise NotProven("User name and password do not match. Try again.") from error
    session.rollback()
    return person


def wait_for_turn(username: str, at: datetime) -> None:
    """Refuse while this user name has to wait after failures."""
    throttle = session.get(SignInThrottle, username[:64])
    if throttle and throttle.not_before and at < throttle.not_before:
        wait = int((throttle.not_before - at).total_seconds()) + 1
        raise NotProven(f"Too many failed attempts: wait {wait} s, then try again.")


def forget_failures(username: str) -> None:
    """Everything asked was proven: the next failure is a first one."""
    throttle = session.get(SignInThrottle, username[:64])
    if not (throttle and throttle.failures):
        session.rollback()
        return
    with transaction():
        throttle = session.get_one(SignInThrottle, username[:64])
        throttle.failures, throttle.not_before = 0, None


def count_failure(username: str, *, through: str) -> None:
    """A wrong password, code or answer: an entry, and a longer wait."""
    at, username = clock.now(), username[:64]
    with transaction():
        account = find_account(username)
        subject = account.code if account else None
        throttle = session.get(SignInThrottle, username)
        if throttle is None:
            throttle = SignInThrottle(username=username, failures=0)
            session.add(throttle)
        throttle.failures += 1
        throttle.not_before = at + timedelta(seconds=rules.delay(throttle.failures))
        if throttle.failures == ALERT_AFTER:
            raise_alert(Role.ADMINISTRATOR, subject,
                        f"{ALERT_AFTER} failed sign-ins in a row"
                        + (f" for {account.username}." if account else " for an unknown name."),
                        at=at)
        record("sign-in failed", subject, by=SYSTEM, at=at, through=through,
               failures=throttle.failures)


def raise_alert(role: Role, about: Any, sentence: str, *, at: datetime,
                signed: bool = False) -> Alert:
    """Tell the holders of a role; the act that calls this writes the entry. ``signed``: bad news
    that is acknowledged by signature only."""
    alert = Alert(role=role, about=getattr(about, "code", about), sentence=sentence, raised_at=at,
                  signed=signed)
    session.add(alert)
    return alert
