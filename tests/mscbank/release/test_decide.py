"""What holds for every decision: who may, and how a release is renewed."""

from __future__ import annotations

import pytest

from mscbank import clock
from mscbank.bags.lifecycle import LOT_STANDING, Standing
from mscbank.database import transaction
from mscbank.errors import (
    NotAllowed,
    SamePerson,
    Unfit,
)
from mscbank.permissions import Actor, Role
from mscbank.release import rules
from mscbank.release.record import covered
from mscbank.testing.results import confirm_result
from mscbank.testing.service import standing_results
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.testing import (
    result_of,
    sample_of,
)


def both(cast: Cast, username: str, role: Role) -> Actor:
    """The same person with a second role, as in a small bank."""
    person = getattr(cast, username)
    return Actor(person.id, person.username, person.code, person.name,
                 person.roles | {role}, "test")


@pytest.mark.parametrize("username", ["theo", "tessa", "quynh"])
def test_nobody_decides_on_results_they_recorded_or_confirmed(bank, username):
    cast = Cast()
    lot = stages.tested_lot(cast)
    with transaction():
        confirm_result(next(result for result in standing_results(lot) if result.test == "cd34"),
                       by=cast.quynh, at=clock.now())
    person = both(cast, username, Role.QUALITY)
    with pytest.raises(SamePerson, match="another person must decide"):
        stages.certify(cast, lot, by=person)
    cast.quentin = person
    with pytest.raises(SamePerson):
        stages.reject(cast, lot)
    assert lot.standing is Standing.PENDING


@pytest.mark.parametrize("username", ["tessa", "paula", "nadia", "carole", "adam"])
def test_only_quality_assurance_decides(bank, username):
    cast = Cast()
    lot = stages.tested_lot(cast)
    cast.quentin = getattr(cast, username)
    for act in (stages.certify, stages.reject):
        with pytest.raises(NotAllowed):
            act(cast, lot)


def test_a_release_that_no_longer_covers_is_renewed_by_the_same_act(bank):
    cast = Cast()
    certified, conditional, exceptional = (
        stages.released_lot(cast), stages.conditional_lot(cast), stages.exceptional_lot(cast))
    for lot, renew in ((certified, stages.certify),
                       (conditional, stages.release_conditionally)):
        standing = lot.standing
        result_of(cast, sample_of(cast, lot), "cd90")
        assert not covered(lot)
        renew(cast, lot)
        assert covered(lot) and lot.standing is standing
    result_of(cast, sample_of(cast, exceptional), "cd90")
    with pytest.raises(Unfit, match="changed after the physician's request"):
        stages.release_exceptionally(cast, exceptional)
    stages.request_exception(cast, exceptional)
    assert not covered(exceptional), "asking is not releasing"
    stages.release_exceptionally(cast, exceptional)
    assert covered(exceptional)


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("enters", [row.enters for row in LOT_STANDING])
def test_only_a_released_standing_is_renewed(standing, enters):
    released = {Standing.CONDITIONAL, Standing.CERTIFIED, Standing.EXCEPTIONAL}
    assert rules.renewable(standing, enters, False) is (standing == enters and enters in released)
