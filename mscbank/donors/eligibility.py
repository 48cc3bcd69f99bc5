"""The physician's signed decision on a donor, and the warnings it puts on labels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.donors import rules
from mscbank.donors.models import Donor, DonorDecision, Eligibility, Kinship
from mscbank.permissions import Actor, Permission
from mscbank.recipients.rules import consents
from mscbank.recipients.service import protocol_of
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.service import Seal, covers, sign, snapshot

ACTS = {
    Eligibility.ELIGIBLE: ("find eligible", Meaning.DONOR_ELIGIBLE),
    Eligibility.EXCEPTION: ("accept by exception", Meaning.DONOR_EXCEPTION),
    Eligibility.INELIGIBLE: ("find not eligible", Meaning.DONOR_INELIGIBLE),
}


def donor_record(donor: Donor, justification: str | None = None) -> dict[str, Any]:
    """What the physician reads and signs: the donor, every marker that stands, what is missing."""
    protocol = protocol_of(donor.recipient)
    return {
        "donor": snapshot(donor), "recipient": donor.recipient.code,
        "protocol": donor.recipient.protocol, "protocol digest": protocol.digest,
        "markers": [snapshot(marker) for marker in donor.standing_markers],
        "reactive": reactive_agents(donor), "missing": missing_agents(donor),
        "warnings by exception": rules.warnings(reactive_agents(donor), missing_agents(donor),
                                                by_exception=True, autologous=_own(donor)),
        "justification": justification,
    }


def find_eligible(donor: Donor, *, seal: Seal | None, by: Actor, at: datetime) -> DonorDecision:
    """Find the donor eligible: every marker of the protocol tested, none reactive. Signed."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    may_be_found_eligible(donor)
    return _decide(donor, Eligibility.ELIGIBLE, None, seal, by, at)


def accept_by_exception(
    donor: Donor, justification: str, *, seal: Seal | None, by: Actor, at: datetime,
) -> DonorDecision:
    """Accept a blood relative who is not eligible; the warnings stand on every label. Signed."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    rules.justified(justification)
    return _decide(donor, Eligibility.EXCEPTION, justification, seal, by, at)


def find_not_eligible(
    donor: Donor, justification: str, *, seal: Seal | None, by: Actor, at: datetime,
) -> DonorDecision:
    """Find the donor not eligible: no marrow is collected. Signed."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    rules.justified(justification)
    return _decide(donor, Eligibility.INELIGIBLE, justification, seal, by, at)


def may_be_found_eligible(donor: Donor) -> None:
    """Refuse while a marker is missing or reactive, or without the donor's consent."""
    consents(donor.consents_now, donor.number)
    rules.nothing_speaks_against(reactive_agents(donor), missing_agents(donor), donor.number)


def decision_covers(donor: Donor) -> bool:
    """Whether the standing decision was signed over the tests that stand now."""
    if (decision := donor.decision) is None:
        return False
    signature = session.get_one(Signature, decision.signature_id)
    return covers(signature, donor_record(donor, decision.justification))


def reactive_agents(donor: Donor) -> tuple[str, ...]:
    """The agents a standing test reacted to, as a label names them."""
    return rules.reactive((marker.agent, marker.reaction) for marker in donor.standing_markers)


def missing_agents(donor: Donor) -> tuple[str, ...]:
    """The agents of the protocol for which no test stands."""
    return rules.missing([marker.agent for marker in donor.standing_markers],
                         protocol_of(donor.recipient).donor.markers)


def warnings_of(donor: Donor) -> tuple[str, ...]:
    """The English legends on every label downstream: those of the decision that stands, and
    those of a test that came in after it. Empty for an eligible donor."""
    decision = donor.decision
    by_exception = decision is not None and decision.outcome != Eligibility.ELIGIBLE
    return rules.warnings(reactive_agents(donor), missing_agents(donor), by_exception=by_exception,
                          autologous=_own(donor))


def _own(donor: Donor) -> bool:
    """Whether the recipient gives for themselves."""
    return donor.kinship is Kinship.SELF


def _decide(donor: Donor, outcome: Eligibility, justification: str | None, seal: Seal | None,
            by: Actor, at: datetime) -> DonorDecision:
    if outcome != Eligibility.INELIGIBLE:
        consents(donor.consents_now, donor.number)
    rules.not_decided_so(outcome, donor.decision and donor.decision.outcome,
                         decision_covers(donor), donor.number)
    act, meaning = ACTS[outcome]
    before = donor.decision and donor.decision.outcome
    signature = sign(seal, donor, meaning=meaning, over=donor_record(donor, justification),
                     permission=Permission.ASSESS_ELIGIBILITY, by=by, at=at)
    decision = DonorDecision(
        outcome=outcome, justification=justification, signature_id=signature.id,
        warnings=list(rules.warnings(reactive_agents(donor), missing_agents(donor),
                                     by_exception=outcome != Eligibility.ELIGIBLE,
                                     autologous=_own(donor))),
        recorded_by_id=by.id, recorded_at=at)
    donor.decisions.append(decision)
    record(act, donor, by=by, at=at, reason=justification, outcome=outcome,
           warnings=decision.warnings, before=before)
    return decision
