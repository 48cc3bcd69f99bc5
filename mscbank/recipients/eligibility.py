"""Who may take part: what was found of each criterion, the signed assessment, what came of it.

The criteria are those of the protocol the recipient consented to last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mscbank import things
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.identities import service as identities
from mscbank.identities.rules import age_on
from mscbank.permissions import Actor, Permission
from mscbank.recipients import rules
from mscbank.recipients.models import (
    Assessment,
    CriterionFinding,
    Recipient,
    ScreeningFailure,
    Waiver,
)
from mscbank.rules import not_before, not_in_the_future
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.service import Seal, covers, sign
from specs import shelf
from specs.eligibility import Ask, EntryCriterion, Found, Judged, judge
from specs.protocol import Protocol
from specs.scores import EXCLUSIONS, SIGNS, SKIN_SITES, acr_eular_2013, skin_score


NEWEST = 2**62  # a finding whose row is not written yet


def protocol_of(recipient: Recipient) -> Protocol:
    """The protocol the recipient consented to last."""
    return shelf.protocol(recipient.protocol)


# --- findings -----------------------------------------------------------------------------------

def score_skin(
    recipient: Recipient, found_on: date, evidence: str, attachment: str | None = None, *,
    by: Actor, at: datetime, **sites: int,
) -> CriterionFinding:
    """Score the skin at seventeen sites, 0 to 3 each; the score is their sum."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    rules.each_site(sites)
    told = {site: sites[site] for site in SKIN_SITES}
    return _find("score skin", recipient, Ask.SKIN_SCORE, found_on, evidence, attachment,
                 Decimal(skin_score(told)), told, by, at)


def classify(
    recipient: Recipient, found_on: date, evidence: str, attachment: str | None = None, *,
    by: Actor, at: datetime, **signs: bool,
) -> CriterionFinding:
    """Answer the items of the ACR/EULAR classification; points and exclusions are computed."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    rules.each_sign(signs)
    points = acr_eular_2013([sign for sign, there in signs.items() if there]).points
    return _find("classify disease", recipient, Ask.ACR_EULAR, found_on, evidence, attachment,
                 Decimal(points), {sign: signs[sign] for sign in (*SIGNS, *EXCLUSIONS)}, by, at)


def record_finding(
    recipient: Recipient, criterion: str, found_on: date, evidence: str,
    number: Decimal | None = None, present: Sequence[str] = (), attachment: str | None = None, *,
    by: Actor, at: datetime,
) -> CriterionFinding:
    """Record what was found of a criterion: a number, or which of its options are present.

    No option present is a finding too: it was looked for, and is not there.
    """
    by.must(Permission.ASSESS_ELIGIBILITY)
    asked = rules.the_criterion(criterion, protocol_of(recipient))
    present = rules.fitting(asked, number, present)
    items = {key: key in present for key in asked.options or ()}
    return _find("record finding", recipient, asked.key, found_on, evidence, attachment, number,
                 items, by, at)


def _find(act: str, recipient: Recipient, criterion: str, found_on: date, evidence: str,
          attachment: str | None, number: Decimal | None, items: dict[str, Any], by: Actor,
          at: datetime) -> CriterionFinding:
    may_be_screened(recipient)
    if isinstance(criterion, Ask):
        criterion = rules.asked_for(criterion, protocol_of(recipient)).key
    rules.something_written(evidence, "evidence")
    not_in_the_future(found_on, local(at), field="found_on")
    not_before(found_on, identities.birth_date_of(recipient.code), field="found_on",
               what="the person's birth")
    if attachment is not None:
        rules.an_attachment(things.by_code(attachment).SLUG)
    finding = CriterionFinding(
        criterion=criterion, found_on=found_on, number=number, items=items, evidence=evidence,
        attachment=attachment, recorded_by_id=by.id, recorded_at=at)
    recipient.findings.append(finding)
    record(act, recipient, by=by, at=at, criterion=criterion, found_on=found_on, number=number,
           items=items, evidence=evidence, attachment=attachment)
    return finding


def latest_finding(recipient: Recipient, key: str, day: date | None = None,
                   ) -> CriterionFinding | None:
    """The finding that counts of this criterion, on that day or now."""
    known = [each for each in recipient.findings
             if each.criterion == key and (day is None or each.found_on <= day)]
    return max(known, key=lambda each: (each.found_on, each.id or NEWEST), default=None)


def standing(recipient: Recipient, day: date,
             ) -> list[tuple[EntryCriterion, Judged, CriterionFinding | None]]:
    """Each criterion of the protocol held, judged on that day, with the finding that counts."""
    age = age_on(identities.birth_date_of(recipient.code), day)
    rows = []
    for criterion in protocol_of(recipient).criteria:
        finding = latest_finding(recipient, criterion.key, day)
        found = Found(age) if criterion.ask is Ask.AGE else _found(criterion, finding)
        rows.append((criterion, judge(criterion, found), finding))
    return rows


# --- the assessment -----------------------------------------------------------------------------

def assessment_record(recipient: Recipient, assessed_on: date) -> dict[str, Any]:
    """What the physician reads and signs: every criterion with its finding and its evidence."""
    protocol = protocol_of(recipient)
    age = age_on(identities.birth_date_of(recipient.code), assessed_on)
    rows, failing, numbers = [], {}, {}
    for criterion, said, finding in standing(recipient, assessed_on):
        if not said.met:
            failing[criterion.key] = said.sentence
        numbers[criterion.ask] = finding.number if finding else None
        rows.append({
            "criterion": criterion.key, "finding": said.sentence,
            "met": "yes" if said.met else "no",
            "found_on": finding.found_on if finding else None,
            "evidence": "birth date in the vault" if criterion.ask is Ask.AGE
            else finding.evidence if finding else "none recorded",
            "attachment": finding.attachment if finding else None,
            "items": _told(finding) if finding else []})
    return {
        "recipient": recipient.code, "number": recipient.number, "sex": recipient.sex,
        "protocol": recipient.protocol, "protocol digest": protocol.digest,
        "assessed_on": assessed_on, "age": age,
        "mrss": _whole(numbers.get(Ask.SKIN_SCORE)),
        "acr_eular_score": _whole(numbers.get(Ask.ACR_EULAR)),
        "criteria": rows, "failing": failing,
    }


def assess(recipient: Recipient, assessed_on: date, *, seal: Seal | None, by: Actor,
           at: datetime) -> Assessment:
    """Assess the recipient against the protocol, eligible or not. Signed by the physician."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    may_be_screened(recipient)
    not_in_the_future(assessed_on, local(at), field="assessed_on")
    not_before(assessed_on, _consents_since(recipient), field="assessed_on", what="the consent")
    seen = assessment_record(recipient, assessed_on)
    signature = sign(seal, recipient, meaning=Meaning.RECIPIENT_ELIGIBLE, over=seen,
                     permission=Permission.ASSESS_ELIGIBILITY, by=by, at=at)
    findings = {row["criterion"]: row["finding"] for row in seen["criteria"]}
    assessment = Assessment(
        protocol=recipient.protocol, assessed_on=assessed_on, age=seen["age"], mrss=seen["mrss"],
        acr_eular_score=seen["acr_eular_score"], findings=findings, failing=list(seen["failing"]),
        signature_id=signature.id, recorded_by_id=by.id, recorded_at=at)
    recipient.assessments.append(assessment)
    record("assess", recipient, by=by, at=at, assessed_on=assessed_on, age=seen["age"],
           mrss=seen["mrss"], acr_eular_score=seen["acr_eular_score"], findings=findings,
           failing=assessment.failing)
    return assessment


def waiver_record(recipient: Recipient, criterion: str, reason: str) -> dict[str, Any]:
    """What the physician reads and signs: the criterion not met, and why it is waived."""
    latest = _latest(recipient)
    rules.assessed(latest and latest.assessed_on, recipient.number)
    return {"recipient": recipient.code, "number": recipient.number,
            "protocol": recipient.protocol, "protocol digest": protocol_of(recipient).digest,
            "criterion": criterion, "finding": latest.findings.get(criterion), "reason": reason}


def waive(recipient: Recipient, criterion: str, reason: str, *, seal: Seal | None, by: Actor,
          at: datetime) -> Waiver:
    """Waive a criterion that is not met, where the protocol allows waivers. Signed."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    may_be_waived(recipient)
    rules.something_written(reason, "reason")
    rules.the_criterion(criterion, protocol_of(recipient))
    seen = waiver_record(recipient, criterion, reason)
    rules.waived_once(criterion, waived(recipient))
    rules.not_met(criterion, _latest(recipient).failing)
    signature = sign(seal, recipient, meaning=Meaning.CRITERION_WAIVED, over=seen,
                     permission=Permission.ASSESS_ELIGIBILITY, by=by, at=at)
    waiver = Waiver(protocol=recipient.protocol, criterion=criterion, reason=reason,
                    signature_id=signature.id, recorded_by_id=by.id, recorded_at=at)
    recipient.waivers.append(waiver)
    record("waive criterion", recipient, by=by, at=at, reason=reason, criterion=criterion,
           finding=seen["finding"])
    return waiver


def screen_out(recipient: Recipient, ended_on: date, why: str, *, by: Actor, at: datetime,
               ) -> ScreeningFailure:
    """End the screening without a place. Kept, and listed beside those who take part."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    may_be_screened_out(recipient)
    rules.something_written(why, "why")
    not_in_the_future(ended_on, local(at), field="ended_on")
    latest = _latest(recipient)
    if recipient.consents:
        not_before(ended_on, min(each.given_on for each in recipient.consents), field="ended_on",
                   what="the consent")
    failure = ScreeningFailure(
        ended_on=ended_on, why=why, failing=latest.failing if latest else [],
        recorded_by_id=by.id, recorded_at=at)
    recipient.screening_failure = failure
    record("screen out", recipient, by=by, at=at, reason=why, ended_on=ended_on,
           failing=failure.failing)
    return failure


# --- questions ----------------------------------------------------------------------------------

def may_be_screened(recipient: Recipient) -> None:
    """Refuse without consent, and once the screening has ended without a place."""
    rules.consents(recipient.consents_now, recipient.number)
    rules.not_screened_out(recipient.screening_failure is not None, recipient.number)


def may_be_screened_out(recipient: Recipient) -> None:
    """Refuse once there is a place, and a second time."""
    rules.not_screened_out(recipient.screening_failure is not None, recipient.number)
    rules.not_allocated(recipient.number, recipient.allocated and recipient.allocated.number)


def may_be_waived(recipient: Recipient) -> None:
    """Refuse where the protocol allows no waiver."""
    may_be_screened(recipient)
    rules.waivers_allowed(protocol_of(recipient))


def waived(recipient: Recipient) -> set[str]:
    """The criteria waived under the protocol the recipient holds."""
    return {each.criterion for each in recipient.waivers
            if each.protocol == recipient.protocol}


def stands_eligible(recipient: Recipient) -> None:
    """Refuse unless the latest assessment stands and says eligible, waivers counted."""
    latest = _latest(recipient)
    rules.assessed(latest and latest.assessed_on, recipient.number)
    now = assessment_record(recipient, latest.assessed_on)
    rules.assessment_covers(covers(session.get_one(Signature, latest.signature_id), now),
                            latest.assessed_on >= _consents_since(recipient), recipient.number)
    rules.eligible([sentence for key, sentence in now["failing"].items()
                    if key not in waived(recipient)], recipient.number)


def _latest(recipient: Recipient) -> Assessment | None:
    return recipient.assessments[-1] if recipient.assessments else None


def _found(criterion: EntryCriterion, finding: CriterionFinding | None) -> Found | None:
    if finding is None:
        return None
    present = tuple(key for key, there in finding.items.items() if there is True)
    excluded = acr_eular_2013(present).excluded if criterion.ask is Ask.ACR_EULAR else ()
    number = finding.number
    if number is not None and number == number.to_integral_value():
        number = int(number)
    return Found(number, present, excluded)


def _told(finding: CriterionFinding) -> list[str]:
    """What the finding rests on, as a reader lists it: what is there, each site above zero."""
    return [name if value is True else f"{name} {value}"
            for name, value in finding.items.items() if value]


def _whole(number: Any) -> int | None:
    return None if number is None else int(number)


def _consents_since(recipient: Recipient) -> date:
    return min(each.given_on for each in recipient.consents if each.withdrawn_at is None)
