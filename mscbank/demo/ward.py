"""The ward: order, journey, bedside."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa

from labels import housecode
from mscbank import clock
from mscbank.accounts import alerts
from mscbank.accounts.models import Alert
from mscbank.bags.models import Bag
from mscbank.custody import service as custody
from mscbank.custody import thawing
from mscbank.database import session
from mscbank.demo.bench import at
from mscbank.demo.families import Turn
from mscbank.demo.story import Telling, Thread
from mscbank.infusions import orders
from mscbank.infusions import service as infusions
from mscbank.labelling.service import current_copy
from mscbank.permissions import Role
from mscbank.recipients import service as recipients
from mscbank.signatures.meanings import Meaning

D = Decimal
WARD = "Internal medicine, ward 3"


def ordered(t: Thread, day: date) -> Telling:
    """That morning's weight, the physician's signed order, a band on the wrist."""
    yield at(day, "08:10")
    recipients.weigh(t.recipient, t.family.kg + D("0.4"), at(day, "08:00"), **t.by("ines"))
    t.bench.bands[t.recipient.number] = recipients.issue_wristband(
        t.recipient, **t.by("ines")).code
    yield at(day, "08:40")
    parts = orders.proposed(t.recipient)
    infusions.order(t.recipient, parts, **t.bench.signed(
        "dr.moreau", Meaning.INFUSION_ORDERED, infusions.order_record(t.recipient, parts)))


def brought(t: Thread, day: date) -> Telling:
    """Given out, carried, its temperature read, taken over by the nurse."""
    yield at(day, "09:30")
    going = [part.bag for part in t.recipient.orders[-1].parts]
    for bag in going:
        t.bench.free.append(bag.storage_place.code)
        journey = custody.issue(bag, f"Dry shipper {1 + t.index % 3}", WARD, **t.by("hugo"))
    yield at(day, "10:05")
    for bag in going:
        journey = custody.open_journey(bag)
        warm = t.family.turn == Turn.EXCURSION
        for minute, celsius in ((35, "-188.2"), (50, "-131.0" if warm else "-186.9"),
                                (60, "-184.5")):
            custody.read_temperature(journey, at(day, "09:00") + timedelta(minutes=minute),
                                     D(celsius), **t.by("ines"))
        custody.receive(bag, "sealed, frozen, label legible", **t.by("ines"))
    if t.family.turn == Turn.EXCURSION:
        yield at(day, "10:30")
        for bag in going:
            journey = bag.journeys[-1]
            for excursion in custody.open_excursions(journey):
                said = "Minutes above -135 C, never above -130 C; bag solid; no effect expected."
                custody.judge_excursion(excursion, said, **t.bench.signed(
                    "claire", Meaning.EXCURSION_ACCEPTED,
                    custody.excursion_record(excursion, said)))


def infused(t: Thread, day: date) -> Telling:
    """Thaw, check by two, start, observations, finish: bag after bag."""
    hour = at(day, "11:00")
    for bag in [part.bag for part in t.recipient.orders[-1].parts]:
        yield hour
        thawing.thaw(bag, _label(bag), **t.by("lea"))
        yield hour + timedelta(minutes=6)
        if t.family.turn == Turn.WRONG_RECIPIENT:
            other = next(code for number, code in t.bench.bands.items()
                         if number != t.recipient.number)
            infusions.check(bag, other, _label(bag), other, _label(bag),
                            second=t.bench.cast["samir"], **t.by("ines"))
            yield hour + timedelta(minutes=8)
        band, label = t.bench.bands[t.recipient.number], _label(bag)
        go = infusions.check(bag, band, label, band, label, second=t.bench.cast["samir"],
                             **t.by("ines"))
        if go.token is None:
            raise AssertionError([finding.sentence for finding in go.findings])
        infusion = infusions.start(bag, go.token, **t.by("ines"))
        for minutes in (1, 15):
            yield hour + timedelta(minutes=9 + minutes)
            infusions.observe(infusion, D("36.7"), 76 + minutes, 128, 78, 97, **t.by("samir"))
        yield hour + timedelta(minutes=30)
        part = next(p for p in t.recipient.orders[-1].parts if p.bag_id == bag.id)
        if t.index == 1:
            infusions.report_reaction(infusion, "Flushing", 1, "Rate halved for ten minutes.",
                                      **t.by("ines"))
        infusions.finish(infusion, part.volume_ml, **t.by("ines"))
        hour += timedelta(minutes=45)
    for minutes in (15, 75):
        yield hour + timedelta(minutes=minutes)
        infusions.observe(infusion, D("36.9"), 74, 124, 76, 98, **t.by("samir"))


def _label(bag: Bag) -> str:
    return housecode.copy_text(bag.code, current_copy(bag).number)


def read_alerts(t: Thread) -> None:
    """Those an alert is meant for have read it."""
    readers = {Role.PHYSICIAN: "dr.moreau", Role.QUALITY: "claire"}
    for alert in session.scalars(sa.select(Alert).where(Alert.acknowledged_at.is_(None))):
        who = readers[alert.role]
        if alert.signed:
            alerts.acknowledge(alert, **t.bench.signed(
                who, Meaning.ALERT_ACKNOWLEDGED, alerts.alert_record(alert)))
        else:
            alerts.note(alert, **t.by(who))


def ordered_today(t: Thread) -> Telling:
    """Ordered, brought and thawed just now: the bag waits at the bedside for its check."""
    now = t.bench.now
    yield now - timedelta(minutes=55)
    recipients.weigh(t.recipient, t.family.kg, clock.now() - timedelta(minutes=5), **t.by("ines"))
    t.bench.bands[t.recipient.number] = recipients.issue_wristband(
        t.recipient, **t.by("ines")).code
    parts = orders.proposed(t.recipient)
    infusions.order(t.recipient, parts, **t.bench.signed(
        "dr.moreau", Meaning.INFUSION_ORDERED, infusions.order_record(t.recipient, parts)))
    yield now - timedelta(minutes=40)
    going = [part.bag for part in t.recipient.orders[-1].parts]
    for bag in going:
        t.bench.free.append(bag.storage_place.code)
        custody.issue(bag, "Dry shipper 1", WARD, **t.by("hugo"))
    yield now - timedelta(minutes=12)
    for bag in going:
        custody.read_temperature(custody.open_journey(bag), clock.now(), D("-187.0"), **t.by("ines"))
        custody.receive(bag, "sealed, frozen, label legible", **t.by("ines"))
    yield now - timedelta(minutes=2)
    for bag in going:
        thawing.thaw(bag, _label(bag), **t.by("lea"))
