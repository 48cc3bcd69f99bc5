"""The bedside: each of two people scans in any order; one answer, one start."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Account
from mscbank.audit.models import Entry
from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag
from mscbank.database import db, session, transaction
from mscbank.infusions.models import Check, HalfCheck, Infusion
from mscbank.release import stops
from mscbank.scanning.models import Scan
from tests.cast import PASSWORD, Cast
from tests.conftest import START
from tests.mscbank.pages.conftest import Browser, hidden
from tests.stages.infusions import Bedside, bedside
from tests.stages.labelling import label_text

GO, STOP = "May be infused", "Stop"


@pytest.fixture
def beside(cast: Cast) -> Bedside:
    return bedside(cast)


@pytest.fixture
def nurse(browse, beside: Bedside) -> Browser:
    return browse("nadia")


def scan(nurse: Browser, text: str, page: str = "") -> str:
    """Scan into the page that stands; the page it leads to."""
    held = {name: hidden(page, name) for name in ("band", "bag", "key") if page}
    return led(nurse, nurse.post("/bedside", held | {"text": text}))


def led(nurse: Browser, answer) -> str:
    """The page an answer leads to."""
    while answer.status_code in (302, 303):
        answer = nurse.get(answer.location)
    return answer.text


def scanned(nurse: Browser, beside: Bedside) -> str:
    """Wristband, then bag."""
    return scan(nurse, label_text(beside.bag), scan(nurse, beside.band.code))


def handed_over(nurse: Browser, page: str, beside: Bedside) -> str:
    """The phone changes hands, and the second person scans for themselves."""
    half = {"half": hidden(page, "half")}
    page = nurse.post("/bedside/second", half | {"text": beside.band.code}).text
    held = {name: hidden(page, name) for name in ("half", "band", "bag")}
    return nurse.post("/bedside/second", held | {"text": label_text(beside.bag)}).text


def seconded(nurse: Browser, page: str, username: str = "noel", password: str = PASSWORD):
    return nurse.post("/bedside/second/check", {
        name: hidden(page, name) for name in ("half", "band", "bag", "key")} | {
        "second": username, "second_password": password})


def gone(nurse: Browser, beside: Bedside) -> str:
    """The answer when both have scanned."""
    return led(nurse, seconded(nurse, handed_over(nurse, scanned(nurse, beside), beside)))


def begin(nurse: Browser, answer: str, **different: str):
    sent = {name: hidden(answer, name) for name in ("bag", "token", "key")} | different
    return nurse.post("/bedside/start", sent)


@pytest.mark.parametrize("order", ["band first", "bag first"])
def test_two_scans_and_a_second_person_give_a_go_that_starts_once(
        nurse: Browser, beside: Bedside, order: str) -> None:
    texts = [beside.band.code, label_text(beside.bag)]
    first, then = texts if order == "band first" else reversed(texts)
    page = scan(nurse, then, scan(nurse, first))
    assert "/bedside/second" in page and GO not in page
    answer = led(nurse, seconded(nurse, handed_over(nurse, page, beside)))
    assert GO in answer and beside.recipient.number in answer
    begun = begin(nurse, answer)
    assert begun.status_code == 303
    running = nurse.get(begun.location).text
    assert "Infusion running" in running and "Vital signs" in running
    assert "Already done" in led(nurse, begin(nurse, answer, key="another press"))
    session.rollback()
    assert session.query(Infusion).count() == 1


def test_the_answer_names_a_person_only_when_asked_and_the_trail_keeps_who_asked(
        nurse: Browser, beside: Bedside) -> None:
    answer = gone(nurse, beside)
    asked = re.search(r'action="(/bedside/answer/\w+/identity)"', answer)
    assert asked and 'class="born"' not in answer
    named = nurse.post(asked[1]).text
    assert GO in named and 'class="born"' in named
    session.rollback()
    last = session.query(Entry).order_by(Entry.sequence.desc()).first()
    assert (last.act, last.subject) == ("identity read", beside.recipient.code)
    assert begin(nurse, named).status_code == 303, "a go that reading a name does not take away"


def test_the_second_person_sees_nothing_of_the_first_ones_answer(
        nurse: Browser, beside: Bedside) -> None:
    page = scanned(nurse, beside)
    assert beside.recipient.number not in page and beside.bag.lot.number not in page
    assert session.query(Check).count() == 0


def test_two_phones_are_answered_over_one_reading_of_the_record(browse, beside: Bedside) -> None:
    scanned(browse("nadia"), beside)
    noel = browse("noel")
    page = scan(noel, beside.band.code)
    sent = {"csrf": noel.csrf, "text": label_text(beside.bag)} | {
        name: hidden(page, name) for name in ("band", "bag", "key")}
    asked: list[str] = []

    def ask(*words: object) -> None:
        asked.append(str(words[2]))

    sa.event.listen(db.engine, "before_cursor_execute", ask)
    page = led(noel, noel.client.post("/bedside", data=sent))
    sa.event.remove(db.engine, "before_cursor_execute", ask)
    assert GO in page
    assert sum("touches" in words for words in asked) == 1, "the facts of the verdict"
    assert len(asked) <= 23, "each question is a way to the database and back"


def test_what_says_stop_says_it_at_once_and_is_kept(
        nurse: Browser, beside: Bedside, cast: Cast) -> None:
    with transaction():
        stops.hold_bag(beside.bag, "The overwrap is open.", by=cast.theo, at=clock.now())
    answer = scanned(nurse, beside)
    assert f">{STOP}<" in answer and "on hold" in answer
    assert "token" not in answer and "second person" not in answer.lower()
    session.rollback()
    assert [check.verdict for check in session.query(Check)] == ["stop"]


def test_another_persons_wristband_is_a_stop_with_both_numbers(
        nurse: Browser, cast: Cast, beside: Bedside) -> None:
    other = bedside(cast)
    answer = scan(nurse, label_text(beside.bag), scan(nurse, other.band.code))
    assert f">{STOP}<" in answer
    assert beside.recipient.number in answer and other.recipient.number in answer
    session.rollback()
    assert session.get_one(Bag, beside.bag.id).place is Place.RECEIVED


def test_one_person_does_not_check_twice(nurse: Browser, beside: Bedside) -> None:
    page = handed_over(nurse, scanned(nurse, beside), beside)
    answer = led(nurse, seconded(nurse, page, "nadia"))
    assert GO not in answer and "nother person must check" in answer


@pytest.mark.parametrize(("username", "password", "status", "said"), [
    ("noel", "a wrong password of his", 401, "do not match"),
    ("tessa", PASSWORD, 403, "tessa may not"),
    ("nobody", PASSWORD, 401, "do not match")])
def test_a_second_person_who_is_not_proven_gives_no_answer(
        nurse: Browser, beside: Bedside, username: str, password: str, status: int,
        said: str) -> None:
    page = handed_over(nurse, scanned(nurse, beside), beside)
    answer = seconded(nurse, page, username, password)
    assert answer.status_code == status and said in answer.text
    assert "Second person" in answer.text and GO not in answer.text


def test_a_scanned_badge_stands_as_the_user_name(
        nurse: Browser, beside: Bedside, cast: Cast) -> None:
    page = handed_over(nurse, scanned(nurse, beside), beside)
    held = {name: hidden(page, name) for name in ("half", "band", "bag")}
    page = nurse.post("/bedside/second", held | {"text": cast.noel.code}).text
    assert 'value="noel"' in page and "Second person" in page


@pytest.mark.parametrize(("text", "said"), [
    ("BXBBBBBBBBBBBBBBBBBB", "damaged"), ("hello", "no code or number"),
    ("?B&QèAàWZ'(", "keyboard")])
def test_what_cannot_be_read_says_what_is_wrong_and_fills_nothing(
        nurse: Browser, text: str, said: str) -> None:
    page = scan(nurse, text)
    assert said in page
    assert hidden(page, "band") == "" and hidden(page, "bag") == ""
    session.rollback()
    assert session.query(Scan).filter_by(text=text).count() == 1


def test_another_kind_of_thing_is_named(nurse: Browser, beside: Bedside) -> None:
    assert "This is a lot" in scan(nurse, beside.bag.lot.code)


def test_a_start_after_its_time_is_refused(nurse: Browser, beside: Bedside) -> None:
    answer = gone(nurse, beside)
    with clock.pinned(START + timedelta(seconds=61)):
        late = begin(nurse, answer)
    assert late.status_code == 409 and "too old" in late.text
    session.rollback()
    assert session.query(Infusion).count() == 0


def test_a_retried_check_is_answered_again_and_kept_once(
        nurse: Browser, beside: Bedside) -> None:
    page = handed_over(nurse, scanned(nurse, beside), beside)
    assert GO in led(nurse, seconded(nurse, page)) and GO in led(nurse, seconded(nurse, page))
    session.rollback()
    assert session.query(Check).count() == 1


def test_a_record_that_cannot_be_read_is_never_a_yes(
        nurse: Browser, beside: Bedside, monkeypatch: pytest.MonkeyPatch) -> None:
    page = handed_over(nurse, scanned(nurse, beside), beside)

    def falls_over(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr("mscbank.infusions.pages.acts.perform", falls_over)
    answer = seconded(nurse, page).text
    assert "Cannot tell" in answer and GO not in answer


@pytest.mark.parametrize("username", ["tessa", "quentin", "carole", "adam"])
def test_only_who_may_infuse_checks(browse, cast: Cast, username: str) -> None:
    window = browse(username)
    assert window.get("/bedside").status_code == 403
    for path in ("/bedside", "/bedside/second", "/bedside/second/check", "/bedside/start"):
        assert window.post(path, {"text": "x"}).status_code == 403


def test_a_check_is_never_made_from_a_list(nurse: Browser, beside: Bedside) -> None:
    for slug in ("check", "start"):
        assert nurse.get(f"/bags/{beside.bag.code}/{slug}").location == "/bedside"


def test_no_page_but_the_verdict_offers_a_start(nurse: Browser, beside: Bedside) -> None:
    code = beside.bag.code
    for page in (nurse.get(f"/bags/{code}").text, nurse.post(
            "/scan", {"text": code}, follow_redirects=True).text):
        assert f"/bags/{code}/check" in page, "the control: what this person may do is offered"
        assert f"/bags/{code}/start" not in page


def test_anothers_badge_is_told_whose_device_this_is_and_takes_the_scans_away(
        nurse: Browser, beside: Bedside, cast: Cast) -> None:
    """Whoever scans a badge believes to be known by it. Scans that went on under the other's name
    would let one person do both halves."""
    page = scan(nurse, beside.band.code)
    page = scan(nurse, code_of("noel"), page)
    assert "another person&#39;s badge" in page and "Nadia" in page
    assert hidden(page, "band") == hidden(page, "bag") == ""
    page = scan(nurse, label_text(beside.bag), page)
    assert "Now scan the wristband" in page  # nothing of what was scanned before counts
    assert session.query(HalfCheck).count() == 0


def test_ones_own_badge_says_that_one_is_signed_in_and_loses_nothing(
        nurse: Browser, beside: Bedside) -> None:
    page = scan(nurse, code_of("nadia"), scan(nurse, beside.band.code))
    assert "You are signed in already" in page and hidden(page, "band") == beside.band.code
    scan(nurse, label_text(beside.bag), page)
    assert session.query(HalfCheck).count() == 1


def code_of(username: str) -> str:
    """What stands on this person's badge."""
    return session.scalars(sa.select(Account.code).where(Account.username == username)).one()
