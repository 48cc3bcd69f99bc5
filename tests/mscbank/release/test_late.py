"""A failing result that arrives late makes the lot nonconforming in the same transaction."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.audit.models import Entry
from mscbank.bags import service as bags
from mscbank.bags.lifecycle import Standing
from mscbank.database import session, transaction
from mscbank.permissions import SYSTEM, Role
from mscbank.release import late, service
from mscbank.release.models import Deviation, Hold, Severity
from mscbank.release.record import covered, decision_covers, latest_decision
from mscbank.testing import samples
from mscbank.testing.models import Stage
from mscbank.testing.service import standing_results
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import box, filled_lot
from tests.stages.cultures import grown_culture
from tests.stages.testing import HOSPITAL, registered, sample_of

GROWTH = {"word": "growth: Cutibacterium acnes"}


def arrive(cast: Cast, lot, test: str = "sterility", **outcome):
    """The awaited result of the lot comes in."""
    pending = next(row for row in standing_results(lot)
                   if row.test == test and row.sample.stage is Stage.DRUG_PRODUCT)
    with transaction():
        return service.correct_result(pending, "Result arrived.", **(outcome or GROWTH),
                                      by=cast.theo, at=clock.now())


@pytest.mark.parametrize("stage", [
    stages.conditional_lot, stages.released_lot, stages.exceptional_lot])
def test_a_late_positive_sterility_stops_all_sister_bags(bank, stage):
    cast = Cast()
    lot = stage(cast)
    with transaction():
        bags.freeze(lot, by=cast.tessa, at=clock.now())
    place = box(cast)[0]
    with transaction():
        bags.store(lot.bags[1], place.code, by=cast.tessa, at=clock.now())

    result = arrive(cast, lot)

    hold = session.scalars(sa.select(Hold)).one()
    assert (hold.lot_id, hold.lifted_at) == (lot.id, None)
    assert result.code in hold.reason
    deviation = session.scalars(sa.select(Deviation)).one()
    assert (deviation.about, deviation.severity) == (lot.code, Severity.CRITICAL)
    assert "Cutibacterium acnes" in deviation.what
    alerts = session.scalars(sa.select(Alert).order_by(Alert.id)).all()
    assert [alert.role for alert in alerts] == [Role.PHYSICIAN, Role.QUALITY]
    recipient = lot.harvest.donor.recipient.number
    for alert in alerts:
        assert f"Recipient {recipient}." in alert.sentence
        assert "filled: 1; stored: 2" in alert.sentence
        assert alert.signed and alert.signature_id is None
    assert lot.standing is Standing.NONCONFORMING and not covered(lot)
    decision = latest_decision(lot)
    assert (decision.signature_id, decision.result_id) == (None, result.id)
    assert decision.recorded_by_id == cast.theo.id and not decision_covers(decision)
    assert [each["outcome"] for each in decision.findings] == ["fail"]
    last = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc())).first()
    assert (last.act, last.subject, last.by) == ("find nonconforming", lot.code, SYSTEM.code)
    assert decision.entry == hold.entry == deviation.entry == last.sequence == result.entry + 1


def test_a_new_failing_result_of_a_released_lot_stops_it_too(bank):
    cast = Cast()
    lot = stages.released_lot(cast)
    sample = sample_of(cast, lot)
    with transaction():
        service.record_result(
            sample, test="cd45", method="Flow cytometry", laboratory="Our own", performed_at=clock.now(),
            value=Decimal("2.1"), unit="%", by=cast.theo, at=clock.now())
    assert session.query(Hold).count() == 1


@pytest.mark.parametrize(("test", "outcome"), [
    ("sterility", {"word": "no growth"}), ("sterility", {"pending": True}),
    ("hla_dr", {"value": Decimal(90), "unit": "%"}),
])
def test_a_passing_pending_or_informative_result_stops_nothing(bank, test, outcome):
    cast = Cast()
    lot = stages.conditional_lot(cast)
    arrive(cast, lot, test, **outcome)
    assert session.query(Hold).count() == session.query(Alert).count() == 0


@pytest.mark.parametrize("stage", [
    filled_lot, stages.rejected_lot, stages.nonconforming_lot])
def test_a_lot_that_is_not_out_is_not_stopped_again(bank, stage):
    cast = Cast()
    lot = stage(cast)
    registered(cast)
    before = session.query(Hold).count()
    registered(cast)
    with transaction():
        service.record_result(
            sample_of_open(cast, lot), test="sterility", method="Culture", laboratory="Our own",
            performed_at=clock.now(), **GROWTH, by=cast.theo, at=clock.now())
    assert session.query(Hold).count() == before


def sample_of_open(cast: Cast, lot):
    """A sample, from within a transaction under way."""
    return samples.take_sample(lot.code, Stage.DRUG_PRODUCT, clock.now(), "Microbiology",
                               by=cast.theo, at=clock.now())


def test_a_late_result_of_a_culture_stops_every_lot_made_from_it(bank):
    cast = Cast()
    culture = grown_culture(cast)
    first, second = (filled_lot(cast, culture, bags=1, cells_per_bag=100_000_000),
                     filled_lot(cast, culture, bags=1, cells_per_bag=100_000_000))
    stages.released_lot(cast, first)
    stages.released_lot(cast, second)
    other = stages.released_lot(cast)
    sample = sample_of(cast, other, taken_from=culture.code, stage=Stage.IN_PROCESS)
    with transaction():
        service.record_result(sample, test="sterility", method="Automated culture, 14 days",
                              laboratory=HOSPITAL, performed_at=clock.now(), **GROWTH,
                              by=cast.theo, at=clock.now())
    assert sorted(session.scalars(sa.select(Hold.lot_id))) == sorted([first.id, second.id])
    assert session.query(Deviation).count() == 2


def test_if_the_stop_cannot_be_written_the_result_is_not_written_either(bank, monkeypatch):
    cast = Cast()
    lot = stages.conditional_lot(cast)
    entries = session.query(Entry).count()

    def broken(*_, **__):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(late, "stop_everything", broken)
    with pytest.raises(RuntimeError):
        arrive(cast, lot)
    assert session.query(Entry).count() == entries
    assert lot.standing is Standing.CONDITIONAL and covered(lot)
