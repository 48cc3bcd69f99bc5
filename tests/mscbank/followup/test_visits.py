"""Visits in their windows, and the end of a follow-up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.service import record
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, WrongMoment
from mscbank.followup import rules, service
from mscbank.followup.models import Ended, FollowUpEnd, LaboratoryValue, Survival, Visit, standing
from mscbank.followup.rules import Value
from mscbank.followup.schedule import Coming, missing, schedule_of, waiting
from mscbank.recipients.models import Recipient
from specs import shelf
from specs.conduct import visit_windows
from tests.cast import Cast
from tests.conftest import START
from tests.stages.followup import event, infused_recipient
from tests.stages.recipients import allocated_recipient

DAY0 = date(2026, 3, 2)
LATER = START + timedelta(days=1000)
WINDOWS = visit_windows(shelf.protocol("nct02213705-2"), DAY0)


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def person(cast: Cast) -> Recipient:
    return infused_recipient(cast)


def visit(cast: Cast, person: Recipient, name: str, day: date, by: str = "carole",
          **measured) -> Visit:
    with clock.pinned(LATER), transaction():
        return service.visit(person, name, day, **measured, by=getattr(cast, by), at=LATER)


def end(cast: Cast, person: Recipient, day: date, why: str = "Completed.",
        by: str = "carole") -> FollowUpEnd:
    with clock.pinned(LATER), transaction():
        return service.end_follow_up(person, day, Ended.COMPLETED, why, by=getattr(cast, by),
                                     at=LATER)


def test_a_visit_keeps_what_was_measured(cast, person) -> None:
    seen = visit(cast, person, "M3", date(2026, 6, 3), mrss=18, fvc_percent=Decimal("81.5"),
                 dlco_percent=Decimal("60"))
    assert (seen.mrss, seen.fvc_percent, seen.within_window) == (18, Decimal("81.5"), True)
    with pytest.raises(AlreadyDone, match="M3 is recorded"):
        visit(cast, person, "M3", date(2026, 6, 4))
    assert [planned.name for planned in schedule_of(person, LATER.date())
            if planned.visit] == ["M3"]


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.visit.name)
def test_the_window_is_open_on_its_first_and_last_day(window) -> None:
    one = timedelta(days=1)
    for day, inside in ((window.opens, True), (window.closes, True), (window.opens - one, False),
                        (window.closes + one, False)):
        assert rules.within_window(window, day) is inside


def test_a_late_visit_is_marked_not_refused(cast, person) -> None:
    assert visit(cast, person, "M1", date(2026, 5, 1)).within_window is False


def test_visits_are_the_protocols_after_the_infusion_and_in_the_past(cast, person) -> None:
    with pytest.raises(Malformed, match="no such visit"):
        visit(cast, person, "M2", date(2026, 5, 1))
    with pytest.raises(Malformed, match="before the infusion"):
        visit(cast, person, "D0", DAY0 - timedelta(days=1))
    with pytest.raises(Malformed, match="future"), transaction():
        service.visit(person, "M3", date(2026, 6, 2), by=cast.carole, at=START)
    with pytest.raises(NotAllowed):
        visit(cast, person, "D0", DAY0, by="nadia")


@pytest.mark.parametrize("measured", [
    {"mrss": -1}, {"mrss": 52}, {"fvc_percent": Decimal("4.9")}, {"fvc_percent": Decimal("201")},
    {"dlco_percent": Decimal("0")}, {"haq_di": Decimal("3.125")}, {"haq_di": Decimal("1.1")},
    {"sf36_physical": Decimal("101")}, {"pulse": 301}, {"saturation": 101},
    {"diastolic": 80}, {"diastolic": 90, "systolic": 90}])
def test_numbers_off_their_scale_are_refused(measured: dict) -> None:
    with pytest.raises(Malformed) as refusal:
        rules.measured(measured)
    assert refusal.value.field == next(iter(measured))


def test_before_the_infusion_there_is_no_visit(cast) -> None:
    nobody = allocated_recipient(cast)
    with pytest.raises(WrongMoment, match="not infused"):
        visit(cast, nobody, "D0", DAY0)
    with pytest.raises(WrongMoment):
        end(cast, nobody, DAY0)
    assert schedule_of(nobody, DAY0) == []


def test_a_follow_up_ends_once_after_all_that_was_recorded(cast, person) -> None:
    visit(cast, person, "M3", date(2026, 6, 3))
    with clock.pinned(LATER):
        event(cast, person, onset_at=START + timedelta(days=200))
    with pytest.raises(Malformed, match="cannot end before"):
        end(cast, person, date(2026, 6, 3))
    with pytest.raises(Malformed, match="future"):
        end(cast, person, date(2030, 1, 1))
    with pytest.raises(Malformed, match="Nothing is written"):
        end(cast, person, date(2028, 3, 2), why=" ")
    with pytest.raises(NotAllowed):
        end(cast, person, date(2028, 3, 2), by="nadia")
    end(cast, person, date(2028, 3, 2))
    for again in (lambda: end(cast, person, date(2028, 3, 3)),
                  lambda: visit(cast, person, "M6", date(2026, 9, 2))):
        with pytest.raises(AlreadyDone, match="ended on 02 MAR 2028"):
            again()


# --- measures, corrections, missed visits -------------------------------------------------------

ALL = {"survival": Survival.ALIVE, "mrss_sites": [2] * 9 + [0] * 8, "fvc_percent": Decimal("80"),
       "dlco_percent": Decimal("61.5"), "haq_di": Decimal("1.125"), "sf36_physical": Decimal(35),
       "sf36_mental": Decimal(44), "temperature_c": Decimal("36.6"), "pulse": 70,
       "systolic": 120, "diastolic": 80, "saturation": 98}


def test_a_visit_takes_every_measure_of_the_protocol(cast, person) -> None:
    values = [Value("Creatinine", Decimal(120), "µmol/L", Decimal(45), Decimal(104)),
              Value("CRP", Decimal(2), "mg/L", None, Decimal(5)), Value("Ferritin", Decimal(9), "µg/L")]
    seen = visit(cast, person, "M3", date(2026, 6, 3), laboratory=values, **ALL)
    assert seen.mrss == 18
    assert [each.flag for each in seen.laboratory] == ["high", "normal", ""]
    (done,) = [each for each in schedule_of(person, DAY0) if each.visit]
    assert missing(done) == ()
    visit(cast, person, "M6", date(2026, 9, 2), mrss=18)
    (bare,) = [each for each in schedule_of(person, DAY0) if each.name == "M6"]
    assert missing(bare) == ("survival", "fvc", "dlco", "haq_di", "sf36", "laboratory")


def test_the_sites_and_the_score_say_the_same(cast, person) -> None:
    with pytest.raises(Malformed, match="add up to 18, not 20"):
        visit(cast, person, "M3", date(2026, 6, 3), mrss=20, mrss_sites=ALL["mrss_sites"])
    with pytest.raises(Malformed, match="17 sites"):
        visit(cast, person, "M3", date(2026, 6, 3), mrss_sites=[1] * 16)


@pytest.mark.parametrize("values", [
    [Value("CRP", Decimal(2), "mg/L"), Value("crp", Decimal(3), "mg/L")],
    [Value("CRP", Decimal(2), "mg/L", Decimal(5), Decimal(1))]])
def test_laboratory_values_are_named_once_within_a_range_that_is_one(values) -> None:
    with pytest.raises(Malformed):
        rules.laboratory(values)


def correct(cast: Cast, wrong: Visit, **said) -> Visit:
    with clock.pinned(LATER), transaction():
        return service.correct_visit(wrong, "Read from another line.", **said, by=cast.carole,
                                     at=LATER)


def test_a_correction_is_a_further_row_that_points_back(cast, person) -> None:
    wrong = visit(cast, person, "M3", date(2026, 6, 3), mrss=41)
    right = correct(cast, wrong, took_place_on=date(2026, 6, 3), mrss=14)
    assert (right.corrects_id, wrong.mrss, standing(person.visits)) == (wrong.id, 41, [right])
    with pytest.raises(AlreadyDone, match="corrected before"):
        correct(cast, wrong, took_place_on=date(2026, 6, 3), mrss=15)
    again = correct(cast, right, missed_why="It was another person's visit.")
    assert standing(person.visits) == [again] and not again.within_window
    for said in ({}, {"took_place_on": DAY0, "missed_why": "Ill."}):
        with pytest.raises(Malformed, match="one of the two"):
            correct(cast, again, **said)
    with pytest.raises(Malformed, match="no measures"):
        correct(cast, again, missed_why="Ill.", mrss=3)


def test_a_missed_visit_says_why_once_its_window_was_open(cast, person) -> None:
    with clock.pinned(START), pytest.raises(WrongMoment, match="opens on 19 MAY 2026"), transaction():
        service.miss_visit(person, "M3", "Abroad.", by=cast.carole, at=START)
    with clock.pinned(LATER), transaction():
        missed = service.miss_visit(person, "M3", "Abroad.", by=cast.carole, at=LATER)
    assert (missed.took_place_on, missed.missed_why) == (None, "Abroad.")
    with pytest.raises(AlreadyDone):
        visit(cast, person, "M3", date(2026, 6, 3))
    end(cast, person, date(2028, 3, 2))
    assert correct(cast, missed, took_place_on=date(2026, 6, 3)).within_window


def test_the_list_says_what_is_overdue_due_and_coming(cast, person) -> None:
    def states(day: date) -> dict[str, Coming]:
        return {each.name: each.state for each in waiting(day)}

    assert states(DAY0) == {"D0": Coming.DUE, "D1": Coming.LATER, "D2": Coming.LATER,
                            "D3": Coming.LATER, "D7": Coming.LATER, "D10": Coming.LATER,
                            "M1": Coming.LATER}
    assert states(date(2026, 5, 18)) == {name: Coming.OVERDUE for name in (
        "D0", "D1", "D2", "D3", "D7", "D10", "M1")} | {"M3": Coming.LATER}
    assert states(date(2026, 5, 19))["M3"] is Coming.DUE
    assert states(date(2026, 6, 16))["M3"] is Coming.DUE
    assert states(date(2026, 6, 17))["M3"] is Coming.OVERDUE
    visit(cast, person, "M3", date(2026, 6, 3))
    assert "M3" not in states(date(2026, 6, 17))
    end(cast, person, date(2028, 3, 2))
    assert waiting(date(2026, 6, 17)) == []


STANDS = "INSERT INTO visit (id, code, recipient_id, name, {columns}entry) SELECT 900, 'X', {values}"


@pytest.mark.parametrize("columns, values, sentence", [
    ("took_place_on, within_window, corrects_id, reason, recorded_by_id, recorded_at, ",
     "recipient_id, 'M6', took_place_on, within_window, id, 'x', recorded_by_id, recorded_at, ",
     "corrected by the same visit"),
    ("took_place_on, within_window, mrss, recorded_by_id, recorded_at, ",
     "recipient_id, 'M6', took_place_on, within_window, 52, recorded_by_id, recorded_at, ",
     "mrss_range"),
    ("took_place_on, within_window, recorded_by_id, recorded_at, ",
     "recipient_id, 'M3', took_place_on, within_window, recorded_by_id, recorded_at, ", "visit"),
    ("within_window, recorded_by_id, recorded_at, ",
     "recipient_id, 'M6', NOT within_window, recorded_by_id, recorded_at, ", "took_place_or_missed"),
    ("took_place_on, within_window, recorded_by_id, recorded_at, ",
     "1000, 'M6', took_place_on, within_window, recorded_by_id, recorded_at, ", "begin with")])
def test_the_database_itself_keeps_the_visits(cast, person, columns, values, sentence) -> None:
    visit(cast, person, "M3", date(2026, 6, 3))
    insert = STANDS.format(columns=columns, values=values)
    with pytest.raises(sa.exc.DBAPIError, match=sentence), transaction() as under_way:
        session.execute(sa.text(f"{insert} {under_way.sequence + 1} FROM visit"))
    with transaction() as under_way:  # the control: the same row without the fault stands
        fine = STANDS.format(
            columns="took_place_on, within_window, recorded_by_id, recorded_at, ",
            values="recipient_id, 'M6', took_place_on, within_window, recorded_by_id, recorded_at, ")
        session.execute(sa.text(f"{fine} {under_way.sequence + 1} FROM visit"))
        record("record visit", person, by=cast.carole, at=LATER)
    assert session.scalar(sa.select(sa.func.count(Visit.id))) == 2


def test_a_laboratory_value_stays_as_it_was_written(cast, person) -> None:
    visit(cast, person, "M3", date(2026, 6, 3), laboratory=[Value("CRP", Decimal(2), "mg/L")])
    with pytest.raises(sa.exc.DBAPIError), transaction():
        session.execute(sa.text("UPDATE laboratory_value SET unit = 'g/L'"))
    assert session.scalar(sa.select(LaboratoryValue.unit)) == "mg/L"
