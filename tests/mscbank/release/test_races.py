"""Quality assurance signs while a failing result arrives: no order of the two is unsafe.

Both read the record first, then start together. Either the signature finds the record changed, or
the result finds the lot released and stops it. The control shows what each of the two is for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit import chain
from mscbank.bags import service as bags
from mscbank.bags.lifecycle import RELEASED, Standing
from mscbank.bags.models import Lot
from mscbank.database import session, transaction
from mscbank.errors import RecordChanged, Unfit
from mscbank.release import rules, service
from mscbank.release.record import lot_record
from mscbank.release.stops import open_holds
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from mscbank.testing import results, samples
from mscbank.testing.models import Sample, Stage
from specs.judge import Outcome
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import EXCIPIENTS
from tests.stages.cultures import grown_culture, released_reagent
from tests.stages.kept import kept
from tests.stages.testing import (
    CONFIRMED,
    HOSPITAL,
    METHODS,
    PASSING,
    record_in_process,
    registered,
)

BATCHES, ROUNDS = 25, 20  # five hundred rounds on each database


@kept
def lots_ready(cast: Cast) -> None:
    """Lots of one culture whose every criterion passes, their trails reviewed."""
    culture, reagent, at = grown_culture(cast), released_reagent(cast), clock.now()
    registered(cast)
    made = []
    with transaction():
        for _ in range(ROUNDS):
            made.append(bags.fill(
                culture, bags=1, volume_ml=Decimal(50), cells_per_bag=9_000_000,
                excipients=EXCIPIENTS, dmso_percent=Decimal(10),
                expires_at=at + timedelta(days=365), reagents=[reagent.code], by=cast.tessa,
                at=at))
    record_in_process(cast, made[0])
    with transaction():
        for lot in made:
            sample = samples.take_sample(lot.code, Stage.DRUG_PRODUCT, at, "All tests",
                                         by=cast.theo, at=at)
            for test, outcome in PASSING.items():
                result = results.record_result(
                    sample, test, METHODS.get(test, "Flow cytometry"), HOSPITAL, at, **outcome,
                    by=cast.theo, at=at)
                if test in CONFIRMED:
                    results.confirm_result(result, by=cast.tessa, at=at)
    for lot in made:
        stages.reviewed(cast, lot)


def lots_to_certify(cast: Cast, how_many: int) -> list[Lot]:
    """So many of them."""
    lots_ready(cast)
    return list(session.scalars(sa.select(Lot).order_by(Lot.id).limit(how_many)))


def together(app: Any, *acts: Callable[[], None]) -> None:
    """Do all at the same moment, each in a thread with a session of its own."""
    barrier, faults = threading.Barrier(len(acts)), []

    def run(act: Callable[[], None]) -> None:
        with app.app_context():
            try:
                barrier.wait(timeout=60)
                act()
            except (RecordChanged, Unfit):
                pass
            except BaseException as fault:
                faults.append(fault)
            finally:
                session.remove()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    if faults:
        raise faults[0]


def race(app: Any, cast: Cast, lot: Lot, record_result: Callable[..., Any],
         seal_for: Callable[[Lot], Seal]) -> bool:
    """One round. Whether it ended unsafe: released, or not held, with a failing result that
    stands."""
    lot_id, at = lot.id, clock.now()
    sample_id = session.scalar(sa.select(sa.func.max(Sample.id)).where(Sample.lot_id == lot_id))
    read = seal_for(lot)
    session.rollback()

    def sign() -> None:
        with transaction():
            fresh = session.get_one(Lot, lot_id)
            service.certify(fresh, seal=read or seal_for(fresh), by=cast.quentin, at=at)

    def arrive() -> None:
        with transaction():
            record_result(session.get_one(Sample, sample_id), test="sterility", method="Culture",
                          laboratory=HOSPITAL, performed_at=at, word="growth", by=cast.theo, at=at)

    together(app, sign, arrive)
    session.rollback()
    ended = session.get_one(Lot, lot_id)
    fails = any(each.outcome is Outcome.FAIL for each in service.findings_of(ended))
    assert fails, "the result is always written down"
    if ended.standing is Standing.PENDING:
        return False  # the result came first, and the signature found another record
    return ended.standing is not Standing.NONCONFORMING or not open_holds(ended)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_signing_while_a_failing_result_arrives_is_never_unsafe(bank, batch):
    cast = Cast()

    def seal_for(lot: Lot) -> Seal:
        return Seal(cast.quentin.id, Meaning.CERTIFIED, chain.digest(lot_record(lot)))

    unsafe = [race(bank, cast, lot, service.record_result, seal_for)
              for lot in lots_to_certify(cast, ROUNDS)]
    assert unsafe == [False] * ROUNDS


def test_without_the_comparison_of_the_record_and_the_reaction_it_is_unsafe(
    bank, monkeypatch: pytest.MonkeyPatch,
):
    """The control: a verdict read earlier, a signature over whatever stands, a result that only
    is written down. If this were safe, the test above would prove nothing."""
    cast = Cast()
    monkeypatch.setitem(service.FITS, "certify", lambda findings: None)
    monkeypatch.setattr(rules, "trail_reviewed", lambda unread: None)

    def whatever_stands(lot: Lot) -> Seal | None:
        if "open" not in session.info:
            return None
        return Seal(cast.quentin.id, Meaning.CERTIFIED, chain.digest(lot_record(lot)))

    unsafe = [race(bank, cast, lot, results.record_result, whatever_stands)
              for lot in lots_to_certify(cast, 5)]
    assert all(unsafe)


def test_an_entry_between_review_and_signing_is_caught_even_if_nothing_else_looks(
    bank, monkeypatch: pytest.MonkeyPatch,
):
    """The control once more, with the review of the trail left standing: a result that is only
    written down before the signature stops it, because nobody has read its entry."""
    cast = Cast()
    monkeypatch.setitem(service.FITS, "certify", lambda findings: None)
    for lot in lots_to_certify(cast, 3):
        sample = session.query(Sample).filter_by(lot_id=lot.id).order_by(Sample.id.desc()).first()
        with transaction():
            results.record_result(sample, test="sterility", method="Culture", laboratory=HOSPITAL,
                                  performed_at=clock.now(), word="growth", by=cast.theo,
                                  at=clock.now())
        whatever_stands = Seal(cast.quentin.id, Meaning.CERTIFIED, chain.digest(lot_record(lot)))
        with pytest.raises(Unfit, match="1 of the trail's entries.*record result"), transaction():
            service.certify(lot, seal=whatever_stands, by=cast.quentin, at=clock.now())
        assert lot.standing not in RELEASED
