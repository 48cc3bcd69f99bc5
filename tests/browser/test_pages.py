"""People at work, in a real browser: the nurse at the bedside, quality assurance, a technician."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.modes import MODES, OUT, looked_at, put_in, wrongs
from tests.browser.ward import Ward, sit_down, ward, wedge
from tests.cast import PASSWORD

__all__ = ["sit_down", "ward"]  # fixtures


def looks_right(page: Page) -> None:
    """No barrier, and nothing sticks out of the screen."""
    assert looked_at(page) == []


def test_no_page_has_a_barrier(ward: Ward, sit_down) -> None:
    pages = {"nadia": [f"/recipients/{ward.recipient}", f"/cultures/{ward.culture}",
                       f"/bags/{ward.bag}"],
             "quentin": [f"/lots/{ward.lot}", f"/lots/{ward.undecided}"]}
    for username, addresses in pages.items():
        page = sit_down(username)
        errors: list[str] = []
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        for address in addresses:
            page.goto(address)
            assert wrongs(page) == [], address
            assert errors == [], address  # among them what the content policy refuses


def test_what_stays_on_one_line_at_a_desk_breaks_on_a_phone(ward: Ward, sit_down) -> None:
    page = sit_down("quentin")
    page.goto(f"/lots/{ward.lot}")
    page.evaluate("""() => { for (const cell of document.querySelectorAll("td.nowrap"))
        cell.textContent = "NITROGEN 12 / RACK 10 / BOX 14 / 120"; }""")
    put_in(page, MODES[2])
    assert not page.evaluate(OUT)
    page.evaluate("() => { for (const cell of document.querySelectorAll('td.nowrap')) "
                  "cell.style.whiteSpace = 'nowrap'; }")
    assert page.evaluate(OUT), "the control: on one line it sticks out"


def test_a_name_of_one_long_word_breaks_on_a_phone(ward: Ward, sit_down) -> None:
    """On the confirmation, in what is found, on the page of a scan, on a form and on the recall."""
    page = sit_down("tessa")
    put_in(page, MODES[2])
    page.goto("/reagents/add-reagent")
    page.select_option("[name=reagent]", "medium")
    for box, text in (("name", "W" * 80), ("lot_number", "X" * 40), ("supplier", "Lonza"),
                      ("expires_on", "2030-01-31")):
        page.fill(f"[name={box}]", text)
    page.click("main form button.button")
    expect(page.locator(".confirmed h1")).to_have_text("Done: add reagent")
    assert not page.evaluate(OUT)
    code = page.locator(".row .button").first.get_attribute("href").split("/")[-1]
    for text, says in (("WWWW", "What was found"), (code, "WWWW")):
        page.fill("#scan [name=text]", text)
        page.press("#scan [name=text]", "Enter")
        expect(page.locator("main h1")).to_contain_text(says)
        assert not page.evaluate(OUT), says
    for path in (f"/reagents/{code}", f"/reagents/{code}/block-reagent", f"/recall/{code}"):
        page.goto(path)
        assert not page.evaluate(OUT), path


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
    page.wait_for_url("**/done/**")
    page.goto(f"/lots/{ward.undecided}")
    expect(page.locator(".signature").first).to_contain_text("Quentin Noir, quality assurance")
    expect(page.locator(".signature").first).to_contain_text("covers the record")
