"""A day at work in a real browser: people at their desks, what they press, and what was kept of it.

A person does all by pages: scans with the focus anywhere, fills in, presses, reads what comes back.
What is asked of the database afterwards is asked beside the pages, by somebody who only reads.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page

from labels import readback
from mscbank import clock
from mscbank.accounts.models import Account, BrowserSession
from mscbank.audit.models import ATTEMPTS, Entry
from mscbank.database import session
from mscbank.settings import local
from tests.browser.conftest import sign_in
from tests.browser.ward import served_bank
from tests.cast import PASSWORD, Cast

PHONE = {"width": 360, "height": 740}


@dataclass
class Day:
    """Where the bank answers, the codes of what stands there in the morning, and the people in."""

    address: str
    codes: dict[str, str]
    app: Flask
    browser: Browser
    pages: dict[str, Page] = field(default_factory=dict)
    later: timedelta = timedelta(hours=1)  # since what was told

    def sit(self, name: str, **how: Any) -> Page:
        """The page this person sits before, signed in."""
        if name not in self.pages:
            context = self.browser.new_context(base_url=self.address, reduced_motion="reduce", **how)
            page = self.pages[name] = context.new_page()
            page.goto("/sign-in")
            sign_in(page, name)
        return self.pages[name]

    @contextmanager
    def record(self) -> Iterator[None]:
        """Look at what was kept."""
        with self.app.app_context():
            yield
            session.remove()

    def acts(self, name: str) -> list[str]:
        """What the trail says this person did, in order."""
        with self.record():
            code = sa.select(Account.code).where(Account.username == name).scalar_subquery()
            return list(session.scalars(sa.select(Entry.act).where(
                Entry.by == code, Entry.act.not_in(ATTEMPTS)).order_by(Entry.sequence)))

    def count(self, model: type[Any], **like: Any) -> int:
        """How many rows are like that."""
        with self.record():
            return session.query(model).filter_by(**like).count()

    def end_sessions(self) -> None:
        """Nobody touched a page for too long."""
        with self.record():
            session.execute(sa.update(BrowserSession).values(
                seen_at=clock.now() - timedelta(hours=2)))
            session.commit()


def day_of(tell: Callable[[Cast], dict[str, str]]) -> Any:
    """A fixture: the bank as it stands in the morning, served; all that was before happened at one
    moment."""
    def told(cast: Cast) -> dict[str, str]:
        with clock.pinned(clock.now()):
            return tell(cast)

    @pytest.fixture(scope="module")
    def day(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Day]:
        with served_bank(tmp_path_factory.mktemp("day"), told) as (address, codes, app):
            found, before = Day(address, codes, app, chromium), clock.now
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(clock, "now", lambda: before() + found.later)
                yield found
            for page in found.pages.values():
                page.context.close()

    return day


def minute() -> str:
    """Now, as a box for a moment takes it."""
    return f"{local(clock.now()):%Y-%m-%dT%H:%M}"


def fill(page: Page, **boxes: Any) -> None:
    """Write into the boxes of the form, choose in its lists, press its choices."""
    for name, value in boxes.items():
        box = page.locator(f"main [name='{name}']").first
        kind = box.evaluate("one => one.type || one.tagName")
        if kind == "radio":
            page.check(f"main [name='{name}'][value='{value}']", force=True)
        elif kind.startswith("select"):
            box.select_option(value)
        else:
            box.fill(str(value))


def press(page: Page, words: str) -> None:
    """Press the button or link that says this, and wait for where it leads."""
    says = re.compile(rf"^\s*{words}\s*(signed)?\s*$", re.IGNORECASE)
    with page.expect_navigation():
        page.locator("main :is(a, button)").filter(has_text=says).first.click()


def do(page: Page, act: str) -> None:
    """Press the button of the form; it is done."""
    with page.expect_navigation():
        page.click("main form button[name=step][value=do]")
    assert f"Done: {act}" in page.inner_text("h1"), page.inner_text("main")[:600]


def sign(page: Page, name: str, act: str, password: str = PASSWORD) -> None:
    """Read the record, give user name and password, sign."""
    if page.locator("button[value=review]").count():
        page.click("button[value=review]")
    fill(page, signer=name, signer_password=password)
    with page.expect_navigation():
        page.click("button[value=sign]")
    if password == PASSWORD:
        assert f"Done: {act}" in page.inner_text("h1"), page.inner_text("main")[:600]


def on_paper(page: Page, path: str) -> list[list[str]]:
    """What an independent reader finds on each page of a PDF of labels."""
    answer = page.request.get(path)
    assert answer.status == 200 and answer.headers["content-type"] == "application/pdf"
    assert len(pypdfium2.PdfDocument(io.BytesIO(answer.body()))) >= 1
    return list(readback.pages(answer.body()))
