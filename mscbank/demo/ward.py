"""The ward and the years after: order, journey, bedside, visits, events."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from labels import housecode
from mscbank import clock
from mscbank.accounts import alerts
from mscbank.accounts.models import Alert
from mscbank.bags import service as bags
from mscbank.bags.models import Bag
from mscbank.custody import service as custody
from mscbank.database import session
from mscbank.demo.bench import at, working_day
from mscbank.demo.families import Turn
from mscbank.demo.story import Telling, Thread
from mscbank.followup import service as followup
from mscbank.followup.models import Cause, Outcome, Seriousness
from mscbank.infusions import service as infusions
from mscbank.labelling.service import current_copy
from mscbank.permissions import Role
from mscbank.recipients import service as recipients
from mscbank.signatures.meanings import Meaning

D = Decimal
MONTH_DAYS = D("30.4375")
WARD = "Internal medicine, ward 3"
_FVC, _DLCO = D("78.5"), D("56.0")


def parts_of(t: Thread) -> list[dict[str, Any]]:
    """Bags and mL that give the dose: whole bags first, the rest of the last one."""
    dose = t.recipient.allocation.dose_per_kg * t.recipient.weight_now.kg
    parts = []
    for bag in [bag for bag in t.lot.bags if bag.place == "stored"]:
        wanted = min(bag.volume_ml, (dose * bag.volume_ml / bag.viable_cells)
                     .quantize(D("0.1"), ROUND_HALF_UP))
        if wanted > 0:
            parts.append({"bag": bag.code, "volume_ml": wanted})
            dose -= wanted * bag.viable_cells / bag.volume_ml
    return parts


def ordered(t: Thread, day: date) -> Telling:
    """That morning's weight, the physician's signed order, a band on the wrist."""
    yield at(day, "08:10")
    recipients.weigh(t.recipient, t.family.kg + D("0.4"), at(day, "08:00"), **t.by("ines"))
    t.bench.bands[t.recipient.number] = recipients.issue_wristband(
        t.recipient, **t.by("ines")).code
    yield at(day, "08:40")
    parts = parts_of(t)
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
        bags.thaw(bag, **t.by("lea"))
        yield hour + timedelta(minutes=6)
        if t.family.turn == Turn.WRONG_RECIPIENT:
            other = next(code for number, code in t.bench.bands.items()
                         if number != t.recipient.number)
            infusions.check(bag, other, _label(bag), second=t.bench.cast["samir"], **t.by("ines"))
            yield hour + timedelta(minutes=8)
        go = infusions.check(bag, t.bench.bands[t.recipient.number], _label(bag),
                             second=t.bench.cast["samir"], **t.by("ines"))
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


def years_after(t: Thread, day: date) -> Telling:
    """Visits, adverse events in the order they came, the end of follow-up."""
    last = day + timedelta(days=int((t.family.months * MONTH_DAYS).to_integral_value(ROUND_HALF_UP)))
    steps: list[tuple[date, Any]] = [(when, ("visit", name, month))
                                     for name, month, when in _visits(day) if when <= last]
    steps += [(working_day(day + timedelta(days=offset)), ("early", term, grade))
              for offset, term, grade in _EARLY.get(t.index, ())]
    steps += [(working_day(day + timedelta(days=int(severe.month * MONTH_DAYS) + 5)),
               ("severe", severe, None)) for severe in t.family.severe]
    for when, (kind, what, more) in sorted(steps, key=lambda step: (step[0], str(step[1]))):
        yield max(at(when, "14:00" if kind == "visit" else "15:00"), clock.now())
        if kind == "visit":
            _visit(t, what, more, when)
        elif kind == "early":
            yield from _event(t, what, more, Seriousness.NOT_SERIOUS, Cause.RELATED, when)
        else:
            yield from _event(t, what.term, what.grade, what.seriousness, Cause.NOT_RELATED, when)
    yield at(last, "17:00")
    read_alerts(t)
    for bag in t.lot.bags:
        if bag.place == "stored":
            t.bench.free.append(bag.storage_place.code)
            bags.destroy(bag, "Spare bag; follow-up has ended.", **t.by("claire"))
    why = "24 months completed" if t.family.months >= 20 else "moved away; last news on this day"
    followup.end_follow_up(t.recipient, last, why, **t.by("julie"))


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


_EARLY = {1: ((0, "Flushing", 1),), 12: ((0, "Nausea", 1), (1, "Asthenia", 2))}


def _visits(day: date) -> list[tuple[str, int, date]]:
    months = ((1, 30), (3, 91), (6, 183), (9, 274), (12, 365), (18, 548), (24, 730))
    return [("D1", 0, day + timedelta(days=1)), ("D10", 0, day + timedelta(days=11)),
            *((f"M{month}", month, working_day(day + timedelta(days=days)))
              for month, days in months)]


def _visit(t: Thread, name: str, month: int, when: date) -> None:
    measured: dict[str, Any] = {}
    if month:
        fallen = (min(month, 12) * (3 + t.index % 4)) // 6
        measured = dict(mrss=max(4, t.family.mrss - fallen), fvc_percent=_FVC + t.index % 7,
                        dlco_percent=_DLCO + t.index % 5)
    if month == 1:
        measured = {"mrss": measured["mrss"]}
    followup.visit(t.recipient, name, when, **measured, **t.by("julie"))


def _event(t: Thread, term: str, grade: int, serious: Seriousness, cause: Cause, when: date,
           ) -> Telling:
    event = followup.report_event(t.recipient, term, grade, serious, at(when, "12:30"),
                                  Outcome.RECOVERED, None, **t.by("dr.moreau"))
    yield at(when, "16:00")
    read_alerts(t)
    followup.investigator_opinion(event, cause, None, **t.bench.signed(
        "dr.moreau", Meaning.CAUSE_JUDGED,
        followup.investigator_record(event, cause)))
    followup.sponsor_opinion(event, cause, None, **t.bench.signed(
        "julie", Meaning.CAUSE_JUDGED,
        followup.sponsor_record(event, cause)))


def ordered_today(t: Thread) -> Telling:
    """Ordered, brought and thawed just now: the bag waits at the bedside for its check."""
    now = t.bench.now
    yield now - timedelta(minutes=55)
    recipients.weigh(t.recipient, t.family.kg, clock.now() - timedelta(minutes=5), **t.by("ines"))
    t.bench.bands[t.recipient.number] = recipients.issue_wristband(
        t.recipient, **t.by("ines")).code
    parts = parts_of(t)
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
        bags.thaw(bag, **t.by("lea"))
