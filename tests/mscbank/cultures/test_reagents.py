"""Reagent lots: quarantine, release, block, and what may touch cells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.cultures import reagents
from mscbank.cultures.models import ReagentKind, ReagentStanding
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, NotKnown, Unfit, WrongMoment
from tests.cast import Cast
from tests.stages.cultures import (
    blocked_reagent,
    others,
    quarantined_reagent,
    released_reagent,
    seeded_culture,
)
from tests.stages.harvests import received_harvest


def test_a_new_lot_stands_in_quarantine_until_quality_assurance_releases_it(bank):
    cast = Cast()
    lot = quarantined_reagent(cast)
    assert lot.standing is ReagentStanding.QUARANTINE
    with transaction():
        reagents.release_reagent(lot, by=cast.quentin, at=clock.now())
    assert lot.standing is ReagentStanding.RELEASED


def test_a_technician_does_not_release_a_reagent(bank):
    cast = Cast()
    lot = quarantined_reagent(cast)
    with pytest.raises(NotAllowed), transaction():
        reagents.release_reagent(lot, by=cast.tessa, at=clock.now())
    assert lot.standing is ReagentStanding.QUARANTINE


def test_who_does_not_keep_reagents_neither_adds_nor_blocks_one(bank):
    cast = Cast()
    lot = released_reagent(cast)
    for by in others(cast, "tessa", "theo", "quentin", "quynh"):
        with pytest.raises(NotAllowed), transaction():
            reagents.add_reagent(ReagentKind.SERUM, "FCS", "F1", "Sigma", date(2027, 1, 1), by=by,
                                 at=clock.now())
        with pytest.raises(NotAllowed):
            _block(lot, by)
    assert lot.standing is ReagentStanding.RELEASED


def _block(lot, by, reason="Turbid."):
    with transaction():
        reagents.block_reagent(lot, reason, by=by, at=clock.now())


def test_the_same_suppliers_lot_is_added_once(bank):
    cast = Cast()
    quarantined_reagent(cast, lot_number="M1")
    with pytest.raises(AlreadyDone, match="lot M1"):
        quarantined_reagent(cast, lot_number="M1")
    quarantined_reagent(cast, lot_number="M1", supplier="Another")


def test_a_lot_is_released_once_and_blocked_once_and_stays_blocked(bank):
    cast = Cast()
    lot = released_reagent(cast)
    with pytest.raises(AlreadyDone), transaction():
        reagents.release_reagent(lot, by=cast.quentin, at=clock.now())
    _block(lot, cast.tessa)
    with pytest.raises(AlreadyDone):
        _block(lot, cast.tessa)
    with pytest.raises(WrongMoment, match="blocked"), transaction():
        reagents.release_reagent(lot, by=cast.quentin, at=clock.now())


def test_a_lot_that_has_expired_is_not_taken_into_stock_nor_released(bank):
    cast = Cast()
    with pytest.raises(Malformed) as refusal:
        quarantined_reagent(cast, expires_on=date(2026, 3, 1))
    assert refusal.value.field == "expires_on"
    lot = quarantined_reagent(cast, expires_on=date(2026, 3, 2))
    with clock.pinned(clock.now() + timedelta(days=1)):
        with pytest.raises(Malformed), transaction():
            reagents.release_reagent(lot, by=cast.quentin, at=clock.now())


def test_a_reason_of_spaces_blocks_nothing(bank):
    cast = Cast()
    lot = released_reagent(cast)
    with pytest.raises(Malformed):
        _block(lot, cast.tessa, reason="   ")
    assert lot.standing is ReagentStanding.RELEASED


@pytest.mark.parametrize(("stage", "reason"), [
    (quarantined_reagent, "reagent in quarantine"), (blocked_reagent, "reagent blocked")])
def test_a_lot_that_is_not_released_touches_no_cells(bank, stage, reason):
    cast = Cast()
    harvest = received_harvest(cast)
    lot = stage(cast)
    with pytest.raises(Unfit, match=lot.lot_number) as refusal:
        seeded_culture(cast, harvest, reagents=[lot.code])
    assert refusal.value.reasons == (reason,)
    assert reagents.used_in(lot) == []


@pytest.mark.parametrize(("moment", "usable"), [
    (datetime(2026, 3, 3, 22, 59, tzinfo=UTC), True),   # 23:59 on the last day in Paris
    (datetime(2026, 3, 3, 23, 0, tzinfo=UTC), False),   # midnight there
])
def test_a_lot_is_usable_through_its_last_day_on_the_sites_clock(bank, moment, usable):
    cast = Cast()
    lot = released_reagent(cast, expires_on=date(2026, 3, 3))
    if usable:
        assert reagents.usable_reagents([lot.code], moment) == [lot]
    else:
        with pytest.raises(Unfit, match=f"{lot.lot_number} expired on 03 MAR 2026"):
            reagents.usable_reagents([lot.code], moment)


def test_reagents_are_named_each_once_and_at_least_one(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    code = released_reagent(cast).code
    for codes in ([], [code, code], [code, code.lower()]):
        with pytest.raises(Malformed) as refusal:
            seeded_culture(cast, harvest, reagents=codes)
        assert refusal.value.field == "reagents"


def test_another_things_code_is_no_reagent(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    with pytest.raises(NotKnown, match="code of harvests"):
        seeded_culture(cast, harvest, reagents=[harvest.code])


def test_blocking_a_lot_that_was_used_tells_quality_assurance(bank):
    cast = Cast()
    unused, lot = released_reagent(cast), released_reagent(cast)
    culture = seeded_culture(cast, reagents=[lot.code])
    _block(unused, cast.tessa)
    before = session.scalar(sa.select(sa.func.count(Alert.id)))
    _block(lot, cast.tessa)
    alerts = session.scalars(sa.select(Alert).order_by(Alert.id)).all()
    assert len(alerts) == before + 1
    assert (alerts[-1].role, alerts[-1].about) == ("quality assurance", lot.code)
    assert reagents.used_in(lot) == [culture.code]
    assert reagents.reagents_of(culture.code) == [lot]
