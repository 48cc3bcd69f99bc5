"""The screens in a real browser: signing in, an act by keyboard, scanning, axe on each state."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from mscbank import clock
from mscbank.settings import local
from tests.cast import PASSWORD
from tests.mscbank.web.conftest import hidden

STATES = {"the sign-in page": (None, "/"), "the worklist": ("quentin", "/"),
          "a list": ("tessa", "/reagents/"), "a thing": ("quentin", "/reagents/{reagent}"),
          "a form": ("tessa", "/reagents/add-reagent"),
          "a form with boxes of every kind": ("paula", "/recipients/{recipient}/score-skin"),
          "a refusal": ("tessa", "/nowhere"), "the password page": ("tessa", "/password"),
          "an empty list": ("tessa", "/lots/")}
BURST = """code => {
  for (const key of [...code, "Enter"])
    document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}));
}"""
# The pieces of the head that lie upon each other, and whether the page is wider than the window.
HEAD = """() => {
  const letters = document.createRange();
  letters.selectNodeContents(document.querySelector(".who .name"));
  const boxes = [letters, ...document.querySelectorAll(".mark, .top .scan, .bell, .out .button")]
    .map(one => one.getBoundingClientRect());
  const upon = boxes.filter((a, i) => boxes.some((b, j) => i < j && a.left < b.right - 1 &&
    b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
  return {upon, wide: document.documentElement.scrollWidth > innerWidth};
}"""


@pytest.mark.parametrize("scheme, width", [("light", 1280), ("dark", 360)])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(state: str, scheme: str, width: int, open_page, served) -> None:
    from axe_playwright_python.sync_playwright import Axe

    username, path = STATES[state]
    page = open_page(username, path.format(**vars(served)), scheme=scheme, width=width)
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    small = page.evaluate("""() => [...document.querySelectorAll(
        "button, .button, nav a, input:not([type=hidden]):not([type=radio]), select, summary")]
        .filter(one => one.offsetParent && one.getBoundingClientRect().height < 48)
        .map(one => one.outerHTML)""")
    assert small == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_in_the_head_lies_upon_another_at_any_width(language, open_page, served) -> None:
    page = open_page("quentin", "/alerts/")
    page.context.add_cookies([{"name": "msc_language", "value": language, "url": served.address}])
    page.reload()
    assert page.get_attribute("html", "lang") == language
    wrong = {}
    for width in range(320, 1441, 16):
        page.set_viewport_size({"width": width, "height": 800})
        if (found := page.evaluate(HEAD)) != {"upon": 0, "wide": False}:
            wrong[width] = found
    assert wrong == {}
    page.evaluate("document.querySelector('.who').style.marginRight = '-6rem'")  # the control
    assert page.evaluate(HEAD)["upon"] > 0


def test_a_wrong_password_is_said_and_the_name_is_kept(open_page) -> None:
    page = open_page(None)
    page.fill("#username", "theo")
    page.fill("#password", "not his password")
    page.press("#password", "Enter")
    page.wait_for_selector("[role=alert]")
    assert "do not match" in page.inner_text("[role=alert]")
    assert page.input_value("#username") == "theo"
    assert page.evaluate("document.activeElement.id") in ("password", "alarm")


def test_an_act_by_keyboard_alone(open_page, served) -> None:
    page, before = open_page("tessa", "/"), served.reagents()
    page.goto(served.address + "/reagents/add-reagent")
    page.focus("select[name=reagent]")
    for keys in ("medium", "Tab", "MEM alpha", "Tab", "K-1", "Tab", "Macopharma", "Tab"):
        page.keyboard.press(keys) if keys == "Tab" else page.keyboard.type(keys)
    page.keyboard.type("01312027")
    assert "31 JAN 2027" in page.inner_text("main")
    page.focus("button[value=do]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/done/**")
    assert "Done: add reagent" in page.inner_text("h1")
    assert served.reagents() == before + 1


def test_errors_get_the_focus_and_lead_to_their_boxes(open_page, served) -> None:
    page = open_page("tessa")
    page.goto(served.address + "/reagents/add-reagent")
    page.fill("input[name=supplier]", "Macopharma")
    page.click("button[value=do]")
    page.wait_for_selector("#alarm")
    expect(page.locator("#alarm")).to_be_focused()
    assert page.input_value("input[name=supplier]") == "Macopharma"
    page.click("#alarm a >> nth=0")
    page.wait_for_url("**#box-reagent")


def test_a_record_is_read_and_signed(open_page, served) -> None:
    page = open_page("paula")
    page.goto(f"{served.address}/recipients/{served.recipient}/assess")
    page.fill("input[name=assessed_on]", f"{local(clock.now()):%Y-%m-%d}")
    page.click("button[value=review]")
    page.wait_for_selector(".sealed")
    assert hidden(page.content(), "seen") in page.inner_text(".sealed")
    page.fill("#signer", "paula")
    page.fill("#signer-password", PASSWORD)
    page.click("button[value=sign]")
    page.wait_for_url("**/done/**")
    assert "Done: assess" in page.inner_text("h1")


@pytest.mark.parametrize("focus", ["body", "nav a", ".out button", "#scan-text"])
def test_a_scan_is_understood_wherever_the_focus_is(focus: str, open_page, served) -> None:
    page = open_page("quentin")
    page.evaluate("focus => document.querySelector(focus).focus()", focus)
    page.evaluate(BURST, served.reagent.lower())
    page.wait_for_selector("dl.facts")
    assert "Alpha-MEM" in page.inner_text("h1") and page.url.endswith("/scan")


def test_a_scan_into_a_password_is_left_alone(open_page, served) -> None:
    page = open_page("quentin", "/")
    page.goto(served.address + "/password")
    page.focus("#present")
    page.evaluate(BURST, served.reagent)
    page.wait_for_timeout(200)
    assert page.url.endswith("/password")


def test_a_scan_of_reagents_fills_their_box_line_by_line(open_page, served) -> None:
    page = open_page("tessa")
    page.evaluate("""() => {
        const box = document.createElement("textarea");
        box.dataset.scan = "lines"; box.id = "codes";
        document.querySelector("main").append(box); box.focus();
    }""")
    for _ in range(2):
        page.evaluate(BURST, served.reagent)
    expect(page.locator("#codes")).to_have_value(f"{served.reagent}\n{served.reagent}\n")


def test_slow_typing_is_no_scan(open_page, served) -> None:
    page = open_page("quentin")
    page.focus("nav a")
    page.keyboard.type(served.reagent[:10], delay=160)
    page.wait_for_timeout(200)
    assert page.url.rstrip("/") == served.address


def test_the_slash_goes_to_the_scan_box(open_page) -> None:
    page = open_page("quentin")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "scan-text"


def test_a_pressed_button_cannot_be_pressed_twice(open_page, served) -> None:
    page = open_page("tessa")
    page.goto(served.address + "/reagents/add-reagent")
    page.evaluate("""() => document.addEventListener("submit", event => event.preventDefault())""")
    page.click("button[value=do]")
    page.wait_for_function("document.querySelector('button[value=do]').disabled")


def test_a_lost_network_is_said_at_once(open_page) -> None:
    page = open_page("nadia", width=360)
    page.context.set_offline(True)
    page.wait_for_selector("body.offline")
    assert "paper form" in page.evaluate("getComputedStyle(document.body, '::before').content")
    page.context.set_offline(False)


def test_on_a_phone_a_list_stands_before_what_narrows_it_down(open_page, served) -> None:
    """Folded while nothing is asked of it; open once something is, and wherever there is room."""
    page = open_page("tessa", "/reagents/", width=360)
    asks, box = page.locator(".narrowing > summary"), page.locator("#q")
    expect(asks).to_be_visible()
    expect(box).to_be_hidden()
    asks.click()
    box.fill("a")
    page.locator(".narrow-down button").click()
    page.wait_for_url("**/reagents/?*q=a*")
    expect(page.locator("#q")).to_have_value("a")
    expect(page.locator("#q")).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{served.address}/reagents/")
    expect(page.locator("#q")).to_be_visible()
    expect(page.locator(".narrowing > summary")).to_be_hidden()


def test_who_may_look_nothing_up_has_name_and_bell_at_the_end_of_the_head(open_page, served) -> None:
    page = open_page("adam", "/alerts/", width=1920)
    assert page.locator("#scan").count() == 0
    left = page.evaluate("document.querySelector('.who .name').getBoundingClientRect().right")
    bell = page.evaluate("document.querySelector('.bell').getBoundingClientRect().left")
    assert 0 <= bell - left < 64
