"""A label is on its bag when exactly that copy was scanned back."""

from __future__ import annotations

import pytest

from labels import housecode
from mscbank import clock
from mscbank.bags import service as bags
from mscbank.database import transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, Refused, Unfit, WrongMoment
from mscbank.labelling import service
from tests.cast import Cast
from tests.stages.labelling import (
    apply,
    issued_labels,
    label_text,
    printed_labels,
    reprinted,
)


def scan(cast, bag, text, by=None):
    with transaction():
        return service.apply_label(bag, text, by=by or cast.tessa, at=clock.now())


@pytest.mark.parametrize("read", [
    lambda content: content["code"],
    lambda content: housecode.format(content["code"]).lower(),
    lambda content: content["signed"],
], ids=["as scanned", "as typed", "the signed code, by camera"])
def test_the_copy_that_was_scanned_back_is_on_the_bag(bank, read):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    copy = scan(cast, bag, read(service.current_copy(bag).content))
    assert (copy.number, copy.applied_at, copy.applied_by_id) == (1, clock.now(), cast.tessa.id)


def test_the_label_of_another_bag_is_refused(bank):
    cast = Cast()
    one, other = (copy.bag for copy in printed_labels(cast).copies)
    with pytest.raises(Unfit, match="the label of another bag") as refused:
        scan(cast, one, label_text(other))
    assert refused.value.reasons == ("another bag",)


def test_the_bare_code_of_the_bag_is_not_its_label(bank):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    with pytest.raises(Malformed, match="does not say which copy"):
        scan(cast, bag, bag.code)


def test_a_replaced_copy_says_stop_and_names_the_copy_that_replaced_it(bank):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    old = label_text(bag)
    reprinted(cast, bag)
    with pytest.raises(Unfit) as refused:
        scan(cast, bag, old)
    assert refused.value.sentence == ("STOP: this copy was replaced on 02 MAR 2026 09:00 CET by "
                                      "copy 2: take it off and destroy it.")


def test_a_copy_that_was_never_issued_is_refused(bank):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    with pytest.raises(Unfit, match="Copy 9 of this bag's label was never issued"):
        scan(cast, bag, housecode.copy_text(bag.code, 9))


def test_a_copy_that_was_not_printed_cannot_be_on_a_bag(bank):
    cast = Cast()
    bag = issued_labels(cast).copies[0].bag
    with pytest.raises(WrongMoment, match="not marked as printed"):
        scan(cast, bag, label_text(bag))


def test_a_label_is_applied_once(bank):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    apply(cast, bag)
    with pytest.raises(AlreadyDone, match="is applied already"):
        apply(cast, bag)


def test_a_destroyed_bag_gets_no_label(bank):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    with transaction():
        bags.destroy(bag, "Leaks.", by=cast.tessa, at=clock.now())
    with pytest.raises(WrongMoment, match="the bag is destroyed"):
        apply(cast, bag)


@pytest.mark.parametrize("text", ["", "hello", "MB1:NOTHING", "=A999926000001" + "00", "B" * 24])
def test_what_is_no_label_is_refused_with_a_sentence(bank, text):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    with pytest.raises(Refused) as refused:
        scan(cast, bag, text)
    assert refused.value.field == "text"


def test_one_wrong_letter_is_refused(bank):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    text = label_text(bag)
    for place in range(len(text)):
        other = next(letter for letter in housecode.ALPHABET if letter != text[place])
        with pytest.raises(Refused):
            scan(cast, bag, text[:place] + other + text[place + 1:])
    assert service.current_copy(bag).applied_at is None


def test_a_nurse_applies_no_label(bank):
    cast = Cast()
    bag = printed_labels(cast).copies[0].bag
    with pytest.raises(NotAllowed):
        scan(cast, bag, label_text(bag), by=cast.nadia)
