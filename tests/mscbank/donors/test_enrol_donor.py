"""Enrolling a relative, and the relative's consent."""

from datetime import date, timedelta

import pytest

from mscbank import acts, clock
from mscbank.database import transaction
from mscbank.donors import service
from mscbank.donors.models import Kinship
from mscbank.donors.schemas import EnrolDonor
from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment
from mscbank.recipients.models import Sex
from tests.cast import Cast
from tests.conftest import START
from tests.stages.donors import SHEET, consenting_donor, enrolled_donor
from tests.stages.recipients import consenting_recipient, enrolled_recipient, today

F, M = Sex.FEMALE, Sex.MALE
BEFORE, AFTER = date(1955, 1, 1), date(2001, 1, 1)  # the recipient was born in 1980
TYPED = {"kinship": "sister", "sex": "female", "name": "Anne Lambert", "birth_date": "1978-01-02"}


@pytest.fixture
def cast(bank):
    return Cast()


def consent(cast, donor, given_on=None, document=SHEET):
    with transaction():
        return service.consent_donor(donor, document, given_on or today(), by=cast.carole,
                                     at=clock.now())


def withdraw(cast, donor, reason="None given"):
    with transaction():
        service.withdraw_donor(donor, reason, by=cast.carole, at=clock.now())


def test_relatives_who_can_be(cast):
    recipient = consenting_recipient(cast)
    relatives = [(Kinship.MOTHER, F, BEFORE), (Kinship.FATHER, M, BEFORE),
                 (Kinship.SISTER, F, AFTER), (Kinship.BROTHER, M, BEFORE),
                 (Kinship.DAUGHTER, F, AFTER), (Kinship.SON, M, AFTER),
                 (Kinship.HALF_SIBLING, F, AFTER), (Kinship.AUNT_OR_UNCLE, M, AFTER)]
    donors = [enrolled_donor(cast, recipient, kinship=kinship, sex=sex, birth_date=born,
                             name=f"Relative {kinship}") for kinship, sex, born in relatives]
    assert [each.number for each in donors] == [f"D-{n:03d}" for n in range(1, 9)]
    assert service.find_donors(recipient) == donors


def test_relatives_who_cannot_be(cast):
    recipient = consenting_recipient(cast)
    for kinship, sex, born in [
            (Kinship.MOTHER, M, BEFORE), (Kinship.SISTER, M, BEFORE), (Kinship.DAUGHTER, M, AFTER),
            (Kinship.FATHER, F, BEFORE), (Kinship.BROTHER, F, BEFORE), (Kinship.SON, F, AFTER),
            (Kinship.MOTHER, F, AFTER), (Kinship.GRANDPARENT, F, AFTER), (Kinship.SON, M, BEFORE),
            (Kinship.SISTER, F, date(2026, 3, 3)), (Kinship.SISTER, F, date(1900, 1, 1))]:
        with pytest.raises(Malformed):
            enrolled_donor(cast, recipient, kinship=kinship, sex=sex, birth_date=born)
    assert service.find_donors(recipient) == []


def test_a_cousin_does_not_give(cast):
    with pytest.raises(Unfit, match="cousin"):
        enrolled_donor(cast, consenting_recipient(cast), kinship=Kinship.COUSIN)


def test_a_relative_is_enrolled_once_for_a_recipient(cast):
    recipient = consenting_recipient(cast)
    enrolled_donor(cast, recipient)
    with pytest.raises(AlreadyDone, match="D-001"):
        enrolled_donor(cast, recipient, name="LUC  lambert")
    assert enrolled_donor(cast, consenting_recipient(cast)).number == "D-002"


def test_no_relative_is_asked_before_the_recipient_consents(cast):
    with pytest.raises(WrongMoment, match="R-001 does not consent"):
        enrolled_donor(cast, enrolled_recipient(cast))


def test_a_donor_is_enrolled_through_the_one_door(cast):
    recipient = consenting_recipient(cast)
    told = acts.perform(acts.catalogue()["recipients", "enrol-donor"], recipient.code,
                        EnrolDonor().load(TYPED), by=cast.carole)
    assert told["number"] == "D-001" and told["code"].startswith("DX")


@pytest.mark.parametrize("wrong", [{"kinship": "friend"}, {"sex": "f"}, {"name": ""},
                                   {"birth_date": "1978-13-02"}, {"mail": "a@b.fr"}])
def test_a_malformed_enrolment_is_refused_by_its_schema(wrong):
    assert EnrolDonor().validate(TYPED) == {}
    assert set(EnrolDonor().validate(TYPED | wrong)) == set(wrong)


def test_a_donor_is_of_age_on_the_day_of_consent(cast):
    recipient = consenting_recipient(cast)
    child = enrolled_donor(cast, recipient, kinship=Kinship.SON, birth_date=date(2008, 3, 3))
    with pytest.raises(Unfit, match="17 years"):
        consent(cast, child)
    with clock.pinned(START + timedelta(days=1)):
        consent(cast, child)
    assert child.consents_now


def test_a_consent_given_before_birth_is_refused(cast):
    with pytest.raises(Unfit, match="0 years"):
        consent(cast, enrolled_donor(cast, consenting_recipient(cast)), date(1970, 1, 1))


def test_a_consent_given_tomorrow_is_refused(cast):
    with pytest.raises(Malformed, match="future"):
        consent(cast, enrolled_donor(cast, consenting_recipient(cast)), date(2026, 3, 3))


def test_a_consent_is_recorded_once(cast):
    donor = consenting_donor(cast, consenting_recipient(cast))
    with pytest.raises(AlreadyDone):
        consent(cast, donor)


def test_a_withdrawal_is_recorded_once_and_not_undone_by_an_older_consent(cast):
    donor = consenting_donor(cast, consenting_recipient(cast))
    with clock.pinned(START + timedelta(days=3)):
        with pytest.raises(Malformed):
            withdraw(cast, donor, "")
        withdraw(cast, donor)
        assert not donor.consents_now
        with pytest.raises(WrongMoment):
            withdraw(cast, donor)
        with pytest.raises(Malformed, match="withdrawn on 05 MAR 2026"):
            consent(cast, donor, today() - timedelta(days=1), "Version 3")
