"""The vault: who reads, what the trail says of it, and what destroying a key leaves."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from mscbank import clock, settings
from mscbank.audit.models import Entry
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, NotKnown, Refused, WrongMoment
from mscbank.identities import rules, service
from tests.cast import Cast
from tests.stages.recipients import enrolled_recipient

NAME, NUMBER, BORN = "Jeanne Lambert", "SLS-PLANTED-77", date(1980, 5, 17)


@pytest.fixture
def cast(bank):
    return Cast()


@pytest.fixture
def patient(cast):
    return enrolled_recipient(cast, name=NAME, hospital_number=NUMBER, birth_date=BORN)


def destroy(cast, code, reason="Asked for by the patient", traceable_until=None):
    with transaction():
        service.destroy_key(code, by=cast.carole, at=clock.now(), reason=reason,
                            traceable_until=traceable_until)


@pytest.mark.parametrize("reader", ["paula", "nadia", "carole"])
def test_those_who_treat_the_patient_read_the_name(cast, patient, reader):
    with transaction():
        values = service.open_values(patient.code, by=getattr(cast, reader), at=clock.now())
    assert values == {"name": NAME, "birth date": "1980-05-17", "hospital number": NUMBER}


@pytest.mark.parametrize("reader", ["tessa", "quentin", "adam"])
def test_the_laboratory_does_not_read_the_name(cast, patient, reader):
    with pytest.raises(NotAllowed), transaction():
        service.open_values(patient.code, by=getattr(cast, reader), at=clock.now())


def test_a_reading_is_an_entry_that_names_the_fields_and_no_value(cast, patient):
    with transaction():
        service.open_values(patient.code, by=cast.nadia, at=clock.now())
    entry = session.scalar(sa.select(Entry).order_by(Entry.sequence.desc()))
    assert '"act":"identity read"' in entry.body
    assert '"fields":["birth date","hospital number","name"]' in entry.body
    assert patient.code in entry.body


def test_nothing_of_the_person_stands_outside_the_vault(cast, patient):
    with transaction():
        service.open_values(patient.code, by=cast.nadia, at=clock.now())
    destroy(cast, patient.code)
    connection = session.connection()
    kept = "".join(
        repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
        for table in sa.inspect(connection).get_table_names()
        for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')))
    assert patient.code in kept
    assert not [word for word in (NAME, "Lambert", NUMBER, "1980-05-17") if word in kept]


def test_an_age_is_worked_out_without_an_entry(cast, patient):
    before = session.scalar(sa.select(sa.func.max(Entry.sequence)))
    assert service.birth_date_of(patient.code) == BORN
    assert session.scalar(sa.select(sa.func.max(Entry.sequence))) == before


def test_after_the_key_is_destroyed_nothing_opens(cast, patient):
    destroy(cast, patient.code)
    with pytest.raises(WrongMoment, match="destroyed"), transaction():
        service.open_values(patient.code, by=cast.paula, at=clock.now())
    with pytest.raises(WrongMoment, match="destroyed"):
        service.birth_date_of(patient.code)


def test_a_key_is_destroyed_once(cast, patient):
    destroy(cast, patient.code)
    with pytest.raises(AlreadyDone):
        destroy(cast, patient.code)


def test_a_key_is_not_destroyed_while_the_person_must_be_traceable(cast, patient):
    with pytest.raises(WrongMoment, match="31 JAN 2058"):
        destroy(cast, patient.code, traceable_until=date(2058, 1, 31))


def test_a_key_is_not_destroyed_without_a_reason(cast, patient):
    with pytest.raises(Malformed):
        destroy(cast, patient.code, reason=" ")


def test_a_nurse_does_not_destroy_a_key(cast, patient):
    with pytest.raises(NotAllowed), transaction():
        service.destroy_key(patient.code, by=cast.nadia, at=clock.now(), reason="x",
                            traceable_until=None)


def test_an_identity_is_sealed_once(cast, patient):
    with pytest.raises(AlreadyDone), transaction():
        service.seal_values(patient.code, {"name": "Another"}, by=cast.carole, at=clock.now())


@pytest.mark.parametrize("values", [{"shoe size": "38"}, {"name": "  "}])
def test_the_vault_takes_no_unknown_field_and_no_blank(cast, values):
    with pytest.raises(Malformed), transaction():
        service.seal_values("RXBCDE", values, by=cast.carole, at=clock.now())


def test_an_unknown_person_has_no_identity(cast):
    with pytest.raises(NotKnown), transaction():
        service.open_values("RXBCDE", by=cast.paula, at=clock.now())


def test_another_master_key_is_noticed_and_not_guessed_around(cast, patient, monkeypatch):
    monkeypatch.setattr(settings, "_held", replace(settings.settings(), vault_key=bytes(32)))
    with pytest.raises(Refused, match="does not open"):
        service.birth_date_of(patient.code)


@pytest.mark.parametrize(("born", "day", "age"), [
    (date(1980, 5, 17), date(2026, 5, 16), 45), (date(1980, 5, 17), date(2026, 5, 17), 46),
    (date(2008, 2, 29), date(2026, 2, 28), 17), (date(2008, 2, 29), date(2026, 3, 1), 18),
    (date(2026, 3, 2), date(2026, 3, 2), 0), (date(2026, 3, 3), date(2026, 3, 2), -1)])
def test_ages_in_whole_years(born, day, age):
    assert rules.age_on(born, day) == age


@pytest.mark.parametrize("born", [date(2026, 3, 3), date(1905, 3, 1), date(1, 1, 1)])
def test_impossible_birth_dates(born):
    with pytest.raises(Malformed):
        rules.a_possible_birth_date(born, date(2026, 3, 2))
