"""The scan page: what it is, where it is, whether it may be used, and what can be done."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from labels import housecode
from mscbank import clock
from mscbank.bags.models import Bag
from mscbank.cultures import service as cultures
from mscbank.database import session, transaction
from mscbank.labelling import service as labelling
from mscbank.scanning.models import Scan
from tests.cast import Cast
from tests.mscbank.pages.conftest import entries
from tests.stages.bags import filled_lot
from tests.stages.cultures import (
    blocked_reagent,
    quarantined_reagent,
    released_reagent,
    seeded_culture,
)
from tests.stages.custody import issuable_lot, labelled_bag
from tests.stages.labelling import label_text
from tests.stages.testing import result_of, sample_of


@pytest.fixture
def bag(cast: Cast) -> Bag:
    return issuable_lot(cast).bags[0]


def test_a_bag_says_where_it_is_and_what_this_person_may_do(browse, bag: Bag) -> None:
    page = browse("tessa").post("/scan", {"text": label_text(bag)}).text
    assert bag.title in page and bag.storage_place.title in page
    assert "Nothing speaks against it" in page
    assert f'href="/bags/{bag.code}/issue"' in page
    assert "Cannot receive" in page  # greyed, with its reason


def test_a_person_without_a_role_in_it_is_offered_nothing_they_may_not_do(
        browse, bag: Bag) -> None:
    page = browse("carole").post("/scan", {"text": bag.code}).text
    assert f"/bags/{bag.code}/issue" not in page and "Nothing, in your role." in page


def test_an_old_label_is_a_stop_even_on_a_good_bag(browse, bag: Bag, cast: Cast) -> None:
    old = label_text(bag)
    with transaction():
        labelling.reprint(bag, "The corner came off.", by=cast.tessa, at=clock.now())
    page = browse("tessa").post("/scan", {"text": old}).text
    assert "Stop: old label" in page and "Nothing speaks against it" not in page


@pytest.mark.parametrize(("text", "said"), [
    ("", "Nothing was read"), ("bonjour madame", "Unknown"),
    ("BXBBBBBBBBBBBBBBBBBB", "Damaged code"),
    (housecode.with_check("BX", "CDEFGHJKLNPRTVXB"), "Stop: not of this bank"),
    ("?B&QèAàWZ'(", "Wrong keyboard"), ("<script>alert(1)</script>", "Unknown")])
def test_what_leads_to_nothing_says_what_is_wrong(
        browse, cast: Cast, text: str, said: str) -> None:
    answer = browse("tessa").post("/scan", {"text": text})
    assert answer.status_code == 200 and said in answer.text
    assert "<script>alert" not in answer.text


def test_a_code_that_a_scanner_dressed_up_is_proposed_and_not_taken(browse, bag: Bag) -> None:
    page = browse("tessa").post("/scan", {"text": f"]Q1{bag.code}"}).text
    assert "Yes, this is what the label says" in page and bag.title not in page


def test_a_scan_is_logged_beside_the_trail_and_not_in_it(browse, bag: Bag) -> None:
    window = browse("tessa")
    before = entries()
    window.post("/scan", {"text": bag.code})
    assert entries() == before
    session.rollback()
    assert [row.answer for row in session.query(Scan)] == ["bag"]


def test_an_administrator_does_not_look_things_up(browse, bag: Bag) -> None:
    assert browse("adam").post("/scan", {"text": bag.code}).status_code == 403


def test_a_code_in_a_form_is_told_by_its_name_and_a_reagent_by_its_last_day(
        browse, cast: Cast) -> None:
    window, medium = browse("tessa"), released_reagent(cast, lot_number="M-99")
    before = entries()
    told = window.post("/scan/called", {"text": f"{medium.code.lower()}\nBXBBBBBBBBBBBBBBBBBB\nwell"}).text
    assert medium.title in told and "released" in told and "expires" in told
    assert "This code is damaged" in told and told.count("<li>") == 2  # a word is no code
    assert entries() == before and not session.scalars(sa.select(Scan)).all()
    with clock.pinned(clock.now() + timedelta(days=3000)):
        assert "expired" in browse("tessa").post("/scan/called", {"text": medium.code}).text
    assert browse("adam").post("/scan/called", {"text": medium.code}).status_code == 403


def test_a_form_that_begins_with_last_times_reagents_names_them(browse, cast: Cast) -> None:
    culture, medium = seeded_culture(cast), released_reagent(cast, lot_number="M-99")
    with transaction():
        cultures.feed(culture, [medium.code], by=cast.tessa, at=clock.now())
    page = browse("tessa").get(f"/cultures/{culture.code}/feed").text
    assert medium.code in page and medium.title in page


def test_what_bears_the_same_name_in_every_family_says_whose_it_is(browse, cast: Cast) -> None:
    """Samples and results are called alike: the scan, the forms, the worklist and the search say of
    which lot and for whom, so that no result is written to another family's sample."""
    lots = [filled_lot(cast), filled_lot(cast)]
    for lot in lots:
        sample = sample_of(cast, lot)
        result = result_of(cast, sample, "viability")
        mine, recipient = (f">{one.title}</a>" for one in (lot, lot.harvest.donor.recipient))
        for page in (browse("theo").post("/scan", {"text": sample.code}).text,
                     browse("theo").get(f"/samples/{sample.code}/record-result").text,
                     browse("tessa").get(f"/results/{result.code}/confirm-result").text):
            assert mine in page and recipient in page
    found = browse("tessa").post("/scan", {"text": "L26-0"}).text
    worklist = browse("tessa").get("/").text
    for lot in lots:
        assert f"{lot.title} · {lot.harvest.donor.recipient.title}" in found
        assert f"{lot.number} · " in worklist


def test_a_bag_says_for_whom_it_is_and_what_may_not_be_used_is_not_thawed_as_the_next_step(
        browse, cast: Cast) -> None:
    good = issuable_lot(cast).bags[0]
    pending = labelled_bag(cast)
    theo = browse("theo")
    thaw = re.compile(r'class="(button[ a-z]*)" href="/bags/[A-Z]+/thaw"')
    for bag, drawn in ((good, "button"), (pending, "button plain")):
        page = theo.post("/scan", {"text": bag.code}).text
        assert bag.lot.harvest.donor.recipient.number in page
        assert thaw.search(page)[1] == drawn


def test_what_ends_a_sample_is_never_drawn_as_the_next_step(browse, cast: Cast) -> None:
    page = browse("theo").post("/scan", {"text": sample_of(cast, filled_lot(cast)).code}).text
    drawn = dict(reversed(one) for one in re.findall(
        r'class="(button[ a-z]*)" href="/samples/[A-Z]+/([a-z-]+)"', page))
    assert drawn["record-result"] == "button"
    assert drawn["discard-sample"] == drawn["use-up-sample"] == "button plain"


def test_a_bottle_past_its_day_is_told_so_wherever_it_is_shown(browse, cast: Cast) -> None:
    """On its last day it may be used; a day later the scan, its page and the list say that it is
    over, though it was released."""
    lot = released_reagent(cast)
    last_day = clock.now() + (lot.expires_on - clock.now().date())
    for late, good in ((timedelta(0), True), (timedelta(days=1), False)):
        with clock.pinned(last_day + late):
            theo = browse("theo")
            scan = theo.post("/scan", {"text": lot.code}).text
            assert ("Nothing speaks against it" in scan) is good
            assert ("May not be used" in scan and "discard it and take another lot" in scan) is not good
            for page in (theo.get(f"/reagents/{lot.code}").text, theo.get("/reagents/").text):
                assert ('<span class="badge bad">expired</span>' in page) is not good


@pytest.mark.parametrize(("made", "said"), [
    (quarantined_reagent, "is in quarantine"), (blocked_reagent, "is blocked")])
def test_a_bottle_that_is_not_released_may_not_be_used(browse, cast: Cast, made, said) -> None:
    page = browse("theo").post("/scan", {"text": made(cast).code}).text
    assert "May not be used" in page and said in page
