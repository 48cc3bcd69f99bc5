"""The custody of one bag as a line of moments, readable by a stranger: what, when, who, where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from mscbank import things
from mscbank.accounts.models import Account
from mscbank.audit.models import Entry
from mscbank.bags.models import Bag
from mscbank.custody import service as custody
from mscbank.custody.models import Journey
from mscbank.database import plain_decimal, session
from mscbank.reports.layout import Tone, quoted
from mscbank.reports.people import who
from mscbank.rules import count_told

FROM_TRAIL = {
    "store": ("Stored", Tone.DONE), "relocate": ("Moved to another position", Tone.DONE),
    "accept return": ("Taken back into stock", Tone.GOOD), "thaw": ("Thawed", Tone.DONE),
    "hold": ("Put on hold", Tone.STOP), "destroy": ("Destroyed", Tone.STOP)}


@dataclass(frozen=True)
class Event:
    """One thing that happened to the bag. ``address`` opens what it is told of."""

    at: datetime
    what: str
    who: str = ""
    detail: str = ""
    tone: Tone = Tone.DONE
    address: str = ""


def timeline(bag: Bag) -> list[Event]:
    """Everything that happened to this bag, first to last."""
    events = [*_made(bag), *_kept(bag), *_labelled(bag)]
    for journey in bag.journeys:
        events += _carried(journey)
    events += _infused(bag)
    return sorted(events, key=lambda event: event.at)


def against(bag: Bag, at: datetime) -> list[str]:
    """Every reason not to use this bag at this moment, wherever it is."""
    return [sentence for _, sentence in custody.stops(bag, at)]


def _made(bag: Bag) -> Iterator[Event]:
    yield Event(bag.lot.filled_at, "Filled", who(bag.recorded_by_id),
                f"{plain_decimal(bag.volume_ml)} mL, lot {bag.lot.number}",
                address=f"/lots/{bag.lot.code}")
    if bag.frozen_at:
        yield Event(bag.frozen_at, "Frozen")


def _kept(bag: Bag) -> Iterator[Event]:
    """What the bag's own row no longer says once it has moved on: read from the trail."""
    entries = session.scalars(sa.select(Entry).where(
        Entry.subject == bag.code, Entry.act.in_(FROM_TRAIL)).order_by(Entry.sequence)).all()
    people = dict(session.execute(sa.select(Account.code, Account.name).where(
        Account.code.in_({entry.by for entry in entries}))).all())
    for entry in entries:
        body = json.loads(entry.body)
        what, tone = FROM_TRAIL[entry.act]
        place = body["facts"].get("place")
        detail = things.by_code(place).title if place else quoted(body["reason"])
        yield Event(datetime.fromisoformat(entry.at), what, people.get(entry.by, ""), detail,
                    tone, f"/places/{place}" if place else "")


def _labelled(bag: Bag) -> Iterator[Event]:
    for copy in bag.labels:
        if copy.applied_at:
            yield Event(copy.applied_at, f"Label {copy.number} scanned back on the bag",
                        who(copy.applied_by_id), tone=Tone.GOOD)
        if copy.voided_at:
            yield Event(copy.voided_at, f"Label {copy.number} voided",
                        detail=quoted(copy.voided_why), tone=Tone.STOP)


def _carried(journey: Journey) -> Iterator[Event]:
    here = f"/journeys/{journey.code}"
    yield Event(journey.given_at, "Given out", who(journey.given_by_id),
                f"box {journey.box}, to {journey.destination}", Tone.GOOD, here)
    if journey.readings:
        degrees = [reading.celsius for reading in journey.readings]
        yield Event(journey.readings[-1].at, "Temperature on the way",
                    detail=f"{plain_decimal(min(degrees))} to {plain_decimal(max(degrees))} °C in "
                           f"{count_told(len(degrees), 'reading')}", address=here)
    for excursion in journey.excursions:
        judged = f"judged: {quoted(excursion.judgement)}" if excursion.judged_at else "not judged yet"
        yield Event(excursion.began_at, "Outside its temperature",
                    detail=f"{plain_decimal(excursion.celsius)} °C; {judged}",
                    tone=Tone.WAIT if excursion.judged_at else Tone.STOP,
                    address=f"/excursions/{excursion.code}")
    if journey.received_at:
        yield Event(journey.received_at, "Taken over", who(journey.received_by_id),
                    quoted(journey.condition), Tone.GOOD, here)
    if journey.returned_at:
        yield Event(journey.returned_at, "Returned", tone=Tone.WAIT, address=here)


def _infused(bag: Bag) -> Iterator[Event]:
    infusion = bag.infusion
    if infusion is None:
        return
    here = f"/infusions/{infusion.code}"
    on_paper = infusion.paper_id is not None
    yield Event(infusion.started_at, f"Infusion into {infusion.recipient.number} started",
                who(infusion.recorded_by_id), "on paper, without the bank's check" * on_paper,
                Tone.WAIT if on_paper else Tone.GOOD, here)
    for reaction in infusion.standing_reactions:
        yield Event(reaction.at, f"Reaction: {reaction.term}, grade {reaction.grade}",
                    who(reaction.recorded_by_id), quoted(reaction.done), Tone.STOP, here)
    if infusion.ended_at:
        given = f"{plain_decimal(infusion.volume_given_ml)} mL given"
        reason = f"; {quoted(infusion.stop_reason)}" if infusion.stop_reason else ""
        yield Event(infusion.ended_at, f"Infusion {infusion.ending}", detail=given + reason,
                    tone=Tone.GOOD if infusion.ending == "finished" else Tone.STOP, address=here)
