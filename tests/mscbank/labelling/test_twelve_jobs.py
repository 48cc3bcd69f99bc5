"""Twelve jobs of labels at the same moment, from four workers: every page holds its own labels."""

from __future__ import annotations

import re
import threading
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http.cookiejar import CookieJar
from urllib.parse import urlencode

from labels import housecode, readback
from mscbank.bags.models import Bag
from mscbank.database import session, transaction
from mscbank.labelling import service
from mscbank.things import get
from tests.cast import PASSWORD, Cast
from tests.stages.bags import filled_lot
from tests.stages.labelling import labelled_lot
from tests.story.conftest import by_workers

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

    def reprint(self, bag: str) -> bytes:
        """Fill in the form, press the button, follow to the job, open its labels."""
        form = f"/bags/{bag}/reprint"
        page = self.send(form)[1].decode()
        typed = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
        _, done = self.send(form, typed | {
            "csrf": self.csrf, "reason": f"Torn: {bag}", "stock": "bag-100x100",
            "language": "en"})
        job = re.search(r"/label-jobs/([A-Z]{20})", done.decode())
        assert job, done.decode()[:2000]
        return self.send(f"/label-jobs/{job[1]}/labels.pdf")[1]


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


def test_twelve_jobs_at_once_hold_their_own_labels_each(bank, database_url, tmp_path):
    codes = twelve_bags(Cast())
    session.remove()
    with by_workers(tmp_path, database_url, "--workers", str(WORKERS), "--preload",
                    MSCBANK_ARGON2_MEMORY_KIB="8", MSCBANK_ARGON2_PASSES="1") as site:
        browsers = {code: Browser(site) for code in codes}
        pages = all_at_once(codes, lambda code: browsers[code].reprint(code))
    assert len(pages) == JOBS
    assert foreign_labels(pages) == []
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
