"""The acts that correct what was seen beside a bag, or withdraw what was never seen beside it.

A slip is found later: hours or days after the bag. So nothing here asks how long ago it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mscbank.accounts.service import raise_alert
from mscbank.acts import Offer
from mscbank.audit.service import record
from mscbank.database import current, session
from mscbank.infusions import correction_rules, dose, service
from mscbank.infusions.models import Observation, Reaction
from mscbank.infusions.orders import protocol_of
from mscbank.infusions.seen_models import Row, Seen
from mscbank.permissions import Actor, Permission, Role
from mscbank.rules import moment_told
from mscbank.settings import local
from mscbank.usual import held_against


def correct_signs(
    wrong: Observation, temperature_c: Decimal, pulse: int, systolic: int, diastolic: int,
    saturation: int, reason: str, why_unusual: str | None = None,
    happened_at: datetime | None = None, *, by: Actor, at: datetime,
) -> Observation:
    """Say vital signs anew, whole: a further row that points at the one it corrects, which stays.

    They keep their hour unless ``happened_at`` says another. Out of the usual only with a word on
    why, ``why_unusual``, as when they were written down.
    """
    by.must(Permission.OBSERVE)
    may_be_corrected(wrong)
    at = max(at, current().at)
    signs = {"temperature_c": temperature_c, "pulse": pulse, "systolic": systolic,
             "diastolic": diastolic, "saturation": saturation}
    dose.vital_signs(**signs)
    then = service.observed_at(happened_at, wrong.infusion, at) if happened_at else wrong.at
    asked = held_against("observation", signs, why_unusual, at)
    right = _kept(Observation(at=then, **signs, **asked), wrong, reason, by, at)
    _record("correct vital signs", right, wrong, by, at)
    return right


def correct_reaction(
    wrong: Reaction, term: str, grade: int, done: str, reason: str, death: bool = False,
    happened_at: datetime | None = None, *, by: Actor, at: datetime,
) -> Reaction:
    """Say a reaction anew, whole. It keeps its hour unless ``happened_at`` says another.

    Grade 5 only with ``death``, as when it was reported. A severe grade that is raised alerts the
    physicians as a new reaction does; of one that is lowered they are told beside the alert.
    """
    by.must(Permission.OBSERVE)
    may_be_corrected(wrong)
    at = max(at, current().at)
    dose.a_grade(grade, wrong.infusion.recipient.number, death=death)
    then = service.reacted_at(happened_at, wrong.infusion, at) if happened_at else wrong.at
    right = _kept(Reaction(
        at=then, term=dose.said(term, field="term"), grade=grade, death=death,
        done=dose.said(done, field="done")), wrong, reason, by, at)
    _record("correct reaction", right, wrong, by, at, alerted=_tell(right, wrong, at))
    return right


def withdraw_signs(wrong: Observation, reason: str, *, by: Actor, at: datetime) -> Observation:
    """Say that these vital signs were never taken beside this bag. What was written stays."""
    by.must(Permission.OBSERVE)
    may_be_withdrawn(wrong)
    at = max(at, current().at)
    gone = _kept(Observation(**wrong.said, usual=wrong.usual, withdrawn=True), wrong, reason, by, at)
    _record("withdraw vital signs", gone, wrong, by, at)
    return gone


def withdraw_reaction(wrong: Reaction, reason: str, *, by: Actor, at: datetime) -> Reaction:
    """Say that this reaction was never seen beside this bag. What was written stays, and so does
    the alert of a severe one."""
    by.must(Permission.OBSERVE)
    may_be_withdrawn(wrong)
    at = max(at, current().at)
    gone = _kept(Reaction(**wrong.said, withdrawn=True), wrong, reason, by, at)
    _record("withdraw reaction", gone, wrong, by, at, alerted=_tell(gone, wrong, at))
    return gone


def _kept(right: Row, wrong: Row, reason: str, by: Actor, at: datetime) -> Row:
    """The further row, unless it says nothing new or not why."""
    right.reason = dose.said(reason, field="reason")
    if not right.withdrawn:
        correction_rules.something_else(right.said, wrong.said, withdrawn=wrong.withdrawn)
    right.corrects_id, right.infusion = wrong.id, wrong.infusion
    right.recorded_by_id, right.recorded_at = by.id, at
    session.add(right)
    session.flush()
    return right


def _record(act: str, right: Row, wrong: Row, by: Actor, at: datetime, **told: Any) -> None:
    """The entry, about the infusion: what was said, and what is said now."""
    becomes = {} if right.withdrawn else {"becomes": right.said}
    record(act, right.infusion, by=by, at=at, reason=right.reason, corrects=wrong.code,
           was=wrong.said, **becomes, **told)


def _tell(right: Reaction, wrong: Reaction, at: datetime) -> bool:
    """Alert of a reaction that is severe only now, or no longer. No alert is taken back."""
    infusion = wrong.infusion
    least = protocol_of(infusion.recipient).endpoint.grade_min
    grade, before = (0 if each.withdrawn else each.grade for each in (right, wrong))
    if correction_rules.is_worse(grade, before, least):
        service.alert_of_severe(infusion, right.term, grade, at=at)
        return True
    if not correction_rules.is_milder(grade, before, least, renamed=right.term != wrong.term):
        return False
    was, words, number = wrong.grade, wrong.term, infusion.recipient.number
    raise_alert(Role.PHYSICIAN, infusion, (
        f"The reaction of grade {was} ({words}) in {number} was withdrawn: look at the reason, and "
        "at the adverse event if one was reported." if right.withdrawn else
        f"The reaction of grade {was} ({words}) in {number} was corrected to grade {right.grade} "
        f"({right.term}): look at the reason, and at the adverse event if one was reported."), at=at)
    return True


# --- questions ----------------------------------------------------------------------------------

def may_be_corrected(seen: Seen) -> None:
    """Refuse a row that was corrected or withdrawn by a later one."""
    kind = type(seen)
    correction_rules.stands(session.scalar(sa.select(
        sa.exists().where(kind.corrects_id == seen.id))))


def may_be_withdrawn(seen: Seen) -> None:
    """Refuse that too of what was withdrawn; a withdrawal by mistake is corrected."""
    may_be_corrected(seen)
    correction_rules.not_withdrawn(seen.withdrawn)


def said_again(seen: Seen) -> dict[str, Any]:
    """What the form of a correction begins with: all as it stands but the hour, which stays where
    nothing is said of it."""
    words = {True: "yes", False: "no"}
    return {name: words[value] if isinstance(value, bool) else value
            for name, value in seen.said.items() if name != "at" and value is not None}


def offers(seen: Seen, typed: Mapping[str, str]) -> dict[str, Offer]:
    """The hour that stays, beside the box for another one."""
    return {"happened_at": Offer(help=f"Left empty: it stays {moment_told(local(seen.at))}.")}
