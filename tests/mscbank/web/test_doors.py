"""Who gets in: every address has a door, and the door reads the wall chart."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask

from mscbank import clock
from mscbank.accounts import service
from mscbank.accounts.service import find_account
from mscbank.acts import catalogue
from mscbank.audit.service import record
from mscbank.database import transaction
from mscbank.permissions import Role
from mscbank.web.doors import OPEN
from tests.cast import PASSWORD, PEOPLE
from tests.conftest import START
from tests.mscbank.web.conftest import ON_ONE_DATABASE, entries, hidden

OPEN_ADDRESSES = {"/health", "/sign-in", "/sign-in/second", "/enrol", "/language", "/static/<path:filename>"}
NOWHERE = "BXBBBBBBBBBBBBBBBBBB"


def filled(rule) -> str:
    """An address of this rule; nothing stands there."""
    path = rule.rule
    for argument in rule.arguments:
        for kind in ("code:", "slug:", "path:", "int:", ""):
            path = path.replace(f"<{kind}{argument}>", NOWHERE if "code" in (kind[:-1], argument)
                                else "bags" if argument in ("place", "room") else "destroy"
                                if argument == "slug" else "1")
    return path


@pytest.fixture(autouse=True)
def pages_are_on(bank: Flask) -> None:
    """The addresses are there before any client asks."""
    bank.test_client()


def test_every_address_has_a_door(bank: Flask) -> None:
    without = [rule.rule for rule in bank.url_map.iter_rules()
               if getattr(bank.view_functions[rule.endpoint], "door", None) is None]
    assert without == []


def test_only_these_addresses_are_open_to_all(bank: Flask) -> None:
    is_open = {rule.rule for rule in bank.url_map.iter_rules()
               if bank.view_functions[rule.endpoint].door == OPEN}
    assert is_open == OPEN_ADDRESSES


def test_a_stranger_gets_in_nowhere(bank: Flask, browse) -> None:
    stranger, before = browse().client, entries()
    for rule in bank.url_map.iter_rules():
        if rule.rule in OPEN_ADDRESSES:
            continue
        for method in rule.methods - {"OPTIONS"}:
            answer = stranger.open(filled(rule), method=method)
            assert answer.status_code in (401, 404), (method, rule.rule)
    assert entries() == before


@pytest.mark.alters_app
def test_a_route_that_forgot_its_door_is_refused_to_everyone(bank: Flask, browse) -> None:
    bank.add_url_rule("/forgotten", view_func=lambda: "secret")
    for username in (None, "adam", "quentin"):
        answer = browse(username).get("/forgotten")
        assert (answer.status_code, "secret" in answer.text) == (403, False)


@ON_ONE_DATABASE
@pytest.mark.parametrize("username", PEOPLE)
def test_the_form_of_an_act_opens_exactly_to_those_of_the_chart(
        username: str, bank: Flask, browse, cast) -> None:
    browser, person = browse(username), getattr(cast, username)
    for (place, slug), act in catalogue().items():
        path = f"/{place}/{NOWHERE}/{slug}" if act.on else f"/{place}/{slug}"
        status = browser.get(path).status_code
        assert (status == 403) == (not person.may(act.permission)), (path, status)


def test_a_role_taken_is_gone_at_the_next_request(bank: Flask, browse, cast) -> None:
    tessa = browse("tessa")
    assert tessa.get("/reagents/add-reagent").status_code == 200
    with transaction():
        service.take_role(find_account("tessa"), Role.TECHNICIAN, by=cast.adam, at=clock.now(),
                          reason="left the laboratory")
    assert tessa.get("/reagents/add-reagent").status_code == 403


def test_an_ended_account_is_out_at_the_next_request(bank: Flask, browse, cast) -> None:
    tessa = browse("tessa")
    with transaction():
        service.end_account(find_account("tessa"), by=cast.adam, at=clock.now(), reason="left")
    assert tessa.get("/").status_code == 401


@pytest.mark.parametrize("minutes, alive", [(14, True), (16, False)])
def test_an_idle_session_ends(minutes: int, alive: bool, bank: Flask, browse) -> None:
    tessa = browse("tessa")
    with clock.pinned(START + timedelta(minutes=minutes)):
        assert (tessa.get("/").status_code == 200) is alive


def test_a_busy_session_ends_after_its_longest_time(bank: Flask, browse) -> None:
    tessa = browse("tessa")
    for minute in range(0, 600, 10):
        with clock.pinned(START + timedelta(minutes=minute)):
            assert tessa.get("/").status_code == 200
    with clock.pinned(START + timedelta(minutes=601)):
        assert tessa.get("/").status_code == 401


def test_signing_out_ends_the_session_on_the_server(bank: Flask, browse) -> None:
    tessa = browse("tessa")
    cookie = tessa.client.get_cookie("msc").value
    answer = tessa.post("/sign-out")
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (
        303, '"cache", "storage"')
    stolen = browse()
    stolen.client.set_cookie("msc", cookie)
    assert stolen.get("/").status_code == 401


@pytest.mark.parametrize("given", ["", "another", None])
def test_a_form_without_the_sessions_token_is_refused(given, bank: Flask, browse) -> None:
    tessa = browse("tessa")
    before = entries()
    sent = {} if given is None else {"csrf": given}
    assert tessa.client.post("/sign-out", data=sent).status_code == 403
    assert (entries(), tessa.get("/").status_code) == (before, 200)


def test_the_token_may_come_as_a_header(bank: Flask, browse) -> None:
    tessa = browse("tessa")
    assert tessa.client.post("/sign-out", headers={"X-CSRF": tessa.csrf}).status_code == 303


def test_the_token_of_another_session_is_refused(bank: Flask, browse) -> None:
    tessa, theo = browse("tessa"), browse("theo")
    assert tessa.post("/sign-out", {"csrf": theo.csrf}).status_code == 403


@ON_ONE_DATABASE
@pytest.mark.parametrize("header", [
    {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}])
def test_what_another_site_sends_is_refused(header: dict, bank: Flask, browse) -> None:
    assert browse("tessa").post("/sign-out", headers=header).status_code == 403
    answer = browse().client.post("/sign-in", data={"username": "tessa", "password": PASSWORD},
                                  headers=header)
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (403, None)


def test_failed_sign_ins_are_slowed_down_and_recorded(bank: Flask, browse) -> None:
    client, before = browse().client, entries()
    for _ in range(3):
        answer = client.post("/sign-in", data={"username": "tessa", "password": "wrong words"})
        assert (answer.status_code, "do not match" in answer.text) == (401, True)
    assert entries() == before + 3
    answer = client.post("/sign-in", data={"username": "tessa", "password": PASSWORD})
    assert (answer.status_code, "wait" in answer.text) == (401, True)
    with clock.pinned(START + timedelta(seconds=3)):
        assert client.post("/sign-in", data={"username": "tessa", "password": PASSWORD}
                           ).status_code == 303


@ON_ONE_DATABASE
@pytest.mark.parametrize("asked, goes", [
    ("/lots/", "/lots/"), ("//elsewhere.example", "/"), ("https://elsewhere.example", "/"),
    ("/\\elsewhere.example", "/"), ("", "/"), ("lots", "/")])
def test_after_signing_in_one_goes_nowhere_but_here(asked: str, goes: str, bank, browse) -> None:
    answer = browse().client.post("/sign-in", data={
        "username": "tessa", "password": PASSWORD, "back": asked})
    assert answer.headers["Location"] == goes


def test_a_given_password_is_changed_before_anything_else(bank: Flask, browse, cast) -> None:
    with transaction():
        find_account("nadia").must_change = True
        record("account added", find_account("nadia"), by=cast.adam, at=clock.now())
    nadia = browse("nadia")
    answer = nadia.get("/recipients/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/password")
    new = "four grey herons on a roof"
    wrong = nadia.post("/password", {"present_password": PASSWORD, "new_password": new,
                                     "again_password": new + "!"})
    assert (wrong.status_code, "twice alike" in wrong.text) == (422, True)
    assert nadia.post("/password", {"present_password": PASSWORD, "new_password": new,
                                    "again_password": new}).status_code == 200
    assert nadia.get("/recipients/").status_code == 200


def test_what_was_typed_outlives_the_session(bank: Flask, browse) -> None:
    tessa = browse("tessa")
    csrf = tessa.csrf
    with clock.pinned(START + timedelta(minutes=30)):
        answer = tessa.client.post("/reagents/add-reagent", data={
            "csrf": csrf, "name": "Alpha <b>MEM", "step": "do", "signer_password": "secret word"})
        assert (answer.status_code, "secret word" in answer.text) == (401, False)
        resumed = tessa.client.post("/sign-in", data={
            "username": "tessa", "password": PASSWORD, "back": hidden(answer.text, "back"),
            "kept": unescape(hidden(answer.text, "kept"))})
        assert (resumed.status_code, 'name="name" value="Alpha &lt;b&gt;MEM"' in resumed.text) == (
            200, True)
        form = tessa.post("/reagents/add-reagent", {"name": "Alpha <b>MEM", "step": "change"})
        assert (form.status_code, "Alpha &lt;b&gt;MEM" in form.text) == (200, True)


def test_the_door_sends_as_its_page_says_to_where_the_person_wanted(browse) -> None:
    """As a browser does it: with every box of the form, whatever stands in them."""
    door = browse(None).client
    form = door.get("/sign-in?back=/lots/").text.partition('action="/sign-in"')[2]
    boxes = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"',
                            form.partition("</form>")[0]))
    answer = door.post("/sign-in", data=boxes | {"username": "tessa", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/lots/")
