"""The signed assessment against the protocol, and the place in its ladder of cohorts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import Unfit
from mscbank.identities import service as identities
from mscbank.identities.rules import age_on
from mscbank.permissions import Actor, Permission
from mscbank.recipients import rules
from mscbank.recipients.models import Allocation, Assessment, Recipient
from mscbank.rules import not_before, not_in_the_future
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.service import Seal, covers, sign
from specs import conduct, shelf
from specs.eligibility import Ask, Found, judged
from specs.protocol import Protocol

ANSWERS = ("assessed_on", "mrss", "acr_eular_score", "severe_organ_involvement",
           "inadequate_response", "severe_comorbidity")


def protocol_of(recipient: Recipient) -> Protocol:
    """The protocol under which the recipient was enrolled."""
    return shelf.protocol(recipient.protocol)


def assessment_record(
    recipient: Recipient, assessed_on: date, mrss: int, acr_eular_score: int,
    severe_organ_involvement: bool, inadequate_response: bool, severe_comorbidity: bool,
) -> dict[str, Any]:
    """What the physician reads and signs: the facts, the age that day, each criterion not met."""
    protocol = protocol_of(recipient)
    age = age_on(identities.birth_date_of(recipient.code), assessed_on)
    numbers = {Ask.AGE: age, Ask.SKIN_SCORE: mrss, Ask.ACR_EULAR: acr_eular_score}
    answers = {"severe_organ_involvement": severe_organ_involvement,
               "inadequate_response_or_contraindication": inadequate_response,
               "severe_comorbidity": severe_comorbidity}
    found = {each.key: Found(numbers[each.ask]) if each.ask in numbers else Found(
                 present=tuple(each.options)[:1] if answers.get(each.key) else ())
             for each in protocol.criteria}
    unmet = [each for each in judged(protocol.criteria, found) if not each.met]
    return {
        "recipient": recipient.code, "number": recipient.number, "sex": recipient.sex,
        "protocol": recipient.protocol, "protocol digest": protocol.digest,
        "assessed_on": assessed_on, "age": age, "mrss": mrss,
        "acr_eular_score": acr_eular_score,
        "severe_organ_involvement": severe_organ_involvement,
        "inadequate_response": inadequate_response, "severe_comorbidity": severe_comorbidity,
        "failing": {each.key: each.sentence for each in unmet},
    }


def assess(
    recipient: Recipient, assessed_on: date, mrss: int, acr_eular_score: int,
    severe_organ_involvement: bool, inadequate_response: bool, severe_comorbidity: bool,
    *, seal: Seal | None, by: Actor, at: datetime,
) -> Assessment:
    """Assess the recipient against the protocol, eligible or not. Signed by the physician."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    rules.consents(recipient.consents_now, recipient.number)
    rules.possible_scores(mrss, acr_eular_score)
    not_in_the_future(assessed_on, local(at), field="assessed_on")
    not_before(assessed_on, _consents_since(recipient), field="assessed_on", what="the consent")
    answers = dict(zip(ANSWERS, (assessed_on, mrss, acr_eular_score, severe_organ_involvement,
                                 inadequate_response, severe_comorbidity), strict=True))
    seen = assessment_record(recipient, **answers)
    signature = sign(seal, recipient, meaning=Meaning.RECIPIENT_ELIGIBLE, over=seen,
                     permission=Permission.ASSESS_ELIGIBILITY, by=by, at=at)
    assessment = Assessment(**answers, age=seen["age"], failing=list(seen["failing"]),
                            signature_id=signature.id, recorded_by_id=by.id, recorded_at=at)
    recipient.assessments.append(assessment)
    record("assess", recipient, by=by, at=at, **answers, age=seen["age"],
           failing=list(seen["failing"]))
    return assessment


def allocate(recipient: Recipient, *, by: Actor, at: datetime) -> Allocation:
    """Give the recipient the next place of the ladder: cohort by cohort, in order, once."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    may_be_allocated(recipient)
    protocol = protocol_of(recipient)
    taken = session.scalars(sa.select(Allocation.number)
                            .where(Allocation.protocol == recipient.protocol))
    try:
        place, cohort = conduct.next_place(protocol, taken)
    except conduct.NoPlaceLeft as error:
        raise Unfit(f"{error}.", reasons=("no place left",)) from error
    recipient.allocation = Allocation(
        protocol=recipient.protocol, number=place, cohort=cohort.number,
        dose_per_kg=cohort.dose_per_kg, recorded_by_id=by.id, recorded_at=at)
    record("allocate", recipient, by=by, at=at, place=place, cohort=cohort.number,
           dose_per_kg=cohort.dose_per_kg)
    return recipient.allocation


def may_be_allocated(recipient: Recipient) -> None:
    """Refuse unless the recipient consents and the latest assessment stands and says eligible."""
    rules.not_allocated(recipient.number, recipient.allocation and recipient.allocation.number)
    rules.consents(recipient.consents_now, recipient.number)
    latest = recipient.assessments[-1] if recipient.assessments else None
    rules.assessed(latest and latest.assessed_on, recipient.number)
    now = assessment_record(recipient, **{name: getattr(latest, name) for name in ANSWERS})
    rules.assessment_covers(covers(session.get_one(Signature, latest.signature_id), now),
                            latest.assessed_on >= _consents_since(recipient), recipient.number)
    rules.eligible(now["failing"].values(), recipient.number)


def _consents_since(recipient: Recipient) -> date:
    return min(each.given_on for each in recipient.consents if each.withdrawn_at is None)
