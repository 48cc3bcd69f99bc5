"""The physician's signed decision on a donor."""

from datetime import timedelta

import pytest

from mscbank import acts, clock
from mscbank.audit import chain
from mscbank.database import transaction
from mscbank.donors import service
from mscbank.donors.models import Agent, Eligibility, Reaction
from mscbank.donors.schemas import Justify
from mscbank.errors import AlreadyDone, Malformed, RecordChanged, Refused, Unfit, WrongMoment
from mscbank.signatures.meanings import Meaning
from tests.cast import Cast
from tests.conftest import START
from tests.stages.donors import (
    LABORATORY,
    REQUIRED,
    accept_by_exception,
    blood_tested,
    consenting_donor,
    eligible_donor,
    enrolled_donor,
    exceptional_donor,
    find_eligible,
    seal_of,
)
from tests.stages.recipients import consenting_recipient

WHY = "No other relative can give."


@pytest.fixture
def cast(bank):
    return Cast()


@pytest.fixture
def recipient(cast):
    return consenting_recipient(cast)


@pytest.fixture
def tested(cast, recipient):
    donor = consenting_donor(cast, recipient)
    blood_tested(cast, donor)
    return donor


def find_not_eligible(cast, donor, why=WHY):
    seal = seal_of(cast, donor, Meaning.DONOR_INELIGIBLE, why)
    with transaction():
        service.find_not_eligible(donor, why, seal=seal, by=cast.paula, at=clock.now())


def turn_reactive(cast, donor):
    with transaction():
        service.correct_marker(donor, Agent.HCV, Reaction.REACTIVE, START, LABORATORY,
                               "Repeat test", by=cast.carole, at=clock.now())


def test_an_eligible_donor_warns_of_nothing(cast, tested):
    decision = find_eligible(cast, tested)
    assert (decision.outcome, decision.warnings) == (Eligibility.ELIGIBLE, [])
    assert service.warnings_of(tested) == () and service.decision_covers(tested)


def test_a_decision_goes_through_the_one_door(cast, tested):
    data = Justify().load({"justification": WHY})
    told = acts.perform(acts.catalogue()["donors", "accept-by-exception"], tested.code, data,
                        by=cast.paula, credential=cast.word("paula"),
                        seen=chain.digest(service.donor_record(tested, **data)))
    assert told["outcome"] == "accepted by exception" and told["warnings"][0] == "BIOLOGICAL HAZARD"


@pytest.mark.parametrize(("agents", "reaction", "named"), [
    (REQUIRED[1:], Reaction.NON_REACTIVE, "not tested for anti-HIV-1/2"),
    (REQUIRED, Reaction.REACTIVE, "reactive for anti-HIV-1/2"),
    (REQUIRED, Reaction.INDETERMINATE, "indeterminate")])
def test_a_donor_with_a_missing_or_reactive_test_is_not_found_eligible(
        cast, recipient, agents, reaction, named):
    donor = consenting_donor(cast, recipient)
    blood_tested(cast, donor, agents[1:])
    blood_tested(cast, donor, agents[:1], reaction)
    with pytest.raises(Unfit, match=named):
        find_eligible(cast, donor)


def test_an_exception_carries_its_warnings(cast, recipient):
    donor = exceptional_donor(cast, recipient)
    assert service.warnings_of(donor) == tuple(donor.decision.warnings) == (
        "BIOLOGICAL HAZARD", "WARNING: Advise recipient of communicable disease risks",
        "WARNING: Reactive test results for anti-HBc")


def test_an_untested_donor_is_accepted_only_as_not_evaluated(cast, recipient):
    donor = consenting_donor(cast, recipient)
    assert "NOT EVALUATED FOR INFECTIOUS SUBSTANCES" in accept_by_exception(cast, donor).warnings


def test_a_reaction_found_later_stands_on_labels_and_uncovers_the_decision(cast, recipient):
    donor = eligible_donor(cast, recipient)
    turn_reactive(cast, donor)
    assert not service.decision_covers(donor)
    assert "WARNING: Reactive test results for anti-HCV" in service.warnings_of(donor)


def test_the_latest_decision_stands(cast, tested):
    find_eligible(cast, tested)
    find_not_eligible(cast, tested)
    assert tested.decision.outcome == Eligibility.INELIGIBLE
    find_eligible(cast, tested)
    assert tested.decision.outcome == Eligibility.ELIGIBLE and len(tested.decisions) == 3


def test_the_same_decision_over_the_same_tests_is_made_once(cast, tested):
    find_eligible(cast, tested)
    with pytest.raises(AlreadyDone, match="eligible already"):
        find_eligible(cast, tested)
    with clock.pinned(START + timedelta(days=9)):
        blood_tested(cast, tested)
        find_eligible(cast, tested)
    assert len(tested.decisions) == 2


def test_a_test_that_comes_in_between_reading_and_signing_stops_the_signature(cast, tested):
    seal = seal_of(cast, tested, Meaning.DONOR_EXCEPTION, WHY)
    turn_reactive(cast, tested)
    with pytest.raises(RecordChanged), transaction():
        service.accept_by_exception(tested, WHY, seal=seal, by=cast.paula, at=clock.now())


def test_a_signature_of_another_meaning_or_none_is_refused(cast, tested):
    for seal in (None, seal_of(cast, tested, Meaning.DONOR_INELIGIBLE)):
        with pytest.raises(Refused, match="sign"), transaction():
            service.find_eligible(tested, seal=seal, by=cast.paula, at=clock.now())


@pytest.mark.parametrize("decide", [find_not_eligible, accept_by_exception])
def test_a_decision_against_the_rule_says_why(cast, tested, decide):
    with pytest.raises(Malformed, match="Say why"):
        decide(cast, tested, "  ")


@pytest.mark.parametrize("decide", [find_eligible, accept_by_exception])
def test_nobody_is_accepted_without_consent(cast, recipient, decide):
    with pytest.raises(WrongMoment, match="does not consent"):
        decide(cast, enrolled_donor(cast, recipient))


def test_one_who_does_not_consent_may_be_found_not_eligible(cast, recipient):
    donor = enrolled_donor(cast, recipient)
    find_not_eligible(cast, donor)
    assert donor.decision.outcome == Eligibility.INELIGIBLE


@pytest.mark.parametrize("typed", [{}, {"justification": ""}, {"justification": "x" * 501}])
def test_a_malformed_justification_is_refused_by_its_schema(typed):
    assert set(Justify().validate(typed)) == {"justification"}
