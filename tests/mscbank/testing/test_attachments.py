"""Files: found out by their bytes, kept once, served only to be saved, missed when changed."""

from __future__ import annotations

import base64
import hashlib
import io
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.audit.verify import verify
from mscbank.database import db, session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, NotKnown, Refused
from mscbank.release.record import covered
from mscbank.testing import attachments, file_rules
from mscbank.testing.files import Attachment, Content, MediaType
from mscbank.testing.service import standing_results
from tests.cast import Cast
from tests.mscbank.web.conftest import ON_ONE_DATABASE, browse, cast, machine
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.testing import result_of, sample_of

__all__ = ["browse", "cast", "machine"]
PDF, FCS, CSV = b"%PDF-1.7\n%%EOF", b"FCS3.1    58\x00\x01", "Gate;Anteil\nCD73;99,1\n".encode()


def attach(cast: Cast, about: str, data: bytes = PDF, name: str = "report.pdf",
           by: str = "theo") -> Attachment:
    with transaction():
        return attachments.attach(about, {"name": name, "data": data}, by=getattr(cast, by),
                                  at=clock.now())


@pytest.mark.parametrize(("data", "found"), [
    (PDF, MediaType.PDF), (FCS, MediaType.FCS), (b"FCS2.0", MediaType.FCS),
    (b"FCS3.0", MediaType.FCS), (CSV, MediaType.CSV), (b"\xef\xbb\xbfa,b\r\n1,2", MediaType.CSV),
    ("é;ü\n".encode(), MediaType.CSV),
])
def test_a_file_is_what_its_bytes_say(data, found):
    assert file_rules.media_type(data) is found


@pytest.mark.parametrize("data", [
    b"", b"MZ\x90\x00", b"\x89PNG\r\n", b"PK\x03\x04", b"<html>hello</html>", b"FCS4.0", b"\n",
    "a;é\n".encode("latin-1"), b"a,b\x00", b"a,b\x1b[2J", b"no columns here", b" %PDF-1.7",
])
def test_anything_else_is_refused(data):
    with pytest.raises(Malformed) as refused:
        file_rules.media_type(data)
    assert refused.value.field == "file"


@pytest.mark.parametrize(("name", "plain"), [
    ("report.pdf", "report.pdf"), ("C:\\fake\\report.pdf", "report.pdf"),
    ("../../etc/passwd", "passwd"), ("two  words.csv", "two words.csv"),
])
def test_a_name_is_kept_without_its_folders(name, plain):
    assert file_rules.plain_name(name) == plain


@pytest.mark.parametrize("name", ["", "a/", "\x00.pdf", "x" * 121])
def test_a_name_that_cannot_be_printed_is_refused(name):
    with pytest.raises(Malformed, match="name"):
        file_rules.plain_name(name)


def test_a_file_is_no_larger_than_the_bank_allows():
    file_rules.small_enough(20 * 1024 * 1024, 20)
    with pytest.raises(Malformed, match="at most 20 MiB"):
        file_rules.small_enough(20 * 1024 * 1024 + 1, 20)


def test_a_file_is_kept_and_the_entry_carries_its_digest(bank):
    cast = Cast()
    lot = filled_lot(cast)
    kept = attach(cast, lot.code, CSV, "../numbers.csv")
    assert (kept.about, kept.file_name, kept.media_type) == (lot.code, "numbers.csv",
                                                             MediaType.CSV)
    digest = hashlib.sha256(CSV).hexdigest()
    assert kept.sha256 == digest and attachments.bytes_of(digest) == CSV
    entry = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc())).first()
    assert (entry.act, entry.subject) == ("attach", lot.code) and digest in entry.body


def test_the_same_bytes_are_kept_once_and_attached_once_to_a_thing(bank):
    cast = Cast()
    lot = filled_lot(cast)
    first, second = attach(cast, lot.code), attach(cast, lot.bags[0].code)
    assert first.sha256 == second.sha256
    assert session.query(Content).count() == 1
    with pytest.raises(AlreadyDone, match="whatever the name"):
        attach(cast, lot.code, name="another.pdf")


def test_a_file_needs_a_thing_and_a_person_who_may(bank):
    cast = Cast()
    lot = filled_lot(cast)
    with pytest.raises((NotKnown, Malformed)):
        attach(cast, "LXBBBBBBBBBBBBBBBBBB")
    with pytest.raises(NotAllowed):
        attach(cast, lot.code, by="adam")


def test_a_files_row_and_bytes_are_written_once(bank):
    cast = Cast()
    kept = attach(cast, filled_lot(cast).code)
    for table, values in ((Content.__table__, {"data": b"%PDF-changed00"}),
                          (Attachment.__table__, {"file_name": "other.pdf"})):
        with pytest.raises(DBAPIError, match="written once"), transaction() as under_way:
            session.execute(sa.update(table).values(values | {"entry": under_way.sequence + 1}))
    assert kept.file_name == "report.pdf"


def test_changed_bytes_are_found_by_verification_and_not_served(bank):
    cast = Cast()
    kept = attach(cast, filled_lot(cast).code)
    assert verify().sound
    with db.engine.connect().execution_options(mscbank_writes=True) as connection:
        if db.engine.dialect.name == "sqlite":
            triggers = connection.scalars(sa.text(
                "SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='content'")).all()
            for trigger in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        else:
            connection.exec_driver_sql("ALTER TABLE content DISABLE TRIGGER ALL")
        connection.execute(sa.update(Content.__table__).values(data=b"%PDF-1.7\n%%E0F"))
        connection.commit()
    problems = verify().problems
    assert any("the bytes of content 1 are no longer those" in problem for problem in problems)
    assert not any("content 1 is no longer as it says" in problem for problem in problems)
    session.rollback()
    with pytest.raises(Refused, match="do not use it"):
        attachments.bytes_of(kept.sha256)


def test_a_results_file_is_part_of_the_release(bank):
    cast = Cast()
    lot = stages.released_lot(cast)
    assert covered(lot)
    attach(cast, standing_results(lot)[-1].code)
    assert not covered(lot)


def form(browser, about: str, data: bytes = PDF, name: str = "a.pdf", key: str = "press-1"):
    sent = {"about": about, "file": (io.BytesIO(data), name), "step": "do", "key": key}
    return browser.post("/attachments/attach", sent, content_type="multipart/form-data")


@ON_ONE_DATABASE
def test_a_form_brings_a_file_and_it_comes_back_only_to_be_saved(cast, browse):
    lot = filled_lot(cast)
    theo = browse("theo")
    assert 'type="file"' in theo.get(f"/attachments/attach?about={lot.code}").text
    assert 'enctype="multipart/form-data"' in theo.get("/attachments/attach").text
    assert form(theo, lot.code, CSV, "<b>.csv").status_code == 303
    kept = session.scalars(sa.select(Attachment)).one()
    answer = theo.get(f"/attachments/{kept.code}/file")
    assert answer.data == CSV
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{kept.code}.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.mimetype == "text/csv"


@ON_ONE_DATABASE
def test_a_second_press_attaches_once_and_a_form_without_a_file_says_so(cast, browse):
    lot = filled_lot(cast)
    theo = browse("theo")
    assert [form(theo, lot.code).status_code for _ in range(2)] == [303, 303]
    assert session.query(Attachment).count() == 1
    empty = theo.post("/attachments/attach", {"about": lot.code, "step": "do", "key": "press-2"})
    assert empty.status_code == 422 and "This is needed" in empty.text
    wrong = form(theo, lot.code, b"MZ", "report.pdf", "press-3")
    assert wrong.status_code == 422 and "whatever its name" in wrong.text


@ON_ONE_DATABASE
def test_only_what_brings_a_file_may_be_large(cast, bank, browse, machine):
    lot = filled_lot(cast)
    theo = browse("theo")
    large = PDF + bytes(5 * 1024 * 1024)
    assert form(theo, lot.code, large).status_code == 303
    assert form(theo, lot.code, PDF + bytes(21 * 1024 * 1024), key="press-2").status_code == 422
    assert form(theo, lot.code, PDF + bytes(40 * 1024 * 1024), key="press-3").status_code == 413
    for address, status in (("samples/take-sample", 413), ("attachments/attach", 422)):
        answer = bank.test_client().post(
            f"/api/v1/{address}", headers=machine("theo", Idempotency_Key="a large one"),
            json={"data": {"about": "x" * 5 * 1024 * 1024}})
        assert answer.status_code == status


@ON_ONE_DATABASE
def test_a_machine_sends_a_file_in_base64(cast, bank, machine):
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "viability", value=Decimal(95),
                       unit="%")
    client = bank.test_client()

    def send(file, key="attach-1"):
        return client.post("/api/v1/attachments/attach", headers=machine(
            "theo", Idempotency_Key=key), json={"data": {"about": result.code, "file": file}})
    good = {"name": "raw.fcs", "base64": base64.b64encode(FCS).decode()}
    answer = send(good)
    assert answer.status_code == 200
    told = client.get(f"/api/v1/attachments/{answer.json['code']}", headers=machine("theo")).json
    assert told["facts"]["sha256"] == hashlib.sha256(FCS).hexdigest()
    assert told["facts"]["media_type"] == "application/vnd.isac.fcs"
    for number, bad in enumerate(({"name": "x", "base64": "!!"}, {"name": "x"}, "text", 7, None,
                                  good | {"more": 1}), 2):
        refused = send(bad, f"attach-{number}")
        assert refused.status_code == 422 and refused.json["error"]["field"] == "file"
