"""Decisions on a lot: each signed over its whole record, by one who took no part in its results."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.bags.lifecycle import LOT_STANDING, Row, Standing, after, row_for
from mscbank.bags.models import Lot
from mscbank.cultures.models import ReagentStanding
from mscbank.database import session
from mscbank.donors.models import Eligibility
from mscbank.permissions import Actor, Permission, Role, another_person
from mscbank.release import rules
from mscbank.release.late import correct_result, record_result
from mscbank.release.models import Decision, ExceptionRequest
from mscbank.release.record import (
    covered,
    deviations_of,
    exceptional_record,
    latest_decision,
    latest_request,
    lot_record,
    reagents_of,
    request_covers,
    requested_record,
)
from mscbank.release.review import unreviewed
from mscbank.release.stops import BLOCKING, open_holds, stop_everything
from mscbank.release.verdict import findings_of, told
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign
from mscbank.testing.investigations import open_investigations
from mscbank.testing.service import standing_results
from specs.judge import Finding, Outcome

__all__ = [
    "certify", "correct_result", "declare_nonconforming", "findings_of", "record_result",
    "reinstate", "reject", "release_conditionally", "release_exceptionally", "request_exception",
]


# What each release asks of the judge's findings.
FITS = {"release conditionally": rules.conditionally_fit, "certify": rules.certifiable,
        "release exceptionally": rules.in_need_of_an_exception}


def release_conditionally(lot: Lot, *, seal: Seal | None, by: Actor, at: datetime) -> Decision:
    """Let the lot go out while results are awaited that its specification lets wait."""
    findings = _ready("release conditionally", lot, by, at)
    return _decide("release conditionally", lot, findings, lot_record(lot), seal, by, at)


def certify(lot: Lot, *, seal: Seal | None, by: Actor, at: datetime) -> Decision:
    """Certify the whole lot: every criterion passes."""
    findings = _ready("certify", lot, by, at)
    return _decide("certify", lot, findings, lot_record(lot), seal, by, at)


def release_exceptionally(lot: Lot, *, seal: Seal | None, by: Actor, at: datetime) -> Decision:
    """Release a lot that does not meet every limit, at the physician's signed request."""
    findings = _ready("release exceptionally", lot, by, at)
    request = _requested(lot)
    another_person(by, than=request.recorded_by_id, who="requested this exception")
    return _decide("release exceptionally", lot, findings, exceptional_record(lot), seal, by, at)


def reject(lot: Lot, reason: str, *, seal: Seal | None, by: Actor, at: datetime) -> Decision:
    """Reject a lot: none of its bags is ever used."""
    rules.said(reason, field="reason")
    findings = _permitted("reject", lot, by, at)
    return _decide("reject", lot, findings, lot_record(lot, reason=reason), seal, by, at,
                   reason=reason)


def declare_nonconforming(lot: Lot, reason: str, *, seal: Seal | None, by: Actor,
                          at: datetime) -> Decision:
    """Recall a released lot: a hold, a critical deviation, and every bag's place in the alerts."""
    rules.said(reason, field="reason")
    findings = _permitted("declare nonconforming", lot, by, at)
    return _decide("declare nonconforming", lot, findings, lot_record(lot, reason=reason), seal,
                   by, at, reason=reason)


def reinstate(lot: Lot, reason: str, *, seal: Seal | None, by: Actor, at: datetime) -> Decision:
    """Let a lot wait for a decision again that the bank had stopped on a result in error.

    Its holds stay until they are lifted, its deviation until it is closed.
    """
    rules.said(reason, field="reason")
    findings = _permitted("reinstate", lot, by, at)
    can_reinstate(lot, at=at)
    another_person(by, than=latest_decision(lot).recorded_by_id,
                   who="recorded the result that stopped this lot")
    return _decide("reinstate", lot, findings, lot_record(lot, reason=reason), seal, by, at,
                   reason=reason)


def can_reinstate(lot: Lot, *, at: datetime | None = None) -> None:
    """Refuse unless the bank itself stopped the lot and no result that stands fails any more."""
    can_move("reinstate", lot)
    found = latest_decision(lot)
    accepted = [(each["test"], each["stage"]) for decision in lot.decisions
                if decision.standing is Standing.EXCEPTIONAL
                for each in decision.findings if each["outcome"] == Outcome.FAIL]
    rules.reinstatable(
        found is not None and found.result_id is not None,
        [each for each in findings_of(lot, at=at) if each.outcome is Outcome.FAIL], accepted)


def request_record(lot: Lot, justification: str) -> dict[str, Any]:
    """What the physician signs: the lot's record and why this lot is wanted all the same."""
    return requested_record(lot, justification)


def request_exception(lot: Lot, justification: str, *, seal: Seal | None, by: Actor,
                      at: datetime) -> ExceptionRequest:
    """The physician asks for a lot that does not meet every limit."""
    by.must(Permission.REQUEST_EXCEPTION)
    can_request(lot, at=at)
    rules.said(justification, field="justification")
    signature = sign(seal, lot, meaning=Meaning.EXCEPTION_REQUESTED,
                     over=request_record(lot, justification),
                     permission=Permission.REQUEST_EXCEPTION, by=by, at=at)
    request = ExceptionRequest(lot_id=lot.id, justification=justification,
                               signature_id=signature.id, recorded_by_id=by.id, recorded_at=at)
    session.add(request)
    session.flush()
    record("request exception", lot, by=by, at=at, reason=justification)
    return request


def can_request(lot: Lot, *, at: datetime | None = None) -> None:
    """Refuse when the standing leaves no exception to ask for, the lot needs none, or one is
    asked for."""
    request = latest_request(lot)
    rules.may_be_requested(lot.standing, covered(lot),
                           request is not None and request_covers(request, lot))
    rules.in_need_of_an_exception(findings_of(lot, at=at))


def can_move(act: str, lot: Lot) -> Standing:
    """The standing this act leads to; refuses by the wall chart. A release whose signature no
    longer covers is renewed by the same act: the standing stays."""
    row = row_for(LOT_STANDING, act)
    if rules.renewable(lot.standing, row.enters, covered(lot)):
        return row.enters
    return after(LOT_STANDING, act, lot.standing)


def _permitted(act: str, lot: Lot, by: Actor, at: datetime) -> tuple[Finding, ...]:
    """By right, by the chart, and by one who took no part; then what the judge says."""
    by.must(_row(act).who)
    can_move(act, lot)
    results = standing_results(lot)
    took_part = [(person, result.test) for result in results
                 for person in (result.recorded_by_id, result.confirmed_by_id)]
    rules.took_no_part(by.id, by.username, took_part)
    return findings_of(lot, at=at)


def _ready(act: str, lot: Lot, by: Actor, at: datetime) -> tuple[Finding, ...]:
    """Permitted, fit for this release, and nothing open or blocked stands in its way."""
    findings = _permitted(act, lot, by, at)
    _nothing_in_the_way(lot)
    FITS[act](findings)
    return findings


def can_release(act: str, lot: Lot) -> None:
    """Refuse as the act would, whoever asks: by the chart, by what is open, by the results as of
    the last one, and an exception without its request."""
    can_move(act, lot)
    FITS[act](findings_of(lot))
    if act == "release exceptionally":
        _requested(lot)
    _nothing_in_the_way(lot)


def _requested(lot: Lot) -> ExceptionRequest:
    """The physician's request, which still covers the record."""
    request = latest_request(lot)
    rules.requested(request is not None, request is not None and request_covers(request, lot))
    return request


def _nothing_in_the_way(lot: Lot) -> None:
    """Nothing open, nothing blocked, nothing unread."""
    rules.nothing_open(
        [hold.reason for hold in open_holds(lot)],
        [deviation.title for deviation in deviations_of(lot)
         if deviation.closed_at is None and deviation.severity in BLOCKING],
        [investigation.title for investigation in open_investigations(lot)])
    decision = lot.harvest.donor.decision
    rules.made_of_sound_parts(
        decision is None or decision.outcome is Eligibility.INELIGIBLE,
        [reagent.title for reagent in reagents_of(lot)
         if reagent.standing is ReagentStanding.BLOCKED])
    rules.trail_reviewed(unreviewed(lot))


def _row(act: str) -> Row:
    return row_for(LOT_STANDING, act)


def _decide(act: str, lot: Lot, findings: tuple[Finding, ...], over: dict[str, Any],
            seal: Seal | None, by: Actor, at: datetime, reason: str | None = None) -> Decision:
    """Sign, write the decision, then move the lot: the database asks for them in that order."""
    row, standing = _row(act), can_move(act, lot)
    signature = sign(seal, lot, meaning=row.signed, over=over, permission=row.who, by=by, at=at)
    decision = Decision(lot=lot, standing=standing, findings=[told(each) for each in findings],
                        reason=reason, signature=signature, recorded_by_id=by.id, recorded_at=at)
    session.add(decision)
    session.flush()
    lot.standing = standing
    facts: dict[str, Any] = {}
    if standing is Standing.NONCONFORMING:
        facts = stop_everything(lot, f"Lot {lot.number} was declared nonconforming.", reason,
                                by=by, at=at)
    if standing is Standing.PENDING:
        raise_alert(Role.PHYSICIAN, lot, f"Lot {lot.number} waits for a new decision: the result "
                    "that stopped it was in error. It stays held until then.", at=at)
    record(act, lot, by=by, at=at, reason=reason, decision=decision.code, standing=standing,
           specification=lot.specification, digest=signature.digest,
           outcomes=list(rules.outcomes(findings)), **facts)
    return decision
