"""Another copy, with a reason; the copy before is void."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank import acts, clock
from mscbank.bags import service as bags
from mscbank.database import session, transaction
from mscbank.errors import Malformed, NotAllowed, Refused, Unfit, WrongMoment
from mscbank.labelling import rules, service
from mscbank.labelling.models import LabelCopy
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.labelling import apply, labelled_lot, printed_labels, reprinted


def test_the_copy_before_is_void_and_the_next_is_current(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    reprinted(cast, bag)
    assert [(copy.number, service.as_rule(copy).state) for copy in bag.labels] == [
        (1, rules.CopyState.VOIDED), (2, rules.CopyState.PRINTED)]
    assert service.current_copy(bag).number == 2
    assert service.label_findings(bag) == [
        ("label", "Copy 2 of its label was not scanned back: apply it.")]
    apply(cast, bag)
    assert service.label_findings(bag) == []


def test_a_voided_label_is_followed_by_the_next_number(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    with transaction():
        service.void_label(bag, "Smeared.", by=cast.tessa, at=clock.now())
    assert reprinted(cast, bag).number == 2


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_reprint_needs_a_reason(bank, reason):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    with pytest.raises(Malformed) as refused:
        reprinted(cast, bag, reason)
    assert refused.value.field == "reason"
    assert service.current_copy(bag).number == 1


def test_a_bag_without_a_label_has_nothing_to_reprint(bank):
    cast = Cast()
    bag = filled_lot(cast).bags[0]
    with pytest.raises(WrongMoment, match="never had a label"):
        reprinted(cast, bag)


def test_a_destroyed_bag_has_nothing_to_reprint(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    with transaction():
        bags.destroy(bag, "Leaks.", by=cast.tessa, at=clock.now())
    with pytest.raises(WrongMoment, match="the bag is destroyed"):
        reprinted(cast, bag)


def test_a_nurse_reprints_nothing(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    with pytest.raises(NotAllowed), transaction():
        service.reprint(bag, "Torn.", by=cast.nadia, at=clock.now())


def test_the_code_tells_255_copies_apart_and_no_more(bank):
    assert rules.next_number(range(1, 255)) == 255
    with pytest.raises(Unfit, match="255"):
        rules.next_number(range(1, 256))


def test_two_copies_that_are_not_void_are_refused_by_the_database(bank):
    cast = Cast()
    copy = printed_labels(cast).copies[0]
    with pytest.raises(sa.exc.IntegrityError), transaction():
        session.add(LabelCopy(bag=copy.bag, about=copy.about, kind=copy.kind, number=2,
                              content=copy.content, reason="sneaked in", replaces_id=copy.id,
                              recorded_by_id=cast.tessa.id, recorded_at=clock.now()))
        session.flush()


def test_a_refused_reprint_through_the_door_is_in_the_trail(bank):
    cast = Cast()
    bag = filled_lot(cast).bags[0]
    act = acts.catalogue()["bags", "reprint"]
    with pytest.raises(Refused):
        acts.perform(act, bag.code, act.schema().load({"reason": "Torn."}), by=cast.tessa)
    last = session.execute(sa.text(
        "SELECT act, subject FROM audit_entry ORDER BY sequence DESC LIMIT 1")).one()
    assert tuple(last) == ("refused", bag.code)
