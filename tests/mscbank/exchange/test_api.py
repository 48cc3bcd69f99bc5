"""JSON for machines: the same acts and refusals, once each, described truthfully."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from mscbank import clock, things
from mscbank.acts import catalogue
from mscbank.cultures.models import ReagentLot
from mscbank.database import session
from mscbank.recipients.models import Recipient
from mscbank.reports.listing import PRIVATE
from mscbank.scanning.models import Scan
from mscbank.signatures.models import Signature
from tests.cast import PASSWORD
from tests.conftest import START
from tests.mscbank.web.conftest import ON_ONE_DATABASE, entries
from tests.stages.infusions import bedside
from tests.stages.labelling import label_text
from tests.stages.recipients import consenting_recipient, enrolled_recipient, examine

REAGENT = {"reagent": "medium", "name": "Alpha-MEM", "lot_number": "M77",
           "supplier": "Macopharma", "expires_on": "2027-01-31"}
NOWHERE = "BXBBBBBBBBBBBBBBBBBB"
ASSESSED = {"assessed_on": "2026-03-02"}


@pytest.fixture
def client(bank: Flask):
    return bank.test_client()


def count(model: type) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def keyed(headers: dict[str, str], key: str = "delivery-1") -> dict[str, str]:
    return headers | {"Idempotency-Key": key}


def test_a_retry_gets_the_same_answer_and_acts_once(client, machine) -> None:
    headers = keyed(machine("tessa"))
    answers = [client.post("/api/v1/reagents/add-reagent", json={"data": REAGENT},
                           headers=headers) for _ in range(3)]
    assert {(one.status_code, one.text) for one in answers} == {(200, answers[0].text)}
    assert count(ReagentLot) == 1
    told = answers[0].json
    assert told["act"] == "add reagent" and told["entry"] == entries()
    assert things.by_code(told["code"]).lot_number == "M77"


def test_the_same_key_for_another_request_is_refused(client, machine) -> None:
    headers = keyed(machine("tessa"))
    client.post("/api/v1/reagents/add-reagent", json={"data": REAGENT}, headers=headers)
    answer = client.post("/api/v1/reagents/add-reagent", headers=headers,
                         json={"data": REAGENT | {"lot_number": "M78"}})
    assert (answer.status_code, answer.json["error"]["field"]) == (422, "Idempotency-Key")
    assert count(ReagentLot) == 1


@ON_ONE_DATABASE
@pytest.mark.parametrize("key", [None, "", "short", "x" * 81, "clé-de-livraison"])
def test_every_act_asks_for_an_idempotency_key(key, client, machine) -> None:
    headers = machine("tessa") | ({} if key is None else {"Idempotency-Key": key})
    answer = client.post("/api/v1/reagents/add-reagent", json={"data": REAGENT}, headers=headers)
    assert (answer.status_code, answer.json["error"]["field"]) == (422, "Idempotency-Key")
    assert count(ReagentLot) == 0


@ON_ONE_DATABASE
@pytest.mark.parametrize("body, field", [
    ({}, "data"), ({"data": {}}, "reagent"), ({"data": REAGENT, "more": 1}, "more"),
    ({"data": REAGENT | {"colour": "red"}}, "colour"),
    ({"data": REAGENT, "signature": {"username": "a"}}, "signature"),
    ({"data": REAGENT | {"expires_on": "31/01/2027"}}, "expires_on"),
    ({"data": REAGENT | {"name": "x" * 81}}, "name"), ({"data": REAGENT | {"name": 7}}, "name"),
    ({"data": REAGENT | {"reagent": "water"}}, "reagent"), ({"data": [1]}, "data._schema"),
    ([1], "body"), ("text", "body")])
def test_what_cannot_be_is_refused_with_its_field(body, field, client, machine) -> None:
    before = entries()
    headers = keyed(machine("tessa"))
    answer = client.post("/api/v1/reagents/add-reagent", json=body, headers=headers)
    assert answer.status_code == 422
    assert answer.json["error"]["field"] in (field, field.removeprefix("data."))
    assert (count(ReagentLot), entries()) == (0, before + 1)  # the token's own entry


@ON_ONE_DATABASE
@pytest.mark.parametrize("sent, kind, status", [
    ("{not json", "application/json", 400), ("a=1", "application/x-www-form-urlencoded", 415),
    ("\xff", "application/json", 400)])
def test_what_is_not_json_is_refused(sent, kind, status, client, machine) -> None:
    answer = client.post("/api/v1/reagents/add-reagent", data=sent, content_type=kind,
                         headers=keyed(machine("tessa")))
    assert answer.status_code == answer.json["error"]["status"] == status


def test_a_machine_is_asked_for_the_reason_of_an_unusual_value_too(client, machine, cast) -> None:
    recipient, headers = enrolled_recipient(cast), machine("nadia")
    address = f"/api/v1/recipients/{recipient.code}/weigh"
    odd = {"kg": "300", "measured_at": "2026-03-02T08:30:00+01:00"}
    answer = client.post(address, json={"data": odd}, headers=keyed(headers))
    assert (answer.status_code, answer.json["error"]["field"]) == (422, "why_unusual")
    answer = client.post(address, json={"data": odd | {"why_unusual": "Weighed twice."}},
                         headers=headers | {"Idempotency-Key": "with-its-reason"})
    assert answer.status_code in (200, 201)


@pytest.mark.parametrize("moment", ["2026-03-02T08:30:00", "2026-03-02"])
def test_a_time_without_a_zone_is_refused(moment: str, client, machine, cast) -> None:
    recipient = enrolled_recipient(cast)
    answer = client.post(f"/api/v1/recipients/{recipient.code}/weigh", json={
        "data": {"kg": "70", "measured_at": moment}}, headers=keyed(machine("nadia")))
    assert (answer.status_code, answer.json["error"]["field"]) == (422, "measured_at")


def test_a_machine_reads_the_record_and_signs_it(client, machine, cast) -> None:
    recipient, headers = consenting_recipient(cast), machine("paula")
    examine(cast, recipient)
    path = f"/api/v1/recipients/{recipient.code}/assess"
    before = entries()
    read = client.post(f"{path}/record", json={"data": ASSESSED}, headers=headers).json
    by_address = client.get(f"{path}/record", headers=headers, query_string={
        name: ("no", "yes")[value] if isinstance(value, bool) else value
        for name, value in ASSESSED.items()}).json
    assert read == by_address and read["record"]["mrss"] == 22 and entries() == before
    signature = {"username": "paula", "password": PASSWORD, "seen": read["digest"]}
    answer = client.post(path, json={"data": ASSESSED, "signature": signature},
                         headers=keyed(headers))
    assert (answer.status_code, answer.json["failing"]) == (200, [])
    assert session.scalars(sa.select(Signature)).one().digest == read["digest"]


@pytest.mark.parametrize("wrong, status", [
    ({"seen": "0" * 64}, 409), ({"password": "wrong words"}, 401), ({"seen": "short"}, 422),
    ({"username": "tessa"}, 409)])
def test_a_signature_that_does_not_hold_is_refused(wrong, status, client, machine, cast) -> None:
    recipient, headers = consenting_recipient(cast), machine("paula")
    path = f"/api/v1/recipients/{recipient.code}/assess"
    digest = client.post(f"{path}/record", json={"data": ASSESSED}, headers=headers).json["digest"]
    signature = {"username": "paula", "password": PASSWORD, "seen": digest} | wrong
    answer = client.post(path, json={"data": ASSESSED, "signature": signature},
                         headers=keyed(headers))
    assert (answer.status_code, count(Signature)) == (status, 0)


def test_an_act_without_its_signature_is_refused(client, machine, cast) -> None:
    recipient = consenting_recipient(cast)
    answer = client.post(f"/api/v1/recipients/{recipient.code}/assess", json={"data": ASSESSED},
                         headers=keyed(machine("paula")))
    assert (answer.status_code, answer.json["error"]["field"]) == (422, "signature")


@ON_ONE_DATABASE
@pytest.mark.parametrize("authorization", [
    "", "Bearer", "Bearer nonsense", "Bearer msc_" + "x" * 43, "Basic dGVzc2E6eA=="])
def test_without_a_living_token_there_is_no_way_in(authorization: str, client, cast) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    for path in ("/api/v1/lots", "/api/v1/openapi.json", f"/api/v1/scan/{NOWHERE}",
                 "/api/v1/verdict?bag=a&recipient=b", "/api/v1/reports/safety"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == answer.json["error"]["status"] == 401


def test_a_token_ends(client, machine) -> None:
    headers = machine("tessa")
    with clock.pinned(START + timedelta(days=2)):
        assert client.get("/api/v1/lots", headers=headers).status_code == 401


def test_a_browsers_cookie_alone_does_no_act(browse) -> None:
    answer = browse("tessa").client.post("/api/v1/reagents/add-reagent", json={"data": REAGENT},
                                         headers={"Idempotency-Key": "delivery-1"})
    assert (answer.status_code, count(ReagentLot)) == (403, 0)


@ON_ONE_DATABASE
@pytest.mark.parametrize("username", ["tessa", "quentin", "paula", "nadia", "carole", "adam"])
def test_a_machine_may_what_its_person_may(username: str, client, machine, cast) -> None:
    headers, person = keyed(machine(username)), getattr(cast, username)
    for (place, slug), act in catalogue().items():
        path = f"/api/v1/{place}/{NOWHERE}/{slug}" if act.on else f"/api/v1/{place}/{slug}"
        status = client.post(path, json={"unasked": 1}, headers=headers).status_code
        assert status == (422 if person.may(act.permission) else 403), path


def test_a_list_is_paged_latest_first(client, machine, cast) -> None:
    made = [enrolled_recipient(cast).code for _ in range(5)]
    headers, seen, before = machine("carole"), [], ""
    for _ in range(3):
        page = client.get(f"/api/v1/recipients?limit=2{before}", headers=headers).json
        seen += [item["code"] for item in page["items"]]
        before = f"&before={page['next']}"
    assert (seen, page["next"]) == (made[::-1], None)


@ON_ONE_DATABASE
@pytest.mark.parametrize("asked", ["limit=0", "limit=101", "limit=ten", "limit=²", "before=BX"])
def test_a_page_that_cannot_be_is_refused(asked: str, client, machine) -> None:
    answer = client.get(f"/api/v1/recipients?{asked}", headers=machine("carole"))
    assert (answer.status_code, answer.json["error"]["sentence"][-1]) == (422, ".")


def test_a_thing_names_what_it_refers_to_by_code(client, machine, cast) -> None:
    side = bedside(cast)
    told = client.get(f"/api/v1/bags/{side.bag.code}", headers=machine("nadia")).json
    assert told["facts"]["lot"] == side.bag.lot.code and told["facts"]["volume_ml"] == "50"
    assert "id" not in told["facts"] and "entry" not in told["facts"]
    reasons = {act["act"]: act["why_not"] for act in told["acts"]}
    assert reasons["check"] is None and "ask technician" in reasons["store"]


def test_people_are_not_listed(client, machine, cast) -> None:
    headers = machine("quentin")
    for path in ("/api/v1/people", f"/api/v1/people/{cast.tessa.code}"):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, "argon2" in answer.text) == (404, False)


def test_nothing_that_is_told_holds_a_secret(client, machine, cast) -> None:
    side = bedside(cast)
    headers, told = machine("quentin"), ""
    for slug in things.SLUGS.keys() - PRIVATE:
        page = client.get(f"/api/v1/{slug}?limit=100", headers=headers)
        assert page.status_code == 200, slug
        told += page.text
        for item in page.json["items"][:2]:
            told += client.get(f"/api/v1/{slug}/{item['code']}", headers=headers).text
    assert side.recipient.code in told
    for secret in ("argon2", "Jeanne Lambert", "1980-05-17", "SLS-", "token_digest"):
        assert secret not in told


def test_a_verdict_is_a_word_with_every_reason(client, machine, cast) -> None:
    side, headers = bedside(cast), machine("nadia")
    asked = {"bag": label_text(side.bag), "recipient": side.band.code}
    go = client.get("/api/v1/verdict", query_string=asked, headers=headers).json
    assert go == {"verdict": "go", "findings": []}
    for wrong in ({}, {"bag": asked["bag"]}, asked | {"recipient": NOWHERE}, {"bag": "' OR 1=1"}):
        told = client.get("/api/v1/verdict", query_string=wrong, headers=headers).json
        assert told["verdict"] in ("stop", "cannot tell")
        assert all(set(one) == {"reason", "sentence"} for one in told["findings"])
        assert told["findings"]


def test_a_scan_says_what_it_is_and_is_logged_after_the_answer(client, machine, cast) -> None:
    recipient, headers = enrolled_recipient(cast), machine("nadia")
    with client.get(f"/api/v1/scan/{recipient.code}", headers=headers) as answer:
        told = answer.json
    assert (told["code"], told["kind"], told["problem"]) == (recipient.code, "recipient", None)
    assert "weigh" in [act["act"] for act in told["acts"] if act["why_not"] is None]
    with client.get("/api/v1/scan/?B&QèAàWZ", headers=headers) as answer:
        assert answer.status_code in (200, 404)
    assert count(Scan) >= 1


def test_a_trace_leads_both_ways(client, machine, cast) -> None:
    side = bedside(cast)
    answer = client.get(f"/api/v1/trace/{side.bag.code}", headers=machine("quentin"))
    assert answer.status_code == 200 and side.recipient.code in answer.text
    assert client.get(f"/api/v1/trace/{NOWHERE}", headers=machine("quentin")
                      ).status_code in (404, 422)


def test_the_description_names_every_act_and_only_what_is_there(client, machine, bank) -> None:
    told = client.get("/api/v1/openapi.json", headers=machine("tessa")).json
    for act in catalogue().values():
        path = f"/api/v1/{act.place}" + ("/{code}" if act.on else "") + f"/{act.slug}"
        asked = told["paths"][path]["post"]
        assert "Idempotency-Key" in [one["name"] for one in asked["parameters"]]
        assert (f"{path}/record" in told["paths"]) == (act.meaning is not None)
    adapter = bank.url_map.bind("localhost")
    for path, operations in told["paths"].items():
        for method in operations:
            concrete = path.replace("{code}", NOWHERE).replace("{text}", "x")
            assert adapter.match(concrete, method=method.upper())[0].startswith("api.")
    assert count(Recipient) == 0
