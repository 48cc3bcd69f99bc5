"""Quality assurance's whole day, told as it goes: by pages alone, each decision by signature."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.bags.lifecycle import Place, Standing
from mscbank.bags.models import Bag, Lot
from mscbank.database import session
from mscbank.permissions import Role
from mscbank.release.models import Deviation, Hold
from mscbank.settings import local
from mscbank.testing import service as testing
from mscbank.testing.models import Investigation
from tests.browser.days import Day, day_of, do, fill, press, sign
from tests.browser.ward import wedge
from tests.cast import PASSWORD, Cast
from tests.stages.bags import box, filled_lot
from tests.stages.custody import bag_at_bedside, returned_bag
from tests.stages.deviations import INVESTIGATION, open_deviation
from tests.stages.labelling import label_text
from tests.stages.release import lot_out_of_limit
from tests.stages.testing import answered, opened, record_all


def _tell(cast: Cast) -> dict[str, str]:
    """A lot that waits for a confirmation and a decision, one out of specification, a bag on the
    ward, one that came back, and what a nurse wrote down."""
    waiting = filled_lot(cast)
    record_all(cast, waiting, pending=("karyotype",))
    sample = next(one.sample for one in testing.standing_results(waiting) if one.test == "karyotype")
    failing = lot_out_of_limit(cast)
    bad = next(one for one in testing.standing_results(failing) if one.test == "cd105")
    ward, back = bag_at_bedside(cast), returned_bag(cast)
    negative = next(one for one in testing.standing_results(ward.lot)
                    if one.test == "sterility" and one.sample.stage == "drug product")
    return {"waiting": waiting.code, "sample": sample.code, "failing": failing.code,
            "investigation": answered(cast, opened(cast, bad), wrong="calculation").code,
            "ward": ward.code, "released": ward.lot.code, "negative": negative.code,
            "back": back.code, "label": label_text(back), "place": box(cast, "C", 4)[0].code,
            "deviation": open_deviation(cast, failing.code).code}


day = day_of(_tell)


def test_quality_assurances_whole_day(day: Day) -> None:
    """From a confirmation to a recall, with everything signed that has to be."""
    quentin = day.sit("quentin")
    _a_result_that_came_back_is_confirmed(day, quentin)
    _the_trail_is_read_and_the_lot_certified(day, quentin)
    _a_result_out_of_specification_is_concluded(day, quentin)
    _a_lot_is_held_and_let_go(day, quentin)
    _a_deviation_is_brought_to_its_end(day, quentin)
    _a_bag_that_came_back_is_taken_in(day, quentin)
    _a_late_growth_recalls_a_released_lot(day, quentin)
    done = day.acts("quentin")
    assert [act for act in done if act != "signed in" and act != "seen"][-11:] == [
        "confirm result", "review trail", "conclude investigation", "hold", "lift hold",
        "classify deviation", "add action", "verify action", "close deviation", "accept return",
        "acknowledge alert"]
    assert day.acts("quynh")[-1] == "certify"


def _a_result_that_came_back_is_confirmed(day: Day, page: Page) -> None:
    """Theo writes down what the laboratory reports; it waits on Quentin's worklist."""
    theo = day.sit("theo")
    theo.goto(f"/samples/{day.codes['sample']}")
    press(theo, "Karyotype.*")
    press(theo, "Correct result")
    fill(theo, reason="The result arrived.", word="46,XX")
    do(theo, "correct result")
    page.goto("/")
    expect(page.locator("main")).to_contain_text("Results to confirm")
    with page.expect_navigation():  # the worklist has buttons of its own
        page.click("main .work a[href^='/results/']:has-text('Karyotype')")
    press(page, "Confirm result")
    do(page, "confirm result")


def _the_trail_is_read_and_the_lot_certified(day: Day, page: Page) -> None:
    """What is signed stands on the page first; a wrong password signs nothing. Who confirmed one of
    its results may not decide on a lot: that is Quynh's."""
    path = f"/lots/{day.codes['waiting']}"
    page.goto(path)
    expect(page.locator("main")).to_contain_text("Every criterion is met: review the trail")
    assert page.locator(".button.off", has_text="Certify").count() == 1  # the trail first
    press(page, "Review trail")
    expect(page.locator(".sealed")).to_contain_text("confirm result")
    sign(page, "quentin", "review trail")
    page.goto(path)
    press(page, "Certify")
    expect(page.locator(".meaning")).to_contain_text("I certify that this lot meets")
    sign(page, "quentin", "certify", password="not his password")
    expect(page.locator("#alarm")).to_be_focused()
    with day.record():
        lot = session.scalars(sa.select(Lot).where(Lot.code == day.codes["waiting"])).one()
        assert lot.standing is Standing.PENDING
    fill(page, signer="quentin", signer_password=PASSWORD)
    page.click("button[value=sign]")
    expect(page.locator("#alarm")).to_contain_text("confirmed a result of this lot")
    quynh = day.sit("quynh")
    quynh.goto(path)
    press(quynh, "Certify")
    sign(quynh, "quynh", "certify")
    page.goto(path)
    expect(page.locator("h1 .badge")).to_have_text("certified")
    expect(page.locator(".signature").first).to_contain_text("Quynh Petit, quality assurance")
    expect(page.locator(".signature").first).to_contain_text("covers the record")


def _a_result_out_of_specification_is_concluded(day: Day, page: Page) -> None:
    """The laboratory's own error is proven: the result is set aside, and the lot waits for another."""
    page.goto("/")
    page.click("main .work a:has-text('OOS26-001')")
    expect(page.locator("main")).to_contain_text("Gated on the debris.")
    press(page, "Conclude investigation")
    fill(page, outcome="laboratory error proven", conclusion="Gated on the debris; read again.")
    sign(page, "quentin", "conclude investigation")
    page.goto(f"/lots/{day.codes['failing']}")
    expect(page.locator("tr", has_text="CD105").first).to_contain_text("missing")
    with day.record():
        found = session.scalars(sa.select(Investigation)).one()
        assert found.sets_aside and not found.is_open


def _a_lot_is_held_and_let_go(day: Day, page: Page) -> None:
    """Nothing of it leaves while it is held; lifting is signed."""
    page.goto(f"/lots/{day.codes['released']}/hold")
    fill(page, reason="The freezer's alarm rang.")
    do(page, "hold")
    wedge(page, day.codes["ward"])
    expect(page.locator(".standing")).to_contain_text("The freezer's alarm rang.")
    page.goto(f"/lots/{day.codes['released']}")
    with page.expect_navigation():
        page.click("main a[href^='/holds/']")
    press(page, "Lift hold")
    fill(page, reason="The probe was loose; the log of the tank is sound.")
    sign(page, "quentin", "lift hold")
    wedge(page, day.codes["ward"])
    expect(page.locator(".standing")).not_to_contain_text("The freezer's alarm rang.")
    with day.record():
        assert session.scalars(sa.select(Hold)).one().lifted_at


def _a_deviation_is_brought_to_its_end(day: Day, page: Page) -> None:
    """Judged anew, investigated at the bench, an action done there and found to work, closed."""
    path = f"/deviations/{day.codes['deviation']}"
    page.goto(path)
    press(page, "Classify deviation")
    fill(page, severity="critical", reason="Cells for a patient stood in that box.")
    do(page, "classify deviation")
    tessa = day.sit("tessa")
    tessa.goto(path)
    press(tessa, "Investigate deviation")
    fill(tessa, **{name: str(text) for name, text in INVESTIGATION.items()})
    do(tessa, "investigate deviation")
    page.goto(path)
    press(page, "Add action")
    fill(page, kind="preventive", what="Weigh the ice before each way.", owner="tessa",
         due_on=f"{local(clock.now()) + timedelta(days=20):%Y-%m-%d}")
    do(page, "add action")
    page.goto(path)
    action = page.locator("main table a[href^='/actions/']").first.get_attribute("href")
    tessa.goto(f"{action}/finish-action")
    fill(tessa, done="The list asks for it since today.")
    do(tessa, "finish action")
    page.goto(f"{action}/verify-action")
    fill(page, effective="yes", verification="Ten filled lists read.")
    do(page, "verify action")
    page.goto(path)
    press(page, "Close deviation")
    fill(page, conclusion="The box was packed with too little ice; no cells were lost.")
    sign(page, "quentin", "close deviation")
    page.goto(path)
    expect(page.locator(".signature")).to_contain_text("I close this deviation.")
    with day.record():
        assert session.scalars(sa.select(Deviation)).one().closed_at


def _a_bag_that_came_back_is_taken_in(day: Day, page: Page) -> None:
    """The label is scanned, the position is scanned, the return is signed for."""
    wedge(page, day.codes["label"])
    press(page, "Accept return")
    with page.expect_navigation():
        page.locator("[name=place]").focus()
        wedge(page, day.codes["place"])
    sign(page, "quentin", "accept return")
    page.goto(f"/bags/{day.codes['back']}")
    expect(page.locator(".standing .word")).to_have_text("Stored")


def _a_late_growth_recalls_a_released_lot(day: Day, page: Page) -> None:
    """Theo reads the bottle again. The bank stops the lot by itself, the bell rings, the recall
    names every bag and where it is, and the bad news is acknowledged by signature."""
    theo = day.sit("theo")
    theo.goto(f"/results/{day.codes['negative']}/correct-result")
    fill(theo, reason="The bottle was read again.", word="growth")
    do(theo, "correct result")
    page.goto("/")
    expect(page.locator(".bell .count")).to_have_text("1")
    expect(page.locator(".alerts .alarm")).to_contain_text("Sterility")
    wedge(page, day.codes["ward"])
    expect(page.locator(".standing .word")).to_have_text("May not be used")
    page.goto(f"/lots/{day.codes['released']}")
    expect(page.locator("h1 .badge")).to_have_text("nonconforming")
    press(page, "Recall: all before and after it")
    expect(page.locator("main table").first).to_contain_text("received")
    expect(page.locator("main table").first).to_contain_text("Ward 3, room 12")
    page.goto("/")
    press(page, "Acknowledge by signature")
    sign(page, "quentin", "acknowledge alert")
    page.goto("/")
    expect(page.locator(".bell .count")).to_have_count(0)
    with day.record():
        told = {alert.role: bool(alert.acknowledged_at) for alert in session.scalars(sa.select(Alert))}
        assert told == {Role.QUALITY: True, Role.PHYSICIAN: False}
        place = sa.select(Bag.place).where(Bag.code == day.codes["back"])
        assert session.scalar(place) is Place.STORED
