"""The bag is taken over by another person than the one who gave it out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.bags.lifecycle import Place
from mscbank.custody import service
from mscbank.database import session, transaction
from mscbank.errors import Malformed, NotAllowed, SamePerson, WrongMoment
from tests.cast import Cast
from tests.stages.custody import issuable_lot, issued_bag, receive


def test_both_sides_of_the_handover_are_kept(bank):
    cast = Cast()
    bag = issued_bag(cast)
    journey = receive(cast, bag)
    assert bag.place is Place.RECEIVED
    assert (journey.given_by_id, journey.received_by_id) == (cast.tessa.id, cast.nadia.id)
    assert (journey.received_at, journey.condition) == (clock.now(), "Intact, label readable")
    assert service.open_journey(bag) is None


def test_who_gave_it_out_does_not_take_it_over(bank):
    cast = Cast()
    bag = issued_bag(cast)
    with pytest.raises(SamePerson, match="gave this bag out"), transaction():
        service.receive(bag, "Intact", by=cast.tessa, at=clock.now())


def test_a_bag_is_received_once(bank):
    cast = Cast()
    bag = issued_bag(cast)
    receive(cast, bag)
    with pytest.raises(WrongMoment, match="on no journey"):
        receive(cast, bag)


def test_a_bag_that_nobody_gave_out_is_not_received(bank):
    cast = Cast()
    bag = issuable_lot(cast).bags[0]
    with pytest.raises(WrongMoment, match="on no journey"):
        receive(cast, bag)


def test_the_condition_is_said(bank):
    cast = Cast()
    bag = issued_bag(cast)
    with pytest.raises(Malformed), transaction():
        service.receive(bag, " ", by=cast.nadia, at=clock.now())


def test_quality_assurance_receives_nothing(bank):
    cast = Cast()
    bag = issued_bag(cast)
    with pytest.raises(NotAllowed), transaction():
        service.receive(bag, "Intact", by=cast.quentin, at=clock.now())


@pytest.mark.parametrize(("late", "alerts"), [
    (timedelta(hours=24), 0), (timedelta(hours=24, seconds=1), 1)])
def test_a_journey_longer_than_the_protocol_s_alerts_quality_assurance(bank, late, alerts):
    cast = Cast()
    bag = issued_bag(cast)
    with transaction():
        journey = service.receive(bag, "Intact", by=cast.nadia, at=clock.now() + late)
    found = session.scalars(sa.select(Alert).where(Alert.about == journey.code)).all()
    assert len(found) == alerts
