"""The acts of this step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mscbank.acts import Act, Offer
from mscbank.permissions import Permission
from mscbank.recipients import eligibility, ladder, schemas, service
from mscbank.recipients.models import CriterionFinding, Recipient, TrialPause
from mscbank.recipients.rules import consents
from mscbank.signatures.meanings import Meaning
from specs.eligibility import Ask


def _consenting(recipient: Recipient) -> None:
    consents(recipient.consents_now, recipient.number)


def _number(finding: CriterionFinding) -> dict[str, Any]:
    return {"criterion": finding.criterion, "number": finding.number}


def _findings(recipient: Recipient, typed: Mapping[str, str]) -> dict[str, Offer]:
    """The criteria that are written down by hand, and the options of the one that is chosen."""
    asked = [each for each in eligibility.protocol_of(recipient).criteria
             if each.ask in (Ask.NUMBER, Ask.ANY_OF, Ask.NONE_OF)]
    chosen = [each for each in asked if each.key == typed.get("criterion")] or asked
    return {"criterion": Offer(tuple((each.key, each.title) for each in chosen), first=True),
            "present": Offer(tuple(option for each in chosen
                                   for option in (each.options or {}).items()),
                             help="Mark what is present; nothing marked: looked for, and none.")}


def _waivable(recipient: Recipient, typed: Mapping[str, str]) -> dict[str, Offer]:
    """The criteria not met in the latest assessment."""
    failing = recipient.assessments[-1].failing if recipient.assessments else []
    titles = {each.key: each.title for each in eligibility.protocol_of(recipient).criteria}
    return {"criterion": Offer(tuple((key, titles.get(key, key)) for key in failing), first=True)}


ACTS: tuple[Act, ...] = (
    Act("enrol", Permission.ENROL, service.enrol, room="recipients", schema=schemas.Enrol,
        answer=lambda recipient: {"number": recipient.number}),
    Act("consent", Permission.ENROL, service.consent, on=Recipient, schema=schemas.Consent),
    Act("withdraw consent", Permission.ENROL, service.withdraw, on=Recipient,
        schema=schemas.Withdraw, possible=_consenting),
    Act("consent to amendment", Permission.ENROL, service.consent_to_amendment, on=Recipient,
        schema=schemas.ConsentToAmendment, possible=service.may_consent_to_amendment,
        answer=lambda consent: {"protocol": consent.protocol}),
    Act("score skin", Permission.ASSESS_ELIGIBILITY, eligibility.score_skin, on=Recipient,
        schema=schemas.ScoreSkin, possible=eligibility.may_be_screened, answer=_number,
        page="recipients/score_skin.html"),
    Act("classify disease", Permission.ASSESS_ELIGIBILITY, eligibility.classify, on=Recipient,
        schema=schemas.Classify, possible=eligibility.may_be_screened, answer=_number),
    Act("record finding", Permission.ASSESS_ELIGIBILITY, eligibility.record_finding, on=Recipient,
        schema=schemas.RecordFinding, possible=eligibility.may_be_screened, offers=_findings),
    Act("assess", Permission.ASSESS_ELIGIBILITY, eligibility.assess, on=Recipient,
        schema=schemas.Assess, meaning=Meaning.RECIPIENT_ELIGIBLE,
        record=eligibility.assessment_record, possible=eligibility.may_be_screened,
        answer=lambda assessment: {"findings": assessment.findings,
                                   "failing": assessment.failing}),
    Act("waive criterion", Permission.ASSESS_ELIGIBILITY, eligibility.waive, on=Recipient,
        schema=schemas.Waive, meaning=Meaning.CRITERION_WAIVED, record=eligibility.waiver_record,
        possible=eligibility.may_be_waived, offers=_waivable),
    Act("screen out", Permission.ASSESS_ELIGIBILITY, eligibility.screen_out, on=Recipient,
        schema=schemas.ScreenOut, possible=eligibility.may_be_screened_out),
    Act("allocate", Permission.ASSESS_ELIGIBILITY, ladder.allocate, on=Recipient,
        possible=ladder.may_be_allocated,
        answer=lambda allocation: {"place": allocation.number, "cohort": allocation.cohort,
                                   "dose_per_kg": allocation.dose_per_kg}),
    Act("pause trial", Permission.PAUSE_TRIAL, ladder.pause_trial, room="pauses",
        schema=schemas.PauseTrial),
    Act("resume trial", Permission.RESUME_TRIAL, ladder.resume, on=TrialPause,
        schema=schemas.ResumeTrial, meaning=Meaning.TRIAL_RESUMED, record=ladder.resume_record,
        possible=ladder.may_be_resumed),
    Act("weigh", Permission.WEIGH, service.weigh, on=Recipient, schema=schemas.Weigh),
    Act("issue wristband", Permission.ISSUE_WRISTBAND, service.issue_wristband, on=Recipient,
        possible=_consenting),
)
