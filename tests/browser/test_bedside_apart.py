"""Two phones at one bed on which not the same was scanned: both say so, and neither waits."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from mscbank.infusions.models import Check, Infusion
from tests.browser.bedside_ward import phone, place, says, scan_both
from tests.browser.test_pages import looks_right

__all__ = ["phone", "place"]  # fixtures
NADIA, NOEL = "Nadia Simon", "Noel Garnier"


def waits(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Now the second person")


def lower(title: str) -> str:
    return title[0].lower() + title[1:]


def test_two_phones_with_two_bags_of_one_dose_say_stop_and_then_scan_one_at_once(place, phone) -> None:
    mine, other = place.family(), place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, mine)
    waits(nadia)
    assert other["title"] not in nadia.content() and NOEL not in nadia.content()
    scan_both(noel, other)
    for page in (noel, nadia):
        says(page, "Stop")  # she hears it on the phone that waited, without a press
        for who, told in ((NADIA, mine), (NOEL, other)):
            expect(page.locator(".reasons")).to_contain_text(
                f"{who} scanned label 1 of {lower(told['title'])}.")
        expect(page.locator(".reasons")).to_contain_text("choose the one that is given now")
        assert page.locator(".start, .read-back").count() == 0
        looks_right(page)
    assert (place.count(Check, mine["bag"]), place.count(Check, other["bag"])) == (0, 1)
    scan_both(noel, mine)  # a new check begins with the scan: they put both bags side by side
    waits(noel)
    scan_both(nadia, mine)
    for page in (noel, nadia):
        says(page, "May be infused")
    nadia.locator(".start").click()
    expect(nadia.locator("h1")).to_have_text("Infusion running")
    assert place.count(Infusion, mine["bag"]) == 1


def test_a_wrong_wristband_on_one_phone_stops_the_phone_that_waits_for_the_same_bag(
        place, phone) -> None:
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    waits(nadia)
    scan_both(noel, told | {"band": place.other_band})
    for page in (noel, nadia):
        says(page, "Stop")
        expect(page.locator(".reasons")).to_contain_text(f"This bag is for {told['number']}")
        expect(page.locator(".reasons")).to_contain_text(f"{NADIA} scanned the wristband of")
        expect(page.locator(".reasons")).to_contain_text(f"{NOEL} scanned the wristband of")
    looks_right(nadia)
