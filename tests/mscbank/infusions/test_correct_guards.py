"""What the database itself refuses of what was seen beside a bag, whoever asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.service import record
from mscbank.database import session, transaction
from mscbank.infusions.models import Infusion, Observation, Reaction
from tests.cast import Cast
from tests.stages.seen import (
    WHY,
    correct,
    observe,
    react,
    regrade,
    take_back,
    withdraw,
)
from tests.stages.infusions import started

ANOTHER = {Observation: {"pulse": 91}, Reaction: {"grade": 2}}
KINDS = pytest.mark.parametrize("kind", [Observation, Reaction])


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def running(cast: Cast) -> Infusion:
    return started(cast)


def written(cast: Cast, infusion: Infusion, kind: type[Any]) -> Any:
    return observe(cast, infusion) if kind is Observation else react(cast, infusion, 1)


def kept(cast: Cast, before: Any, **different: Any) -> None:
    """A further row as an application without rules would write it."""
    usual = {"usual": before.usual} if isinstance(before, Observation) else {}
    values = before.said | usual | {
        "infusion_id": before.infusion_id, "corrects_id": before.id, "reason": WHY,
        "recorded_by_id": cast.nadia.id, "recorded_at": clock.now()} | different
    with transaction():
        session.add(type(before)(**values))
        record("correct vital signs", before.infusion, by=cast.nadia, at=clock.now())


def refused(sentence: str, cast: Cast, before: Any, **different: Any) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=sentence):
        kept(cast, before, **different)
    session.rollback()


@KINDS
def test_a_further_row_stands_beside_the_same_bag(cast, kind) -> None:
    other = started(cast)
    before = written(cast, started(cast), kind)
    refused("beside the same bag", cast, before, infusion_id=other.id, **ANOTHER[kind])
    kept(cast, before, **ANOTHER[kind])  # the control


@KINDS
def test_a_row_is_corrected_once_and_says_why(cast, running, kind) -> None:
    before = written(cast, running, kind)
    refused("corrected_why", cast, before, reason=None, **ANOTHER[kind])
    refused("corrected_why", cast, before, corrects_id=None)
    kept(cast, before, **ANOTHER[kind])  # the control
    refused("corrects_id|UNIQUE", cast, before, **ANOTHER[kind])


@KINDS
def test_a_correction_changes_something(cast, running, kind) -> None:
    before = written(cast, running, kind)
    refused("changes something", cast, before)
    kept(cast, before, **ANOTHER[kind])  # the control


@KINDS
def test_what_is_withdrawn_is_repeated_as_it_was_once(cast, running, kind) -> None:
    before = written(cast, running, kind)
    refused("repeated as it was", cast, before, withdrawn=True, **ANOTHER[kind])
    refused("withdraws_one|repeated", cast, before, withdrawn=True, corrects_id=None, reason=None)
    kept(cast, before, withdrawn=True)  # the control
    gone = session.scalars(
        sa.select(kind).where(kind.corrects_id == before.id)).one()
    refused("repeated as it was, once", cast, gone, withdrawn=True)
    kept(cast, gone)  # what was withdrawn by mistake stands again as it was


@KINDS
def test_it_was_seen_once_the_bag_had_begun_and_before_it_was_recorded(cast, running, kind) -> None:
    before, early = written(cast, running, kind), timedelta(microseconds=1)
    for at in (running.started_at - early, clock.now() + early):
        refused("once the bag had begun", cast, before, at=at)
    with clock.pinned(clock.now() + timedelta(minutes=5)):
        kept(cast, before, at=clock.now())  # the control: the hour of the recording


def test_a_death_that_is_corrected_to_is_confirmed_both_ways(cast, running) -> None:
    before = react(cast, running, 1)
    for grade, death in ((5, False), (4, True)):
        refused("death_confirmed", cast, before, grade=grade, death=death)
    kept(cast, before, grade=5, death=True)  # the control


def test_a_correction_out_of_the_usual_has_its_reason(cast, running) -> None:
    before = observe(cast, running)
    refused("out of the usual has its reason", cast, before, saturation=80)
    refused("out of the usual has its reason", cast, before, saturation=97, usual=None)
    kept(cast, before, saturation=80, why_unusual="Pale.")  # the control


def test_nothing_of_it_is_changed_afterwards(cast, running) -> None:
    """The acts write further rows, and the database takes nothing else."""
    gone = withdraw(cast, correct(cast, observe(cast, running), pulse=91))
    taken = take_back(cast, regrade(cast, react(cast, running, 1), 2))
    for table, one in (("observation", gone), ("reaction", taken)):
        with pytest.raises(sa.exc.DBAPIError, match="written once"), transaction() as under_way:
            session.execute(sa.text(f"UPDATE {table} SET reason = 'x', entry = "
                                    f"{under_way.sequence + 1} WHERE id = {one.id}"))
        session.rollback()
