"""What waits for whom: the home page's sections, drawn from queries, overdue first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.bags.lifecycle import Place, Standing
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import Culture, ReagentLot, ReagentStanding
from mscbank.custody.models import Excursion, Journey
from mscbank.database import session
from mscbank.followup.models import AdverseEvent, Opinion, Side
from mscbank.harvests.models import Harvest
from mscbank.infusions.models import Infusion
from mscbank.labelling.models import LabelCopy, LabelPrint, PrintState
from mscbank.permissions import Actor, Role
from mscbank.recipients.models import Allocation, Recipient
from mscbank.release.models import Action, Deviation
from mscbank.settings import local, settings
from mscbank.testing.models import Investigation, Result
from mscbank.testing.service import criterion_of

MOST = 30


@dataclass(frozen=True)
class Item:
    """One line: the thing, what is to be done, when at the latest."""

    thing: Any
    sentence: str
    due_at: datetime | None = None
    overdue: bool = False


@dataclass(frozen=True)
class Section:
    """A list of the worklist. ``empty`` and ``begin`` stand there when nothing waits; without
    them the list itself does not."""

    title: str
    empty: str
    begin: str = ""
    rooms: tuple[str, ...] = ()
    items: list[Item] = field(default_factory=list)
    more: bool = False


Find = Callable[[datetime, Actor], list[Item]]


def alerts(person: Actor) -> list[Alert]:
    """What the holders of this person's roles must learn of, oldest first."""
    return list(session.scalars(
        sa.select(Alert).where(Alert.role.in_(person.roles), Alert.acknowledged_at.is_(None))
        .order_by(Alert.id).limit(MOST)))


def sections(person: Actor) -> list[Section]:
    """The lists of each role this person holds, each once."""
    at = clock.now()
    made = []
    for role, title, empty, begin, rooms, find in LISTS:
        if role in person.roles and title not in [section.title for section in made]:
            items = sorted(find(at, person), key=_urgency)
            if not items and not empty:
                continue  # a list that few people ever have anything in
            made.append(Section(title, empty, begin, rooms, items[:MOST], len(items) > MOST))
    return sorted(made, key=lambda section: (
        not any(item.overdue for item in section.items), not section.items))


def _urgency(item: Item) -> tuple[bool, bool, float]:
    due = item.due_at
    return not item.overdue, due is None, due.timestamp() if due else 0.0


def _all(statement: Any) -> list[Any]:
    return list(session.scalars(statement.limit(MOST + 1)))


def _item(thing: Any, sentence: str, due: datetime | None, at: datetime) -> Item:
    return Item(thing, sentence, due, due is not None and due < at)


def _deliveries(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Harvest).where(Harvest.received_at.is_(None)).order_by(Harvest.id))
    return [_item(harvest, "receive" if harvest.dispatched_at else "collected, not yet sent",
                  None, at) for harvest in found]


def _cultures(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Culture).where(Culture.ended_at.is_(None))
                 .order_by(Culture.next_due_at.is_(None), Culture.next_due_at))
    return [_item(culture, "counted: passage, fill or discard" if culture.counts
                  else "feed, look or count", culture.next_due_at, at) for culture in found]


def _to_label(at: datetime, _: Actor) -> list[Item]:
    applied = sa.select(LabelCopy.id).where(
        LabelCopy.bag_id == Bag.id, LabelCopy.voided_at.is_(None),
        LabelCopy.applied_at.is_not(None)).exists()
    found = _all(sa.select(Bag).where(Bag.place.in_([Place.FILLED, Place.STORED]), ~applied)
                 .order_by(Bag.id))
    return [_item(bag, "print the label, stick it on, scan it back", None, at) for bag in found]


def _loose_papers(at: datetime, _: Actor) -> list[Item]:
    """Void labels whose paper is still about, and copies of which nobody knows whether they came
    out of the printer."""
    doubt = sa.select(LabelPrint.id).where(LabelPrint.copy_id == LabelCopy.id,
                                           LabelPrint.state == PrintState.UNKNOWN).exists()
    found = _all(sa.select(LabelCopy).where(
        LabelCopy.printed_at.is_not(None), LabelCopy.destroyed_at.is_(None),
        LabelCopy.applied_at.is_(None) | LabelCopy.voided_at.is_not(None),
        LabelCopy.voided_at.is_not(None) | doubt).order_by(LabelCopy.id))
    return [_item(copy, "destroy its paper" if copy.voided_at
                  else "look at the printer: did it come out?", None, at) for copy in found]


def _standing(pending: bool) -> sa.Select[tuple[Result]]:
    later = aliased(Result)
    return (sa.select(Result).where(
        Result.pending.is_(pending),
        ~sa.select(later.id).where(later.corrects_id == Result.id).exists())
        .order_by(Result.id))


def _results_awaited(at: datetime, _: Actor) -> list[Item]:
    return [_item(result, "sent out, not yet back", None, at) for result in _all(_standing(True))]


def _to_confirm(at: datetime, person: Actor) -> list[Item]:
    found = [result for result in _all(
        _standing(False).join(Lot, Lot.id == Result.lot_id).where(
            Result.confirmed_at.is_(None), Result.recorded_by_id != person.id,
            Lot.standing.in_([Standing.PENDING, Standing.CONDITIONAL])))
        if criterion_of(result.sample, result.test).needs_confirmation]
    return [_item(result, "look at it as the second person", None, at) for result in found]


def _lots(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Lot).where(
        Lot.standing.in_([Standing.PENDING, Standing.CONDITIONAL])).order_by(Lot.id))
    return [_item(lot, "decide" if lot.standing == Standing.PENDING
                  else "released conditionally: results are outstanding", None, at)
            for lot in found]


def _deviations(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Deviation).where(Deviation.closed_at.is_(None))
                 .order_by(Deviation.due_at))
    return [_item(one, f"{one.severity}: {one.what[:90]}", one.due_at, at) for one in found]


def _actions(at: datetime, person: Actor) -> list[Item]:
    """One's own that are not done; to quality assurance also what is to be verified, and what
    others have let pass its day."""
    today, end = local(at).date(), time(23, 59, 59)
    wanted = [sa.and_(Action.owner_id == person.id, Action.done_at.is_(None))]
    if Role.QUALITY in person.roles:
        wanted += [sa.and_(Action.done_at.is_(None), Action.due_on < today),
                   sa.and_(Action.done_at.is_not(None), Action.verified_at.is_(None),
                           Action.owner_id != person.id)]
    found = _all(sa.select(Action).where(sa.or_(*wanted)).order_by(Action.due_on).options(
        joinedload(Action.owner), joinedload(Action.deviation)))
    return [_item(one, f"{'verify' if one.done_at else one.owner.username}: {one.what[:90]}",
                  datetime.combine(one.due_on, end, settings().zone), at) for one in found]


def _investigations(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Investigation).where(Investigation.concluded_at.is_(None))
                 .order_by(Investigation.id))
    return [_item(one, f"{one.result.title}: " + (
        "conclude" if one.answers else "answer the laboratory's checklist"), None, at)
            for one in found]


def _excursions(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Excursion).where(Excursion.judged_at.is_(None)).order_by(Excursion.id))
    return [_item(one, f"{one.celsius} °C on {one.journey.title}", None, at) for one in found]


def _returned(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Bag).where(Bag.place == Place.RETURNED).order_by(Bag.place_since))
    return [_item(bag, "accept back into stock, or destroy", bag.usable_until, at)
            for bag in found]


def _reagents(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(ReagentLot).where(ReagentLot.standing == ReagentStanding.QUARANTINE)
                 .order_by(ReagentLot.id))
    return [_item(one, "release or block", None, at) for one in found]


def _running(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Infusion).where(Infusion.ended_at.is_(None))
                 .order_by(Infusion.started_at))
    return [_item(one, "running: observe, finish or stop", None, at) for one in found]


def _on_the_ward(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Bag).where(Bag.place == Place.RECEIVED).order_by(Bag.place_since))
    return [_item(bag, "check at the bedside before its time is over", bag.usable_until, at)
            for bag in found]


def _on_the_way(at: datetime, _: Actor) -> list[Item]:
    found = _all(sa.select(Journey).where(Journey.received_at.is_(None),
                                          Journey.returned_at.is_(None)).order_by(Journey.id))
    return [_item(one, f"box {one.box}: take it over", None, at) for one in found]


def _to_allocate(at: datetime, _: Actor) -> list[Item]:
    placed = sa.select(Allocation.id).where(Allocation.recipient_id == Recipient.id).exists()
    found = _all(sa.select(Recipient).where(~placed).order_by(Recipient.id))
    return [_item(one, "no place in the trial yet" if one.consents_now else "no consent yet",
                  None, at) for one in found]


def _events(side: Side) -> Find:
    def find(at: datetime, _: Actor) -> list[Item]:
        given = sa.select(Opinion.id).where(Opinion.adverse_event_id == AdverseEvent.id,
                                            Opinion.side == side).exists()
        found = _all(sa.select(AdverseEvent).where(~given).order_by(AdverseEvent.id))
        return [_item(one, f"the {side}'s opinion is missing", None, at) for one in found]
    return find


T, Q, P, N, C, _A = Role
LISTS: tuple[tuple[Role, str, str, str, tuple[str, ...], Find], ...] = (
    (N, "Infusions running", "No infusion is running.", "", (), _running),
    (N, "Bags on the ward", "No bag is on the ward.",
     "A bag stands here once it was received from the laboratory: scan it.", (), _on_the_ward),
    (N, "On the way", "No bag is on its way.", "", (), _on_the_way),
    (T, "Deliveries", "No marrow is expected.", "", (), _deliveries),
    (T, "Cultures", "No culture is growing.",
     "Scan a received harvest and seed it.", (), _cultures),
    (T, "Bags to label", "Every bag bears its label.", "", (), _to_label),
    (T, "Labels to account for", "", "", (), _loose_papers),
    (T, "Results awaited", "No result is outstanding.", "", ("samples",), _results_awaited),
    (T, "Results to confirm", "No result waits for a second person.", "", (), _to_confirm),
    (T, "Results out of specification", "No result is investigated.", "", (), _investigations),
    (Q, "Results out of specification", "No result is investigated.", "", (), _investigations),
    (Q, "Lots to decide on", "No lot waits for a decision.",
     "A lot stands here once a culture was filled into bags.", (), _lots),
    (Q, "Results to confirm", "No result waits for a second person.", "", (), _to_confirm),
    (Q, "Deviations", "No deviation is open.", "", ("deviations",), _deviations),
    (Q, "Temperature excursions", "No excursion waits to be judged.", "", (), _excursions),
    (Q, "Returned bags", "No bag came back.", "", (), _returned),
    (Q, "Reagents in quarantine", "No reagent waits.", "", ("reagents",), _reagents),
    (P, "Infusions running", "No infusion is running.", "", (), _running),
    (P, "Families", "Every recipient has a place in the trial.",
     "Enrol the recipient first, then the relative who gives marrow.", ("recipients",),
     _to_allocate),
    (P, "Adverse events", "No event waits for your opinion.", "", (), _events(Side.INVESTIGATOR)),
    (C, "Families", "Every recipient has a place in the trial.",
     "Enrol the recipient first, then the relative who gives marrow.", ("recipients",),
     _to_allocate),
    (C, "Adverse events", "No event waits for the sponsor.", "", (), _events(Side.SPONSOR)),
    *((role, "Actions", "", "", (), _actions) for role in (N, T, Q, P, C)),
)
