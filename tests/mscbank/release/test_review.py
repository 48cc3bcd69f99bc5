"""Reviews of the trail: read and signed before a release, wanting once something was added."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.acts import catalogue, perform, why_not
from mscbank.audit import chain
from mscbank.audit.checkpoints import head
from mscbank.audit.models import Entry
from mscbank.audit.service import record, record_refusal
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Lot
from mscbank.database import db, session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, RecordChanged, Refused, Unfit
from mscbank.release import review, service, stops
from mscbank.release.models import Severity, TrailReview
from mscbank.release.record import covered, latest_review, lot_record
from mscbank.signatures.meanings import Meaning
from tests.cast import Cast
from tests.mscbank.web.conftest import Browser, browse, cast, hidden
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.testing import result_of, sample_of

__all__ = ["Browser", "browse", "cast"]


def certified(cast: Cast, lot: Lot) -> None:
    """Quentin certifies, whatever was reviewed."""
    seal = stages.seal_of(cast.quentin, Meaning.CERTIFIED, lot_record(lot))
    with transaction():
        service.certify(lot, seal=seal, by=cast.quentin, at=clock.now())


def whole(cast: Cast, up_to: int | None = None) -> TrailReview:
    """Quentin reviews the whole trail."""
    up_to = up_to or head().sequence
    seal = stages.seal_of(cast.quentin, Meaning.TRAIL_REVIEWED, review.trail_span(up_to))
    with transaction():
        return review.review_trail(up_to, seal=seal, by=cast.quentin, at=clock.now())


def test_a_lot_is_not_released_before_its_trail_is_reviewed(cast: Cast) -> None:
    lot = stages.tested_lot(cast)
    unread = review.unreviewed(lot)
    with pytest.raises(Unfit) as refusal:
        certified(cast, lot)
    assert refusal.value.reasons == ("trail not reviewed",)
    assert f"{len(unread)} of the trail's entries" in refusal.value.sentence
    assert f"first entry {unread[0][0]} (“enrol donor”)" in refusal.value.sentence
    assert lot.standing is Standing.PENDING
    stages.reviewed(cast, lot)
    certified(cast, lot)
    assert lot.standing is Standing.CERTIFIED and covered(lot)


def test_every_kind_of_release_asks_for_the_review_and_no_rejection_does(cast: Cast) -> None:
    awaited, failed, bad = filled_lot(cast), stages.lot_out_of_limit(cast), filled_lot(cast)
    stages.record_all(cast, awaited, pending=stages.PENDING)
    stages.request_exception(cast, failed)
    for lot, act, meaning, read in (
        (awaited, service.release_conditionally, Meaning.RELEASED_CONDITIONALLY, lot_record),
        (failed, service.release_exceptionally, Meaning.RELEASED_EXCEPTIONALLY,
         stages.exceptional_record),
    ):
        seal = stages.seal_of(cast.quentin, meaning, read(lot))
        with pytest.raises(Unfit, match="Not reviewed yet"), transaction():
            act(lot, seal=seal, by=cast.quentin, at=clock.now())
    stages.reject(cast, bad)
    assert bad.standing is Standing.REJECTED


def test_a_review_is_signed_over_the_list_of_what_was_read(cast: Cast) -> None:
    lot = stages.tested_lot(cast)
    read = review.lot_reading(lot)
    done = session.get_one(TrailReview, latest_review(stages.reviewed(cast, lot)).id)
    assert (done.first, done.last, done.entries) == (
        read[0].sequence, read[-1].sequence, len(read))
    assert done.digest == chain.digest([[entry.sequence, entry.hash] for entry in read])
    assert done.signature.meaning is Meaning.TRAIL_REVIEWED and done.signature.subject == lot.code
    assert review.stands(done) and review.unreviewed(lot) == []
    assert done.title == (f"Review of the trail of lot {lot.number}, "
                          f"entries {done.first} to {done.last}")


def test_refusals_and_corrections_are_counted(cast: Cast) -> None:
    lot = stages.tested_lot(cast)
    before = review.lot_span(lot)
    first = result_of(cast, sample_of(cast, lot), "cd34")
    with transaction():
        service.correct_result(first, "Misread.", value=first.value, unit="%", by=cast.theo,
                               at=clock.now())
        record_refusal("freeze", lot, Refused("No."), by=cast.tessa, at=clock.now())
    after = review.lot_span(lot)
    assert (after["refusals"] - before["refusals"],
            after["corrections"] - before["corrections"]) == (1, 1)


@pytest.mark.parametrize("later", ["sample", "deviation", "hold", "marker", "bag", "refused"])
def test_whatever_is_written_about_the_family_later_must_be_read_too(
        cast: Cast, later: str) -> None:
    lot = stages.reviewed(cast, stages.tested_lot(cast))
    by, at = cast.tessa, clock.now()
    with transaction():
        {"sample": lambda: record("look", session.scalars(sa.select(Entry.subject).where(
            Entry.act == "take sample")).first(), by=by, at=at),
         "deviation": lambda: stops.open_deviation(lot.harvest.code, Severity.MINOR, "Late.",
                                                   by=by, at=at),
         "hold": lambda: stops.hold_lot(lot, "Doubt.", by=by, at=at),
         "marker": lambda: record("record marker", lot.harvest.donor, by=by, at=at),
         "bag": lambda: record("store", lot.bags[0], by=by, at=at),
         "refused": lambda: record_refusal("freeze", lot, Refused("No."), by=by, at=at)}[later]()
    assert len(review.unreviewed(lot)) == 1
    with pytest.raises(Unfit):
        certified(cast, lot)


def test_readings_reviews_and_decisions_need_no_review_and_nor_do_other_lots(cast: Cast) -> None:
    lot, other = stages.tested_lot(cast), stages.tested_lot(cast)
    stages.reviewed(cast, lot)
    by, at = cast.quentin, clock.now()
    with transaction():
        record("identity read", lot.harvest.donor, by=cast.paula, at=at)
        record_refusal("certify", lot, Refused("No."), by=by, at=at)
        record_refusal("review trail", lot, Refused("No."), by=by, at=at)
        stops.hold_lot(other, "Doubt.", by=by, at=at)
    assert review.unreviewed(lot) == []
    certified(cast, lot)
    assert review.unreviewed(lot) == []


def test_a_review_of_the_whole_trail_covers_every_lot_and_goes_on_where_it_ended(
        cast: Cast) -> None:
    lot, other = stages.tested_lot(cast), stages.tested_lot(cast)
    end = head().sequence
    half = whole(cast, end // 2)
    assert (half.first, half.last, half.entries) == (1, end // 2, end // 2)
    assert review.unreviewed(lot) and review.stands(half)
    rest = whole(cast, end)
    assert (rest.first, rest.entries) == (end // 2 + 1, end - end // 2)
    assert review.unreviewed(lot) == review.unreviewed(other) == []
    certified(cast, lot)
    assert lot.standing is Standing.CERTIFIED


@pytest.mark.parametrize(("up_to", "error", "said"), [
    (10**6, Malformed, "The trail ends at entry"), (5, AlreadyDone, "reviewed before")])
def test_a_span_begins_after_the_last_and_ends_where_the_trail_does(
        cast: Cast, up_to: int, error: type[Refused], said: str) -> None:
    whole(cast, 7)
    with pytest.raises(error, match=said):
        whole(cast, up_to)


def test_no_more_is_signed_at_once_than_can_be_read(
        cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "MOST", 4)
    with pytest.raises(Malformed, match="review up to entry 4 first"):
        whole(cast, 5)
    assert whole(cast, 4).entries == 4


def test_an_entry_that_arrives_while_one_reads_makes_the_signing_fail(cast: Cast) -> None:
    lot = stages.tested_lot(cast)
    seal = stages.seal_of(cast.quynh, Meaning.TRAIL_REVIEWED, review.lot_span(lot))
    with transaction():
        record("look", lot, by=cast.tessa, at=clock.now())
    with pytest.raises(RecordChanged), transaction():
        review.review_lot(lot, seal=seal, by=cast.quynh, at=clock.now())
    assert session.query(TrailReview).count() == 0


def test_nothing_is_reviewed_twice(cast: Cast) -> None:
    lot = stages.reviewed(cast, stages.tested_lot(cast))
    with pytest.raises(AlreadyDone, match="nothing was written"):
        review.can_review(lot)
    assert "was reviewed" in why_not(catalogue()["lots", "review-trail"], lot, cast.quynh)


@pytest.mark.parametrize("username", ["tessa", "paula", "nadia", "carole", "adam"])
def test_quality_assurance_alone_reviews(cast: Cast, username: str) -> None:
    lot, person = filled_lot(cast), getattr(cast, username)
    seal = stages.seal_of(person, Meaning.TRAIL_REVIEWED, review.lot_span(lot))
    with pytest.raises(NotAllowed), transaction():
        review.review_lot(lot, seal=seal, by=person, at=clock.now())
    with pytest.raises(NotAllowed), transaction():
        review.review_trail(3, seal=seal, by=person, at=clock.now())


def test_a_review_is_not_done_without_its_own_signature(cast: Cast) -> None:
    lot = filled_lot(cast)
    over = review.lot_span(lot)
    for seal in (None, stages.seal_of(cast.quynh, Meaning.CERTIFIED, over),
                 stages.seal_of(cast.quentin, Meaning.TRAIL_REVIEWED, over)):
        with pytest.raises(Refused), transaction():
            review.review_lot(lot, seal=seal, by=cast.quynh, at=clock.now())


def test_a_later_review_does_not_undo_a_release(cast: Cast) -> None:
    lot = stages.released_lot(cast)
    with transaction():
        record("look", lot, by=cast.tessa, at=clock.now())
    stages.reviewed(cast, lot)
    whole(cast)
    assert covered(lot)
    signed = chain.json.loads(lot.decisions[-1].signature.record)["trail"]
    assert signed["recorded_by"] == "quynh" and signed["lot"] == lot.code


def test_an_altered_entry_is_seen_on_the_review(cast: Cast, monkeypatch) -> None:
    lot = stages.reviewed(cast, stages.tested_lot(cast))
    done, real = latest_review(lot), review._span
    assert review.stands(done)
    monkeypatch.setattr(review, "_span", lambda entries: real(entries[:-1]))
    assert not review.stands(done)


NEXT = "(SELECT sequence + 1 FROM audit_head)"
COPY = ("INSERT INTO trail_review (id, code, lot_id, first, last, entries, refusals, corrections, "
        "digest, signature_id, recorded_by_id, recorded_at, entry) SELECT 99, 'x', {lot}, {first}, "
        "{last}, {entries}, {refusals}, 0, digest, signature_id + 1000, recorded_by_id, "
        f"recorded_at, {NEXT} FROM trail_review LIMIT 1")
FAULTLESS = {"lot": "lot_id", "first": "first", "last": "last", "entries": "entries",
             "refusals": "0"}


@pytest.mark.parametrize("attack", [
    "UPDATE trail_review SET last = last + 1", f"UPDATE trail_review SET entry = {NEXT}",
    "DELETE FROM trail_review", COPY.format(**FAULTLESS | {"last": "first - 1"}),
    COPY.format(**FAULTLESS | {"entries": "last"}), COPY.format(**FAULTLESS | {"refusals": "9999"}),
    COPY.format(**FAULTLESS | {"last": "100000"}), COPY.format(**FAULTLESS | {"lot": "NULL"}),
    COPY.format(**FAULTLESS | {"lot": "NULL", "first": "2", "last": "5", "entries": "4"}),
    f"UPDATE lot SET standing = 'certified', entry = {NEXT} WHERE number = 'L26-002'"])
def test_the_database_refuses_a_review_that_cannot_be(cast: Cast, attack: str) -> None:
    stages.reviewed(cast, stages.tested_lot(cast))
    filled_lot(cast)
    session.rollback()
    with db.engine.connect() as connection, pytest.raises(DBAPIError) as refusal:
        connection.exec_driver_sql(attack)
    assert "FOREIGN KEY" not in str(refusal.value).upper()


def test_the_look_up_before_a_release_is_the_family_and_its_later_entries(cast: Cast) -> None:
    lot = stages.tested_lot(cast)
    lot_id, asked = lot.id, []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert lot_id and review.unreviewed(lot)
    assert len(asked) == 2


# Through the doors

def test_the_review_is_signed_on_a_page_that_shows_what_stands_out_first(cast, browse) -> None:
    lot = stages.tested_lot(cast)
    with transaction():
        record_refusal("freeze", lot, Refused("No."), by=cast.tessa, at=clock.now())
    quynh = browse("quynh")
    page = quynh.get(f"/lots/{lot.code}").text
    assert "entries of the trail not reviewed" in page
    page = quynh.get(f"/lots/{lot.code}/review-trail").text
    assert page.index("To be read first") < page.index("All other entries")
    apart, plain = page.split("All other entries")
    assert "freeze" in apart and "enrol donor" in plain
    answer = quynh.post(f"/lots/{lot.code}/review-trail", {
        "key": "press-1", "step": "sign", "seen": hidden(page, "seen"), "signer": "quynh",
        "signer_password": "a quiet morning in the ward"})
    assert answer.status_code == 303
    assert "Trail reviewed up to entry" in quynh.get(f"/lots/{lot.code}").text
    done = quynh.get(f"/trail-reviews/{latest_review(lot).code}").text
    assert "Quynh Petit" in done and "no longer the list" not in done
    assert "Review of the trail of lot" in quynh.get("/trail-reviews/").text


def test_the_whole_trail_is_reviewed_from_its_page(cast, browse) -> None:
    quentin = browse("quentin")
    page = quentin.get("/trail").text
    assert "/trail/review-the-trail?up_to=" in page
    assert "/trail/review-the-trail" not in browse("adam").get("/trail").text
    answer = quentin.post("/trail/review-the-trail", {"step": "review", "up_to": "9"})
    assert answer.status_code == 200 and "account added" in answer.text
    answer = quentin.post("/trail/review-the-trail", {
        "key": "press-2", "step": "sign", "up_to": "9", "seen": hidden(answer.text, "seen"),
        "signer": "quentin", "signer_password": "a quiet morning in the ward"})
    assert answer.status_code == 303 and review.reviewed_to() == 9
    late = quentin.post("/trail/review-the-trail", {"step": "review", "up_to": "999999"})
    assert late.status_code == 422 and "The trail ends at entry" in late.text


def test_the_trail_is_reviewed_through_the_one_door(cast: Cast) -> None:
    lot = stages.tested_lot(cast)
    act = catalogue()["lots", "review-trail"]
    told = perform(act, lot.code, {}, by=cast.quynh, credential=cast.word("quynh"),
                   seen=chain.digest(act.record(lot)))
    assert told["entries"] == latest_review(session.get_one(Lot, lot.id)).entries
    assert told["first"] < told["last"]
