"""A reading outside the limits opens an excursion by itself."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from marshmallow import ValidationError

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.custody import service
from mscbank.custody.schemas import TemperatureSchema
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed
from tests.cast import Cast
from tests.stages.custody import (
    bag_at_bedside,
    issued_bag,
    judged_excursion,
    open_excursion,
    read,
)


@pytest.mark.parametrize(("celsius", "outside"), [
    ("-196", False), ("-150.5", False), ("-135", False), ("-134.99", True), ("-196.01", True),
    ("4", True)])
def test_both_limits_are_still_good(bank, celsius, outside):
    cast = Cast()
    journey = issued_bag(cast).journeys[0]
    read(cast, journey, celsius)
    assert [excursion.celsius for excursion in journey.excursions] == (
        [Decimal(celsius)] if outside else [])
    alerts = session.scalars(sa.select(Alert).where(Alert.sentence.contains("excursion"))).all()
    assert len(alerts) == outside


def test_one_excursion_is_open_at_a_time_and_after_its_judgement_another(bank):
    cast = Cast()
    journey = issued_bag(cast).journeys[0]
    excursion = open_excursion(cast, journey)
    read(cast, journey, "-70")
    assert len(journey.excursions) == 1
    judged_excursion(cast, excursion)
    read(cast, journey, "-60")
    assert [each.celsius for each in service.open_excursions(journey)] == [Decimal(-60)]


def test_a_moment_is_read_once(bank):
    cast = Cast()
    journey = issued_bag(cast).journeys[0]
    read(cast, journey, "-150", clock.now())
    with pytest.raises(AlreadyDone, match="is recorded"):
        read(cast, journey, "-149", clock.now())


@pytest.mark.parametrize(("offset", "sentence"), [
    (timedelta(seconds=-1), "before the handover"), (timedelta(seconds=1), "in the future")])
def test_a_reading_lies_within_its_journey(bank, offset, sentence):
    cast = Cast()
    journey = issued_bag(cast).journeys[0]
    with pytest.raises(Malformed, match=sentence) as refused, transaction():
        service.read_temperature(journey, clock.now() + offset, Decimal(-150), by=cast.nadia,
                                 at=clock.now())
    assert refused.value.field == "read_at"


def test_a_reading_after_the_journey_says_nothing_about_the_bag(bank):
    cast = Cast()
    journey = bag_at_bedside(cast).journeys[0]
    with pytest.raises(Malformed, match="after the end of the journey"):
        read(cast, journey, "-150", clock.now() + timedelta(minutes=1))
    read(cast, journey, "-150", clock.now())
    assert len(journey.readings) == 1


@pytest.mark.parametrize("celsius", ["-273.5", "101"])
def test_a_temperature_that_cannot_be_is_refused(bank, celsius):
    cast = Cast()
    journey = issued_bag(cast).journeys[0]
    with pytest.raises(Malformed, match="no temperature"):
        read(cast, journey, celsius)


@pytest.mark.parametrize("wrong", [
    {"celsius": "warm"}, {"celsius": "NaN"}, {"celsius": "-135.001"},
    {"celsius": "-300"}, {"read_at": "2026-03-02T09:00:00"}, {"read_at": "yesterday"}])
def test_a_reading_that_makes_no_sense_is_refused_at_the_door(wrong):
    given = {"celsius": "-150", "read_at": "2026-03-02T09:00:00+01:00"}
    assert TemperatureSchema().load(given)["celsius"] == Decimal(-150)
    with pytest.raises(ValidationError) as refused:
        TemperatureSchema().load(given | wrong)
    assert set(refused.value.messages) == set(wrong)


def test_quality_assurance_reads_no_logger(bank):
    cast = Cast()
    journey = issued_bag(cast).journeys[0]
    with pytest.raises(NotAllowed), transaction():
        service.read_temperature(journey, clock.now(), Decimal(-150), by=cast.quentin,
                                 at=clock.now())
