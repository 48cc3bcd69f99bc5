"""What was typed into a long form and not sent waits for who typed it, sealed, and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import drafts
from mscbank.accounts.models import Draft
from mscbank.acts import catalogue
from mscbank.database import session
from mscbank.release.models import Deviation
from tests.mscbank.web.conftest import hidden
from tests.stages.cultures import released_reagent

FORM = "/deviations/open-deviation"
DRAFT = {"draft": "deviations//open-deviation"}
SECRET = "The lid of tank two stood open since noon."


def typed(browser, **more: str):
    """What the page's script sends a moment after the last key."""
    return browser.post("/drafts", DRAFT | {"what": SECRET, "key": "k" * 20} | more)


def shown(browser, path: str = FORM) -> str:
    session.rollback()
    return unescape(browser.get(path).text)


def sealed() -> list[bytes]:
    session.rollback()
    return list(session.scalars(sa.select(Draft.sealed)))


def test_what_was_typed_is_offered_again_and_goes_into_the_form_when_asked(browse, cast):
    tessa = browse("tessa")
    assert "typed this before" not in shown(tessa)  # the control
    assert typed(tessa).status_code == 204
    offered = shown(tessa)
    assert "You typed this before and did not send it" in offered and SECRET not in offered
    assert "data-draft" not in offered  # nothing overwrites it before they chose
    assert SECRET in shown(tessa, f"{FORM}?draft=keep")


def test_nobody_else_is_offered_it_and_nobody_reads_it_in_the_database(browse, cast):
    typed(browse("tessa"))
    assert "typed this before" not in shown(browse("theo"))
    assert SECRET not in shown(browse("theo"), f"{FORM}?draft=keep")
    (kept,) = sealed()
    assert kept and SECRET.encode() not in kept


def test_passwords_codes_and_foreign_boxes_are_left_out(browse, cast):
    tessa = browse("tessa")
    typed(tessa, signer_password="hush", second="noel", second_password="hush", another="x")
    (kept,) = [drafts.find(cast.tessa.id, DRAFT["draft"], clock.now())]
    assert kept.words == [("what", SECRET)]


def test_an_act_that_is_done_and_a_discarded_draft_leave_nothing(browse, cast):
    tessa = browse("tessa")
    typed(tessa)
    answer = tessa.post("/drafts/discard", DRAFT)
    assert (answer.status_code, answer.location) == (303, FORM) and sealed() == [b""]
    typed(tessa)
    assert sealed() != [b""]
    words = {"about": released_reagent(cast).code, "severity": "minor", "what": SECRET,
             "key": hidden(tessa.get(FORM).text, "key"), "step": "do"}
    assert tessa.post(FORM, words | {"severity": "slight"}).status_code == 422
    assert sealed() != [b""]  # the control: not done, so it stays
    assert tessa.post(FORM, words).status_code == 303
    assert session.scalar(sa.select(sa.func.count()).select_from(Deviation)) == 1
    assert sealed() == [b""] and "typed this before" not in shown(tessa)


def test_a_sign_out_wipes_what_a_lost_session_leaves(browse, cast):
    typed(browse("tessa"))
    again = browse("tessa")  # the browser died; this is the next one
    assert "typed this before" in shown(again)
    again.post("/sign-out")
    assert sealed() == [b""] and "typed this before" not in shown(browse("tessa"))


def test_a_draft_lasts_as_long_as_a_session_may(browse, cast):
    typed(browse("tessa"))
    for hours, there in ((9.9, True), (10, False)):
        with clock.pinned(clock.now() + timedelta(hours=hours)):
            assert ("typed this before" in shown(browse("tessa"))) is there
    with clock.pinned(clock.now() + timedelta(hours=11)):
        typed(browse("theo"))
    assert sorted(map(bool, sealed())) == [False, True]  # the old one is wiped, not only hidden


@pytest.mark.parametrize(("about", "status"), [
    ("accounts//sign-in", 404), ("", 404), ("bags/BXBB/issue", 404),
    ("recipients//record-visit", 403)])
def test_only_long_forms_of_ones_own_work_are_kept(browse, cast, about, status):
    assert browse("tessa").post("/drafts", {"draft": about}).status_code == status
    assert sealed() == []


def test_what_no_form_holds_is_refused(browse, cast):
    assert typed(browse("tessa"), what="x" * 100_001).status_code == 422 and sealed() == []


def test_no_form_that_asks_for_a_name_is_kept():
    """Names stay in the vault, under a key of their own that can be destroyed."""
    kept = [act for act in catalogue().values() if act.drafted]
    asked = {name for act in kept for name in act.schema().load_fields}
    identity = {"birth_date", "hospital_number"}  # a visit has a "name" too: M3
    assert len(kept) >= 8 and not asked & identity
    assert identity <= set(catalogue()["recipients", "enrol"].schema().load_fields)  # the control
    assert not any(act.meaning or act.witnessed for act in kept)
