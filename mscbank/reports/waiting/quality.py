"""What waits for quality assurance: lots, deviations, actions, bags that came back."""

from __future__ import annotations

from datetime import datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from mscbank.bags.lifecycle import Place, Standing
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import ReagentLot, ReagentStanding
from mscbank.custody.models import Excursion
from mscbank.database import session
from mscbank.permissions import Actor, Role
from mscbank.release.models import Action, Deviation, ExceptionRequest, Severity, TrailReview
from mscbank.release.verdict import findings_of
from mscbank.reports.waiting.item import Item, everything, item
from mscbank.settings import local, settings
from specs.judge import Outcome, releasable


def lots(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Lot).where(
        Lot.standing.in_([Standing.PENDING, Standing.CONDITIONAL])).order_by(Lot.id))
    asked = set(session.scalars(sa.select(ExceptionRequest.lot_id).where(
        ExceptionRequest.lot_id.in_([lot.id for lot in found]))))
    return [item(lot, "a physician asks for an exceptional release: decide" if lot.id in asked
                 else _to_decide(lot), None, at) for lot in found]


def _to_decide(lot: Lot) -> str:
    """How far the lot is from its decision, by the names of the criteria."""
    said = _still_open(lot)
    return f"released conditionally; {said}" if lot.standing == Standing.CONDITIONAL else said


def _still_open(lot: Lot) -> str:
    findings = findings_of(lot)
    if releasable(findings):
        return "every criterion is met: certify"
    names = {outcome: [finding.criterion.title for finding in findings
                       if finding.outcome is outcome] for outcome in Outcome}
    if failed := names[Outcome.FAIL] + names[Outcome.OUT_OF_DATE]:
        return f"not met: {', '.join(failed)}"
    awaited = names[Outcome.MISSING] + names[Outcome.PENDING] + names[Outcome.UNCONFIRMED]
    return f"still to come: {', '.join(awaited)}"


def deviations(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Deviation).where(Deviation.closed_at.is_(None))
                 .order_by(Deviation.due_at))
    return [item(one, _severe(one), one.due_at, at) for one in found]


def _severe(deviation: Deviation) -> str:
    typed = deviation.what[:90]
    return {Severity.MINOR: f"minor: {typed}", Severity.MAJOR: f"major: {typed}",
            Severity.CRITICAL: f"critical: {typed}"}[deviation.severity]


def actions(at: datetime, person: Actor) -> list[Item]:
    """One's own that are not done; to quality assurance also what is to be verified, and what
    others have let pass its day."""
    today, end = local(at).date(), time(23, 59, 59)
    wanted = [sa.and_(Action.owner_id == person.id, Action.done_at.is_(None))]
    if Role.QUALITY in person.roles:
        wanted += [sa.and_(Action.done_at.is_(None), Action.due_on < today),
                   sa.and_(Action.done_at.is_not(None), Action.verified_at.is_(None),
                           Action.owner_id != person.id)]
    found = everything(sa.select(Action).where(sa.or_(*wanted)).order_by(Action.due_on).options(
        joinedload(Action.owner), joinedload(Action.deviation)))
    return [item(one, _owed(one), datetime.combine(one.due_on, end, settings().zone), at)
            for one in found]


def _owed(action: Action) -> str:
    typed = action.what[:90]
    return f"verify: {typed}" if action.done_at else f"{action.owner.username}: {typed}"


def excursions(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Excursion).where(Excursion.judged_at.is_(None))
                       .order_by(Excursion.id))
    return [item(one, f"{one.celsius} °C on {one.journey.title}", None, at) for one in found]


def returned(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Bag).where(Bag.place == Place.RETURNED).order_by(Bag.place_since))
    return [item(bag, "accept back into stock, or destroy", bag.usable_until, at)
            for bag in found]


def reagents(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(ReagentLot).where(ReagentLot.standing == ReagentStanding.QUARANTINE)
                 .order_by(ReagentLot.id))
    return [item(one, "release or block", None, at) for one in found]


def to_review(at: datetime, _: Actor) -> list[Item]:
    """Lots that wait for a decision, and of which nobody has read the trail yet."""
    read = sa.select(TrailReview.id).where(TrailReview.lot_id == Lot.id).exists()
    found = everything(sa.select(Lot).where(
        Lot.standing.in_([Standing.PENDING, Standing.CONDITIONAL]), ~read).order_by(Lot.id))
    return [item(lot, "read its trail and sign for it", None, at) for lot in found]
