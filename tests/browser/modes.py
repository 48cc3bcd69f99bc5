"""The ways a page is looked at: light, dark, on a phone, at twice the size, on paper; and what is
wrong there.

A page is opened once and then looked at in each way: what changes is what the style sheet does.
Every rule of axe for WCAG 2.0 to 2.2, A and AA, is asked each time; none is left out by thought.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.addresses import ALL

WCAG = {"runOnly": {"type": "tag", "values": [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]},
    "resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
LOOK = "how => axe.run(document, how).then(found => found.violations.map(" \
       "one => one.id + ': ' + one.nodes[0].html.slice(0, 160)))"
OUT = "document.documentElement.scrollWidth > window.innerWidth"
# A window of another size is told to the page while it runs: it is looked at once it knows.
LAID_OUT = """width => new Promise(done => {
  const told = () => window.innerWidth === width ? done() : requestAnimationFrame(told);
  told();
})"""
# What a page keeps folded is looked at too; of rows that are alike the first few.
UNFOLD = "() => { for (const one of document.querySelectorAll('main details')) one.open = true; }"
ALIKE = """() => { for (const one of document.querySelectorAll(
  "table.data tr:nth-child(n + 6), table.record tr:nth-child(n + 8), .record > li + li + li"))
  one.remove(); }"""
# On paper nothing is there to press, and all is black on white whatever the screen was.
PRINTED = """() => {
  const seen = one => one.getClientRects().length && getComputedStyle(one).visibility === "visible";
  const said = [...document.querySelectorAll("nav, button, .button, .skip, input, select, textarea")]
    .filter(seen).map(one => "to press: " + one.outerHTML.slice(0, 80));
  const colours = getComputedStyle(document.querySelector("main"));
  const ground = getComputedStyle(document.documentElement).backgroundColor;
  if (colours.color !== "rgb(0, 0, 0)" || ground !== "rgb(255, 255, 255)")
    said.push(colours.color + " on " + ground);
  return said;
}"""
# The parts of the head, each with its words, which may stick out of their box; of a name the words
# alone, and of a bell its sign and count, for around it there is room to press.
OVER = """() => {
  const written = one => {
    const words = document.createRange();
    words.selectNodeContents(one);
    return [...words.getClientRects()];
  };
  const seen = part => part.matches(".who") ? [...part.children].flatMap(written)
    : part.matches(".bell")
      ? [...part.querySelectorAll("svg, .count")].map(one => one.getBoundingClientRect())
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


class Mode(NamedTuple):
    """A way a page is looked at: its name, the size of the window, the colours."""

    name: str
    width: int
    height: int
    scheme: str


DESK = Mode("light", 1280, 800, "light")
MODES = (DESK, Mode("dark", 1280, 800, "dark"), Mode("phone", 360, 740, "light"),
         Mode("twice the size", 640, 400, "light"))
# As wide as A4 between its margins, across or along.
PAPER, SIDEWAYS = Mode("paper", 680, 900, "dark"), Mode("paper", 1009, 600, "dark")
DARK_PHONE = Mode("dark phone", 360, 740, "dark")


@cache
def _axe() -> str:
    return Axe().axe_script


def put_in(page: Page, mode: Mode) -> None:
    """Show the page this way, without opening it again; it is laid out for that window."""
    page.emulate_media(color_scheme=mode.scheme, reduced_motion="reduce")
    size = {"width": mode.width, "height": mode.height}
    if page.viewport_size != size:
        page.set_viewport_size(size)
        page.evaluate(LAID_OUT, mode.width)


def looked_at(page: Page) -> list[str]:
    """What is wrong with the page as it stands."""
    said = ["sticks out"] if page.evaluate(OUT) else []
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    return said + page.evaluate(LOOK, WCAG)


def on_paper(page: Page) -> list[str]:
    """What is wrong with the page when it is printed, from a dark screen."""
    put_in(page, SIDEWAYS if page.locator("body.sideways").count() else PAPER)
    page.emulate_media(media="print")
    said = ["sticks out"] if page.evaluate(OUT) else []
    said += page.evaluate(PRINTED)
    page.emulate_media(media="null")
    return [f"paper: {one}" for one in said]


def wrongs(page: Page) -> list[str]:
    """What is wrong with the open page in any of the ways it is looked at; at last it stands as at a
    desk again, but for the rows that were taken out."""
    if not ALL:
        page.evaluate(ALIKE)
    page.evaluate(UNFOLD)
    said = []
    for mode in (*MODES, DARK_PHONE) if ALL else MODES:
        put_in(page, mode)
        said += [f"{mode.name}: {one}" for one in looked_at(page)]
    said += on_paper(page)
    put_in(page, DESK)
    return said
