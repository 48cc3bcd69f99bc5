"""A reaction with the wrong grade or words, or beside the wrong bag; and the alerts of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, WrongMoment
from mscbank.infusions import correction_rules, service
from mscbank.infusions.models import Infusion
from tests.cast import Cast
from tests.conftest import START
from tests.stages.seen import WHY, alerts, react, regrade, take_back
from tests.stages.infusions import started

FOUR = ("Reaction of grade 4 (chills) in R-001: look at the patient, then report the adverse "
        "event.")


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def running(cast: Cast) -> Infusion:
    return started(cast)


def test_a_reaction_is_said_anew_and_the_earlier_row_stays(cast, running) -> None:
    wrong = react(cast, running, 1)
    with clock.pinned(START + timedelta(days=200)):
        right = regrade(cast, wrong, 2, term="fever", done="Paracetamol.")
    assert (right.corrects_id, right.reason, right.at) == (wrong.id, WHY, wrong.at)
    assert (wrong.grade, wrong.term, running.standing_reactions) == (1, "chills", [right])
    with pytest.raises(AlreadyDone):
        regrade(cast, wrong, 3)
    with pytest.raises(Malformed, match="changes something"):
        regrade(cast, right, 2)
    assert alerts() == []


def test_words_and_a_reason_are_asked_as_when_it_was_reported(cast, running) -> None:
    wrong = react(cast, running, 1)
    for different in ({"term": " "}, {"done": ""}, {"reason": " "}, {"grade": 0}, {"grade": 6}):
        with pytest.raises(Malformed):
            regrade(cast, wrong, **({"grade": 2} | different))
    with pytest.raises(Malformed):
        take_back(cast, wrong, reason=" ")
    assert running.reactions == [wrong]


def test_a_death_is_confirmed_when_it_is_corrected_to_and_taken_out_when_corrected_from(
        cast, running) -> None:
    wrong = react(cast, running, 4)
    with pytest.raises(Malformed, match="confirm that R-001 has died"):
        regrade(cast, wrong, 5)
    dead = regrade(cast, wrong, 5, death=True)
    with pytest.raises(Malformed, match="must say the same"):
        regrade(cast, dead, 4, death=True)
    assert not regrade(cast, dead, 4).death


def test_a_raised_grade_starts_what_a_new_severe_reaction_starts(cast, running) -> None:
    mild = react(cast, running, 2)
    regrade(cast, mild, 4)
    assert alerts() == [FOUR]
    control = react(cast, running, 4)  # the control: a new one says the same
    assert alerts() == [FOUR, FOUR]
    regrade(cast, control, 5, death=True)
    assert alerts()[2] == FOUR.replace("4", "5")


def test_a_lowered_grade_leaves_the_alert_and_tells_the_physicians_beside_it(
        cast, running) -> None:
    severe = react(cast, running, 4)
    regrade(cast, severe, 2)
    assert alerts() == [FOUR, (
        "The reaction of grade 4 (chills) in R-001 was corrected to grade 2 (chills): look at the "
        "reason, and at the adverse event if one was reported.")]
    assert {alert.acknowledged_at for alert in session.query(Alert)} == {None}


def test_a_withdrawn_severe_reaction_leaves_its_alert_and_comes_back_with_one(
        cast, running) -> None:
    severe, mild = react(cast, running, 4), react(cast, running, 1)
    gone = take_back(cast, severe)
    assert running.standing_reactions == [mild]
    assert alerts()[1:] == [(
        "The reaction of grade 4 (chills) in R-001 was withdrawn: look at the reason, and at the "
        "adverse event if one was reported.")]
    with pytest.raises(AlreadyDone, match="withdrawn before"):
        take_back(cast, gone)
    back = regrade(cast, gone, 4)
    assert alerts()[2:] == [FOUR] and back in running.standing_reactions
    take_back(cast, mild)
    assert len(alerts()) == 3  # nobody was alerted of that one


@pytest.mark.parametrize(("before", "grade", "renamed", "worse", "milder"), [
    (0, 2, False, False, False), (0, 3, False, True, False), (2, 3, False, True, False),
    (2, 2, True, False, False), (3, 3, False, False, False), (3, 3, True, False, True),
    (3, 4, True, True, False), (4, 3, False, False, True), (3, 2, False, False, True),
    (3, 0, False, False, True), (2, 0, False, False, False), (1, 2, False, False, False)])
def test_who_is_told_of_a_corrected_grade(before, grade, renamed, worse, milder) -> None:
    """3 is the mildest severe one; 0 does not stand."""
    assert correction_rules.is_worse(grade, before, 3) is worse
    assert correction_rules.is_milder(grade, before, 3, renamed=renamed) is milder


def test_another_hour_is_told_within_the_days_of_the_endpoint(cast, running) -> None:
    wrong = react(cast, running, 1)
    with transaction():
        service.stop(running, Decimal(1), "Chills.", by=cast.nadia, at=clock.now())
    with clock.pinned(START + timedelta(days=20)):
        with pytest.raises(WrongMoment):
            regrade(cast, wrong, 1, happened_at=START + timedelta(days=10, seconds=1))
        right = regrade(cast, wrong, 1, happened_at=START + timedelta(days=10))
    assert right.at == START + timedelta(days=10)


def test_who_may_report_a_reaction_may_correct_it(cast, running) -> None:
    wrong = react(cast, running, 1)
    for who in ("tessa", "quentin", "carole", "adam"):
        with pytest.raises(NotAllowed):
            regrade(cast, wrong, 2, by=who)
        with pytest.raises(NotAllowed):
            take_back(cast, wrong, by=who)
    assert take_back(cast, wrong, by="paula").withdrawn
