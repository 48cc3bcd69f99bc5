"""The verdict over the real record: every reason reached by acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from labels import housecode
from mscbank import clock
from mscbank.bags import service as bags
from mscbank.custody import service as custody
from mscbank.database import transaction
from mscbank.infusions import facts, service
from mscbank.infusions.facts import judge
from mscbank.infusions.findings import Reason, Word
from mscbank.labelling import service as labelling
from mscbank.recipients import service as recipients
from mscbank.release import stops
from tests.cast import Cast
from tests.conftest import START
from tests.stages.bags import frozen_lot
from tests.stages.custody import open_excursion, thaw
from tests.stages.infusions import Bedside, bedside, finished, started
from tests.stages.labelling import label_text, reprinted
from tests.stages.recipients import allocated_recipient, weigh, wristband
from tests.stages.release import (
    conditional_lot,
    declare_nonconforming,
    exceptional_lot,
    released_lot,
)


def reasons(beside: Bedside, **how: Any) -> set[Reason]:
    return {finding.reason for finding in beside.judge(**how).findings}


def test_a_bag_of_a_certified_lot_may_be_infused(bank) -> None:
    beside = bedside(Cast())
    judged = beside.judge()
    assert (judged.word, judged.findings) == (Word.GO, ())


@pytest.mark.parametrize("lot", [conditional_lot, exceptional_lot])
def test_so_may_one_released_conditionally_or_exceptionally(bank, lot: Callable) -> None:
    cast = Cast()
    assert bedside(cast, lot(cast)).judge().word == Word.GO


def test_a_frozen_bag_is_thawed_first(bank) -> None:
    cast = Cast()
    beside = bedside(cast, released_lot(cast, frozen_lot(cast)))
    assert reasons(beside) == {Reason.NOT_THAWED}
    thaw(cast, beside.bag)
    assert reasons(beside) == set()


def test_after_thawing_it_has_so_many_minutes(bank) -> None:
    cast = Cast()
    beside = bedside(cast, released_lot(cast, frozen_lot(cast)))
    thaw(cast, beside.bag)
    over = beside.bag.thaw_expires_at
    with clock.pinned(over - timedelta(microseconds=1)):
        assert reasons(beside) == set()
    with clock.pinned(over):
        assert reasons(beside) == {Reason.THAW_TIME_OVER}


def test_at_the_moment_of_its_expiry_it_is_over(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    with clock.pinned(beside.bag.expires_at - timedelta(microseconds=1)):
        weigh(cast, beside.recipient)
        assert reasons(beside) == set()
    with clock.pinned(beside.bag.expires_at):
        assert reasons(beside) == {Reason.EXPIRED}


def test_a_clock_set_back_revives_no_bag(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    with clock.pinned(beside.bag.expires_at):
        weigh(cast, beside.recipient)
    with clock.pinned(START):
        assert Reason.EXPIRED in reasons(beside)


def test_another_persons_wristband_is_the_wrong_recipient(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    other = allocated_recipient(cast, name="Rose Petit")
    weigh(cast, other)
    band = wristband(cast, other)
    judged = beside.judge(band.code)
    assert judged.word == Word.STOP
    assert {finding.reason for finding in judged.findings} == {Reason.WRONG_RECIPIENT}
    assert "R-001" in judged.findings[0].sentence and "R-002" in judged.findings[0].sentence


def _replaced_band(cast: Cast, beside: Bedside) -> None:
    wristband(cast, beside.recipient)


def _withdrawn(cast: Cast, beside: Bedside) -> None:
    with transaction():
        recipients.withdraw(beside.recipient, "No more.", by=cast.carole, at=clock.now())


def _cancelled(cast: Cast, beside: Bedside) -> None:
    with transaction():
        service.cancel_order(beside.order, "Fever.", by=cast.paula, at=clock.now())


def _lighter(cast: Cast, beside: Bedside) -> None:
    with clock.pinned(clock.now() + timedelta(hours=1)):
        weigh(cast, beside.recipient, Decimal(60))


def _held_bag(cast: Cast, beside: Bedside) -> None:
    with transaction():
        stops.hold_bag(beside.bag, "A crack.", by=cast.tessa, at=clock.now())


def _held_lot(cast: Cast, beside: Bedside) -> None:
    with transaction():
        stops.hold_lot(beside.bag.lot, "A question.", by=cast.tessa, at=clock.now())


def _recalled(cast: Cast, beside: Bedside) -> None:
    declare_nonconforming(cast, beside.bag.lot)


def _too_warm(cast: Cast, beside: Bedside) -> None:
    open_excursion(cast, beside.bag.journeys[-1])


def _destroyed(cast: Cast, beside: Bedside) -> None:
    with transaction():
        bags.destroy(beside.bag, "It leaks.", by=cast.tessa, at=clock.now())


def _returned(cast: Cast, beside: Bedside) -> None:
    with transaction():
        custody.return_bag(beside.bag, "Put off.", by=cast.nadia, at=clock.now())


def _reprinted(cast: Cast, beside: Bedside) -> None:
    reprinted(cast, beside.bag)


def _deviation(cast: Cast, beside: Bedside) -> None:
    with transaction():
        stops.open_deviation(beside.bag.lot.harvest.code, stops.Severity.MAJOR, "It was late.",
                             by=cast.tessa, at=clock.now())


ON_THE_WAY: list[tuple[Callable[[Cast, Bedside], None], set[Reason]]] = [
    (_replaced_band, {Reason.WRISTBAND_ENDED}), (_withdrawn, {Reason.CONSENT_WITHDRAWN}),
    (_cancelled, {Reason.ORDER_CANCELLED}), (_lighter, {Reason.DOSE_OUTSIDE}),
    (_held_bag, {Reason.HELD}), (_held_lot, {Reason.HELD, Reason.NOT_COVERED}),
    (_recalled, {Reason.RECALLED, Reason.HELD}), (_too_warm, {Reason.EXCURSION}),
    (_destroyed, {Reason.CUSTODY_GAP}), (_returned, {Reason.CUSTODY_GAP}),
    (_reprinted, {Reason.LABEL}), (_deviation, {Reason.NOT_COVERED}),
]


@pytest.mark.parametrize("what, expected", ON_THE_WAY)
def test_what_happens_on_the_way_stops_it(bank, what: Callable, expected: set[Reason]) -> None:
    cast = Cast()
    beside = bedside(cast)
    what(cast, beside)
    judged = beside.judge()
    assert {finding.reason for finding in judged.findings} == expected
    assert judged.word == Word.STOP


def test_every_reason_is_named_at_once(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    for happens in (_replaced_band, _held_bag, _too_warm, _cancelled, _withdrawn):
        happens(cast, beside)
    assert reasons(beside) == {
        Reason.WRISTBAND_ENDED, Reason.HELD, Reason.EXCURSION, Reason.ORDER_CANCELLED,
        Reason.CONSENT_WITHDRAWN}


def test_without_an_order_it_is_not_ordered(bank) -> None:
    assert reasons(bedside(Cast(), ordered=False)) == {Reason.NOT_ORDERED}


def test_a_weight_older_than_seven_days_is_too_old(bank) -> None:
    beside = bedside(Cast())
    with clock.pinned(START + timedelta(days=7)):
        assert reasons(beside) == set()
    with clock.pinned(START + timedelta(days=7, seconds=1)):
        assert reasons(beside) == {Reason.WEIGHT_TOO_OLD}


def test_the_label_that_was_replaced_is_no_good(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    old = label_text(beside.bag)
    reprinted(cast, beside.bag)
    with transaction():
        labelling.apply_label(beside.bag, label_text(beside.bag), by=cast.tessa, at=clock.now())
    assert reasons(beside) == set()
    replaced = judge(old, beside.band.code, clock.now())
    assert {finding.reason for finding in replaced.findings} == {Reason.LABEL}


def test_the_bags_own_code_may_be_typed_where_the_label_is_damaged(bank) -> None:
    beside = bedside(Cast())
    typed = housecode.format(beside.bag.code).lower()
    assert judge(typed, beside.band.code, clock.now()).word == Word.GO


def test_a_started_bag_is_already_done(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    started(cast, beside)
    assert beside.judge().word == Word.ALREADY_DONE


def test_a_bag_given_to_one_is_a_stop_beside_another(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    finished(cast, beside)
    other = allocated_recipient(cast, name="Rose Petit")
    assert beside.judge(wristband(cast, other).code).word == Word.STOP


@pytest.mark.parametrize("way", ["read", "covered"])
def test_an_error_on_the_way_is_not_knowing(bank, monkeypatch, way: str) -> None:
    cast = Cast()
    one = bedside(cast)
    _deviation(cast, one)  # so that the whole record is read and compared too

    def broken(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("the disk is gone"))

    monkeypatch.setattr(facts, way, broken)
    judged = one.judge()
    assert judged.word == Word.CANNOT_TELL
    assert [finding.reason for finding in judged.findings] == [Reason.CANNOT_TELL]
