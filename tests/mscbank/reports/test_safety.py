"""The safety table against records whose answer is known."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from statistics import quantiles
from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit import checkpoints
from mscbank.database import db, transaction
from mscbank.followup import service as followup
from mscbank.followup.models import Cause, Ended, Outcome, Seriousness, Side
from mscbank.recipients.models import Sex
from mscbank.reports import safety
from mscbank.settings import settings
from tests.cast import Cast
from tests.conftest import START
from tests.stages.followup import event, infused_recipient, opinion
from tests.stages.recipients import allocated_recipient, consenting_recipient

DAY = timedelta(days=1)


def test_an_empty_bank_has_an_empty_table(bank) -> None:
    table = safety.safety_table()
    assert (table["enrolled"], table["infused"], table["women"], table["men"]) == (0, 0, 0, 0)
    assert table["first_enrolled"] is None and table["age"] is None
    assert table["severe_after"] == {"events": 0, "people": 0, "percent": None, "terms": []}
    assert "Enrolled            0" in safety.as_text(table)


@pytest.fixture
def trial(bank) -> Cast:
    """One infused woman with events of every kind, one allocated man, one woman who consents."""
    cast = Cast()
    person = infused_recipient(cast)
    with clock.pinned(START + 3 * DAY):
        allocated_recipient(cast, name="Marc Petit", sex=Sex.MALE, birth_date=date(1960, 1, 1))
        consenting_recipient(cast, name="Rose Blanc")
    with clock.pinned(START + 600 * DAY):
        flushing = event(cast, person, onset_at=START + DAY)
        opinion(cast, flushing, Side.INVESTIGATOR, Cause.RELATED)
        opinion(cast, flushing, Side.SPONSOR, Cause.NOT_RELATED)
        nausea = event(cast, person, term="Nausea", onset_at=START + 10 * DAY)
        opinion(cast, nausea, Side.SPONSOR, Cause.RELATED)
        chills = event(cast, person, term="Chills", onset_at=START + DAY)
        opinion(cast, chills, Side.INVESTIGATOR, Cause.RELATED)
        opinion(cast, chills, Side.INVESTIGATOR, Cause.NOT_RELATED, "A cold.")
        for days in (11, 200):
            sepsis = event(cast, person, term="Sepsis", grade=4, onset_at=START + days * DAY,
                           seriousness=[Seriousness.LIFE_THREATENING], outcome=Outcome.SEQUELAE)
            opinion(cast, sepsis, Side.INVESTIGATOR, Cause.NOT_RELATED)
        event(cast, person, term="Fatigue", grade=2, onset_at=START + 300 * DAY)
        with transaction():
            followup.end_follow_up(person, (START + 487 * DAY).date(), Ended.LOST, "Moved away.",
                                   by=cast.carole, at=clock.now())
    return cast


def test_the_table_counts_what_was_recorded(trial) -> None:
    table = safety.safety_table()
    assert (table["enrolled"], table["infused"], table["women"], table["men"]) == (3, 1, 2, 1)
    assert (table["first_enrolled"], table["last_enrolled"]) == ("2026-03-02", "2026-03-05")
    assert table["age"]["median"] == "55.5" and table["age"]["lowest"] == "45.0"
    assert table["cohorts"] == [
        {"cohort": 1, "places": 10, "dose_per_kg": 1_000_000, "allocated": 2, "infused": 1},
        {"cohort": 2, "places": 10, "dose_per_kg": 3_000_000, "allocated": 0, "infused": 0}]
    assert table["infusion_related"] == {
        "events": 2, "people": 1, "percent": "100.0",
        "terms": [{"term": "Flushing", "grade": 1, "events": 1},
                  {"term": "Nausea", "grade": 1, "events": 1}]}
    assert table["infusion_related_severe"]["events"] == 0
    assert table["severe_after"]["terms"] == [{"term": "Sepsis", "grade": 4, "events": 2}]
    assert table["severe_after_related"]["events"] == table["related_after"]["events"] == 0
    assert table["serious"]["events"] == 2
    assert table["without_opinion"]["terms"] == [{"term": "Fatigue", "grade": 2, "events": 1}]
    assert table["follow_up"]["months"]["median"] == "16.0"
    assert (table["follow_up"]["people"], table["follow_up"]["ended"]) == (1, 1)


def test_it_is_plain_and_prints_on_a_page(trial) -> None:
    table = safety.safety_table()
    assert json.loads(json.dumps(table)) == table
    text = safety.as_text(table)
    for line in ("Enrolled            3 (2 women, 1 man), 02 MAR 2026 to 05 MAR 2026",
                 "Cohort 1            1 infused of 2 allocated, 1 x 10^6 cells/kg",
                 "  Infusion-related, any grade, within 10 days: 2 in 1 person (100.0 %)",
                 "  Severe (grade 3 or more) after day 10: 2 in 1 person (100.0 %)",
                 "    registry: CTCAE version 3"):
        assert line in text.splitlines()
    assert max(len(line) for line in text.splitlines()) <= 190


def test_the_table_carries_a_checkpoint_that_this_bank_signed(trial) -> None:
    key = checkpoints.public_key(settings().signing_key)
    note = safety.safety_table()["checkpoint"]
    assert checkpoints.read(note, key).sequence == checkpoints.head().sequence


def test_another_protocols_people_are_not_counted(trial) -> None:
    assert safety.safety_table("follow-on-1")["enrolled"] == 0


def test_it_asks_as_often_however_many_there_are(bank) -> None:
    asked: list[int] = []

    def ask() -> int:
        asked.clear()
        sa.event.listen(db.engine, "before_cursor_execute", hear)
        safety.safety_table()
        sa.event.remove(db.engine, "before_cursor_execute", hear)
        return len(asked)

    def hear(*_: Any) -> None:
        asked.append(1)

    few = ask()
    cast = Cast()
    for number in range(3):
        event(cast, consenting_recipient(cast, name=f"Person {number}"))
    assert ask() <= few + 1  # one more BEGIN at most


@pytest.mark.parametrize("values", [
    [1, 2], [1, 2, 3], [5, 1, 4, 2, 3], [20, 24, 24, 25, 7, 11], list(range(20))])
def test_quartiles_are_those_of_the_inclusive_method(values: list[int]) -> None:
    ours = [safety.quantile([Decimal(value) for value in values], Decimal(part))
            for part in ("0.25", "0.5", "0.75")]
    assert [float(value) for value in ours] == quantiles(values, n=4, method="inclusive")


def test_one_value_is_its_own_median() -> None:
    assert safety.quantile([Decimal(7)], Decimal("0.75")) == 7
