"""Lists: searched, narrowed, sorted; the address says how; what leaves as a file is in the trail."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
import sqlalchemy as sa

from mscbank.audit.models import Entry
from mscbank.bags.models import Bag, StoragePlace
from mscbank.cultures.models import ReagentLot
from mscbank.database import db, session
from mscbank.errors import Refused
from mscbank.reports import kinds, lists
from tests.mscbank.web.conftest import ON_ONE_DATABASE, entries
from tests.stages.bags import box
from tests.stages.cultures import released_reagent
from tests.stages.infusions import bedside, finished, second_bag

ROW = re.compile(r'<th scope="row"><a href="[^"]*">([^<]*)<')


def titles(model: type, **words: str) -> list[str]:
    return [row.title for row, _ in lists.show(model, lists.read(model, words)).rows]


def test_position_two_stands_before_position_ten(cast) -> None:
    box(cast, "A", 12)
    assert titles(StoragePlace, sort="title")[:3] == ["TANK 9 / RACK 1 / A / 1", "TANK 9 / RACK 1 / A / 2",
                                                      "TANK 9 / RACK 1 / A / 3"]
    assert titles(StoragePlace, sort="-position")[0].endswith(" / 12")
    assert [*titles(StoragePlace, sort="title")][-1].endswith(" / 12")


def test_a_list_is_narrowed_by_text_and_by_closed_lists(cast) -> None:
    released_reagent(cast)
    released_reagent(cast, reagent="platelet lysate", name="Lysate 5 %", lot_number="PL-77",
                     supplier="Macopharma")
    assert len(titles(ReagentLot)) == 2
    assert titles(ReagentLot, q="pl-7") == ["Lysate 5 %, lot PL-77"]
    assert titles(ReagentLot, q="5 %") == ["Lysate 5 %, lot PL-77"]
    assert titles(ReagentLot, q="_") == []  # a sign of the search is no sign of its own
    assert titles(ReagentLot, reagent="platelet lysate") == ["Lysate 5 %, lot PL-77"]
    assert titles(ReagentLot, standing="quarantine") == []


def test_bags_are_found_by_their_lot_and_sorted_by_exact_numbers(cast) -> None:
    second_bag(cast, bedside(cast))
    number = session.scalars(sa.select(Bag)).first().lot.number
    assert len(titles(Bag, q=number)) == session.query(Bag).count()
    assert titles(Bag, q="no such lot") == []
    assert titles(Bag, sort="volume_ml") and titles(Bag, sort="-title")[-1].startswith("Bag 1")


@pytest.mark.parametrize("words", [
    {"sort": "password"}, {"rows": "1000"}, {"page": "0"}, {"page": "²"}, {"standing": "lost"},
    {"page": "9999999"}])
def test_what_no_list_can_answer_is_refused_with_a_sentence(words: dict[str, str], bank) -> None:
    with pytest.raises(Refused):
        lists.read(ReagentLot, words)


def test_empty_cells_stand_last_whichever_end_comes_first(cast) -> None:
    beside = bedside(cast)
    finished(cast, beside)
    for sort in ("storage_place_id", "-storage_place_id"):
        found = [row.storage_place_id for row, _ in lists.show(Bag, lists.Asked(sort=sort)).rows]
        assert found[0] is not None and found[-1] is None


def read_all(model: type, size: int) -> None:
    for row, cells in lists.show(model, lists.Asked(size=size)).rows:
        assert row.title and all(getattr(cell, "title", True) for cell in cells)


def counted(ask) -> int:
    """How many statements the database is asked."""
    session.expunge_all()
    asked: list[str] = []

    def listen(connection, cursor, statement, *rest) -> None:
        asked.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", listen)
    try:
        ask()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", listen)
    return len(asked)


def test_a_longer_list_asks_the_database_no_more_often(cast) -> None:
    box(cast, "A", 30)
    assert counted(lambda: read_all(StoragePlace, 100)) == counted(lambda: read_all(StoragePlace, 1))


def test_asking_for_each_row_would_be_counted(cast) -> None:
    box(cast, "A", 6)
    ids = session.scalars(sa.select(StoragePlace.id)).all()
    assert counted(lambda: [session.get(StoragePlace, one) for one in ids]) == 6


@ON_ONE_DATABASE
def test_the_address_says_how_the_list_stands(browse, cast) -> None:
    box(cast, "A", 30)
    tessa = browse("tessa")
    page = tessa.get("/places/?sort=-title&q=A").text
    assert ROW.findall(page)[0] == "TANK 9 / RACK 1 / A / 30" and len(ROW.findall(page)) == 25
    assert 'aria-sort="descending"' in page and 'value="A"' in page
    further = re.search(r'rel="next" href="([^"]*)"', page)
    assert further
    page = tessa.get(further[1].replace("&amp;", "&")).text
    assert ROW.findall(page) == [f"TANK 9 / RACK 1 / A / {n}" for n in (5, 4, 3, 2, 1)]
    assert tessa.get("/places/?sort=colour").status_code == 422


@ON_ONE_DATABASE
def test_what_a_phone_sorts_by_is_every_column_of_the_list(browse, cast) -> None:
    box(cast, "A", 3)
    page = browse("tessa").get("/places/?sort=-position").text
    heads = re.findall(r'href="[^"]*sort=-?(\w+)', page)
    choices = re.findall(r'<option value="(-?\w+)"', page.split('id="sort"')[1].split("</select>")[0])
    assert set(choices) == {sign + name for name in heads for sign in ("", "-")}
    assert re.findall(r'<option value="(-?\w+)" selected', page.split('id="sort"')[1]) == ["-position"]


@ON_ONE_DATABASE
def test_the_file_is_what_the_list_shows_and_an_entry_says_so(browse, cast) -> None:
    box(cast, "A", 30)
    tessa = browse("tessa")
    before = entries()
    shown = ROW.findall(tessa.get("/places/?sort=-title&q=A&rows=100").text)
    assert entries() == before  # a look is none
    answer = tessa.post("/places/export", {"sort": "-title", "q": "A"})
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="places-')
    assert rows[0][:3] == ["Places", "House code", "Tank"]
    assert [row[0] for row in rows[1:]] == shown
    body = json.loads(session.scalars(sa.select(Entry.body).order_by(Entry.sequence.desc())).first())
    assert entries() == before + 1 and body["act"] == "export list" and body["by"]
    assert body["facts"] == {"list": "places", "rows": 30, "asked": {"q": "A", "sort": "-title"}}


@ON_ONE_DATABASE
def test_nobody_exports_what_they_may_not_read(browse, cast) -> None:
    before = entries()
    assert browse("adam").post("/bags/export").status_code == 403
    assert browse("tessa").post("/people/export").status_code == 404
    assert not [entry for entry in session.scalars(sa.select(Entry).where(Entry.sequence > before))
                if entry.act == "export list"]


@ON_ONE_DATABASE
def test_an_empty_list_says_what_belongs_there_and_how_to_begin(browse) -> None:
    page = browse("tessa").get("/cultures/").text
    assert all(sentence in page for sentence in kinds.BEGINNINGS["cultures"])
    page = browse("quentin").get("/methods/?q=nothing+like+it").text
    assert "Nothing here is like that." in page and 'href="/methods/">Show all' in page
