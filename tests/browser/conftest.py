"""A real browser against a served bank. Skipped by name where there is no Chromium; never in CI.

Chromium's headless shell is the same engine without the window around it: it costs a third of the
processor, which is why it goes first where both are installed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mscbank.cultures.models import ReagentLot
from mscbank.database import session
from tests.cast import PASSWORD, Cast
from tests.stages.cultures import quarantined_reagent
from tests.stages.recipients import consenting_recipient

CHROMIUM = (os.environ.get("MSCBANK_CHROMIUM") or shutil.which("chromium-headless-shell")
            or shutil.which("chromium") or "/usr/bin/chromium")
PATIENCE = 60_000  # ms: a busy machine is slow, and that is no fault of the page
ARGUMENTS = ("--headless=new --no-sandbox --disable-gpu --disable-background-networking "
             "--disable-component-update --disable-sync --no-first-run").split()


@dataclass
class Served:
    """A bank on a port of this machine, and the codes of what stands in it."""

    address: str
    recipient: str
    reagent: str
    app: Any

    def reagents(self) -> int:
        """How many reagent lots are recorded now."""
        with self.app.app_context():
            return session.query(ReagentLot).count()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no Chromium: the screens were not tried")
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS,
                                             timeout=PATIENCE)
        plain = browser.new_context

        def new_context(**how: Any) -> Any:
            context = plain(**how)
            context.set_default_timeout(PATIENCE)
            return context

        browser.new_context = new_context
        yield browser
        browser.close()


def sign_in(page: Any, username: str) -> None:
    """On the page that asks who it is; afterwards the scripts of the next one listen."""
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".who")
    page.wait_for_load_state("load")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    from tests.browser.ward import served_bank  # which signs in as is told here

    def tell(cast: Cast) -> tuple[str, str]:
        return consenting_recipient(cast).code, quarantined_reagent(cast).code

    with served_bank(tmp_path_factory.mktemp("served"), tell) as (address, told, app):
        yield Served(address, *told, app)


@pytest.fixture(scope="module")
def desks(chromium: Any, served: Served) -> Iterator[dict[str | None, Any]]:
    """The browser of who signed in to the served bank before: another one takes long to start."""
    found: dict[str | None, Any] = {}
    yield found
    for context in found.values():
        context.close()


@pytest.fixture
def open_page(chromium: Any, served: Served, desks: dict[str | None, Any],
              ) -> Iterator[Callable[..., Any]]:
    """``open_page("tessa", "/lots/", scheme="dark", width=360)``: a page, signed in if named.

    The page must not complain: a console error (a breach of the policy, a broken script) fails
    the test.
    """
    pages, complaints = [], []

    def open_(username: str | None, path: str = "/", *, scheme: str = "light", width: int = 1280,
              ) -> Any:
        if username not in desks:
            desks[username] = chromium.new_context()
        page = desks[username].new_page()
        pages.append(page)
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        page.on("console", lambda told: complaints.append(told.text) if told.type == "error"
                and "the server responded with a status of 4" not in told.text else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(served.address + path)
        if username and not page.query_selector(".who"):
            sign_in(page, username)
        return page

    yield open_
    for page in pages:
        page.context.set_offline(False)
        page.close()
    assert complaints == []
