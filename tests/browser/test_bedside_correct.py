"""A slip beside a bag is put right on the nurse's phone, from its line and back to it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from mscbank.database import session
from mscbank.infusions.models import Infusion
from tests.browser.bedside_ward import phone, place
from tests.browser.test_bedside_unusual import SIGNS, running
from tests.browser.test_pages import looks_right

__all__ = ["phone", "place"]  # fixtures
WHY = "Typed 97 for 79: read again."


def sent(page: Page, name: str, **boxes: str) -> None:
    """Fill what is named and press the button of the form; back on the page of the bag."""
    for box, value in boxes.items():
        page.fill(f"[name={box}]", value)
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_url("**/infusions/*#*")


def test_vital_signs_and_a_reaction_are_corrected_from_their_lines(place, phone) -> None:
    page, told = running(place, phone)
    for box, value in (SIGNS | {"pulse": "97", "saturation": "98"}).items():
        page.fill(f"[name={box}]", value)
    page.click("text=Keep these vital signs")
    lines = page.locator("section:has(#seen) tbody tr")
    expect(lines).to_have_count(1)
    page.click("label.choice:has-text('chills')")
    page.click(".grade >> nth=0")
    expect(page.locator(".alarm h2")).to_have_text("Chills, grade 1")

    lines.get_by_role("link", name="Correct").click()
    expect(page.locator("h1")).to_have_text("Correct vital signs")
    assert {box: page.input_value(f"[name={box}]") for box in SIGNS} == SIGNS | {"pulse": "97"}
    looks_right(page)
    sent(page, "Correct vital signs", pulse="79", reason=WHY)
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("79")
    expect(page.locator("main s")).to_contain_text("97")
    expect(page.locator("section:has(#corrections)")).to_contain_text(WHY)
    looks_right(page)

    page.locator(".alarm").get_by_role("link", name="Correct").click()
    page.get_by_role("link", name="Withdraw it").click()
    expect(page.locator("h1")).to_have_text("Withdraw reaction")
    sent(page, "Withdraw reaction", reason="The neighbour had them.")
    expect(page.locator(".alarm h2 s")).to_have_text("Chills, grade 1")
    looks_right(page)
    with place.app.app_context():
        infusion = session.query(Infusion).filter(Infusion.bag.has(code=told["bag"])).one()
        assert [(one.pulse, one.reason) for one in infusion.standing_observations] == [(79, WHY)]
        assert infusion.standing_reactions == []
