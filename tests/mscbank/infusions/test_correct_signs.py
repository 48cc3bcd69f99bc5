"""Vital signs that were typed wrong, or beside the wrong bag."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.audit.reading import Mark, told
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, WrongMoment
from mscbank.infusions import corrections, service
from mscbank.infusions.models import Infusion
from mscbank.infusions.seen_models import chains
from mscbank.usual import UnusualValue
from tests.cast import Cast
from tests.conftest import START
from tests.stages.seen import WHY, correct, observe, withdraw
from tests.stages.infusions import CALM, started

SLIP = {"pulse": 19, "why_unusual": "Felt at the wrist."}


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def running(cast: Cast) -> Infusion:
    return started(cast)


def later(**how: int):
    return clock.pinned(START + timedelta(**how))


def test_a_correction_is_a_further_row_that_keeps_the_hour_and_the_earlier_one_stays(
        cast, running) -> None:
    wrong = observe(cast, running, **SLIP)
    with later(days=30):  # a slip is found when the charts are read
        right = correct(cast, wrong, pulse=91)
        assert (right.recorded_at, right.at) == (START + timedelta(days=30), wrong.at)
    assert (right.corrects_id, right.reason, right.why_unusual, wrong.pulse) == (
        wrong.id, WHY, None, 19)
    assert (running.standing_observations, chains(running.observations)) == (
        [right], [[wrong, right]])


def test_the_trail_tells_what_was_said_and_what_is_said_now_and_marks_it(cast, running) -> None:
    wrong = observe(cast, running, **SLIP)
    right = correct(cast, wrong, pulse=91)
    withdraw(cast, right, reason="It was the neighbour's monitor.")
    entries = session.scalars(sa.select(Entry).where(Entry.subject == running.code)
                              .order_by(Entry.sequence)).all()[-2:]
    facts = [json.loads(entry.body)["facts"] for entry in entries]
    assert [(one.act, one.reason, one.mark) for one in told(entries)] == [
        ("correct vital signs", WHY, Mark.CHANGED),
        ("withdraw vital signs", "It was the neighbour's monitor.", Mark.CHANGED)]
    assert [one["corrects"] for one in facts] == [wrong.code, right.code]
    assert (facts[0]["was"]["pulse"], facts[0]["becomes"]["pulse"]) == (19, 91)
    assert facts[1]["was"]["pulse"] == 91 and "becomes" not in facts[1]


def test_a_row_is_corrected_once_and_then_its_correction(cast, running) -> None:
    wrong = observe(cast, running)
    right = correct(cast, wrong, pulse=73)
    for again in (lambda: correct(cast, wrong, pulse=74), lambda: withdraw(cast, wrong)):
        with pytest.raises(AlreadyDone, match="it is the correction that you correct"):
            again()
    best = correct(cast, right, pulse=74)
    assert running.standing_observations == [best]


def test_a_correction_says_why_and_changes_something(cast, running) -> None:
    wrong = observe(cast, running)
    for act in (correct, withdraw):
        with pytest.raises(Malformed, match="Say why") as refusal:
            act(cast, wrong, reason=" ")
        assert refusal.value.field == "reason"
    with pytest.raises(Malformed, match="changes something"):
        correct(cast, wrong)
    assert running.observations == [wrong]


def test_what_was_never_seen_beside_this_bag_is_withdrawn_and_does_not_count(
        cast, running) -> None:
    calm, wrong = observe(cast, running), observe(cast, running, **SLIP)
    gone = withdraw(cast, wrong)
    assert running.standing_observations == [calm]
    assert (gone.withdrawn, gone.said, gone.usual) == (True, wrong.said, wrong.usual)
    with pytest.raises(AlreadyDone, match="withdrawn before"):
        withdraw(cast, gone)
    back = correct(cast, gone, **SLIP)  # a withdrawal by mistake; what it said may be as it was
    assert running.standing_observations == [calm, back]


def test_another_hour_is_told_within_the_infusion_and_after_it_as_the_protocol_says(
        cast, running) -> None:
    wrong = observe(cast, running)
    with transaction():
        service.stop(running, Decimal(1), "Chills.", by=cast.nadia, at=clock.now())
    with later(days=1):
        with pytest.raises(Malformed, match="before the start"):
            correct(cast, wrong, happened_at=START - timedelta(minutes=2))
        with pytest.raises(Malformed, match="future"):
            correct(cast, wrong, happened_at=START + timedelta(days=1, minutes=2))
        with pytest.raises(WrongMoment, match="too long ago"):
            correct(cast, wrong, happened_at=START + timedelta(hours=4, seconds=1))
        right = correct(cast, wrong, happened_at=START + timedelta(hours=4))
    assert right.at == START + timedelta(hours=4)


def test_an_hour_put_right_puts_the_line_in_its_place(cast, running) -> None:
    with later(minutes=30):
        first = observe(cast, running, happened_at=START + timedelta(minutes=10))
        second = observe(cast, running, happened_at=START + timedelta(minutes=20))
        moved = correct(cast, first, happened_at=START + timedelta(minutes=25))
    session.expire_all()
    assert running.standing_observations == [second, moved]


def test_the_next_vital_signs_count_from_those_that_stand(cast, running) -> None:
    with later(minutes=16):
        wrong = observe(cast, running)
        assert service.next_observation(running) == START + timedelta(minutes=30)
        gone = withdraw(cast, wrong)
        assert service.next_observation(running) == START
        correct(cast, gone)
        assert service.next_observation(running) == START + timedelta(minutes=30)


def test_a_correction_is_held_against_what_is_possible_and_what_is_usual(cast, running) -> None:
    wrong = observe(cast, running)
    for field, value in (("saturation", 101), ("diastolic", 124)):
        with pytest.raises(Malformed) as refusal:  # no reason makes it possible
            correct(cast, wrong, **{field: value}, why_unusual="Measured again.")
        assert refusal.value.field == field
    with pytest.raises(UnusualValue) as asked:
        correct(cast, wrong, saturation=80)
    assert list(asked.value.beside) == ["saturation"]
    right = correct(cast, wrong, saturation=80, why_unusual="Pale, physician called.")
    assert (right.why_unusual, right.usual) == ("Pale, physician called.", wrong.usual)


def test_who_may_observe_may_correct(cast, running) -> None:
    wrong = observe(cast, running)
    for who in ("tessa", "quentin", "carole", "adam"):
        for act in (correct, withdraw):
            with pytest.raises(NotAllowed):
                act(cast, wrong, by=who)
    assert correct(cast, wrong, by="paula", pulse=80).recorded_by_id == cast.paula.id


def test_the_form_begins_with_what_is_recorded_and_says_the_hour_that_stays(cast, running) -> None:
    wrong = observe(cast, running, **SLIP)
    assert corrections.said_again(wrong) == CALM | SLIP
    assert corrections.offers(wrong, {})["happened_at"].help == (
        "Left empty: it stays 02 MAR 2026 09:00 CET.")
