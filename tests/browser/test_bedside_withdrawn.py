"""A yes on two phones, and a hold that comes while it is looked at."""

from __future__ import annotations

from playwright.sync_api import Page, Response, expect

from mscbank import clock
from mscbank.bags.models import Bag
from mscbank.database import session, transaction
from mscbank.infusions.models import Infusion
from mscbank.release import stops
from tests.browser.bedside_ward import Place, phone, place, says, scan_both
from tests.browser.test_pages import looks_right

__all__ = ["phone", "place"]  # fixtures


def held(place: Place, told: dict[str, str]) -> None:
    """Tessa stops the bag, in the laboratory."""
    with place.app.app_context(), transaction():
        bag = session.query(Bag).filter_by(code=told["bag"]).one()
        stops.hold_bag(bag, "The outer bag has a crack.", by=place.cast.tessa, at=clock.now())


def hears(page: Page) -> object:
    """What the page is told of the go it shows, the next time it asks."""
    with page.expect_response("**/health?check=*") as heard:
        pass
    return heard.value.json()["stands"]


def stands_no_longer(answer: Response) -> bool:
    """The page heard it by its beat: at the end of its minute it would have looked by itself."""
    return "/health?check=" in answer.url and answer.json()["stands"] is False


def test_a_hold_takes_the_yes_off_both_phones_and_says_why(place, phone, monkeypatch) -> None:
    told, another = place.family(), place.family()
    nadia, noel = phone("nadia"), phone("noel")
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)  # however slow the machine, the go is in its time
    scan_both(nadia, told)
    scan_both(noel, told)
    for page in (nadia, noel):
        says(page, "May be infused")
    held(place, another)  # the control: of another bag
    assert hears(nadia) is True and hears(noel) is True
    expect(nadia.locator(".start")).to_be_enabled()
    with (nadia.expect_response(stands_no_longer), noel.expect_response(stands_no_longer)):
        held(place, told)
    for page in (nadia, noel):
        says(page, "Stop")  # without a press, and the hand feels it
        expect(page.locator(".reasons")).to_contain_text("is on hold")
        expect(page.locator(".call")).to_be_visible()
        assert page.locator(".start, [data-stands]").count() == 0
        looks_right(page)
    assert place.count(Infusion, told["bag"]) == 0
