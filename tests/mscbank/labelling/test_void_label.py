"""A damaged label stops whoever scans it."""

from __future__ import annotations

import pytest

from mscbank import clock
from mscbank.database import transaction
from mscbank.errors import Malformed, NotAllowed, Unfit, WrongMoment
from mscbank.labelling import service
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.labelling import label_text, labelled_lot


def void(cast, bag, reason="Torn off.", by=None):
    with transaction():
        return service.void_label(bag, reason, by=by or cast.tessa, at=clock.now())


def test_a_voided_label_stops_and_the_bag_has_none(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    text = label_text(bag)
    void(cast, bag)
    assert service.label_findings(bag) == [
        ("label", "It has no label: issue or reprint it, and apply it.")]
    with pytest.raises(Unfit, match="STOP: this copy was voided on 02 MAR 2026 09:00 CET"):
        with transaction():
            service.apply_label(bag, text, by=cast.tessa, at=clock.now())


def test_what_is_void_is_not_voided_again(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    void(cast, bag)
    with pytest.raises(WrongMoment, match="no label"):
        void(cast, bag)


def test_a_bag_without_a_label_has_nothing_to_void(bank):
    cast = Cast()
    with pytest.raises(WrongMoment):
        void(cast, filled_lot(cast).bags[0])


def test_a_label_is_voided_with_a_reason(bank):
    cast = Cast()
    with pytest.raises(Malformed):
        void(cast, labelled_lot(cast).bags[0], " ")


def test_a_nurse_voids_nothing(bank):
    cast = Cast()
    with pytest.raises(NotAllowed):
        void(cast, labelled_lot(cast).bags[0], by=cast.nadia)
