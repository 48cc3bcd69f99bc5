"""The pages: choose, look, record; what was recorded; the shapes and the mapping of a new one."""

from __future__ import annotations

import base64
import io
import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from labels import housecode
from labels.housecode import Kind
from mscbank import clock
from mscbank.cultures.models import CultureCount
from mscbank.database import session
from mscbank.exchange.imports.models import CsvShape, Import
from mscbank.exchange.imports.rules import MOST_BYTES
from mscbank.schemas import Upload
from mscbank.testing.models import Result, Sample
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.imports.files import FLOW, counter, panel, sheet, viability, written
from tests.mscbank.web.conftest import Browser, entries, hidden
from tests.stages.cultures import seeded_culture
from tests.stages.testing import HOSPITAL

PATH = "/imports/import-results"


def count(model: type) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def look(browser: Browser, file: Upload, /, **typed: Any) -> TestResponse:
    """Choose the file and look at it."""
    return browser.post(PATH, {
        "file": (io.BytesIO(file["data"]), file["name"]), "shape": "vi-cell-blu-1",
        "laboratory": HOSPITAL, "step": "look"} | typed, content_type="multipart/form-data")


def kept(page: str) -> dict[str, str]:
    """What the preview sends on."""
    names = ("kept", "kept_name", "shape", "laboratory", "performed_at", "key")
    return {name: unescape(hidden(page, name)) for name in names}


def record(browser: Browser, page: str, step: str = "do") -> TestResponse:
    return browser.post(PATH, kept(page) | {"step": step}, content_type="multipart/form-data")


def test_a_file_is_chosen_looked_at_and_recorded(cast: Cast, sample: Sample, browse) -> None:
    tessa = browse("tessa")
    form = tessa.get(PATH).text
    assert HOSPITAL in form and "vi-cell-blu-1" in form
    before = entries()
    page = look(tessa, counter(viability(sample)))
    assert page.status_code == 200 and "Viability <strong>96.5 %</strong>" in page.text
    assert (entries(), count(Result), count(Import)) == (before, 0, 0)
    done = record(tessa, page.text)
    assert (done.status_code, count(Result), count(Import)) == (303, 1, 1)
    assert "Done: import results" in tessa.get(done.headers["Location"]).text


def test_the_back_button_imports_nothing_twice(cast: Cast, sample: Sample, browse) -> None:
    tessa = browse("tessa")
    page = look(tessa, counter(viability(sample))).text
    first, second = (record(tessa, page) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert (count(Result), count(Import)) == (1, 1)
    again = look(tessa, counter(viability(sample)))
    code = session.scalars(sa.select(Import)).one().code
    assert again.status_code == 409 and code in again.text


def test_a_refused_row_closes_the_way_and_offers_the_reasons(
        cast: Cast, sample: Sample, browse) -> None:
    tessa = browse("tessa")
    page = look(tessa, counter(viability(sample), viability(sample, "140")))
    assert page.status_code == 409 and "1 row of 2 is refused" in page.text
    assert 'value="do"' not in page.text
    done = record(tessa, page.text)
    assert done.status_code == 409 and count(Result) == count(Import) == 0
    assert "so nothing was recorded" in unescape(done.text)
    file = record(tessa, page.text, step="refused")
    assert file.headers["Content-Disposition"] == 'attachment; filename="refused-rows.csv"'
    assert "Reason" in file.text and "more than 100 %" in file.text


def test_a_failing_result_is_marked_before_it_is_recorded(
        cast: Cast, sample: Sample, browse) -> None:
    page = look(browse("tessa"), counter(viability(sample, "60"))).text
    assert "fails" in page and "is not at least 70" in page


@pytest.mark.parametrize("typed, field, said", [
    ({"shape": ""}, "shape", "This is needed."),
    ({"laboratory": ""}, "laboratory", "This is needed."),
    ({"shape": "other-1"}, "shape", "There is no shape"),
    ({"performed_at": "2026-03-02T09:30"}, "performed_at", "leave the time out"),
    ({"performed_at": "yesterday"}, "performed_at", "Give date and time"),
    ({"file": (b"", "")}, "file", "This is needed."),
    ({"file": (b" ", "a.csv")}, "file", "is empty"),
    ({"file": (b"a;b\r\n1;2", "a.csv")}, "file", "is missing in line 1")])
def test_what_cannot_be_is_said_at_its_box(
        typed: dict[str, Any], field: str, said: str, cast: Cast, sample: Sample,
        browse) -> None:
    if "file" in typed:  # a client closes what it sends
        typed = typed | {"file": (io.BytesIO(typed["file"][0]), typed["file"][1])}
    answer = look(browse("tessa"), counter(viability(sample)), **typed)
    page = unescape(answer.text)
    box = re.search(rf'id="box-{field}-said">(.*?)</p>', page, re.DOTALL)
    assert answer.status_code in (409, 422) and box and said in box[1]
    assert 'role="alert"' in page


def test_two_megabytes_pass_and_more_are_refused_in_words(
        cast: Cast, sample: Sample, browse) -> None:
    tessa, means = browse("tessa"), ["Mean,,,,,,,,," + "x" * 405] * 4990
    full = Upload(name="a.csv", data=written(FLOW + ",Note", panel(sample) + ",", *means))
    assert MOST_BYTES - 5000 < len(full["data"]) <= MOST_BYTES
    page = look(tessa, full, shape="flowjo-table-1")
    assert page.status_code == 200 and "4\N{NARROW NO-BREAK SPACE}990 left out" in page.text
    assert record(tessa, page.text).status_code == 303 and count(Result) == 6
    over = look(tessa, Upload(name="a.csv", data=full["data"] + means[0].encode() * 20))
    assert over.status_code == 422 and "more than 2 MB" in over.text


@pytest.mark.parametrize("username", ["quentin", "nadia", "paula", "carole", "adam"])
def test_only_technicians_may_open_the_form(username: str, cast: Cast, browse) -> None:
    assert browse(username).get(PATH).status_code == 403


def test_an_import_shows_what_it_gave_and_the_file_as_it_came(
        cast: Cast, sample: Sample, browse) -> None:
    tessa, file = browse("tessa"), counter(viability(sample), name="<script>.csv")
    record(tessa, look(tessa, file).text)
    found = session.scalars(sa.select(Import)).one()
    result = session.scalars(sa.select(Result)).one()
    page = tessa.get(address_of(found)).text
    assert address_of(result) in page and address_of(sample) in page
    assert "<script>.csv" not in page and found.sha256 in page
    back = tessa.get(address_of(result)).text
    assert f'<a href="{address_of(found)}">' in back and ", line 2" in back
    download = browse("quentin").get(f"{address_of(found)}/file.csv")
    assert download.data == file["data"]
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in download.headers["Content-Security-Policy"]
    listed = unescape(browse("quentin").get("/imports/").text)
    assert found.title in listed and 'href="/shapes/"' in listed and PATH not in listed
    assert PATH in tessa.get("/imports/").text


def address_of(thing: Any) -> str:
    return f"/{thing.SLUG}/{thing.code}"


def test_a_counts_import_leads_to_its_culture(cast: Cast, browse) -> None:
    with clock.pinned(START):
        culture = seeded_culture(cast)
    tessa, before = browse("tessa"), count(CultureCount)
    record(tessa, look(tessa, counter((culture.code, "1.3", "1.2", "", "50"))).text)
    assert count(CultureCount) == before + 1
    found = session.scalars(sa.select(Import)).one()
    assert address_of(culture) in tessa.get(address_of(found)).text


def test_the_shapes_are_listed_and_shown(cast: Cast, browse) -> None:
    tessa = browse("tessa")
    page = tessa.get("/shapes/").text
    assert "not certified" in page and "/shapes/shipped/nucleocounter-1" in page
    one = tessa.get("/shapes/shipped/nucleocounter-1").text
    assert "VOLUME (ml)" in one and 'name = "our-nucleocounter"' in unescape(one)
    assert tessa.get("/shapes/shipped/none-1").status_code == 404
    assert "Begin one of our own" not in browse("nadia").get(
        "/shapes/shipped/nucleocounter-1").text


THERE = housecode.with_check(Kind.SAMPLE, "HCXJXTPELJPRLVNR")
EXAMPLE = written("Device 7;;;", "Probe;Zeit;Vital;Bemerkung",
                  f"{THERE};02.03.2026 09:30;96,5;gut",
                  "keine;02.03.2026 09:31;97,5;", encoding="cp1252")
SAID = {"name": "unser-zaehler", "title": "Unser Zähler", "time_format": "%d.%m.%Y %H:%M",
        "zone": "Europe/Berlin", "what-1": "code", "what-2": "time", "what-3": "result",
        "test-3": "viability", "unit-3": "%", "method-3": "Dye exclusion"}


def mapped(browser: Browser, **said: str) -> TestResponse:
    """Upload the example, then say what each column is and try it."""
    first = browser.post("/shapes/map", {"file": (io.BytesIO(EXAMPLE), "beispiel.csv"),
                                         "step": "look"}, content_type="multipart/form-data")
    assert first.status_code == 200, first.text
    sent = {name: unescape(hidden(first.text, name)) for name in ("example", "example_name")}
    chosen = dict(re.findall(r'<select id="(encoding|delimiter|decimal)".*?'
                             r'<option value="([^"]*)" selected', first.text, re.DOTALL))
    assert chosen == {"encoding": "utf-8-sig", "delimiter": "semicolon", "decimal": "comma"}
    return browser.post("/shapes/map", sent | chosen | {"header_row": "2", "step": "try"}
                        | SAID | said, content_type="multipart/form-data")


def test_an_example_is_mapped_tried_and_saved(cast: Cast, browse) -> None:
    tessa = browse("tessa")
    page = mapped(tessa)
    assert page.status_code == 200 and "viability 96.5" in page.text
    assert "holds no code" in page.text  # the second row, told while mapping
    assert count(CsvShape) == 0
    text = unescape(re.search(r'<textarea name="sheet" hidden>(.*?)</textarea>',
                              page.text, re.DOTALL)[1])
    done = tessa.post("/shapes/save-shape", {"sheet": text, "step": "do",
                                             "key": hidden(page.text, "key")})
    assert done.status_code == 303
    saved = session.scalars(sa.select(CsvShape)).one()
    assert saved.reference == "unser-zaehler-1"
    shown = unescape(tessa.get(address_of(saved)).text)
    assert "version = 2" in shown and "Unser Zähler" in shown
    assert "unser-zaehler-1" in tessa.get(PATH).text
    form = tessa.post("/shapes/save-shape", {"sheet": text, "step": "change"})
    assert form.status_code == 200 and "unser-zaehler" in form.text and count(CsvShape) == 1


@pytest.mark.parametrize("said, sentence", [
    ({"what-1": ""}, "exactly one column"), ({"what-2": "code"}, "exactly one column"),
    ({"what-3": ""}, "at least one column"), ({"factor-3": "many"}, "the factor is a number"),
    ({"places-3": "9"}, "0 to 6"), ({"words-3": "neg"}, "write words as"),
    ({"header_row": "7"}, "does not stand in row 7"), ({"header_row": "x"}, "Choose encoding"),
    ({"encoding": "x"}, "Choose encoding"), ({"name": "Ä"}, "small letters"),
    ({"time_format": "%d"}, "hour and minute"), ({"what-3": "total cells"}, "needs both"),
    ({"method-3": ""}, "its test and its method"), ({"example": "%%"}, "Choose an example"),
    ({"what-2": ""}, "stand together")])
def test_what_cannot_be_mapped_is_said(
        said: dict[str, str], sentence: str, cast: Cast, browse) -> None:
    page = mapped(browse("tessa"), **said)
    assert page.status_code in (409, 422) and sentence in unescape(page.text)


def test_a_mapping_without_an_example_asks_for_one(cast: Cast, browse) -> None:
    quentin = browse("quentin")
    assert "Choose" not in quentin.get("/shapes/map").text
    page = quentin.post("/shapes/map", {"step": "look"})
    assert page.status_code == 422 and "Choose an example" in page.text
    assert browse("nadia").get("/shapes/map").status_code == 403


def test_a_shape_of_ones_own_reads_the_next_file(cast: Cast, sample: Sample, browse) -> None:
    tessa = browse("tessa")
    tessa.post("/shapes/save-shape", {"sheet": sheet(), "step": "do", "key": "save-it-1"})
    file = Upload(name="a.csv", data=written("Sample,When,Viability",
                                             f"{sample.code},02.03.2026 09:30,96.5"))
    page = look(tessa, file, shape="our-counter-1")
    assert record(tessa, page.text).status_code == 303 and count(Result) == 1


def test_a_machine_imports_by_the_same_act(cast: Cast, sample: Sample, bank, machine) -> None:
    client, headers = bank.test_client(), machine("tessa", Idempotency_Key="file-0001")
    file = counter(viability(sample))

    def sent(content: bytes) -> TestResponse:
        return client.post("/api/v1/imports/import-results", headers=headers, json={"data": {
            "shape": "vi-cell-blu-1", "laboratory": HOSPITAL, "file": {
                "name": file["name"], "base64": base64.b64encode(content).decode()}}})
    bad = counter(viability(sample, "140"))["data"]
    refused = sent(bad).json["error"]
    assert refused["status"] == 409 and "more than 100 %" in refused["fields"]["line 2"]
    told = sent(file["data"])
    assert told.status_code == 200 and told.json["rows"] == 1, told.text
    assert told.json["results"] == [session.scalars(sa.select(Result)).one().code]
    assert sent(file["data"]).json == told.json
    found = client.get(f"/api/v1/imports/{told.json['code']}", headers=headers).json
    assert found["code"] == told.json["code"]
    described = client.get("/api/v1/openapi.json", headers=headers).json["paths"]
    assert "/api/v1/imports/import-results" in described and "/api/v1/shapes" in described

