"""The measures as rows: a row a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mscbank.database import plain_decimal
from mscbank.exchange.study.days import moment, study_day
from mscbank.followup.models import Visit
from mscbank.reports.trial.facts import Person, Study
from mscbank.usual import Plausible, outside
from specs.scores import SKIN_SITES

Row = dict[str, Any]
TENTH = Decimal("0.1")
SIGNS = (("temperature_c", "TEMP", "Temperature", "C"), ("pulse", "PULSE", "Pulse rate",
                                                         "beats/min"),
         ("systolic", "SYSBP", "Systolic blood pressure", "mmHg"),
         ("diastolic", "DIABP", "Diastolic blood pressure", "mmHg"),
         ("saturation", "OXYSAT", "Oxygen saturation", "%"))
SCORES = (("mrss", "MRSS", "Modified Rodnan skin score"), ("haq_di", "HAQDI", "HAQ-DI"),
          ("sf36_physical", "SF36PCS", "SF-36 physical component summary"),
          ("sf36_mental", "SF36MCS", "SF-36 mental component summary"))
LUNGS = (("fvc_percent", "FVCPP", "FVC, percent of predicted"),
         ("dlco_percent", "DLCOPP", "DLCO, percent of predicted"))


def survival(person: Person, _: Study) -> Iterator[Row]:
    for seen in _by_day(person):
        if seen.survival is not None:
            yield _row("SS", person, "SURVSTAT", "Survival status", str(seen.survival).upper(), "",
                       seen.took_place_on) | {"VISIT": seen.name}


def vital_signs(person: Person, _: Study) -> Iterator[Row]:
    for infusion in person.infusions:
        for one in infusion.standing_observations:
            for column, short, title, unit in SIGNS:
                yield _row("VS", person, short, title, getattr(one, column), unit, one.at) | {
                    "VSTPT": "INFUSION"} | _why(one, column)
    for one in sorted(person.row.weights, key=lambda each: (each.measured_at, each.id)):
        yield _row("VS", person, "WEIGHT", "Weight", one.kg, "kg",
                   one.measured_at) | _why(one, "kg")
    for seen in _by_day(person):
        yield from _columns("VS", person, seen, SIGNS)


def _why(row: Plausible, column: str) -> Row:
    """Why a value out of the usual is right; nothing beside what is usual."""
    return {"VSWHY": row.why_unusual} if column in outside(row) else {}


def scores(person: Person, _: Study) -> Iterator[Row]:
    for seen in _by_day(person):
        yield from _columns("QS", person, seen, [(*each, "points") for each in SCORES])
        for number, (name, value) in enumerate(
                zip(SKIN_SITES.values(), seen.mrss_sites or (), strict=False), 1):
            yield _row("QS", person, f"MRSS{number:02}", f"Skin score, {name}", value, "points",
                       seen.took_place_on) | {"VISIT": seen.name}


def lungs(person: Person, _: Study) -> Iterator[Row]:
    for seen in _by_day(person):
        yield from _columns("RE", person, seen, [(*each, "%") for each in LUNGS])


def laboratory(person: Person, _: Study) -> Iterator[Row]:
    for seen in _by_day(person):
        for value in seen.laboratory:
            short = re.sub(r"[^A-Z0-9]", "", value.name.upper())[:8]
            yield _row("LB", person, short, value.name, value.value, value.unit,
                       seen.took_place_on) | {
                "VISIT": seen.name, "LBORNRLO": value.low, "LBORNRHI": value.high,
                "LBNRIND": value.flag.upper()}


def _by_day(person: Person) -> list[Visit]:
    return sorted(person.visits, key=lambda each: (each.took_place_on or date.min, each.id))


def _columns(two: str, person: Person, seen: Visit, wanted: Any) -> Iterator[Row]:
    for column, short, title, unit in wanted:
        if (value := getattr(seen, column)) is not None:
            yield _row(two, person, short, title, value, unit, seen.took_place_on) | {
                "VISIT": seen.name} | _why(seen, column)


def _row(two: str, person: Person, short: str, title: str, value: Any, unit: str,
         at: date | datetime | None) -> Row:
    text = plain_decimal(value) if isinstance(value, Decimal) else str(value)
    return {f"{two}TESTCD": short, f"{two}TEST": title, f"{two}ORRES": text,
            f"{two}ORRESU": unit, f"{two}STRESN": None if isinstance(value, str) else text,
            f"{two}DTC": moment(at) if isinstance(at, datetime) else at,
            f"{two}DY": study_day(person, at)}
