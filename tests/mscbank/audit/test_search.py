"""The trail is searched by every combination of questions, page after page, each by an index."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock, things
from mscbank.audit.models import Entry
from mscbank.audit.pages import as_csv
from mscbank.audit.reading import Mark, mark, marked_first, told
from mscbank.audit.search import Search, everything, page, statement_for
from mscbank.audit.service import record, record_refusal
from mscbank.database import db, session, transaction
from mscbank.errors import Refused
from mscbank.reports.family import codes_of_family
from tests.cast import PEOPLE, Cast
from tests.conftest import START
from tests.mscbank.pages.conftest import Browser, browse, cast, entries
from tests.stages.release import released_lot

__all__ = ["Browser", "browse", "cast"]
ACTS = ("feed", "observe", "count")
CODES = ("CXBBBB", "CXCCCC", "CXDDDD")


@pytest.fixture
def trail(cast: Cast) -> Cast:
    """Everybody's accounts, then 54 acts over three days by two people about three things."""
    with transaction():
        for number, (act, code, by) in enumerate(itertools.product(
                ACTS * 3, CODES, (cast.tessa, cast.theo))):
            at = START + timedelta(hours=number + 1)
            if number % 9 == 8:
                record_refusal(act, code, Refused("No."), by=by, at=at)
            else:
                record(act, code, by=by, at=at, reason="So it was." if number % 7 == 6 else None)
    return cast


def day(number: int) -> str:
    return f"{START + timedelta(days=number):%Y-%m-%d}T00:00:00.000000Z"


def by_hand(search: Search) -> list[int]:
    """The same search without a database: every entry looked at."""
    found = []
    for entry in session.scalars(sa.select(Entry).order_by(Entry.sequence)):
        tried = json.loads(entry.body)["facts"].get("attempted")
        if ((search.codes is None or entry.subject in search.codes)
                and (not search.by or entry.by == search.by)
                and (not search.refused_only or entry.act == "refused")
                and (not search.act or (tried if search.refused_only else entry.act) == search.act)
                and (not search.begins or entry.at >= search.begins)
                and (not search.ends or entry.at < search.ends)):
            found.append(entry.sequence)
    return found if search.oldest_first else found[::-1]


def test_every_combination_of_questions_gives_what_a_reader_would_find(trail: Cast) -> None:
    asked = {
        "codes": (None, frozenset(CODES[:1]), frozenset(CODES[:2])),
        "by": ("", trail.theo.code), "act": ("", "feed", "account added"),
        "days": (("", ""), (day(1), day(2)), ("", day(1)), (day(9), "")),
        "refused_only": (False, True), "oldest_first": (False, True)}
    answered = 0
    for codes, by, act, (begins, ends), refused, oldest in itertools.product(*asked.values()):
        search = Search(codes, by, act, begins, ends, refused, oldest)
        found = [entry.sequence for entry in everything(search, size=5)]
        assert found == by_hand(search), search
        answered += bool(found)
    assert answered > 60


def test_pages_follow_one_another_without_a_gap_or_a_double(trail: Cast) -> None:
    for oldest in (True, False):
        seen, beyond = [], None
        while True:
            found, beyond = page(Search(oldest_first=oldest), beyond, 7)
            seen += [entry.sequence for entry in found]
            if beyond is None:
                break
        assert seen == sorted(range(1, len(PEOPLE) + 55), reverse=not oldest)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("search", "index"), [
    (Search(codes=frozenset(CODES)), "ix_audit_entry_subject"),
    (Search(by="NX"), "ix_audit_entry_by"), (Search(act="feed"), "ix_audit_entry_act"),
    (Search(refused_only=True), "ix_audit_entry_act"), (Search(begins=day(1)), "PRIMARY KEY"),
    (Search(oldest_first=True), "PRIMARY KEY")])
def test_each_search_goes_by_an_index(trail: Cast, search: Search, index: str) -> None:
    statement = statement_for(search, 40)
    assert statement is not None
    text = str(statement.limit(100).compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = " ".join(row[-1] for row in session.connection().exec_driver_sql(
        f"EXPLAIN QUERY PLAN {text}"))
    assert index in plan and "SCAN" not in plan, plan


@pytest.mark.parametrize(("act", "reason", "expected"), [
    ("refused", None, Mark.REFUSED), ("refused", "Why.", Mark.REFUSED),
    ("classify deviation", "Worse.", Mark.CHANGED), ("withdraw consent", "Why.", Mark.CHANGED),
    ("correct result", "Misread.", Mark.CHANGED), ("correct count", None, Mark.CHANGED),
    ("hold", "Doubt.", Mark.REASONED), ("feed", None, Mark.NONE)])
def test_an_entry_is_marked_by_what_sets_it_apart(act, reason, expected) -> None:
    assert mark(act, reason, {}) is expected


def test_an_entry_that_names_what_stood_before_changed_it_and_a_bag_that_is_moved_did_not():
    assert mark("give sponsor's opinion", "Seen again.", {"before": "related"}) is Mark.CHANGED
    assert mark("give sponsor's opinion", None, {"before": None}) is Mark.NONE
    assert mark("relocate", None, {"before": "another position"}) is Mark.NONE


def test_what_stands_out_is_read_first(trail: Cast) -> None:
    ordered = marked_first(told(list(everything(Search(oldest_first=True)))))
    assert [entry.mark for entry in ordered] == sorted(
        (entry.mark for entry in ordered), key=list(Mark).index)
    assert ordered[0].refused and ordered[0].act in ACTS and ordered[0].by in ("tessa", "theo")


def test_the_family_of_a_bag_is_the_whole_chain_and_no_other_family(bank) -> None:
    cast = Cast()
    lot, other = released_lot(cast), released_lot(cast)
    codes = codes_of_family(lot.bags[0])
    donor = lot.harvest.donor
    assert {lot.code, lot.harvest.code, donor.code, donor.recipient.code,
            *(culture.code for culture in lot.harvest.cultures)} <= codes
    acts = {entry.act for entry in everything(Search(codes=codes))}
    assert {"enrol", "harvest", "record result", "certify", "find eligible"} <= acts
    assert other.code not in codes and other.harvest.donor.code not in codes
    sampled = next(code for code in codes if code.startswith("TX"))
    assert codes_of_family(things.by_code(sampled)) >= {lot.code, donor.code}
    assert codes_of_family(lot) == codes | {bag.code for bag in lot.bags}


# The page

def test_what_was_asked_stands_in_the_address_and_pages_keep_it(browse, trail: Cast) -> None:
    window = browse("quentin")
    page_ = window.get("/trail?person=theo&act=feed&order=oldest&refused=yes&from=2026-03-02").text
    for said in ('value="theo"', '<option value="feed" selected>feed', 'value="oldest" selected',
                 'name="refused" value="yes" checked', 'value="2026-03-02"'):
        assert said in page_, said
    assert window.get("/trail?order=oldest&beyond=3").text.count('href="/trail/4"') == 1
    assert 'href="/trail/3"' not in window.get("/trail?order=oldest&beyond=3").text


def test_a_things_family_is_one_tick_away(browse, cast: Cast) -> None:
    lot = released_lot(cast)
    window = browse("quentin")
    alone = window.get(f"/trail?thing={lot.number}").text
    family = window.get(f"/trail?thing={lot.number}&family=yes&order=oldest").text
    assert alone.count("find eligible<") == 1, "among the acts to choose from alone"
    assert family.count("find eligible<") == 2 and "checked" in family


def test_who_takes_entries_along_is_an_entry(browse, trail: Cast) -> None:
    window = browse("quentin")
    before = entries()
    answer = window.post("/trail/export", {"person": "theo", "act": "feed"})
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert "attachment" in answer.headers["Content-Disposition"]
    assert rows and {(row["person"], row["act"]) for row in rows} == {("theo", "feed")}
    assert entries() == before + 1
    last = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc())).first()
    facts = json.loads(last.body)["facts"]
    assert (last.act, last.by) == ("export trail", trail.quentin.code)
    assert facts == {"asked": {"act": "feed", "person": "theo"}, "entries": len(rows)}
    assert browse("tessa").post("/trail/export").status_code == 403
    assert window.get("/trail/export").status_code == 404, "nothing is written by looking"


def test_no_cell_of_the_csv_begins_a_formula(trail: Cast) -> None:
    with transaction():
        for reason in ("=1+1", "+33 1", "-2 °C", "@home", "plain, with “comma”\nand line"):
            record("look", None, by=trail.adam, at=clock.now(), reason=reason)
    made = as_csv(told(list(everything(Search(act="look")))))
    cells = [cell for row in csv.reader(io.StringIO(made)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert {"'=1+1", "'-2 °C", "plain, with “comma”\nand line"} <= set(cells)
