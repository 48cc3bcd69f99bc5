"""The check by two in real browsers: two nurses, their phones, one bag."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from mscbank.infusions.models import Check, Infusion
from tests.browser.bedside_ward import deaf, phone, place, says, scan, scan_both
from tests.browser.test_pages import looks_right
from tests.browser.test_whole_days import opened, reach
from tests.cast import PASSWORD

__all__ = ["phone", "place"]  # fixtures


def test_the_nurses_whole_day_on_two_phones_with_four_scans(place, phone) -> None:
    """Sign in, check by two, start, vital signs, a reaction, the end."""
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scans = 0

    def counted(page: Page, text: str) -> None:
        nonlocal scans
        scans += 1
        scan(page, text)

    looks_right(nadia)
    counted(nadia, told["band"])
    expect(nadia.locator("h1")).to_have_text("Now scan the bag")
    looks_right(nadia)
    counted(nadia, told["label"])
    expect(nadia.locator("h1")).to_have_text("Now the second person")
    looks_right(nadia)
    counted(noel, told["label"])
    expect(noel.locator("h1")).to_have_text("Now scan the wristband")
    assert told["band"] not in noel.content()  # nothing of what she scanned
    counted(noel, told["band"])
    says(noel, "May be infused")
    says(nadia, "May be infused")  # both hear it, each on their own phone
    assert scans == 4
    looks_right(noel)
    expect(noel.locator(".read-back")).to_contain_text(told["number"])
    deaf(noel)
    start = nadia.locator(".start")
    assert start.bounding_box()["height"] >= 76  # 20 mm
    start.dblclick()
    expect(nadia.locator("h1")).to_have_text("Infusion running")
    assert place.count(Infusion, told["bag"]) == 1
    noel.locator(".start").click()
    says(noel, "Already done")

    expect(nadia.locator(".countdown")).to_contain_text("Due now")
    for name, value in (("temperature_c", "36.8"), ("pulse", "72"), ("systolic", "124"),
                        ("diastolic", "78"), ("saturation", "98")):
        nadia.fill(f"[name={name}]", value)
    nadia.click("text=Keep these vital signs")
    expect(nadia.locator("#seen")).to_be_visible()
    expect(nadia.locator(".countdown")).to_contain_text("Next in 1")
    looks_right(nadia)
    nadia.click("label.choice:has-text('flushing')")
    nadia.click(".grade >> nth=0")  # two taps
    expect(nadia.locator(".alarm h2")).to_have_text("Flushing, grade 1")
    assert nadia.input_value("#finish-volume_given_ml") == "5"
    nadia.click("text=Finish the infusion of bag")
    nadia.fill("#too-quick", "The pump was set too fast.")  # asked for once
    nadia.click("text=Finish the infusion of bag")
    expect(nadia.locator("h1")).to_have_text("Infusion finished")
    looks_right(nadia)


def test_the_other_phone_hears_of_a_start_and_shows_no_yes_any_more(place, phone) -> None:
    """Long before its sixty seconds are over, and without a press."""
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan_both(noel, told)
    for page in (nadia, noel):
        says(page, "May be infused")
    with noel.expect_response("**/health?check=*") as heard:
        pass
    assert heard.value.json()["stands"] is True  # the control
    expect(noel.locator(".start")).to_be_enabled()
    nadia.locator(".start").click()
    expect(nadia.locator("h1")).to_have_text("Infusion running")
    says(noel, "Already done")
    assert noel.locator(".start").count() == 0
    expect(noel.locator(".reasons")).to_contain_text("started meanwhile")
    looks_right(noel)
    noel.click("text=Go to the infusion")
    expect(noel.locator("h1")).to_have_text("Infusion running")
    assert place.count(Infusion, told["bag"]) == 1


def test_one_phone_is_handed_over_and_the_second_person_scans_blind(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan_both(page, told)
    page.click("button:has-text('hand this one over')")
    expect(page.locator("h1")).to_have_text("Second person: scan for yourself")
    expect(page.locator("h1")).to_have_text("Second person: scan for yourself")
    assert told["band"] not in page.content() and told["label"][:20] not in page.content()
    looks_right(page)
    scan(page, place.badge("nadia"))  # the same badge twice
    expect(page.locator("#alarm")).to_contain_text("Another person must check")
    for text, count in ((place.badge("noel"), 1), (told["band"], 2)):
        scan(page, text)
        expect(page.locator(".slots .have")).to_have_count(count)
    scan(page, told["label"])
    expect(page.locator("#second")).to_have_value("noel")
    looks_right(page)
    page.keyboard.type("a wrong word")  # the password has the focus
    page.keyboard.press("Enter")
    expect(page.locator("#alarm")).to_contain_text("do not match")
    page.fill("#second-password", PASSWORD)
    page.press("#second-password", "Enter")
    says(page, "May be infused")


def test_two_people_who_scanned_different_bags_are_told_stop(place, phone) -> None:
    told, other = place.family(), place.family()
    page = phone("nadia")
    scan_both(page, told)
    page.click("button:has-text('hand this one over')")
    expect(page.locator("h1")).to_have_text("Second person: scan for yourself")
    scan(page, told["band"])
    expect(page.locator(".slots .have")).to_have_count(1)
    scan(page, other["label"])
    page.fill("#second", "noel")
    page.fill("#second-password", PASSWORD)
    page.press("#second-password", "Enter")
    says(page, "Stop")
    expect(page.locator(".reasons")).to_contain_text("did not scan the same")
    for who, one in (("Nadia Simon", told), ("Noel Garnier", other)):
        bag = one["title"][0].lower() + one["title"][1:]
        expect(page.locator(".reasons")).to_contain_text(f"{who} scanned label 1 of {bag}.")
    looks_right(page)
    expect(page.locator(".call")).to_contain_text("+33 1 99 00 12 34")


def test_the_wrong_wristband_is_a_stop_at_the_second_scan_and_is_kept(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    scan_both(page, told | {"band": place.other_band}, bag_first=True)
    says(page, "Stop")
    expect(page.locator(".reasons")).to_contain_text(f"This bag is for {told['number']}")
    assert page.locator(".start").count() == 0
    assert place.count(Check, told["bag"]) == 1
    looks_right(page)


def test_a_check_and_an_infusion_by_scanner_and_keyboard_alone(place, phone) -> None:
    """Gloves on, a tablet on a stand with its scanner and a keyboard: no pointer is moved."""
    told = place.family()
    page = phone("nadia")
    scan_both(page, told)
    expect(page.locator("h1")).to_have_text("Now the second person")
    page.wait_for_load_state()
    reach(page, "hand this one over")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Second person: scan for yourself")
    for text, count in ((place.badge("noel"), 1), (told["band"], 2)):
        scan(page, text)
        expect(page.locator(".slots .have")).to_have_count(count)
    scan(page, told["label"])
    expect(page.locator("#second-password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    says(page, "May be infused")
    opened(page, "Start")
    expect(page.locator("h1")).to_have_text("Infusion running")
    reach(page, "temperature_c")
    for value in ("36.8", "72", "124", "78", "98"):
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the button that keeps them has the focus
    expect(page.locator("#seen")).to_be_visible()
    reach(page, "volume_given_ml")
    page.keyboard.press("Enter")
    expect(page.locator("[name=too_quick]")).to_be_focused()  # the question takes the hand there
    page.keyboard.type("The pump was set too fast.")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Infusion finished")
    assert place.count(Infusion, told["bag"]) == 1
