"""The acts of this step."""

from __future__ import annotations

from typing import Any

from mscbank.acts import Act
from mscbank.donors import rules, schemas, service
from mscbank.donors.models import Donor, DonorDecision
from mscbank.permissions import Permission
from mscbank.recipients.models import Recipient
from mscbank.recipients.rules import consents
from mscbank.recipients.schemas import Consent, Withdraw
from mscbank.signatures.meanings import Meaning


def _consenting(person: Recipient | Donor) -> None:
    consents(person.consents_now, person.number)


def _consented(donor: Donor) -> None:
    consents(bool(donor.consents), donor.number)


def _tested(donor: Donor) -> None:
    rules.something_recorded(donor.markers, donor.number)


def _decided(decision: DonorDecision) -> dict[str, Any]:
    return {"outcome": decision.outcome, "warnings": decision.warnings}


def _decision(name: str, do: Any, meaning: Meaning, **more: Any) -> Act:
    return Act(name, Permission.ASSESS_ELIGIBILITY, do, on=Donor, meaning=meaning,
               record=service.donor_record, answer=_decided, **more)


ACTS: tuple[Act, ...] = (
    Act("enrol donor", Permission.ENROL, service.enrol_donor, on=Recipient,
        schema=schemas.EnrolDonor, possible=_consenting,
        answer=lambda donor: {"number": donor.number}),
    Act("consent", Permission.ENROL, service.consent_donor, on=Donor, schema=Consent),
    Act("withdraw consent", Permission.ENROL, service.withdraw_donor, on=Donor,
        schema=Withdraw, possible=_consenting),
    Act("record marker", Permission.RECORD_DONOR_TESTS, service.record_marker, on=Donor,
        schema=schemas.RecordMarker, possible=_consented),
    Act("correct marker", Permission.RECORD_DONOR_TESTS, service.correct_marker, on=Donor,
        schema=schemas.CorrectMarker, possible=_tested),
    Act("type HLA", Permission.RECORD_DONOR_TESTS, service.type_hla, on=Donor,
        schema=schemas.TypeHla, possible=_consenting),
    _decision("find eligible", service.find_eligible, Meaning.DONOR_ELIGIBLE,
              possible=service.may_be_found_eligible),
    _decision("accept by exception", service.accept_by_exception, Meaning.DONOR_EXCEPTION,
              schema=schemas.Justify, possible=_consenting),
    _decision("find not eligible", service.find_not_eligible, Meaning.DONOR_INELIGIBLE,
              schema=schemas.Justify),
)
