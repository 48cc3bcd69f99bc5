"""Weights, and the band on the wrist."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from mscbank import clock, things
from mscbank.database import transaction
from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from mscbank.recipients import rules, service
from mscbank.recipients.schemas import Weigh
from tests.cast import Cast
from tests.conftest import START
from tests.stages.recipients import consenting_recipient, enrolled_recipient, wristband

HOUR = timedelta(hours=1)


@pytest.fixture
def cast(bank):
    return Cast()


def weigh(cast, recipient, kg="70", measured_at=START):
    with transaction():
        return service.weigh(recipient, Decimal(kg), measured_at, by=cast.nadia,
                             at=clock.now())


def test_the_latest_weight_by_its_own_time_counts(cast):
    recipient = consenting_recipient(cast)
    weigh(cast, recipient, "71.5", START)
    weigh(cast, recipient, "70", START - HOUR)
    assert recipient.weight_now.kg == Decimal("71.5")


@pytest.mark.parametrize("kg", ["1.99", "400.01", "-70", "0", "NaN", "Infinity"])
def test_impossible_weights_are_refused(kg):
    with pytest.raises(Malformed):
        rules.a_possible_weight(Decimal(kg))


def test_nobody_is_weighed_in_the_future_at_no_certain_hour_or_unborn(cast):
    recipient = consenting_recipient(cast)
    for moment in (START + timedelta(seconds=1), datetime(2026, 3, 2, 8, 0),
                   START.replace(year=1979)):
        with pytest.raises(Malformed):
            weigh(cast, recipient, measured_at=moment)
    with pytest.raises(Malformed):
        weigh(cast, recipient, "401")
    assert recipient.weight_now is None


def test_a_weight_is_recorded_once(cast):
    recipient = consenting_recipient(cast)
    weigh(cast, recipient)
    with pytest.raises(AlreadyDone):
        weigh(cast, recipient, "80")


@pytest.mark.parametrize(("wrong", "field"), [
    ({"kg": "70.001"}, "kg"), ({"kg": "NaN"}, "kg"), ({"kg": "401"}, "kg"), ({"kg": "1e1e1"}, "kg"),
    ({"measured_at": "2026-03-02T08:00:00"}, "measured_at"),
    ({"measured_at": "3026-03-02T08:00:00Z"}, "measured_at")])
def test_a_malformed_weight_is_refused_by_its_schema(wrong, field):
    typed = {"kg": "70.25", "measured_at": "2026-03-02T09:00:00+01:00"}
    assert Weigh().load(typed) == {"kg": Decimal("70.25"), "measured_at": START,
                                   "why_unusual": None}
    assert set(Weigh().validate(typed | wrong)) == {field}


def test_a_new_band_ends_the_one_before(cast):
    recipient = consenting_recipient(cast)
    first = wristband(cast, recipient)
    with clock.pinned(START + HOUR):
        second = wristband(cast, recipient)
    assert (first.ended_at, second.ended_at) == (START + HOUR, None)
    assert things.by_code(second.code).recipient is recipient


def test_nobody_gets_a_band_without_consent(cast):
    with pytest.raises(WrongMoment):
        wristband(cast, enrolled_recipient(cast))
