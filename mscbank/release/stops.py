"""Holds and deviations: what stops a lot or a bag, and how the stop ends."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from mscbank import things
from mscbank.accounts.models import Alert
from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.bags.models import Bag, Lot
from mscbank.database import session
from mscbank.permissions import Actor, Permission, Role
from mscbank.release import rules
from mscbank.release.models import Deviation, Hold, Severity
from mscbank.release.record import deviation_told
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign, snapshot

# The bank's own choice: how long each may stay open.
DAYS_OPEN = {Severity.CRITICAL: 7, Severity.MAJOR: 30, Severity.MINOR: 90}
BLOCKING = (Severity.MAJOR, Severity.CRITICAL)
ALERT_LENGTH = 500


def hold_lot(lot: Lot, reason: str, *, by: Actor, at: datetime) -> Hold:
    """Stop every bag of a lot, wherever it is. Anyone who sees a reason may."""
    by.must(Permission.HOLD)
    rules.lot_can_be_held(lot.standing)
    rules.said(reason, field="reason")
    hold = _add_hold(reason, by, at, lot_id=lot.id)
    record("hold", lot, by=by, at=at, reason=reason, hold=hold.code)
    return hold


def hold_bag(bag: Bag, reason: str, *, by: Actor, at: datetime) -> Hold:
    """Stop one bag, wherever it is."""
    by.must(Permission.HOLD)
    rules.bag_can_be_held(bag.place)
    rules.said(reason, field="reason")
    hold = _add_hold(reason, by, at, bag_id=bag.id)
    record("hold", bag, by=by, at=at, reason=reason, hold=hold.code)
    return hold


def _add_hold(reason: str, by: Actor, at: datetime, **what: int) -> Hold:
    hold = Hold(reason=reason, recorded_by_id=by.id, recorded_at=at, **what)
    session.add(hold)
    session.flush()
    return hold


def hold_record(hold: Hold, reason: str) -> dict[str, Any]:
    """What is signed when a hold is lifted: the hold, what it stops, and why it may end."""
    return {"hold": snapshot(hold), "of": hold.held.code, "reason": reason}


def lift_hold(hold: Hold, reason: str, *, seal: Seal | None, by: Actor, at: datetime) -> Hold:
    """End a hold, signed. A lot's release must then be renewed: its record has changed."""
    by.must(Permission.LIFT_HOLD)
    can_lift(hold)
    rules.said(reason, field="reason")
    signature = sign(seal, hold, meaning=Meaning.HOLD_LIFTED, over=hold_record(hold, reason),
                     permission=Permission.LIFT_HOLD, by=by, at=at)
    hold.lifted_at, hold.lifting_signature_id = at, signature.id
    record("lift hold", hold, by=by, at=at, reason=reason, of=hold.held.code)
    return hold


def can_lift(hold: Hold) -> None:
    """Refuse a hold that was lifted."""
    rules.still_in_force(hold.lifted_at is not None, what="hold")


def open_holds(lot: Lot) -> list[Hold]:
    """The lot's holds in force; those of single bags stop only those bags."""
    return list(session.scalars(sa.select(Hold).where(
        Hold.lot_id == lot.id, Hold.lifted_at.is_(None)).order_by(Hold.id)))


def open_deviation(about: str, severity: Severity, what: str, *, by: Actor,
                   at: datetime) -> Deviation:
    """Write down that something did not go as written, on any thing. Anyone may."""
    by.must(Permission.OPEN_DEVIATION)
    thing = things.by_code(about)
    rules.said(what, field="what")
    deviation = _add_deviation(thing.code, severity, what, by, at)
    record("open deviation", deviation, by=by, at=at, about=thing.code, severity=severity,
           number=deviation.number)
    return deviation


def due_of(severity: Severity, opened_at: datetime) -> datetime:
    """Until when a deviation is to be closed: at the hour of its opening on the site's clock, so
    that a change of the clocks between moves no day."""
    return (local(opened_at) + timedelta(days=DAYS_OPEN[severity])).astimezone(UTC)


def _add_deviation(about: str, severity: Severity, what: str, by: Actor,
                   at: datetime) -> Deviation:
    begins = f"DV{local(at):%y}-"
    this_year = session.scalar(sa.select(sa.func.count()).where(
        Deviation.number.startswith(begins)))
    deviation = Deviation(
        number=f"{begins}{this_year + 1:03d}", about=about, severity=severity, what=what,
        due_at=due_of(severity, at), recorded_by_id=by.id, recorded_at=at)
    session.add(deviation)
    session.flush()
    return deviation


def deviation_record(deviation: Deviation, conclusion: str) -> dict[str, Any]:
    """What is signed when a deviation is closed: all that was found and done about it."""
    return {"deviation": deviation_told(deviation), "conclusion": conclusion}


def close_deviation(deviation: Deviation, conclusion: str, *, seal: Seal | None, by: Actor,
                    at: datetime) -> Deviation:
    """Close a deviation with its conclusion, signed: investigated unless it is minor, every
    action finished and verified by another person."""
    by.must(Permission.CLOSE_DEVIATION)
    can_close(deviation)
    rules.said(conclusion, field="conclusion")
    signature = sign(seal, deviation, meaning=Meaning.DEVIATION_CLOSED,
                     over=deviation_record(deviation, conclusion),
                     permission=Permission.CLOSE_DEVIATION, by=by, at=at)
    deviation.conclusion, deviation.closed_at = conclusion, at
    deviation.closing_signature_id = signature.id
    record("close deviation", deviation, by=by, at=at, conclusion=conclusion)
    return deviation


def can_close(deviation: Deviation) -> None:
    """Refuse a deviation that was closed, or about which something is left to do."""
    rules.still_in_force(deviation.closed_at is not None, what="deviation")
    rules.investigated(deviation.title, deviation.severity in BLOCKING,
                       len(deviation.investigations))
    rules.actions_completed([(each.title, each.done_at is not None, each.effective)
                             for each in deviation.actions])


def stop_everything(lot: Lot, headline: str, what: str, *, by: Actor,
                    at: datetime) -> dict[str, Any]:
    """Hold the lot, open a critical deviation, alert physician and quality assurance.

    ``headline`` begins the hold's reason and the alerts, ``what`` is the deviation's text. Returns
    facts for the entry that the calling act writes.
    """
    hold = _add_hold(headline, by, at, lot_id=lot.id)
    deviation = _add_deviation(lot.code, Severity.CRITICAL, what, by, at)
    recipient = lot.harvest.donor.recipient
    bags = rules.places_in_words((bag.number, bag.place) for bag in lot.bags)
    begins = f"{headline} Deviation {deviation.number}. Recipient {recipient.number}. Where the bags are:"
    # An alert is a line on a screen: a long list of bags goes on in a second one, uncut.
    alerts: list[Alert] = []
    for role in (Role.PHYSICIAN, Role.QUALITY):
        for part in textwrap.wrap(bags, ALERT_LENGTH - len(begins) - 1):
            alerts.append(raise_alert(role, lot, f"{begins} {part}", at=at, signed=True))
    session.flush()
    return {"hold": hold.code, "deviation": deviation.code, "recipient": recipient.code,
            "bags": [[bag.code, bag.place] for bag in lot.bags],
            "alerts": [alert.code for alert in alerts]}
