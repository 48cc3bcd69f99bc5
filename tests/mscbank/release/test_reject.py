"""Rejecting a lot."""

from __future__ import annotations

import pytest

from mscbank.errors import (
    Malformed,
    WrongMoment,
)
from tests.cast import Cast
from tests.stages import release as stages


def test_a_rejected_lot_has_no_way_back(bank):
    cast = Cast()
    lot = stages.rejected_lot(cast)
    for act in (stages.certify, stages.release_conditionally, stages.release_exceptionally,
                stages.reject, stages.declare_nonconforming):
        with pytest.raises(WrongMoment):
            act(cast, lot)
    with pytest.raises(WrongMoment):
        stages.request_exception(cast, lot)


def test_a_reason_is_given_in_words(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
    with pytest.raises(Malformed):
        stages.reject(cast, lot, " ")
