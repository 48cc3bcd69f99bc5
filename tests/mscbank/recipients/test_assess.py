"""The signed assessment, and the place in the ladder of cohorts."""

from datetime import date, timedelta

import pytest

from mscbank import acts, clock
from mscbank.audit import chain
from mscbank.database import session, transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    RecordChanged,
    Refused,
    Unfit,
    WrongMoment,
)
from mscbank.recipients import rules, service
from mscbank.recipients.schemas import Assess
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.conftest import START
from tests.stages.recipients import (
    ELIGIBLE,
    assess,
    assessed_recipient,
    consenting_recipient,
    enrolled_recipient,
    today,
)

CRITERIA = [
    ({"mrss": 14}, ["mrss"]), ({"mrss": 15}, []), ({"mrss": 51}, []),
    ({"acr_eular_score": 8}, ["acr_eular_score"]), ({"acr_eular_score": 9}, []),
    ({"severe_organ_involvement": False}, ["severe_organ_involvement"]),
    ({"inadequate_response": False}, ["inadequate_response_or_contraindication"]),
    ({"severe_comorbidity": True}, ["severe_comorbidity"]),
    ({"mrss": 3, "severe_comorbidity": True}, ["mrss", "severe_comorbidity"]),
]
AGES = [(date(1956, 3, 2), []), (date(1955, 3, 3), []), (date(1955, 3, 2), ["age"]),
        (date(2008, 3, 2), []), (date(2008, 3, 3), ["age"])]


@pytest.fixture
def cast(bank):
    return Cast()


def allocate(cast, recipient):
    with transaction():
        return service.allocate(recipient, by=cast.paula, at=clock.now())


def attempt(cast, recipient, seal, **different):
    with transaction():
        service.assess(recipient, **ELIGIBLE | {"assessed_on": today()} | different, seal=seal,
                       by=cast.paula, at=clock.now())


def test_every_failing_criterion_is_kept(cast):
    recipient = consenting_recipient(cast)
    for different, _ in CRITERIA:
        assess(cast, recipient, **different)
    assert [each.failing for each in recipient.assessments] == [keys for _, keys in CRITERIA]


def test_the_age_is_that_of_the_day_and_comes_from_the_vault(cast):
    for born, failing in AGES:
        recipient = consenting_recipient(cast, birth_date=born)
        assess(cast, recipient)
        assert recipient.assessments[-1].failing == failing, born


def test_an_assessment_is_signed_by_the_physician_over_what_was_read(cast):
    recipient = assessed_recipient(cast)
    signature = session.get_one(Signature, recipient.assessments[-1].signature_id)
    assert (signature.username, signature.meaning) == ("paula", Meaning.RECIPIENT_ELIGIBLE)
    assert '"mrss":22' in signature.record and "1980" not in signature.record


def test_an_assessment_goes_through_the_one_door(cast):
    recipient = consenting_recipient(cast)
    data = Assess().load(ELIGIBLE | {"assessed_on": "2026-03-02", "mrss": 12})
    seen = chain.digest(service.assessment_record(recipient, **data))
    told = acts.perform(acts.catalogue()["recipients", "assess"], recipient.code, data,
                        by=cast.paula, credential=cast.word("paula"), seen=seen)
    assert told["failing"] == ["mrss"]


def test_an_unsigned_assessment_is_refused(cast):
    with pytest.raises(Refused, match="must be signed"):
        attempt(cast, consenting_recipient(cast), None)


def test_other_answers_than_those_signed_are_refused(cast):
    recipient = consenting_recipient(cast)
    seal = Seal(cast.paula.id, Meaning.RECIPIENT_ELIGIBLE, chain.digest(
        service.assessment_record(recipient, **ELIGIBLE, assessed_on=today())))
    with pytest.raises(RecordChanged):
        attempt(cast, recipient, seal, mrss=23)


def test_nobody_is_assessed_without_consent(cast):
    with pytest.raises(WrongMoment, match="does not consent"):
        attempt(cast, enrolled_recipient(cast), None)


def test_impossible_assessments_are_refused(cast):
    recipient = consenting_recipient(cast)
    for different in (
            {"mrss": 52}, {"mrss": -1}, {"acr_eular_score": 33},
            {"assessed_on": date(2026, 3, 3)}, {"assessed_on": date(2026, 3, 1)}):
        with pytest.raises(Malformed):
            attempt(cast, recipient, None, **different)


@pytest.mark.parametrize("wrong", [
    {"mrss": 52}, {"mrss": 14.5}, {"acr_eular_score": -1}, {"severe_comorbidity": "perhaps"},
    {"severe_organ_involvement": None}, {"assessed_on": "today"}])
def test_a_malformed_assessment_is_refused_by_its_schema(wrong):
    typed = ELIGIBLE | {"assessed_on": "2026-03-02"}
    assert Assess().validate(typed) == {}
    assert set(Assess().validate(typed | wrong)) == set(wrong)


def test_places_are_given_in_order_and_once(cast):
    first, second = assessed_recipient(cast), assessed_recipient(cast)
    assert [allocate(cast, each).number for each in (first, second)] == [1, 2]
    assert (first.allocation.cohort, first.allocation.dose_per_kg) == (1, 1_000_000)
    with pytest.raises(AlreadyDone, match="place 1"):
        allocate(cast, first)


def test_the_ladder_goes_from_cohort_to_cohort_and_ends(cast):
    def next_place():
        return allocate(cast, assessed_recipient(cast))

    places = [next_place() for _ in range(20)]
    assert [each.number for each in places] == list(range(1, 21))
    assert [each.cohort for each in places] == [1] * 10 + [2] * 10
    assert {each.dose_per_kg for each in places[10:]} == {3_000_000}
    with pytest.raises(Unfit, match="20 places"):
        next_place()


def test_nobody_is_allocated_unassessed(cast):
    with pytest.raises(WrongMoment, match="not assessed"):
        allocate(cast, consenting_recipient(cast))


def test_every_failing_criterion_is_named_to_the_physician(cast):
    recipient = consenting_recipient(cast)
    assess(cast, recipient, mrss=3, severe_comorbidity=True)
    with pytest.raises(Unfit, match="skin score is 3.*severe comorbidity, the protocol excludes"):
        allocate(cast, recipient)


def test_the_latest_assessment_counts(cast):
    recipient = assessed_recipient(cast)
    assess(cast, recipient, mrss=3)
    with pytest.raises(Unfit):
        allocate(cast, recipient)
    assess(cast, recipient)
    assert allocate(cast, recipient).number == 1


def test_nobody_is_allocated_who_withdrew(cast):
    recipient = assessed_recipient(cast)
    with transaction():
        service.withdraw(recipient, "None given", by=cast.carole, at=clock.now())
    with pytest.raises(WrongMoment, match="does not consent"):
        allocate(cast, recipient)


def test_one_who_came_back_is_assessed_anew(cast):
    recipient = assessed_recipient(cast)
    with clock.pinned(START + timedelta(days=9)):
        with transaction():
            service.withdraw(recipient, "None given", by=cast.carole, at=clock.now())
        with transaction():
            service.consent(recipient, "Version 3, again", today(), by=cast.carole,
                            at=clock.now())
        with pytest.raises(WrongMoment, match="assess again"):
            allocate(cast, recipient)


def test_an_assessment_that_no_longer_covers_is_made_again():
    with pytest.raises(WrongMoment, match="changed since"):
        rules.assessment_covers(False, True, "R-001")
