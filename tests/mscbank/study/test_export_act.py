"""The study's data taken along: the act, who may, what moves meanwhile, the page and the command."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from mscbank import clock, things
from mscbank.accounts.models import Account
from mscbank.acts import catalogue, perform
from mscbank.audit.models import Entry
from mscbank.cli import main
from mscbank.database import Base, db, session, transaction
from mscbank.errors import Malformed, NotAllowed, WrongMoment
from mscbank.exchange.study import service
from mscbank.exchange.study.bundle import bundle
from mscbank.exchange.study.models import StudyExport
from tests.cast import PASSWORD, Cast
from tests.mscbank.study.followed import LATER, PROTOCOL, person, tables_of
from tests.mscbank.web.conftest import browse, cast
from tests.stages.cultures import released_reagent
from tests.stages.followup import event

__all__ = ["browse", "cast", "person"]


def export(cast: Cast, **different: object) -> StudyExport:
    with transaction():
        return service.export_study(**{"purpose": "Interim analysis.", "by": cast.carole,
                                       "at": clock.now()} | different)


def test_an_export_is_an_act_that_keeps_who_took_what(cast, person) -> None:
    made = export(cast)
    assert made.sha256 == hashlib.sha256(service.data_of(made)).hexdigest()
    assert made.rows["DM"] == 2 and made.size == len(service.data_of(made))
    body = session.scalar(sa.select(Entry.body).where(Entry.act == "export study data"))
    for words in (made.sha256, "Interim analysis.", '"AE":1', cast.carole.code):
        assert words in body
    again = export(cast, purpose="Once more.")
    assert again.sha256 == made.sha256  # nothing but the export happened: the same file, kept once
    with pytest.raises(sa.exc.DBAPIError, match="written once"), transaction():
        session.execute(sa.text("UPDATE study_export SET purpose = 'x'"))


def press(cast: Cast) -> StudyExport:
    """Carole presses the button."""
    told = perform(catalogue()["study-exports", "export-study-data"], None,
                   {"purpose": "Interim.", "protocol": None}, by=cast.carole)
    return things.get(StudyExport, told["code"])


def test_the_file_is_made_before_the_lock_and_not_again_inside(cast, person, monkeypatch) -> None:
    made_inside = []

    def counted(protocol):
        made_inside.append(session.info.get("open") is not None)
        return bundle(protocol)

    monkeypatch.setattr(service, "bundle", counted)
    made = press(cast)
    assert made_inside == [False]
    released_reagent(cast)  # what the file is not made from may move
    prepared = service.prepare_export("Interim.")
    released_reagent(cast)
    made_inside.clear()
    assert export(cast, prepared=prepared).sha256 == made.sha256 and made_inside == []
    export(cast)  # the control: who prepared nothing makes it inside
    assert made_inside == [True]


def test_what_moves_while_the_file_is_made_is_in_the_file(cast, person, monkeypatch) -> None:
    before = bundle(PROTOCOL)

    def overtaken(protocol):
        made = bundle(protocol)
        if session.info.get("open") is None:
            with clock.pinned(LATER):
                event(cast, person, term="Nausea")
        return made

    monkeypatch.setattr(service, "bundle", overtaken)
    made = press(cast)
    assert made.rows["AE"] == before.rows["AE"] + 1
    assert len(tables_of(service.data_of(made))["ae.csv"]) == made.rows["AE"]


def test_the_file_is_made_from_no_table_that_is_not_watched(cast, person) -> None:
    asked: set[str] = set()

    @sa.event.listens_for(db.engine, "before_cursor_execute")
    def heard(_connection, _cursor, statement, *_more) -> None:
        asked.update(re.findall(r"(?:FROM|JOIN|,)\s+\(?([a-z_]+)\b", statement))

    try:
        session.rollback()
        session.expunge_all()
        bundle(PROTOCOL)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", heard)
    read = asked & set(Base.metadata.tables)
    assert {"visit", "infusion", "adverse_event"} <= read
    assert read <= {table.name for table in service.READ}


def test_only_who_may_takes_data_along(cast, person) -> None:
    for who in ("paula", "quentin", "tessa", "adam"):
        with pytest.raises(NotAllowed):
            export(cast, by=getattr(cast, who))
    with pytest.raises(Malformed, match="no such protocol"):
        export(cast, protocol="nothing-1")
    with pytest.raises(WrongMoment, match="nothing to export"):
        export(cast, protocol="follow-on-1")


def test_the_page_the_machine_and_the_file(browse, cast, person) -> None:
    window = browse("carole")
    answer = window.post("/study-exports/export-study-data",
                         {"purpose": "Interim.", "step": "do", "key": "k" * 20})
    assert answer.status_code == 303
    made = session.scalars(sa.select(StudyExport)).one()
    page = window.get(f"/study-exports/{made.code}").text
    assert made.sha256 in page and "Adverse events: one row an event" in page
    for path in (f"/study-exports/{made.code}/file", f"/api/v1/study-exports/{made.code}/file"):
        sent = window.get(path)
        assert hashlib.sha256(sent.data).hexdigest() == made.sha256
        assert sent.headers["Content-Disposition"].startswith("attachment; filename=")
        assert browse("quentin").get(path).status_code == 403
        assert browse().get(path).status_code == 401
    assert "Save the file" not in browse("quentin").get(f"/study-exports/{made.code}").text


def test_the_command_asks_who_and_writes_the_file(cast, person, app, tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import contextmanager

    @contextmanager
    def here():
        yield app

    monkeypatch.setattr("mscbank.cli.study.bank", here)
    words = ["export", "study", "-o", str(tmp_path / "study.zip"), "--as", "carole", "--purpose",
             "Interim."]
    done = CliRunner().invoke(main, words, input=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    made = session.scalars(sa.select(StudyExport)).one()
    assert (tmp_path / "study.zip").read_bytes() == service.data_of(made)
    assert made.sha256 in done.output
    assert session.get_one(Account, made.recorded_by_id).username == "carole"
    refused = CliRunner().invoke(main, words, input="not hers\n")
    assert refused.exit_code != 0 and session.query(StudyExport).count() == 1
