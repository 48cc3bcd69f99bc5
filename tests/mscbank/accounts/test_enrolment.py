"""New people and lost credentials: nobody resets a second factor alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import enrolment, factors, service, sessions
from mscbank.accounts.models import Account, Alert, EnrolmentCode, LostCredential
from mscbank.acts import catalogue, perform
from mscbank.audit.models import Entry
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    NotProven,
    SamePerson,
    WrongMoment,
)
from mscbank.permissions import SYSTEM, Role
from tests.cast import PASSWORD
from tests.conftest import START
from tests.mscbank.accounts.authenticator import registered
from tests.mscbank.signatures.signing import with_time_code
from tests.mscbank.web.conftest import browse, cast

__all__ = ["browse", "cast"]  # fixtures

NEW = "a window open on the sea"
SEEN = "came to the office, known by face"


def tessa_of(cast) -> Account:
    return session.get_one(Account, cast.tessa.id)


def reported(cast) -> None:
    with transaction():
        enrolment.report_loss(tessa_of(cast), SEEN, by=cast.adam, at=clock.now())


def confirmed(cast, by=None) -> str:
    code = enrolment.new_code()
    hashed = service.hash_password(None)
    with transaction():
        enrolment.confirm_loss(tessa_of(cast), code=code, prepared=hashed, by=by or cast.quentin,
                               at=clock.now())
    return code


def enrolled(code: str, password: str = NEW, username: str = "tessa") -> None:
    hashed = service.hash_password(password)
    with transaction():
        enrolment.enrol(username, code, password, hashed=hashed, at=clock.now())


def test_two_people_replace_what_was_lost_and_everything_before_ends(bank, cast) -> None:
    registered(cast.tessa)
    with_time_code(cast.tessa)
    browser = sessions.sign_in(cast.tessa, at=START)
    with transaction():
        machine = sessions.create_token(tessa_of(cast), "counter", 1, by=SYSTEM, at=START)
    reported(cast)
    assert factors.passkeys_of(cast.tessa.id) and service.prove("tessa", PASSWORD, through="t")
    code = confirmed(cast)
    assert factors.passkeys_of(cast.tessa.id) == []
    assert factors.time_code_of(cast.tessa.id) is None
    day = timedelta(days=1)
    assert sessions.find_session(browser, at=START, idle=day, absolute=day) is None
    assert sessions.find_token(machine, at=START) is None
    with pytest.raises(NotProven):
        service.prove("tessa", PASSWORD, through="t")
    enrolled(code)
    assert service.prove("tessa", NEW, through="t", signing=True).username == "tessa"
    acts = list(session.scalars(sa.select(Entry.act).order_by(Entry.sequence)))
    assert [act for act in acts if act in ("report lost credential", "confirm lost credential",
                                           "enrolled")] == [
        "report lost credential", "confirm lost credential", "enrolled"]
    alerts = session.scalars(sa.select(Alert).where(Alert.about == cast.tessa.code)).all()
    assert [alert.role for alert in alerts if "lost" in alert.sentence or "loss" in alert.sentence
            ] == [Role.QUALITY, Role.QUALITY]
    assert verify().sound


def test_who_reports_does_not_confirm_and_nobody_does_their_own(bank, cast) -> None:
    reported(cast)
    with pytest.raises(SamePerson, match="another person"):
        confirmed(cast, by=cast.adam)
    with pytest.raises(NotAllowed):
        confirmed(cast, by=cast.theo)
    with pytest.raises(NotAllowed, match="of their own"), transaction():
        enrolment.report_loss(session.get_one(Account, cast.adam.id), SEEN, by=cast.adam, at=START)
    with pytest.raises(NotAllowed), transaction():
        enrolment.report_loss(tessa_of(cast), SEEN, by=cast.quentin, at=START)
    with transaction():
        enrolment.report_loss(session.get_one(Account, cast.quentin.id), SEEN, by=cast.adam,
                              at=START)
    with pytest.raises(NotAllowed, match="of their own"), transaction():
        enrolment.confirm_loss(session.get_one(Account, cast.quentin.id), code="x", prepared="x",
                               by=cast.quentin, at=START)


def test_a_loss_waits_a_day_is_reported_once_and_confirmed_once(bank, cast) -> None:
    with pytest.raises(WrongMoment, match="No lost credential"):
        confirmed(cast)
    reported(cast)
    with pytest.raises(AlreadyDone):
        reported(cast)
    with clock.pinned(START + timedelta(hours=24)):
        with pytest.raises(WrongMoment):
            confirmed(cast)
        reported(cast)
        confirmed(cast)
        with pytest.raises(WrongMoment):
            confirmed(cast)


@pytest.mark.parametrize("wrong", ["asked twice by one", "asked by its owner",
                                   "confirmed by its owner", "confirmed by nobody"])
def test_the_database_too_asks_for_two_others(wrong: str, bank, cast) -> None:
    tessa, adam, quentin = cast.tessa.id, cast.adam.id, cast.quentin.id
    asked, by, at = {"asked twice by one": (adam, adam, START),
                     "asked by its owner": (tessa, None, None),
                     "confirmed by its owner": (adam, tessa, START),
                     "confirmed by nobody": (adam, None, START)}[wrong]
    assert quentin not in (asked, by)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        session.add(LostCredential(account_id=tessa, asked_by_id=asked, asked_at=START,
                                   identity_check=SEEN, confirmed_by_id=by, confirmed_at=at))
        session.flush()


def test_an_enrolment_code_works_once_within_a_day_and_only_the_latest(bank, cast) -> None:
    reported(cast)
    code = confirmed(cast)
    for other in ("", "BBBB BBBB BBBB BBBB BBBB", code[:-1]):
        with pytest.raises(NotProven, match="do not match"):
            enrolled(other)
    with pytest.raises(NotProven, match="do not match"):
        enrolled(code, username="theo")
    with pytest.raises(Malformed):
        enrolled(code, password="short")
    with clock.pinned(START + timedelta(hours=24, seconds=1)), pytest.raises(NotProven):
        enrolled(code)
    enrolled(code.lower().replace(" ", "-"))
    with pytest.raises(NotProven, match="used before"):
        enrolled(code)
    kept = session.scalars(sa.select(EnrolmentCode)).one()
    assert code.replace(" ", "") not in (kept.digest, kept.digest.upper())


def test_a_new_code_is_given_only_to_who_never_enrolled(bank, cast) -> None:
    with pytest.raises(WrongMoment, match="report a lost credential"), transaction():
        enrolment.give_code(tessa_of(cast), code="x", by=cast.adam, at=START)
    first, second, hashed = enrolment.new_code(), enrolment.new_code(), service.hash_password(None)
    with transaction():
        zoe = enrolment.add_person("zoe", "Zoe Z", [Role.NURSE], "badge office", code=first,
                                   prepared=hashed, by=cast.adam, at=START)
    with transaction():
        enrolment.give_code(zoe, code=second, by=cast.adam, at=START)
    with pytest.raises(NotProven):
        enrolled(first, username="zoe")
    enrolled(second, username="zoe")
    with pytest.raises(WrongMoment), transaction():
        enrolment.give_code(session.get_one(Account, zoe.id), code="x", by=cast.adam, at=START)


# --- by page -------------------------------------------------------------------------------------

def code_in(page: str) -> str:
    return re.sub(r"<[^>]+>", "", re.search(r'id="enrolment-code">(.*?)</code>', page)[1])


def test_an_administrator_adds_a_person_who_enrols_by_the_code_shown_once(bank, browse) -> None:
    adam = browse("adam")
    sent = {"username": "zoe", "name": "Zoe Z", "roles": ["nurse", "technician"],
            "identity_checked_by": "badge office"}
    page = adam.post("/people/add", sent)
    code = code_in(page.text)
    assert page.status_code == 200 and len(code) == 20
    again = adam.post("/people/add", sent)
    assert (again.status_code, "never given again" in again.text) == (409, True)
    door = browse()
    enrol = {"username": "zoe", "enrolment_code": code, "new_password": NEW,
             "again_password": NEW}
    assert door.client.post("/enrol", data=enrol | {"again_password": "x"}).status_code == 422
    assert door.client.post("/enrol", data=enrol).status_code == 200
    assert door.client.post("/enrol", data=enrol).status_code == 401
    assert door.client.post("/sign-in", data={"username": "zoe", "password": NEW}
                            ).status_code == 303
    assert "nurse, technician" in adam.get("/people/").text
    everything = " ".join(session.scalars(sa.select(Entry.body)))
    assert code not in everything and code.lower() not in everything


@pytest.mark.parametrize("wrong", [{"username": "Z"}, {"roles": []}, {"name": " "},
                                   {"roles": ["king"]}, {"identity_checked_by": ""}])
def test_an_impossible_person_is_not_added(wrong: dict, bank, browse) -> None:
    sent = {"username": "zoe", "name": "Zoe Z", "roles": ["nurse"],
            "identity_checked_by": "badge office"} | wrong
    answer = browse("adam").post("/people/add", sent)
    assert answer.status_code == 422
    assert service.find_account("zoe") is None


def test_wrong_enrolment_codes_wait_longer_each_time(bank, browse) -> None:
    door = browse()
    sent = {"username": "tessa", "enrolment_code": "B" * 20, "new_password": NEW,
            "again_password": NEW}
    for _ in range(3):
        assert "do not match" in door.client.post("/enrol", data=sent).text
    assert "wait" in door.client.post("/enrol", data=sent).text


def test_a_loss_goes_by_page_from_one_to_another(bank, browse, cast) -> None:
    adam, quentin, path = browse("adam"), browse("quentin"), f"/people/{cast.tessa.code}"
    registered(cast.tessa)
    answer = adam.post(f"{path}/report-lost-credential", {"identity_check": SEEN, "step": "do",
                                                          "key": "loss-of-tessa"})
    assert answer.status_code == 303
    for browser, may in ((adam, False), (quentin, True)):
        page = browser.get(path).text
        assert SEEN in page and ("Confirm the loss of tessa" in page) == may
    assert adam.post(f"{path}/confirm-lost-credential").status_code == 403
    page = quentin.post(f"{path}/confirm-lost-credential")
    assert (page.status_code, len(code_in(page.text))) == (200, 20)
    assert quentin.post(f"{path}/confirm-lost-credential").status_code == 409


def test_roles_are_given_taken_and_accounts_ended_by_page(bank, browse, cast) -> None:
    adam, path = browse("adam"), f"/people/{cast.tessa.code}"
    for number, (slug, sent) in enumerate((
            ("give-role", {"role": "quality assurance", "reason": "trained"}),
            ("take-role", {"role": "technician", "reason": "moved"}),
            ("end-account", {"reason": "left"}))):
        answer = adam.post(f"{path}/{slug}", sent | {"step": "do", "key": f"key-{number}"})
        assert answer.status_code == 303, slug
    page = adam.get(path).text
    assert "ended" in page and "quality assurance" in page
    told = adam.post(f"{path}/give-role", {"role": "nurse", "reason": "back", "step": "do",
                                           "key": "key-9"})
    assert (told.status_code, "has ended" in told.text) == (409, True)
    assert verify().sound


@pytest.mark.parametrize("username, sees, keeps", [("adam", True, True), ("quentin", True, False),
                                                   ("tessa", False, False)])
def test_people_are_read_by_administrators_and_quality_assurance(
        username: str, sees: bool, keeps: bool, bank, browse, cast) -> None:
    browser = browse(username)
    assert (browser.get("/people/").status_code == 200) is sees
    assert (browser.get(f"/people/{cast.theo.code}").status_code == 200) is sees
    assert (browser.get("/people/add").status_code == 200) is keeps
    assert "argon2" not in browser.get(f"/people/{cast.theo.code}").text


def test_an_act_on_a_person_is_one_entry_of_its_own_name(bank, cast) -> None:
    told = perform(catalogue()["people", "give-role"], cast.tessa.code,
                   {"role": Role.NURSE, "reason": "trained"}, by=cast.adam)
    assert session.get(Entry, told["entry"]).act == "give role"
