"""Signing in a real browser: without a mouse, with news in between, and after bad news."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from mscbank import clock
from tests.browser.modes import wrongs
from tests.browser.office import Office, desk, office
from tests.cast import PASSWORD

__all__ = ["desk", "office"]  # fixtures
FOCUSED = """() => { const one = document.activeElement;
  return one.labels && one.labels.length ? one.labels[0].textContent.trim()
    : one.getAttribute("aria-label") || one.textContent.trim().replace(/\\s+/g, " "); }"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is named so has the focus."""
    passed = []
    for _ in range(60):
        page.keyboard.press("Tab")
        passed.append(page.evaluate(FOCUSED)[:60])
        if passed[-1].startswith(name):
            return
    raise AssertionError(f"no Tab leads to {name!r}, only to {passed}")


def follow(page: Page, name: str) -> None:
    """Press Tab until this link has the focus, then Enter."""
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_by_keyboard(page: Page) -> None:
    """Read the record to its end, leap over its links, give name and password, press Enter."""
    tab_to(page, "Down to the signature")
    tab_to(page, "The record as it will be sealed")
    page.keyboard.press("End")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "User name"
    page.keyboard.type("quentin")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/done/**")


def test_a_lot_is_reviewed_read_and_certified_without_a_mouse(office: Office,
                                                             desk: Callable[..., Page]) -> None:
    page = desk("quentin")
    page.goto(f"/lots/{office.codes['unread']}")
    follow(page, "Review trail")
    expect(page.locator(".meaning")).to_contain_text("I have read these entries of the trail")
    expect(page.locator("h3").first).to_contain_text("To be read first")
    sign_by_keyboard(page)
    for name in ("Go to Review of the trail", "Lot L"):
        follow(page, name)
    expect(page.locator(".trail-state")).to_contain_text("Trail reviewed up to entry")
    follow(page, "Certify")
    expect(page.locator(".meaning")).to_contain_text("I certify that this lot meets")
    expect(page.locator("form.act dl.facts")).to_contain_text("Quentin Noir, quality assurance")
    sign_by_keyboard(page)
    page.goto(f"/lots/{office.codes['unread']}")
    expect(page.locator("h1 .badge")).to_have_text("certified")
    expect(page.locator(".signature").first).to_contain_text("covers the record")


def test_what_came_between_reading_and_signing_is_shown(office: Office,
                                                        desk: Callable[..., Page]) -> None:
    page = desk("quentin")
    page.goto(f"/lots/{office.codes['ready']}/certify")
    office.result_arrives(office.codes["ready"])
    page.fill("#signer", "quentin")
    page.fill("#signer-password", PASSWORD)
    page.click("text=Sign: certify")
    expect(page.locator("#alarm h2")).to_have_text("Not done")
    expect(page.locator("#alarm")).to_be_focused()
    changes = page.locator("#alarm .changes li")
    expect(changes.filter(has_text="cd105")).not_to_have_count(0)
    assert wrongs(page) == []
    page.goto(f"/lots/{office.codes['ready']}")
    expect(page.locator("h1 .badge")).to_have_text("pending")


def test_a_time_code_is_asked_for_beside_the_password(office: Office,
                                                      desk: Callable[..., Page]) -> None:
    page = desk("quynh")
    page.goto(f"/lots/{office.codes['failing']}/review-trail")
    assert page.locator("[name=signer_code]").count() == 0
    app = office.time_code_for_quynh()
    page.reload()
    assert wrongs(page) == []
    page.fill("#signer", "quynh")
    page.fill("#signer-password", PASSWORD)
    good = {app.at(clock.now() + timedelta(seconds=30 * step)) for step in range(-2, 3)}
    page.fill("[name=signer_code]", next(code for code in map("{:06}".format, range(6))
                                         if code not in good))
    page.press("[name=signer_code]", "Enter")
    expect(page.locator("#alarm")).to_be_visible()
    assert page.locator("[name=signer_code]").input_value() == ""


def test_the_physician_learns_of_growth_after_release_and_signs_for_it(
        office: Office, desk: Callable[..., Page]) -> None:
    office.sterility_fails(lot := office.codes["released"])
    page = desk("paula")
    page.goto("/")
    alert = page.locator(".alarm").last
    expect(alert).to_contain_text("Sterility of lot")
    alert.get_by_text("look at it").click()
    expect(page.locator("h1 .badge")).to_have_text("nonconforming")
    page.click("text=Recall: all before and after it")
    expect(page.locator("h1")).to_contain_text("Recall: Lot")
    expect(page.locator("tbody th", has_text="Bag 1 of lot")).not_to_have_count(0)
    page.locator(".alarm a").first.click()
    page.click("text=Acknowledge alert")
    expect(page.locator(".meaning")).to_contain_text("I have read this alert and act on it.")
    page.fill("#signer", "paula")
    page.fill("#signer-password", PASSWORD)
    page.click("text=Sign: acknowledge alert")
    page.wait_for_url("**/done/**")
    page.goto(f"/lots/{lot}")
    expect(page.locator(".alarm", has_text="for physician")).to_have_count(0)
    expect(page.locator(".alarm", has_text="for quality assurance")).to_have_count(1)
