"""Beside a running bag, what is out of the usual is asked about where it was typed."""

from __future__ import annotations

from decimal import Decimal
from html import unescape

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.database import session
from mscbank.infusions.models import Infusion, Observation
from tests.cast import PASSWORD, Cast
from tests.conftest import START
from tests.stages.cultures import count, seeded_culture
from tests.stages.infusions import LATER, bedside, started
from tests.stages.recipients import weigh

WHY = "Measured again on the other hand: pale, physician called."
TYPED = {"temperature_c": "37.1", "pulse": "82", "systolic": "120", "diastolic": "75",
         "saturation": "9", "happened_at": START.isoformat()}


@pytest.fixture
def running(cast: Cast) -> Infusion:
    return started(cast)


def kept() -> list[Observation]:
    session.expire_all()
    return list(session.scalars(sa.select(Observation).order_by(Observation.id)))


def test_the_bedside_asks_beside_the_box_and_loses_nothing_that_was_typed(
        cast, running, browse) -> None:
    nurse, here = browse("nadia"), f"/infusions/{running.code}"
    assert "why_unusual" not in nurse.get(here).text  # the control
    asked = nurse.post(f"/bedside/{running.code}/observe", TYPED | {"key": "one"})
    page = unescape(asked.text)
    assert asked.status_code == 422 and kept() == []
    assert 'id="observe-saturation-wrong">Oxygen saturation: 9 % lies outside' in page
    assert page.count('class="error"') == 1 and page.count('name="why_unusual"') == 1
    assert all(f'name="{name}"' in page and f'value="{value}"' in page
               for name, value in TYPED.items())
    right = TYPED | {"saturation": "98", "why_unusual": "", "key": "two"}  # it was a slip
    assert nurse.post(f"/bedside/{running.code}/observe", right).status_code == 303
    meant = TYPED | {"saturation": "85", "why_unusual": WHY, "key": "three"}
    assert nurse.post(f"/bedside/{running.code}/observe", meant).status_code == 303
    assert [(seen.saturation, seen.why_unusual) for seen in kept()] == [(98, None), (85, WHY)]
    assert f"Out of the usual: {WHY}" in unescape(nurse.get(here).text)


def test_a_reason_stays_typed_when_something_else_is_wrong(cast, running, browse) -> None:
    answer = browse("nadia").post(f"/bedside/{running.code}/observe", TYPED | {
        "pulse": "820", "why_unusual": WHY, "key": "one"})
    assert answer.status_code == 422 and f'value="{WHY}"' in unescape(answer.text)


def test_the_form_of_a_sheet_of_paper_opens_one_box_for_the_reason(cast, browse) -> None:
    beside = bedside(cast)
    address = f"/bags/{beside.bag.code}/enter-paper-infusion"
    sent = {"wristband": beside.band.code, "began_at": "2026-03-02T09:10", "checked_by": "nadia",
            "checked_again_by": "noel", "why": "No network.", "key": "k" * 24,
            "second": "noel", "second_password": PASSWORD,
            "vital_signs-0-at": "2026-03-02T09:15"} | {
        f"vital_signs-0-{name}": value for name, value in TYPED.items() if name != "happened_at"}
    with clock.pinned(LATER):
        nurse = browse("nadia")
        assert "why_unusual" not in nurse.get(address).text  # the control
        asked = nurse.post(address, sent)
        page = unescape(asked.text)
        assert asked.status_code == 422 and page.count('name="why_unusual"') == 1
        assert "Oxygen saturation: 9 % lies outside" in page and 'value="9"' in page
        assert nurse.post(address, sent | {"why_unusual": WHY, "key": "l" * 24}).status_code == 303
    assert [seen.why_unusual for seen in kept()] == [WHY]


def test_the_reason_of_a_weight_and_of_a_count_stands_beside_the_number(cast, browse) -> None:
    culture = seeded_culture(cast)
    person = culture.harvest.donor.recipient
    pages = [f"/recipients/{person.code}", f"/cultures/{culture.code}"]
    quality = browse("quentin")
    weigh(cast, person, Decimal(70))
    assert not any("Out of the usual" in quality.get(page).text for page in pages)  # the control
    with clock.pinned(LATER):
        weigh(cast, person, Decimal(50))
    count(cast, culture, 90_000_000, 60_000_000)
    for page, why in zip(pages, ("Weighed twice.", "Counted twice."), strict=True):
        assert f"Out of the usual: {why}" in quality.get(page).text
