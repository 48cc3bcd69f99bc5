"""The second factor: what a person proves beside user name and password, and what is kept of it.

A page asks (``ask``), the person answers with a passkey or a time code, ``prove`` checks it before
the lock, and ``spend`` uses it up inside the lock, in the same transaction as what it was given
for. Who has a factor registered proves it each time; a role may be told to register one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import service, timecode, webauthn
from mscbank.accounts.models import Binding, Challenge, Passkey, TimeCode
from mscbank.accounts.statement import Statement, challenge
from mscbank.accounts.webauthn import Answer, Site
from mscbank.audit.service import record_refusal
from mscbank.database import aside, session, transaction
from mscbank.errors import NotProven, Refused
from mscbank.permissions import Actor, Role
from mscbank.settings import settings

VALID = timedelta(minutes=5)
ANEW = "This page has been answered or is older than five minutes: confirm anew."


class WentBack(NotProven):
    """A passkey says it was used less often than we know: a copy of it may exist."""

    reason = "passkey counter went back"


@dataclass(frozen=True)
class Typed:
    """What came beside user name and password: a time code, or a passkey's answer to a page."""

    code: str = ""
    answer: str = ""
    nonce: str = ""


NOTHING = Typed()


@dataclass(frozen=True)
class Proof:
    """How a person was proven beside the password. ``row`` is the passkey's or time code's key,
    ``count`` its counter or half minute; the rest is there for a passkey only. ``asked`` is the
    account whose page was answered."""

    binding: Binding = Binding.PASSWORD
    row: int = 0
    count: int = 0
    asked: int = 0
    purpose: str = ""
    nonce: str = ""
    manifest: str = ""
    answer: Answer | None = None
    public_key: str = ""


BY_PASSWORD = Proof()


@dataclass(frozen=True)
class Asked:
    """What a page shows to ask for a second factor. ``options`` is for the browser, None where no
    passkey is asked; ``code``: a time code would do too."""

    nonce: str
    options: str | None
    code: bool
    origin: str


def site() -> Site:
    """Where passkeys are used."""
    return Site(settings().origin, settings().host)


def passkeys_of(account_id: int) -> list[Passkey]:
    """The passkeys that count, oldest first."""
    return list(session.scalars(sa.select(Passkey).where(
        Passkey.account_id == account_id, Passkey.ended_at.is_(None)).order_by(Passkey.id)))


def time_code_of(account_id: int) -> TimeCode | None:
    """The confirmed time code that counts."""
    return session.scalar(sa.select(TimeCode).where(
        TimeCode.account_id == account_id, TimeCode.ended_at.is_(None),
        TimeCode.confirmed_at.is_not(None)))


def digest(nonce: str) -> str:
    """What is kept of a page's number."""
    return hashlib.sha256(nonce.encode()).hexdigest()


def issue(account_id: int, purpose: str) -> str:
    """A new number for a page of this person, to be answered once within five minutes."""
    nonce = secrets.token_urlsafe(32)
    until = clock.now() + VALID
    with aside() as connection:
        connection.execute(sa.insert(Challenge.__table__), {
            "digest": digest(nonce), "account_id": account_id, "purpose": purpose[:80],
            "until_at": until})
    return nonce


def ask(person: Actor, statement: Statement, nonce: str = "") -> Asked | None:
    """What this person's page asks to confirm a statement; None where nothing is registered.

    ``nonce`` is the number of a page that is shown again."""
    keys = [key.credential_id for key in passkeys_of(person.id)]
    code = time_code_of(person.id) is not None
    if not keys:
        return Asked(nonce, None, True, site().origin) if code else None
    nonce = nonce or issue(person.id, statement.act)
    text = statement.manifest(person.username, nonce)
    return Asked(nonce, webauthn.asking(site(), challenge(text), keys), code, site().origin)


def ask_second(person: Actor, statement: Statement | None) -> Asked | None:
    """What the page of ``person`` asks of a second person whose name it does not know: any
    passkey of this bank, or a time code. None while nobody has registered anything. Without a
    statement (its words are still being written) a time code alone is asked."""
    codes = session.scalar(sa.select(TimeCode.id).where(TimeCode.ended_at.is_(None)).limit(1))
    keys = statement and session.scalar(
        sa.select(Passkey.id).where(Passkey.ended_at.is_(None)).limit(1))
    if not keys or statement is None:
        return Asked("", None, True, site().origin) if codes is not None else None
    nonce = issue(person.id, statement.act)
    text = replace(statement, beside=person.username).manifest("", nonce)
    return Asked(nonce, webauthn.asking(site(), challenge(text), ()), codes is not None,
                 site().origin)


def prove(username: str, password: str, typed: Typed, statement: Statement, *, through: str,
          asked: int | None = None, signing: bool = False) -> tuple[Actor, Proof]:
    """The person user name, password and second factor prove, and how. Outside any transaction.

    ``asked`` is the account whose page was answered, the person's own unless said. ``signing``
    asks for what the person's role demands. Wrong answers delay the next try, as passwords do.
    """
    person = service.check_password(username, password, through=through, signing=signing)
    proof = second(person, typed, statement, asked=asked, signing=signing)
    service.forget_failures(username)
    return person, proof


def second(person: Actor, typed: Typed, statement: Statement, *, asked: int | None = None,
           signing: bool = False) -> Proof:
    """The proof beside the password. A wrong one counts as a failed attempt."""
    keys, code = passkeys_of(person.id), time_code_of(person.id)
    if not (typed.code or typed.answer):
        _nothing_given(person, bool(keys), code is not None, signing)
        return BY_PASSWORD
    try:
        if typed.code:
            return _by_code(person, code, typed.code)
        text = statement.manifest(person.username, typed.nonce)
        proof = _by_passkey(keys, webauthn.read(typed.answer), text)
    except NotProven:
        service.count_failure(person.username, through=person.through)
        raise
    return replace(proof, asked=asked or person.id, purpose=statement.act, nonce=typed.nonce,
                   manifest=text)


def _nothing_given(person: Actor, keys: bool, code: bool, signing: bool) -> None:
    """Refuse where a second factor is registered, or demanded by a role."""
    if keys and code:
        raise NotProven("Confirm with your passkey, or give a time code.", field="code")
    if keys:
        raise NotProven("You have a passkey registered: confirm with it in the browser. A program "
                        "signs with a time code: register one under My account.", field="code")
    if code:
        raise NotProven("Give a time code too: the six figures your app shows.", field="code")
    if signing and (roles := sorted(person.roles & settings().second_factor)):
        raise NotProven(f"In this bank {' and '.join(roles)} sign with a second factor: register a "
                        "passkey or a time code under My account.", field="code")


def _by_code(person: Actor, known: TimeCode | None, code: str) -> Proof:
    if known is None:
        raise NotProven(f"{person.username} has no time code registered: leave it empty, or "
                        "register one under My account.", field="code")
    step = timecode.step_of(timecode.unsealed(known.secret, person.code), code, clock.now())
    if step is None:
        raise NotProven("The time code is not right: give the one your app shows now.",
                        field="code")
    return Proof(Binding.TIME_CODE, known.id, step)


def _by_passkey(keys: Iterable[Passkey], answer: Answer, manifest: str) -> Proof:
    key = next((key for key in keys if hmac.compare_digest(
        key.credential_id, answer.credential_id)), None)
    if key is None:
        raise NotProven("This passkey is not registered for this person, or has ended: use one "
                        "that is.")
    count = webauthn.check(answer, key.public_key, challenge(manifest), site())
    return Proof(Binding.PASSKEY, key.id, count, answer=answer, public_key=key.public_key)


def spend(proof: Proof, at: datetime) -> None:
    """Use the proof up, inside the lock. Refuses what was used before, has ended or gone stale.

    The rows it changes are covered by the entry of what the proof was given for.
    """
    if proof.binding is Binding.TIME_CODE:
        code = session.get_one(TimeCode, proof.row)
        if code.ended_at is not None or proof.count <= (code.last_step or 0):
            raise NotProven("This time code was used before: wait for the next one.",
                            field="code")
        code.last_step, code.last_used_at = proof.count, at
    if proof.nonce:
        spend_page(proof, at)
    if proof.binding is Binding.PASSKEY:
        key = session.get_one(Passkey, proof.row)
        if key.ended_at is not None:
            raise NotProven("This passkey has ended: use another one.")
        if (proof.count or key.sign_count) and proof.count <= key.sign_count:
            raise WentBack("This passkey was used less often than it says, so a copy of it may "
                           "exist. Nothing was done; quality assurance was told. Use another one.")
        key.sign_count, key.last_used_at = proof.count, at


def whose_page(nonce: str, purpose: str, at: datetime) -> int:
    """The account a page was given to, if it still waits for its answer."""
    session.rollback()  # a read may hold an older picture of the database
    asked = session.get(Challenge, digest(nonce))
    if asked is None or asked.purpose != purpose or asked.used_at or asked.until_at < at:
        raise NotProven("You waited longer than five minutes, or went back: sign in anew.")
    return asked.account_id


def spend_page(proof: Proof, at: datetime) -> None:
    """A page is answered once, by the person it was given to, within its five minutes."""
    asked = session.get(Challenge, digest(proof.nonce))
    if (asked is None or asked.account_id != proof.asked or asked.purpose != proof.purpose[:80]
            or asked.used_at is not None or asked.until_at < at):
        raise NotProven(ANEW, reasons=("answered before or too late",))
    asked.used_at = at


def burn(proof: Proof, at: datetime) -> None:
    """What was proven for an act that was then refused is used up as well."""
    if proof.binding is Binding.TIME_CODE:
        code = session.get_one(TimeCode, proof.row)
        if proof.count > (code.last_step or 0):
            code.last_step = proof.count
    asked = session.get(Challenge, digest(proof.nonce)) if proof.nonce else None
    if asked is not None and asked.used_at is None:
        asked.used_at = at


def use_up(person: Actor, refusal: Refused, proofs: Iterable[Proof], at: datetime) -> None:
    """Before a refusal is written down: what was proven for it is used up, and a passkey that may
    have been copied is told of. The caller writes the entry."""
    for proof in proofs:
        burn(proof, at)
    if isinstance(refusal, WentBack):
        service.raise_alert(Role.QUALITY, person.code, f"A passkey used by {person.username} "
                            "counts backwards: a copy of it may exist. End it.", at=at)


def keep_refusal(person: Actor, act: str, refusal: Refused, proof: Proof, at: datetime) -> None:
    """The refusal of what is no act of the chain: signing in, or keeping one's own factors."""
    with transaction():
        use_up(person, refusal, (proof,), at)
        record_refusal(act, person.code, refusal, by=person, at=at)
