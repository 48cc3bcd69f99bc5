"""While it runs and after: observations, the end, a reaction."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.audit.models import Entry
from mscbank.audit.service import record
from mscbank.bags.lifecycle import Place
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, WrongMoment
from mscbank.infusions import service
from mscbank.infusions.models import Ending, Infusion, Reaction
from mscbank.permissions import Role
from tests.cast import Cast
from tests.conftest import START
from tests.stages.infusions import CALM, started

D = Decimal


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def running(cast: Cast) -> Infusion:
    return started(cast)


def observe(cast: Cast, infusion: Infusion, by: str = "nadia", **different):
    with transaction():
        return service.observe(infusion, **(CALM | different), by=getattr(cast, by),
                               at=clock.now())


def end(cast: Cast, infusion: Infusion, volume: str, reason: str | None = None,
        by: str = "nadia") -> Infusion:
    with transaction():
        if reason is None:
            return service.finish(infusion, D(volume), by=getattr(cast, by), at=clock.now())
        return service.stop(infusion, D(volume), reason, by=getattr(cast, by), at=clock.now())


def react(cast: Cast, infusion: Infusion, grade: int = 1, by: str = "nadia", **different):
    said = {"term": "flushing", "done": "Slowed."} | different
    with transaction():
        return service.report_reaction(infusion, grade=grade, **said, by=getattr(cast, by),
                                       at=clock.now())


def test_finishing_moves_the_bag_and_keeps_the_volume(cast, running) -> None:
    with clock.pinned(START + timedelta(minutes=20)):
        end(cast, running, "50")
    assert running.bag.place is Place.INFUSED
    assert (running.ending, running.volume_given_ml) == (Ending.FINISHED, D(50))
    assert running.ended_at == START + timedelta(minutes=20)
    with pytest.raises(AlreadyDone):
        end(cast, running, "50")


def test_stopping_says_why_and_may_be_of_nothing(cast, running) -> None:
    with pytest.raises(Malformed):
        end(cast, running, "0", reason=" ")
    end(cast, running, "0", reason="Chills at once.")
    assert (running.ending, running.stop_reason) == (Ending.STOPPED, "Chills at once.")
    assert running.bag.place is Place.INFUSED


def test_what_could_not_be_recorded_at_once_is_kept_with_its_hour(cast, running) -> None:
    """The network was away: the record tells when it was, the trail when it came."""
    def later(minutes: int) -> datetime:
        return running.started_at + timedelta(minutes=minutes)

    with clock.pinned(later(25)):
        assert observe(cast, running, happened_at=later(10)).at == later(10)
        assert react(cast, running, happened_at=later(12)).at == later(12)
        assert observe(cast, running, happened_at=later(25) - timedelta(seconds=59)).at == later(25)
        for wrong in (later(-1) - timedelta(seconds=1), later(27)):
            with pytest.raises(Malformed):
                observe(cast, running, happened_at=wrong)
        with transaction():
            service.stop(running, D(10), "Chills.", happened_at=later(14), by=cast.nadia,
                         at=clock.now())
    assert running.ended_at == later(14)
    told = [(entry.act, json.loads(entry.body)["facts"].get("happened_at"), entry.at)
            for entry in session.scalars(sa.select(Entry).where(Entry.subject == running.code)
                                         .order_by(Entry.sequence))]
    assert [(act, bool(when)) for act, when, _ in told] == [
        ("observe", True), ("report reaction", True), ("observe", False), ("stop", True)]
    assert all(when is None or when < at for _, when, at in told)


def test_no_more_runs_in_than_was_ordered_and_a_finish_is_of_something(cast, running) -> None:
    for volume in ("50.01", "-1", "0", "NaN", "Infinity"):
        with pytest.raises(Malformed):
            end(cast, running, volume)
    with pytest.raises(Malformed):
        end(cast, running, "-0.1", reason="Chills.")


def test_only_nurse_and_physician_end_observe_and_report(cast, running) -> None:
    for who in ("tessa", "quentin", "carole", "adam"):
        for act in (lambda: end(cast, running, "50", by=who),
                    lambda: observe(cast, running, by=who), lambda: react(cast, running, by=who)):
            with pytest.raises(NotAllowed):
                act()


def test_observations_are_kept_in_order_and_the_next_is_known(cast, running) -> None:
    assert service.next_observation(running) == START
    for minutes in (0, 16):
        with clock.pinned(START + timedelta(minutes=minutes)):
            observe(cast, running)
    assert [seen.at for seen in running.observations] == [START, START + timedelta(minutes=16)]
    assert service.next_observation(running) == START + timedelta(minutes=30)
    with clock.pinned(START + timedelta(hours=4)):
        observe(cast, running)
    assert service.next_observation(running) is None


def test_numbers_nobody_can_have_are_refused(cast, running) -> None:
    for field, value in (("temperature_c", D("24.9")), ("temperature_c", D("45.1")),
                         ("pulse", -1), ("pulse", 301), ("systolic", 19), ("systolic", 301),
                         ("diastolic", 9), ("diastolic", 251), ("diastolic", 124),
                         ("saturation", 101), ("saturation", -1)):
        with pytest.raises(Malformed) as refusal:
            observe(cast, running, **{field: value})
        assert refusal.value.field == field


def test_observing_goes_on_for_the_protocols_hours_after_the_end(cast, running) -> None:
    end(cast, running, "0", reason="Chills.")
    with clock.pinned(START + timedelta(hours=4)):
        observe(cast, running)
    with clock.pinned(START + timedelta(hours=4, seconds=1)), pytest.raises(WrongMoment):
        observe(cast, running)


def test_a_severe_reaction_alerts_the_physicians(cast, running) -> None:
    react(cast, running, 2)
    assert session.scalars(sa.select(Alert)).all() == []
    react(cast, running, 3, term="urticaria")
    alert = session.scalars(sa.select(Alert)).one()
    assert (alert.role, alert.about) == (Role.PHYSICIAN, running.code)
    assert "grade 3 (urticaria) in R-001" in alert.sentence
    assert [reaction.grade for reaction in running.reactions] == [2, 3]


def test_a_reaction_has_words_and_a_grade(cast, running) -> None:
    for different in ({"grade": 0}, {"grade": 6}, {"term": " "}, {"done": ""}):
        with pytest.raises(Malformed):
            react(cast, running, **different)


def test_a_death_is_recorded_only_where_it_is_confirmed(cast, running) -> None:
    for wrong in ({"grade": 5}, {"grade": 5, "death": False}):
        with pytest.raises(Malformed, match="confirm that R-001 has died") as refusal:
            react(cast, running, **wrong)
        assert refusal.value.field == "death"
    for grade in (1, 2, 3, 4):
        with pytest.raises(Malformed, match="must say the same"):
            react(cast, running, grade, death=True)
    assert running.reactions == []
    for grade in (1, 2, 3, 4):
        react(cast, running, grade)  # nothing else is asked
    react(cast, running, 5, death=True)
    assert [(one.grade, one.death) for one in running.reactions] == [
        (1, False), (2, False), (3, False), (4, False), (5, True)]


def test_the_database_itself_keeps_no_grade_5_that_nobody_confirmed(cast, running) -> None:
    def kept(grade: int, death: bool) -> None:
        with transaction():
            session.add(Reaction(
                infusion_id=running.id, at=clock.now(), term="chills", grade=grade, death=death,
                done="Slowed.", recorded_by_id=cast.nadia.id, recorded_at=clock.now()))
            record("report reaction", running, by=cast.nadia, at=clock.now())

    for grade, death in ((5, False), (4, True)):
        with pytest.raises(sa.exc.IntegrityError, match="death_confirmed"):
            kept(grade, death)
    for grade, death in ((5, True), (4, False)):
        kept(grade, death)  # the control


def test_a_reaction_is_reported_within_the_endpoints_days(cast, running) -> None:
    end(cast, running, "0", reason="Chills.")
    with clock.pinned(START + timedelta(days=10)):
        react(cast, running)
    with clock.pinned(START + timedelta(days=10, seconds=1)), pytest.raises(WrongMoment):
        react(cast, running)
