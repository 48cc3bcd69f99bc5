"""Decisions on a lot: each tried when it works, at the wrong moment, by the wrong person, again."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.bags.lifecycle import LOT_STANDING, Standing
from mscbank.cultures import reagents
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    RecordChanged,
    Refused,
    SamePerson,
    Unfit,
    WrongMoment,
)
from mscbank.permissions import Actor, Role
from mscbank.release import rules, service, stops
from mscbank.release.models import Decision, Deviation, Hold, Severity
from mscbank.release.record import covered, lot_record, reagents_of
from mscbank.signatures.meanings import Meaning
from mscbank.testing.service import confirm_result, standing_results
from specs.judge import Outcome
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.testing import PASSING, confirm, record_all, result_of, sample_of


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
        f"{test} {Outcome.MISSING}" for test in PASSING if test != "hla_dr"}


def test_a_result_that_needs_a_second_person_waits_for_one(bank):
    cast = Cast()
    lot = filled_lot(cast)
    sample = sample_of(cast, lot)
    results = {test: result_of(cast, sample, test) for test in PASSING}
    for test in ("viability", "gram_stain", "sterility"):
        confirm(cast, results[test])
    with pytest.raises(Unfit, match="Karyotype.*second person"):
        stages.certify(cast, lot)
    confirm(cast, results["karyotype"])
    assert stages.certify(cast, lot).standing is Standing.CERTIFIED


def test_a_lot_goes_out_conditionally_while_what_may_wait_is_awaited(bank):
    cast = Cast()
    lot = stages.conditional_lot(cast)
    assert lot.standing is Standing.CONDITIONAL and covered(lot)
    with pytest.raises(AlreadyDone):
        stages.release_conditionally(cast, lot)
    nothing_awaited = stages.tested_lot(cast)
    with pytest.raises(Unfit, match="Nothing is awaited"):
        stages.release_conditionally(cast, nothing_awaited)
    waits_for_identity = filled_lot(cast)
    record_all(cast, waits_for_identity, pending=("cd90",))
    with pytest.raises(Unfit, match="CD90"):
        stages.release_conditionally(cast, waits_for_identity)


def test_a_conditional_lot_is_certified_when_all_has_arrived(bank):
    cast = Cast()
    lot = stages.conditional_lot(cast)
    awaited = [row for row in standing_results(lot) if row.pending]
    for row in awaited:
        with transaction():
            arrived = service.correct_result(row, "Result arrived.", **PASSING[row.test],
                                             by=cast.theo, at=clock.now())
        confirm(cast, arrived)
        assert not covered(lot), "what arrives must be read before more bags go out"
    assert stages.certify(cast, lot).standing is Standing.CERTIFIED
    assert covered(lot)


def both(cast: Cast, username: str, role: Role) -> Actor:
    """The same person with a second role, as in a small bank."""
    person = getattr(cast, username)
    return Actor(person.id, person.username, person.code, person.name,
                 person.roles | {role}, "test")


@pytest.mark.parametrize("username", ["theo", "tessa", "quynh"])
def test_nobody_decides_on_results_they_recorded_or_confirmed(bank, username):
    cast = Cast()
    lot = stages.tested_lot(cast)
    with transaction():
        confirm_result(next(result for result in standing_results(lot) if result.test == "cd34"),
                       by=cast.quynh, at=clock.now())
    person = both(cast, username, Role.QUALITY)
    with pytest.raises(SamePerson, match="another person must decide"):
        stages.certify(cast, lot, by=person)
    cast.quentin = person
    with pytest.raises(SamePerson):
        stages.reject(cast, lot)
    assert lot.standing is Standing.PENDING


@pytest.mark.parametrize("username", ["tessa", "paula", "nadia", "carole", "adam"])
def test_only_quality_assurance_decides(bank, username):
    cast = Cast()
    lot = stages.tested_lot(cast)
    cast.quentin = getattr(cast, username)
    for act in (stages.certify, stages.reject):
        with pytest.raises(NotAllowed):
            act(cast, lot)


def test_a_signature_over_another_record_meaning_or_by_another_person_is_refused(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
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
    seal = stages.seal_of(cast.quentin, Meaning.DEVIATION_CLOSED,
                          stops.deviation_record(deviation, "No effect."))
    with transaction():
        stops.close_deviation(deviation, "No effect.", seal=seal, by=cast.quentin, at=clock.now())
        used = reagents_of(lot)[0]
        reagents.block_reagent(used, "Recalled by its maker.", by=cast.tessa, at=clock.now())
    with pytest.raises(Unfit, match=used.lot_number):
        stages.certify(cast, lot)
    stages.reject(cast, lot)
    assert lot.standing is Standing.REJECTED


def test_an_exceptional_release_answers_a_request_over_the_same_record(bank):
    cast = Cast()
    lot = stages.lot_out_of_limit(cast)
    with pytest.raises(Unfit, match="No physician has requested"):
        stages.release_exceptionally(cast, lot)
    stages.request_exception(cast, lot)
    with pytest.raises(AlreadyDone):
        stages.request_exception(cast, lot)
    result_of(cast, sample_of(cast, lot), "cd45", value=Decimal("1.9"), unit="%")
    with pytest.raises(Unfit, match="changed after the physician's request"):
        stages.release_exceptionally(cast, lot)
    stages.request_exception(cast, lot, "Still needed.")
    stages.release_exceptionally(cast, lot)
    assert lot.standing is Standing.EXCEPTIONAL and covered(lot)


def test_an_exception_is_asked_for_by_a_physician_for_a_lot_that_needs_one(bank):
    cast = Cast()
    good = stages.tested_lot(cast)
    with pytest.raises(Unfit, match="needs no exception"):
        stages.request_exception(cast, good)
    with pytest.raises(Unfit, match="needs no exception"):
        stages.release_exceptionally(cast, good)
    stages.reject(cast, good)
    with pytest.raises(WrongMoment):
        stages.request_exception(cast, good)
    bad = stages.lot_out_of_limit(cast)
    with pytest.raises(Malformed):
        stages.request_exception(cast, bad, "  ")
    paula, cast.paula = cast.paula, cast.quentin
    with pytest.raises(NotAllowed):
        stages.request_exception(cast, bad)
    cast.paula = paula
    stages.request_exception(cast, bad)
    cast.quentin = both(cast, "paula", Role.QUALITY)
    with pytest.raises(SamePerson, match="requested this exception"):
        stages.release_exceptionally(cast, bad)


def test_a_rejected_lot_has_no_way_back(bank):
    cast = Cast()
    lot = stages.rejected_lot(cast)
    for act in (stages.certify, stages.release_conditionally, stages.release_exceptionally,
                stages.reject, stages.declare_nonconforming):
        with pytest.raises(WrongMoment):
            act(cast, lot)
    with pytest.raises(WrongMoment):
        stages.request_exception(cast, lot)


def test_a_reason_is_given_in_words(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
    with pytest.raises(Malformed):
        stages.reject(cast, lot, " ")


def test_a_recall_holds_the_lot_and_tells_where_every_bag_is(bank):
    cast = Cast()
    lot = stages.nonconforming_lot(cast)
    assert lot.standing is Standing.NONCONFORMING
    assert covered(lot), "what the recall itself opened does not undo its signature"
    assert session.scalars(sa.select(Hold.lot_id)).all() == [lot.id]
    deviation = session.scalars(sa.select(Deviation)).one()
    assert (deviation.about, deviation.severity) == (lot.code, Severity.CRITICAL)
    alerts = session.scalars(sa.select(Alert).order_by(Alert.id)).all()
    assert [alert.role for alert in alerts] == [Role.PHYSICIAN, Role.QUALITY]
    for alert in alerts:
        assert "filled: 1-2" in alert.sentence
        assert f"Recipient {lot.harvest.donor.recipient.number}" in alert.sentence
        assert deviation.number in alert.sentence
    with pytest.raises(WrongMoment):
        stages.declare_nonconforming(cast, lot)


def test_a_release_that_no_longer_covers_is_renewed_by_the_same_act(bank):
    cast = Cast()
    certified, conditional, exceptional = (
        stages.released_lot(cast), stages.conditional_lot(cast), stages.exceptional_lot(cast))
    for lot, renew in ((certified, stages.certify),
                       (conditional, stages.release_conditionally)):
        standing = lot.standing
        result_of(cast, sample_of(cast, lot), "cd90")
        assert not covered(lot)
        renew(cast, lot)
        assert covered(lot) and lot.standing is standing
    result_of(cast, sample_of(cast, exceptional), "cd90")
    with pytest.raises(Unfit, match="changed after the physician's request"):
        stages.release_exceptionally(cast, exceptional)
    stages.request_exception(cast, exceptional)
    assert not covered(exceptional), "asking is not releasing"
    stages.release_exceptionally(cast, exceptional)
    assert covered(exceptional)


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("enters", [row.enters for row in LOT_STANDING])
def test_only_a_released_standing_is_renewed(standing, enters):
    released = {Standing.CONDITIONAL, Standing.CERTIFIED, Standing.EXCEPTIONAL}
    assert rules.renewable(standing, enters, False) is (standing == enters and enters in released)


@pytest.mark.parametrize(("bags", "words"), [
    ([], ""), ([(1, "stored")], "stored: 1"),
    ([(1, "stored"), (2, "stored"), (3, "infused"), (5, "stored")], "infused: 3; stored: 1-2, 5"),
])
def test_bags_are_listed_by_place(bags, words):
    assert rules.places_in_words(bags) == words
