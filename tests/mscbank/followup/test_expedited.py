"""The expedited clock: which events run it, which day a report is due, what was sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import product

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, WrongMoment
from mscbank.followup import event_rules as rules
from mscbank.followup import expedited
from mscbank.followup.event_rules import Due, Known, Sent
from mscbank.followup.models import Cause, Expectedness, ExpeditedReport, Outcome, Seriousness, Side
from mscbank.permissions import SYSTEM, Role
from mscbank.recipients.models import Recipient
from mscbank.reports import worklist
from specs import shelf
from tests.cast import Cast
from tests.conftest import START
from tests.stages.followup import event, infused_recipient, news, opinion, serious_event
from tests.stages.recipients import consenting_recipient

RULE = shelf.protocol("nct02213705-2").safety
DAY0 = date(2026, 3, 2)
DAY = timedelta(days=1)


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def person(cast: Cast) -> Recipient:
    return infused_recipient(cast)


def known(number: int, days: int, *, serious: bool = True, urgent: bool = False) -> Known:
    return Known(number, DAY0 + days * DAY, serious, urgent)


def due(what: str, on: int, days: int, counted_from: int) -> Due:
    return Due(what, DAY0 + on * DAY, days, DAY0 + counted_from * DAY)


@pytest.mark.parametrize("versions, sent, expected", [
    ([known(1, 0)], [], due("first report", 15, 15, 0)),
    ([known(1, 0, urgent=True)], [], due("first report", 7, 7, 0)),
    ([known(1, 0, serious=False)], [], None),
    # serious only from the second version on: the days count from there
    ([known(1, 0, serious=False), known(2, 20)], [], due("first report", 35, 15, 20)),
    # it becomes life-threatening: seven days from then, or the fifteen that ran already
    ([known(1, 0), known(2, 3, urgent=True)], [], due("first report", 10, 7, 3)),
    ([known(1, 0), known(2, 12, urgent=True)], [], due("first report", 15, 15, 0)),
    # sent: nothing more, unless it was urgent (completed within eight) or there is news
    ([known(1, 0)], [(9, 1)], None),
    ([known(1, 0, urgent=True)], [(6, 1)], due("completing report", 14, 8, 6)),
    ([known(1, 0, urgent=True)], [(6, 1), (13, 1)], None),
    ([known(1, 0), known(2, 20)], [(9, 1)], due("follow-up report", 28, 8, 20)),
    ([known(1, 0), known(2, 20, urgent=True)], [(9, 1)], due("follow-up report", 27, 7, 20)),
    ([known(1, 0), known(2, 20)], [(9, 1), (25, 2)], None)])
def test_the_day_a_report_is_due(versions, sent, expected) -> None:
    assert rules.report_due(versions, [Sent(DAY0 + on * DAY, told) for on, told in sent],
                            RULE) == expected


def test_days_count_from_the_day_after_and_the_last_day_is_still_in_time() -> None:
    found = rules.report_due([known(1, 0, urgent=True)], [], RULE)
    assert found.on == date(2026, 3, 9)
    assert (found.days_left(date(2026, 3, 9)), found.overdue(date(2026, 3, 9))) == (0, False)
    assert found.overdue(date(2026, 3, 10))


@pytest.mark.parametrize("serious, after, related, expected", list(product(
    (True, False), (True, False), (True, False, None), (True, False, None))))
def test_who_has_not_spoken_stops_no_clock(serious, after, related, expected) -> None:
    runs = rules.reportable(serious=serious, after_the_cells=after, related=related,
                            expected=expected)
    assert runs is (serious and after and related is not False and expected is not True)


def send(cast: Cast, about, at: datetime, by: str = "carole") -> ExpeditedReport:
    with transaction():
        return expedited.report_sent(about, at, "ANSM", "FR-1", by=getattr(cast, by), at=clock.now())


def test_the_clock_of_an_event_follows_what_is_said_of_it(cast, person) -> None:
    about = serious_event(cast, person)
    assert expedited.clock_of(about).due.on == DAY0 + 15 * DAY
    assert expedited.running() == [(about, expedited.clock_of(about).due)]
    opinion(cast, about, Side.INVESTIGATOR, Cause.NOT_RELATED)
    assert not expedited.clock_of(about).runs and expedited.running() == []
    # the sponsor calls it related: either side is enough
    opinion(cast, about, Side.SPONSOR, Cause.RELATED)
    assert expedited.clock_of(about).due.on == DAY0 + 15 * DAY
    opinion(cast, about, Side.SPONSOR, Cause.RELATED, "In the brochure.", Expectedness.EXPECTED)
    assert "expected by the sponsor" in expedited.clock_of(about).why
    assert expedited.running() == []


def test_what_turns_grave_later_begins_seven_days_of_its_own(cast, person) -> None:
    about = event(cast, person, term="Fever", grade=2)
    assert expedited.clock_of(about).why == "Not serious: no expedited report."
    with clock.pinned(START + 5 * DAY):
        news(cast, about, grade=4, seriousness=[Seriousness.LIFE_THREATENING])
        found = expedited.clock_of(about).due
    assert (found.on, found.days) == (DAY0 + 12 * DAY, 7)


def test_before_the_cells_no_report_is_due(cast) -> None:
    about = serious_event(cast, consenting_recipient(cast))
    assert "before any cells" in expedited.clock_of(about).why
    assert expedited.running() == []


def test_a_report_that_went_out_is_recorded_with_what_it_told(cast, person) -> None:
    about = serious_event(cast, person, grade=4, seriousness=[Seriousness.LIFE_THREATENING])
    with clock.pinned(START + 2 * DAY):
        with pytest.raises(NotAllowed):
            send(cast, about, clock.now(), by="nadia")
        with pytest.raises(Malformed, match="future"):
            send(cast, about, clock.now() + DAY)
        with pytest.raises(Malformed, match="not recorded yet"):
            send(cast, about, START - DAY)
        first = send(cast, about, clock.now())
    assert (first.number, first.information.number) == (1, 1)
    assert expedited.clock_of(about).due == due("completing report", 10, 8, 2)
    with clock.pinned(START + 4 * DAY):
        send(cast, about, clock.now())
        with pytest.raises(AlreadyDone, match="All that is known"):
            send(cast, about, clock.now())
        news(cast, about, outcome=Outcome.RECOVERED)
        assert send(cast, about, clock.now()).information.number == 2
    assert expedited.clock_of(about).due is None


def test_what_is_not_serious_is_not_reported_in_haste(cast, person) -> None:
    with pytest.raises(WrongMoment, match="not serious"):
        send(cast, event(cast, person), START)


def test_the_database_ties_a_report_to_its_own_event(cast, person) -> None:
    about, other = serious_event(cast, person), serious_event(cast, person)
    send(cast, about, START)
    copied = ("INSERT INTO expedited_report (id, adverse_event_id, information_id, number, sent_at,"
              " sent_to, recorded_by_id, recorded_at, entry) SELECT 900, {event}, information_id,"
              " 2, sent_at, sent_to, recorded_by_id, recorded_at, {entry} FROM expedited_report")
    with pytest.raises(sa.exc.DBAPIError, match="its own event"), transaction() as under_way:
        session.execute(sa.text(copied.format(event=other.id, entry=under_way.sequence + 1)))
    with pytest.raises(sa.exc.DBAPIError, match="written once"), transaction():
        session.execute(sa.text("UPDATE expedited_report SET sent_to = 'nobody'"))


def test_a_first_report_after_the_protocols_hours_is_told_as_late(cast, person) -> None:
    with clock.pinned(START + timedelta(hours=30)):
        late = serious_event(cast, person, onset_at=START, known_at=START)
        assert expedited.late_to_the_sponsor(late) == timedelta(hours=6)
        in_time = serious_event(cast, person, onset_at=START,
                                known_at=START + timedelta(hours=6))
        assert expedited.late_to_the_sponsor(in_time) is None
        mild = event(cast, person, onset_at=START, known_at=START)
        assert expedited.late_to_the_sponsor(mild) is None


def test_the_worklist_counts_down_and_says_overdue(cast, person) -> None:
    serious_event(cast, person)

    def line(days: int) -> worklist.Item:
        with clock.pinned(START + days * DAY):
            (section,) = [one for one in worklist.sections(cast.carole)
                          if one.title == "Reports to send"]
        return section.items[0]

    assert "send first report within 14 days" in line(1).sentence and not line(15).overdue
    assert line(16).overdue and "overdue" in line(16).sentence


def test_an_overdue_report_is_alerted_to_once(cast, person) -> None:
    about = serious_event(cast, person)

    def remind(days: int) -> list:
        with clock.pinned(START + days * DAY), transaction():
            return expedited.remind(by=SYSTEM, at=clock.now())

    def overdue() -> list[Role]:
        return sorted(session.scalars(sa.select(Alert.role).where(
            Alert.about == about.code, Alert.sentence.contains("overdue"))))

    assert remind(15) == [] and overdue() == []
    assert remind(16) == [about]
    assert overdue() == sorted((Role.PHYSICIAN, Role.QUALITY, Role.COORDINATOR))
    assert remind(17) == [] and len(overdue()) == 3
    with clock.pinned(START + 18 * DAY):
        send(cast, about, clock.now())
        news(cast, about, outcome=Outcome.RECOVERED)
    assert remind(26) == [] and remind(27) == [about]  # the follow-up report, eight days later


INFUSED = datetime.fromisoformat("2026-03-28T23:30+01:00")  # the clocks go forward that night


@pytest.mark.parametrize("onset, words", [
    (None, "before any cells were given"),
    ("2026-03-28T23:50+01:00", "0 h 20 min after the cells began"),
    ("2026-03-29T03:30+02:00", "3 h 0 min after the cells began"),
    ("2026-03-31T00:29+02:00", "47 h 59 min after the cells began"),
    ("2026-03-31T00:30+02:00", "day 3 after the cells (their day is day 0)"),
    ("2026-04-07T00:10+02:00", "day 10 after the cells (their day is day 0)")])
def test_the_onset_is_told_from_the_cells(onset, words) -> None:
    if onset is None:
        assert rules.since(None, INFUSED) == words
    else:
        assert rules.since(INFUSED, datetime.fromisoformat(onset)) == words
