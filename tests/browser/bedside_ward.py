"""A ward's bank that can be cut off, the phones of its nurses, and what they scan."""

from __future__ import annotations

import socket
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
from mscbank.infusions.models import Infusion, Reaction
from tests.browser.conftest import sign_in
from tests.browser.ward import strike as scan
from tests.cast import Cast
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
    held: socket.socket  # the port stays ours while the server is gone
    server: object
    other_band: str
    beds: list[dict[str, str]]
    late: timedelta = field(default=timedelta(0))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.held.getsockname()[1]}"

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

    def beside(self, bag: str) -> list[timedelta]:
        """How long after it happened each thing beside this running bag was recorded."""
        with self.app.app_context():
            infusion = session.query(Infusion).join(Bag).filter(Bag.code == bag).one()
            return [one.recorded_at - one.at for one in infusion.observations + infusion.reactions]

    def reactions(self, bag: str) -> list[Reaction]:
        """The reactions to this bag, as they are recorded."""
        with self.app.app_context():
            return session.query(Infusion).join(Bag).filter(Bag.code == bag).one().reactions

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
        self.server = make_server(*self.held.getsockname(), self.app, threaded=True)
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
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # with the server; it never listens
    held.bind(("127.0.0.1", 0))
    here = Place(app, cast, held, None, other, beds)
    here.mend()
    with held, pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: datetime.now(UTC) - since + here.late)
        yield here
        here.server.shutdown()
    with app.app_context():
        db.engine.dispose()


# What each verdict does to the hand: ms of vibration and of rest in turn. No two are alike.
RHYTHMS = {"May be infused": [700, 0], "Stop": [160, 110, 160, 110, 160, 0],
           "Cannot tell": [420, 200, 140, 0], "Already done": [140, 90, 140, 0]}
FEELS = """window.felt = [];
Object.defineProperty(Navigator.prototype, "vibrate", {
  value(rhythm) { window.felt.push([rhythm].flat()); return true; } });"""


@pytest.fixture
def phone(chromium: Browser, place: Place) -> Iterator[Callable[..., Page]]:
    """``phone("nadia")`` is her phone, signed in, at the bedside's page. A page must not complain."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(username: str, path: str = "/bedside", **more: object) -> Page:
        context = chromium.new_context(viewport=PHONE, base_url=place.address, **more)
        contexts.append(context)
        context.add_init_script(FEELS)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in?back=" + path)
        sign_in(page, username)
        page.wait_for_url("**" + path)
        page.wait_for_load_state("load")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def offline_within(page: Page, cut: Callable[[], None], mend: Callable[[], None],
                   ms: int = 2000) -> None:
    """Cut the network: the page says so in time. A busy machine is late by chance, and is given
    more than one; a page that is slow to tell is late each time."""
    offline = page.locator("body.offline")
    for _ in range(4):
        cut()
        try:
            return expect(offline).to_be_attached(timeout=ms)
        except AssertionError as error:
            late = error
            mend()
            expect(offline).not_to_be_attached()
    raise late


def says(page: Page, word: str) -> None:
    """The answer is the whole screen, and the hand that holds the phone feels which one it is."""
    expect(page.locator(".full .word:visible")).to_have_text(word)
    page.wait_for_function("rhythm => String(window.felt.at(-1)) === rhythm",
                           arg=",".join(map(str, RHYTHMS[word])))


def scan_both(page: Page, told: dict[str, str], *, bag_first: bool = False) -> None:
    """Both scans, in either order; the page says what it has before the second."""
    first, second = (told["label"], told["band"])[::1 if bag_first else -1]
    scan(page, first)
    expect(page.locator(".slots .have")).to_have_count(1)
    scan(page, second)


def checked_by_two(phone: Callable[[str], Page], told: dict[str, str]) -> Page:
    """Noel's phone with the yes, after both have scanned."""
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan_both(noel, told)
    says(noel, "May be infused")
    return noel


def start(phone: Callable[[str], Page], told: dict[str, str]) -> Page:
    """Noel's phone at the running infusion."""
    noel = checked_by_two(phone, told)
    noel.locator(".start").click()
    expect(noel.locator("h1")).to_have_text("Infusion running")
    return noel


def deaf(page: Page) -> None:
    """This phone does not hear what became of the yes it shows: it is to be pressed all the same.
    Else the beat would take the button away at a moment that no test knows."""
    page.route("**/health?check=*", lambda route: route.fulfill(
        json=route.fetch().json() | {"stands": True}))
