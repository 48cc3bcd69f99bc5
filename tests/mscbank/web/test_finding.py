"""One box finds codes, numbers, parts of words, days and, for those who may, names."""

from __future__ import annotations

import json
from datetime import date

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.database import session, transaction
from mscbank.errors import Refused
from mscbank.identities.service import find_people, open_values
from mscbank.reports import finding
from mscbank.scanning.models import Scan
from tests.conftest import START
from tests.mscbank.web.conftest import ON_ONE_DATABASE, entries
from tests.stages.recipients import consenting_recipient
from tests.stages.release import tested_lot


def name_of(cast, recipient) -> str:
    with transaction():
        return open_values(recipient.code, by=cast.paula, at=clock.now())["name"]


def test_a_name_is_found_by_a_part_of_it_whatever_its_case_and_accents(cast) -> None:
    recipient = consenting_recipient(cast)
    name = name_of(cast, recipient)
    for part in (name, name.upper(), name[1:4].lower(), name.replace("e", "é")):
        with transaction():
            assert recipient.code in find_people(part, by=cast.nadia, at=clock.now()), part
    with transaction():
        assert find_people("Nobody Of That Name", by=cast.nadia, at=clock.now()) == []
        assert find_people(name[:1], by=cast.nadia, at=clock.now()) == []


def test_the_trail_says_that_somebody_looked_and_whom_it_found_but_no_name(cast) -> None:
    recipient = consenting_recipient(cast)
    name = name_of(cast, recipient)
    with transaction():
        find_people(name, by=cast.carole, at=clock.now())
    body = session.scalars(sa.select(Entry.body).order_by(Entry.sequence.desc())).first()
    assert json.loads(body)["facts"] == {"found": [recipient.code]}
    assert name not in body


def test_who_may_not_read_identities_finds_nobody_by_name(cast) -> None:
    name = name_of(cast, consenting_recipient(cast))
    with pytest.raises(Refused), transaction():
        find_people(name, by=cast.tessa, at=clock.now())


@ON_ONE_DATABASE
def test_the_box_finds_a_name_for_a_nurse_and_not_for_a_technician(browse, cast) -> None:
    recipient = consenting_recipient(cast)
    name = name_of(cast, recipient)
    page = browse("nadia").post("/scan", {"text": name[:5]}).text
    assert recipient.title in page and name not in page.replace(name[:5], "")
    tessa, before = browse("tessa"), entries()
    page = tessa.post("/scan", {"text": name}).text
    assert recipient.title not in page and entries() == before
    session.rollback()
    assert not [row for row in session.scalars(sa.select(Scan.text)) if name[:5] in row]


@ON_ONE_DATABASE
def test_the_box_finds_a_part_of_a_number_by_kind_and_a_whole_one_at_once(browse, cast) -> None:
    lot = tested_lot(cast)
    tessa = browse("tessa")
    assert f"<h1><span>Lot {lot.number}</span></h1>" in tessa.post("/scan", {"text": lot.number.lower()}).text
    page = tessa.post("/scan", {"text": lot.number[:-2]}).text
    assert "<h1>What was found</h1>" in page and f'href="/lots/{lot.code}"' in page
    assert "Unknown" in tessa.post("/scan", {"text": "no such words"}).text


@ON_ONE_DATABASE
def test_a_day_shows_what_happened_on_it(browse, cast) -> None:
    recipient = consenting_recipient(cast)
    tessa = browse("tessa")
    for day in (f"{clock.now():%Y-%m-%d}", f"{clock.now():%d/%m/%Y}", "today"):
        page = tessa.post("/scan", {"text": day}).text
        assert "What happened on" in page and f'href="/recipients/{recipient.code}"' in page
    assert "What happened on" in tessa.post("/scan", {"text": "02 MARS 2026"}).text
    assert "Nothing is recorded of that day." in tessa.post("/scan", {"text": "2001-01-01"}).text
    assert "/people/" not in page


@pytest.mark.parametrize("text, day", [
    ("2026-11-22", date(2026, 11, 22)), ("22 NOV 2026", date(2026, 11, 22)),
    ("2 nov 2026", date(2026, 11, 2)), ("22/11/2026", date(2026, 11, 22)),
    ("22.11.2026", date(2026, 11, 22)), ("yesterday", date(2026, 3, 1)),
    ("31/02/2026", None), ("2026-13-01", None), ("9999-12-31", None), ("R-001", None),
    ("22 AOÛT 2026", date(2026, 8, 22)), ("2 févr. 2026", date(2026, 2, 2)),
    ("3 mai 2026", date(2026, 5, 3)), ("22 XXX 2026", None)])
def test_days_as_people_write_them(text: str, day: date | None, bank) -> None:
    assert finding.day_of(text, START) == day
