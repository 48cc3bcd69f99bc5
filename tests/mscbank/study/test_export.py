"""The study's data taken along: the tables, their dictionary, the act, and what is never in them."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from labels import housecode
from mscbank import clock, things
from mscbank.accounts.models import Account
from mscbank.acts import catalogue, perform
from mscbank.audit.models import Entry
from mscbank.cli import main
from mscbank.database import Base, db, session, transaction
from mscbank.errors import Malformed, NotAllowed, WrongMoment
from mscbank.exchange.study import service
from mscbank.exchange.study.bundle import bundle
from mscbank.exchange.study.dictionary import DICTIONARY
from mscbank.exchange.study.models import StudyExport
from mscbank.followup import service as followup
from mscbank.followup.models import Cause, Expectedness, Outcome, Seriousness, Side, Survival
from mscbank.followup.rules import Value
from mscbank.recipients import eligibility
from mscbank.recipients.models import Recipient
from mscbank.reports.trial.report import report
from specs import shelf
from tests.cast import PASSWORD, Cast
from tests.conftest import START
from tests.mscbank.web.conftest import browse, cast
from tests.stages.cultures import released_reagent
from tests.stages.followup import event, infused_recipient, news, opinion, serious_event, visit
from tests.stages.recipients import assess, consenting_recipient

__all__ = ["browse", "cast"]
PROTOCOL = shelf.protocol("nct02213705-2")
LATER = START + timedelta(days=200)
CODE = re.compile(rf"[{housecode.ALPHABET}]{{{housecode.LENGTH}}}")


@pytest.fixture
def person(cast: Cast) -> Recipient:
    """Somebody with a row in every table, and somebody who only consents."""
    found = infused_recipient(cast)
    with clock.pinned(LATER):
        consenting_recipient(cast, name="Rose Blanc")
        visit(cast, found, "D0", date(2026, 3, 2), temperature_c=Decimal("36.6"), pulse=70,
              systolic=120, diastolic=80, saturation=98)
        wrong = visit(cast, found, "M3", date(2026, 6, 3), mrss=41)
        with transaction():
            followup.correct_visit(
                wrong, "A secret reason.", date(2026, 6, 2), mrss_sites=[2] * 9 + [0] * 8,
                fvc_percent=Decimal("80.5"), haq_di=Decimal("1.125"), survival=Survival.ALIVE,
                laboratory=[Value("CRP", Decimal(9), "mg/L", None, Decimal(5))], by=cast.carole,
                at=LATER)
            followup.miss_visit(found, "M1", "A secret holiday.", by=cast.carole, at=LATER)
    about = serious_event(cast, found, narrative="Madame Lambert told her story.",
                          treatment="A secret treatment.")
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED, "A secret of the investigator.")
    opinion(cast, about, Side.SPONSOR, Cause.NOT_RELATED, None, Expectedness.EXPECTED)
    return found


def tables_of(data: bytes) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: list(csv.DictReader(io.StringIO(archive.read(name).decode(), newline="")))
                for name in archive.namelist() if name.endswith(".csv")}


def export(cast: Cast, **different: object) -> StudyExport:
    with transaction():
        return service.export_study(**{"purpose": "Interim analysis.", "by": cast.carole,
                                       "at": clock.now()} | different)


def test_every_table_has_its_rows(cast, person) -> None:
    found = tables_of(bundle(PROTOCOL).data)
    lengths = {name: len(rows) for name, rows in found.items() if name != "dictionary.csv"}
    assert lengths == {"dm.csv": 2, "ds.csv": 2, "ex.csv": 1, "ae.csv": 1, "sv.csv": 3,
                       "ss.csv": 1, "vs.csv": 6, "qs.csv": 19, "re.csv": 1, "lb.csv": 1}
    (treated, waiting) = found["dm.csv"]
    assert treated | {"RFSTDTC": ""} == {
        "STUDYID": "NCT02213705", "DOMAIN": "DM", "USUBJID": "NCT02213705-R-001",
        "SUBJID": "R-001", "RFICDTC": "2026-03-02", "RFSTDTC": "", "RFENDTC": "2026-06-02",
        "DTHFL": "", "AGE": "45", "AGEU": "YEARS", "SEX": "F", "ARMCD": "1", "ARM": "1000000",
        "ACTARMCD": "1", "PROTOCOL": person.protocol}
    assert treated["RFSTDTC"].startswith("2026-03-02T") and treated["RFSTDTC"].endswith("+01:00")
    assert (waiting["ARMCD"], waiting["ACTARMCD"], waiting["AGE"]) == ("NOTASSGN", "NOTTRT", "")
    (given,) = found["ex.csv"]
    assert (given["EXDOSE"], given["EXDOSKG"], given["EXSTDY"], given["EXROUTE"]) == (
        "70000000", "1000000", "1", "INTRAVENOUS")
    (lungs,) = found["re.csv"]
    assert (lungs["RETESTCD"], lungs["RESTRESN"], lungs["VISIT"], lungs["REDY"]) == (
        "FVCPP", "80.5", "M3", "93")
    (blood,) = found["lb.csv"]
    assert (blood["LBTESTCD"], blood["LBORNRHI"], blood["LBNRIND"]) == ("CRP", "5", "HIGH")
    assert {row["QSTESTCD"]: row["QSSTRESN"] for row in found["qs.csv"]} == {
        "MRSS": "18", "HAQDI": "1.125", **{f"MRSS{number:02}": "2" if number < 10 else "0"
                                           for number in range(1, 18)}}
    assert [(row["VISIT"], row["SVOCCUR"]) for row in found["sv.csv"]] == [
        ("D0", "Y"), ("M1", "N"), ("M3", "Y")]


def test_an_event_keeps_both_opinions_and_every_criterion(cast, person) -> None:
    with clock.pinned(LATER):
        news(cast, person.adverse_events[0], grade=4, outcome=Outcome.RECOVERED,
             ended_at=START + timedelta(days=4),
             seriousness=[Seriousness.HOSPITALISATION, Seriousness.LIFE_THREATENING])
    (row,) = tables_of(bundle(PROTOCOL).data)["ae.csv"]
    told = {name: row[name] for name in (
        "AETERM", "AEBODSYS", "AETOXGR", "AESER", "AESDTH", "AESLIFE", "AESHOSP", "AEREL",
        "AERELSP", "AEEXPECT", "AEOUT", "AESTDY", "AEENDY", "AETRTEM", "AEWINDOW", "AEINFO")}
    assert told == {
        "AETERM": "Sepsis", "AEBODSYS": "Infections and infestations", "AETOXGR": "4",
        "AESER": "Y", "AESDTH": "N", "AESLIFE": "Y", "AESHOSP": "Y", "AEREL": "RELATED",
        "AERELSP": "NOT RELATED", "AEEXPECT": "EXPECTED", "AEOUT": "recovered", "AESTDY": "1",
        "AEENDY": "5", "AETRTEM": "Y", "AEWINDOW": "within", "AEINFO": "2"}


def test_days_before_the_cells_are_below_zero_and_stay_numbers(cast, person) -> None:
    with clock.pinned(LATER):
        with transaction():
            from mscbank.recipients import service as recipients
            recipients.weigh(person, Decimal(70), START - timedelta(days=4), by=cast.nadia,
                             at=LATER)
    weights = [row for row in tables_of(bundle(PROTOCOL).data)["vs.csv"]
               if row["VSTESTCD"] == "WEIGHT"]
    assert [row["VSDY"] for row in weights] == ["-4", "1"]


def test_the_dictionary_knows_every_column_and_no_other(cast, person) -> None:
    found = tables_of(bundle(PROTOCOL).data)
    described = {}
    for row in found.pop("dictionary.csv"):
        described.setdefault(f"{row['domain'].lower()}.csv", []).append(row["variable"])
        assert row["label"] and row["type"] in ("text", "integer", "decimal", "date", "datetime")
    assert {name: list(rows[0]) for name, rows in found.items()} == described
    assert set(described) == {f"{domain.lower()}.csv" for domain in DICTIONARY}
    for name, rows in found.items():
        numbers = {each.name for each in DICTIONARY[name[:2].upper()][1]
                   if each.kind in ("integer", "decimal")}
        for row in rows:
            assert all(re.fullmatch(r"-?\d*(\.\d+)?", row[column]) for column in numbers), row


def test_no_name_no_birth_date_no_code_and_no_free_words_are_in_it(cast, person) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle(PROTOCOL).data)) as archive:
        everything = b"\n".join(archive.read(name) for name in archive.namelist()).decode()
    for word in ("Lambert", "Jeanne", "Rose Blanc", "1980", "SLS-", "secret", "her story"):
        assert word not in everything, word
    assert not CODE.search(everything)
    assert "R-001" in everything  # the control: what is asked for is there


def test_the_same_record_gives_the_same_bytes_and_another_record_others(cast, person) -> None:
    first = bundle(PROTOCOL).data
    with clock.pinned(LATER):
        assert bundle(PROTOCOL).data == first
        event(cast, person, onset_at=START + timedelta(days=1))
    assert bundle(PROTOCOL).data != first


def test_what_a_spreadsheet_would_run_is_words(cast, person) -> None:
    with clock.pinned(LATER):
        event(cast, person, term="Other, specify", other="=HYPERLINK(1)")
    terms = {row["AETERM"] for row in tables_of(bundle(PROTOCOL).data)["ae.csv"]}
    assert "'=HYPERLINK(1)" in terms


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


def test_a_screening_that_failed_stands_in_tables_and_report(cast) -> None:
    out = consenting_recipient(cast)
    assess(cast, out, mrss=10)
    with transaction():
        eligibility.screen_out(out, START.date(), "The skin is too good.", by=cast.paula, at=clock.now())
    found = tables_of(bundle(PROTOCOL).data)
    assert [row["DSDECOD"] for row in found["ds.csv"]] == [
        "INFORMED CONSENT OBTAINED", "SCREEN FAILURE"]
    assert [(row["ARMCD"], row["ACTARMCD"]) for row in found["dm.csv"]] == [("SCRNFAIL", "NOTTRT")]
    (disposition, *_) = report(PROTOCOL).chapters
    assert [line.figures[-1].text for line in disposition.lines[:3]] == ["1", "1", "0"]
