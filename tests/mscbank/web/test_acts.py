"""The form of any act: drawn, checked, done once, signed over what was read."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.cultures.models import ReagentLot
from mscbank.database import session, transaction
from mscbank.recipients.models import Recipient, Weight
from mscbank.release import stops
from mscbank.signatures.models import Signature
from tests.cast import PASSWORD
from tests.mscbank.web.conftest import ON_ONE_DATABASE, Browser, entries, hidden
from tests.stages import release
from tests.stages.infusions import bedside
from tests.stages.labelling import label_text
from tests.stages.recipients import consenting_recipient, enrolled_recipient

REAGENT = {"reagent": "medium", "name": "Alpha-MEM", "lot_number": "M77", "supplier": "Macopharma",
           "expires_on": "2027-01-31", "step": "do"}
ANSWERS = {"assessed_on": "2026-03-02"}


def count(model: type) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(model))


def send(browser: Browser, path: str, data: dict, key: str = "press-1"):
    return browser.post(path, data | {"key": key})


def weigh(browser: Browser, recipient: Recipient, key: str = "press-1", **typed: str):
    return send(browser, f"/recipients/{recipient.code}/weigh",
                {"kg": "70", "measured_at": "2026-03-02T08:30", "step": "do"} | typed, key)


def test_an_act_is_done_and_confirmed_with_its_entry_and_a_way_on(cast, browse) -> None:
    tessa = browse("tessa")
    answer = send(tessa, "/reagents/add-reagent", REAGENT)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/done/press-1")
    page = tessa.get("/done/press-1").text
    reagent = session.scalars(sa.select(ReagentLot)).one()
    assert reagent.name == "Alpha-MEM"
    assert f"entry {entries()} of the trail" in page and f"/reagents/{reagent.code}" in page


def test_a_second_press_does_nothing_more(cast, browse) -> None:
    tessa = browse("tessa")
    first, second = (send(tessa, "/reagents/add-reagent", REAGENT) for _ in range(2))
    assert (first.status_code, first.headers["Location"]) == (
        second.status_code, second.headers["Location"])
    assert count(ReagentLot) == 1


def test_the_same_form_with_other_words_is_not_done_by_itself(cast, browse) -> None:
    tessa = browse("tessa")
    send(tessa, "/reagents/add-reagent", REAGENT)
    answer = send(tessa, "/reagents/add-reagent", REAGENT | {"lot_number": "M78"})
    assert (answer.status_code, "only if it is to be done once more" in answer.text) == (422, True)
    assert count(ReagentLot) == 1
    key = hidden(answer.text, "key")
    assert key != "press-1"
    assert send(tessa, "/reagents/add-reagent", REAGENT | {"lot_number": "M78"}, key
                ).status_code == 303
    assert count(ReagentLot) == 2


def test_the_confirmation_of_another_person_is_not_shown(cast, browse) -> None:
    send(browse("tessa"), "/reagents/add-reagent", REAGENT)
    assert browse("theo").get("/done/press-1").status_code == 404


@ON_ONE_DATABASE
@pytest.mark.parametrize("field, typed, said", [
    ("kg", "", "This is needed."), ("kg", "seventy", "Give a number"),
    ("kg", "1,250", "write the decimal mark as a point"), ("kg", "-3", "2"), ("kg", "900", "Give 2 to 400."),
    ("kg", "NaN", "number"), ("kg", "1e999", "4"), ("measured_at", "", "This is needed."),
    ("measured_at", "yesterday", "Give date and time"),
    ("measured_at", "2026-03-29T02:30", "no such time that night"),
    ("measured_at", "2025-10-26T02:30", "came twice"),
    ("measured_at", "2026-03-03T09:00", "lies in the future")])
def test_a_value_that_cannot_be_is_said_at_its_box_and_above(
        field: str, typed: str, said: str, cast, browse) -> None:
    recipient = enrolled_recipient(cast)
    answer = weigh(browse("nadia"), recipient, **{field: typed})
    page = unescape(answer.text)
    assert answer.status_code == 422 and count(Weight) == 0
    at_box = re.search(rf'id="box-{field}-said">(.*?)</p>', page, re.S)
    assert at_box and said in at_box[1] and 'role="alert"' in page
    other = "kg" if field != "kg" else "measured_at"
    assert f'name="{other}"' in page and ("70" if other == "kg" else "2026-03-02T08:30") in page


@ON_ONE_DATABASE
def test_a_value_out_of_the_usual_opens_a_box_for_its_reason(cast, browse) -> None:
    recipient, nurse = enrolled_recipient(cast), browse("nadia")
    assert "why_unusual" not in nurse.get(f"/recipients/{recipient.code}/weigh").text
    assert weigh(nurse, recipient, kg="70").status_code == 303  # the control: nothing is asked
    odd = {"kg": "48", "measured_at": "2026-03-02T08:45", "key": "press-2"}
    asked = weigh(nurse, recipient, **odd)
    page = unescape(asked.text)
    assert asked.status_code == 422 and count(Weight) == 1
    assert "48 kg is 31 % below the last value, 70 kg." in page and 'value="48"' in page
    assert 'role="alert"' in page and 'name="why_unusual"' in page
    assert 'name="why_unusual" required' not in page  # a slip is typed again, without a reason
    told = weigh(nurse, recipient, **odd | {"why_unusual": "Weighed twice.", "key": "press-3"})
    assert told.status_code == 303 and count(Weight) == 2


def test_an_hour_that_came_twice_is_taken_with_its_offset(cast, browse) -> None:
    recipient = enrolled_recipient(cast)
    assert weigh(browse("nadia"), recipient, measured_at="2025-10-26T02:30:00+01:00"
                 ).status_code == 303
    assert session.scalars(sa.select(Weight)).one().measured_at.hour == 1


def test_a_time_is_read_on_the_sites_clock(cast, browse) -> None:
    recipient = enrolled_recipient(cast)
    assert weigh(browse("nadia"), recipient).status_code == 303
    assert session.scalars(sa.select(Weight)).one().measured_at.isoformat() == (
        "2026-03-02T07:30:00+00:00")


def test_what_was_typed_is_shown_and_never_believed(cast, browse) -> None:
    page = send(browse("tessa"), "/reagents/add-reagent",
                REAGENT | {"name": '"><script>alert(1)</script>', "expires_on": "x"}).text
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page


def test_a_refused_act_is_a_sentence_and_an_entry(cast, browse) -> None:
    recipient = enrolled_recipient(cast)
    before = entries()
    answer = send(browse("carole"), f"/recipients/{recipient.code}/withdraw-consent",
                  {"reason": "none given", "step": "do"})
    assert answer.status_code == 409 and "none given" in answer.text
    last = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc())).first()
    body = json.loads(last.body)
    assert entries() == before + 2  # the sign-in and the refusal
    assert (last.act, body["facts"]["attempted"]) == ("refused", "withdraw consent")


def test_the_form_of_an_act_that_is_not_possible_now_says_why(cast, browse) -> None:
    recipient = enrolled_recipient(cast)
    page = browse("paula").get(f"/recipients/{recipient.code}/allocate").text
    assert 'class="alarm quietly"' in page


def test_the_address_prefills_the_form(cast, browse) -> None:
    recipient = enrolled_recipient(cast)
    page = browse("nadia").get(f"/recipients/{recipient.code}/weigh?kg=68.5").text
    assert 'value="68.5"' in page


@pytest.mark.parametrize("path", ["/recipients/{code}/fly", "/nothing/{code}/weigh",
                                  "/bags/{code}/destroy", "/recipients/begin-nothing"])
def test_an_act_that_is_not_there_is_not_found(path: str, cast, browse) -> None:
    recipient = enrolled_recipient(cast)
    assert browse("tessa").get(path.format(code=recipient.code)).status_code == 404


# Signing

def assess(browser: Browser, recipient: Recipient, **more: str):
    return send(browser, f"/recipients/{recipient.code}/assess", ANSWERS | more)


def signing(page: str, **more: str) -> dict[str, str]:
    return {"seen": hidden(page, "seen"), "step": "sign", "signer": "paula",
            "signer_password": PASSWORD} | more


def test_a_signature_covers_the_record_that_was_shown(cast, browse) -> None:
    recipient, paula = consenting_recipient(cast), browse("paula")
    page = assess(paula, recipient, step="review")
    assert page.status_code == 200 and count(Signature) == 0
    assert "I have assessed this recipient against the protocol&#39;s criteria." in page.text
    assert hidden(page.text, "seen") in re.search(r"sha256 <code>(\w+)", page.text)[1]
    assert hidden(page.text, "assessed_on") == "2026-03-02"
    assert assess(paula, recipient, **signing(page.text)).status_code == 303
    signature = session.scalars(sa.select(Signature)).one()
    assert (signature.digest, signature.name) == (hidden(page.text, "seen"), "Paula Meyer")


@pytest.mark.parametrize("wrong, status, said", [
    ({"signer_password": "not my password"}, 401, "do not match"),
    ({"signer": "carole"}, 409, "another person"),
    ({"signer_password": ""}, 409, "must be signed"),
    ({"seen": "0" * 64}, 409, "changed after you read it"), ({"seen": ""}, 409, "must be signed")])
def test_a_signature_that_does_not_hold_is_refused_and_nothing_typed_is_lost(
        wrong: dict, status: int, said: str, cast, browse) -> None:
    recipient, paula = consenting_recipient(cast), browse("paula")
    page = assess(paula, recipient, step="review").text
    answer = assess(paula, recipient, **signing(page, **wrong))
    assert (answer.status_code, said in answer.text, count(Signature)) == (status, True, 0)
    assert hidden(answer.text, "assessed_on") == "2026-03-02" and PASSWORD not in answer.text
    assert f'name="signer" value="{wrong.get("signer", "paula")}"' in answer.text
    assert assess(paula, recipient, **signing(answer.text)).status_code == 303


def test_what_changed_between_reading_and_signing_stops_the_signature(cast, browse) -> None:
    lot, quentin = release.reviewed(cast, release.tested_lot(cast)), browse("quentin")
    signed_before = count(Signature)
    path = f"/lots/{lot.code}/certify"
    page = quentin.get(path).text
    with transaction():
        stops.hold_lot(lot, "A neighbour in the tank leaks.", by=cast.theo, at=clock.now())
    words = {"seen": hidden(page, "seen"), "step": "sign", "signer": "quentin",
             "signer_password": PASSWORD}
    answer = send(quentin, path, words)
    assert (answer.status_code, count(Signature)) == (409, signed_before)


def test_one_goes_back_from_signing_to_the_words(cast, browse) -> None:
    recipient, paula = consenting_recipient(cast), browse("paula")
    page = assess(paula, recipient, step="change")
    assert (page.status_code, 'value="2026-03-02"' in page.text) == (200, True)


# Two people

def test_the_second_person_must_be_another(cast, browse) -> None:
    nadia, side = browse("nadia"), bedside(cast)
    words = {"wristband": side.band.code, "label": label_text(side.bag), "step": "do",
             "wristband_again": side.band.code, "label_again": label_text(side.bag),
             "second_password": PASSWORD}
    path = f"/bags/{side.bag.code}/check"
    assert send(nadia, path, words | {"second": "nadia"}).status_code == 303
    alone = nadia.get("/done/press-1").text
    assert 'class="verdict stop"' in alone and "Another person must check" in alone
    assert "✓" not in alone
    wrong = send(nadia, path, words | {"second": "noel", "second_password": "guess"}, "press-3")
    assert wrong.status_code == 401 and PASSWORD not in wrong.text
    together = send(nadia, path, words | {"second": "noel"}, "press-2")
    assert together.status_code == 303
    together = nadia.get("/done/press-2").text
    assert 'class="verdict go"' in together and "May be infused" in together
