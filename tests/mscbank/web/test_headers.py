"""What every answer carries, and what is said when something is not done."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import pytest
from flask import Flask, abort

from mscbank.errors import Refused
from mscbank.web import open_to_all
from mscbank.web.headers import ALWAYS
from tests.mscbank.web.conftest import ON_ONE_DATABASE, entries

pytestmark = ON_ONE_DATABASE
ADDRESSES = ["/", "/sign-in", "/nowhere", "/health", "/static/mscbank.css", "/api/v1/lots"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_is_dressed(path: str, bank: Flask, browse) -> None:
    answer = browse().get(path)
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize("path", ["/", "/lots/", "/api/v1/lots", "/sign-in"])
def test_nothing_of_the_record_is_kept_by_a_browser(path: str, bank, browse) -> None:
    assert browse("tessa").get(path).headers["Cache-Control"] == "no-store"


def test_the_policy_allows_no_inline_script_and_no_inline_style(bank: Flask) -> None:
    policy = ALWAYS["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/", "/lots/", "/reagents/add-reagent", "/password"])
def test_no_page_has_inline_script_or_style(path: str, bank, browse) -> None:
    page = browse("tessa").get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]+src=)|javascript:", page)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_trace_is_refused(method: str, bank: Flask, browse) -> None:
    assert browse("tessa").client.open("/", method=method).status_code == 405


def test_by_https_the_cookie_is_bound_to_this_host(monkeypatch, bank: Flask, browse) -> None:
    monkeypatch.setitem(bank.extensions, "mscbank", replace(bank.extensions["mscbank"], https=True))
    cookie = browse().client.post("/sign-in", data={
        "username": "tessa", "password": "a quiet morning in the ward"}).headers["Set-Cookie"]
    assert cookie.startswith("__Host-msc=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {
        "Secure", "HttpOnly", "Path=/", "SameSite=Strict"}


@pytest.mark.alters_app
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422, 500])
@pytest.mark.parametrize("path", ["/api/v1/fail", "/fail"])
def test_every_refusal_is_a_sentence_and_what_next(status: int, path: str, bank, browse) -> None:
    @open_to_all
    def fail() -> None:
        abort(status) if status != 500 else 1 / 0
    bank.add_url_rule(path, f"fail{status}{len(path)}", fail)
    answer = browse("tessa").get(path)
    assert answer.status_code == status
    assert "Traceback" not in answer.text and "ZeroDivision" not in answer.text
    if path.startswith("/api"):
        error = answer.json["error"]
        assert set(error) == {"status", "sentence", "field", "reasons"}
        assert error["status"] == status and error["sentence"].endswith(".")
    else:
        assert re.search(r"<h1>[^<]+\.</h1>\s*<p>[^<]+\.</p>", answer.text)


@pytest.mark.alters_app
def test_a_refusal_reads_the_same_for_people_and_machines(bank: Flask, browse) -> None:
    @open_to_all
    def refuse() -> None:
        raise Refused("The bag is held: ask quality assurance.", field="bag", reasons=("held",))
    bank.add_url_rule("/refuse", "refuse", refuse)
    bank.add_url_rule("/api/v1/refuse", "api-refuse", refuse)
    tessa = browse("tessa")
    assert "The bag is held: ask quality assurance." in tessa.get("/refuse").text
    assert tessa.get("/api/v1/refuse").json == {"error": {
        "status": 409, "sentence": "The bag is held: ask quality assurance.", "field": "bag",
        "reasons": ["held"]}}


def test_a_form_too_large_is_refused(bank: Flask, browse) -> None:
    assert browse("tessa").post("/scan", {"text": "B" * 5_000_000}).status_code == 413


def test_looking_writes_no_entry(bank: Flask, browse) -> None:
    tessa = browse("tessa")
    before = entries()
    for path in ("/", "/lots/", "/recipients/", "/reagents/add-reagent", "/password", "/health",
                 "/api/v1/lots", "/api/v1/scan/BXBBBB", "/api/v1/verdict?bag=a&recipient=b",
                 "/api/v1/openapi.json", "/nowhere"):
        for method in ("GET", "HEAD"):
            tessa.client.open(path, method=method).close()
    assert entries() == before


def test_sheets_and_scripts_come_packed_to_who_unpacks_them(browse) -> None:
    here = browse("tessa")
    path = re.search(r"/static/mscbank\.css\?v=\w+", here.get("/").text)[0]
    plain = here.get(path)
    packed = here.get(path, headers={"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3
    again = here.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304
    for each in (plain, packed):
        assert "Accept-Encoding" in each.headers["Vary"]


def test_a_page_with_secrets_is_never_packed(browse) -> None:
    """Its size would tell of the token in it (BREACH)."""
    page = browse("tessa").get("/", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert "Content-Encoding" not in page.headers
