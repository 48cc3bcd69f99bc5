"""Exceptional releases: the physician asks by signature, quality assurance answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mscbank.bags.lifecycle import Standing
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    SamePerson,
    Unfit,
    WrongMoment,
)
from mscbank.permissions import Actor, Role
from mscbank.release.record import covered
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


def test_an_exceptional_release_answers_a_request_over_the_same_record(bank):
    cast = Cast()
    lot = stages.lot_out_of_limit(cast)
    with pytest.raises(Unfit, match="No physician has requested"):
        stages.release_exceptionally(cast, lot)
    stages.request_exception(cast, lot)
    with pytest.raises(AlreadyDone):
        stages.request_exception(cast, lot)
    result_of(cast, sample_of(cast, lot), "cd45", value=Decimal("1.9"), unit="%")
    with pytest.raises(Unfit, match="changed after the physician's request"):
        stages.release_exceptionally(cast, lot)
    stages.request_exception(cast, lot, "Still needed.")
    stages.release_exceptionally(cast, lot)
    assert lot.standing is Standing.EXCEPTIONAL and covered(lot)


def test_an_exception_is_asked_for_by_a_physician_for_a_lot_that_needs_one(bank):
    cast = Cast()
    good = stages.tested_lot(cast)
    with pytest.raises(Unfit, match="needs no exception"):
        stages.request_exception(cast, good)
    with pytest.raises(Unfit, match="needs no exception"):
        stages.release_exceptionally(cast, good)
    stages.reject(cast, good)
    with pytest.raises(WrongMoment):
        stages.request_exception(cast, good)
    bad = stages.lot_out_of_limit(cast)
    with pytest.raises(Malformed):
        stages.request_exception(cast, bad, "  ")
    paula, cast.paula = cast.paula, cast.quentin
    with pytest.raises(NotAllowed):
        stages.request_exception(cast, bad)
    cast.paula = paula
    stages.request_exception(cast, bad)
    cast.quentin = both(cast, "paula", Role.QUALITY)
    with pytest.raises(SamePerson, match="requested this exception"):
        stages.release_exceptionally(cast, bad)
