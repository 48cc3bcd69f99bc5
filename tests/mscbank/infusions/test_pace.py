"""How quickly a bag may run in: by the specification, on the order, at the bedside, at the end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.audit.service import record
from mscbank.bags.lifecycle import Place
from mscbank.database import session, transaction
from mscbank.errors import Unfit
from mscbank.infusions import pace, service
from mscbank.infusions.models import Ending, Infusion, Order, OrderedBag
from mscbank.infusions.orders import part_of
from mscbank.permissions import Role
from mscbank.release.models import Deviation, Severity
from specs import shelf
from tests.cast import Cast
from tests.conftest import START
from tests.stages.infusions import started

D = Decimal
QUARTER = timedelta(minutes=15)


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


def finish(cast: Cast, infusion: Infusion, after: timedelta, **more) -> Infusion:
    with clock.pinned(START + after), transaction():
        return service.finish(infusion, D(50), by=cast.nadia, at=clock.now(), **more)


def stop(cast: Cast, infusion: Infusion, after: timedelta, volume: str) -> Infusion:
    with clock.pinned(START + after), transaction():
        return service.stop(infusion, D(volume), "Chills.", by=cast.nadia, at=clock.now())


def deviations() -> list[Deviation]:
    return list(session.scalars(sa.select(Deviation)))


def test_the_specification_says_how_long_and_an_older_one_does_not() -> None:
    assert pace.hours_at_least(shelf.release("bm-msc-2")) == D("0.25")
    assert pace.hours_at_least(shelf.release("bm-msc-1")) is None


@pytest.mark.parametrize(("cells", "of", "minutes"), [
    (70, 70, 15), (35, 70, 8), (1, 70, 1), (69, 70, 15), (70, 210, 5)])
def test_each_bag_takes_its_share_rounded_up(cells, of, minutes) -> None:
    assert pace.minutes_at_least(D("0.25"), cells, of) == minutes
    assert pace.minutes_at_least(None, cells, of) is None


def test_the_order_carries_it_and_the_physician_signs_it(cast) -> None:
    infusion = started(cast)
    ordered = session.scalars(sa.select(Order)).one()
    assert [part.minutes_at_least for part in ordered.parts] == [15]
    assert infusion.not_before == infusion.started_at + QUARTER
    assert service.order_record(infusion.recipient, [{"bag": infusion.bag.code}])["bags"][0][
        "minutes_at_least"] == 15


def test_a_bag_that_ran_in_within_its_time_is_finished_without_a_word(cast) -> None:
    infusion = finish(cast, started(cast), QUARTER)
    assert (infusion.ending, infusion.too_quick, deviations()) == (Ending.FINISHED, None, [])


def test_a_finish_before_its_time_is_asked_about_and_nothing_is_done(cast) -> None:
    infusion = started(cast)
    for why in (None, "  "):
        with pytest.raises(Unfit, match="at the earliest") as refusal:
            finish(cast, infusion, QUARTER - timedelta(seconds=1), too_quick=why)
        assert (refusal.value.field, refusal.value.reasons) == ("too_quick", ("too quick",))
    session.rollback()
    assert infusion.ending is None and infusion.bag.place is Place.INFUSING
    assert deviations() == []


def test_a_bag_that_did_run_in_too_quickly_is_kept_as_it_was_with_a_deviation(cast) -> None:
    infusion = finish(cast, started(cast), timedelta(minutes=6), too_quick="Clamp left open.")
    assert (infusion.ending, infusion.too_quick) == (Ending.FINISHED, "Clamp left open.")
    assert infusion.bag.place is Place.INFUSED
    deviation, = deviations()
    assert (deviation.about, deviation.severity) == (infusion.code, Severity.MAJOR)
    assert "50 mL ran in within 6.0 min; at least 15.0 min" in deviation.what
    told = session.scalars(sa.select(Alert.role).where(Alert.about == infusion.code)).all()
    assert set(told) == {Role.PHYSICIAN, Role.QUALITY}


def test_a_stop_is_never_held_up_and_is_held_against_the_volume_that_ran_in(cast) -> None:
    infusion = stop(cast, started(cast), timedelta(minutes=2), "40")
    assert infusion.ending is Ending.STOPPED and len(deviations()) == 1


def test_a_stop_at_the_pace_of_the_order_is_no_deviation(cast) -> None:
    infusion = stop(cast, started(cast), timedelta(minutes=3), "10")
    assert (infusion.too_quick, deviations()) == (None, [])


def test_the_database_keeps_the_pace_too(cast) -> None:
    infusion = started(cast)
    part = part_of(infusion)
    early = infusion.started_at + timedelta(minutes=1)
    wrong = (
        {"ended_at": early, "ending": Ending.FINISHED, "volume_given_ml": D(50)},
        {"ended_at": early, "ending": Ending.FINISHED, "volume_given_ml": D(50),
         "too_quick": "No deviation was opened."},
        {"not_before": early})
    for values in wrong:
        with pytest.raises(IntegrityError), transaction():
            for name, value in values.items():
                setattr(infusion, name, value)
            record("finish", infusion, by=cast.nadia, at=clock.now())
        session.expire_all()
    with pytest.raises(IntegrityError), transaction():
        part.minutes_at_least = 1
        record("order", part.order.recipient, by=cast.paula, at=clock.now())
    session.expire_all()
    assert session.get_one(OrderedBag, part.id).minutes_at_least == 15
