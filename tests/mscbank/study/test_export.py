"""The study's data taken along: the tables, their dictionary, and what is never in them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta
from decimal import Decimal

from labels import housecode
from mscbank import clock
from mscbank.database import transaction
from mscbank.exchange.study.bundle import bundle
from mscbank.exchange.study.dictionary import DICTIONARY
from mscbank.followup.models import Outcome, Seriousness
from mscbank.infusions.service import observe
from mscbank.recipients import eligibility
from mscbank.reports.trial.report import report
from tests.conftest import START
from tests.mscbank.study.followed import LATER, PROTOCOL, person, tables_of
from tests.mscbank.web.conftest import cast
from tests.stages.followup import event, infused_recipient, news, visit
from tests.stages.infusions import CALM
from tests.stages.recipients import assess, consenting_recipient, weigh
from tests.stages.seen import seen_beside

__all__ = ["cast", "person"]
CODE = re.compile(rf"[{housecode.ALPHABET}]{{{housecode.LENGTH}}}")


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


def test_vital_signs_beside_a_bag_are_taken_along_as_they_stand(cast) -> None:
    seen_beside(cast, infused_recipient(cast).infusions[0])
    beside = [row for row in tables_of(bundle(PROTOCOL).data)["vs.csv"] if row["VSTPT"]]
    assert {row["VSTESTCD"]: row["VSSTRESN"] for row in beside} == {
        "TEMP": "36.8", "PULSE": "91", "SYSBP": "124", "DIABP": "78", "OXYSAT": "98"}
    assert len(beside) == 5  # the slip and the neighbour's are not there


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


def test_a_value_out_of_the_usual_has_its_reason_in_a_column_of_its_own(cast) -> None:
    person = infused_recipient(cast)
    with transaction():
        observe(person.infusions[0], **CALM | {"saturation": 84}, why_unusual="=Cold hands.",
                by=cast.nadia, at=clock.now())
    with clock.pinned(LATER):
        weigh(cast, person, Decimal(50))
        visit(cast, person, "M3", date(2026, 6, 3), pulse=135, saturation=97, mrss=18,
              why_unusual="Ran up the stairs.")
    found = tables_of(bundle(PROTOCOL).data)
    assert {(row["VSTESTCD"], row["VSORRES"], row["VSWHY"]) for row in found["vs.csv"]
            if row["VSWHY"]} == {("WEIGHT", "50", "Weighed twice."), ("OXYSAT", "84", "'=Cold hands."),
                                 ("PULSE", "135", "Ran up the stairs.")}
    assert [row["label"] for row in found["dictionary.csv"] if row["variable"] == "VSWHY"] == [
        "Why a value out of the usual is right, in the words of who recorded it (ours); empty "
        "where it is usual"]


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
