"""The acts at the bedside: start, observe, finish, stop, a reaction.

The order is in orders.py, the check by two in checking.py, the law in rules.py, the reading of
its facts in facts.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.bags import service as bags
from mscbank.bags.models import Bag
from mscbank.database import current, session
from mscbank.errors import AlreadyDone, Unfit
from mscbank.infusions import dose, pace
from mscbank.infusions.checking import Outcome, again, check, digest, own_check
from mscbank.infusions.facts import Judged
from mscbank.infusions.findings import Word
from mscbank.infusions.models import (
    Check,
    Ending,
    Infusion,
    Observation,
    OrderedBag,
    Reaction,
)
from mscbank.infusions.orders import cancel_order, order, order_record, part_of, protocol_of
from mscbank.permissions import Actor, Permission, Role
from mscbank.release import stops
from mscbank.release.models import Severity
from mscbank.settings import local
from mscbank.usual import FIELD, held_against

__all__ = ["Outcome", "cancel_order", "check", "finish", "observe", "order", "order_record",
           "own_check", "report_reaction", "start", "stop"]


def start(bag: Bag, token: str, *, by: Actor, at: datetime) -> Infusion:
    """Start the infusion of a bag: judged again, here inside the lock, on the token of its go."""
    by.must(Permission.INFUSE)
    go = session.scalar(sa.select(Check).where(Check.token_digest == digest(token)))
    may_be_started(bag)
    dose.token_fits(go is not None, go is not None and go.bag_id == bag.id,
                    go is not None and go.token_used_at is not None,
                    go is not None and by.id in (go.recorded_by_id, go.second_id))
    judged = again(go, at)
    _refuse(judged)
    at = max(at, current().at)
    go.token_used_at = at
    bags.move(bag, "start", by=by, at=at)
    session.flush()  # the database lets an infusion begin only of a bag that is infusing
    infusion = Infusion(
        bag_id=bag.id, order_id=judged.order_id, recipient_id=judged.recipient_id,
        check_id=go.id, started_at=at,
        not_before=pace.not_before(at, minutes_of(judged.order_id, bag)),
        recorded_by_id=by.id, recorded_at=at)
    session.add(infusion)
    session.flush()
    record("start", bag, by=by, at=at, infusion=infusion.code, check=go.code,
           not_before=infusion.not_before,
           recipient=judged.facts.band_is_of if judged.facts else None)
    return infusion


def observe(
    infusion: Infusion, temperature_c: Decimal, pulse: int, systolic: int, diastolic: int,
    saturation: int, why_unusual: str | None = None, happened_at: datetime | None = None, *,
    by: Actor, at: datetime,
) -> Observation:
    """Write down vital signs: degrees Celsius, per minute, mmHg twice, per cent. Out of the usual
    only with a word on why, ``why_unusual``."""
    by.must(Permission.OBSERVE)
    at = max(at, current().at)
    signs = {"temperature_c": temperature_c, "pulse": pulse, "systolic": systolic,
             "diastolic": diastolic, "saturation": saturation}
    dose.vital_signs(**signs)
    then = observed_at(happened_at, infusion, at)
    asked = held_against("observation", signs, why_unusual, at)
    seen = Observation(infusion=infusion, at=then, **signs, **asked, recorded_by_id=by.id,
                       recorded_at=at)
    session.add(seen)
    record("observe", infusion, by=by, at=at, reason=asked[FIELD], **signs, **_earlier(then, at))
    return seen


def finish(infusion: Infusion, volume_given_ml: Decimal, too_quick: str | None = None,
           happened_at: datetime | None = None, *, by: Actor, at: datetime) -> Infusion:
    """The bag is empty, or what was ordered of it has run in (mL). Before its time only with a
    word on why, ``too_quick``: kept as it was, with a deviation."""
    return end(infusion, volume_given_ml, Ending.FINISHED, None, too_quick, by=by, at=at,
               ended_at=_when(happened_at, infusion, at))


def stop(infusion: Infusion, volume_given_ml: Decimal, reason: str,
         happened_at: datetime | None = None, *, by: Actor, at: datetime) -> Infusion:
    """End the infusion before its time, with the volume that ran in (mL) and why."""
    reason = dose.said(reason, field="reason")
    return end(infusion, volume_given_ml, Ending.STOPPED, reason, reason, by=by, at=at,
               ended_at=_when(happened_at, infusion, at))


def end(infusion: Infusion, volume_given_ml: Decimal, ending: Ending, reason: str | None,
        why_quick: str | None, *, by: Actor, at: datetime, ended_at: datetime | None = None,
        ) -> Infusion:
    """What finish and stop have in common. ``ended_at``: as a sheet of paper says, or a
    page that was without a network; else now."""
    by.must(Permission.INFUSE)
    dose.running(infusion.ended_at)
    dose.volume_given(volume_given_ml, part_of(infusion).volume_ml,
                      stopped=ending is Ending.STOPPED)
    at = max(at, current().at)
    ended_at = ended_at or at
    act = "finish" if ending is Ending.FINISHED else "stop"
    share = Decimal(1) if act == "finish" else volume_given_ml / part_of(infusion).volume_ml
    quick = _quick(infusion, ended_at, share, volume_given_ml, why_quick, by, at)
    bags.move(infusion.bag, act, by=by, at=ended_at)
    infusion.ended_at, infusion.ending, infusion.too_quick = ended_at, ending, quick
    infusion.volume_given_ml, infusion.stop_reason = volume_given_ml, reason
    record(act, infusion, by=by, at=at, reason=reason, volume_given_ml=volume_given_ml,
           too_quick=quick, **_earlier(ended_at, at))
    return infusion


def _quick(infusion: Infusion, ended_at: datetime, share: Decimal, volume_ml: Decimal,
           why: str | None, by: Actor, at: datetime) -> str | None:
    """Why it ran in quicker than it may: a deviation and an alert. None where it took its time."""
    began, earliest = infusion.started_at, infusion.not_before
    if earliest is None or not pace.was_quick(began, earliest, ended_at, share):
        return None
    why = pace.asked_why(why, earliest, local(at))
    told = pace.told(infusion.title, ended_at - began, earliest - began, volume_ml, why)
    deviation = stops.open_deviation(infusion.code, Severity.MAJOR, told, by=by, at=at)
    for role in (Role.PHYSICIAN, Role.QUALITY):
        raise_alert(role, infusion, f"{infusion.title} ran in quicker than it may: watch "
                    f"{infusion.recipient.number}. Deviation {deviation.number}.", at=at)
    return why


def minutes_of(order_id: int | None, bag: Bag) -> int | None:
    """What the order says of how long this bag runs in at least."""
    return session.scalar(sa.select(OrderedBag.minutes_at_least).where(
        OrderedBag.order_id == order_id, OrderedBag.bag_id == bag.id))


def report_reaction(infusion: Infusion, term: str, grade: int, done: str, death: bool = False,
                    happened_at: datetime | None = None, *, by: Actor, at: datetime) -> Reaction:
    """Report what was seen, in CTCAE words with its grade, and what was done about it.

    Grade 5 only with ``death``, so that no slip of a thumb records one. From the grade of the
    protocol's endpoint on, the physicians are alerted.
    """
    by.must(Permission.OBSERVE)
    at = max(at, current().at)
    dose.a_grade(grade, infusion.recipient.number, death=death)
    term, done = dose.said(term, field="term"), dose.said(done, field="done")
    then = reacted_at(happened_at, infusion, at)
    reaction = Reaction(infusion=infusion, at=then, term=term, grade=grade, death=death,
                        done=done, recorded_by_id=by.id, recorded_at=at)
    session.add(reaction)
    severe = grade >= protocol_of(infusion.recipient).endpoint.grade_min
    if severe:
        alert_of_severe(infusion, term, grade, at=at)
    record("report reaction", infusion, by=by, at=at, term=term, grade=grade, done=done,
           alerted=severe, **_earlier(then, at))
    return reaction


def alert_of_severe(infusion: Infusion, term: str, grade: int, *, at: datetime) -> None:
    """Send the physicians to the patient."""
    raise_alert(Role.PHYSICIAN, infusion, (
        f"Reaction of grade {grade} ({term}) in {infusion.recipient.number}: look at the "
        "patient, then report the adverse event."), at=at)


# --- questions ----------------------------------------------------------------------------------

def may_be_started(bag: Bag) -> None:
    """Refuse a bag that was started before."""
    if bag.infusion is not None:
        raise AlreadyDone(f"{bag.title} was started before: a bag starts once.",
                          reasons=(Word.ALREADY_DONE,))


def may_be_ended(infusion: Infusion) -> None:
    """Refuse an infusion that has ended."""
    dose.running(infusion.ended_at)


def next_observation(infusion: Infusion) -> datetime | None:
    """When the protocol asks for vital signs next; None when all were taken.

    The times count from the start; an observation answers the last time that lay before it.
    """
    minutes = protocol_of(infusion.recipient).infusion.observation_minutes
    due = [infusion.started_at + timedelta(minutes=each) for each in minutes]
    last = max((seen.at for seen in infusion.standing_observations), default=None)
    return next((each for each in due if last is None or each > last), None)


def observed_at(happened_at: datetime | None, infusion: Infusion, at: datetime) -> datetime:
    """The hour of vital signs: within the infusion, or the protocol's minutes after it."""
    then = _when(happened_at, infusion, at)
    dose.within(infusion.started_at, infusion.ended_at, _after(infusion)["observe"], then,
                "an observation")
    return then


def reacted_at(happened_at: datetime | None, infusion: Infusion, at: datetime) -> datetime:
    """The hour of a reaction: within the infusion, or the days of the protocol's endpoint."""
    then = _when(happened_at, infusion, at)
    dose.within(infusion.started_at, infusion.ended_at, _after(infusion)["report-reaction"], then,
                "a reaction")
    return then


def over(infusion: Infusion, at: datetime) -> set[str]:
    """What is no longer written down at the bedside, by act: it stands in the follow-up then."""
    ended = infusion.ended_at
    return set() if ended is None else {
        slug for slug, after in _after(infusion).items() if at > ended + after}


def _after(infusion: Infusion) -> dict[str, timedelta]:
    """For how long after the end something is written down at the bedside, by act."""
    protocol = protocol_of(infusion.recipient)
    return {"observe": timedelta(minutes=protocol.infusion.observation_minutes[-1]),
            "report-reaction": timedelta(days=protocol.endpoint.days)}


def _when(happened_at: datetime | None, infusion: Infusion, at: datetime) -> datetime:
    return dose.when_it_happened(happened_at, infusion.started_at, max(at, current().at))


def _earlier(then: datetime, at: datetime) -> dict[str, datetime]:
    """For the entry: when it happened, where that was before it could be recorded."""
    return {} if then == at else {"happened_at": then}


def _refuse(judged: Judged) -> None:
    if judged.word is Word.GO:
        return
    sentence = " ".join(finding.sentence for finding in judged.findings)
    reasons = tuple(str(finding.reason) for finding in judged.findings)
    kind = AlreadyDone if judged.word is Word.ALREADY_DONE else Unfit
    raise kind(sentence, reasons=reasons)
