"""Places in the ladder of cohorts, the trial's pause, and amendments of the protocol."""

from datetime import timedelta
from decimal import Decimal
from importlib.resources import files

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit import chain
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    Refused,
    SamePerson,
    Unfit,
    WrongMoment,
)
from mscbank.infusions import places
from mscbank.infusions import service as infusions
from mscbank.recipients import ladder, service
from mscbank.recipients.models import Allocation, Recipient
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from specs import shelf
from tests.cast import Cast
from tests.conftest import START
from tests.specs.shelves import put
from tests.stages.infusions import bedside, checked, finished, order, second_bag, started
from tests.stages.recipients import (
    SHEET,
    allocated_recipient,
    assess,
    assessed_recipient,
    consenting_recipient,
    today,
    weigh,
)

TRIAL = "nct02213705"


@pytest.fixture
def cast(bank):
    return Cast()


def allocate(cast, recipient):
    with transaction():
        return service.allocate(recipient, by=cast.paula, at=clock.now())


def pause(cast, why="Two of the first three had fever."):
    with transaction():
        return ladder.pause_trial(f"{TRIAL}-2", why, by=cast.quentin, at=clock.now())


def resume(cast, paused, *, by=None, met_on=None, decision="Minutes 7: the trial goes on."):
    by = by or cast.carole
    met_on = met_on or today()
    seal = Seal(by.id, Meaning.TRIAL_RESUMED,
                chain.digest(ladder.resume_record(paused, met_on, decision)))
    with transaction():
        return ladder.resume(paused, met_on, decision, seal=seal, by=by, at=clock.now())


def start(cast, beside, go):
    with transaction():
        return infusions.start(beside.bag, go.token, by=cast.nadia, at=clock.now())


def give_up(cast, recipient, reason="Pregnant; not treated."):
    with transaction():
        return places.give_up_place(recipient, reason, by=cast.paula, at=clock.now())


# Places

def test_places_are_given_in_order_and_once(cast):
    first, second = assessed_recipient(cast), assessed_recipient(cast)
    assert [allocate(cast, each).number for each in (first, second)] == [1, 2]
    assert (first.allocation.cohort, first.allocation.dose_per_kg) == (1, 1_000_000)
    with pytest.raises(AlreadyDone, match="place 1"):
        allocate(cast, first)


def test_the_ladder_goes_from_cohort_to_cohort_and_ends(cast):
    def next_place():
        return allocate(cast, assessed_recipient(cast))

    found = [next_place() for _ in range(20)]
    assert [each.number for each in found] == list(range(1, 21))
    assert [each.cohort for each in found] == [1] * 10 + [2] * 10
    assert {each.dose_per_kg for each in found[10:]} == {3_000_000}
    with pytest.raises(Unfit, match=r"All places .* \(20\)"):
        next_place()


def test_who_leaves_before_the_infusion_is_replaced_at_the_same_place(cast):
    first, second = allocated_recipient(cast), allocated_recipient(cast)
    give_up(cast, first)
    assert first.allocation is None and first.allocated.given_up_why == "Pregnant; not treated."
    third = allocated_recipient(cast)
    assert (third.allocation.number, second.allocation.number) == (1, 2)
    with pytest.raises(AlreadyDone, match="has place 1"):
        allocate(cast, first)
    with pytest.raises(WrongMoment, match="no place"):
        give_up(cast, first)


def test_where_nobody_is_replaced_the_place_stays_empty(cast, tmp_path):
    text = (files("specs") / f"protocols/{TRIAL}-2.toml").read_text()
    put(tmp_path, "protocols", "strict-2", text.replace(f'name = "{TRIAL}"', 'name = "strict"')
        .replace("replace_not_infused = { is = true", "replace_not_infused = { is = false"))
    with shelf.beside(tmp_path):
        give_up(cast, allocated_recipient(cast, protocol="strict-2"))
        assert allocated_recipient(cast, protocol="strict-2").allocation.number == 2


def test_who_was_infused_or_is_ordered_for_keeps_the_place(cast):
    beside = bedside(cast)
    with pytest.raises(WrongMoment, match="cancel it first"):
        give_up(cast, beside.recipient)
    finished(cast, beside)
    with pytest.raises(WrongMoment, match="was infused"):
        give_up(cast, beside.recipient)
    with pytest.raises(Exception, match="keeps the place"), transaction():
        session.execute(sa.text("UPDATE allocation SET given_up_at = '2026-03-02 09:00:00+00',"
                                " given_up_why = 'x', entry = (SELECT sequence + 1 FROM"
                                " audit_head)"))


def test_one_place_holds_one_person(cast):
    held = allocated_recipient(cast).allocation
    other = assessed_recipient(cast)
    with pytest.raises(sa.exc.IntegrityError), transaction():
        session.add(Allocation(
            recipient_id=other.id, trial=held.trial, protocol=held.protocol, number=held.number,
            cohort=1, dose_per_kg=1_000_000, recorded_by_id=cast.paula.id,
            recorded_at=clock.now()))
        session.flush()


# Pause

def test_nobody_new_gets_a_place_or_an_order_while_the_trial_is_paused(cast):
    beside, waiting = bedside(cast, ordered=False), assessed_recipient(cast)
    paused = pause(cast)
    for refused in (lambda: allocate(cast, waiting),
                    lambda: order(cast, beside.recipient, beside.bag)):
        with pytest.raises(WrongMoment, match="NCT02213705 is paused since 02 MAR 2026"):
            refused()
    resume(cast, paused)
    assert allocate(cast, waiting).number == 2
    assert order(cast, beside.recipient, beside.bag).target_cells == 70_000_000


def test_no_first_bag_starts_while_the_trial_is_paused(cast):
    beside = bedside(cast)
    go = checked(cast, beside)
    assert go.check.verdict == "go"
    paused = pause(cast)
    with pytest.raises(Unfit, match="The trial is paused"):
        start(cast, beside, go)
    stop = checked(cast, beside)
    assert (stop.check.verdict, stop.check.reasons) == ("stop", ["trial paused"])
    resume(cast, paused)
    assert started(cast, beside).ended_at is None


def test_who_has_begun_an_order_is_given_the_rest_of_it(cast):
    beside = bedside(cast, ordered=False)
    rest = second_bag(cast, beside)
    ordered = order(cast, beside.recipient, beside.bag, rest, volume_ml=Decimal(25))
    started(cast, beside)
    pause(cast)
    beside.bag = rest
    assert start(cast, beside, checked(cast, beside)).order_id == ordered.id


def test_another_trial_is_not_paused(cast):
    pause(cast)
    assert allocated_recipient(cast, protocol="follow-on-2").allocation.number == 1


def test_a_trial_stands_in_one_pause_at_a_time(cast):
    paused = pause(cast)
    with pytest.raises(AlreadyDone, match="paused already"):
        pause(cast)
    resume(cast, paused)
    assert pause(cast).code != paused.code


def test_only_the_boards_decision_resumes_it_signed_by_another_person(cast):
    with transaction():
        paused = ladder.pause_trial(f"{TRIAL}-2", "Fever.", by=cast.carole, at=clock.now())
    with pytest.raises(SamePerson, match="paused this trial"):
        resume(cast, paused)
    with pytest.raises(NotAllowed):
        resume(cast, paused, by=cast.paula)
    with pytest.raises(Exception, match="another person signs"), transaction():
        session.execute(sa.text(
            "UPDATE trial_pause SET resumed_at = '2026-03-02 09:00:00+00', decision = 'x',"
            " board_met_on = '2026-03-02', signature_id = (SELECT min(id) FROM signature),"
            " entry = (SELECT sequence + 1 FROM audit_head)"))


def test_a_resumption_says_when_the_board_met_and_what_it_decided(cast):
    paused = pause(cast)
    with pytest.raises(Malformed, match="met on that day or after"):
        resume(cast, paused, met_on=today() - timedelta(days=1))
    with pytest.raises(Malformed):
        resume(cast, paused, met_on=today() + timedelta(days=1))
    with pytest.raises(Malformed):
        resume(cast, paused, decision="  ")
    with pytest.raises(Refused, match="must be signed"), transaction():
        ladder.resume(paused, today(), "It goes on.", seal=None, by=cast.carole, at=clock.now())
    resume(cast, paused)
    assert (paused.decision, paused.board_met_on) == ("Minutes 7: the trial goes on.", today())
    with pytest.raises(AlreadyDone):
        resume(cast, paused)


def test_an_unknown_protocol_is_not_paused(cast):
    with pytest.raises(Malformed, match="not a published protocol"), transaction():
        ladder.pause_trial("nothing-1", "Why not.", by=cast.quentin, at=clock.now())


# Amendments

def amend(cast, recipient, version=2, document="Information for patients, version 4"):
    with transaction():
        return service.consent_to_amendment(recipient, f"{TRIAL}-{version}", document, today(),
                                            by=cast.carole, at=clock.now())


def test_a_recipient_stays_on_the_version_consented_to_until_the_next_consent(cast):
    recipient = consenting_recipient(cast, protocol=f"{TRIAL}-1")
    assert service.protocol_of(recipient).version == 1
    assert amend(cast, recipient).protocol == f"{TRIAL}-2"
    assert [each.protocol for each in recipient.consents] == [f"{TRIAL}-1", f"{TRIAL}-2"]
    assert service.protocol_of(recipient).version == 2
    with pytest.raises(WrongMoment, match="the latest version"):
        amend(cast, recipient)


def test_an_assessment_under_the_version_before_is_made_again(cast):
    recipient = assessed_recipient(cast, protocol=f"{TRIAL}-2")
    with pytest.raises(WrongMoment, match="latest version"):
        amend(cast, recipient)
    older = consenting_recipient(cast, protocol=f"{TRIAL}-1")
    amend(cast, older)
    assess(cast, older)
    assert allocate(cast, older).protocol == f"{TRIAL}-2"


@pytest.mark.parametrize("version, document, said", [
    (3, "Version 4", "no published version"), (1, "Version 4", "holds nct02213705-1 already"),
    (2, SHEET, "recorded already"), (2, "  ", "write it down")])
def test_a_consent_to_nothing_new_is_refused(cast, version, document, said):
    recipient = consenting_recipient(cast, protocol=f"{TRIAL}-1")
    with pytest.raises(Refused, match=said):
        amend(cast, recipient, version, document)


def test_the_database_changes_the_version_only_beside_its_consent(cast):
    recipient = consenting_recipient(cast, protocol=f"{TRIAL}-1")
    with pytest.raises(Exception, match="by a consent to it"), transaction():
        session.execute(sa.text(f"UPDATE recipient SET protocol = '{TRIAL}-2', entry = (SELECT"
                                " sequence + 1 FROM audit_head)"))
    assert session.get_one(Recipient, recipient.id).protocol == f"{TRIAL}-1"


def test_a_higher_dose_waits_for_the_cohort_below(cast):
    first = allocated_recipient(cast)
    for _ in range(9):
        allocated_recipient(cast)
    higher = allocated_recipient(cast)
    weigh(cast, higher)
    assert (first.allocation.cohort, higher.allocation.cohort) == (1, 2)
    with pytest.raises(WrongMoment, match="not infused yet: place 1, place 2"):
        places.may_go_on(higher, START)
