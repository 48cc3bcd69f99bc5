"""Every page of quality assurance is free of barriers, in every way it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mscbank import clock
from mscbank.settings import local
from tests.browser.modes import DARK_PHONE, put_in, wrongs
from tests.browser.office import Office, desk, office
from tests.mscbank.imports.files import COUNTER, written

__all__ = ["desk", "office"]  # fixtures
# What stands otherwise here than where every page is walked with one thing of each kind.
PAGES: dict[str, tuple[str, ...]] = {
    "quentin": (
        "/", "/alerts/{alert}", "/recall/{recalled}", "/lots/{recalled}", "/lots/{unread}",
        "/lots/{ready}", "/lots/{failing}", "/lots/{unread}/review-trail", "/lots/{ready}/certify",
        "/deviations/{deviation}", "/actions/{action}", "/investigations/{investigation}",
        "/investigations/{investigation}/conclude-investigation", "/trail?act=correct+result",
        "/trail?person=nobody"),
    "tessa": ("/", "/samples/{sample}", "/samples/{sample}/record-result", "/results/{bad}",
              "/imports/{import}"),
    "paula": ("/", "/recall/{recalled}"),
    "adam": ("/people/{tessa}",),
}


@pytest.mark.parametrize("username", PAGES)
def test_no_page_of_quality_assurance_has_a_barrier(username: str, office: Office,
                                                    desk: Callable[..., Page]) -> None:
    page, found = desk(username), []
    page.on("console", lambda said: found.append(f"{page.url} {said.text}")
            if said.type == "error" else None)
    for address in PAGES[username]:
        answer = page.goto(address.format(**office.codes))
        assert answer is not None and answer.status == 200, address
        found += [f"{page.url} {said}" for said in wrongs(page)]
    assert found == []


def test_the_way_of_an_instruments_file_has_no_barrier(office: Office, tmp_path: Path,
                                                       desk: Callable[..., Page]) -> None:
    page, sample = desk("tessa"), office.codes["sample"]
    measured = f"{local(clock.now()):%m/%d/%Y %H:%M:%S}"
    file = tmp_path / "counter.csv"
    for good, percent in ((True, "96.1"), (False, "x")):
        file.write_bytes(written(COUNTER, f"{sample},{measured},1.30,1.25,{percent},"))
        page.goto("/imports/import-results")
        page.set_input_files("[name=file]", file)
        page.select_option("[name=shape]", "vi-cell-blu-1")
        page.select_option("[name=laboratory]", index=1)
        page.click("button[value=look]")
        expect(page.locator("h1")).to_have_text("What counter.csv gives")
        assert page.locator("tr.refused").count() == (not good)
        assert wrongs(page) == []
    page.goto("/shapes/map")
    page.set_input_files("[name=file]", file)
    page.click("button[value=look]")
    expect(page.locator("h2#rows")).to_have_text("counter.csv")
    assert wrongs(page) == []


def test_on_a_narrow_screen_each_cell_of_a_table_names_its_column(office: Office,
                                                                  desk: Callable[..., Page]) -> None:
    page = desk("quentin")
    page.goto(f"/recall/{office.codes['recalled']}")
    cell = page.locator("td", has_text="Made for").first
    heading = "el => getComputedStyle(el, '::before').content"
    assert cell.evaluate(heading) == "none"
    put_in(page, DARK_PHONE)
    assert cell.evaluate(heading) == '"For whom"'
    roles = page.get_by_role("cell", name="Made for")  # to who cannot see it, it is still a table
    expect(roles.first).to_be_visible()
