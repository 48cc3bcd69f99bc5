"""A mistyped password is in the trail, and is no fact about what was to be signed."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.acts import Act, Credential, catalogue, perform
from mscbank.audit import chain, service
from mscbank.audit.models import NOT_PROVEN, REFUSED, Entry
from mscbank.audit.reading import Mark, told
from mscbank.audit.search import Search, page
from mscbank.audit.service import record_refusal
from mscbank.audit.verify import verify
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Lot
from mscbank.database import session, transaction
from mscbank.errors import NotProven, NotSigned, RecordChanged, Refused
from mscbank.release import review
from mscbank.release.record import latest_review
from tests.cast import PASSWORD, Cast
from tests.mscbank.web.conftest import browse, hidden
from tests.stages import release as stages
from tests.stages.papers import hold

__all__ = ["browse"]
PROVEN = [act for act in catalogue().values() if act.on and (act.meaning or act.witnessed)]


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


def later(minutes: int) -> AbstractContextManager[None]:
    """Whoever mistyped waits before they try again."""
    return clock.pinned(clock.now() + timedelta(minutes=minutes))


def attempts(act: str = NOT_PROVEN) -> list[Entry]:
    return list(session.scalars(sa.select(Entry).where(Entry.act == act).order_by(Entry.sequence)))


def test_the_review_is_signed_over_what_was_read_before_a_slip(cast) -> None:
    lot = stages.tested_lot(cast)
    act = catalogue()["lots", "review-trail"]
    seen, unread = chain.digest(act.record(lot)), review.unreviewed(lot)
    with pytest.raises(NotProven):
        perform(act, lot.code, {}, by=cast.quynh, credential=Credential("quynh", "wrong"), seen=seen)
    assert chain.digest(act.record(lot)) == seen and review.unreviewed(lot) == unread
    with later(1):
        done = perform(act, lot.code, {}, by=cast.quynh, credential=cast.word("quynh"), seen=seen)
    lot = session.get_one(Lot, lot.id)
    assert latest_review(lot).first == done["first"] and review.unreviewed(lot) == []
    assert review.stands(latest_review(lot)) and verify().sound


def test_what_changed_meanwhile_makes_the_signing_fail_as_ever(cast) -> None:
    """The control: the same slip, and then a hold."""
    lot = stages.tested_lot(cast)
    act = catalogue()["lots", "review-trail"]
    seen = chain.digest(act.record(lot))
    with pytest.raises(NotProven):
        perform(act, lot.code, {}, by=cast.quynh, credential=Credential("quynh", "wrong"), seen=seen)
    hold(cast, lot)
    with later(1), pytest.raises(RecordChanged):
        perform(act, lot.code, {}, by=cast.quynh, credential=cast.word("quynh"), seen=seen)
    assert latest_review(session.get_one(Lot, lot.id)) is None


@pytest.mark.parametrize("act", PROVEN, ids=lambda act: f"{act.place}/{act.slug}")
def test_no_slip_at_any_signed_act_is_a_fact_about_the_family(cast, act: Act) -> None:
    lot = stages.reviewed(cast, stages.tested_lot(cast))
    span, wrong = review.lot_span(lot), Credential("noel", "wrong")
    with pytest.raises(NotProven):
        perform(act, lot.code, {}, by=cast.quentin, credential=wrong, second=wrong, seen="0" * 64)
    (entry,) = attempts()
    body = json.loads(entry.body)
    assert (entry.subject, entry.by, body["facts"]["attempted"]) == (
        lot.code, cast.quentin.code, act.name)
    assert body["rows"] == [] and attempts(REFUSED) == []
    assert review.unreviewed(lot) == [] and review.lot_span(lot) == span
    stages.certify(cast, lot)
    assert lot.standing is Standing.CERTIFIED


def test_a_refusal_by_a_rule_must_be_read_as_ever(cast) -> None:
    """The control: what was refused for the lot's sake is a fact about the lot."""
    lot = stages.reviewed(cast, stages.tested_lot(cast))
    span = review.lot_span(lot)
    with transaction():
        record_refusal("freeze", lot, Refused("No."), by=cast.tessa, at=clock.now())
    assert len(review.unreviewed(lot)) == 1 and review.lot_span(lot) != span


@pytest.mark.parametrize(("credential", "seen", "reason"), [
    (None, True, "not signed"), (("quynh", PASSWORD), False, "not signed"),
    (("quentin", PASSWORD), True, "another signer"), (("quynh", "wrong"), True, "not proven")])
def test_every_way_of_not_signing_is_one_of_these(cast, credential, seen, reason) -> None:
    lot = stages.tested_lot(cast)
    act = catalogue()["lots", "review-trail"]
    span = review.lot_span(lot)
    with pytest.raises((NotSigned, NotProven)):
        perform(act, lot.code, {}, by=cast.quynh, credential=credential and Credential(*credential),
                seen=chain.digest(span) if seen else None)
    (entry,) = attempts()
    assert json.loads(entry.body)["facts"]["reasons"] == [reason]
    assert review.lot_span(session.get_one(Lot, lot.id)) == span


def test_who_looks_for_refusals_finds_it_with_who_when_and_of_what(cast) -> None:
    lot = stages.tested_lot(cast)
    act = catalogue()["lots", "review-trail"]
    with pytest.raises(NotProven):
        perform(act, lot.code, {}, by=cast.quynh, credential=Credential("quynh", "wrong"), seen="0" * 64)
    code = lot.code
    for asked in (Search(codes=frozenset({code}), refused_only=True),
                  Search(by=cast.quynh.code, act="review trail", refused_only=True)):
        (one,), _ = page(asked, None, 5)
        (read,) = told([one])
        assert (read.act, read.mark, read.by, read.subject) == (
            "review trail", Mark.REFUSED, "quynh", code)
    whole = review.trail_reading(one.sequence)
    assert [each.sequence for each in whole if each.act == NOT_PROVEN] == [one.sequence]


def test_the_signing_page_stands_after_a_slip_and_shows_it_first(cast, browse) -> None:
    lot = stages.tested_lot(cast)
    quynh, here = browse("quynh"), f"/lots/{lot.code}/review-trail"
    first = quynh.get(here).text
    assert "proved nobody" not in first  # the control
    sent = {"key": "one", "step": "sign", "seen": hidden(first, "seen"), "signer": "quynh"}
    slip = quynh.post(here, sent | {"signer_password": "wrong"})
    assert slip.status_code == 401 and hidden(slip.text, "seen") == sent["seen"]
    assert "What changed" not in slip.text
    assert slip.text.index("proved nobody") < slip.text.index("To be read first")
    with later(1):
        done = quynh.post(here, sent | {"key": "two", "signer_password": PASSWORD})
    assert done.status_code == 303
    session.rollback()
    assert review.unreviewed(session.get_one(Lot, lot.id)) == []


def test_an_attempt_that_proved_nobody_cannot_hide_a_change(cast) -> None:
    """What is left out of a reading covers no row of the record: the database refuses it."""
    lot = stages.tested_lot(cast)
    with pytest.raises(DBAPIError, match="changes nothing of the record"), transaction():
        lot.excipients = "Something else."
        service.record(NOT_PROVEN, lot, by=cast.tessa, at=clock.now(), attempted="certify")
    session.rollback()
    with transaction():  # the control: the same change by an entry that must be read
        session.get_one(Lot, lot.id).excipients = "Something else."
        service.record("look", lot, by=cast.tessa, at=clock.now())
    with transaction():  # and an attempt that changes nothing
        service.record(NOT_PROVEN, lot, by=cast.tessa, at=clock.now(), attempted="certify")
    assert [name for _, name in review.unreviewed(session.get_one(Lot, lot.id))][-1] == "look"
