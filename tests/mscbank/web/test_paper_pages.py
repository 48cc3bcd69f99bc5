"""What was given on paper, on the pages and papers that tell of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.infusions.models import Infusion
from mscbank.reports.batch.record import batch_record
from mscbank.reports.custody import custody_record
from mscbank.reports.timeline import timeline
from tests.cast import PASSWORD, Cast
from tests.mscbank.web.conftest import ON_ONE_DATABASE
from tests.stages.infusions import BEGAN, LATER, Bedside, bedside, given_on_paper
from tests.stages.papers import text_of
from tests.stages.release import declare_nonconforming


@pytest.fixture
def beside(cast: Cast, bank) -> Bedside:
    return bedside(cast)


def test_a_nurse_enters_it_by_the_pages_with_a_witness(beside, browse) -> None:
    address = f"/bags/{beside.bag.code}/enter-paper-infusion"
    sent = {"wristband": beside.band.code, "began_at": "2026-03-02T09:10", "checked_by": "nadia",
            "checked_again_by": "noel", "why": "No network.", "key": "k" * 24,
            "vital_signs-0-at": "2026-03-02T09:15", "vital_signs-0-temperature_c": "36,9",
            "vital_signs-0-pulse": "72", "vital_signs-0-systolic": "118",
            "vital_signs-0-diastolic": "70", "vital_signs-0-saturation": "97"}
    witness = {"second": "noel", "second_password": PASSWORD}
    with clock.pinned(LATER):
        nurse = browse("nadia")
        assert f'href="{address}"' in nurse.get("/bedside/paper").text
        assert '<option value="noel"' in nurse.get(address).text
        alone = nurse.post(address, sent)
        assert alone.status_code == 403 and "second person must compare" in alone.text
        assert session.get_one(Bag, beside.bag.id).infusion is None
        assert nurse.post(address, sent | witness).status_code == 303
        page = nurse.get(f"/infusions/{beside.bag.infusion.code}").text
        assert address not in nurse.get("/bedside/paper").text
    assert "Given on paper, without the bank's check" in page and "36.9" in page


@ON_ONE_DATABASE
def test_pages_and_papers_say_that_it_was_on_paper_and_what_stood_against_it(
        beside, browse, cast) -> None:
    declare_nonconforming(cast, beside.bag.lot)
    infusion: Infusion = given_on_paper(cast, beside)
    with clock.pinned(LATER + timedelta(minutes=1)):
        page = browse("quentin").get(f"/infusions/{infusion.code}").text
        paper = text_of(batch_record(beside.bag.lot))
    assert "What stood against it" in page and "This lot was recalled." in page
    assert f'href="/deviations/{infusion.paper.deviation.code}"' in page
    assert "ON PAPER by nadia and noel" in paper and "Against it stood: " in paper
    began = next(event for event in timeline(beside.bag) if event.at == BEGAN)
    assert began.detail == "on paper, without the bank's check"
    assert any(step["what"].endswith("started on paper") for step in custody_record(beside.bag)["steps"])
