"""Visits in their windows, and the end of a follow-up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.database import transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, WrongMoment
from mscbank.followup import rules, service
from mscbank.followup.models import FollowUpEnd, Visit
from mscbank.recipients.models import Recipient
from specs import shelf
from specs.conduct import visit_windows
from tests.cast import Cast
from tests.conftest import START
from tests.stages.followup import event, infused_recipient
from tests.stages.recipients import allocated_recipient

DAY0 = date(2026, 3, 2)
LATER = START + timedelta(days=1000)
WINDOWS = visit_windows(shelf.protocol("nct02213705-1"), DAY0)


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
        return service.end_follow_up(person, day, why, by=getattr(cast, by), at=LATER)


def test_a_visit_keeps_what_was_measured(cast, person) -> None:
    seen = visit(cast, person, "M3", date(2026, 6, 3), mrss=18, fvc_percent=Decimal("81.5"),
                 dlco_percent=Decimal("60"))
    assert (seen.mrss, seen.fvc_percent, seen.within_window) == (18, Decimal("81.5"), True)
    with pytest.raises(AlreadyDone, match="M3 is recorded"):
        visit(cast, person, "M3", date(2026, 6, 4))
    assert [done.name for _, done in service.schedule_of(person) if done] == ["M3"]


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
    {"dlco_percent": Decimal("0")}])
def test_numbers_off_their_scale_are_refused(measured: dict) -> None:
    with pytest.raises(Malformed) as refusal:
        rules.measured({"mrss": None, "fvc_percent": None, "dlco_percent": None} | measured)
    assert refusal.value.field == next(iter(measured))


def test_before_the_infusion_there_is_no_visit(cast) -> None:
    waiting = allocated_recipient(cast)
    with pytest.raises(WrongMoment, match="not infused"):
        visit(cast, waiting, "D0", DAY0)
    with pytest.raises(WrongMoment):
        end(cast, waiting, DAY0)
    assert service.schedule_of(waiting) == []


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
        with pytest.raises(AlreadyDone, match="ended on 2028-03-02"):
            again()
