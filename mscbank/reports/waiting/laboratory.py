"""What waits in the laboratory: marrow, cultures, labels, samples, results."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from mscbank.bags.lifecycle import Place, Standing, UnitPlace
from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures.models import Culture, ReagentLot, ReagentStanding
from mscbank.database import session
from mscbank.harvests.models import Harvest
from mscbank.labelling.models import LabelCopy, LabelPrint, PrintState
from mscbank.permissions import Actor
from mscbank.reports.waiting.item import MOST, Item, everything, item, span
from mscbank.settings import local, settings
from mscbank.testing.models import Investigation, MoveKind, Result, Sample, SampleMove
from mscbank.testing.service import criterion_of

NEAR = timedelta(days=30)


def deliveries(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Harvest).where(Harvest.received_at.is_(None)).order_by(Harvest.id))
    return [item(harvest, "receive" if harvest.dispatched_at else "collected, not yet sent",
                  None, at) for harvest in found]


def cultures(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Culture).where(Culture.ended_at.is_(None))
                 .order_by(Culture.next_due_at.is_(None), Culture.next_due_at))
    return [item(culture, "counted: passage, fill or discard" if culture.counts
                  else "feed, look or count", culture.next_due_at, at) for culture in found]


def labelled(of: sa.ColumnElement[bool] = LabelCopy.bag_id == Bag.id) -> sa.Exists:
    """Whether a copy of its label was scanned back on it, and stands."""
    return sa.select(LabelCopy.id).where(
        of, LabelCopy.voided_at.is_(None), LabelCopy.applied_at.is_not(None)).exists()


def to_label(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Bag).where(Bag.place.in_([Place.FILLED, Place.STORED]), ~labelled())
                 .order_by(Bag.id))
    return [item(bag, "print the label, stick it on, scan it back", None, at) for bag in found]


def units_to_label(at: datetime, _: Actor) -> list[Item]:
    """Overdue as soon as they are frozen: a label goes on while it still sticks."""
    found = everything(sa.select(CryoUnit).where(
        CryoUnit.place.in_([UnitPlace.FROZEN, UnitPlace.STORED]),
        ~labelled(LabelCopy.about == CryoUnit.code)).order_by(CryoUnit.frozen_at, CryoUnit.id))
    return [item(unit, "print the label, stick it on, scan it back: it is not thawed before",
                 unit.frozen_at, at) for unit in found]


def to_put_away(at: datetime, _: Actor) -> list[Item]:
    """Labelled bags that lie in no position yet: cells outside the freezer lose life by the hour."""
    found = everything(sa.select(Bag).where(
        Bag.place == Place.FILLED, Bag.thawed_at.is_(None), labelled()).order_by(Bag.id))
    return [item(bag, _to_the_freezer(bag, span((at - bag.place_since).total_seconds())), None, at)
            for bag in found]


def _to_the_freezer(bag: Bag, ago: str) -> str:
    if bag.frozen_at is None:
        return f"filled {ago} ago: freeze its lot, then put it into its position"
    return "frozen: put it into its position"


def loose_papers(at: datetime, _: Actor) -> list[Item]:
    """Void labels whose paper is still about, and copies of which nobody knows whether they came
    out of the printer."""
    doubt = sa.select(LabelPrint.id).where(LabelPrint.copy_id == LabelCopy.id,
                                           LabelPrint.state == PrintState.UNKNOWN).exists()
    found = everything(sa.select(LabelCopy).where(
        LabelCopy.printed_at.is_not(None), LabelCopy.destroyed_at.is_(None),
        LabelCopy.applied_at.is_(None) | LabelCopy.voided_at.is_not(None),
        LabelCopy.voided_at.is_not(None) | doubt).order_by(LabelCopy.id))
    return [item(copy, "destroy its paper" if copy.voided_at
                  else "look at the printer: did it come out?", None, at) for copy in found]


def standing(pending: bool) -> sa.Select[tuple[Result]]:
    later = aliased(Result)
    return (sa.select(Result).where(
        Result.pending.is_(pending),
        ~sa.select(later.id).where(later.corrects_id == Result.id).exists())
        .order_by(Result.id))


def results_awaited(at: datetime, _: Actor) -> list[Item]:
    return [item(result, "sent out, not yet back", None, at) for result in everything(standing(True))]


def to_confirm(at: datetime, person: Actor) -> list[Item]:
    found = [result for result in everything(
        standing(False).join(Lot, Lot.id == Result.lot_id).where(
            Result.confirmed_at.is_(None), Result.recorded_by_id != person.id,
            Lot.standing.in_([Standing.PENDING, Standing.CONDITIONAL])))
        if criterion_of(result.sample, result.test).needs_confirmation]
    return [item(result, "look at it as the second person", None, at) for result in found]


def investigations(at: datetime, _: Actor) -> list[Item]:
    found = everything(sa.select(Investigation).where(Investigation.concluded_at.is_(None))
                 .order_by(Investigation.id))
    return [item(one, f"{one.result.title}: " + (
        "conclude" if one.answers else "answer the laboratory's checklist"), None, at)
            for one in found]


def samples(at: datetime, _: Actor) -> list[Item]:
    """Taken and not sent; sent and not received."""
    moved = sa.select(SampleMove.sample_id, sa.func.max(SampleMove.id).label("last")).group_by(
        SampleMove.sample_id).subquery()
    tested = sa.select(Result.id).where(Result.sample_id == Sample.id).exists()
    rows = session.execute(
        sa.select(Sample, SampleMove.kind).outerjoin(moved, moved.c.sample_id == Sample.id)
        .outerjoin(SampleMove, SampleMove.id == moved.c.last)
        .where(~tested, sa.or_(SampleMove.kind.is_(None), SampleMove.kind == MoveKind.SENT))
        .order_by(Sample.id).limit(MOST + 1))
    return [item(sample, f"on its way to {sample.destined}: receive it there" if kind else
                 f"send it to {sample.destined}", None, at) for sample, kind in rows]


def bags_expiring(at: datetime, _: Actor) -> list[Item]:
    """Bags in the laboratory of which the expiry is near, and those past it until they are
    destroyed. Those on the ward are told there."""
    return _expiring(Bag, (Place.FILLED, Place.STORED, Place.RETURNED),
                     "give it before, or destroy it then", "expired: do not give it; destroy it", at)


def units_expiring(at: datetime, _: Actor) -> list[Item]:
    """Cryo units of which the storage limit is near, and those past it until they are destroyed."""
    return _expiring(CryoUnit, (UnitPlace.FROZEN, UnitPlace.STORED),
                     "thaw and seed it before, or destroy it then",
                     "expired: do not thaw it; destroy it", at)


def _expiring(model: type[Bag] | type[CryoUnit], places: tuple[Place | UnitPlace, ...], near: str,
              over: str, at: datetime) -> list[Item]:
    found = everything(sa.select(model).where(
        model.place.in_(places), model.expires_at <= at + NEAR)
        .order_by(model.expires_at, model.id))
    return [item(one, over if one.expires_at <= at else near, one.expires_at, at) for one in found]


def expiring(at: datetime, _: Actor) -> list[Item]:
    """Released reagents of which the last day is near, or over."""
    today = local(at).date()
    found = everything(sa.select(ReagentLot).where(
        ReagentLot.standing == ReagentStanding.RELEASED,
        ReagentLot.expires_on.between(today - NEAR, today + NEAR))
        .order_by(ReagentLot.expires_on))
    return [item(one, "used up? otherwise order the next lot", datetime.combine(
        one.expires_on, time(23, 59, 59), settings().zone), at) for one in found]
