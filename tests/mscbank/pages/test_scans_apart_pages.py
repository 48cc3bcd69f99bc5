"""Two phones at one bed, on which different bags were scanned: neither page tells of the other's
before the verdict, and the verdict tells both of both."""

from __future__ import annotations

from html import unescape

import pytest

from mscbank.infusions.models import Check
from mscbank.database import session
from tests.cast import Cast
from tests.mscbank.infusions.test_scans_apart import at_bag, beside, other
from tests.mscbank.pages.conftest import Browser, hidden
from tests.mscbank.pages.test_bedside import led, scan, scanned
from tests.stages.infusions import Bedside
from tests.stages.labelling import label_text, reprinted

__all__ = ["beside", "other"]  # fixtures


@pytest.fixture
def pair(browse) -> tuple[Browser, Browser]:
    return browse("nadia"), browse("noel")


def state(nurse: Browser, half: str) -> dict[str, object]:
    return nurse.get(f"/bedside/own/{half}/state").json


def test_nothing_of_the_others_bag_is_told_before_the_verdict_and_all_of_it_in_it(
        pair, cast: Cast, beside: Bedside, other: Bedside) -> None:
    nadia, noel = pair
    waits = scanned(nadia, beside)
    half = hidden(waits, "half")
    before = scan(noel, label_text(other.bag))
    for page in (waits, before):  # the numbers of bags, and what stands on their labels
        assert at_bag("Nadia Simon", beside.bag) not in page and "Noel Garnier scanned" not in page
    assert beside.bag.code not in before and other.bag.code not in waits
    assert state(nadia, half) == {"state": "waiting", "address": None}  # the control
    his = unescape(scan(noel, beside.band.code, before))
    check = session.query(Check).one()
    assert state(nadia, half) == {
        "state": "answered", "address": f"/bedside/answer/{check.code}"}
    hers = unescape(led(nadia, nadia.get(f"/bedside/own/{half}")))
    for page in (hers, his):
        assert '<h1 class="word" id="word">Stop</h1>' in page and "/bedside/start" not in page
        for told in (at_bag("Nadia Simon", beside.bag), at_bag("Noel Garnier", other.bag),
                     "did not scan the same wristband and the same bag",
                     "Both bags are ordered for R-001"):
            assert told in page
        assert 'class="read-back"' not in page, "one bag of the two would be believed"
        assert "Check again" in page and "Show name and birth date" not in page
    record = unescape(nadia.get(f"/checks/{check.code}").text)
    assert all(told in record for told in check.told)


def test_another_stop_names_the_bag_and_the_person(pair, cast: Cast, beside: Bedside) -> None:
    """The control of what stands on no answer of two who scanned different things."""
    old = label_text(beside.bag)
    reprinted(cast, beside.bag)
    page = scan(pair[0], old, scan(pair[0], beside.band.code))
    assert "Stop" in page and 'class="read-back"' in page and "Show name and birth date" in page


def test_neither_page_is_told_to_another_person(browse, pair, beside: Bedside, other: Bedside) -> None:
    nadia, noel = pair
    half = hidden(scanned(nadia, beside), "half")
    assert noel.get(f"/bedside/own/{half}").status_code == 404
    assert noel.get(f"/bedside/own/{half}/state").status_code == 404
    scanned(noel, other)
    check = session.query(Check).one()
    assert browse("paula").get(f"/bedside/answer/{check.code}").location == f"/checks/{check.code}"
