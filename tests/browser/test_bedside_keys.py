"""A running bag by keyboard alone: the focus is seen, stands where the next thing is to be done and
on what is wrong, and nothing typed is lost by a jump or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from mscbank.infusions.models import Infusion
from tests.browser.bedside_ward import phone, place, says, scan_both
from tests.browser.test_pages import looks_right
from tests.browser.test_whole_days import reach

__all__ = ["phone", "place"]  # fixtures
SEEN = """() => { const one = document.activeElement, how = getComputedStyle(one);
  return one.matches(":focus-visible") && how.outlineStyle !== "none"
    && parseFloat(how.outlineWidth) >= 2; }"""
VITALS = (("temperature_c", "36.8"), ("pulse", "72"), ("systolic", "124"), ("diastolic", "78"),
          ("saturation", "98"))


def running(place: Any, phone: Callable[..., Page], **how: Any) -> tuple[Page, dict[str, str]]:
    """A bag of nobody else, checked by two and started by Noel with the Enter key."""
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel", **how)
    scan_both(nadia, told)
    scan_both(noel, told)
    says(noel, "May be infused")
    expect(noel.locator("main")).to_be_focused()  # no stray Enter of a scanner starts a bag
    press_on(noel, "Start infusion")
    expect(noel.locator("h1")).to_have_text("Infusion running")
    return noel, told


def press_on(page: Page, words: str) -> None:
    reach(page, words)
    assert page.evaluate(SEEN), f"nobody sees that the focus is on “{words}”"
    page.keyboard.press("Enter")


def box(page: Page, name: str) -> Any:
    return page.locator(f"#{name}")


def test_vital_signs_and_what_is_wrong_with_them(place, phone) -> None:
    page, _ = running(place, phone)
    expect(box(page, "observe-temperature_c")).to_be_focused()  # they are due now
    for _, value in VITALS[:3]:
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    page.keyboard.type("150")  # above the systolic pressure
    page.keyboard.press("Tab")
    page.keyboard.type("98")
    page.keyboard.press("Enter")
    expect(box(page, "observe-diastolic")).to_be_focused()
    assert page.evaluate(SEEN)
    expect(page.locator("#observe-diastolic-wrong")).to_contain_text("measure again")
    assert {name: page.input_value(f"[name={name}]") for name, _ in VITALS} == (
        dict(VITALS) | {"diastolic": "150"})
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("78")
    page.keyboard.press("Enter")
    expect(page.locator("#seen")).to_be_visible()
    expect(page.locator("main")).to_be_focused()  # nothing is due


def test_a_jump_within_the_page_loses_nothing_that_was_typed(place, phone) -> None:
    page, told = running(place, phone)
    page.keyboard.type("38.4")
    page.evaluate("document.querySelector('main').focus()")
    press_on(page, "Stop early")
    expect(box(page, "stop-volume_given_ml")).to_be_focused()
    assert page.input_value("[name=temperature_c]") == "38.4"
    page.keyboard.type("900")  # more than was ordered
    page.keyboard.press("Tab")
    page.keyboard.type("A rash")
    page.keyboard.press("Enter")
    expect(page.locator("#alarm")).to_contain_text("Read the pump again")
    expect(box(page, "stop-volume_given_ml")).to_be_focused()  # open, with what was typed
    assert page.input_value("#stop-reason") == "A rash"
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("2,5")  # with the comma of a French keyboard
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Infusion stopped")
    expect(page.locator("main")).to_contain_text("2.5 mL given")
    assert place.count(Infusion, told["bag"]) == 1


def test_what_is_half_typed_beside_a_bag_stands_when_something_else_is_recorded(
        place, phone) -> None:
    """A reaction comes while the vital signs are taken, and vital signs while it is described; what
    was sent itself begins anew."""
    page, _ = running(place, phone)
    page.fill("[name=temperature_c]", "38.4")
    page.fill("[name=pulse]", "11")
    page.click("label.choice:has-text('flushing')")
    page.click(".grade >> nth=1")
    expect(page.locator(".alarm h2")).to_have_text("Flushing, grade 2")
    assert [page.input_value(f"[name={name}]") for name in ("temperature_c", "pulse")] == [
        "38.4", "11"]
    expect(page.locator("[name=term]:checked")).to_have_count(0)

    page.click("label.choice:has-text('chills')")
    page.fill("#report-reaction-done", "Pump slowed")
    for name, value in (("pulse", "112"), ("systolic", "124"), ("diastolic", "78"),
                        ("saturation", "98")):
        page.fill(f"[name={name}]", value)
    page.click("text=Keep these vital signs")
    expect(page.locator("#seen")).to_be_visible()
    expect(page.locator("[name=term]:checked")).to_have_value("chills")
    assert page.input_value("#report-reaction-done") == "Pump slowed"
    assert page.input_value("[name=temperature_c]") == ""


def test_a_death_is_asked_once_more_by_thumb_and_by_keyboard(place, phone) -> None:
    """A slip of the thumb records none, nor does a second tap; the other grades stay two taps."""
    page, told = running(place, phone, has_touch=True)
    page.locator("label.choice:has-text('chills')").tap()
    five = page.locator("summary.grade")
    five.tap()
    asked = page.locator(".death button")
    expect(page.locator(".death p")).to_contain_text(f"this person has died: {told['number']}")
    for one in (five, asked):
        assert one.bounding_box()["height"] >= 48
    looks_right(page)
    five.tap()  # a second tap takes it back
    expect(asked).to_be_hidden()
    page.locator(".grade >> nth=3").tap()
    expect(page.locator(".alarm h2")).to_have_text("Chills, grade 4")
    assert [one.grade for one in place.reactions(told["bag"])] == [4]

    page.evaluate("document.querySelector('main').focus()")
    press_on(page, "A reaction")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    press_on(page, "death")
    expect(asked).to_be_visible()
    assert [one.grade for one in place.reactions(told["bag"])] == [4]
    press_on(page, "Record the death of")
    expect(page.locator(".alarm h2").last).to_have_text("Allergic reaction, grade 5")
    assert [one.grade for one in place.reactions(told["bag"])] == [4, 5]


def test_a_reaction_and_the_end(place, phone) -> None:
    page, told = running(place, phone)
    page.evaluate("document.querySelector('main').focus()")
    press_on(page, "A reaction")
    page.keyboard.press("Tab")  # into the list of reactions
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=term]:checked")).to_have_value("anaphylaxis")
    reach(page, "done")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(" ")
    press_on(page, "moderate")
    expect(box(page, "report-reaction-done")).to_be_focused()  # blanks say nothing
    expect(page.locator("[name=term]:checked")).to_have_value("anaphylaxis")
    page.keyboard.type("Stopped the pump")
    page.keyboard.press("Enter")  # chooses no grade
    expect(box(page, "report-reaction-done")).to_be_focused()
    assert page.evaluate("!document.querySelector('form[data-sent]')")
    assert place.reactions(told["bag"]) == []
    press_on(page, "moderate")
    expect(page.locator(".alarm h2")).to_have_text("Anaphylaxis, grade 2")
    page.evaluate("document.querySelector('main').focus()")
    press_on(page, "Bag empty")
    expect(box(page, "finish-volume_given_ml")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box(page, "too-quick")).to_be_focused()
    page.keyboard.type("The pump was set too fast.")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Infusion finished")


def test_a_touch_screen_is_not_half_hidden_by_its_keys(place, phone) -> None:
    """There the start leaves the focus at the head of the page: nobody asked for a keyboard."""
    page, _ = running(place, phone, has_touch=True)
    expect(page.locator("main")).to_be_focused()
