"""A slip of the hand beside a running bag: asked about at its box, typed again with one press of
the keys; and nothing of it is lost or mixed up when the network was away."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page, expect

from mscbank.database import session
from mscbank.infusions.models import Infusion, Observation
from tests.browser.bedside_ward import offline_within, phone, place, start
from tests.browser.test_pages import looks_right

__all__ = ["phone", "place"]  # fixtures
SIGNS = {"temperature_c": "36.8", "pulse": "72", "systolic": "124", "diastolic": "78"}
WHY = "Measured again: pale."
# What of the vital signs is wider than the screen, or stands in a box that scrolls sideways.
CUT = """() => { const box = document.querySelector("section:has(#seen) .scroll");
  return [box, ...box.querySelectorAll("td")].filter(one => one.scrollWidth > box.clientWidth + 1
    || one.getBoundingClientRect().right > innerWidth).map(one => one.textContent); }"""


def running(place, phone) -> tuple[Page, dict[str, str]]:
    told = place.family()
    return start(phone, told), told


def keep(page: Page, **signs: str) -> None:
    for name, value in (SIGNS | signs).items():
        page.fill(f"[name={name}]", value)
    page.click("text=Keep these vital signs")


def asked(page: Page, percent: str) -> None:
    expect(page.locator("#observe-saturation-wrong")).to_contain_text(f"{percent} % lies outside")
    expect(page.locator("[name=why_unusual]")).to_have_count(1)
    assert {name: page.input_value(f"[name={name}]") for name in SIGNS} == SIGNS


def kept(place, told: dict[str, str]) -> list[tuple[int, int, str | None, bool]]:
    """Saturation, pulse, reason and whether it was more than a minute ago, in their order."""
    with place.app.app_context():
        found = session.query(Observation).join(
            Infusion, Infusion.id == Observation.infusion_id).filter(
            Infusion.bag.has(code=told["bag"])).order_by(Observation.at)
        return [(one.saturation, one.pulse, one.why_unusual,
                 one.recorded_at - one.at > timedelta(minutes=1)) for one in found]


def test_a_slip_is_typed_again_and_what_is_true_is_kept_with_one_word(place, phone) -> None:
    page, told = running(place, phone)
    keep(page, saturation="9")
    asked(page, "9")
    looks_right(page)
    expect(page.locator("[name=saturation]")).to_be_focused()
    page.keyboard.type("98")  # takes the place of the 9
    page.keyboard.press("Enter")
    expect(page.locator("#seen")).to_be_visible()
    assert kept(place, told) == [(98, 72, None, False)]
    keep(page, saturation="85")
    asked(page, "85")
    page.click("label.choice:has-text('chills')")  # a reaction comes first
    page.click(".grade >> nth=1")
    expect(page.locator(".alarm h2")).to_have_text("Chills, grade 2")
    asked(page, "85")  # the question stands, with all that was typed
    page.fill("[name=why_unusual]", WHY)
    page.click("text=Keep these vital signs")
    expect(page.locator("main")).to_contain_text(f"Out of the usual: {WHY}")
    assert page.input_value("[name=pulse]") == ""
    assert kept(place, told)[1:] == [(85, 72, WHY, False)]
    for opened in (False, True):  # as it came in the other page's place, and opened by itself
        if opened:
            page.reload()
        lines = page.locator("section:has(#seen) tbody tr")
        expect(lines.nth(0).locator("td.number").last).to_have_attribute(
            "data-column", "SpO₂ (%)")
        expect(lines.nth(1)).to_have_text(f"Out of the usual: {WHY}")
        assert page.evaluate(CUT) == [], opened
    looks_right(page)
    page.set_viewport_size({"width": 1280, "height": 800})  # the control: a table at a desk
    expect(lines.nth(0)).to_have_css("display", "table-row")


def test_one_that_waited_for_the_network_is_asked_about_then_and_keeps_its_hour(
        place, phone) -> None:
    page, told = running(place, phone)
    offline_within(page, lambda: page.context.set_offline(True),
                   lambda: page.context.set_offline(False))
    keep(page, saturation="85")
    expect(page.locator("#kept li")).to_have_count(1)
    page.fill("[name=pulse]", "99")  # the next ones, half typed
    place.late += timedelta(seconds=90)
    page.context.set_offline(False)
    asked(page, "85")
    page.fill("[name=why_unusual]", WHY)
    offline_within(page, lambda: page.context.set_offline(True),
                   lambda: page.context.set_offline(False))
    page.click("text=Keep these vital signs")
    expect(page.locator("#kept li")).to_contain_text(WHY)
    expect(page.locator("[name=why_unusual]")).to_have_count(0)  # free for the next
    assert page.input_value("[name=saturation]") == ""
    page.context.set_offline(False)
    expect(page.locator("#seen")).to_be_visible()
    expect(page.locator("#kept")).to_have_count(0)
    assert page.input_value("[name=pulse]") == "99"  # what was half typed is back
    assert kept(place, told) == [(85, 72, WHY, True)]
    keep(page, saturation="97")
    expect(page.locator("section:has(#seen) tbody tr")).to_have_count(3)
    assert kept(place, told)[1:] == [(97, 72, None, False)]  # with its own hour
