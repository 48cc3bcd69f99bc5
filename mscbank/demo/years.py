"""The years after the infusion: visits with their measures, adverse events, the end.

What was published is told as it was published: which events, in how many people, how long the
follow-up. Every measure is invented (skin scores, lung function, questionnaires, laboratory,
vital signs): the abstract gives none of them, so nothing may be read out of their course.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mscbank import clock
from mscbank.demo.bench import at, working_day
from mscbank.demo.screening import by_site
from mscbank.demo.story import Telling, Thread
from mscbank.demo.ward import read_alerts
from mscbank.bags import service as bags
from mscbank.followup import events, service
from mscbank.followup.models import (
    Action,
    Cause,
    Ended,
    Expectedness,
    Outcome,
    Seriousness,
    Survival,
)
from mscbank.followup.rules import Value
from mscbank.followup.schedule import Planned, schedule_of
from mscbank.signatures.meanings import Meaning
from specs.protocol import Measure

D = Decimal
MONTH_DAYS = D("30.4375")
_EARLY = {1: ((0, "Flushing", 1),), 12: ((0, "Nausea", 1), (1, "Asthenia", 2))}
_LABORATORY = (("Creatinine", D(62), "µmol/L", D(45), D(104)),
               ("Haemoglobin", D("12.8"), "g/dL", D("12.0"), D("16.0")),
               ("C-reactive protein", D("4.2"), "mg/L", None, D("5.0")),
               ("NT-proBNP", D(148), "ng/L", None, D(125)))


def years_after(t: Thread, day: date) -> Telling:
    """Visits, adverse events in the order they came, the end of follow-up."""
    last = day + timedelta(days=int((t.family.months * MONTH_DAYS).to_integral_value(ROUND_HALF_UP)))
    for when, kind, what in sorted(_steps(t, day, last), key=lambda step: (step[0], step[1])):
        yield max(at(when, "16:30" if kind == "visit" else "15:00"), clock.now())
        if kind == "visit":
            yield from _visit(t, what, when)
        elif kind == "early":
            yield from _event(t, *what, (), Cause.RELATED, when)
        else:
            yield from _event(t, what.term, what.grade, what.seriousness, Cause.NOT_RELATED, when)
    yield max(at(last, "17:00"), clock.now())
    read_alerts(t)
    for bag in t.lot.bags:
        if bag.place == "stored":
            t.bench.free.append(bag.storage_place.code)
            bags.destroy(bag, "Spare bag; follow-up has ended.", **t.by("claire"))
    whole = t.family.months >= 23
    service.end_follow_up(
        t.recipient, last, Ended.COMPLETED if whole else Ended.LOST,
        "24 months completed" if whole else "moved away; last news on this day", **t.by("julie"))


def so_far(t: Thread, day: date, today: date) -> Telling:
    """A follow-up under way: the first days seen, month 1 forgotten, month 3 due, and somebody in
    hospital since five days whose event the investigator calls related."""
    for each in schedule_of(t.recipient, day):
        if each.window.visit.month is None:
            yield max(at(_comes_on(t, each), "16:30"), clock.now())
            yield from _visit(t, each, _comes_on(t, each))
    when = today - timedelta(days=5)
    yield at(when, "15:00")
    event = events.report_event(
        t.recipient, "Pneumonitis", 3, at(when, "08:30"), Outcome.ONGOING,
        (Seriousness.HOSPITALISATION,), known_at=at(when, "10:00"),
        treatment="Oxygen, antibiotics until cultures are back", narrative=(
            "Cough and fever for two days, then short of breath. New infiltrates in both lower "
            "lobes; kept in hospital."), **t.by("dr.moreau"))
    yield at(when, "16:00")
    read_alerts(t)
    events.investigator_opinion(event, Cause.RELATED, None, **t.bench.signed(
        "dr.moreau", Meaning.CAUSE_JUDGED, events.investigator_record(event, Cause.RELATED)))


def _steps(t: Thread, day: date, last: date) -> list[tuple[date, str, Any]]:
    steps: list[tuple[date, str, Any]] = [
        (when, "visit", each) for each in schedule_of(t.recipient, day)
        if (when := _comes_on(t, each)) <= last]
    steps += [(working_day(day + timedelta(days=offset)), "early", (term, grade))
              for offset, term, grade in _EARLY.get(t.index, ())]
    return steps + [
        (working_day(day + timedelta(days=int(severe.month * MONTH_DAYS) + 5)), "severe", severe)
        for severe in t.family.severe]


def _comes_on(t: Thread, planned: Planned) -> date:
    """The day it is due, or the Monday after; one person comes late for a month's visit."""
    due, window = planned.window.due, planned.window
    if t.index == 8 and planned.name == "M1":
        return working_day(due + timedelta(days=12))
    return min(working_day(due), window.closes) if window.visit.month is None else working_day(due)


def _visit(t: Thread, planned: Planned, when: date) -> Telling:
    if t.index == 5 and planned.name == "M9":
        service.miss_visit(t.recipient, "M9", "Abroad for three months; seen again at month 12.",
                           **t.by("julie"))
        return
    values = measures(t, planned)
    wrong = t.index == 2 and planned.name == "M3"
    slip = {"mrss": values["mrss"] + 10, "mrss_sites": None} if wrong else {}
    seen = service.visit(t.recipient, planned.name, when, **values | slip, **t.by("julie"))
    if wrong:
        yield clock.now() + timedelta(minutes=50)
        service.correct_visit(seen, "Skin score of another line of the paper form.", when,
                              **values, **t.by("julie"))


def measures(t: Thread, planned: Planned) -> dict[str, Any]:
    """What a visit of the schedule measures: invented, plausible, the same on every telling."""
    month = planned.window.visit.month or 0
    wobble = (t.index * 7 + month * (1 + t.index % 5) + month // 3) % 3 - 1
    asked = set(planned.window.visit.measures)
    found: dict[str, Any] = {}
    if Measure.VITAL_SIGNS in asked:
        found |= {"temperature_c": D("36.6") + D(wobble) / 10, "pulse": 74 + wobble * 3,
                  "systolic": 122 + wobble * 4, "diastolic": 76 + wobble, "saturation": 97}
    if Measure.MRSS in asked:
        fallen = (min(month, 12) * (2 + t.index % 5)) // 8
        score = max(4, t.family.mrss - fallen + (wobble if month else 0))
        found |= {"mrss": score, "mrss_sites": by_site(score)}
    if Measure.FVC in asked:
        found["fvc_percent"] = D("78.5") + t.index % 7 + D(month) / 12 + wobble
    if Measure.DLCO in asked:
        found["dlco_percent"] = D("56.0") + t.index % 5 + wobble
    if Measure.HAQ_DI in asked:
        found["haq_di"] = max(D(0), D(6 + t.index % 9 - min(month, 12) // 4) / 8)
    if Measure.SF36 in asked:
        found |= {"sf36_physical": D(33 + t.index % 6 + min(month, 12) // 3),
                  "sf36_mental": D(44 + t.index % 5 + wobble)}
    if Measure.SURVIVAL in asked:
        found["survival"] = Survival.ALIVE
    if month or Measure.LABORATORY in asked:
        found["laboratory"] = [Value(name, value + wobble * (value / 40).quantize(D("0.1")), unit,
                                     low, high) for name, value, unit, low, high in _LABORATORY]
    return found | {name: value.quantize(D("0.1")) for name, value in found.items()
                    if name in ("fvc_percent", "dlco_percent")}


def _event(t: Thread, term: str, grade: int, serious: tuple[Seriousness, ...], cause: Cause,
           when: date) -> Telling:
    related = cause is Cause.RELATED
    ongoing = bool(serious)
    event = events.report_event(
        t.recipient, term, grade, at(when, "12:30"),
        Outcome.ONGOING if ongoing else Outcome.RECOVERED, serious, known_at=at(when, "12:50"),
        ended_at=at(when, "13:40") if related else None,
        action=Action.SLOWED if term == "Flushing" else Action.NOT_APPLICABLE,
        treatment="Observed" if related else "As usual for its kind", narrative=(
            "Seen on the ward during or after the infusion; gone within the hours given."
            if related else "A course of the disease itself; looked after in its own department."),
        **t.by("dr.moreau"))
    yield max(at(when, "16:00"), clock.now())
    read_alerts(t)
    events.investigator_opinion(event, cause, None, **t.bench.signed(
        "dr.moreau", Meaning.CAUSE_JUDGED, events.investigator_record(event, cause)))
    expected = Expectedness.EXPECTED if related else Expectedness.UNEXPECTED
    events.sponsor_opinion(event, cause, expected, None, **t.bench.signed(
        "julie", Meaning.CAUSE_JUDGED, events.sponsor_record(event, cause, expected)))
    if ongoing:
        yield max(at(when + timedelta(days=9), "11:00"), clock.now())
        events.add_information(
            event, "Left hospital; recovered.", grade, Outcome.RECOVERED, serious,
            ended_at=at(when + timedelta(days=8), "10:00"), **t.by("dr.moreau"))
