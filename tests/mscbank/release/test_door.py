"""The acts of testing and release through the one door: form, right, signature, trail."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.acts import acts_on, catalogue, perform, why_not
from mscbank.audit import chain
from mscbank.audit.models import Entry
from mscbank.bags.lifecycle import LOT_STANDING, Standing
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.errors import RecordChanged
from mscbank.release.models import Decision, Hold
from mscbank.testing.models import Result
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.testing import METHODS, sample_of


def test_a_lot_is_stopped_by_a_wrong_result_and_comes_back_through_the_door(bank):
    cast = Cast()
    acts = catalogue()
    lot = stages.conditional_lot(cast)
    told = perform(acts["samples", "take-sample"], None, acts["samples", "take-sample"].schema()
                   .load({"taken_from": lot.code, "stage": "drug product",
                          "taken_at": clock.now().isoformat(), "destined": "Microbiology"}),
                   by=cast.theo)
    act = acts["samples", "record-result"]
    data = act.schema().load({
        "test": "sterility", "word": "growth", "method": METHODS["sterility"],
        "laboratory": "Our own",
        "performed_at": clock.now().isoformat()})
    perform(act, told["code"], data, by=cast.theo)
    assert session.query(Hold).count() == 1
    assert session.get_one(Lot, lot.id).standing is Standing.NONCONFORMING

    wrong = session.scalars(sa.select(Result).order_by(Result.id.desc())).first()
    act = acts["results", "correct-result"]
    perform(act, wrong.code, act.schema().load({"word": "no growth", "reason": "Wrong lot."}),
            by=cast.theo)
    back = acts["lots", "reinstate"]
    reason = back.schema().load({"reason": "The growth was another lot's."})
    seen = chain.digest(back.record(session.get_one(Lot, lot.id), **reason))
    answer = perform(back, lot.code, reason, by=cast.quentin, credential=cast.word("quentin"),
                     seen=seen)
    assert answer["standing"] == "pending"
    assert session.get_one(Lot, lot.id).standing is Standing.PENDING


def test_a_signature_over_what_was_read_before_a_change_is_refused_and_kept(bank):
    cast = Cast()
    lot = stages.reviewed(cast, stages.tested_lot(cast))
    act = catalogue()["lots", "certify"]
    seen = chain.digest(act.record(lot))
    sample_of(cast, lot)
    stages.reviewed(cast, lot)
    with pytest.raises(RecordChanged):
        perform(act, lot.code, {}, by=cast.quentin, credential=cast.word("quentin"), seen=seen)
    last = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc())).first()
    assert (last.act, last.subject) == ("refused", lot.code)
    assert session.query(Decision).count() == 0


def test_the_page_says_why_an_act_cannot_be_done_now(bank):
    cast = Cast()
    lot = stages.released_lot(cast)
    said = {act.name: why_not(act, lot, cast.quentin) for act in acts_on(lot)}
    assert said["declare nonconforming"] is None and said["hold"] is None
    assert "certified already" in said["certify"]
    assert "must be" in said["reject"] and "may not" in said["request exception"]


def test_a_release_that_the_record_does_not_allow_is_grey_with_its_reason(bank):
    cast = Cast()
    acts = catalogue()

    def grey(slug, lot, by=cast.quentin):
        return why_not(acts["lots", slug], lot, by)

    pending = filled_lot(cast)
    assert "no result at in process" in grey("certify", pending)
    assert "and 9 more" in grey("certify", pending)
    assert "cannot go out conditionally" in grey("release-conditionally", pending)
    good = stages.tested_lot(cast)
    assert "Not reviewed yet" in grey("certify", good)
    stages.reviewed(cast, good)
    assert grey("certify", good) is None  # the control: nothing is grey without a reason
    assert "needs no exception" in grey("release-exceptionally", good)
    assert "needs no exception" in grey("request-exception", good, cast.paula)
    bad = stages.lot_out_of_limit(cast)
    stages.reviewed(cast, bad)
    assert "does not meet" in grey("certify", bad)
    assert "No physician has requested" in grey("release-exceptionally", bad)
    stages.request_exception(cast, bad)
    stages.reviewed(cast, bad)
    assert grey("release-exceptionally", bad) is None


def test_every_row_of_the_chart_of_standings_has_its_act_signed_as_the_chart_says():
    acts = catalogue()
    for row in LOT_STANDING:
        if row.who is None:  # the bank does it by itself: nobody can
            assert ("lots", row.act.replace(" ", "-")) not in acts
            continue
        act = acts["lots", row.act.replace(" ", "-")]
        assert (act.permission, act.meaning) == (row.who, row.signed)
        assert act.record is not None


@pytest.mark.parametrize("key", [
    key for key, act in catalogue().items()
    if act.do.__module__.startswith(("mscbank.testing", "mscbank.release"))])
def test_every_field_of_a_form_has_a_label_and_a_limit(key):
    for name, field in catalogue()[key].schema().fields.items():
        assert field.metadata.get("label"), name
        if type(field).__name__ == "TextField":
            assert field.validators, name
