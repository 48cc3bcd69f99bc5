"""A running bank with two families' data, and the cast's browsers signed in to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from mscbank import clock, create_app, migrations
from mscbank.database import db, session
from tests.browser.conftest import sign_in
from tests.cast import Cast
from tests.conftest import START, configured
from tests.stages.infusions import bedside
from tests.stages.labelling import label_text
from tests.stages.release import reviewed, tested_lot

T = TypeVar("T")


@dataclass(frozen=True)
class Ward:
    """Where the bank answers, and the codes of what stands there."""

    address: str
    recipient: str
    culture: str
    lot: str
    undecided: str
    bag: str
    label: str
    band: str
    other_band: str
    states: dict[str, Any] = field(default_factory=dict)  # cookies of who signed in before


@contextmanager
def served_bank(folder: Path, tell: Callable[[Cast], T]) -> Iterator[tuple[str, T, Flask]]:
    """A bank on a port of this machine, after what ``tell`` tells: (address, what it gave, app).

    Its clock runs from the start of the story, so that nothing of it has expired.
    """
    app = create_app(configured(folder, f"sqlite:///{folder / 'bank.sqlite3'}"))
    late = datetime.now(UTC) - START
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: clock._pinned.get() or datetime.now(UTC) - late)
        with app.app_context():
            migrations.upgrade(db.engine)
            told = tell(Cast())
            session.remove()
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", told, app
        server.shutdown()
        thread.join()
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """The ward, its bank served."""
    with served_bank(tmp_path_factory.mktemp("ward"), _tell) as (address, told, _):
        yield Ward(address, **told)


def _tell(cast: Cast) -> dict[str, str]:
    beside, other, undecided = bedside(cast), bedside(cast), reviewed(cast, tested_lot(cast))
    lot = beside.bag.lot
    return {
        "recipient": beside.recipient.code, "culture": lot.harvest.cultures[-1].code,
        "lot": lot.code, "undecided": undecided.code, "bag": beside.bag.code,
        "label": label_text(beside.bag), "band": beside.band.code,
        "other_band": other.band.code}


@pytest.fixture
def sit_down(chromium: Browser, ward: Ward) -> Iterator[Callable[..., Page]]:
    """``sit_down("nadia", width=360)`` is a signed-in page of hers."""
    contexts = []

    def open_(username: str, width: int = 1280, height: int = 800, scheme: str = "light") -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme,
            base_url=ward.address, storage_state=ward.states.get(username))
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        if not page.query_selector(".who"):
            sign_in(page, username)
            ward.states[username] = context.storage_state()
        return page

    yield open_
    for context in contexts:
        context.close()


def wedge(page: Page, text: str) -> None:
    """A scanner's burst, wherever the focus is, that leads to another page."""
    with page.expect_navigation():
        strike(page, text)


def strike(page: Page, text: str) -> None:
    """A scanner's burst, wherever the focus is, and its Enter.

    Each key carries the moment at which a scanner strikes it, 2 ms after the one before: however
    busy this machine is, it is no slow typing. And nobody scans before the page listens.
    """
    page.wait_for_load_state("load")
    scanner, began = page.context.new_cdp_session(page), time.time()
    keys = [{"key": key, "text": key} for key in text]
    keys.append({"key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13})
    for number, key in enumerate(keys):
        scanner.send("Input.dispatchKeyEvent",
                     {"type": "keyDown", "timestamp": began + number / 500} | key)
    scanner.detach()
