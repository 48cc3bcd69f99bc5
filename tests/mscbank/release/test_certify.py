"""Certifying a lot: every criterion passes, and one who took no part signs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.bags.lifecycle import Standing
from mscbank.cultures import reagents
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    RecordChanged,
    Refused,
    Unfit,
    WrongMoment,
)
from mscbank.release import service, stops
from mscbank.release.models import Decision, Severity
from mscbank.release.record import covered, lot_record, reagents_of
from mscbank.signatures.meanings import Meaning
from specs.judge import Outcome
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.deviations import close, investigate
from tests.stages.testing import (
    IN_PROCESS,
    PASSING,
    confirm,
    record_all,
    record_in_process,
    result_of,
    sample_of,
)


def test_a_lot_that_passes_is_certified_with_what_was_judged(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
    decision = stages.certify(cast, lot)
    assert lot.standing is Standing.CERTIFIED
    assert covered(lot)
    assert decision.signature.meaning is Meaning.CERTIFIED
    assert {finding["test"]: finding["outcome"] for finding in decision.findings}["cd90"] == "pass"
    with pytest.raises(AlreadyDone, match="certified already"):
        stages.certify(cast, lot)
    for act in (stages.release_conditionally, stages.reject):
        with pytest.raises(WrongMoment):
            act(cast, lot)


@pytest.mark.parametrize(("pending", "but", "names"), [
    ((), {"viability": {"value": Decimal("69.9"), "unit": "%"}}, "Viability 69.9 %"),
    (("sterility",), {}, "Sterility: the result is awaited"),
    ((), {"karyotype": {"word": "47,XY,+5"}}, "Karyotype 47,XY"),
])
def test_a_lot_that_does_not_pass_is_not_certified_and_hears_why(bank, pending, but, names):
    cast = Cast()
    lot = filled_lot(cast)
    record_all(cast, lot, pending=pending, but=but)
    with pytest.raises(Unfit) as refusal:
        stages.certify(cast, lot)
    assert names in refusal.value.sentence
    assert lot.standing is Standing.PENDING
    assert session.query(Decision).count() == 0


def test_silence_is_never_a_pass(bank):
    cast = Cast()
    lot = filled_lot(cast)
    with pytest.raises(Unfit) as refusal:
        stages.certify(cast, lot)
    assert set(refusal.value.reasons) == {
        f"{test} {Outcome.MISSING}" for test in (*PASSING, *IN_PROCESS) if test != "hla_dr"}


def test_a_result_that_needs_a_second_person_waits_for_one(bank):
    cast = Cast()
    lot = filled_lot(cast)
    record_in_process(cast, lot)
    sample = sample_of(cast, lot)
    results = {test: result_of(cast, sample, test) for test in PASSING}
    for test in ("viability", "gram_stain", "sterility"):
        confirm(cast, results[test])
    with pytest.raises(Unfit, match="Karyotype.*second person"):
        stages.certify(cast, lot)
    confirm(cast, results["karyotype"])
    assert stages.certify(cast, lot).standing is Standing.CERTIFIED


def test_a_signature_over_another_record_meaning_or_by_another_person_is_refused(bank):
    cast = Cast()
    lot = stages.reviewed(cast, stages.tested_lot(cast))
    over = lot_record(lot)
    for seal, error in (
        (None, Refused),
        (stages.seal_of(cast.quynh, Meaning.CERTIFIED, over), Refused),
        (stages.seal_of(cast.quentin, Meaning.REJECTED, over), Refused),
        (stages.seal_of(cast.quentin, Meaning.CERTIFIED, over | {"bags": []}), RecordChanged),
    ):
        with pytest.raises(error), transaction():
            service.certify(lot, seal=seal, by=cast.quentin, at=clock.now())
    assert lot.standing is Standing.PENDING
    assert session.query(Decision).count() == 0


def test_what_is_held_or_open_or_blocked_is_not_released(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
    with transaction():
        hold = stops.hold_lot(lot, "Incubator alarm.", by=cast.tessa, at=clock.now())
        deviation = stops.open_deviation(lot.harvest.code, Severity.MAJOR, "Bag was warm.",
                                         by=cast.tessa, at=clock.now())
        stops.open_deviation(lot.code, Severity.MINOR, "A late note.", by=cast.tessa,
                             at=clock.now())
    with pytest.raises(Unfit, match="Incubator alarm"):
        stages.certify(cast, lot)
    seal = stages.seal_of(cast.quentin, Meaning.HOLD_LIFTED, stops.hold_record(hold, "Tested."))
    with transaction():
        stops.lift_hold(hold, "Tested.", seal=seal, by=cast.quentin, at=clock.now())
    with pytest.raises(Unfit, match=deviation.number):
        stages.certify(cast, lot)
    close(cast, investigate(cast, deviation))
    with transaction():
        used = reagents_of(lot)[0]
        reagents.block_reagent(used, "Recalled by its maker.", by=cast.tessa, at=clock.now())
    with pytest.raises(Unfit, match=used.lot_number):
        stages.certify(cast, lot)
    stages.reject(cast, lot)
    assert lot.standing is Standing.REJECTED
