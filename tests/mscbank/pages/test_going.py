"""The page of how scanning goes, fed by what is scanned at the bedside."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.scanning.models import Scan
from tests.cast import Cast
from tests.stages.custody import issued_bag
from tests.stages.labelling import label_text


@pytest.fixture
def bag(cast: Cast) -> Bag:
    return issued_bag(cast)


def test_a_bag_scanned_before_it_was_taken_over_is_on_the_page_and_was_not_blocked(
        browse, bag: Bag) -> None:
    code, nurse = bag.code, browse("nadia")
    before = browse("quentin").get("/scanning").text
    assert f'href="/bags/{code}"' not in before  # the control
    assert nurse.post("/bedside", {"text": label_text(bag), "how": "scanner"}).status_code == 200
    for person in ("quentin", "carole"):
        page = browse(person).get("/scanning?days=7").text
        assert f'href="/bags/{code}"' in page and not re.search(r"\bnadia\b", page, re.I)
        assert "The bag was scanned at a bedside while no ward had taken it over" in page


@pytest.mark.parametrize("person", ["nadia", "tessa", "adam"])
def test_only_who_can_change_something_reads_it(browse, cast: Cast, person: str) -> None:
    assert browse(person).get("/scanning").status_code == 403


def test_a_scan_is_kept_with_its_device_and_its_own_time(browse, bag: Bag) -> None:
    nurse, at = browse("nadia"), clock.now()
    first = nurse.post("/bedside", {"text": bag.code, "waited": "90000", "how": "scanner"})
    assert "msc-device=" in first.headers["Set-Cookie"]
    nurse.post("/bedside", {"text": bag.code, "waited": "soon", "how": "scanner"})
    session.rollback()
    kept, then = session.query(Scan).order_by(Scan.id)
    assert (kept.bedside, len(kept.device), kept.device) == (True, 16, then.device)
    assert (kept.at, then.at) == (at - timedelta(seconds=90), at)
    nurse.post("/scan", {"text": bag.code})
    session.rollback()
    assert [one.bedside for one in session.query(Scan).order_by(Scan.id)] == [True, True, False]
