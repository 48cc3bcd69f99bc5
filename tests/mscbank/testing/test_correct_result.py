"""Correcting and confirming a result."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, SamePerson, WrongMoment
from mscbank.testing import results, service
from mscbank.testing.models import Result
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.testing import result_of, sample_of

PER_CENT = {"value": Decimal("94.1"), "unit": "%"}


def correct(cast: Cast, result: Result, by: str = "theo", reason: str = "Read wrongly.",
            **outcome) -> Result:
    with transaction():
        return results.correct_result(result, reason, **(outcome or PER_CENT),
                                      by=getattr(cast, by), at=clock.now())


def confirm(cast: Cast, result: Result, by: str = "tessa") -> Result:
    with transaction():
        return results.confirm_result(result, by=getattr(cast, by), at=clock.now())


def test_a_correction_stands_and_the_corrected_result_stays(bank):
    cast = Cast()
    lot = filled_lot(cast)
    first = result_of(cast, sample_of(cast, lot), "viability")
    second = correct(cast, first)
    assert (second.corrects_id, second.reason) == (first.id, "Read wrongly.")
    assert (second.method, second.performed_at) == (first.method, first.performed_at)
    assert service.standing_results(lot) == [second]
    assert service.results_about(lot) == [first, second]
    assert first.value == Decimal("96.5")


def test_a_pending_result_arrives_as_a_correction(bank):
    cast = Cast()
    lot = filled_lot(cast)
    pending = result_of(cast, sample_of(cast, lot), "sterility", pending=True)
    arrived = correct(cast, pending, reason="Result arrived.", word="no growth")
    assert [row.word for row in service.standing_results(lot)] == ["no growth"]
    assert not arrived.pending


def test_a_corrected_result_is_not_corrected_again_nor_confirmed(bank):
    cast = Cast()
    first = result_of(cast, sample_of(cast, filled_lot(cast)), "viability")
    correct(cast, first)
    with pytest.raises(AlreadyDone, match="it is the correction"):
        correct(cast, first)
    with pytest.raises(AlreadyDone, match="it is the correction"):
        confirm(cast, first)


def test_a_correction_that_cannot_be_is_refused(bank):
    cast = Cast()
    first = result_of(cast, sample_of(cast, filled_lot(cast)), "viability")
    for outcome, reason in (({"value": Decimal(140), "unit": "%"}, "Read wrongly."),
                            ({"word": "fine"}, "Read wrongly."), (PER_CENT, "  ")):
        with pytest.raises(Malformed):
            correct(cast, first, reason=reason, **outcome)
    with pytest.raises(NotAllowed):
        correct(cast, first, by="quentin")
    assert session.query(Result).count() == 1


def test_a_result_is_confirmed_once_by_another_person(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    result = result_of(cast, sample, "viability")
    with pytest.raises(SamePerson):
        confirm(cast, result, by="theo")
    with pytest.raises(NotAllowed):
        confirm(cast, result, by="paula")
    confirm(cast, result, by="quentin")
    assert (result.confirmed_by_id, result.confirmed_at) == (cast.quentin.id, clock.now())
    with pytest.raises(AlreadyDone):
        confirm(cast, result)
    with pytest.raises(WrongMoment, match="pending"):
        confirm(cast, result_of(cast, sample, "sterility", pending=True))


def test_a_correction_begins_unconfirmed(bank):
    cast = Cast()
    first = result_of(cast, sample_of(cast, filled_lot(cast)), "viability")
    confirm(cast, first)
    assert correct(cast, first).confirmed_by_id is None
