"""The register: the laboratories that test for the bank, and the methods they test by."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.permissions import Actor, Permission
from mscbank.settings import local
from mscbank.testing import register_rules as rules
from mscbank.testing.models import Laboratory, LaboratoryKind, Method

Entered = TypeVar("Entered", Laboratory, Method)


def add_laboratory(
    name: str, kind: LaboratoryKind, since: date, accreditation: str | None = None,
    accredited_until: date | None = None, *, by: Actor, at: datetime,
) -> Laboratory:
    """Enter a laboratory: in-house or under contract, accredited for what and until when."""
    by.must(Permission.KEEP_REGISTER)
    rules.not_registered(name in _names(Laboratory), name)
    rules.accredited_as_said(accreditation, accredited_until, since)
    laboratory = Laboratory(
        name=name, kind=kind, since=since, accreditation=accreditation,
        accredited_until=accredited_until, recorded_by_id=by.id, recorded_at=at)
    session.add(laboratory)
    session.flush()
    record("add laboratory", laboratory, by=by, at=at, name=name, kind=kind, since=since,
           accreditation=accreditation, accredited_until=accredited_until)
    return laboratory


def renew_accreditation(laboratory: Laboratory, accreditation: str, accredited_until: date, *,
                        by: Actor, at: datetime) -> Laboratory:
    """The laboratory showed a new certificate: what for and until when."""
    by.must(Permission.KEEP_REGISTER)
    in_force(laboratory)
    rules.renewed(laboratory.accredited_until, accredited_until)
    before = laboratory.accreditation, laboratory.accredited_until
    laboratory.accreditation, laboratory.accredited_until = accreditation, accredited_until
    record("renew accreditation", laboratory, by=by, at=at, accreditation=accreditation,
           accredited_until=accredited_until, before=before)
    return laboratory


def end_laboratory(laboratory: Laboratory, ended_on: date, reason: str, *, by: Actor,
                   at: datetime) -> Laboratory:
    """Nothing is tested there after this day. What was tested there stays as it is."""
    by.must(Permission.KEEP_REGISTER)
    return _end("end laboratory", laboratory, ended_on, reason, by, at)


def add_method(name: str, measures: str, since: date, unit: str | None = None, *, by: Actor,
               at: datetime) -> Method:
    """Enter a method: what it measures, in which unit where it is always the same."""
    by.must(Permission.KEEP_REGISTER)
    rules.not_registered(name in _names(Method), name)
    method = Method(name=name, measures=measures, unit=unit, since=since, recorded_by_id=by.id,
                    recorded_at=at)
    session.add(method)
    session.flush()
    record("add method", method, by=by, at=at, name=name, measures=measures, unit=unit,
           since=since)
    return method


def end_method(method: Method, ended_on: date, reason: str, *, by: Actor, at: datetime) -> Method:
    """Nothing is tested by this method after this day."""
    by.must(Permission.KEEP_REGISTER)
    return _end("end method", method, ended_on, reason, by, at)


def _end(act: str, entered: Entered, ended_on: date, reason: str, by: Actor,
         at: datetime) -> Entered:
    in_force(entered)
    rules.may_be_ended(entered.since, ended_on, local(at))
    entered.ended_on, entered.ended_why = ended_on, reason
    record(act, entered, by=by, at=at, reason=reason, ended_on=ended_on)
    return entered


def in_force(entered: Laboratory | Method) -> None:
    """Refuse what was ended."""
    rules.not_ended(entered.ended_on, entered.name)


def used(method: str, laboratory: str, on: date) -> tuple[Method, Laboratory]:
    """The method and the laboratory of these names, in force on the day of the test.

    One query where both are known; a refusal lists the known.
    """
    found = session.execute(
        sa.select(Method, Laboratory).join(Laboratory, Laboratory.name == laboratory)
        .where(Method.name == method)).one_or_none()
    if found is None:
        rules.registered(method, _names(Method), what="method")
        rules.registered(laboratory, _names(Laboratory), what="laboratory")
    by_method, where = found
    rules.in_force(by_method.since, by_method.ended_on, on, what="method", name=method)
    rules.in_force(where.since, where.ended_on, on, what="laboratory", name=laboratory)
    rules.accredited(where.accredited_until, on, name=laboratory)
    return by_method, where


def laboratory_used(name: str, on: date) -> Laboratory:
    """The laboratory of this name, in force on this day."""
    where = session.scalar(sa.select(Laboratory).where(Laboratory.name == name))
    if where is None:
        rules.registered(name, _names(Laboratory), what="laboratory")
    rules.in_force(where.since, where.ended_on, on, what="laboratory", name=name)
    return where


def _names(model: type[Laboratory | Method]) -> list[str]:
    return list(session.scalars(sa.select(model.name).order_by(model.name)))
