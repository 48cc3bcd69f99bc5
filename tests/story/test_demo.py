"""The reference trial, told through the acts, says what was published; and its trail holds."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from tests.story.conftest import Told, commanded


def test_the_demo_reproduces_the_published_numbers(told: Told) -> None:
    done = told.run("report", "safety", "--json")
    assert done.returncode == 0, done.stderr
    table = json.loads(done.stdout)
    text = (told.out / "reports/safety.txt").read_text()
    for words in (r"10 infused of 10 allocated, 1 x 10\^6", r"10 infused of 10 allocated, 3 x 10\^6",
                  "grade 3 or more, within 10 days: 0 in 0 people",
                  "any grade, within 10 days: 3 in 2 people", "1 x Flushing, grade 1",
                  "1 x Nausea, grade 1", "1 x Asthenia, grade 2",
                  r"after day 10: 36 in 14 people \(70.0 %\)",
                  "of these treatment-related: 0 in 0",
                  r"median 24.1 \(quartiles 20.8 to 24.5"):
        assert re.search(words, text), words
    assert json.loads((told.out / "reports/safety.json").read_text()).keys() == table.keys()


def test_the_study_report_of_the_demo_says_the_same_as_the_abstract(told: Told) -> None:
    chapters = json.loads((told.out / "reports/trial.json").read_text())["chapters"]

    def figure(chapter: str, row: str, column: str) -> object:
        (found,) = [line["figures"][column] for line in chapters[chapter]["rows"]
                    if line["title"] == row]
        return found

    doses = ("Cohort 1: 1 x 10^6/kg", "Cohort 2: 3 x 10^6/kg", "All")
    assert [figure("disposition", "Treated", dose) for dose in doses] == [10, 10, 20]
    assert [figure("baseline", row, "All") for row in ("Women", "Men")] == [13, 7]
    for row, events, people, percent, interval in (
            ("Related event of grade 3 or more, within 10 days", 0, 0, "0.0", ["0.0", "16.8"]),
            ("Related event of any grade, within 10 days", 3, 2, "10.0", ["1.2", "31.7"]),
            ("Event of grade 3 or more after day 10", 36, 14, "70.0", ["45.7", "88.1"]),
            ("Related event after day 10", 0, 0, "0.0", ["0.0", "16.8"])):
        assert [figure("endpoint", row, column) for column in (
            "Events", "People", "Of", "%", "95 % interval")] == [
            events, people, 20, percent, interval], row
    months = figure("follow-up", "Months, median (quartiles)", "All")
    assert [months[part] for part in ("median", "quartile_1", "quartile_3")] == [
        "24.1", "20.8", "24.5"]
    for term, event in (("Flushing", 1), ("Nausea", 1), ("Asthenia", 1)):
        assert figure("terms", term, "Within 10 days") == {"events": event, "people": 1}
    assert (told.out / "reports/trial.pdf").read_bytes().startswith(b"%PDF")


def test_the_study_data_of_the_demo_are_taken_along(told: Told) -> None:
    with zipfile.ZipFile(told.out / "reports/study.zip") as archive:
        rows = {name: archive.read(name).decode().count("\r\n") - 1
                for name in archive.namelist() if name.endswith(".csv")}
    assert (rows["dm.csv"], rows["ae.csv"]) >= (20, 39) and min(rows.values()) >= 20
    done = told.run("export", "study", "-o", str(told.out / "again.zip"), "--as", "julie",
                    "--purpose", "Once more.", "--password", "marrow to bedside 2026")
    assert done.returncode == 0, done.stderr
    assert (told.out / "again.zip").read_bytes() == (told.out / "reports/study.zip").read_bytes()


def test_the_people_and_their_password_are_told(told: Told) -> None:
    for word in ("lea", "claire", "ines", "dr.moreau", "julie", "admin", "marrow to bedside 2026"):
        assert word in told.output


def test_a_database_that_is_not_empty_is_refused(told: Told) -> None:
    done = told.run("demo", "--no-serve")
    assert done.returncode == 1 and "not empty" in done.stderr


def test_every_page_of_every_label_names_what_it_is_on_to_an_independent_reader(told: Told) -> None:
    files = sorted((told.out / "labels").glob("*.pdf"))
    assert len(files) > 60 and any("-unit-" in file.name for file in files)
    for file in files[::1 if told.url.startswith("sqlite") else 10]:
        code = file.stem.rsplit("-", 1)[1]
        document = pypdfium2.PdfDocument(file.read_bytes())
        assert len(document) == 1
        for page in document:
            picture = page.render(scale=300 / 72).to_pil()
            texts = [found.text for found in zxingcpp.read_barcodes(picture)]
            printed = 1 if "-unit-" in file.name else 2
            assert sum(text.startswith(code) for text in texts) == printed, (file.name, texts)
            assert not any(text.startswith("BX") and not text.startswith(code) for text in texts)
        document.close()


def test_each_decided_lot_has_its_certificate(told: Told) -> None:
    files = list((told.out / "certificates").glob("*.pdf"))
    assert len(files) >= 22 and all(file.read_bytes().startswith(b"%PDF") for file in files)


def test_the_trail_is_sound_also_against_the_checkpoint_kept_outside(told: Told) -> None:
    for words in (("audit", "verify"),
                  ("audit", "verify", "--checkpoint", str(told.out / "reports/checkpoint.txt"))):
        done = told.run(*words)
        assert done.returncode == 0, done.stdout
        assert "all sound" in done.stdout


ALTERED = (
    ("UPDATE audit_entry SET body = replace(body, 'T', 't') WHERE sequence = 700", "entry 700:"),
    ("UPDATE bag SET volume_ml = '49' WHERE id = 7", None),
    ("UPDATE result SET value = '99.9' WHERE test = 'viability' AND id < 40", None),
    ("UPDATE signature SET name = 'Somebody Else' WHERE id = 9", None),
    ("DELETE FROM audit_entry WHERE sequence > (SELECT max(sequence) - 3 FROM audit_entry)",
     "entry "),
)


@pytest.mark.parametrize("statement,names", ALTERED)
def test_an_alteration_behind_its_back_is_found_and_its_entry_named(
        told_on_sqlite: Told, tmp_path: Path, statement: str, names: str | None) -> None:
    copy = tmp_path / "copy.sqlite3"
    shutil.copy(told_on_sqlite.url.removeprefix("sqlite:///"), copy)
    connection = sqlite3.connect(copy, isolation_level=None)
    for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    table, where = re.match(r"(?:UPDATE|DELETE FROM) (\w+) .*?(WHERE .*)", statement).groups()
    key = "sequence" if table == "audit_entry" else "entry"
    touched = [row[0] for row in connection.execute(f"SELECT {key} FROM {table} {where}")]
    assert touched
    connection.execute(statement)
    connection.close()
    run = commanded(tmp_path, f"sqlite:///{copy}")
    done = run("audit", "verify", "--checkpoint",
               str(told_on_sqlite.out / "reports/checkpoint.txt"))
    assert done.returncode == 1
    assert (names or f"entry {touched[0]}:") in done.stdout


def test_trace_shows_the_whole_family_both_ways(told: Told) -> None:
    trees = {}
    for id_ in ("L17-003", "R-014", "D-012"):
        done = told.run("trace", id_)
        assert done.returncode == 0, done.stderr
        trees[id_] = done.stdout
        for words in ("Recipient R-014", "Donor D-012", "Harvest", "P0", "P1", "Lot L17-003",
                      "Bag 1 of lot L17-003", "Infusion"):
            assert words in done.stdout, (id_, words)
    harvest = re.search(r"Harvest (\w{13})", trees["L17-003"])[1]
    bag = re.search(r"Bag 1 of lot L17-003 .*?(BX\w{18})", trees["L17-003"])[1]
    for id_ in (harvest, bag):
        assert "Recipient R-014" in told.run("trace", id_).stdout
    assert told.run("trace", "L99-999").returncode == 1


def test_a_custody_record_and_a_label_are_written(told: Told, tmp_path: Path) -> None:
    tree = json.loads(told.run("trace", "L17-003", "--json").stdout)
    bag = re.search(r"BX\w{18}", json.dumps(tree))[0]
    record = json.loads(told.run("report", "custody", bag, "--json").stdout)
    assert any("excursion judged" in step["what"] for step in record["steps"])
    done = told.run("label", bag, "-o", str(tmp_path / "label.pdf"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "label.pdf").read_bytes().startswith(b"%PDF")
    done = told.run("report", "batch", "L17-003", "-o", str(tmp_path / "batch.pdf"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "batch.pdf").stat().st_size > 5000
