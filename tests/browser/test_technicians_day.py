"""A technician's whole day, told as it goes: by scanner, mouse and keyboard, by pages alone."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import Culture, CultureNote
from mscbank.database import session
from mscbank.labelling.models import LabelCopy
from mscbank.testing.models import Result, Sample
from tests.browser.days import PHONE, Day, day_of, do, fill, minute, on_paper, press
from tests.browser.test_scanners import AZERTY
from tests.browser.ward import strike, wedge
from tests.cast import PASSWORD, Cast
from tests.stages.bags import box
from tests.stages.cultures import counted_culture, passaged_culture, released_reagent, seeded_culture
from tests.stages.custody import issuable_lot
from tests.stages.labelling import label_text

FILLED = {"bags": 2, "volume_ml": 50, "cells_per_bag": "70e6", "dmso_percent": 10,
          "excipients": "4 % human albumin, 10 % DMSO", "expires_at": "2027-03-01T12:00"}


def _tell(cast: Cast) -> dict[str, str]:
    """A flask that grows, one that is nearly full, a bag that is wanted on the ward, an empty box."""
    bag = issuable_lot(cast).bags[0]
    return {"young": seeded_culture(cast).code,
            "full": passaged_culture(cast, counted_culture(cast)).code,
            "medium": released_reagent(cast, lot_number="M-99").code,
            "wanted": bag.code, "label": label_text(bag),
            "place": box(cast, "B", 12)[0].code}


day = day_of(_tell)


def test_a_technicians_whole_day(day: Day) -> None:
    """From the worklist of the morning to a bag that the ward has signed for."""
    tessa = day.sit("tessa")
    _at_the_incubator(day, tessa)
    _a_flask_is_passaged(day, tessa)
    lot = _a_lot_is_filled(day, tessa)
    _its_labels_are_scanned_back(day, tessa, lot)
    _its_bags_are_put_away(day, tessa, lot)
    _a_sample_is_taken_and_measured(day, tessa, lot)
    _a_bag_goes_to_the_ward(day, tessa)
    done = day.acts("tessa")
    assert [act for act in done if act in ("feed", "observe", "count", "passage", "fill", "freeze",
                                           "store", "issue")][-10:] == [
        "feed", "observe", "count", "passage", "count", "fill", "freeze", "store", "store", "issue"]


def _at_the_incubator(day: Day, page: Page) -> None:
    """She scans the flask with the focus anywhere, feeds it, presses twice, goes back and presses
    again: it is fed once. She looks, and her session ends while she writes what she sees."""
    expect(page.locator("h1")).to_have_text("Worklist")
    expect(page.locator("main .work li")).to_have_count(2)
    page.focus(".out button")
    wedge(page, day.codes["young"].lower())
    expect(page.locator("h1")).to_contain_text("P0 of")
    assert page.locator(".button.off", has_text="Passage").count() == 1  # not counted: grey
    press(page, "Feed")
    page.focus("[name=reagents]")
    strike(page, day.codes["medium"])
    expect(page.locator("[name=reagents]")).to_have_value(day.codes["medium"] + "\n")
    expect(page.locator(".called li")).to_contain_text("lot M-99")  # by its name, not its letters
    fill(page, confluence=45)
    with page.expect_navigation():
        page.dblclick("button[value=do]")
    expect(page.locator("h1")).to_have_text("Done: feed")
    page.go_back()
    page.click("button[value=do]")
    expect(page.locator("#alarm")).to_contain_text("sent before with other words, and that was done")
    assert day.count(CultureNote) == 1
    wedge(page, day.codes["young"])
    press(page, "Observe")
    fill(page, confluence=60, seen="Spindle-shaped, little debris.")
    day.end_sessions()
    page.click("button[value=do]")
    expect(page.locator("[role=alert]")).to_contain_text("what you typed is kept")
    fill(page, username="tessa", password=PASSWORD)
    page.press("[name=password]", "Enter")
    press(page, "Return to what I typed")
    expect(page.locator("[name=seen]")).to_have_value("Spindle-shaped, little debris.")
    do(page, "observe")
    assert day.count(CultureNote) == 2


def _a_flask_is_passaged(day: Day, page: Page) -> None:
    """Counted with a slip that is refused at its box, then passaged: the next vessel has its page."""
    wedge(page, day.codes["young"])
    press(page, "Count")
    fill(page, total_cells="412e6", viable_cells="520e6")
    page.click("button[value=do]")
    expect(page.locator("#alarm")).to_be_focused()
    assert page.input_value("[name=total_cells]") == "412e6"
    fill(page, viable_cells="398000000")
    do(page, "count")
    press(page, "Passage")
    fill(page, vessel="10-layer stack", vessels=1, seeded_cells="31.8e6", incubator="INC-1")
    page.focus("[name=reagents]")
    strike(page, day.codes["medium"])
    do(page, "passage")
    press(page, "Go to .*")
    expect(page.locator("h1")).to_contain_text("P1 of")
    with day.record():
        parent = session.scalars(sa.select(Culture).where(Culture.code == day.codes["young"])).one()
        assert parent.count.viable_cells == 398_000_000
        assert session.scalars(sa.select(Culture).order_by(Culture.id.desc())).first().passage == 1


def _a_lot_is_filled(day: Day, page: Page) -> str:
    """The full flask is counted and filled into two bags, which are frozen."""
    wedge(page, day.codes["full"])
    press(page, "Count")
    fill(page, total_cells="260e6", viable_cells="250e6")
    do(page, "count")
    press(page, "Fill")
    fill(page, **FILLED)
    page.focus("[name=reagents]")
    strike(page, day.codes["medium"])
    do(page, "fill")
    press(page, "Go to Lot .*")
    lot = page.url.rpartition("/")[2]
    expect(page.locator("h1 .badge")).to_have_text("pending")
    press(page, "Freeze")
    do(page, "freeze")
    return lot


def _its_labels_are_scanned_back(day: Day, page: Page, lot: str) -> None:
    """Printed, put on, scanned there: the label of one bag on the other is refused, and a scanner
    that speaks another keyboard is understood and said so."""
    page.goto(f"/lots/{lot}/issue-labels")
    do(page, "issue labels")
    press(page, "Go to .*")
    job = page.url
    press(page, "Print")
    do(page, "print")
    printed = [sorted(found, key=len) for found in on_paper(page, job + "/labels.pdf")]
    codes = [found[0] for found in printed]
    signed = next(text for text in printed[0] if text.startswith("MB1:"))
    wedge(page, signed.translate(AZERTY))
    expect(page.locator(".verdict .word")).to_have_text("Wrong keyboard")
    press(page, "Yes, this is what the label says")
    expect(page.locator("h1")).to_have_text("Bag 1 of lot L26-002")
    expect(page.locator(".standing")).to_contain_text("was not scanned back")
    press(page, "Apply label")
    wedge(page, codes[1])
    expect(page.locator("#alarm")).to_contain_text("This is the label of another bag")
    wedge(page, codes[0])
    expect(page.locator("h1")).to_have_text("Done: apply label")
    wedge(page, codes[1])
    press(page, "Apply label")
    wedge(page, codes[1])
    expect(page.locator("h1")).to_have_text("Done: apply label")
    page.goto(f"/lots/{lot}")
    with day.record():
        copies = session.scalars(sa.select(LabelCopy).join(Bag).join(Lot).where(Lot.code == lot)).all()
        assert len(copies) == 2 and all(copy.applied_at for copy in copies)


def _its_bags_are_put_away(day: Day, page: Page, lot: str) -> None:
    """On the map of the freezer: a bag, a place, done, and no hand on the screen."""
    with day.record():
        bags = [bag.code for bag in session.scalars(sa.select(Lot).where(Lot.code == lot)).one().bags]
    page.goto("/freezer?tank=TANK 9")
    wedge(page, bags[0])
    expect(page.locator("#put-away h2")).to_contain_text("Bag 1 of lot L26-002: scan its position")
    wedge(page, day.codes["place"])
    expect(page.locator("main")).to_contain_text("1 of 12 taken")
    wedge(page, bags[1])
    wedge(page, day.codes["place"])
    expect(page.locator("#alarm")).to_be_visible()  # there lies a bag already
    wedge(page, bags[1])
    with page.expect_navigation():
        page.click(".sketch a[href*='/store?place=']")  # the first that is free
    do(page, "store")
    page.goto("/freezer?tank=TANK 9")
    expect(page.locator("main")).to_contain_text("2 of 12 taken")
    with day.record():
        stood = session.scalars(sa.select(Bag.place).where(Bag.code.in_(bags))).all()
        assert stood == [Place.STORED, Place.STORED]


def _a_sample_is_taken_and_measured(day: Day, page: Page, lot: str) -> None:
    """Its tube gets a label, which is scanned back; the result is recorded beside its limit."""
    day.later += timedelta(minutes=10)
    page.goto("/")
    press(page, "Take sample")
    page.focus("[name=taken_from]")
    strike(page, lot)
    expect(page.locator("[name=taken_from]")).to_have_value(lot)
    fill(page, stage="drug product", taken_at=minute(), destined="Cytometry", volume_ml=2)
    do(page, "take sample")
    press(page, "Go to Sample .*")
    sample = page.url
    press(page, "Issue label")
    do(page, "issue label")
    press(page, "Go to .*")
    job = page.url
    press(page, "Print")
    do(page, "print")
    tube = min(on_paper(page, job + "/labels.pdf")[0], key=len)
    page.goto(job)
    press(page, "scan it there")
    wedge(page, tube)
    expect(page.locator("h1")).to_have_text("Done: scan back")
    wedge(page, tube)
    expect(page.locator("h1")).to_contain_text("Sample")
    page.goto(sample)
    press(page, "Viability")
    expect(page.locator("main")).to_contain_text("at least 70 %")
    fill(page, value="96.5", performed_at=minute())
    page.select_option("[name=method]", index=1)
    page.select_option("[name=laboratory]", index=1)
    do(page, "record result")
    page.goto(sample)
    expect(page.locator("main table").first).to_contain_text("Viability 96.5 %")
    assert day.count(Sample, code=sample.rpartition("/")[2]) == 1
    with day.record():
        assert session.scalars(sa.select(Result).order_by(Result.id.desc())).first().test == "viability"


def _a_bag_goes_to_the_ward(day: Day, page: Page) -> None:
    """She gives it out; she may not take it over herself; Nadia does, on her phone."""
    wedge(page, day.codes["label"])
    expect(page.locator(".standing .word")).to_have_text("Nothing speaks against it")
    press(page, "Issue")
    fill(page, box="BOX-7", destination="Ward 3, room 12")
    do(page, "issue")
    wedge(page, day.codes["label"])
    press(page, "Receive")
    fill(page, condition="Intact")
    page.click("button[value=do]")
    expect(page.locator("#alarm")).to_contain_text("gave this bag out: another person")
    nadia = day.sit("nadia", viewport=PHONE)
    wedge(nadia, day.codes["label"])
    press(nadia, "Receive")
    fill(nadia, condition="Intact, label readable")
    do(nadia, "receive")
    page.goto(f"/bags/{day.codes['wanted']}")
    expect(page.locator(".standing .word")).to_have_text("Received")
    expect(page.locator(".timeline")).to_contain_text("Nadia Simon")
    assert day.acts("nadia")[-1] == "receive"
