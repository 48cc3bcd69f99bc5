"""Releasing a lot conditionally, and what follows when the awaited arrives."""

from __future__ import annotations

import pytest

from mscbank import clock
from mscbank.bags.lifecycle import Standing
from mscbank.database import transaction
from mscbank.errors import (
    AlreadyDone,
    Unfit,
)
from mscbank.release import service
from mscbank.release.record import covered
from mscbank.testing.service import standing_results
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.testing import (
    PASSING,
    confirm,
    record_all,
)


def test_a_lot_goes_out_conditionally_while_what_may_wait_is_awaited(bank):
    cast = Cast()
    lot = stages.conditional_lot(cast)
    assert lot.standing is Standing.CONDITIONAL and covered(lot)
    with pytest.raises(AlreadyDone):
        stages.release_conditionally(cast, lot)
    nothing_awaited = stages.tested_lot(cast)
    with pytest.raises(Unfit, match="Nothing is awaited"):
        stages.release_conditionally(cast, nothing_awaited)
    waits_for_identity = filled_lot(cast)
    record_all(cast, waits_for_identity, pending=("cd90",))
    with pytest.raises(Unfit, match="CD90"):
        stages.release_conditionally(cast, waits_for_identity)


def test_a_conditional_lot_is_certified_when_all_has_arrived(bank):
    cast = Cast()
    lot = stages.conditional_lot(cast)
    awaited = [row for row in standing_results(lot) if row.pending]
    for row in awaited:
        with transaction():
            arrived = service.correct_result(row, "Result arrived.", **PASSING[row.test],
                                             by=cast.theo, at=clock.now())
        confirm(cast, arrived)
        assert not covered(lot), "what arrives must be read before more bags go out"
    assert stages.certify(cast, lot).standing is Standing.CERTIFIED
    assert covered(lot)
