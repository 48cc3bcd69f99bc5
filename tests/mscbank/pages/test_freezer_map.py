"""The freezer map as a page: scan a bag, scan a place, done."""

from __future__ import annotations

import re

from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag
from mscbank.database import session
from tests.cast import Cast
from tests.mscbank.pages.conftest import entries, hidden
from tests.stages.bags import box, frozen_lot, stored_bag
from tests.stages.labelling import issued_labels, label_text, reprinted


def test_a_bag_and_a_position_are_scanned_and_it_lies_there(browse, cast: Cast) -> None:
    bag, place = frozen_lot(cast).bags[0], box(cast)[2]
    window = browse("tessa")
    page = window.get(f"/freezer?bag={bag.code}").text
    assert f'href="/bags/{bag.code}/store?place={place.code}"' in page
    sent = {"bag": bag.code, "place": place.code, "key": hidden(page, "key")}
    answer = window.post("/freezer", data=sent)
    assert answer.status_code == 303 and f"here={place.code}" in answer.location
    assert "aria-current" in window.get(answer.location).text
    session.rollback()
    assert session.get(Bag, bag.id).place is Place.STORED
    before = entries()
    assert window.post("/freezer", data=sent).status_code == 303  # pressed twice: done once
    assert entries() == before


def test_a_taken_position_is_refused_and_said(browse, cast: Cast) -> None:
    there = stored_bag(cast)
    other = there.lot.bags[1]
    answer = browse("tessa").post(
        "/freezer", data={"bag": other.code, "place": there.storage_place.code})
    assert answer.status_code == 409 and "holds" in answer.text
    session.rollback()
    assert session.get(Bag, other.id).place is Place.FILLED


def test_what_is_no_bag_and_a_label_that_was_replaced_are_refused(browse, cast: Cast) -> None:
    lot = frozen_lot(cast)
    issued_labels(cast, lot)
    text = label_text(lot.bags[0])
    reprinted(cast, lot.bags[0])
    window = browse("tessa")
    assert "not a bag" in window.get(f"/freezer?bag={lot.code}").text
    assert "STOP" in window.get(f"/freezer?bag={text}").text or (
        "replaced" in window.get(f"/freezer?bag={text}").text)


def test_who_may_not_store_reads_the_map_only(browse, cast: Cast) -> None:
    bag, place = frozen_lot(cast).bags[0], box(cast)[0]
    window = browse("nadia")
    assert window.get("/freezer").status_code == 200
    assert window.post("/freezer", data={"bag": bag.code, "place": place.code}).status_code == 403


def test_an_empty_bank_says_what_will_stand_there(browse, cast: Cast) -> None:
    assert "each position with the bag in it" in browse("tessa").get("/freezer").text
    assert browse("tessa").get("/freezer?tank=NONE").status_code == 404


def test_the_pictures_are_papers_too(browse, cast: Cast) -> None:
    bag = stored_bag(cast)
    window = browse("quentin")
    for path in ("/freezer.pdf?tank=TANK 9", f"/bags/{bag.code}/custody.pdf", "/cohorts.pdf",
                 f"/cultures/{bag.lot.harvest.cultures[0].code}/vessels.pdf",
                 f"/recipients/{bag.lot.harvest.donor.recipient.code}/journey.pdf"):
        answer = window.get(path)
        assert answer.status_code == 200 and answer.data.startswith(b"%PDF"), path
    assert "Cohorts and follow-up" in window.get("/cohorts").text
    assert window.get("/cohorts?protocol=none-1").status_code == 404


def test_a_picture_is_drawn_alike_in_every_language(browse, cast: Cast) -> None:
    stored_bag(cast)
    window = browse("tessa")
    shapes = [re.findall(r'class="((?:block|sign|rule) ?[^"]*)"', window.get(
        "/freezer", headers={"Accept-Language": language}).text) for language in ("en", "fr")]
    assert shapes[0] == shapes[1] and {"block free", "block taken", "sign wait"} <= set(shapes[0])


def test_a_map_without_room_says_of_each_position_what_the_picture_says(browse, cast: Cast) -> None:
    there = stored_bag(cast)
    page = browse("tessa").get(f"/freezer?here={there.storage_place.code}").text
    drawn, told = page.split('<ol class="positions"')[:2]
    labels = re.findall(r'aria-label="([^"]*)"', drawn.split("<svg")[1])
    assert re.findall(r'aria-label="([^"]*)"', told)[:len(labels)] == labels
    line = re.search(r'<li class="taken"><a[^>]*class="here" aria-current="true"[^>]*>(.*?)</a>', told)
    assert line and f"{there.lot.number} · {there.number}" in line[1] and "badge" in line[1]
