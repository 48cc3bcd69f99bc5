"""The acts on a donor: enrolment, consent, infectious markers, HLA; and the signed decision."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.donors import rules
from mscbank.donors.eligibility import (
    accept_by_exception,
    decision_covers,
    donor_record,
    find_eligible,
    find_not_eligible,
    may_be_found_eligible,
    missing_agents,
    reactive_agents,
    warnings_of,
)
from mscbank.donors.models import (
    Agent,
    Donor,
    DonorConsent,
    HlaTyping,
    Kinship,
    Marker,
    Reaction,
)
from mscbank.errors import AlreadyDone
from mscbank.identities import rules as identity
from mscbank.identities import service as identities
from mscbank.permissions import Actor, Permission
from mscbank.recipients import rules as recipient_rules
from mscbank.recipients.models import Recipient, Sex
from mscbank.recipients.service import protocol_of
from mscbank.rules import not_before, not_in_the_future
from mscbank.settings import local

__all__ = [
    "accept_by_exception", "consent_donor", "consents_since", "correct_marker",
    "decision_covers", "donor_record", "enrol_donor", "find_donors", "find_eligible",
    "find_not_eligible", "may_be_found_eligible", "missing_agents", "reactive_agents",
    "record_marker", "type_hla", "warnings_of", "withdraw_donor",
]


def enrol_donor(
    recipient: Recipient, kinship: Kinship, sex: Sex, name: str, birth_date: date, *, by: Actor,
    at: datetime,
) -> Donor:
    """Enrol a relative of the recipient under the next donor number; the name is sealed."""
    by.must(Permission.ENROL)
    recipient_rules.consents(recipient.consents_now, recipient.number)
    identity.a_possible_birth_date(birth_date, local(at).date())
    rules.kinship_allowed(kinship, protocol_of(recipient).donor.kinships, recipient.protocol)
    rules.kinship_fits(kinship, sex, birth_date, identities.birth_date_of(recipient.code))
    values = {identity.NAME: name, identity.BIRTH_DATE: birth_date.isoformat()}
    if kinship is Kinship.SELF:
        same = identities.find_subject(
            values, among=sa.select(Recipient.code).where(Recipient.id == recipient.id))
        rules.is_the_recipient(same is not None and sex is recipient.sex, recipient.number)
    known = identities.find_subject(
        values, among=sa.select(Donor.code).where(Donor.recipient_id == recipient.id))
    if known is not None:
        number = session.scalar(sa.select(Donor.number).where(Donor.code == known))
        raise AlreadyDone(f"This person is enrolled as {number} for {recipient.number}.",
                          field="name")
    donor = Donor(number=_next_number(), recipient=recipient, kinship=kinship, sex=sex,
                  recorded_by_id=by.id, recorded_at=at)
    session.add(donor)
    session.flush()  # the house code is given as the row is written
    identities.seal_values(donor.code, values, by=by, at=at)
    record("enrol donor", donor, by=by, at=at, number=donor.number, recipient=recipient.code,
           kinship=kinship, sex=sex)
    return donor


def consent_donor(
    donor: Donor, document: str, given_on: date, *, by: Actor, at: datetime,
) -> DonorConsent:
    """Record the donor's consent to a version of the information sheet (``document``)."""
    by.must(Permission.ENROL)
    recipient_rules.something_written(document, "document")
    not_in_the_future(given_on, local(at), field="given_on")
    rules.adult(identity.age_on(identities.birth_date_of(donor.code), given_on))
    recipient_rules.a_consent_of_its_own(document, [
        each.document for each in donor.consents if each.withdrawn_at is None])
    recipient_rules.after_the_withdrawal(given_on, max(
        (local(each.withdrawn_at).date() for each in donor.consents if each.withdrawn_at),
        default=None))
    given = DonorConsent(document=document, given_on=given_on, recorded_by_id=by.id,
                         recorded_at=at)
    donor.consents.append(given)
    record("consent", donor, by=by, at=at, document=document, given_on=given_on)
    return given


def withdraw_donor(donor: Donor, reason: str, *, by: Actor, at: datetime) -> Donor:
    """Record that the donor takes every consent back; no marrow is collected any more."""
    by.must(Permission.ENROL)
    recipient_rules.something_written(reason, "reason")
    recipient_rules.consents(donor.consents_now, donor.number)
    for each in donor.consents:
        if each.withdrawn_at is None:
            each.withdrawn_at, each.withdrawal_reason = at, reason
    record("withdraw consent", donor, by=by, at=at, reason=reason)
    return donor


def record_marker(
    donor: Donor, agent: Agent, reaction: Reaction, sampled_at: datetime, laboratory: str, *,
    by: Actor, at: datetime,
) -> Marker:
    """Record one infectious marker of a blood sample."""
    by.must(Permission.RECORD_DONOR_TESTS)
    _a_sample_of(donor, sampled_at, laboratory, at)
    rules.not_tested_then(agent, sampled_at, [(marker.agent, marker.sampled_at)
                                              for marker in donor.standing_markers])
    marker = Marker(agent=agent, reaction=reaction, sampled_at=sampled_at, laboratory=laboratory,
                    recorded_by_id=by.id, recorded_at=at)
    donor.markers.append(marker)
    record("record marker", donor, by=by, at=at, agent=agent, reaction=reaction,
           sampled_at=sampled_at, laboratory=laboratory)
    return marker


def correct_marker(
    donor: Donor, agent: Agent, reaction: Reaction, sampled_at: datetime, laboratory: str,
    reason: str, *, by: Actor, at: datetime,
) -> Marker:
    """Correct what was last recorded for this agent: a new row that points back to the old one.

    A decision signed over the old one no longer covers: the physician decides again.
    """
    by.must(Permission.RECORD_DONOR_TESTS)
    recipient_rules.something_written(reason, "reason")
    standing = [marker for marker in donor.standing_markers if marker.agent == agent]
    rules.something_to_correct(standing, agent)
    was = standing[-1]
    _a_sample_of(donor, sampled_at, laboratory, at)
    rules.a_change((reaction, sampled_at, laboratory),
                   (was.reaction, was.sampled_at, was.laboratory))
    rules.not_tested_then(agent, sampled_at, [(marker.agent, marker.sampled_at)
                                              for marker in standing if marker is not was])
    marker = Marker(agent=agent, reaction=reaction, sampled_at=sampled_at, laboratory=laboratory,
                    corrects_id=was.id, recorded_by_id=by.id, recorded_at=at)
    donor.markers.append(marker)
    record("correct marker", donor, by=by, at=at, reason=reason, agent=agent,
           was={"reaction": was.reaction, "sampled_at": was.sampled_at,
                "laboratory": was.laboratory},
           reaction=reaction, sampled_at=sampled_at, laboratory=laboratory)
    return marker


def type_hla(
    donor: Donor, locus: str, first: str, second: str, *, by: Actor, at: datetime,
) -> HlaTyping:
    """Record the donor's two alleles at one HLA locus as the laboratory wrote them.

    Typed again with another outcome, the latest stands and the earlier one stays to be read.
    """
    by.must(Permission.RECORD_DONOR_TESTS)
    recipient_rules.consents(donor.consents_now, donor.number)
    rules.a_known_locus(locus)
    rules.an_allele_of(locus, first, "first")
    rules.an_allele_of(locus, second, "second")
    rules.not_typed(locus, {first, second},
                    [{each.first, each.second} for each in donor.hla if each.locus == locus])
    typing = HlaTyping(locus=locus, first=first, second=second, recorded_by_id=by.id,
                       recorded_at=at)
    donor.hla.append(typing)
    record("type HLA", donor, by=by, at=at, locus=locus, first=first, second=second)
    return typing


def find_donors(recipient: Recipient) -> list[Donor]:
    """The relatives enrolled for this recipient, in the order of enrolment."""
    return list(session.scalars(
        sa.select(Donor).where(Donor.recipient_id == recipient.id).order_by(Donor.id)))


def consents_since(donor: Donor) -> date:
    """The day of the earliest consent that stands. Refused when there is none."""
    recipient_rules.consents(donor.consents_now, donor.number)
    return min(each.given_on for each in donor.consents if each.withdrawn_at is None)


def _a_sample_of(donor: Donor, sampled_at: datetime, laboratory: str, at: datetime) -> None:
    recipient_rules.something_written(laboratory, "laboratory")
    not_in_the_future(sampled_at, at, field="sampled_at")
    # results of blood taken before a withdrawal still come in, and still concern the recipient
    recipient_rules.consents(bool(donor.consents), donor.number)
    not_before(local(sampled_at).date(), min(each.given_on for each in donor.consents),
               field="sampled_at", what="the donor's consent")


def _next_number() -> str:
    return f"D-{session.scalar(sa.select(sa.func.count()).select_from(Donor)) + 1:03d}"
