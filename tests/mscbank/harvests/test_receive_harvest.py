"""Marrow leaves the ward and arrives at the laboratory."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import acts, clock
from mscbank.accounts.models import Alert
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from mscbank.harvests import rules, service
from mscbank.harvests.schemas import ReceiveHarvest
from mscbank.permissions import Role
from tests.cast import Cast
from tests.conftest import START
from tests.stages.harvests import (
    RECEIPT,
    collected_harvest,
    dispatched_harvest,
    receive,
    received_harvest,
)

HOUR = timedelta(hours=1)
D = Decimal


@pytest.fixture
def cast(bank):
    return Cast()


def dispatch(cast, harvest, dispatched_at):
    with transaction():
        service.dispatch(harvest, dispatched_at, by=cast.nadia, at=clock.now())


def alerts():
    return list(session.scalars(sa.select(Alert)))


def test_marrow_in_good_order_is_received(cast):
    harvest = received_harvest(cast)
    assert (harvest.received_by_id, harvest.viability) == (cast.tessa.id, D("98.5"))
    assert alerts() == [] and service.transport_faults(harvest) == ()


def test_a_receipt_goes_through_the_one_door(cast):
    harvest = dispatched_harvest(cast)
    data = ReceiveHarvest().load(
        {name: str(value) if isinstance(value, D) else value for name, value in RECEIPT.items()}
        | {"received_at": "2026-03-02T09:00:00+01:00", "transport_min_c": "8"})
    told = acts.perform(acts.catalogue()["harvests", "receive-harvest"], harvest.code, data,
                        by=cast.tessa)
    assert told["faults"] == ["8 to 21.5 °C on the way, allowed are 15 to 25 °C."]


def test_marrow_travels_only_after_its_collection_and_once(cast):
    harvest = collected_harvest(cast)
    for moment in (START - HOUR, START + HOUR):
        with pytest.raises(Malformed):
            dispatch(cast, harvest, moment)
    dispatch(cast, harvest, START)
    with pytest.raises(AlreadyDone):
        dispatch(cast, harvest, START)


def test_marrow_that_never_left_does_not_arrive(cast):
    with pytest.raises(WrongMoment, match="not dispatched"):
        receive(cast, collected_harvest(cast))


def test_marrow_arrives_once(cast):
    harvest = received_harvest(cast)
    with pytest.raises(AlreadyDone):
        receive(cast, harvest)


def test_impossible_receipts_are_refused(cast):
    harvest = dispatched_harvest(cast)
    for different in (
            {"received_at": START - HOUR}, {"received_at": START + HOUR},
            {"received_at": START.replace(tzinfo=None)}, {"condition": "  "},
            {"transport_min_c": D(22)}, {"transport_max_c": D(61)}, {"transport_min_c": D(-41)},
            {"transport_min_c": D("NaN")}, {"nucleated_cells": 0}, {"nucleated_cells": -1},
            {"nucleated_cells": 10**12 + 1}, {"viability": D(140)}, {"viability": D(-1)},
            {"viability": D("NaN")}):
        with pytest.raises(Malformed):
            receive(cast, harvest, **different)
    assert harvest.received_at is None


@pytest.mark.parametrize(("low", "high", "hours", "told"), [
    ("15", "25", 24, []), ("14.9", "20", 1, ["14.9 to 20"]), ("18", "25.1", 1, ["18 to 25.1"]),
    ("18", "20", 24.1, ["24.1 h"]), ("2", "8", 30, ["2 to 8", "30.0 h"])])
def test_what_is_outside_the_limits_of_the_way(low, high, hours, told):
    faults = rules.transport_faults(D(low), D(high), D(15), D(25), hours * HOUR, 24)
    assert [fault.startswith(word) for fault, word in zip(faults, told, strict=True)] == (
        [True] * len(told))


def test_quality_assurance_is_told_of_a_bad_journey_and_the_marrow_is_received(cast):
    harvest = dispatched_harvest(cast)
    with clock.pinned(START + 26 * HOUR):
        receive(cast, harvest, transport_max_c=D(28))
    (alert,) = alerts()
    assert harvest.received_at and (alert.role, alert.about) == (Role.QUALITY, harvest.code)
    assert "28" in alert.sentence and "26.0 h" in alert.sentence


@pytest.mark.parametrize("wrong", [
    {"viability": "140"}, {"viability": "98.55"}, {"nucleated_cells": -3},
    {"nucleated_cells": 8.5}, {"transport_min_c": "-300"}, {"condition": "x" * 201},
    {"received_at": "2026-03-02 09:00"}])
def test_a_malformed_receipt_is_refused_by_its_schema(wrong):
    typed = RECEIPT | {"received_at": "2026-03-02T09:00:00+01:00"}
    assert ReceiveHarvest().validate(typed) == {}
    assert set(ReceiveHarvest().validate(typed | wrong)) == set(wrong)
