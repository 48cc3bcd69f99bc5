"""The pictures of the README, taken from a running demo: ``python -m tests.browser.screenshots``.

First ``mscbank demo --out DIR`` in another window, freshly told: its bags at the bedside are thawed
and stay usable for two hours. ``--url`` where it answers, ``--out`` where the pictures go.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from mscbank.demo.people import PASSWORD
from tests.browser.ward import strike

CHROMIUM = "/usr/bin/chromium"
DESK, PHONE = (1440, 900), (390, 844)
QUALITY, REVIEWER, BENCH, NURSE, SECOND = "claire", "marc", "lea", "ines", "samir"
FOLLOWED, AT_BEDSIDE, LATE_GROWTH, WAITING = "R-023", "R-025", "L16-003", "L26-003"
COUNTER = ("Sample ID,Analysis date/time,Total (x10^6) cells/mL,Viable (x10^6) cells/mL,"
           "Viability (%),Tag\r\n{sample},{measured:%m/%d/%Y %H:%M:%S},1.30,1.18,90.8,\r\n")


class Photographer:
    """Signs people in and keeps what they see."""

    def __init__(self, browser: Browser, url: str, out: Path) -> None:
        self.browser, self.url, self.out = browser, url, out

    def sit_down(self, username: str, size: tuple[int, int], scheme: str = "light") -> Page:
        """A page with this person signed in."""
        page = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme,
            base_url=self.url, device_scale_factor=1 if size == DESK else 2).new_page()
        page.goto("/sign-in")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_url("**/")
        if known := page.query_selector(".first-steps button"):
            known.click()  # they know their way
            page.wait_for_load_state()
        return page

    def keep(self, page: Page, name: str) -> None:
        """The visible part of the page as a picture."""
        page.screenshot(path=str(self.out / f"{name}.png"))


def open_number(page: Page, number: str) -> None:
    """The page of what people call by this number."""
    page.goto("/scan")
    page.fill("#scan-text", number)
    page.click("text=Look up")
    page.click("text=Everything about it")
    page.wait_for_load_state()


def at_the_desk(photographer: Photographer) -> None:
    """The journey, a culture, a lot, the trail."""
    photographer.keep(photographer.sit_down(BENCH, DESK), "worklist")
    page = photographer.sit_down(QUALITY, DESK)
    page.goto("/bags/?sort=-title&place=stored")
    photographer.keep(page, "list")
    page.goto("/help/card")
    photographer.keep(page, "quick-card")
    open_number(page, FOLLOWED)
    photographer.keep(page, "journey")
    page.locator("a.stop[href^='/cultures/']").last.click()
    page.wait_for_load_state()
    photographer.keep(page, "culture")
    open_number(page, LATE_GROWTH)
    photographer.keep(page, "lot")
    page.goto("/trail")
    photographer.keep(page, "trail")
    dark = photographer.sit_down(QUALITY, DESK, "dark")
    open_number(dark, FOLLOWED)
    photographer.keep(dark, "journey-dark")


def at_quality_assurance(photographer: Photographer) -> None:
    """A lot whose trail was reviewed, the record to sign, and what came of a late growth."""
    page = photographer.sit_down(REVIEWER, DESK)
    open_number(page, WAITING)
    page.click(".acts >> text=Review trail")
    photographer.keep(page, "review")
    page.fill("#signer", REVIEWER)
    page.fill("#signer-password", PASSWORD)
    page.click("button[value=sign]")
    page.wait_for_url("**/done/**")
    page = photographer.sit_down(QUALITY, DESK)
    open_number(page, WAITING)
    photographer.keep(page, "lot-ready")
    page.click(".acts >> text=Certify")
    photographer.keep(page, "signing")
    open_number(page, LATE_GROWTH)
    page.click("text=Recall: all before and after it")
    photographer.keep(page, "recall")
    page.locator("main a[href^='/deviations/']").first.click()
    page.wait_for_load_state()
    photographer.keep(page, "deviation")


def an_instruments_file(photographer: Photographer) -> None:
    """What a counter's file would give, before anything is recorded."""
    page = photographer.sit_down(BENCH, DESK)
    open_number(page, WAITING)
    page.locator("tbody a[href^='/results/']").last.click()
    page.locator(".crumb a[href^='/samples/']").click()
    sample = page.url.rpartition("/")[2]
    page.goto("/imports/import-results")
    text = COUNTER.format(sample=sample, measured=datetime.now(UTC) - timedelta(days=1))
    page.set_input_files("[name=file]", {"name": "vi-cell.csv", "mimeType": "text/csv",
                                         "buffer": text.encode()})
    page.select_option("[name=shape]", "vi-cell-blu-1")
    page.select_option("[name=laboratory]", index=1)
    page.click("button[value=look]")
    page.wait_for_selector("h1:has-text('gives')")
    photographer.keep(page, "import")


def at_the_bedside(photographer: Photographer) -> None:
    """What a nurse's phone answers: the look-up of a bag, a stop, a go."""
    page = photographer.sit_down(NURSE, PHONE)
    open_number(page, FOLLOWED)
    another = band_on(page)
    open_number(page, AT_BEDSIDE)
    band = band_on(page)
    bag = page.locator("a.stop[aria-label*='received'][href^='/bags/']").first.get_attribute("href")
    code = (bag or "").removeprefix("/bags/")
    page.goto("/scan")
    page.fill("#scan-text", code)
    page.click("text=Look up")
    photographer.keep(page, "scan")
    scan_both(page, another, code)
    photographer.keep(page, "bedside-stop")
    scan_both(page, band, code)
    page.wait_for_selector("h1:has-text('Now the second person')")
    photographer.keep(page, "bedside-second")
    second = photographer.sit_down(SECOND, PHONE)
    scan_both(second, band, code)
    second.wait_for_selector(".full.go")
    photographer.keep(second, "bedside-go")


def band_on(page: Page) -> str:
    """The code of the wristband that the open recipient wears."""
    return page.locator("dd .house").first.inner_text().replace(" ", "").replace("\n", "")


def scan_both(page: Page, *codes: str) -> None:
    """Wristband and bag, as a scanner types them."""
    page.goto("/bedside")
    page.wait_for_load_state()
    first, second = codes
    strike(page, first)
    page.wait_for_selector(".slots .have")
    strike(page, second)
    page.wait_for_selector(".full, .half")


def main() -> None:
    """Take every picture."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--url", default="http://127.0.0.1:8000")
    asked.add_argument("--out", type=Path, default=Path("docs"))
    told = asked.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        photographer = Photographer(browser, told.url, told.out)
        try:
            at_the_desk(photographer)
            at_quality_assurance(photographer)
            an_instruments_file(photographer)
            at_the_bedside(photographer)
        except Error as error:
            raise SystemExit(f"A picture could not be taken ({error.message.splitlines()[0]}). "
                             f"Is a freshly told demo running at {told.url}?") from error
        browser.close()


if __name__ == "__main__":
    main()
