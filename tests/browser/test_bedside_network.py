"""A bedside without a network: what is said, what is kept, and the paper for it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pypdfium2
from playwright.sync_api import Page, Route, expect

from labels import readback
from mscbank.infusions.models import Check, Infusion
from tests.browser.bedside_ward import (
    checked_by_two,
    offline_within,
    phone,
    place,
    says,
    scan,
    scan_both,
    start,
)
from tests.browser.conftest import sign_in
from tests.browser.test_pages import looks_right

__all__ = ["phone", "place"]  # fixtures


def test_a_network_cut_mid_check_is_said_and_loses_no_scan(place, phone) -> None:
    told = place.family()
    nadia, noel = phone("nadia"), phone("noel")
    scan_both(nadia, told)
    scan(noel, told["band"])
    expect(noel.locator("h1")).to_have_text("Now scan the bag")
    offline_within(noel, lambda: noel.context.set_offline(True),
                   lambda: noel.context.set_offline(False))
    scan(noel, told["label"])
    says(noel, "Cannot tell")
    looks_right(noel)
    assert place.count(Check, told["bag"]) == 0
    noel.context.set_offline(False)
    says(noel, "May be infused")


def test_a_server_that_is_gone_is_said_within_two_seconds_and_never_go(place, phone) -> None:
    told = place.family()
    noel = checked_by_two(phone, told)
    try:
        offline_within(noel, place.cut, place.mend)
        says(noel, "Cannot tell")  # a yes on which nothing can be started is no yes
        expect(noel.locator(".reasons:visible")).to_contain_text("no start can be recorded")
        assert noel.locator(".full.go").is_hidden() and noel.locator(".start").is_hidden()
    finally:
        place.mend()
    expect(noel.locator(".full.go")).to_be_visible()  # in time: the answer stands again
    noel.locator(".start").click()
    expect(noel.locator("h1")).to_have_text("Infusion running")
    assert place.count(Infusion, told["bag"]) == 1


def losing(page: Page, reached: bool) -> Callable[[Route], None]:
    """The network goes while a press is under way: the bank had it, or had it not."""
    def lose(route: Route) -> None:
        if reached:
            route.fetch(max_redirects=0)
        page.context.set_offline(True)
        route.abort()
    return lose


def test_a_start_whose_answer_was_lost_is_looked_at_and_is_never_sent_again_by_itself(
        place, phone) -> None:
    """Whether it was recorded or not, the page says what stands, and a person presses."""
    for told, recorded in ((place.family(), False), (place.family(), True)):
        noel = checked_by_two(phone, told)
        noel.route("**/bedside/start", losing(noel, recorded))
        noel.locator(".start").click()
        says(noel, "Cannot tell")
        expect(noel.locator(".reasons:visible")).to_contain_text("not sent again by itself")
        looks_right(noel)
        noel.context.set_offline(False)
        if not recorded:
            expect(noel.locator(".full.go")).to_be_visible()
            assert place.count(Infusion, told["bag"]) == 0
            noel.unroute("**/bedside/start")
            noel.locator(".start").click()
        expect(noel.locator("h1")).to_have_text("Infusion running")
        assert place.count(Infusion, told["bag"]) == 1


def keep_vital_signs(page: Page) -> None:
    for name, value in (("temperature_c", "37.4"), ("pulse", "91"), ("systolic", "118"),
                        ("diastolic", "70"), ("saturation", "96")):
        page.fill(f"[name={name}]", value)
    page.click("text=Keep these vital signs")


def test_a_network_that_goes_before_the_first_beat_takes_no_hour_with_it(place, phone) -> None:
    told = place.family()
    noel = start(phone, told)
    noel.route("**/health*", lambda route: route.abort())
    noel.reload()  # this page never hears the bank's clock
    expect(noel.locator("body.offline")).to_be_attached()
    keep_vital_signs(noel)
    expect(noel.locator("#kept li")).to_have_text(re.compile(r"^\d\d:\d\d · Vital signs"))
    assert place.beside(told["bag"]) == []
    place.late += timedelta(seconds=90)
    noel.unroute("**/health*")
    expect(noel.locator("#seen")).to_be_visible()
    late = place.beside(told["bag"])
    assert len(late) == 1 and min(late) > timedelta(seconds=80)


def test_what_is_done_beside_a_running_bag_without_a_network_is_kept_with_its_hour(
        place, phone) -> None:
    told = place.family()
    noel = start(phone, told)
    offline_within(noel, lambda: noel.context.set_offline(True),
                   lambda: noel.context.set_offline(False))
    keep_vital_signs(noel)
    expect(noel.locator("#kept")).to_contain_text("Temperature (°C) 37.4")
    assert noel.input_value("[name=pulse]") == ""  # the form is free for what comes next
    noel.click("label.choice:has-text('chills')")
    noel.click(".grade >> nth=1")
    expect(noel.locator("#kept li")).to_have_count(2)
    expect(noel.locator("#kept")).to_contain_text("chills")
    noel.click("label.choice:has-text('chills')")
    noel.click("summary.grade")  # asked here: nothing is kept by one tap
    expect(noel.locator("#kept li")).to_have_count(2)
    noel.click(".death button")
    expect(noel.locator("#kept li").last).to_contain_text(f"Record the death of {told['number']}")
    expect(noel.locator(".death button")).to_be_hidden()
    looks_right(noel)
    noel.click("header a.mark")  # a page that is left does not come back
    expect(noel.locator("body.stays #kept")).to_be_visible()
    assert place.beside(told["bag"]) == []
    place.late += timedelta(seconds=90)  # so much later; it never runs back
    place.end_sessions()
    noel.context.set_offline(False)
    expect(noel.locator("#kept")).to_contain_text("You are signed out")
    door = noel.context.new_page()
    door.goto("/sign-in?back=/bedside")
    sign_in(door, "nadia")  # another person's hand records nothing of his
    door.wait_for_url("**/bedside")
    noel.click("text=Send it now")
    expect(noel.locator("#kept")).to_contain_text("You are signed out")
    assert place.beside(told["bag"]) == []
    door.context.clear_cookies()
    door.goto("/sign-in?back=/bedside")
    sign_in(door, "noel")
    door.wait_for_url("**/bedside")
    noel.click("text=Send it now")
    expect(noel.locator("#seen")).to_be_visible()
    expect(noel.locator(".alarm h2")).to_have_text(["Chills, grade 2", "Chills, grade 5"])
    expect(noel.locator("#kept")).to_have_count(0)
    late = place.beside(told["bag"])
    assert len(late) == 3 and min(late) > timedelta(seconds=80)


def test_the_paper_for_the_hour_without_a_network_is_there_before_it(place, phone) -> None:
    told = place.family()
    page = phone("nadia")
    page.click("text=Paper forms")
    expect(page.locator("main")).to_contain_text(told["title"])
    looks_right(page)
    answer = page.request.get(f"/orders/{told['order']}/paper.pdf")
    assert answer.status == 200
    document = pypdfium2.PdfDocument(io.BytesIO(answer.body()))
    text = document[0].get_textpage().get_text_range()
    assert told["number"] in text and "+33 1 99 00 12 34" in text
    assert "nothing spoke against it" in text
    read = next(readback.pages(answer.body()))
    assert told["order"] in read
    # no symbol on paper opens the bedside check
    assert not any(one.startswith((told["band"], told["bag"])) for one in read)
    ward = page.request.get("/bedside/paper.pdf")
    assert len(pypdfium2.PdfDocument(io.BytesIO(ward.body()))) > 1
