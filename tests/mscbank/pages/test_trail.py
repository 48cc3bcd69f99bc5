"""The trail, to be read."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit import checkpoints
from mscbank.audit.bundle import WHOLE
from mscbank.audit.models import Entry
from mscbank.audit.service import record
from mscbank.database import db, session, transaction
from mscbank.testing import stands
from specs.judge import Outcome
from tests.cast import PEOPLE, Cast
from tests.conftest import KEY
from tests.mscbank.audit.bundles import problems
from tests.mscbank.pages.conftest import entries
from tests.stages.recipients import enrolled_recipient as enrolled
from tests.stages.release import released_lot

SHOWN = re.compile(r'href="/trail/(\d+)"')


def test_quality_assurance_administrators_and_auditors_read_it_and_nobody_else(browse, cast: Cast) -> None:
    for username in PEOPLE:
        expected = 200 if username in ("quentin", "quynh", "adam", "aude") else 403
        for path in ("/trail", "/trail/1", "/trail/checkpoint"):
            assert browse(username).get(path).status_code == expected, (username, path)
        assert browse(username).post("/trail/verify").status_code == expected


def test_it_is_searched_by_person_thing_act_and_day(browse, cast: Cast) -> None:
    recipient = enrolled(cast)
    window = browse("quentin")
    by_number = SHOWN.findall(window.get(f"/trail?thing={recipient.number}").text)
    by_code = SHOWN.findall(window.get(f"/trail?thing={recipient.code}").text)
    assert by_number == by_code != []
    assert "enrol" in window.get(f"/trail?thing={recipient.number}&act=enrol").text
    assert set(SHOWN.findall(window.get("/trail?person=quentin").text)).isdisjoint(by_code)
    assert len(SHOWN.findall(window.get("/trail?from=2026-03-02&until=2026-03-02").text)) > len(by_code)
    assert "No entry answers to this" in window.get("/trail?from=2026-03-03").text


def test_it_links_only_to_what_its_reader_may_open(browse, cast: Cast) -> None:
    recipient = enrolled(cast)
    link = f'href="/recipients/{recipient.code}"'
    assert link in browse("aude").get("/trail").text
    page = browse("adam").get("/trail").text
    assert link not in page and recipient.number in page


@pytest.mark.parametrize(("asked", "status"), [
    ("from=yesterday", 422), ("until=9999-12-31", 422), ("thing=nonsense", 422),
    ("thing=BXCDEFGHJKLNPRTVXBBB", 422), ("beyond=abc", 200), ("person=nobody", 200),
    ("act=%27%20OR%201=1", 200)])
def test_an_odd_question_is_answered_with_a_sentence(
        browse, cast: Cast, asked: str, status: int) -> None:
    assert browse("quentin").get(f"/trail?{asked}").status_code == status


def test_it_is_paged_newest_first_without_a_gap(browse, cast: Cast) -> None:
    window = browse("quentin")
    for _ in range(110):
        window.post("/scan", {"text": ""})
        browse("tessa")
    seen: list[int] = []
    address = "/trail?person=tessa"
    while address:
        page = window.get(address).text
        seen += [int(number) for number in SHOWN.findall(page)]
        older = re.search(r'href="(/trail\?[^"]*beyond=\d+[^"]*)"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == sorted(set(seen), reverse=True) and len(seen) == 110


def test_an_entry_shows_the_text_that_was_hashed(browse, cast: Cast) -> None:
    page = browse("quentin").get("/trail/1").text
    assert "account added" in page and "The text that was hashed" in page
    assert browse("quentin").get("/trail/999999").status_code == 404


def test_verifying_writes_nothing_and_says_it_is_whole(browse, cast: Cast) -> None:
    window = browse("quentin")
    before = entries()
    assert "The trail is whole" in window.post("/trail/verify").text
    assert entries() == before


def test_a_row_changed_behind_its_back_is_named(bank, browse, cast: Cast) -> None:
    recipient = enrolled(cast)
    table = "recipient"
    session.rollback()
    with db.engine.connect() as connection, connection.begin():
        if db.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA recursive_triggers=OFF")
            for name in connection.scalars(sa.text(
                    "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name=:t"),
                    {"t": table}).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.execute(sa.text("UPDATE recipient SET number = 'R-666' WHERE code = :c"),
                           {"c": recipient.code})
    page = browse("quentin").post("/trail/verify").text
    assert "The trail is not whole" in page and "recipient" in page


def test_a_checkpoint_is_signed_by_this_bank(browse, cast: Cast) -> None:
    answer = browse("quentin").get("/trail/checkpoint")
    assert "attachment" in answer.headers["Content-Disposition"]
    point = checkpoints.read(answer.text, checkpoints.public_key(base64.b64decode(KEY)))
    assert point.sequence == checkpoints.head().sequence


def test_it_is_taken_along_with_its_verifier_and_that_is_an_entry(browse, cast: Cast) -> None:
    lot = released_lot(cast)
    address, code, number = f"/lots/{lot.code}/trail", lot.code, lot.number
    key = checkpoints.public_key(base64.b64decode(KEY)).public_bytes_raw()
    auditor = browse("aude")
    for where, subject, kind in ((address, code, f"lot {number}"), ("/trail/bundle", None, WHOLE)):
        for username in ("theo", "adam"):  # the trail or the records alone are not enough
            assert browse(username).post(where).status_code == 403, (where, username)
        before = checkpoints.head().sequence
        answer = auditor.post(where)
        assert answer.mimetype == "application/zip"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert problems(answer.data, key) == [], where
        with zipfile.ZipFile(io.BytesIO(answer.data)) as held:
            assert f"kind: {kind}\n" in held.read("manifest.txt").decode()
            assert f"sequence: {before}\n" in held.read("checkpoint.txt").decode()
        entry = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc()).limit(1)).one()
        facts = json.loads(entry.body)["facts"]
        assert (entry.act, entry.subject) == ("export trail", subject)
        assert facts["sha256"] == hashlib.sha256(answer.data).hexdigest()


def test_a_trail_too_long_for_a_page_is_taken_lot_by_lot(browse, cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr("mscbank.audit.pages.MOST_EXPORTED", 3)
    answer = browse("aude").post("/trail/bundle")
    assert answer.status_code == 422 and "lot by lot" in answer.text


def test_why_something_was_refused_is_said_in_the_readers_language(browse, cast: Cast) -> None:
    """What the trail keeps in short words and keys is read as words: nobody reads ``gram_stain fail``."""
    with transaction():
        record("certify", None, by=cast.quentin, at=clock.now(), test="gram_stain",
               outcomes=["gram_stain fail", "cd105 out_of_date", "sterility unconfirmed"],
               reasons=["trail not reviewed", "deviation open", "mycoplasma missing", "unfit"])
    quentin = browse("quentin")
    page = quentin.get("/trail").text
    for said in ("Gram stain: out of specification", "CD105: out of date",
                 "Sterility: to be confirmed", "Mycoplasma: missing", "trail not reviewed"):
        assert said in page
    facts = quentin.get("/trail", headers={"Accept-Language": "fr"}).text
    for said in ("Coloration de Gram\u00a0: hors spécification", "CD105\u00a0: périmé",
                 "Stérilité\u00a0: à confirmer", "piste d’audit non revue", "déviation ouverte",
                 "Mycoplasmes\u00a0: manquant", "contraire à une règle"):
        assert said in facts, said
    for machine in ("gram_stain", "out_of_date", "unconfirmed", "unfit"):
        assert machine not in facts.split("<table")[1]


def test_every_word_that_says_how_a_test_stood_is_one_of_a_page() -> None:
    assert set(stands.WORDS) == set(Outcome)
