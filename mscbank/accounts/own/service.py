"""What a person does with their own passkeys and time code; everything was proven again before."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import factors, service, timecode
from mscbank.accounts.factors import Proof
from mscbank.accounts.models import Account, Passkey, TimeCode
from mscbank.accounts.webauthn import NewKey
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import AlreadyDone, NotAllowed, NotKnown, NotProven, WrongMoment
from mscbank.permissions import Actor

TO_CONFIRM = timedelta(minutes=10)


def begin_passkey(account: Account, proof: Proof, *, by: Actor, at: datetime) -> None:
    """The owner proved themselves again and is about to make a passkey."""
    _own(account, by)
    factors.spend(proof, at)
    record("passkey begun", account, by=by, at=at, binding=proof.binding)


def register_passkey(account: Account, label: str, key: NewKey, proof: Proof, *, by: Actor,
                     at: datetime) -> Passkey:
    """Register a passkey under a name its owner knows it by. ``proof`` is the page's number."""
    _own(account, by)
    factors.spend_page(proof, at)
    if session.scalar(sa.select(Passkey.id).where(Passkey.credential_id == key.credential_id)):
        raise AlreadyDone("This passkey was registered before.")
    passkey = Passkey(account_id=account.id, label=label, credential_id=key.credential_id,
                      public_key=key.public_key, sign_count=key.count, registered_at=at)
    session.add(passkey)
    record("passkey registered", account, by=by, at=at, passkey=label)
    return passkey


def passkey_of(account_id: int, id_: int) -> Passkey:
    """A passkey of this person. Another's is as unknown as none."""
    passkey = session.get(Passkey, id_)
    if passkey is None or passkey.account_id != account_id:
        raise NotKnown("You have no such passkey.")
    return passkey


def end_passkey(passkey: Passkey, reason: str, proof: Proof, *, by: Actor, at: datetime) -> None:
    """End a passkey: it confirms nothing from now on. What it signed stays signed."""
    if passkey.account_id != by.id:
        raise NotAllowed("This passkey is another person's: only its owner ends it.")
    factors.spend(proof, at)
    if passkey.ended_at is not None:
        raise AlreadyDone("This passkey has ended.")
    passkey.ended_at = at
    record("passkey ended", by.code, by=by, at=at, reason=reason, passkey=passkey.label)


def begin_time_code(account: Account, secret: str, proof: Proof, *, by: Actor,
                    at: datetime) -> TimeCode:
    """Share a secret with the person's app. It counts once a code of it was given."""
    _own(account, by)
    factors.spend(proof, at)
    before = _living(account.id)
    if before is not None and before.confirmed_at is not None:
        raise AlreadyDone("You have a time code: end it before you register another.")
    if before is not None:
        before.ended_at = at
        session.flush()  # only one may be alive
    code = TimeCode(account_id=account.id, secret=timecode.sealed(secret, account.code),
                    begun_at=at)
    session.add(code)
    record("time code begun", account, by=by, at=at)
    return code


def confirm_time_code(account: Account, code: str, *, by: Actor, at: datetime) -> TimeCode:
    """The app and the bank agree: from now on the time code counts."""
    _own(account, by)
    begun = _living(account.id)
    if begun is None or begun.confirmed_at is not None:
        raise WrongMoment("No time code waits to be confirmed: begin anew.")
    if at - begun.begun_at > TO_CONFIRM:
        raise WrongMoment("This was begun more than ten minutes ago: begin anew.")
    step = timecode.step_of(timecode.unsealed(begun.secret, account.code), code, clock.now())
    if step is None:
        raise NotProven("The time code is not right: give the one your app shows now. If it stays "
                        "so, set the clock of the device, and begin anew.", field="code")
    begun.confirmed_at, begun.last_step = at, step
    record("time code registered", account, by=by, at=at)
    return begun


def end_time_code(account: Account, reason: str, proof: Proof, *, by: Actor,
                  at: datetime) -> None:
    """End the time code: no code of it is taken from now on."""
    _own(account, by)
    factors.spend(proof, at)
    code = factors.time_code_of(account.id)
    if code is None:
        raise AlreadyDone("You have no time code.")
    code.ended_at = at
    record("time code ended", account, by=by, at=at, reason=reason)


def _living(account_id: int) -> TimeCode | None:
    return session.scalar(sa.select(TimeCode).where(
        TimeCode.account_id == account_id, TimeCode.ended_at.is_(None)))


def _own(account: Account, by: Actor) -> None:
    if account.id != by.id:
        raise NotAllowed("This is another person's: everyone keeps their own.")
    service.actor(account, clock.now(), by.through)  # refuses an account that has ended
