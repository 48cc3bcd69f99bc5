"""Alerts are read: bad news by signature, the rest by saying so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank import things
from mscbank.accounts.models import Account, Alert
from mscbank.audit.service import record
from mscbank.errors import AlreadyDone, NotAllowed, WrongMoment
from mscbank.permissions import Actor, Permission
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign, snapshot


def alert_record(alert: Alert) -> dict[str, Any]:
    """What is signed: what the alert says, and how the thing it is about stands now."""
    return {"alert": snapshot(alert), "about": alert.about and _told(alert.about)}


def _told(code: str) -> dict[str, Any]:
    thing = things.by_code(code)
    told = {"code": thing.code, "title": thing.title}
    if isinstance(thing, Account):  # its row holds what nobody reads
        return told
    return told | snapshot(thing) | thing.state


def acknowledge(alert: Alert, *, seal: Seal | None, by: Actor, at: datetime) -> Alert:
    """A holder of the role has read the bad news and acts on it: signed."""
    _meant_for(alert, by)
    can_acknowledge(alert)
    signature = sign(seal, alert, meaning=Meaning.ALERT_ACKNOWLEDGED, over=alert_record(alert),
                     permission=Permission.ACKNOWLEDGE_ALERT, by=by, at=at)
    alert.acknowledged_at, alert.acknowledged_by_id = at, by.id
    alert.signature_id = signature.id
    record("acknowledge alert", alert, by=by, at=at, about=alert.about)
    return alert


def note(alert: Alert, *, by: Actor, at: datetime) -> Alert:
    """A holder of the role has read an alert that asks for no signature."""
    _meant_for(alert, by)
    can_note(alert)
    alert.acknowledged_at, alert.acknowledged_by_id = at, by.id
    record("note alert", alert, by=by, at=at, about=alert.about)
    return alert


def can_acknowledge(alert: Alert) -> None:
    """Refuse an alert that was read before, or that asks for no signature."""
    _unread(alert)
    if not alert.signed:
        raise WrongMoment("This alert asks for no signature: note it.")


def can_note(alert: Alert) -> None:
    """Refuse an alert that was read before, or that asks for a signature."""
    _unread(alert)
    if alert.signed:
        raise WrongMoment("This alert is bad news about cells that went out: acknowledge it by "
                          "signature.", reasons=("not signed",))


def _unread(alert: Alert) -> None:
    if alert.acknowledged_at is not None:
        raise AlreadyDone("This alert was acknowledged before.")


def _meant_for(alert: Alert, by: Actor) -> None:
    by.must(Permission.ACKNOWLEDGE_ALERT)
    if alert.role not in by.roles:
        raise NotAllowed(f"This alert is for {alert.role}: one of them must read it.")
