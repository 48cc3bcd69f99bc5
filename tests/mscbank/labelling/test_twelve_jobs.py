"""Twelve jobs of labels at the same moment, from four workers: every page holds its own labels,
and every label and companion comes out once at its own printer."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from labels import housecode, readback
from mscbank.bags.models import Bag
from mscbank.database import session, transaction
from mscbank.labelling import service
from mscbank.labelling.jobs import TAG
from mscbank.things import get
from tests.cast import PASSWORD, Cast
from tests.mscbank.labelling.printer import listening
from tests.stages.bags import filled_lot
from tests.stages.labelling import labelled_lot, registered_printer
from tests.story.conftest import by_workers, environment

JOBS, WORKERS = 12, 4


class Browser:
    """One person's browser, over the network."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.send("/sign-in", {"username": "tessa", "password": PASSWORD})
        self.csrf = self.hidden("/password", "csrf")

    def send(self, path: str, data: Mapping[str, str] | None = None) -> tuple[str, bytes]:
        request = urllib.request.Request(
            self.site + path, data=urlencode(data).encode() if data else None,
            headers={"Origin": self.site})
        with self.opener.open(request, timeout=120) as answer:
            return answer.geturl(), answer.read()

    def hidden(self, path: str, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.send(path)[1].decode())
        assert found, f"no {name} on {path}"
        return found[1]

    def act(self, form: str, typed: Mapping[str, str]) -> str:
        """Open the form, fill it in, press the button; the page that follows."""
        page = self.send(form)[1].decode()
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
        return self.send(form, hidden | {"csrf": self.csrf} | typed)[1].decode()

    def reprint(self, bag: str) -> str:
        """Reprint the bag's label; the code of its job."""
        done = self.act(f"/bags/{bag}/reprint", {
            "reason": f"Torn: {bag}", "stock": "small-50x25", "language": "en"})
        job = re.search(r"/label-jobs/([A-Z]{20})", done)
        assert job, done[:2000]
        return job[1]

    def pages(self, job: str, what: str = "labels") -> bytes:
        """The pages of the job, or of its companions."""
        return self.send(f"/label-jobs/{job}/{what}.pdf")[1]


def foreign_labels(pages: Mapping[str, bytes]) -> list[str]:
    """The bags whose pages hold another bag's label, or not exactly their own second copy."""
    return [bag for bag, pdf in pages.items()
            if [{text for text in page if text.startswith("BX")} for page in readback.pages(pdf)]
            != [{housecode.copy_text(bag, 2)}]]


def all_at_once(codes: list[str], fetch: Callable[[str], bytes]) -> dict[str, bytes]:
    """What each bag's job gives, all asked for in the same moment."""
    together = threading.Barrier(len(codes))

    def one(code: str) -> tuple[str, bytes]:
        together.wait(60)
        return code, fetch(code)

    with ThreadPoolExecutor(len(codes)) as pool:
        return dict(pool.map(one, codes))


def twelve_bags(cast: Cast) -> list[str]:
    """Bags whose labels are on them, of one lot."""
    lot = filled_lot(cast, bags=JOBS, volume_ml=20, cells_per_bag=5_000_000)
    return [bag.code for bag in labelled_lot(cast, lot).bags]


def by_two_runners(tmp_path: Path, database_url: str) -> list[int]:
    """Two processes send on what waits; how they ended."""
    begun = [subprocess.Popen(
        [sys.executable, "-m", "mscbank", "print-queue", "--once"], cwd=tmp_path,
        env=environment(tmp_path, database_url), stdout=subprocess.DEVNULL) for _ in range(2)]
    return [each.wait(120) for each in begun]


def test_twelve_jobs_at_once_hold_their_own_labels_and_companions_and_print_each_once(
        bank, database_url, tmp_path):
    """Reprinted and sent to two printers by twelve people, sent on by two runners at once."""
    cast = Cast()
    codes = twelve_bags(cast)
    with listening() as small, listening() as tags:
        named = {"printer": registered_printer(cast, small.port, stock="small-50x25").code,
                 "companion_printer": registered_printer(cast, tags.port, stock=TAG,
                                                         name="Zebra 2").code}
        session.remove()
        companions = {}

        def reprint_and_send(code: str) -> bytes:
            browser = browsers[code]
            job = browser.reprint(code)
            browser.act(f"/label-jobs/{job}/send-to-printer", named)
            companions[code] = browser.pages(job, "tags")
            return browser.pages(job)

        with by_workers(tmp_path, database_url, "--workers", str(WORKERS), "--preload",
                        MSCBANK_ARGON2_MEMORY_KIB="8", MSCBANK_ARGON2_PASSES="1") as site:
            browsers = {code: Browser(site) for code in codes}
            pages = all_at_once(codes, reprint_and_send)
        assert by_two_runners(tmp_path, database_url) == [0, 0]
        wanted = sorted(housecode.copy_text(code, 2) for code in codes)
        for printer in (small, tags):
            assert sorted(text for label in printer.labels for text in label
                          if text.startswith("BX")) == wanted
    assert len(pages) == len(companions) == JOBS
    assert foreign_labels(pages) == foreign_labels(companions) == []
    session.rollback()
    for code in codes:
        copies = service.copies_of(code)
        assert [(copy.number, copy.voided_at is None) for copy in copies] == [
            (1, False), (2, True)]
        assert service.pdf_of(copies[1].job) == pages[code]


def test_a_place_shared_by_all_jobs_would_be_found(bank, tmp_path):
    """The control: the same twelve jobs through one file that all of them write, as a program
    would that kept its pages in one place."""
    cast = Cast()
    pages = {}
    lot_codes = twelve_bags(cast)
    for code in lot_codes:
        with transaction():
            job = service.reprint(get(Bag, code), "Torn.", by=cast.tessa,
                                  at=datetime.fromisoformat("2026-03-02T09:00:00+00:00"))
        pages[code] = service.pdf_of(job)
    assert foreign_labels(pages) == []
    shared, written = tmp_path / "labels.pdf", threading.Barrier(JOBS)

    def through_one_place(code: str) -> bytes:
        shared.write_bytes(pages[code])
        written.wait(60)
        return shared.read_bytes()

    assert len(foreign_labels(all_at_once(lot_codes, through_one_place))) == JOBS - 1
