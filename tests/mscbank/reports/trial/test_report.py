"""The study's report on records whose answer is known: every figure, and what stands behind it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.database import db, transaction
from mscbank.errors import NotKnown
from mscbank.followup import service as followup
from mscbank.followup.models import Cause, Ended, Seriousness, Side
from mscbank.recipients.models import Recipient
from mscbank.reports.trial.paper import trial_paper
from mscbank.reports.trial.report import Report, as_csv, as_json, behind, figures, report
from specs import shelf
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.web.conftest import browse, cast
from tests.stages.followup import event, infused_recipient, news, opinion, visit
from tests.stages.recipients import allocated_recipient, consenting_recipient

__all__ = ["browse", "cast"]
PROTOCOL = shelf.protocol("nct02213705-2")
DAY = timedelta(days=1)
LATER = START + 800 * DAY


@pytest.fixture
def person(cast: Cast) -> Recipient:
    """One woman with a whole bag, a course of her skin, events of three kinds; one waits, one
    only consents."""
    found = infused_recipient(cast)
    with clock.pinned(START + 2 * DAY):
        allocated_recipient(cast, name="Marc Petit")
        consenting_recipient(cast, name="Rose Blanc")
    with clock.pinned(LATER):
        visit(cast, found, "D0", date(2026, 3, 2), mrss=26)
        visit(cast, found, "M3", date(2026, 6, 2), mrss=20)
        flushing = event(cast, found, onset_at=START + DAY)
        opinion(cast, flushing, Side.INVESTIGATOR, Cause.RELATED)
        opinion(cast, flushing, Side.SPONSOR, Cause.NOT_RELATED)
        sepsis = event(cast, found, term="Sepsis", grade=3, onset_at=START + 100 * DAY,
                       seriousness=[Seriousness.HOSPITALISATION])
        opinion(cast, sepsis, Side.INVESTIGATOR, Cause.NOT_RELATED)
        event(cast, found, term="Fever", grade=2, onset_at=START + 200 * DAY)
    return found


def told(made: Report) -> dict[tuple[str, str, str], str]:
    """Every figure by chapter, row and column."""
    return {(key.rsplit("-", 2)[0], row, column): figure.text
            for key, row, column, figure in figures(made)}


def test_an_empty_bank_has_an_empty_report(bank) -> None:
    made = report(PROTOCOL)
    found = told(made)
    assert found["disposition", "Screened", "All"] == "0"
    assert found["baseline", "Age, years", "All"] == "—"
    assert {column: found["endpoint", "Related event after day 10", column]
            for column in ("People", "%", "95 % interval")} == {
                "People": "0", "%": "—", "95 % interval": "—"}
    assert json.loads(json.dumps(as_json(made))) == as_json(made)
    assert trial_paper(PROTOCOL).startswith(b"%PDF")


def test_the_figures_are_those_of_the_records(cast, person) -> None:
    found = told(report(PROTOCOL))
    for chapter, row, column, text in (
            ("disposition", "Screened", "All", "3"), ("disposition", "Enrolled", "All", "3"),
            ("disposition", "Allocated to a dose", "Cohort 1: 1 x 10^6/kg", "2"),
            ("disposition", "Treated", "All", "1"), ("disposition", "Followed still", "All", "1"),
            ("baseline", "Women", "All", "1 (100.0 %)"), ("baseline", "Men", "All", "0 (0.0 %)"),
            ("baseline", "Age, years", "All", "45.0 (45.0 to 45.0)"),
            ("baseline", "Modified Rodnan skin score, points", "All", "26.0 (26.0 to 26.0)"),
            ("exposure", "Viable cells, 10^6 per kg", "All", "1.00 (1.00 to 1.00)"),
            ("endpoint", "Related event of any grade, within 10 days", "Events", "1"),
            ("endpoint", "Related event of any grade, within 10 days", "95 % interval",
             "2.5 to 100.0 %"),
            ("endpoint", "Event of grade 3 or more after day 10", "People", "1"),
            ("endpoint", "Related event after day 10", "95 % interval", "0.0 to 97.5 %"),
            ("grades", "Grade 1", "Within 10 days, related", "1 in 1"),
            ("grades", "Grade 3", "After day 10, not related", "1 in 1"),
            ("grades", "Grade 2", "After day 10, not said yet", "1 in 1"),
            ("grades", "Serious", "After day 10, not related", "1 in 1"),
            ("terms", "Sepsis", "Serious", "1 in 1"), ("terms", "Fever", "All", "1 in 1"),
            ("follow-up", "Months, median (quartiles)", "All", "3.0 (3.0 to 3.0)"),
            ("course-mrss", "M3", "Mean change", "-6.0"),
            ("course-mrss", "M3", "p (Wilcoxon)", "—")):
        assert found[chapter, row, column] == text, (chapter, row, column)


def test_change_one_record_and_the_table_follows(cast, person) -> None:
    before = told(report(PROTOCOL))
    with clock.pinned(LATER):
        news(cast, person.adverse_events[0], grade=3)
        wrong = next(each for each in person.visits if each.name == "M3")
        with transaction():
            followup.correct_visit(wrong, "Another line.", date(2026, 6, 2), mrss=23,
                                   by=cast.carole, at=LATER)
            followup.end_follow_up(person, date(2028, 3, 2), Ended.COMPLETED, "Two years.",
                                   by=cast.carole, at=LATER)
    after = told(report(PROTOCOL))
    changed = {key: (before[key], after[key]) for key in before if before[key] != after.get(key)}
    severe = "Related event of grade 3 or more, within 10 days"
    assert changed["endpoint", severe, "People"] == ("0", "1")
    assert changed["endpoint", severe, "95 % interval"] == ("0.0 to 97.5 %", "2.5 to 100.0 %")
    assert changed["grades", "Grade 1", "Within 10 days, related"] == ("1 in 1", "0")
    assert changed["course-mrss", "M3", "Mean change"] == ("-6.0", "-3.0")
    assert changed["disposition", "Completed the follow-up", "All"] == ("0", "1")
    assert changed["follow-up", "Months, median (quartiles)", "All"][1] == "24.0 (24.0 to 24.0)"
    assert ("baseline", "Age, years", "All") not in changed  # the control: what nobody touched


def test_every_figure_opens_the_records_behind_it(browse, cast, person) -> None:
    made = report(PROTOCOL)
    with_records = [(key, figure) for key, _, _, figure in figures(made) if figure.behind]
    assert len(with_records) > 60
    with clock.pinned(LATER):
        window = browse("quentin")
        page = window.get(f"/reports/trial?protocol={PROTOCOL.reference}").text
        for key, _ in with_records:
            assert f"/reports/trial/records/{key}?" in page, key
        places = {one.address for _, figure in with_records for one in figure.behind}
        assert {window.get(place).status_code for place in places} == {200}
        for key, figure in with_records[::9]:
            records = window.get(f"/reports/trial/records/{key}?protocol={PROTOCOL.reference}").text
            assert records.count('class="what"') == len(figure.behind)
            assert all(one.address in records for one in figure.behind)
        assert window.get("/reports/trial/records/baseline-99-1").status_code == 404
    with pytest.raises(NotKnown):
        behind(made, "baseline-99-1")


def test_counts_and_the_records_behind_them_agree(cast, person) -> None:
    for key, row, column, figure in figures(report(PROTOCOL)):
        if isinstance(figure.value, int) and row not in ("Bags given",):
            assert len(figure.behind) == figure.value, (key, row, column)
        if isinstance(figure.value, dict) and "events" in figure.value:
            assert len(figure.behind) == figure.value["events"], (key, row, column)


def test_page_paper_csv_and_json_say_the_same(browse, cast, person) -> None:
    made = report(PROTOCOL)
    with clock.pinned(LATER):
        window = browse("carole")
        rows = list(csv.DictReader(io.StringIO(window.get("/reports/trial.csv").text)))
        answer = window.get("/reports/trial.json").get_json()
        assert window.get("/api/v1/reports/trial").get_json() == answer
        assert window.get("/reports/trial.pdf").data == trial_paper(PROTOCOL)
        page = window.get("/reports/trial").text
    assert [row["figure"].lstrip("'") for row in rows] == [
        figure.text for *_, figure in figures(made)]
    assert as_csv(made).count("\r\n") == len(rows) + 1
    assert answer["chapters"]["endpoint"]["rows"][3]["figures"]["People"] == 1
    for text in {figure.text for *_, figure in figures(made)}:
        assert text.replace("<", "&lt;") in page


def test_an_administrator_and_a_stranger_see_none_of_it(browse, cast) -> None:
    for path in ("/reports/trial", "/reports/trial.csv", "/reports/trial.json",
                 "/reports/trial.pdf", "/reports/trial/records/baseline-1-1"):
        assert browse("adam").get(path).status_code == 403
        assert browse().get(path).status_code == 401


def test_it_asks_the_database_as_often_however_many_take_part(cast) -> None:
    def ask() -> int:
        asked: list[Any] = []
        sa.event.listen(db.engine, "before_cursor_execute", hear := lambda *_: asked.append(1))
        report(PROTOCOL)
        sa.event.remove(db.engine, "before_cursor_execute", hear)
        return len(asked)

    for number in range(2):
        event(cast, consenting_recipient(cast, name=f"Person {number}"))
    few = ask()
    for number in range(3):
        event(cast, consenting_recipient(cast, name=f"Another {number}"))
    assert ask() == few


def test_cells_given_are_counted_by_the_volume_that_ran_in(cast, person) -> None:
    from mscbank.reports.trial.facts import cells_of, study

    (infused,) = study(PROTOCOL).infused
    infusion = infused.infusions[0]
    assert cells_of(infusion) == infusion.order.parts[0].cells
    assert infused.cells_per_kg == Decimal(infusion.order.parts[0].cells) / 70
