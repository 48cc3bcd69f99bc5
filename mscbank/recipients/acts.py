"""The acts of this step."""

from __future__ import annotations

from mscbank.acts import Act
from mscbank.permissions import Permission
from mscbank.recipients import schemas, service
from mscbank.recipients.eligibility import may_be_allocated
from mscbank.recipients.models import Recipient
from mscbank.recipients.rules import consents
from mscbank.signatures.meanings import Meaning


def _consenting(recipient: Recipient) -> None:
    consents(recipient.consents_now, recipient.number)


ACTS: tuple[Act, ...] = (
    Act("enrol", Permission.ENROL, service.enrol, room="recipients", schema=schemas.Enrol,
        answer=lambda recipient: {"number": recipient.number}),
    Act("consent", Permission.ENROL, service.consent, on=Recipient, schema=schemas.Consent),
    Act("withdraw consent", Permission.ENROL, service.withdraw, on=Recipient,
        schema=schemas.Withdraw, possible=_consenting),
    Act("assess", Permission.ASSESS_ELIGIBILITY, service.assess, on=Recipient,
        schema=schemas.Assess, meaning=Meaning.RECIPIENT_ELIGIBLE,
        record=service.assessment_record, possible=_consenting,
        answer=lambda assessment: {"failing": assessment.failing}),
    Act("allocate", Permission.ASSESS_ELIGIBILITY, service.allocate, on=Recipient,
        possible=may_be_allocated,
        answer=lambda allocation: {"place": allocation.number, "cohort": allocation.cohort,
                                   "dose_per_kg": allocation.dose_per_kg}),
    Act("weigh", Permission.WEIGH, service.weigh, on=Recipient, schema=schemas.Weigh),
    Act("issue wristband", Permission.ISSUE_WRISTBAND, service.issue_wristband, on=Recipient,
        possible=_consenting),
)
