"""People at work, in a real browser: the nurse at the bedside, quality assurance, a technician."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.ward import Ward, sit_down, ward, wedge
from tests.cast import PASSWORD

__all__ = ["sit_down", "ward"]  # fixtures
WCAG = {"runOnly": {"type": "tag", "values": [
    "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}


def violations(page: Page) -> list[str]:
    """What axe finds, by rule and by where it is."""
    found = Axe().run(page, options=WCAG).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']][:3]}" for each in found]


def looks_right(page: Page) -> None:
    """No barrier, and nothing sticks out of the screen."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("scheme", "width"), [("dark", 360), ("light", 1280)])
def test_no_page_has_a_barrier(ward: Ward, sit_down, width: int, scheme: str) -> None:
    pages = {"nadia": [f"/recipients/{ward.recipient}", f"/cultures/{ward.culture}",
                       f"/bags/{ward.bag}", "/bedside", "/scan"],
             "quentin": [f"/lots/{ward.lot}", f"/lots/{ward.undecided}", "/trail", "/trail/1"]}
    for username, addresses in pages.items():
        page = sit_down(username, width=width, scheme=scheme)
        errors: list[str] = []
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        for address in addresses:
            page.goto(address)
            looks_right(page)
            assert errors == [], address  # among them what the content policy refuses


def test_a_technician_scans_a_bag_with_the_focus_anywhere(ward: Ward, sit_down) -> None:
    page = sit_down("tessa")
    page.goto(f"/recipients/{ward.recipient}")
    page.locator("main").click()
    wedge(page, ward.label)
    expect(page.locator("h1")).to_have_text("Bag 1 of lot L26-001")
    looks_right(page)
    wedge(page, "BXBBBBBBBBBBBBBBBBBB")
    expect(page.locator(".verdict .word")).to_have_text("Damaged code")
    looks_right(page)


def test_a_box_of_a_form_gives_back_what_a_scan_typed_into_it(ward: Ward, sit_down) -> None:
    page = sit_down("quentin")
    page.goto("/trail")
    page.fill("#person", "tessa")
    page.locator("#person").focus()
    wedge(page, ward.label)
    expect(page.locator("h1")).to_have_text("Bag 1 of lot L26-001")


def test_quality_assurance_reads_the_record_and_signs_it(ward: Ward, sit_down) -> None:
    page = sit_down("quentin")
    page.goto(f"/lots/{ward.undecided}")
    expect(page.locator(".last").first).to_have_text(
        "Every criterion is met: the lot may be certified.")
    page.click("text=Certify")
    expect(page.locator(".meaning")).to_contain_text("I certify that this lot meets")
    looks_right(page)
    page.fill("#signer", "quentin")
    page.fill("#signer-password", PASSWORD)
    page.click("text=Sign: certify")
    page.goto(f"/lots/{ward.undecided}")
    expect(page.locator(".signature").first).to_contain_text("Quentin Noir, quality assurance")
    expect(page.locator(".signature").first).to_contain_text("covers the record")
