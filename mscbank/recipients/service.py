"""The acts on a recipient: from enrolment to a place in the trial and a band on the wrist."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import Moment, read, session
from mscbank.errors import AlreadyDone, Malformed
from mscbank.identities import rules as identity
from mscbank.identities import service as identities
from mscbank.permissions import Actor, Permission
from mscbank.recipients import rules
from mscbank.recipients.eligibility import assess, assessment_record, protocol_of
from mscbank.recipients.ladder import allocate
from mscbank.recipients.models import Recipient, RecipientConsent, Sex, Weight, Wristband
from mscbank.rules import not_before, not_in_the_future
from mscbank.settings import local, settings
from mscbank.usual import FIELD, held_against
from specs import shelf

__all__ = ["allocate", "assess", "assessment_record", "consent", "consent_to_amendment", "enrol",
           "find_recipients", "issue_wristband", "may_consent_to_amendment", "protocol_of",
           "weigh", "withdraw"]


def enrol(
    sex: Sex, name: str, birth_date: date, hospital_number: str, protocol: str | None = None, *,
    by: Actor, at: datetime,
) -> Recipient:
    """Enrol a patient under the next study number; who it is goes into the vault.

    ``protocol`` is the one consented to, the bank's own when not said.
    """
    by.must(Permission.ENROL)
    protocol = protocol or settings().protocol
    try:
        trial = shelf.protocol(protocol).name
    except shelf.ShelfError as error:
        raise Malformed(f"{protocol} is not a published protocol: name it with its version, as "
                        f"{settings().protocol}.", field="protocol") from error
    identity.a_possible_birth_date(birth_date, local(at).date())
    known = identities.find_subject({identity.HOSPITAL_NUMBER: hospital_number},
                                    among=sa.select(Recipient.code))
    if known is not None:
        number = session.scalar(sa.select(Recipient.number).where(Recipient.code == known))
        raise AlreadyDone(f"The patient with this hospital number is enrolled as {number}.",
                          field="hospital_number")
    recipient = Recipient(number=_next_number(), sex=sex, trial=trial, protocol=protocol,
                          recorded_by_id=by.id, recorded_at=at)
    session.add(recipient)
    session.flush()  # the house code is given as the row is written
    identities.seal_values(recipient.code, {
        identity.NAME: name, identity.BIRTH_DATE: birth_date.isoformat(),
        identity.HOSPITAL_NUMBER: hospital_number}, by=by, at=at)
    record("enrol", recipient, by=by, at=at, number=recipient.number, sex=sex,
           protocol=recipient.protocol)
    return recipient


def consent(
    recipient: Recipient, document: str, given_on: date, *, by: Actor, at: datetime,
) -> RecipientConsent:
    """Record the consent given to a version of the information sheet (``document``)."""
    by.must(Permission.ENROL)
    rules.something_written(document, "document")
    not_in_the_future(given_on, local(at), field="given_on")
    not_before(given_on, identities.birth_date_of(recipient.code), field="given_on",
               what="the person's birth")
    rules.a_consent_of_its_own(document, [
        each.document for each in recipient.consents if each.withdrawn_at is None])
    rules.after_the_withdrawal(given_on, max(
        (local(each.withdrawn_at).date() for each in recipient.consents if each.withdrawn_at),
        default=None))
    return _consented("consent", recipient, recipient.protocol, document, given_on, by, at)


def consent_to_amendment(
    recipient: Recipient, protocol: str, document: str, given_on: date, *, by: Actor,
    at: datetime,
) -> RecipientConsent:
    """Record the consent to a later version of the protocol: from now on everything of this
    recipient is judged by it. Until then they stay on the version consented to before."""
    by.must(Permission.ENROL)
    may_consent_to_amendment(recipient)
    rules.something_written(document, "document")
    rules.an_amendment(recipient.protocol, protocol, _published())
    not_in_the_future(given_on, local(at), field="given_on")
    not_before(given_on, min(each.given_on for each in recipient.consents
                             if each.withdrawn_at is None), field="given_on",
               what="the consent to the version before")
    rules.a_consent_of_its_own(document, [
        each.document for each in recipient.consents if each.withdrawn_at is None])
    given = _consented("consent to amendment", recipient, protocol, document, given_on, by, at,
                       was=recipient.protocol)
    return given


def may_consent_to_amendment(recipient: Recipient) -> None:
    """Refuse without a consent that stands, and where there is no later version."""
    rules.consents(recipient.consents_now, recipient.number)
    rules.later_version(recipient.protocol, _published())


def _published() -> list[str]:
    return shelf.installed().protocols.references()


def _consented(act: str, recipient: Recipient, protocol: str, document: str, given_on: date,
               by: Actor, at: datetime, **more: str) -> RecipientConsent:
    given = RecipientConsent(protocol=protocol, document=document, given_on=given_on,
                             recorded_by_id=by.id, recorded_at=at)
    recipient.consents.append(given)
    session.flush()  # the database changes the version only beside the consent to it
    recipient.protocol = protocol
    record(act, recipient, by=by, at=at, document=document, given_on=given_on, protocol=protocol,
           **more)
    return given


def withdraw(recipient: Recipient, reason: str, *, by: Actor, at: datetime) -> Recipient:
    """Record that the recipient takes every consent back; nothing more is done for the trial."""
    by.must(Permission.ENROL)
    rules.something_written(reason, "reason")
    rules.consents(recipient.consents_now, recipient.number)
    for each in recipient.consents:
        if each.withdrawn_at is None:
            each.withdrawn_at, each.withdrawal_reason = at, reason
    record("withdraw consent", recipient, by=by, at=at, reason=reason)
    return recipient


_WEIGHT, _THEN = Weight.__table__, Weight.__table__.alias()
_LAST_WEIGHT = sa.select(_WEIGHT.c.kg, sa.exists().where(
    _THEN.c.recipient_id == _WEIGHT.c.recipient_id,
    _THEN.c.measured_at == sa.bindparam("at", type_=Moment)).label("then")).where(
        _WEIGHT.c.recipient_id == sa.bindparam("recipient_id", type_=sa.BigInteger)).order_by(
            _WEIGHT.c.measured_at.desc(), _WEIGHT.c.id.desc()).limit(1)


def weigh(
    recipient: Recipient, kg: Decimal, measured_at: datetime, why_unusual: str | None = None, *,
    by: Actor, at: datetime,
) -> Weight:
    """Record a body weight in kg. A wrong one is corrected by weighing again; one far from the last
    is asked about, because the dose follows from it."""
    by.must(Permission.WEIGH)
    rules.a_possible_weight(kg)
    not_in_the_future(measured_at, at, field="measured_at")
    not_before(local(measured_at).date(), identities.birth_date_of(recipient.code),
               field="measured_at", what="the person's birth")
    last = next(iter(read(_LAST_WEIGHT, {"recipient_id": recipient.id, "at": measured_at})), None)
    rules.not_weighed_then(last is not None and last.then)
    asked = held_against("weight", {"kg": kg}, why_unusual, at, {"kg": last.kg} if last else {})
    weight = Weight(recipient_id=recipient.id, kg=kg, measured_at=measured_at,
                    recorded_by_id=by.id, recorded_at=at, **asked)
    session.add(weight)
    record("weigh", recipient, by=by, at=at, reason=asked[FIELD], kg=kg, measured_at=measured_at)
    return weight


def issue_wristband(recipient: Recipient, *, by: Actor, at: datetime) -> Wristband:
    """Give the recipient a band with a code of its own; the one before ends."""
    by.must(Permission.ISSUE_WRISTBAND)
    rules.consents(recipient.consents_now, recipient.number)
    ended = [band for band in recipient.wristbands if band.ended_at is None]
    for band in ended:
        band.ended_at = at
    wristband = Wristband(recorded_by_id=by.id, recorded_at=at)
    recipient.wristbands.append(wristband)
    session.flush()  # the house code is given as the row is written
    record("issue wristband", recipient, by=by, at=at, wristband=wristband.code,
           ended=[band.code for band in ended])
    return wristband


def find_recipients() -> list[Recipient]:
    """Every recipient, in the order of enrolment."""
    return list(session.scalars(sa.select(Recipient).order_by(Recipient.id)))


def _next_number() -> str:
    return f"R-{session.scalar(sa.select(sa.func.count()).select_from(Recipient)) + 1:03d}"
