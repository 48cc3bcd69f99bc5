"""The pictures of the README, taken from a running demo: ``python -m tests.browser.screenshots``.

First ``mscbank demo --out DIR`` in another window, freshly told: its bags at the bedside are thawed
and stay usable for two hours. ``--url`` where it answers, ``--out`` where the pictures go.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, sync_playwright

from mscbank.demo.people import PASSWORD

CHROMIUM = "/usr/bin/chromium"
DESK, PHONE = (1440, 900), (390, 844)
QUALITY, NURSE, SECOND = "claire", "ines", "samir"
FOLLOWED, AT_BEDSIDE, LATE_GROWTH = "R-020", "R-021", "L16-003"


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
    page = photographer.sit_down(QUALITY, DESK)
    photographer.keep(page, "worklist")
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
    photographer.keep(page, "bedside-second")
    page.fill("#second", SECOND)
    page.fill("#second-password", PASSWORD)
    page.click("text=I have looked for myself")
    page.wait_for_selector(".full.go")
    photographer.keep(page, "bedside-go")


def band_on(page: Page) -> str:
    """The code of the wristband that the open recipient wears."""
    return page.locator("dd .house").first.inner_text().replace(" ", "").replace("\n", "")


def scan_both(page: Page, *codes: str) -> None:
    """Wristband and bag, as a scanner types them."""
    page.goto("/bedside")
    for code in codes:
        with page.expect_navigation():
            page.keyboard.type(code, delay=2)
            page.keyboard.press("Enter")


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
            at_the_bedside(photographer)
        except Error as error:
            raise SystemExit(f"A picture could not be taken ({error.message.splitlines()[0]}). "
                             f"Is a freshly told demo running at {told.url}?") from error
        browser.close()


if __name__ == "__main__":
    main()
