"""What the judge is told of a lot beside its results, and the sheet a lot is held against."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm.attributes import set_committed_value

from mscbank import clock
from mscbank.bags.models import Lot
from mscbank.cultures import service as cultures
from mscbank.database import transaction
from mscbank.release.verdict import findings_of
from mscbank.testing.judging import derived_results, largest_dose
from mscbank.testing.models import Qualifier, Stage
from specs.endotoxin import Dose
from specs.judge import Outcome
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.cultures import count, counted_culture, passaged_culture
from tests.stages.testing import record_all, result_of, sample_of

D = Decimal
NEW_YEARS_EVE = datetime(2025, 12, 30, 9, tzinfo=UTC)


def said(lot: Lot, key: str, stage: str = Stage.DRUG_PRODUCT):
    """What the judge says of one criterion."""
    return next(each for each in findings_of(lot) if (each.key, each.stage) == (key, stage))


def test_the_largest_dose_is_the_allocated_one_and_the_tolerance_of_the_order(bank):
    lot = filled_lot(Cast())
    assert lot.harvest.donor.recipient.allocation.dose_per_kg == 1_000_000
    assert largest_dose(lot) == Dose(D(1_100_000), D(50), D(70_000_000))


def test_before_the_allocation_it_is_the_highest_of_the_protocol(bank):
    lot = filled_lot(Cast())
    set_committed_value(lot.harvest.donor.recipient, "allocated", None)
    assert largest_dose(lot).cells_per_kg == 3_300_000


def test_the_weakest_bag_counts(bank):
    lot = filled_lot(Cast())
    set_committed_value(lot.bags[1], "viable_cells", 35_000_000)
    assert largest_dose(lot).bag_cells == 35_000_000


@pytest.mark.parametrize(("value", "qualifier", "outcome"), [
    ("0.05", Qualifier.BELOW, Outcome.PASS),
    ("1.59", Qualifier.EXACT, Outcome.PASS),
    ("1.60", Qualifier.EXACT, Outcome.FAIL),  # 1.6 x 1.1e6 x 50 / 70e6 / 0.25 = 5.03 EU/kg/h
    ("5", Qualifier.EXACT, Outcome.FAIL),
    ("0.05", Qualifier.ABOVE, Outcome.FAIL),
])
def test_endotoxin_per_ml_is_judged_for_the_dose_of_the_lot(bank, value, qualifier, outcome):
    cast = Cast()
    lot = filled_lot(cast)
    result_of(cast, sample_of(cast, lot), "endotoxin", value=D(value), unit="EU/mL",
              qualifier=qualifier)
    finding = said(lot, "endotoxin")
    assert finding.outcome is outcome
    assert " EU/mL x 1100000 cells/kg x 50 mL / 70000000 cells / 0.25 h = " in finding.sentence


def test_the_fullest_a_culture_ever_was_is_told_from_its_notes(bank):
    cast = Cast()
    first = counted_culture(cast)
    second = passaged_culture(cast, first)
    for culture_seen in (60, 93, 80):
        with transaction():
            cultures.observe(second, culture_seen, by=cast.tessa, at=clock.now())
    lot = filled_lot(cast, count(cast, second, 260_000_000, 250_000_000))
    finding = said(lot, "confluence", Stage.IN_PROCESS)
    assert (finding.outcome, finding.sentence) == (
        Outcome.INFORMATIVE,
        "Highest confluence 93 % is not at most 90 % (informative: it does not decide)")


def test_without_notes_the_confluence_is_not_made_up(bank):
    lot = filled_lot(Cast())
    assert [each.key for each in derived_results(lot)] == ["passage"]
    assert said(lot, "confluence", Stage.IN_PROCESS).sentence == (
        "Highest confluence: no result at in process (informative: it does not decide)")


def test_a_lot_keeps_the_specification_of_the_day_it_was_filled(bank):
    with clock.pinned(NEW_YEARS_EVE):
        cast = Cast()
        lot = filled_lot(cast)
    assert lot.specification == "bm-msc-1"
    with clock.pinned(NEW_YEARS_EVE + timedelta(days=400)):
        assert len(findings_of(lot)) == 14
        assert {each.stage for each in findings_of(lot)} == {
            Stage.DRUG_SUBSTANCE, Stage.DRUG_PRODUCT, Stage.POST_THAW}
        assert said(lot, "endotoxin").criterion.reported_unit == "EU/kg/h"


def test_a_result_on_the_way_counts_for_the_lot_and_is_not_the_one_of_the_product(bank):
    cast = Cast()
    lot = filled_lot(cast)
    record_all(cast, lot, pending=("sterility",))
    assert said(lot, "sterility", Stage.IN_PROCESS).outcome is Outcome.PASS
    assert said(lot, "sterility").outcome is Outcome.PENDING
