"""From hand to hand: issued with every reason looked at, carried, measured, taken over, or back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mscbank import things
from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.bags import service as bags
from mscbank.bags.lifecycle import BAG_PLACE, RELEASED, Place, after
from mscbank.bags.models import Bag, StoragePlace
from mscbank.custody import rules
from mscbank.custody.models import Excursion, Journey, Temperature
from mscbank.database import session
from mscbank.labelling import contents
from mscbank.labelling.service import label_findings
from mscbank.permissions import Actor, Permission, Role, another_person
from mscbank.recipients.service import protocol_of
from mscbank.release.models import Hold
from mscbank.release.record import covered
from mscbank.rules import count_told, moment_told
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign, snapshot


def issue(bag: Bag, box: str, destination: str, *, by: Actor, at: datetime) -> Journey:
    """Give a stored bag out: into which box, to which ward."""
    by.must(Permission.HAND_OVER)
    box = rules.named(box, field="box", what="which box carries the bag")
    destination = rules.named(destination, field="destination", what="where the bag goes")
    rules.may_leave(why_it_stays(bag, at))
    kept = contents.limits(bag, protocol_of(bag.lot.harvest.donor.recipient))
    bags.move(bag, "issue", by=by, at=at)
    journey = Journey(
        bag=bag, box=box, destination=destination, given_by_id=by.id, given_at=at,
        low_c=kept.low, high_c=kept.high, recorded_by_id=by.id, recorded_at=at)
    session.add(journey)
    session.flush()
    record("issue", bag, by=by, at=at, journey=journey.code, box=box, destination=destination,
           low_c=kept.low, high_c=kept.high)
    return journey


def receive(bag: Bag, condition: str, *, by: Actor, at: datetime) -> Journey:
    """Take the bag over on the ward. Another person than the one who gave it out."""
    by.must(Permission.HAND_OVER)
    condition = rules.named(condition, field="condition", what="in what condition the bag arrived")
    rules.on_a_journey(journey := open_journey(bag))
    another_person(by, than=journey.given_by_id, who="gave this bag out")
    bags.move(bag, "receive", by=by, at=at)
    journey.received_by_id, journey.received_at, journey.condition = by.id, at, condition
    hours = protocol_of(bag.lot.harvest.donor.recipient).transport.hours_max
    late = rules.took_too_long(journey.given_at, at, hours)
    if late:
        raise_alert(Role.QUALITY, journey, f"{bag.title} was on the way for more than "
                    f"{count_told(hours, 'hour')}: look whether it may still be used.", at=at)
    record("receive", bag, by=by, at=at, journey=journey.code, condition=condition, late=late)
    return journey


def read_temperature(journey: Journey, read_at: datetime, celsius: Decimal, *, by: Actor,
                     at: datetime) -> Temperature:
    """A reading of the box's logger. Outside the limits an excursion opens by itself."""
    by.must(Permission.HAND_OVER)
    rules.temperature_makes_sense(celsius)
    rules.read_during(read_at, journey.given_at, journey.received_at or journey.returned_at, at,
                      [reading.at for reading in journey.readings])
    reading = Temperature(at=read_at, celsius=celsius, recorded_by_id=by.id, recorded_at=at)
    journey.readings.append(reading)
    excursion = None
    if rules.outside(celsius, journey.low_c, journey.high_c) and not open_excursions(journey):
        excursion = Excursion(journey=journey, celsius=celsius, began_at=read_at,
                              recorded_by_id=by.id, recorded_at=at)
        session.add(excursion)
        session.flush()
        raise_alert(Role.QUALITY, excursion, f"{celsius} °C on the way of {journey.bag.title}: "
                                             "judge the excursion before the bag is used.", at=at)
    record("read temperature", journey, by=by, at=at, read_at=read_at, celsius=celsius,
           excursion=excursion and excursion.code)
    return reading


def excursion_record(excursion: Excursion, judgement: str) -> dict[str, Any]:
    """What quality assurance sees: the journey, its limits, and the readings known by then."""
    journey = excursion.journey
    known = [reading for reading in journey.readings
             if excursion.judged_at is None or reading.recorded_at <= excursion.judged_at]
    return {
        "excursion": snapshot(excursion), "judgement": judgement, "journey": snapshot(journey),
        "bag": journey.bag.code, "lot": journey.bag.lot.number,
        "readings": [snapshot(reading) for reading in known],
    }


def judge_excursion(excursion: Excursion, judgement: str, *, seal: Seal | None, by: Actor,
                    at: datetime) -> Excursion:
    """Quality assurance accepts an excursion. One it does not accept stays open, and the bag
    never reaches the patient: destroy it."""
    by.must(Permission.CLOSE_EXCURSION)
    judgement = rules.named(judgement, field="judgement", what="why the bag may still be used")
    rules.not_judged(excursion.judged_at)
    another_person(by, than=excursion.recorded_by_id, who="recorded the reading")
    signature = sign(seal, excursion, meaning=Meaning.EXCURSION_ACCEPTED,
                     over=excursion_record(excursion, judgement),
                     permission=Permission.CLOSE_EXCURSION, by=by, at=at)
    excursion.judgement, excursion.judged_at = judgement, at
    excursion.signature_id = signature.id
    record("judge excursion", excursion, by=by, at=at, judgement=judgement,
           journey=excursion.journey.code)
    return excursion


def return_bag(bag: Bag, reason: str, *, by: Actor, at: datetime) -> Bag:
    """The bag comes back unused. It stays apart until quality assurance accepts it."""
    by.must(Permission.HAND_OVER)
    reason = rules.named(reason, field="reason", what="why the bag comes back")
    bags.move(bag, "return", by=by, at=at)
    journey = bag.journeys[-1]
    journey.returned_at = at
    record("return", bag, by=by, at=at, reason=reason, journey=journey.code)
    return bag


def accept_return(bag: Bag, place: str, *, seal: Seal | None, by: Actor, at: datetime) -> Bag:
    """Quality assurance takes a returned bag back into stock, into a free position."""
    after(BAG_PLACE, "accept return", bag.place, lot=bag.lot.standing)
    position = bags.free_place(place)
    rules.may_come_back(
        bag.thawed_at is not None, at >= bag.usable_until,
        sum(len(open_excursions(journey)) for journey in bag.journeys))
    bags.move(bag, "accept return", by=by, at=at, seal=seal, over=return_record(bag, place),
              storage_place_id=position.id)
    record("accept return", bag, by=by, at=at, place=position.code)
    return bag


def return_record(bag: Bag, place: str) -> dict[str, Any]:
    """What quality assurance sees before a returned bag goes back into stock."""
    return {
        "bag": snapshot(bag), "lot": bag.lot.number,
        "back to": things.get(StoragePlace, place, field="place").code,
        "frozen_at": bag.frozen_at, "thawed_at": bag.thawed_at,
        "journeys": [{"journey": snapshot(journey),
                      "received_at": journey.received_at, "condition": journey.condition,
                      "returned_at": journey.returned_at,
                      "readings": [snapshot(reading) for reading in journey.readings],
                      "excursions": [snapshot(excursion) | {"judgement": excursion.judgement}
                                     for excursion in journey.excursions]}
                     for journey in bag.journeys],
    }


# --- questions ----------------------------------------------------------------------------------

def why_it_stays(bag: Bag, at: datetime) -> list[tuple[str, str]]:
    """What speaks against issuing the bag: (reason, sentence), all of them."""
    if bag.place is Place.STORED:
        return stops(bag, at)
    return [("wrong place", f"It is {bag.place}, and only a stored bag is issued."),
            *stops(bag, at)]


def stops(bag: Bag, at: datetime) -> list[tuple[str, str]]:
    """What speaks against using the bag, wherever it is: (reason, sentence), all of them."""
    findings = []
    if bag.lot.standing not in RELEASED:
        findings.append(("not released", f"Its lot is {bag.lot.standing}, not released."))
    elif not covered(bag.lot):
        findings.append(("not covered", "The record changed since the lot was released: quality "
                                        "assurance must decide again."))
    findings += [("held", f"It is on hold: {hold.reason.rstrip('.')}.")
                 for hold in holds_on(bag)]
    if at >= bag.usable_until:
        findings.append(("expired", f"It expired on {moment_told(local(bag.usable_until))}."))
    return findings + label_findings(bag)


def holds_on(bag: Bag) -> list[Hold]:
    """The holds on the bag or on its lot that nobody lifted."""
    return list(session.scalars(
        sa.select(Hold).where(Hold.lifted_at.is_(None),
                              sa.or_(Hold.bag_id == bag.id, Hold.lot_id == bag.lot_id))
        .order_by(Hold.id)))


def open_journey(bag: Bag) -> Journey | None:
    """The journey the bag is on: given out, not yet taken over, not returned."""
    return next((journey for journey in reversed(bag.journeys)
                 if journey.received_at is None and journey.returned_at is None), None)


def open_excursions(journey: Journey) -> list[Excursion]:
    """The excursions of a journey that nobody judged."""
    return [excursion for excursion in journey.excursions if excursion.judged_at is None]
