"""What is done about a deviation: judged, investigated, corrected, prevented, verified.

Each step is a row of its own, so the record shows how the judgement grew. Nothing is added once
the deviation is closed.
"""

from __future__ import annotations

from datetime import date, datetime

from mscbank.accounts.service import find_account
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.permissions import Actor, Permission, another_person
from mscbank.release import rules
from mscbank.release.models import (
    Action,
    ActionKind,
    Classification,
    Deviation,
    DeviationInvestigation,
    InquiryMethod,
    Severity,
)
from mscbank.release.stops import due_of
from mscbank.settings import local


def classify(deviation: Deviation, severity: Severity, reason: str, *, by: Actor,
             at: datetime) -> Deviation:
    """Judge the severity anew. The day to be closed by follows, counted from the opening."""
    by.must(Permission.CLASSIFY_DEVIATION)
    can_go_on(deviation)
    rules.said(reason, field="reason")
    rules.another_severity(deviation.severity, severity)
    was, due_at = deviation.severity, due_of(severity, deviation.recorded_at)
    deviation.classifications.append(Classification(
        was=was, severity=severity, reason=reason, due_at=due_at, recorded_by_id=by.id,
        recorded_at=at))
    session.flush()
    deviation.severity, deviation.due_at = severity, due_at
    record("classify deviation", deviation, by=by, at=at, reason=reason, was=was,
           severity=severity, due_at=due_at)
    return deviation


def investigate(deviation: Deviation, method: InquiryMethod, root_cause: str,
                product_impact: str, other_lots: str, *, by: Actor, at: datetime) -> Deviation:
    """Write down the cause, how it was found, and what it means for this and other lots."""
    by.must(Permission.INVESTIGATE_DEVIATION)
    can_go_on(deviation)
    for name, text in (("root_cause", root_cause), ("product_impact", product_impact),
                       ("other_lots", other_lots)):
        rules.said(text, field=name)
    deviation.investigations.append(DeviationInvestigation(
        method=method, root_cause=root_cause, product_impact=product_impact,
        other_lots=other_lots, recorded_by_id=by.id, recorded_at=at))
    record("investigate deviation", deviation, by=by, at=at, method=method,
           root_cause=root_cause, product_impact=product_impact, other_lots=other_lots)
    return deviation


def add_action(deviation: Deviation, kind: ActionKind, what: str, owner: str, due_on: date, *,
               by: Actor, at: datetime) -> Action:
    """Plan a corrective or preventive action; ``owner`` is the user name of who does it."""
    by.must(Permission.PLAN_ACTION)
    can_go_on(deviation)
    rules.said(what, field="what")
    rules.due_ahead(due_on, local(at).date())
    person = find_account(owner)
    rules.owner_known(owner, person is not None, person is not None and bool(person.ended_at))
    action = Action(deviation=deviation, number=len(deviation.actions) + 1, kind=kind, what=what,
                    owner_id=person.id, due_on=due_on, recorded_by_id=by.id, recorded_at=at)
    session.add(action)
    session.flush()
    record("add action", deviation, by=by, at=at, action=action.code, number=action.number,
           kind=kind, what=what, owner=person.code, due_on=due_on)
    return action


def finish_action(action: Action, done: str, *, by: Actor, at: datetime) -> Action:
    """The owner says what was done; quality assurance does where the owner has left."""
    by.must(Permission.FINISH_ACTION)
    rules.finishes(by.id, action.owner_id, action.owner.username,
                   in_place=bool(action.owner.ended_at) and by.may(Permission.VERIFY_ACTION))
    can_finish(action)
    rules.said(done, field="done")
    action.done, action.done_at, action.done_by_id = done, at, by.id
    record("finish action", action, by=by, at=at, done=done)
    return action


def verify_action(action: Action, effective: bool, verification: str, *, by: Actor,
                  at: datetime) -> Action:
    """Another person than who did it looks whether it works."""
    by.must(Permission.VERIFY_ACTION)
    can_verify(action)
    rules.said(verification, field="verification")
    another_person(by, than=action.owner_id, who="owns this action")
    another_person(by, than=action.done_by_id, who="finished this action")
    action.effective, action.verification = effective, verification
    action.verified_at, action.verified_by_id = at, by.id
    record("verify action", action, by=by, at=at, effective=effective, verification=verification)
    return action


def can_go_on(deviation: Deviation) -> None:
    """Refuse a deviation that was closed."""
    rules.deviation_open(deviation.title, deviation.closed_at is not None)


def can_finish(action: Action) -> None:
    """Refuse an action that was finished."""
    rules.not_finished(action.done_at is not None)


def can_verify(action: Action) -> None:
    """Refuse an action that is not finished, or was verified."""
    rules.to_be_verified(action.done_at is not None, action.verified_at is not None)
