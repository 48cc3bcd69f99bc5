"""Whole flows of a technician and of quality assurance by keyboard and scanner alone: no pointer is
moved, and each thing is reached by Tab. Their whole days are told in files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.cultures.models import Culture, CultureNote
from mscbank.database import session
from mscbank.release.models import Decision, TrailReview
from tests.browser.ward import served_bank, strike, wedge
from tests.cast import PASSWORD, Cast
from tests.stages.bags import box
from tests.stages.cultures import released_reagent, seeded_culture
from tests.stages.release import tested_lot


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Any]:
    with served_bank(tmp_path_factory.mktemp("day"), _tell) as (address, codes, app):
        pages: dict[str, Page] = {}

        def sit(name: str) -> Page:
            page = pages[name] = chromium.new_context(base_url=address).new_page()
            page.goto("/sign-in")
            page.locator("#username").focus()
            page.keyboard.type(name)
            page.keyboard.press("Tab")
            page.keyboard.type(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_selector(".who")
            page.wait_for_load_state("load")
            return page

        yield sit, codes, app
        for page in pages.values():
            page.context.close()


def _tell(cast: Cast) -> dict[str, str]:
    with clock.pinned(clock.now()):
        lot = tested_lot(cast)
        culture = seeded_culture(cast)
        box(cast, "B", 12)
        return {"lot": lot.code, "culture": culture.code,
                "medium": released_reagent(cast, lot_number="M-99").code}


def reach(page: Page, words: str, most: int = 60) -> None:
    """Tab until what has the focus says these words, as somebody without a pointer does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate("document.activeElement.innerText || document.activeElement.name || ''")
        if words in said:
            box_ = page.evaluate("""() => { const where = document.activeElement
                .getBoundingClientRect(); return [where.top, where.bottom, innerHeight]; }""")
            assert box_[1] > 0 and box_[0] < box_[2], "the focus is out of sight"
            return
    raise AssertionError(f"no way by keyboard to “{words}” on {page.url}")


def opened(page: Page, words: str) -> None:
    reach(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_culture_is_fed_and_counted_by_scanner_and_keyboard_alone(day: Any) -> None:
    sit, codes, app = day
    page = sit("tessa")
    expect(page.locator("h1")).to_have_text("Worklist")
    wedge(page, codes["culture"])  # she scans the vessel
    expect(page.locator("h1")).to_contain_text("P0 of")
    opened(page, "Feed")
    reach(page, "reagents")
    wedge_into(page, codes["medium"])
    reach(page, "confluence")
    page.keyboard.type("45")
    opened(page, "Feed")
    expect(page.locator("h1")).to_contain_text("Done: feed")
    wedge(page, codes["culture"])
    opened(page, "Count")
    reach(page, "total_cells")
    page.keyboard.type("412e6")
    page.keyboard.press("Tab")
    page.keyboard.type("398000000")
    opened(page, "Count")
    expect(page.locator("h1")).to_contain_text("Done: count")
    page.goto("/places/?sort=-title")
    page.locator("#list tbody a").first.focus()
    page.keyboard.press("ArrowDown")
    assert " / 11" in page.evaluate("document.activeElement.innerText")
    with app.app_context():
        assert session.query(CultureNote).count() == 1
        culture = session.scalars(sa.select(Culture).where(Culture.code == codes["culture"])).one()
        assert culture.count.viable_cells == 398_000_000
        session.remove()


def wedge_into(page: Page, code: str) -> None:
    """A scan into a box that is made for scans."""
    strike(page, code)
    page.wait_for_function("code => document.activeElement.value.includes(code)", arg=code)


def test_a_group_of_the_head_opens_and_closes_by_keyboard(day: Any) -> None:
    sit, _, _ = day
    page = sit("quentin")
    reach(page, "Laboratory")
    page.keyboard.press("Enter")
    reach(page, "Samples", 4)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.innerText") == "Laboratory"
    assert page.locator(".ways details[open]").count() == 0
    page.keyboard.press("Enter")
    reach(page, "Reagents", 8)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Reagents")


def test_a_lot_is_reviewed_and_certified_by_keyboard_alone(day: Any) -> None:
    sit, codes, app = day
    page = sit("quentin")
    opened(page, "Lot ")
    opened(page, "Review trail")
    sign(page, "quentin", "Sign: review trail")
    page.goto(f"/lots/{codes['lot']}")
    opened(page, "Certify")
    sign(page, "quentin", "Sign: certify")
    page.goto(f"/lots/{codes['lot']}")
    expect(page.locator(".title .badge")).to_have_text("certified")
    with app.app_context():
        assert session.query(Decision).count() == 1 and session.query(TrailReview).count() >= 1
        assert session.scalars(sa.select(Entry.act).order_by(Entry.sequence.desc())).first()
        session.remove()


def sign(page: Page, name: str, button: str) -> None:
    """User name, password, the button: reached by Tab."""
    reach(page, "signer", 400)
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    opened(page, button)
    assert "Done:" in page.inner_text("h1"), page.inner_text("main")[:500]
