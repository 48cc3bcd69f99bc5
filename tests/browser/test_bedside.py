"""The bedside in real browsers: two nurses, their phones, one bag; and everything that goes wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from mscbank import clock, create_app, migrations
from mscbank.accounts.models import Account, BrowserSession
from mscbank.bags.models import Bag
from mscbank.database import db, session
from mscbank.infusions.models import Check, Infusion
from tests.browser.test_pages import looks_right
from tests.cast import PASSWORD, Cast
from tests.conftest import START, configured
from tests.mscbank.infusions.test_races import many_bags
from tests.stages.infusions import bedside
from tests.stages.labelling import label_text

PHONE = {"width": 360, "height": 740}


@dataclass
class Place:
    """A ward's bank that can be cut off and whose clock can be late."""

    app: Flask
    cast: Cast
    port: int
    server: object
    other_band: str
    beds: list[dict[str, str]]
    late: timedelta = field(default=timedelta(0))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def family(self) -> dict[str, str]:
        """A bag at the bedside that no test has touched: label, wristband and codes."""
        return self.beds.pop()

    def badge(self, username: str) -> str:
        with self.app.app_context():
            return session.scalar(sa.select(Account.code).where(Account.username == username)) or ""

    def count(self, what: type, bag: str) -> int:
        with self.app.app_context():
            found = session.query(what).join(Bag, Bag.id == what.bag_id).filter(Bag.code == bag)
            return found.count()

    def end_sessions(self) -> None:
        """Every session has been idle for too long."""
        with self.app.app_context():
            session.execute(sa.update(BrowserSession).values(
                seen_at=clock.now() - timedelta(hours=2)))
            session.commit()

    def cut(self) -> None:
        """The server is gone: its port answers nothing."""
        self.server.shutdown()
        self.server.server_close()

    def mend(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("bedside")
    app = create_app(configured(folder, f"sqlite:///{folder / 'bank.sqlite3'}"))
    since = datetime.now(UTC) - START
    with app.app_context(), clock.pinned(START):
        migrations.upgrade(db.engine)
        cast = Cast()
        other = bedside(cast).band.code
        beds = [{"label": label_text(one.bag), "band": one.band.code, "bag": one.bag.code,
                 "number": one.recipient.number, "title": one.bag.title, "order": one.order.code}
                for one in many_bags(cast, 20)]
        session.remove()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = Place(app, cast, server.server_port, server, other, beds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: datetime.now(UTC) - since + here.late)
        yield here
        here.server.shutdown()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def phone(chromium: Browser, place: Place) -> Iterator[Callable[..., Page]]:
    """``phone("nadia")`` is her phone, signed in, at the bedside's page. A page must not complain."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    place.late = timedelta(0)

    def open_(username: str, path: str = "/bedside", **more: object) -> Page:
        context = chromium.new_context(viewport=PHONE, base_url=place.address, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in?back=" + path)
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**" + path)
        page.wait_for_load_state("load")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def scan(page: Page, text: str) -> None:
    """A scanner's burst, wherever the focus is, and its Enter."""
    page.keyboard.type(text, delay=2)
    page.keyboard.press("Enter")


def says(page: Page, word: str) -> None:
    expect(page.locator(".full .word:visible")).to_have_text(word)


def scan_both(page: Page, told: dict[str, str], *, bag_first: bool = False) -> None:
    """Both scans, in either order; the page says what it has before the second."""
    first, second = (told["label"], told["band"])[::1 if bag_first else -1]
    scan(page, first)
    expect(page.locator(".slots .have")).to_have_count(1)
    scan(page, second)


def test_the_nurses_whole_day_on_two_phones_with_four_scans(place, phone) -> None:
    """Sign in, check by two, start, vital signs, a reaction, the end."""
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scans = 0

    def counted(page: Page, text: str) -> None:
        nonlocal scans
        scans += 1
        scan(page, text)

    looks_right(nadia)
    counted(nadia, told["band"])
    expect(nadia.locator("h1")).to_have_text("Now scan the bag")
    looks_right(nadia)
    counted(nadia, told["label"])
    expect(nadia.locator("h1")).to_have_text("Now the second person")
    looks_right(nadia)
    counted(noel, told["label"])
    expect(noel.locator("h1")).to_have_text("Now scan the wristband")
    assert told["band"] not in noel.content()  # nothing of what she scanned
    counted(noel, told["band"])
    says(noel, "May be infused")
    says(nadia, "May be infused")  # both hear it, each on their own phone
    assert scans == 4
    looks_right(noel)
    expect(noel.locator(".read-back")).to_contain_text(told["number"])
    start = nadia.locator(".start")
    assert start.bounding_box()["height"] >= 76  # 20 mm
    start.dblclick()
    expect(nadia.locator("h1")).to_have_text("Infusion running")
    assert place.count(Infusion, told["bag"]) == 1
    noel.locator(".start").click()
    says(noel, "Already done")
    looks_right(noel)

    expect(nadia.locator(".countdown")).to_contain_text("Due now")
    for name, value in (("temperature_c", "36.8"), ("pulse", "72"), ("systolic", "124"),
                        ("diastolic", "78"), ("saturation", "98")):
        nadia.fill(f"[name={name}]", value)
    nadia.click("text=Keep these vital signs")
    expect(nadia.locator("#seen")).to_be_visible()
    expect(nadia.locator(".countdown")).to_contain_text("Next in 1")
    looks_right(nadia)
    nadia.click("label.choice:has-text('flushing')")
    nadia.click(".grade >> nth=0")  # two taps
    expect(nadia.locator(".alarm h2")).to_have_text("Flushing, grade 1")
    assert nadia.input_value("#finish-volume") == "5"
    nadia.click("text=Finish the infusion of bag")
    expect(nadia.locator("h1")).to_have_text("Infusion finished")
    looks_right(nadia)


def test_one_phone_is_handed_over_and_the_second_person_scans_blind(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan_both(page, told)
    page.click("button:has-text('hand this one over')")
    expect(page.locator("h1")).to_have_text("Second person: scan for yourself")
    expect(page.locator("h1")).to_have_text("Second person: scan for yourself")
    assert told["band"] not in page.content() and told["label"][:20] not in page.content()
    looks_right(page)
    scan(page, place.badge("nadia"))  # the same badge twice
    expect(page.locator("#alarm")).to_contain_text("Another person must check")
    for text, count in ((place.badge("noel"), 1), (told["band"], 2)):
        scan(page, text)
        expect(page.locator(".slots .have")).to_have_count(count)
    scan(page, told["label"])
    expect(page.locator("#second")).to_have_value("noel")
    looks_right(page)
    page.keyboard.type("a wrong word")  # the password has the focus
    page.keyboard.press("Enter")
    expect(page.locator("#alarm")).to_contain_text("do not match")
    page.fill("#second-password", PASSWORD)
    page.press("#second-password", "Enter")
    says(page, "May be infused")


def test_two_people_who_scanned_different_bags_are_told_stop(place, phone) -> None:
    told, other = place.family(), place.family()
    page = phone("nadia")
    scan_both(page, told)
    page.click("button:has-text('hand this one over')")
    expect(page.locator("h1")).to_have_text("Second person: scan for yourself")
    scan(page, told["band"])
    expect(page.locator(".slots .have")).to_have_count(1)
    scan(page, other["label"])
    page.fill("#second", "noel")
    page.fill("#second-password", PASSWORD)
    page.press("#second-password", "Enter")
    says(page, "Stop")
    expect(page.locator(".reasons")).to_contain_text("did not scan the same")
    expect(page.locator(".call")).to_contain_text("+33 1 99 00 12 34")


def test_the_wrong_wristband_is_a_stop_at_the_second_scan_and_is_kept(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan_both(page, told | {"band": place.other_band}, bag_first=True)
    says(page, "Stop")
    expect(page.locator(".reasons")).to_contain_text(f"This bag is for {told['number']}")
    assert page.locator(".start").count() == 0
    assert place.count(Check, told["bag"]) == 1
    looks_right(page)


def test_the_start_closes_when_its_time_is_over(place, phone) -> None:
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan_both(noel, told)
    says(noel, "May be infused")
    says(nadia, "May be infused")
    place.late = timedelta(seconds=61)
    noel.reload()
    says(noel, "Cannot tell")
    expect(noel.locator(".reasons")).to_contain_text("time for this start is over")
    nadia.locator(".start").click()  # a page that did not notice
    says(nadia, "Stop")
    assert place.count(Infusion, told["bag"]) == 0


def test_going_back_after_a_start_leads_to_the_infusion(place, phone) -> None:
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan_both(noel, told)
    says(noel, "May be infused")
    noel.locator(".start").click()
    expect(noel.locator("h1")).to_have_text("Infusion running")
    noel.go_back()
    expect(noel.locator("h1")).to_have_text("Infusion running")
    assert noel.locator(".start").count() == 0


def test_a_network_cut_mid_check_is_said_and_loses_no_scan(place, phone) -> None:
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan(noel, told["band"])
    expect(noel.locator("h1")).to_have_text("Now scan the bag")
    noel.context.set_offline(True)
    expect(noel.locator("body.offline")).to_be_attached(timeout=2000)
    scan(noel, told["label"])
    says(noel, "Cannot tell")
    looks_right(noel)
    assert place.count(Check, told["bag"]) == 0
    noel.context.set_offline(False)
    says(noel, "May be infused")


def test_a_server_that_is_gone_is_said_within_two_seconds_and_never_go(place, phone) -> None:
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan_both(noel, told)
    says(noel, "May be infused")
    place.cut()
    try:
        expect(noel.locator("body.offline")).to_be_attached(timeout=2000)
        noel.locator(".start").click()
        says(noel, "Cannot tell")
        assert noel.locator(".full.go").is_hidden()
    finally:
        place.mend()
    expect(noel.locator("h1")).to_have_text("Infusion running", timeout=10000)
    assert place.count(Infusion, told["bag"]) == 1  # sent again under its key, done once


def test_a_session_that_ended_mid_check_goes_on_where_it_was(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan(page, told["band"])
    expect(page.locator("h1")).to_have_text("Now scan the bag")
    place.end_sessions()
    scan(page, told["label"])
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator("[role=alert]")).to_contain_text("what you typed is kept")
    page.fill("[name=username]", "nadia")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.click("text=Go on where I was")
    expect(page.locator("h1")).to_have_text("Now the second person")


def test_vital_signs_of_a_session_that_ended_are_kept_for_their_owner_alone(place, phone) -> None:
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan_both(noel, told)
    says(noel, "May be infused")
    noel.locator(".start").click()
    expect(noel.locator("h1")).to_have_text("Infusion running")
    address = noel.url
    for name, value in (("temperature_c", "37.1"), ("pulse", "80"), ("systolic", "130"),
                        ("diastolic", "80"), ("saturation", "97")):
        noel.fill(f"[name={name}]", value)
    place.end_sessions()
    noel.click("text=Keep these vital signs")
    noel.fill("[name=username]", "noel")
    noel.fill("[name=password]", PASSWORD)
    noel.press("[name=password]", "Enter")
    expect(noel.locator("main")).to_contain_text("37.1")
    noel.click("text=Do it now")
    expect(noel.locator("#seen")).to_be_visible()
    assert noel.url == address
    noel.fill("[name=temperature_c]", "38.8")
    for name, value in (("pulse", "99"), ("systolic", "131"), ("diastolic", "81"),
                        ("saturation", "96")):
        noel.fill(f"[name={name}]", value)
    place.end_sessions()
    noel.click("text=Keep these vital signs")
    noel.fill("[name=username]", "nadia")  # another person signs in at this tablet
    noel.fill("[name=password]", PASSWORD)
    noel.press("[name=password]", "Enter")
    expect(noel.locator(".who .name")).to_have_text("Nadia Simon")
    assert "38.8" not in noel.content()


def test_a_shared_tablet_changes_hands_by_badge_and_password(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan(page, told["band"])
    expect(page.locator("h1")).to_have_text("Now scan the bag")
    page.click("text=Lock, or another person")
    expect(page.locator("h1")).to_have_text("Locked")
    page.keyboard.type(place.badge("noel"), delay=2)
    page.keyboard.press("Enter")  # the scanner's own ending goes to the password
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".who .name")).to_have_text("Noel Garnier")
    expect(page.locator("h1")).to_have_text("Scan wristband and bag")
    assert told["band"] not in page.content()  # her scans are hers
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.who .name')).fontSize)")
    assert size >= 20


def test_a_tablet_nobody_touches_locks_itself(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan(page, told["band"])
    expect(page.locator("h1")).to_have_text("Now scan the bag")
    page.evaluate("document.querySelector('[data-lock]').dataset.lock = 0.02")  # 1.2 s
    expect(page.locator("h1")).to_have_text("Locked")
    page.fill("[name=username]", "nadia")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.click("text=Go on where I was")
    expect(page.locator("h1")).to_have_text("Now scan the bag")


def test_the_paper_for_the_hour_without_a_network_is_there_before_it(place, phone) -> None:
    import io

    import pypdfium2

    from labels import readback

    told = place.family()
    page = phone("nadia")
    page.click("text=Paper forms")
    expect(page.locator("main")).to_contain_text(told["title"])
    looks_right(page)
    answer = page.request.get(f"/orders/{told['order']}/paper.pdf")
    assert answer.status == 200
    document = pypdfium2.PdfDocument(io.BytesIO(answer.body()))
    text = document[0].get_textpage().get_text_range()
    assert told["number"] in text and "+33 1 99 00 12 34" in text
    assert "nothing spoke against it" in text
    read = next(readback.pages(answer.body()))
    assert told["order"] in read
    # no symbol on paper opens the bedside check
    assert not any(one.startswith((told["band"], told["bag"])) for one in read)
    ward = page.request.get("/bedside/paper.pdf")
    assert len(pypdfium2.PdfDocument(io.BytesIO(ward.body()))) > 1
