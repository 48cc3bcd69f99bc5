"""Deviations at each stage, and alerts read, built through the acts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from mscbank import clock
from mscbank.accounts import alerts
from mscbank.accounts.models import Alert
from mscbank.database import transaction
from mscbank.permissions import Actor, Role
from mscbank.release import capa, stops
from mscbank.release.models import (
    Action,
    ActionKind,
    Deviation,
    InquiryMethod,
    Severity,
)
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from tests.cast import Cast
from tests.stages.release import seal_of

INVESTIGATION = {
    "method": InquiryMethod.FIVE_WHYS,
    "root_cause": "The bench was not wiped between two cultures, because the list does not ask it.",
    "product_impact": "None on the cells that were given; the sample was contaminated.",
    "other_lots": "Two lots of that day looked at: sterile."}


def open_deviation(cast: Cast, about: str, severity: Severity = Severity.MAJOR,
                   what: str = "The box was warm.", by: str = "nadia") -> Deviation:
    """Nadia writes down what did not go as written."""
    with transaction():
        return stops.open_deviation(about, severity, what, by=getattr(cast, by), at=clock.now())


def investigate(cast: Cast, deviation: Deviation, **different: Any) -> Deviation:
    """Tessa finds the cause."""
    facts = INVESTIGATION | {"by": cast.tessa} | different
    with transaction():
        return capa.investigate(deviation, **facts, at=clock.now())


def add_action(cast: Cast, deviation: Deviation, **different: Any) -> Action:
    """Quentin gives Tessa something to do within a month."""
    facts = {"kind": ActionKind.PREVENTIVE, "what": "Add wiping to the list.", "owner": "tessa",
             "due_on": local(clock.now()).date() + timedelta(days=30), "by": cast.quentin,
             } | different
    with transaction():
        return capa.add_action(deviation, **facts, at=clock.now())


def finish(cast: Cast, action: Action, by: Actor | None = None) -> Action:
    """Its owner says what was done."""
    with transaction():
        return capa.finish_action(action, "The list asks for it since today.",
                                  by=by or cast.tessa, at=clock.now())


def verify(cast: Cast, action: Action, *, effective: bool = True,
           by: Actor | None = None) -> Action:
    """Quentin looks whether it works."""
    with transaction():
        return capa.verify_action(action, effective, "Ten filled lists read.",
                                  by=by or cast.quentin, at=clock.now())


def close(cast: Cast, deviation: Deviation, conclusion: str = "No effect.") -> Deviation:
    """Quentin reads the whole record of the deviation and closes it."""
    seal = seal_of(cast.quentin, Meaning.DEVIATION_CLOSED,
                   stops.deviation_record(deviation, conclusion))
    with transaction():
        return stops.close_deviation(deviation, conclusion, seal=seal, by=cast.quentin,
                                     at=clock.now())


def resolved(cast: Cast, deviation: Deviation) -> Deviation:
    """Investigated, an action done and verified, closed."""
    verify(cast, finish(cast, add_action(cast, investigate(cast, deviation))))
    return close(cast, deviation)


def acknowledge(cast: Cast, alert: Alert) -> Alert:
    """Who the alert is for reads it and signs."""
    person = {Role.PHYSICIAN: cast.paula, Role.QUALITY: cast.quentin}[alert.role]
    seal = seal_of(person, Meaning.ALERT_ACKNOWLEDGED, alerts.alert_record(alert))
    with transaction():
        return alerts.acknowledge(alert, seal=seal, by=person, at=clock.now())
