"""What everyone keeps for themselves: passkeys and time code, by page, proven again each time."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pyotp
import pytest
import sqlalchemy as sa
from webauthn.helpers import base64url_to_bytes

from mscbank import clock
from mscbank.accounts import factors, webauthn
from mscbank.accounts.factors import BY_PASSWORD, Proof
from mscbank.accounts.models import Account, Passkey, TimeCode
from mscbank.accounts.own import service as own
from mscbank.audit.models import Entry
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, NotAllowed, NotKnown, NotProven, WrongMoment
from tests.cast import PASSWORD
from tests.conftest import START
from tests.mscbank.accounts.authenticator import PRESENT, Authenticator, registered
from tests.mscbank.signatures.signing import with_time_code
from tests.mscbank.web.conftest import browse, cast, hidden

__all__ = ["browse", "cast"]  # fixtures


def acts() -> list[str]:
    session.rollback()
    return list(session.scalars(sa.select(Entry.act).order_by(Entry.sequence)))


def options_of(page: str, name: str) -> dict:
    """What a page gives the browser."""
    return json.loads(unescape(re.search(rf'data-{name}="([^"]*)"', page)[1]))


def challenge_in(page: str, name: str) -> bytes:
    return base64url_to_bytes(options_of(page, name)["challenge"])


def answered(device: Authenticator, page: str) -> dict[str, str]:
    """The boxes that an answer to this page's question fills."""
    return {"signer_answer": device.answer(challenge_in(page, "passkey")),
            "signer_nonce": hidden(page, "signer_nonce")}


def made(browser, device: Authenticator, label: str = "blue key", **wrong):
    """Register a passkey by the pages."""
    page = browser.post("/me/passkeys/add", {"label": label, "signer_password": PASSWORD}).text
    return browser.post("/me/passkeys/create", {
        "label": label, "signer_nonce": hidden(page, "signer_nonce"),
        "signer_answer": device.make(challenge_in(page, "create"), **wrong)})


def test_a_passkey_is_registered_listed_and_asked_for_at_the_next_sign_in(bank, browse) -> None:
    tessa, device = browse("tessa"), Authenticator()
    assert made(tessa, device).status_code == 303
    assert "blue key" in tessa.get("/me").text
    door = browse()
    page = door.client.post("/sign-in", data={"username": "tessa", "password": PASSWORD}).text
    assert door.get("/me").status_code == 401 and "Second factor" in page
    sent = {"page": hidden(page, "page")} | answered(device, page)
    assert door.client.post("/sign-in/second", data=sent).status_code == 303
    assert door.get("/me").status_code == 200
    assert browse().client.post("/sign-in/second", data=sent).status_code == 401
    assert acts()[-3:] == ["passkey begun", "passkey registered", "signed in"]
    assert verify().sound


@pytest.mark.parametrize("wrong", [{"origin": "https://elsewhere.example"},
                                   {"host": "elsewhere.example"}, {"flags": PRESENT}])
def test_a_passkey_from_elsewhere_or_without_a_pin_is_not_registered(
        wrong: dict, bank, browse) -> None:
    assert made(browse("tessa"), Authenticator(), **wrong).status_code == 401
    assert session.scalars(sa.select(Passkey)).all() == []


def test_the_same_passkey_is_not_registered_twice(bank, browse) -> None:
    device = Authenticator()
    made(browse("tessa"), device)
    answer = made(browse("theo"), device)
    assert (answer.status_code, "registered before" in answer.text) == (409, True)


def test_a_page_to_make_a_passkey_is_used_once_and_by_its_owner(bank, browse) -> None:
    tessa, theo = browse("tessa"), browse("theo")
    page = tessa.post("/me/passkeys/add", {"label": "a", "signer_password": PASSWORD}).text
    sent = {"label": "a", "signer_nonce": hidden(page, "signer_nonce"),
            "signer_answer": Authenticator().make(challenge_in(page, "create"))}
    assert theo.post("/me/passkeys/create", sent).status_code == 401
    assert tessa.post("/me/passkeys/create", sent).status_code == 303
    assert tessa.post("/me/passkeys/create", sent).status_code == 401
    assert len(session.scalars(sa.select(Passkey)).all()) == 1


def test_without_the_password_no_passkey_is_begun_and_the_name_stays(bank, browse) -> None:
    answer = browse("tessa").post("/me/passkeys/add", {"label": "my key",
                                                       "signer_password": "wrong"})
    assert (answer.status_code, 'value="my key"' in answer.text) == (401, True)
    nameless = browse("tessa").post("/me/passkeys/add", {"label": " ",
                                                         "signer_password": PASSWORD})
    assert nameless.status_code == 422


def test_who_has_a_factor_adds_and_ends_another_only_with_it(bank, browse, cast) -> None:
    tessa = browse("tessa")
    device = registered(cast.tessa)
    number = session.scalars(sa.select(Passkey.id)).one()
    session.rollback()
    for path, words in (("/me/passkeys/add", {"label": "second"}), ("/me/time-code/add", {}),
                        (f"/me/passkeys/{number}/end", {"reason": "lost"})):
        sent = words | {"signer_password": PASSWORD}
        refused = tessa.post(path, sent)
        assert (refused.status_code, "passkey" in refused.text) == (401, True), path
        assert tessa.post(path, sent | answered(device, refused.text)).status_code in (200, 303)
    session.rollback()
    assert session.scalars(sa.select(Passkey)).one().ended_at == START
    assert factors.passkeys_of(cast.tessa.id) == []


def test_an_ended_passkey_confirms_nothing(bank, cast) -> None:
    registered(cast.tessa)
    (key,) = factors.passkeys_of(cast.tessa.id)
    with pytest.raises(NotAllowed), transaction():
        own.end_passkey(key, "not mine", BY_PASSWORD, by=cast.theo, at=START)
    with transaction():
        own.end_passkey(key, "broken", BY_PASSWORD, by=cast.tessa, at=START)
    with pytest.raises(AlreadyDone), transaction():
        own.end_passkey(key, "again", BY_PASSWORD, by=cast.tessa, at=START)
    with pytest.raises(NotKnown):
        own.passkey_of(cast.theo.id, key.id)
    proof = Proof(factors.Binding.PASSKEY, key.id, 9, cast.tessa.id, "x",
                  factors.issue(cast.tessa.id, "x"))
    with pytest.raises(NotProven, match="has ended"), transaction():
        factors.spend(proof, START)


def test_a_passkey_of_another_person_is_as_unknown_as_none(bank, browse, cast) -> None:
    registered(cast.theo)
    number = session.scalars(sa.select(Passkey.id)).one()
    session.rollback()
    assert browse("tessa").get(f"/me/passkeys/{number}/end").status_code == 404


def test_a_time_code_is_shown_once_confirmed_by_its_code_and_asked_for(bank, browse) -> None:
    tessa = browse("tessa")
    page = tessa.post("/me/time-code/add", {"signer_password": PASSWORD}).text
    letters = re.search(r'id="secret">(.*?)</code>', page)[1]
    app = pyotp.TOTP(re.sub(r"<[^>]+>", "", letters))
    assert 'class="plate"' in page and "otpauth" not in page
    wrong = tessa.post("/me/time-code/confirm", {"signer_code": "000000"})
    assert (wrong.status_code, 'class="plate"' in wrong.text, app.secret in wrong.text) == (401, False, False)
    assert tessa.post("/me/time-code/confirm", {"signer_code": app.at(START)}).status_code == 303
    door = browse()
    page = door.client.post("/sign-in", data={"username": "tessa", "password": PASSWORD}).text
    spent = door.client.post("/sign-in/second", data={"page": hidden(page, "page"),
                                                      "signer_code": app.at(START)})
    assert (spent.status_code, "used before" in spent.text) == (401, True)
    with clock.pinned(START + timedelta(seconds=30)):
        page = door.client.post("/sign-in", data={"username": "tessa", "password": PASSWORD}).text
        sent = {"page": hidden(page, "page"), "signer_code": app.at(clock.now())}
        assert door.client.post("/sign-in/second", data=sent).status_code == 303
    assert verify().sound


def test_a_time_code_begun_anew_ends_the_one_before(bank, cast) -> None:
    account = session.get_one(Account, cast.tessa.id)
    secrets = [factors.timecode.new_secret() for _ in range(2)]
    for secret in secrets:
        with transaction():
            own.begin_time_code(account, secret, BY_PASSWORD, by=cast.tessa, at=START)
    with pytest.raises(NotProven), transaction():
        own.confirm_time_code(account, pyotp.TOTP(secrets[0]).at(START), by=cast.tessa, at=START)
    with transaction():
        own.confirm_time_code(account, pyotp.TOTP(secrets[1]).at(START), by=cast.tessa, at=START)
    for again in (lambda: own.confirm_time_code(account, "1", by=cast.tessa, at=START),
                  lambda: own.begin_time_code(account, secrets[0], BY_PASSWORD, by=cast.tessa,
                                              at=START)):
        with pytest.raises((WrongMoment, AlreadyDone)), transaction():
            again()


def test_a_time_code_is_confirmed_within_ten_minutes(bank, cast) -> None:
    account, secret = session.get_one(Account, cast.tessa.id), factors.timecode.new_secret()
    with transaction():
        own.begin_time_code(account, secret, BY_PASSWORD, by=cast.tessa, at=START)
    later = START + timedelta(minutes=11)
    with clock.pinned(later), pytest.raises(WrongMoment, match="ten minutes"), transaction():
        own.confirm_time_code(account, pyotp.TOTP(secret).at(later), by=cast.tessa, at=later)


def test_a_time_code_is_ended_by_its_owner_with_a_code(bank, browse, cast) -> None:
    tessa = browse("tessa")
    app = with_time_code(cast.tessa)
    sent = {"reason": "new telephone", "signer_password": PASSWORD}
    assert tessa.post("/me/time-code/end", sent).status_code == 401
    assert tessa.post("/me/time-code/end",
                      sent | {"signer_code": app.at(START)}).status_code == 303
    session.rollback()
    assert factors.time_code_of(cast.tessa.id) is None
    with pytest.raises(AlreadyDone), transaction():
        own.end_time_code(session.get_one(Account, cast.tessa.id), "again", BY_PASSWORD,
                          by=cast.tessa, at=START)
    assert session.scalars(sa.select(TimeCode)).one().ended_at == START


def test_nobody_keeps_what_is_another_persons(bank, cast) -> None:
    account = session.get_one(Account, cast.tessa.id)
    key = webauthn.check_new(Authenticator().make(b"x"), b"x", factors.site())
    for act in (lambda: own.begin_passkey(account, BY_PASSWORD, by=cast.adam, at=START),
                lambda: own.register_passkey(account, "x", key, BY_PASSWORD, by=cast.adam,
                                             at=START),
                lambda: own.begin_time_code(account, "x", BY_PASSWORD, by=cast.adam, at=START),
                lambda: own.confirm_time_code(account, "1", by=cast.adam, at=START),
                lambda: own.end_time_code(account, "x", BY_PASSWORD, by=cast.adam, at=START)):
        with pytest.raises(NotAllowed, match="another person's"), transaction():
            act()


def test_an_old_or_foreign_page_of_the_second_step_sends_back_to_the_door(bank, browse) -> None:
    made(browse("tessa"), device := Authenticator())
    door = browse()
    page = door.client.post("/sign-in", data={"username": "tessa", "password": PASSWORD}).text
    sent = {"page": hidden(page, "page")} | answered(device, page)
    with clock.pinned(START + timedelta(minutes=6)):
        answer = door.client.post("/sign-in/second", data=sent)
    assert (answer.status_code, "sign in anew" in answer.text) == (401, True)
    assert door.client.post("/sign-in/second", data={"page": "none"}).status_code == 401


def test_a_copied_passkey_does_not_sign_in_and_is_told_of(bank, browse, cast) -> None:
    device = registered(cast.tessa, count=50)
    device.count = 3
    door = browse()
    page = door.client.post("/sign-in", data={"username": "tessa", "password": PASSWORD}).text
    answer = door.client.post("/sign-in/second", data={"page": hidden(page, "page")}
                              | answered(device, page))
    assert (answer.status_code, "a copy of it may exist" in answer.text) == (401, True)
    assert session.scalars(sa.select(factors.service.Alert)).one().about == cast.tessa.code
