"""Pages of quality assurance: recall and its file, alerts, deviations and what is done."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import alerts, service
from mscbank.accounts.models import Alert
from mscbank.audit.models import Entry
from mscbank.audit.service import record
from mscbank.cultures.reagents import reagents_of
from mscbank.database import session, transaction
from mscbank.permissions import SYSTEM, Role
from mscbank.release import late, stops
from mscbank.release.models import Deviation, Severity
from mscbank.testing.service import standing_results
from tests.cast import PASSWORD, Cast
from tests.mscbank.pages.conftest import entries, hidden
from tests.stages.bags import filled_lot
from tests.stages.deviations import add_action, investigate, open_deviation, resolved
from tests.stages.release import (
    lot_out_of_limit,
    nonconforming_lot,
    released_lot,
    reviewed,
    tested_lot,
)
from tests.stages.testing import HOSPITAL, METHODS, sample_of


def address(thing) -> str:
    return f"/{thing.SLUG}/{thing.code}"


def test_the_recall_is_linked_from_everything_it_can_begin_with_and_opens(browse, cast: Cast):
    lot = released_lot(cast)
    result = standing_results(lot)[0]
    things = (lot, lot.bags[0], lot.harvest, lot.harvest.cultures[0], lot.harvest.donor,
              lot.harvest.donor.recipient, reagents_of(lot.code)[0], result, result.sample)
    addresses = [(address(thing), f"/recall/{thing.code}") for thing in things]
    number = lot.number
    window = browse("quentin")
    for page, recall in addresses:
        assert f'href="{recall}"' in window.get(page).text, page
        answer = window.get(recall)
        assert answer.status_code == 200 and " filled" in answer.text, recall
        assert f"Bag 1 of lot {number}" in answer.text


def test_who_takes_a_recall_along_is_an_entry_and_only_who_may_read_can(browse, cast: Cast):
    lot = filled_lot(cast)
    code, path = lot.code, f"/recall/{lot.code}.csv"
    window, before = browse("nadia"), entries()
    assert window.get(f"/recall/{code}").status_code == 200 and entries() == before  # the control
    answer = window.post(path)
    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    assert answer.text.count("\r\n") == 3
    last = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc()).limit(1)).one()
    assert (entries(), last.act, last.subject, last.by) == (
        before + 1, "export recall", code, cast.nadia.code)
    assert window.get(path).status_code == 405
    assert browse("adam").post(path).status_code == 403


def test_bad_news_stands_on_each_page_of_the_lot_until_those_it_is_for_have_signed(
        browse, cast: Cast):
    lot = nonconforming_lot(cast)
    deviation = session.scalars(sa.select(Deviation)).one()
    pages = [address(thing) for thing in (lot, lot.bags[0], deviation, lot.decisions[-1])]
    codes = dict(session.execute(sa.select(Alert.role, Alert.code)).all())
    other = address(filled_lot(cast))
    paula, quentin = browse("paula"), browse("quentin")
    for page in pages:
        assert paula.get(page).text.count("Bad news, not yet acknowledged") == 2, page
        assert f"/alerts/{codes[Role.PHYSICIAN]}/acknowledge-alert" in paula.get(page).text
    assert "Bad news" not in paula.get(other).text
    for window, role, username in ((paula, Role.PHYSICIAN, "paula"),
                                   (quentin, Role.QUALITY, "quentin")):
        form = f"/alerts/{codes[role]}/acknowledge-alert"
        seen = hidden(window.get(form).text, "seen")
        answer = window.post(form, {"step": "sign", "seen": seen, "signer": username,
                                    "signer_password": PASSWORD})
        assert answer.status_code == 303
    assert not [page for page in pages if "Bad news" in paula.get(page).text]


def test_alerts_are_listed_those_nobody_has_read_first_and_an_administrator_sees_their_own(
        browse, cast: Cast):
    nonconforming_lot(cast)
    with transaction():
        service.raise_alert(Role.ADMINISTRATOR, None, "Five failed sign-ins.", at=clock.now())
        old = service.raise_alert(Role.QUALITY, None, "Look at the freezer.", at=clock.now())
        record("look", None, by=SYSTEM, at=clock.now())
    with transaction():
        alerts.note(old, by=cast.quentin, at=clock.now())
    page = browse("quentin").get("/alerts/").text
    assert page.index("declared nonconforming") < page.index("Look at the freezer.")
    page = browse("adam").get("/alerts/").text
    assert "Five failed sign-ins." in page and "nonconforming" not in page
    page = browse("tessa").get("/alerts/").text
    assert "declared nonconforming" in page and "/acknowledge-alert" not in page


def test_an_alert_without_signature_is_noted_from_the_worklist(browse, cast: Cast):
    with transaction():
        alert = service.raise_alert(Role.ADMINISTRATOR, None, "Five failed.", at=clock.now())
        record("look", None, by=SYSTEM, at=clock.now())
    code, adam = alert.code, browse("adam")
    assert f'action="/alerts/{code}/note-alert"' in adam.get("/").text
    assert adam.post(f"/alerts/{code}/note-alert", {"step": "do"}).status_code == 303
    assert "Five failed." not in adam.get("/").text


def test_a_deviation_tells_how_it_was_judged_investigated_and_ended(browse, cast: Cast):
    deviation = open_deviation(cast, filled_lot(cast).code, Severity.CRITICAL)
    window, page = browse("quentin"), address(deviation)
    told = window.get(page).text
    assert "Not investigated yet" in told and "write down its cause" in told
    action = add_action(cast, investigate(cast, deviation))
    told = window.get(page).text
    assert "5 whys" in told and "Add wiping to the list." in told and "still to be" in told
    assert window.get(address(action)).status_code == 200
    for other in ("tessa", "quynh"):
        shown = "Add wiping to the list." in browse(other).get("/").text
        assert shown is (other == "tessa"), "the owner has it; quality assurance once it is late"
    with clock.pinned(clock.now().replace(month=5)):
        assert "Add wiping to the list." in browse("quynh").get("/").text


def test_a_closed_deviation_shows_who_signed(browse, cast: Cast):
    deviation = resolved(cast, open_deviation(cast, filled_lot(cast).code))
    told = browse("paula").get(address(deviation)).text
    assert "I close this deviation." in told and "Effective" in told and "No effect." in told


@pytest.mark.parametrize("username", ["quentin", "paula"])
def test_a_lot_found_nonconforming_says_that_nobody_signed(browse, cast: Cast, username):
    lot = released_lot(cast)
    sample = sample_of(cast, lot)
    with transaction():
        result = late.record_result(
            sample, test="sterility", method=METHODS["sterility"], laboratory=HOSPITAL,
            performed_at=clock.now(), word="growth", by=cast.theo, at=clock.now())
    told = browse(username).get(address(lot)).text
    assert "Found by the bank itself" in told and address(result) in told
    assert "The record changed after the decision was signed" not in told


def test_who_may_not_certify_yet_is_told_what_is_missing_and_led_to_it(browse, cast: Cast):
    """Nobody tried anything: the page says that it is not possible, and the review is a press away."""
    lot = tested_lot(cast)
    window = browse("quentin")
    answer = window.get(f"{address(lot)}/certify")
    assert answer.status_code == 409 and "Not possible now" in answer.text
    assert "Not reviewed yet" in answer.text and "Not done" not in answer.text
    review = f"{address(lot)}/review-trail"
    assert f'<a class="button" href="{review}">Review trail</a>' in answer.text
    assert 'name="step"' not in answer.text  # nothing to press that cannot help
    assert window.get(review).status_code == 200
    reviewed(cast, lot)
    answer = window.get(f"{address(lot)}/certify")
    assert answer.status_code == 200 and 'value="sign"' in answer.text


def test_who_may_not_certify_for_what_was_found_is_led_to_the_criteria(browse, cast: Cast):
    lot = lot_out_of_limit(cast)
    answer = browse("quentin").get(f"{address(lot)}/certify")
    assert answer.status_code == 409
    assert f'<a class="button" href="{address(lot)}#criteria">See what is missing</a>' in answer.text
    with transaction():
        stops.hold_lot(lot, "Look at the freezer first.", by=cast.quentin, at=clock.now())
    reject = browse("quentin").get(f"{address(lot)}/reject").text
    assert "See what is missing" not in reject


def test_a_lot_on_hold_leads_to_its_hold(browse, cast: Cast):
    lot = tested_lot(cast)
    with transaction():
        stops.hold_lot(lot, "Look at the freezer first.", by=cast.quentin, at=clock.now())
    answer = browse("quentin").get(f"{address(lot)}/certify")
    assert f'href="{address(lot)}#open"' in answer.text and 'id="open"' in browse("quentin").get(
        address(lot)).text
