"""Counting a culture, and correcting a count."""

from __future__ import annotations

import pytest

from mscbank import clock
from mscbank.cultures import service
from mscbank.database import transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, Unfit, WrongMoment
from tests.cast import Cast
from tests.stages.cultures import counted_culture, others, passaged_culture, seeded_culture


def count(culture, total, viable, by):
    with transaction():
        return service.count(culture, total, viable, "Counted twice.", by=by, at=clock.now())


def correct(culture, total, viable, by, reason="Dilution was 1:10, not 1:5."):
    with transaction():
        return service.correct_count(culture, total, viable, reason, by=by, at=clock.now())


def test_a_count_stands_and_its_viable_cells_are_left(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    assert service.cells_left(culture) == 0
    count(culture, 62_000_000, 60_000_000, cast.tessa)
    assert culture.count.viable_cells == 60_000_000
    assert service.cells_left(culture) == 60_000_000
    assert culture.ended_at is None


def test_a_culture_is_counted_once(bank):
    cast = Cast()
    culture = counted_culture(cast)
    with pytest.raises(AlreadyDone, match="correct the count"):
        count(culture, 70_000_000, 65_000_000, cast.tessa)
    assert len(culture.counts) == 1


def test_a_viability_above_100_and_counts_below_0_are_refused(bank):
    cast = Cast()
    for culture, act in ((seeded_culture(cast), count), (counted_culture(cast), correct)):
        for total, viable, field in ((100, 140, "viable_cells"), (100, -1, "viable_cells"),
                                     (0, 0, "total_cells"), (-5, -5, "total_cells")):
            with pytest.raises(Malformed) as refusal:
                act(culture, total, viable, cast.tessa)
            assert refusal.value.field == field


def test_a_count_with_no_viable_cell_is_kept_and_gives_nothing(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    count(culture, 5_000_000, 0, cast.tessa)
    assert service.doublings(culture) is None
    with pytest.raises(Malformed, match="0 viable cells left"):
        passaged_culture(cast, culture)


def test_a_discarded_culture_is_not_counted(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    with transaction():
        service.discard(culture, "Contaminated.", by=cast.tessa, at=clock.now())
    with pytest.raises(WrongMoment):
        count(culture, 100, 90, cast.tessa)


def test_a_correction_stands_beside_what_it_corrects(bank):
    cast = Cast()
    culture = counted_culture(cast)
    correct(culture, 31_000_000, 30_000_000, cast.theo)
    first, second = culture.counts
    assert (second.corrects_id, second.reason) == (first.id, "Dilution was 1:10, not 1:5.")
    assert first.viable_cells == 60_000_000
    assert culture.count == second and service.cells_left(culture) == 30_000_000
    correct(culture, 32_000_000, 31_000_000, cast.tessa)
    assert culture.counts[2].corrects_id == second.id


def test_a_correction_needs_a_count_a_reason_and_a_change(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    with pytest.raises(WrongMoment, match="count it first"):
        correct(culture, 10, 9, cast.tessa)
    count(culture, 10_000, 9_000, cast.tessa)
    with pytest.raises(Malformed):
        correct(culture, 10_000, 8_000, cast.tessa, reason=" ")
    with pytest.raises(Malformed, match="changes something"):
        correct(culture, 10_000, 9_000, cast.tessa)
    assert len(culture.counts) == 1


def test_a_correction_does_not_undo_what_was_passed_on(bank):
    cast = Cast()
    culture = counted_culture(cast)
    passaged_culture(cast, culture, seeded_cells=25_000_000)
    with pytest.raises(Unfit, match="25\u202f000\u202f000"):
        correct(culture, 25_000_000, 24_999_999, cast.tessa)
    correct(culture, 26_000_000, 25_000_000, cast.tessa)
    assert service.cells_left(culture) == 0


def test_only_a_technician_counts(bank):
    cast = Cast()
    for culture, act in ((seeded_culture(cast), count), (counted_culture(cast), correct)):
        for by in others(cast, "tessa", "theo"):
            with pytest.raises(NotAllowed):
                act(culture, 10, 9, by)
