"""The coordinator's study in a real browser: visits, events, the report, an export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from mscbank import clock
from mscbank.database import transaction
from mscbank.followup.models import Cause, Side
from mscbank.followup.rules import Value
from mscbank.infusions import service
from mscbank.settings import local
from tests.browser.modes import DARK_PHONE, put_in, wrongs
from tests.browser.ward import served_bank
from tests.cast import PASSWORD, Cast
from tests.stages.followup import opinion, serious_event, visit
from tests.stages.infusions import started


@dataclass(frozen=True)
class Desk:
    """Where the bank answers, and the codes of what stands there."""

    address: str
    person: str
    event: str
    visit: str


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with served_bank(tmp_path_factory.mktemp("study"), _tell) as (address, told, _):
        yield Desk(address, **told)


def _tell(cast: Cast) -> dict[str, str]:
    running = started(cast)
    with transaction():
        service.finish(running, running.bag.volume_ml, "The bank's clock runs on: no time to wait.",
                       by=cast.nadia, at=clock.now())
    person = running.recipient
    seen = visit(cast, person, "D0", local(clock.now()).date(), mrss=24, fvc_percent=Decimal(80),
                 haq_di=Decimal(1), laboratory=[Value("CRP", Decimal(9), "mg/L", None, Decimal(5))])
    about = serious_event(cast, person, narrative="Fever since the morning.")
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED)
    return {"person": person.code, "event": about.code, "visit": seen.code}


@pytest.fixture(scope="module")
def page(chromium: Browser, desk: Desk) -> Iterator[Page]:
    """Carole's browser; a complaint of it fails the test that heard it."""
    context = chromium.new_context(base_url=desk.address, reduced_motion="reduce")
    opened = context.new_page()
    opened.goto("/sign-in")
    opened.fill("[name=username]", "carole")
    opened.fill("[name=password]", PASSWORD)
    opened.click("main button")
    opened.wait_for_url("**/")
    yield opened
    context.close()


def test_what_the_walk_over_every_page_leaves_out_has_no_barrier(desk: Desk, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    for path in (f"/follow-up/{desk.person}", "/reports/trial",
                 "/reports/trial/records/baseline-1-3",
                 f"/adverse-events/{desk.event}/add-information-to-event",
                 f"/recipients/{desk.person}/report-adverse-event",
                 f"/recipients/{desk.person}/record-visit"):
        page.goto(path)
        assert wrongs(page) == [], path
        assert complaints == [], path


def test_an_event_is_followed_by_keyboard_and_its_clock_stays(desk: Desk, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"/adverse-events/{desk.event}")
    expect(page.locator(".standing .word")).to_have_text("15 days left")
    page.focus("text=Add information to event")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.fill("[name=what_is_new]", "Intensive care since noon.")
    page.focus("[name=seriousness][value=life-threatening]")
    page.keyboard.press("Space")
    page.focus("[name=grade]:checked")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/done/**")
    page.goto(f"/adverse-events/{desk.event}")
    expect(page.locator(".standing .word")).to_have_text("7 days left")
    expect(page.locator("h1")).to_contain_text("Sepsis, grade 4")
    expect(page.locator("table.data").first.locator("tbody tr")).to_have_count(2)


def test_seventeen_sites_are_scored_by_keyboard_and_summed_as_they_come(desk: Desk, page: Page,
                                                                       ) -> None:
    page.goto(f"/visits/{desk.visit}")
    page.click("text=Correct visit")
    page.fill("[name=reason]", "The sites were found on paper.")
    page.fill("[name=mrss]", "")
    sites = page.locator("[data-skin] fieldset")
    expect(sites).to_have_count(17)
    for number in range(16):
        sites.nth(number).locator("input").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-skin-total]")).to_contain_text("Together 16 of 51 · 16 of 17 sites")
    page.keyboard.press("Enter")
    expect(page.locator("#alarm")).to_contain_text("Score these sites too, or none: Left foot.")
    expect(page.locator("[data-skin] input:checked")).to_have_count(16)  # nothing typed is lost
    put_in(page, DARK_PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == DARK_PHONE.width
    assert wrongs(page) == []
    sites.nth(16).locator("input").nth(3).check()
    page.click("main .act button[name=step]")
    page.wait_for_url("**/done/**")
    page.goto(f"/follow-up/{desk.person}")
    expect(page.locator("main")).to_contain_text("19")
    named = "[data-column^=SF]"  # on a phone not broken at its hyphen
    assert page.locator(named).first.get_attribute("data-column") == "SF\u201136 physical"


def test_a_tab_that_was_closed_loses_nothing_that_was_typed(desk: Desk, page: Page) -> None:
    """The long form of a visit: words, a choice, a site of the skin, a row of a laboratory."""
    tab, form = page.context.new_page(), f"/recipients/{desk.person}/record-visit"
    tab.goto(form)
    tab.fill("[name=name]", "M3")
    tab.check("[name=survival][value=alive]")
    tab.check("[name=mrss_sites-face][value='2']")
    tab.fill("[name=laboratory-0-name]", "CRP")
    expect(tab.locator("#draft-kept")).to_contain_text("is kept for you: ")
    with tab.expect_response("**/drafts") as kept:
        tab.fill("[name=pulse]", "71")
    assert kept.value.status == 204
    assert tab.evaluate("localStorage.length + sessionStorage.length") == 0
    tab.close()
    page.goto(form)
    expect(page.locator("#waiting")).to_have_text("You typed this before and did not send it")
    assert page.input_value("[name=name]") == ""  # it is asked first
    assert wrongs(page) == []
    page.click("text=Go on with it")
    assert [page.input_value(f"[name={box}]") for box in ("name", "pulse", "laboratory-0-name")] == [
        "M3", "71", "CRP"]
    assert page.is_checked("[name=survival][value=alive]")
    expect(page.locator("[data-skin-total]")).to_contain_text("Together 2 of 51")
    page.context.set_offline(True)
    page.fill("[name=pulse]", "72")
    expect(page.locator("#draft-kept")).to_contain_text("is not kept: the bank cannot be reached")
    page.context.set_offline(False)
    expect(page.locator("#draft-kept")).to_contain_text("is kept for you: ")
    page.goto(form)
    with page.expect_navigation():
        page.click("text=Discard it")
    page.goto(form)
    expect(page.locator("#waiting")).to_have_count(0)


def test_a_figure_opens_its_records_and_an_export_its_file(desk: Desk, page: Page) -> None:
    page.goto("/reports/trial")
    page.click("a[href*='/records/disposition-5-3']")
    expect(page.locator("h1")).to_have_text("Treated: 1")
    page.click("ul.work a")
    expect(page.locator("h1")).to_contain_text("Follow-up of R-001")
    page.goto("/study-exports/export-study-data")
    page.fill("[name=purpose]", "The statistician's first look.")
    page.click("button[value=do]")
    page.wait_for_url("**/done/**")
    page.click("main a[href^='/study-exports/']")
    with page.expect_download() as saved:
        page.click("text=Save the file")
    assert saved.value.suggested_filename.startswith("nct02213705-")
