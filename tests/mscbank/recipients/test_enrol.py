"""Enrolling a patient, and their consent."""

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from mscbank import acts, clock
from mscbank.audit.models import Entry
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from mscbank.recipients import service
from mscbank.recipients.models import Recipient, Sex
from mscbank.recipients.schemas import Enrol
from tests.cast import Cast
from tests.conftest import START
from tests.stages.recipients import SHEET, consenting_recipient, enrolled_recipient, today

TYPED = {"sex": "male", "name": "  Karim   Benali ", "birth_date": "1971-12-24",
         "hospital_number": "SLS-1"}


@pytest.fixture
def cast(bank):
    return Cast()


def consent(cast, recipient, document=SHEET, given_on=None):
    with transaction():
        return service.consent(recipient, document, given_on or today(), by=cast.carole,
                               at=clock.now())


def withdraw(cast, recipient, reason="None given"):
    with transaction():
        service.withdraw(recipient, reason, by=cast.carole, at=clock.now())


def test_patients_are_numbered_in_the_order_of_enrolment(cast):
    assert [enrolled_recipient(cast).number for _ in range(3)] == ["R-001", "R-002", "R-003"]


def test_a_patient_is_enrolled_through_the_one_door(cast):
    told = acts.perform(acts.catalogue()["recipients", "enrol"], None, Enrol().load(TYPED),
                        by=cast.carole, key="k1")
    assert told["number"] == "R-001"
    recipient = session.scalar(sa.select(Recipient))
    assert (told["code"], recipient.sex) == (recipient.code, Sex.MALE)
    assert recipient.protocol == "nct02213705-2"


def test_the_entry_holds_the_number_and_no_name(cast):
    recipient = enrolled_recipient(cast)
    body = session.scalar(sa.select(Entry.body).order_by(Entry.sequence.desc()))
    # The year is looked for in the facts alone: a digest beside them may hold any four digits.
    facts = json.dumps(json.loads(body)["facts"])
    assert recipient.number in facts and "Lambert" not in body and "1980" not in facts


def test_the_same_patient_is_not_enrolled_twice(cast):
    enrolled_recipient(cast, hospital_number="SLS-1")
    for again in ("SLS-1", "sls-1", " SLS - 1 "):
        with pytest.raises(AlreadyDone, match="R-001"):
            enrolled_recipient(cast, hospital_number=again, name="Written otherwise")


def test_an_impossible_birth_date_enrols_nobody(cast):
    for born in (date(2026, 3, 3), date(1905, 1, 1)):
        with pytest.raises(Malformed, match="birth date"):
            enrolled_recipient(cast, birth_date=born)
    assert service.find_recipients() == []


@pytest.mark.parametrize("wrong", [
    {"sex": "unknown"}, {"name": "  "}, {"name": "x" * 121}, {"name": "Kar\u0007im"},
    {"birth_date": "24.12.1971"}, {"birth_date": "1971-02-30"}, {"hospital_number": ""},
    {"hospital_number": "1" * 41}, {"nickname": "K"}])
def test_a_malformed_enrolment_is_refused_by_its_schema(wrong):
    assert Enrol().validate(TYPED) == {}
    assert set(Enrol().validate(TYPED | wrong)) == set(wrong)


def test_a_missing_entry_is_named():
    assert set(Enrol().validate({})) == {"sex", "name", "birth_date", "hospital_number"}


def test_a_patient_consents(cast):
    recipient = enrolled_recipient(cast)
    assert not recipient.consents_now
    consent(cast, recipient)
    assert recipient.consents_now


def test_a_consent_is_recorded_once_and_a_new_sheet_is_a_new_consent(cast):
    recipient = consenting_recipient(cast)
    with pytest.raises(AlreadyDone):
        consent(cast, recipient, SHEET.upper())
    consent(cast, recipient, "Information for patients, version 4")
    assert len(recipient.consents) == 2


def test_nobody_consents_tomorrow_or_before_birth(cast):
    recipient = enrolled_recipient(cast)
    for given_on in (date(2026, 3, 3), date(1980, 5, 16)):
        with pytest.raises(Malformed):
            consent(cast, recipient, given_on=given_on)


def test_the_day_of_a_consent_is_the_sites_day(cast):
    recipient = enrolled_recipient(cast)
    with clock.pinned(START.replace(hour=23, minute=30)):  # half past midnight in Paris
        consent(cast, recipient, given_on=date(2026, 3, 3))
    assert recipient.consents_now


def test_a_consent_needs_its_document(cast):
    with pytest.raises(Malformed):
        consent(cast, enrolled_recipient(cast), document=" ")


def test_a_withdrawal_takes_every_consent_back(cast):
    recipient = consenting_recipient(cast)
    consent(cast, recipient, "Version 4")
    withdraw(cast, recipient)
    assert not recipient.consents_now
    assert {each.withdrawal_reason for each in recipient.consents} == {"None given"}


def test_a_withdrawal_is_recorded_once_and_with_a_reason(cast):
    recipient = consenting_recipient(cast)
    with pytest.raises(Malformed):
        withdraw(cast, recipient, " ")
    withdraw(cast, recipient)
    with pytest.raises(WrongMoment, match="R-001 does not consent"):
        withdraw(cast, recipient)


def test_an_older_consent_does_not_bring_back_one_who_withdrew(cast):
    recipient = consenting_recipient(cast)
    with clock.pinned(START + timedelta(days=3)):
        withdraw(cast, recipient)
        with pytest.raises(Malformed, match="05 MAR 2026"):
            consent(cast, recipient, given_on=date(2026, 3, 4))
        consent(cast, recipient, given_on=date(2026, 3, 5))
    assert recipient.consents_now
