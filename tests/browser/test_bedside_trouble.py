"""What goes wrong at a bedside: time, sessions, the Back button, shared tablets."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from mscbank.infusions.models import Infusion
from tests.browser.bedside_ward import deaf, phone, place, says, scan, scan_both, start
from tests.cast import PASSWORD

__all__ = ["phone", "place"]  # fixtures


def test_the_start_closes_when_its_time_is_over(place, phone) -> None:
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan_both(noel, told)
    says(noel, "May be infused")
    says(nadia, "May be infused")
    deaf(nadia)
    place.late += timedelta(seconds=61)
    noel.reload()
    says(noel, "Cannot tell")
    expect(noel.locator(".reasons")).to_contain_text("time for this start is over")
    nadia.locator(".start").click()  # a page that did not notice
    says(nadia, "Stop")
    assert place.count(Infusion, told["bag"]) == 0


def test_going_back_after_a_start_leads_to_the_infusion(place, phone) -> None:
    told = place.family()
    noel = start(phone, told)
    noel.go_back()
    expect(noel.locator("h1")).to_have_text("Infusion running")
    assert noel.locator(".start").count() == 0


def test_a_session_that_ended_mid_check_goes_on_where_it_was(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan(page, told["band"])
    expect(page.locator("h1")).to_have_text("Now scan the bag")
    place.end_sessions()
    scan(page, told["label"])
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator("[role=alert]")).to_contain_text("what you typed is kept")
    page.fill("[name=username]", "nadia")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.click("text=Go on where I was")
    expect(page.locator("h1")).to_have_text("Now the second person")


def test_vital_signs_of_a_session_that_ended_are_kept_for_their_owner_alone(place, phone) -> None:
    told = place.family()
    noel = start(phone, told)
    address = noel.url
    for name, value in (("temperature_c", "37.1"), ("pulse", "80"), ("systolic", "130"),
                        ("diastolic", "80"), ("saturation", "97")):
        noel.fill(f"[name={name}]", value)
    place.end_sessions()
    noel.click("text=Keep these vital signs")
    noel.fill("[name=username]", "noel")
    noel.fill("[name=password]", PASSWORD)
    noel.press("[name=password]", "Enter")
    expect(noel.locator("main")).to_contain_text("37.1")
    noel.click("text=Do it now")
    expect(noel.locator("#seen")).to_be_visible()
    assert noel.url == address
    noel.fill("[name=temperature_c]", "38.8")
    for name, value in (("pulse", "99"), ("systolic", "131"), ("diastolic", "81"),
                        ("saturation", "96")):
        noel.fill(f"[name={name}]", value)
    place.end_sessions()
    noel.click("text=Keep these vital signs")
    noel.fill("[name=username]", "nadia")  # another person signs in at this tablet
    noel.fill("[name=password]", PASSWORD)
    noel.press("[name=password]", "Enter")
    expect(noel.locator(".who .name")).to_have_text("Nadia Simon")
    assert "38.8" not in noel.content()


def test_a_shared_tablet_changes_hands_by_badge_and_password(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan(page, told["band"])
    expect(page.locator("h1")).to_have_text("Now scan the bag")
    page.click("text=Lock, or another person")
    expect(page.locator("h1")).to_have_text("Locked")
    scan(page, place.badge("noel"))  # the scanner's own ending goes to the password
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".who .name")).to_have_text("Noel Garnier")
    expect(page.locator("h1")).to_have_text("Scan wristband and bag")
    assert told["band"] not in page.content()  # her scans are hers
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.who .name')).fontSize)")
    assert size >= 20


def test_a_tablet_nobody_touches_locks_itself(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan(page, told["band"])
    expect(page.locator("h1")).to_have_text("Now scan the bag")
    page.evaluate("document.querySelector('[data-lock]').dataset.lock = 0.02")  # 1.2 s
    expect(page.locator("h1")).to_have_text("Locked")
    page.fill("[name=username]", "nadia")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.click("text=Go on where I was")
    expect(page.locator("h1")).to_have_text("Now scan the bag")
