"""French on a phone: its words are longer, and nothing runs out of the screen or over another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from mscbank import clock
from mscbank.bags.models import Lot
from mscbank.database import session
from tests.browser.conftest import sign_in
from tests.browser.ward import served_bank
from tests.cast import Cast
from tests.stages.everything import something_of_everything

PAGES = {"quentin": ("/", "/lots/", "/lots/{lot}", "/help", "/follow-up"), "nadia": ("/", "/bedside")}
OUT = "document.documentElement.scrollWidth > window.innerWidth"
# The parts of the head, each with its words, which may stick out of their box; of a name the words
# alone, and of a bell its sign and count, for around it there is room to press.
OVER = """() => {
  const written = one => {
    const words = document.createRange();
    words.selectNodeContents(one);
    return [...words.getClientRects()];
  };
  const seen = part => part.matches(".who") ? [...part.children].flatMap(written)
    : part.matches(".bell") ? [...part.querySelectorAll("svg, .count")].map(one => one.getBoundingClientRect())
    : [part.getBoundingClientRect(), ...written(part)];
  const parts = [...document.querySelectorAll(".top > :not(.ways)")].map(part => {
    const all = seen(part);
    return {name: part.className, left: Math.min(...all.map(one => one.left)),
      right: Math.max(...all.map(one => one.right)), top: Math.min(...all.map(one => one.top)),
      bottom: Math.max(...all.map(one => one.bottom))};
  });
  return parts.flatMap((one, at) => parts.slice(at + 1).filter(other =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1)
    .map(other => one.name + " over " + other.name));
}"""


def _tell(cast: Cast) -> str:
    """All at one moment, after the people came."""
    with clock.pinned(clock.now()):
        something_of_everything(cast)
    return session.scalars(sa.select(Lot.code).order_by(Lot.id.desc())).first() or ""


@pytest.fixture(scope="module")
def phone(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, str]]:
    """A phone whose browser asks for French, nobody signed in, and the code of a lot."""
    with served_bank(tmp_path_factory.mktemp("french"), _tell) as (address, code, _):
        context = chromium.new_context(base_url=address, locale="fr-FR",
                                       viewport={"width": 360, "height": 740})
        yield context.new_page(), code
        context.close()


def _taken_by(page: Page, username: str) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in")
    sign_in(page, username)


def test_no_main_page_in_french_runs_out_of_a_phone(phone: tuple[Page, str]) -> None:
    page, lot = phone
    wrong = {}
    for username, paths in PAGES.items():
        _taken_by(page, username)
        for path in paths:
            answer = page.goto(path.format(lot=lot))
            assert answer is not None and answer.status == 200, path
            assert page.get_attribute("html", "lang") == "fr"
            said = ["runs out"] if page.evaluate(OUT) else []
            if said := said + page.evaluate(OVER):
                wrong[path] = said
    assert wrong == {}


def test_a_page_that_runs_out_and_a_head_that_overlaps_are_seen(phone: tuple[Page, str]) -> None:
    page, _ = phone
    _taken_by(page, "quentin")
    assert page.evaluate(OVER) == []
    page.evaluate("document.querySelector('.out button').style.marginLeft = '-6rem'")
    assert page.evaluate(OVER)
    page.evaluate("document.querySelector('main').style.width = '30rem'")
    assert page.evaluate(OUT)
