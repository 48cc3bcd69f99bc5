"""What a list is opened for stands in it: how each thing stands, what is awaited, who is next."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock, things
from mscbank.bags.models import Bag, Lot
from mscbank.database import session, transaction
from mscbank.errors import Refused
from mscbank.followup import schedule
from mscbank.followup import service as followup
from mscbank.followup.models import AdverseEvent, Cause, Ended, Side
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Recipient
from mscbank.release import stops
from mscbank.reports import lists, told
from mscbank.scanning.reading import state_of
from mscbank.settings import local
from mscbank.testing import results, samples
from mscbank.testing.models import InvestigationOutcome, Result, Sample, Stage
from mscbank.testing.stands import Judged, Stands
from tests.cast import Cast
from tests.mscbank.web.conftest import ON_ONE_DATABASE
from tests.mscbank.web.test_lists import counted, read_all, titles
from tests.stages.bags import filled_lot
from tests.stages.cultures import seeded_culture
from tests.stages.everything import something_of_everything
from tests.stages.followup import event, infused_recipient, opinion, visit
from tests.stages.infusions import started
from tests.stages.recipients import allocated_recipient, consenting_recipient, enrolled_recipient
from tests.stages.testing import (
    answered,
    concluded,
    confirm,
    opened,
    result_of,
    sample_of,
)

LOW = {"value": Decimal(91), "unit": "%"}


def cells(model: type, name: str, **words: str) -> list[Any]:
    """A column of the list, as it is sorted."""
    shown = lists.show(model, lists.read(model, words))
    at = [column.name for column in shown.columns].index(name)
    return [row[at] for _, row in shown.rows]


def culture_sample(cast: Cast) -> Sample:
    """Of a culture that is no lot yet."""
    return sample_of(cast, filled_lot(cast), taken_from=seeded_culture(cast).code,
                     stage=Stage.IN_PROCESS)


def standing(result: Result) -> tuple[Any, ...]:
    """What the list says of this one: its outcome, and how it stands."""
    shown = lists.show(Result, lists.Asked())
    return next(row[:2] for one, row in shown.rows if one.id == result.id)


def test_a_result_says_whether_it_is_within_its_limit_and_whether_it_counts(cast: Cast) -> None:
    sample = sample_of(cast, filled_lot(cast))
    assert standing(result_of(cast, sample, "viability")) == (Judged.MET, Stands.TO_CONFIRM)
    good = confirm(cast, result_of(cast, sample, "gram_stain"))
    assert standing(good) == (Judged.MET, Stands.CONFIRMED)
    assert standing(result_of(cast, sample, "endotoxin")) == (Judged.MET, Stands.RECORDED)
    waiting = result_of(cast, sample, "sterility", pending=True)
    assert standing(waiting) == (Judged.AWAITED, Stands.PENDING)
    bad = result_of(cast, sample, "cd73", **LOW)
    assert standing(bad) == (Judged.FAIL, Stands.RECORDED)
    with transaction():
        results.correct_result(good, "A slip of the pen.", word="organisms seen",
                               performed_at=clock.now(), by=cast.theo, at=clock.now())
    assert standing(good) == (Judged.MET, Stands.CORRECTED)


def test_a_result_under_investigation_says_so_and_one_set_aside_too(cast: Cast) -> None:
    sample = sample_of(cast, filled_lot(cast))
    bad = result_of(cast, sample, "cd73", **LOW)
    found = opened(cast, bad)
    assert standing(bad) == (Judged.FAIL, Stands.INVESTIGATED)
    concluded(cast, answered(cast, found, "method"), InvestigationOutcome.LABORATORY_ERROR)
    assert standing(bad) == (Judged.FAIL, Stands.SET_ASIDE)


def test_a_result_of_a_culture_is_judged_by_the_sheet_of_its_trial(cast: Cast) -> None:
    sample = culture_sample(cast)
    grown = result_of(cast, sample, "sterility", word="growth")
    assert standing(grown) == (Judged.FAIL, Stands.TO_CONFIRM)


def test_results_are_narrowed_and_sorted_by_what_the_judge_says(cast: Cast) -> None:
    sample = sample_of(cast, filled_lot(cast))
    for test, outcome in (("viability", {}), ("cd73", LOW), ("sterility", {"pending": True}),
                          ("cd90", {})):
        result_of(cast, sample, test, **outcome)
    assert [one.split()[0] for one in titles(Result, outcome="out of specification")] == ["CD73"]
    assert titles(Result, outcome="out of specification", state="pending") == []
    assert titles(Result, outcome="met", q="cd90", sort="title")[0].startswith("CD90")
    asked = lists.show(Result, lists.read(Result, {"outcome": "met"}))
    assert asked.total == len(asked.rows) == 2
    rising = [Judged.FAIL, Judged.AWAITED, Judged.MET, Judged.MET]
    assert cells(Result, "outcome", sort="outcome") == rising
    assert cells(Result, "outcome", sort="-outcome") == rising[::-1]


def test_more_results_than_can_be_judged_while_one_waits_are_refused(cast: Cast, monkeypatch) -> None:
    sample = sample_of(cast, filled_lot(cast))
    for test in ("viability", "cd90"):
        result_of(cast, sample, test)
    monkeypatch.setattr(lists, "MOST_COUNTED", 2)
    with pytest.raises(Refused, match="narrow it first"):
        titles(Result, outcome="met")
    assert len(titles(Result)) == 2  # told page by page
    assert len(titles(Result, outcome="met", q="cd90")) == 1


def test_a_sample_says_where_it_is_and_which_tests_are_awaited(cast: Cast) -> None:
    sample = sample_of(cast, filled_lot(cast))

    def says() -> tuple[str, list[str]]:
        return cells(Sample, "state")[0], cells(Sample, "awaited")[0]

    assert says() == ("not sent yet", [])
    done = {"by": cast.theo, "at": clock.now()}
    with transaction():
        samples.send_sample(sample, "Microbiology", clock.now(), "On ice.", **done)
    assert says() == ("on the way", [])
    with transaction():
        samples.receive_sample(sample, clock.now(), "Cold.", **done)
    assert says() == ("arrived", [])
    waiting = result_of(cast, sample, "sterility", pending=True)
    assert says() == ("results awaited", [waiting.test_name])
    assert len(titles(Sample, state="results awaited")) == 1 and not titles(Sample, state="tested")
    with transaction():
        results.correct_result(waiting, "It came.", word="no growth", performed_at=clock.now(), **done)
    assert says() == ("tested", [])
    with transaction():
        samples.use_up_sample(sample, clock.now(), "Nothing is left.", **done)
    assert says() == ("used up", [])


def state_of_person(person: Recipient) -> str:
    shown = lists.show(Recipient, lists.Asked())
    return next(row[0] for one, row in shown.rows if one.id == person.id)


def test_a_recipient_says_how_far_they_are(cast: Cast) -> None:
    assert state_of_person(enrolled_recipient(cast)) == "in screening"
    leaving = consenting_recipient(cast)
    assert state_of_person(leaving) == "in screening"
    with transaction():
        recipients.withdraw(leaving, "Moves away.", by=cast.carole, at=clock.now())
    assert state_of_person(leaving) == "withdrew consent"
    assert state_of_person(allocated_recipient(cast)) == "enrolled"


def test_a_recipient_who_is_infused_says_who_is_visited_next_and_until_when(cast: Cast) -> None:
    running = started(cast)
    assert state_of_person(running.recipient) == "being infused"
    person = infused_recipient(cast)
    assert state_of_person(person) == "in follow-up"
    today = local(clock.now()).date()
    first, second, *_ = schedule.schedule_of(person, today)
    assert cells(Recipient, "next_visit", q=person.number) == [first.name]
    assert cells(Recipient, "window_closes_on", q=person.number) == [first.window.closes]
    with clock.pinned(clock.now() + timedelta(days=1)):
        visit(cast, person, first.name, local(clock.now()).date(), pulse=70)
        assert cells(Recipient, "next_visit", q=person.number) == [second.name]
        with transaction():
            followup.end_follow_up(person, local(clock.now()).date(), Ended.LOST, "Moved away.",
                                   by=cast.carole, at=clock.now())
        assert state_of_person(person) == "lost to follow-up"
        assert cells(Recipient, "next_visit", q=person.number) == [None]


def test_whom_to_visit_first_stands_first_and_who_is_not_followed_last(cast: Cast) -> None:
    person = infused_recipient(cast)
    enrolled_recipient(cast)
    for sort in ("window_closes_on", "-window_closes_on"):
        found = cells(Recipient, "window_closes_on", sort=sort)
        assert isinstance(found[0], date) and found[-1] is None
    assert titles(Recipient, sort="next_visit")[0] == person.title
    other = infused_recipient(cast)
    first, second, *_ = schedule.schedule_of(other, local(clock.now()).date())
    with clock.pinned(clock.now() + timedelta(days=1)):
        visit(cast, other, first.name, local(clock.now()).date(), pulse=70)
        named = sorted((first.name, second.name))
        assert cells(Recipient, "next_visit", sort="next_visit")[:2] == named
        assert cells(Recipient, "next_visit", sort="-next_visit")[:2] == named[::-1]


def test_a_bag_of_a_lot_on_hold_is_held_in_the_list_too(cast: Cast) -> None:
    lot = filled_lot(cast)
    assert set(cells(Lot, "hold")) == set(cells(Bag, "hold")) == {None}
    with transaction():
        hold = stops.hold_lot(lot, "Look at the freezer first.", by=cast.quentin, at=clock.now())
    assert cells(Lot, "hold") == ["held"] and set(cells(Bag, "hold", hold="held")) == {"held"}
    assert state_of(hold) == "in force"


def test_an_event_says_whose_opinion_is_missing(cast: Cast) -> None:
    told_of = event(cast, infused_recipient(cast))
    assert cells(AdverseEvent, "state") == ["both opinions awaited"]
    opinion(cast, told_of, Side.INVESTIGATOR, Cause.RELATED)
    assert cells(AdverseEvent, "state") == ["sponsor's opinion awaited"]
    assert cells(AdverseEvent, "outcome", outcome="recovered") == [told_of.now.outcome]


def test_a_list_says_of_a_thing_what_its_scan_says(cast: Cast) -> None:
    something_of_everything(cast)
    compared = 0
    for model in set(told.TOLD) - {Result}:
        if "state" not in told.TOLD[model]:
            continue
        for row, said in zip(*_rows_and_states(model), strict=True):
            if scanned := state_of(row):
                assert (model, said) == (model, scanned)
                compared += 1
    assert compared > 15


def _rows_and_states(model: type) -> tuple[list[Any], list[Any]]:
    rows = list(session.scalars(sa.select(model).order_by(model.id)))
    return rows, told.TOLD[model]["state"].tell(rows) if rows else []


def test_each_kind_is_narrowed_and_sorted_by_what_is_told_of_it(cast: Cast) -> None:
    """A word of every kind's state finds the things that say it, and no others."""
    something_of_everything(cast)
    for model in things.SLUGS.values():
        for name, column in told.TOLD.get(model, {}).items():
            said = cells(model, name, rows="100")
            for word in column.words:
                assert cells(model, name, rows="100", **{name: word}) == [
                    cell for cell in said if cell == word], (model, name, word)
            if column.words:
                order = [column.words.index(cell) for cell in cells(model, name, sort=name, rows="100")
                         if cell is not None]
                assert order == sorted(order)


def test_a_longer_list_of_results_asks_the_database_no_more_often(cast: Cast) -> None:
    sample = sample_of(cast, filled_lot(cast))
    for test in ("viability", "cd73", "cd90", "cd105", "cd45", "endotoxin"):
        result_of(cast, sample, test)
    culture = culture_sample(cast)
    for test in ("sterility", "morphology"):
        result_of(cast, culture, test, word="no growth" if test == "sterility" else "round")
    many, few = (counted(lambda size=size: read_all(Result, size)) for size in (100, 1))
    assert many <= few + 5  # the lots, which the one row of a culture does not ask for


@ON_ONE_DATABASE
def test_what_is_told_leaves_with_the_file(browse, cast: Cast) -> None:
    sample = sample_of(cast, filled_lot(cast))
    result_of(cast, sample, "cd73", **LOW)
    result_of(cast, sample, "cd90")
    tessa = browse("tessa")
    page = tessa.get("/results/?outcome=out+of+specification").text
    assert '<span class="badge bad">out of specification</span>' in page and "CD90" not in page
    answer = tessa.post("/results/export", {"outcome": "out of specification"})
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head[2:4] == ["Outcome", "State"] and [row[2:4] for row in rows] == [
        ["out of specification", "recorded"]]
    assert tessa.get("/results/?outcome=nonsense").status_code == 422


@ON_ONE_DATABASE
def test_who_may_not_read_records_reads_no_states(browse) -> None:
    assert browse("adam").get("/recipients/").status_code == 403


@ON_ONE_DATABASE
def test_the_page_of_a_sample_says_of_its_results_what_their_list_says(browse, cast: Cast) -> None:
    sample = sample_of(cast, filled_lot(cast))
    result_of(cast, sample, "viability")
    confirm(cast, result_of(cast, sample, "gram_stain"))
    result_of(cast, sample, "sterility", pending=True)
    code = sample.code
    listed = [str(word) for word in cells(Result, "state")][::-1]
    table = browse("tessa").get(f"/samples/{code}").text.split("<tbody>")[1].split("</tbody>")[0]
    assert re.findall(r'class="badge \w+">([^<]+)<', table) == listed == [
        "to be confirmed", "confirmed", "pending"]
