"""Declaring a lot nonconforming: the recall by signature."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank.accounts.models import Alert
from mscbank.bags.lifecycle import Standing
from mscbank.database import session
from mscbank.errors import (
    WrongMoment,
)
from mscbank.permissions import Role
from mscbank.release import rules
from mscbank.release.models import Deviation, Hold, Severity
from mscbank.release.record import covered
from tests.cast import Cast
from tests.stages import release as stages


def test_a_recall_holds_the_lot_and_tells_where_every_bag_is(bank):
    cast = Cast()
    lot = stages.nonconforming_lot(cast)
    assert lot.standing is Standing.NONCONFORMING
    assert covered(lot), "what the recall itself opened does not undo its signature"
    assert session.scalars(sa.select(Hold.lot_id)).all() == [lot.id]
    deviation = session.scalars(sa.select(Deviation)).one()
    assert (deviation.about, deviation.severity) == (lot.code, Severity.CRITICAL)
    alerts = session.scalars(sa.select(Alert).order_by(Alert.id)).all()
    assert [alert.role for alert in alerts] == [Role.PHYSICIAN, Role.QUALITY]
    for alert in alerts:
        assert "filled: 1-2" in alert.sentence
        assert f"Recipient {lot.harvest.donor.recipient.number}" in alert.sentence
        assert deviation.number in alert.sentence
    with pytest.raises(WrongMoment):
        stages.declare_nonconforming(cast, lot)


@pytest.mark.parametrize(("bags", "words"), [
    ([], ""), ([(1, "stored")], "stored: 1"),
    ([(1, "stored"), (2, "stored"), (3, "infused"), (5, "stored")], "infused: 3; stored: 1-2, 5"),
])
def test_bags_are_listed_by_place(bags, words):
    assert rules.places_in_words(bags) == words
