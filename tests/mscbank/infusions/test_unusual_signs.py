"""Vital signs far out of the usual are a slip of the hand, or they have a reason."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock, usual
from mscbank.audit.models import Entry
from mscbank.audit.reading import told
from mscbank.database import session, transaction
from mscbank.infusions import onpaper, service
from mscbank.infusions.models import Infusion, Observation
from mscbank.settings import local
from mscbank.usual import UnusualValue
from specs import shelf
from tests.cast import Cast
from tests.stages.infusions import BEGAN, CALM, bedside, given_on_paper, started

D = Decimal
WHY = "Measured again on the other hand: pale, physician called."


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def running(cast: Cast) -> Infusion:
    return started(cast)


def observe(cast: Cast, infusion: Infusion, **different) -> Observation:
    with transaction():
        return service.observe(infusion, **(CALM | different), by=cast.nadia, at=clock.now())


def kept() -> list[Observation]:
    session.expire_all()
    return list(session.scalars(sa.select(Observation).order_by(Observation.at)))


@pytest.mark.parametrize(("odd", "said"), [
    ({"saturation": 9}, "Oxygen saturation: 9 % lies outside what is usual here, 88 to 100 %."),
    ({"saturation": 87}, "Oxygen saturation: 87 % lies outside"),
    ({"pulse": 7}, "Pulse: 7 per minute lies outside what is usual here, 41 to 130 per minute."),
    ({"pulse": 131}, "Pulse: 131 per minute"),
    ({"temperature_c": D("39.1")}, "Temperature: 39.1 °C lies outside what is usual here, 35.1 to 39 °C."),
    ({"temperature_c": D(35)}, "Temperature: 35 °C"),
    ({"systolic": 90}, "Systolic pressure: 90 mmHg"), ({"systolic": 220}, "Systolic pressure: 220 mmHg"),
    ({"diastolic": 39}, "Diastolic pressure: 39 mmHg"), ({"diastolic": 121}, "Diastolic pressure: 121")])
def test_a_vital_sign_out_of_the_usual_is_asked_about_and_kept_with_its_reason(
        cast, running, odd, said) -> None:
    for nothing in (None, "  "):
        with pytest.raises(UnusualValue) as asked:
            observe(cast, running, **odd, why_unusual=nothing)
        assert asked.value.sentence.startswith(said)
        assert (asked.value.field, list(asked.value.beside)) == ("why_unusual", list(odd))
    assert kept() == []
    assert observe(cast, running, **odd, why_unusual=f" {WHY} ").why_unusual == WHY
    entry = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc()).limit(1)).one()
    assert (entry.act, told([entry])[0].reason) == ("observe", WHY)


@pytest.mark.parametrize("ends", [
    {"temperature_c": D("35.1"), "pulse": 41, "systolic": 91, "diastolic": 40, "saturation": 88},
    {"temperature_c": D(39), "pulse": 130, "systolic": 219, "diastolic": 120, "saturation": 100}])
def test_both_ends_of_the_usual_ask_nothing_and_a_reason_nobody_asked_for_is_not_kept(
        cast, running, ends) -> None:
    seen = observe(cast, running, **ends, why_unusual=WHY)
    assert seen.why_unusual is None
    assert seen.usual == {
        "temperature_c": ["35.1", "39"], "pulse": ["41", "130"], "systolic": ["91", "219"],
        "diastolic": ["40", "120"], "saturation": ["88", "100"]}


def test_what_waited_for_the_network_is_asked_about_and_keeps_its_hour(cast, running) -> None:
    then = running.started_at + timedelta(minutes=5)
    with clock.pinned(running.started_at + timedelta(minutes=25)):
        with pytest.raises(UnusualValue):
            observe(cast, running, saturation=80, happened_at=then)
        assert observe(cast, running, saturation=80, happened_at=then, why_unusual=WHY).at == then


def test_a_sheet_of_paper_is_asked_once_for_all_that_is_out_of_the_usual_on_it(cast) -> None:
    beside = bedside(cast)
    signs = [{"at": BEGAN + timedelta(minutes=minutes), **CALM, "saturation": saturation}
             for minutes, saturation in ((1, 98), (5, 9), (9, 85))]
    with pytest.raises(UnusualValue) as asked:
        given_on_paper(cast, beside, vital_signs=signs)
    for minutes, percent in ((5, 9), (9, 85)):
        at = local(BEGAN + timedelta(minutes=minutes))
        assert f"{at:%H:%M} CET. Oxygen saturation: {percent} % lies" in asked.value.sentence
    assert asked.value.sentence.count("lies outside") == 2 and kept() == []
    given_on_paper(cast, beside, vital_signs=signs, why_unusual=WHY)
    assert [(seen.saturation, seen.why_unusual) for seen in kept()] == [
        (98, None), (9, WHY), (85, WHY)]


def silent(about, values, why, at, last=None):
    """An application that forgets to ask: it keeps the bounds and no reason."""
    sheet = shelf.usual(local(at).date())
    return {"usual": {name: [usual.plain_decimal(end) for end in
                             sheet.values[f"{about}.{name}"].bounds()] for name in values},
            "why_unusual": None}


@pytest.mark.parametrize("odd", [
    {"saturation": 87}, {"pulse": 40}, {"pulse": 131}, {"temperature_c": D("39.1")},
    {"temperature_c": D(35)}, {"systolic": 90}, {"diastolic": 39}, {"diastolic": 121}])
def test_the_database_refuses_an_unusual_vital_sign_without_its_reason(
        cast, running, monkeypatch, odd) -> None:
    monkeypatch.setattr(service, "held_against", silent)
    with pytest.raises(sa.exc.DBAPIError, match="out of the usual has its reason"):
        observe(cast, running, **odd)
    session.rollback()
    observe(cast, running)  # the control
    assert len(kept()) == 1


@pytest.mark.parametrize("step", [service, onpaper])
def test_vital_signs_without_their_bounds_are_refused_by_the_database(
        cast, monkeypatch, step) -> None:
    monkeypatch.setattr(step, "held_against", lambda *_: {"usual": None, "why_unusual": None})
    with pytest.raises(sa.exc.DBAPIError, match="out of the usual has its reason"):
        if step is service:
            observe(cast, started(cast))
        else:
            given_on_paper(cast, bedside(cast), vital_signs=[{"at": BEGAN, **CALM}])
