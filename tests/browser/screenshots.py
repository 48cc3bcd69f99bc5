"""The pictures of the README, taken from a running demo: ``python -m tests.browser.screenshots``.

First ``mscbank demo --out DIR`` in another window, freshly told: its bags at the bedside are thawed
and stay usable for two hours. ``--url`` where it answers, ``--out`` where the pictures go. What is
shown is found by how it stands, not by its number.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from mscbank.demo.people import PASSWORD
from tests.browser.ward import strike

CHROMIUM = "/usr/bin/chromium"  # its headless shell takes no picture at twice the size
DESK, PHONE = (1440, 900), (390, 844)
QUALITY, REVIEWER, BENCH, NURSE, SECOND = "claire", "marc", "lea", "ines", "samir"
COUNTER = ("Sample ID,Analysis date/time,Total (x10^6) cells/mL,Viable (x10^6) cells/mL,"
           "Viability (%),Tag\r\n{sample},{measured:%m/%d/%Y %H:%M:%S},1.30,1.18,90.8,\r\n")


class Photographer:
    """Signs people in and keeps what they see."""

    def __init__(self, browser: Browser, url: str, out: Path) -> None:
        self.browser, self.url, self.out = browser, url, out

    def sit_down(self, username: str, size: tuple[int, int], scheme: str = "light",
                 locale: str = "en-GB") -> Page:
        """A page with this person signed in."""
        page = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, locale=locale,
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


def first_of(page: Page, listed: str, *, says: str = "") -> str:
    """The address of the first thing of a list, or of the first whose own page says this."""
    page.goto(listed)
    found = page.locator("table.list th[scope=row] a").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))")
    for address in found:
        if not says:
            return str(address)
        page.goto(address)
        if page.locator(f"main >> text={says}").count():
            return str(address)
    raise SystemExit(f"Nothing of {listed} is to be shown: is the demo freshly told?")


def of_it(page: Page, address: str, place: str) -> str:
    """The address of what a thing's page links to in this list."""
    page.goto(address)
    return str(page.locator(f"main a[href^='/{place}/']").first.get_attribute("href"))


class Shown:
    """What the pictures show, by how it stands."""

    def __init__(self, page: Page) -> None:
        given = first_of(page, "/infusions/?sort=started_at&ending=finished")
        self.followed = of_it(page, of_it(page, given, "bags"), "recipients")
        self.bag = first_of(page, "/bags/?place=received")
        self.at_bedside = of_it(page, self.bag, "recipients")
        self.recalled = first_of(page, "/lots/?standing=nonconforming")
        self.waiting = first_of(page, "/lots/?standing=pending", says="Every criterion is met")


def at_the_desk(photographer: Photographer, shown: Shown) -> None:
    """The journey, a culture, a lot, the trail."""
    photographer.keep(photographer.sit_down(BENCH, DESK), "worklist")
    page = photographer.sit_down(QUALITY, DESK)
    for address, name in (
            ("/bags/?sort=-title&place=stored", "list"), ("/help/card", "quick-card"),
            (shown.followed, "journey"), (shown.recalled, "lot"), ("/trail", "trail"),
            ("/freezer", "freezer"), ("/cohorts", "cohorts"), ("/trial", "trial"),
            ("/reports/trial", "study-report")):
        high = 1260 if name == "freezer" else DESK[1]  # both boxes: one of them holds bags
        page.set_viewport_size({"width": DESK[0], "height": high})
        page.goto(address)
        photographer.keep(page, name)
    page.goto(shown.followed)
    page.locator("a.stop[href^='/cultures/']").last.click()
    page.wait_for_load_state()
    photographer.keep(page, "culture")
    dark = photographer.sit_down(QUALITY, DESK, "dark")
    dark.goto(shown.followed)
    photographer.keep(dark, "journey-dark")


def at_quality_assurance(photographer: Photographer, shown: Shown) -> None:
    """A lot whose trail was reviewed, the record to sign, and what came of a late growth."""
    page = photographer.sit_down(REVIEWER, DESK)
    page.goto(shown.waiting)
    page.click(".acts >> text=Review trail")
    photographer.keep(page, "review")
    page.fill("#signer", REVIEWER)
    page.fill("#signer-password", PASSWORD)
    page.click("button[value=sign]")
    page.wait_for_url("**/done/**")
    french = photographer.sit_down(QUALITY, DESK, locale="fr-FR")
    french.goto(shown.waiting)
    photographer.keep(french, "lot-ready-fr")
    page = photographer.sit_down(QUALITY, DESK)
    page.goto(shown.waiting)
    photographer.keep(page, "lot-ready")
    page.click(".acts >> text=Certify")
    photographer.keep(page, "signing")
    page.goto(shown.recalled)
    page.click("text=Recall: all before and after it")
    photographer.keep(page, "recall")
    page.locator("main a[href^='/deviations/']").first.click()
    page.wait_for_load_state()
    photographer.keep(page, "deviation")


def an_instruments_file(photographer: Photographer, shown: Shown) -> None:
    """What a counter's file would give, before anything is recorded."""
    page = photographer.sit_down(BENCH, DESK)
    page.goto(shown.waiting)
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


def at_the_bedside(photographer: Photographer, shown: Shown) -> None:
    """What a nurse's phone answers: the look-up of a bag, a stop, a go; in the dark too."""
    page = photographer.sit_down(NURSE, PHONE)
    page.goto(shown.followed)
    another = band_on(page)
    page.goto(shown.at_bedside)
    band, code = band_on(page), shown.bag.rpartition("/")[2]
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
    second.emulate_media(color_scheme="dark")
    photographer.keep(second, "bedside-go-dark")


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
    page.locator(".full, .half").first.evaluate("one => one.scrollIntoView({behavior: 'instant'})")


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
            shown = Shown(photographer.sit_down(QUALITY, DESK))
            for series in (at_the_desk, at_quality_assurance, an_instruments_file, at_the_bedside):
                series(photographer, shown)
        except Error as error:
            raise SystemExit(f"A picture could not be taken ({error.message.splitlines()[0]}). "
                             f"Is a freshly told demo running at {told.url}?") from error
        browser.close()


if __name__ == "__main__":
    main()
