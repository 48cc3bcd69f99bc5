"""The register of laboratories and methods, and what a result may name of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed
from mscbank.settings import settings
from mscbank.testing import register, results
from mscbank.testing.models import Laboratory, LaboratoryKind, Method
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.testing import HOSPITAL, result_of, sample_of

SINCE = date(2026, 1, 1)


def add_laboratory(cast: Cast, name: str = "Eurofins", kind=LaboratoryKind.CONTRACT, by="quentin",
                   since: date = SINCE, **facts) -> Laboratory:
    with transaction():
        return register.add_laboratory(name, kind, since, **facts, by=getattr(cast, by),
                                       at=clock.now())


def add_method(cast: Cast, name: str = "qPCR", by: str = "quentin", **facts) -> Method:
    with transaction():
        return register.add_method(name, "Mycoplasma", SINCE, **facts, by=getattr(cast, by),
                                   at=clock.now())


def end(cast: Cast, entered, on: date, by: str = "quentin"):
    act = register.end_laboratory if isinstance(entered, Laboratory) else register.end_method
    with transaction():
        return act(entered, on, "Contract ended.", by=getattr(cast, by), at=clock.now())


def test_a_laboratory_is_entered_with_its_accreditation(bank):
    cast = Cast()
    lab = add_laboratory(cast, accreditation="ISO 17025", accredited_until=date(2027, 1, 1))
    assert (lab.title, lab.kind, lab.ended_on) == ("Eurofins", LaboratoryKind.CONTRACT, None)
    entry = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc())).first()
    assert (entry.act, entry.subject) == ("add laboratory", lab.code)


def test_a_name_is_used_once_even_after_its_end(bank):
    cast = Cast()
    end(cast, add_laboratory(cast), SINCE)
    with pytest.raises(AlreadyDone, match="a name is used once"):
        add_laboratory(cast)
    end(cast, add_method(cast), SINCE)
    with pytest.raises(AlreadyDone, match="a name is used once"):
        add_method(cast)


def test_an_entry_ends_today_from_the_first_minute_after_midnight_there(bank):
    cast = Cast()
    lab, method = add_laboratory(cast), add_method(cast)
    with clock.pinned(datetime(2026, 7, 14, 0, 1, tzinfo=settings().zone)):  # in UTC the day before
        for entered in (lab, method):
            with pytest.raises(Malformed, match="in the future"):
                end(cast, entered, date(2026, 7, 15))
            assert end(cast, entered, date(2026, 7, 14)).ended_on == date(2026, 7, 14)


@pytest.mark.parametrize("facts", [
    {"accreditation": "ISO 17025"}, {"accredited_until": date(2027, 1, 1)},
    {"accreditation": "ISO 17025", "accredited_until": date(2025, 12, 31)},
])
def test_an_accreditation_has_its_last_day(bank, facts):
    with pytest.raises(Malformed):
        add_laboratory(Cast(), **facts)


@pytest.mark.parametrize("who", ["tessa", "paula", "adam"])
def test_only_quality_assurance_keeps_the_register(bank, who):
    cast = Cast()
    with pytest.raises(NotAllowed):
        add_laboratory(cast, by=who)
    with pytest.raises(NotAllowed):
        add_method(cast, by=who)
    with pytest.raises(NotAllowed):
        end(cast, add_laboratory(cast), SINCE, by=who)


def test_an_entry_ends_once_on_a_day_that_has_come(bank):
    cast = Cast()
    lab = add_laboratory(cast)
    for wrong in (clock.now().date() + timedelta(days=1), SINCE - timedelta(days=1)):
        with pytest.raises(Malformed):
            end(cast, lab, wrong)
    end(cast, lab, SINCE)
    with pytest.raises(AlreadyDone, match="was ended on 01 JAN 2026"):
        end(cast, lab, SINCE)


def test_an_accreditation_is_renewed_for_longer(bank):
    cast = Cast()
    lab = add_laboratory(cast, accreditation="ISO 17025", accredited_until=date(2026, 2, 1))

    def renew(until: date) -> None:
        with transaction():
            register.renew_accreditation(lab, "ISO 17025, new", until, by=cast.quentin,
                                         at=clock.now())
    with pytest.raises(Malformed, match="give a later day"):
        renew(date(2026, 2, 1))
    renew(date(2028, 2, 1))
    assert (lab.accreditation, lab.accredited_until) == ("ISO 17025, new", date(2028, 2, 1))
    end(cast, lab, SINCE)
    with pytest.raises(AlreadyDone):
        renew(date(2029, 2, 1))


def record(cast: Cast, sample, **different):
    facts = {"method": "Dye exclusion", "laboratory": HOSPITAL, "performed_at": clock.now(),
             "value": Decimal(95), "unit": "%"} | different
    with transaction():
        return results.record_result(sample, "viability", **facts, by=cast.theo, at=clock.now())


def test_a_result_names_a_method_and_a_laboratory_of_the_register(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    with pytest.raises(Malformed, match="no method of the register. It knows .*Dye exclusion"):
        record(cast, sample, method="Guessing")
    with pytest.raises(Malformed, match="no laboratory of the register. It knows .*Our own"):
        record(cast, sample, laboratory="The kitchen")


def test_what_was_ended_before_the_test_is_not_named_but_stays_on_older_results(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    before = record(cast, sample)
    method = session.scalars(sa.select(Method).where(Method.name == "Dye exclusion")).one()
    end(cast, method, clock.now().date() - timedelta(days=1))
    with pytest.raises(Malformed, match="is in force from 01 JAN 2014 to"):
        record(cast, sample)
    assert before.method == "Dye exclusion"


def test_a_test_on_the_last_day_counts_and_on_the_day_after_does_not(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    end(cast, session.scalars(sa.select(Laboratory).where(Laboratory.name == HOSPITAL)).one(),
        clock.now().date())
    record(cast, sample)
    with clock.pinned(clock.now() + timedelta(days=1)), pytest.raises(Malformed):
        record(cast, sample)


def test_a_laboratory_whose_accreditation_is_over_does_not_test(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    add_laboratory(cast, "Lapsed", LaboratoryKind.IN_HOUSE, accreditation="ISO 15189",
                   accredited_until=clock.now().date() - timedelta(days=1))
    with pytest.raises(Malformed, match="accreditation of “Lapsed” ended"):
        record(cast, sample, laboratory="Lapsed")


def test_a_method_that_measures_in_one_unit_gives_no_other(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    add_method(cast, "Ratio", unit="fold")
    with pytest.raises(Malformed, match="measures in fold, not in %"):
        record(cast, sample, method="Ratio")


def test_the_database_itself_refuses_a_name_that_is_not_registered(bank):
    cast = Cast()
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "viability")
    columns = {column.key: getattr(result, column.key)
               for column in sa.inspect(type(result)).column_attrs if column.key != "id"}
    with pytest.raises(DBAPIError, match="of the register"), transaction() as under_way:
        session.execute(sa.insert(type(result).__table__).values(
            columns | {"code": "RTBBBBBBBBBBBBBBBBBB", "laboratory": "Nowhere",
                       "entry": under_way.sequence + 1}))


def test_a_name_of_the_register_never_changes(bank):
    cast = Cast()
    lab = add_laboratory(cast)
    with pytest.raises(DBAPIError, match="never changes"), transaction() as under_way:
        session.execute(sa.update(Laboratory.__table__).where(Laboratory.__table__.c.id == lab.id)
                        .values(name="Other", entry=under_way.sequence + 1))
