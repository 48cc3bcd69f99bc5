"""The acts on adverse events: reported, followed, both opinions on the cause, reports sent out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import WrongMoment
from mscbank.followup import event_rules, expedited, rules
from mscbank.followup.event_models import (
    COLUMN_OF,
    Action,
    AdverseEvent,
    Cause,
    EventInformation,
    Expectedness,
    Opinion,
    Outcome,
    Seriousness,
    Side,
)
from mscbank.followup.schedule import protocol_of
from mscbank.followup.service import end_of
from mscbank.permissions import Actor, Permission, Role
from mscbank.recipients import ladder
from mscbank.recipients.models import Recipient
from mscbank.rules import not_before, not_in_the_future
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign, snapshot
from specs.protocol import Protocol


def report_event(
    recipient: Recipient, term: str, grade: int, onset_at: datetime, outcome: Outcome,
    seriousness: Collection[Seriousness] = (), other: str | None = None,
    known_at: datetime | None = None, ended_at: datetime | None = None,
    action: Action = Action.NOT_APPLICABLE, treatment: str | None = None,
    narrative: str | None = None, *, by: Actor, at: datetime,
) -> AdverseEvent:
    """Report an adverse event by its CTCAE term. Serious (by what it led to) and severe (by grade)
    are two things; the protocol's version of CTCAE is kept with it. ``known_at``: when the
    investigator learned of it, now unless said.

    A serious event alerts the physicians; one that meets the stopping rule alerts quality
    assurance too.
    """
    by.must(Permission.FOLLOW_UP)
    known_at = known_at or at
    for moment, field in ((onset_at, "onset_at"), (known_at, "known_at")):
        not_in_the_future(moment, at, field=field)
    event_rules.known_after_onset(onset_at, known_at)
    _in_the_trial(recipient, onset_at)
    protocol = protocol_of(recipient)
    term, specified = event_rules.named(protocol.safety.ctcae_version, term, other)
    event = AdverseEvent(
        recipient_id=recipient.id, term=term, specified=specified,
        ctcae_version=protocol.safety.ctcae_version, onset_at=onset_at, known_at=known_at,
        recorded_by_id=by.id, recorded_at=at)
    event.information = [_known(event, 1, grade, outcome, seriousness, ended_at, action, treatment,
                                narrative, None, by, at)]
    session.add(event)
    session.flush()
    session.expire(recipient, ["adverse_events"])
    _alert_if_serious(event, at)
    pauses = pause_if_met(event, protocol, by, at)
    record("report adverse event", recipient, by=by, at=at, event=event.code, term=event.named,
           ctcae_version=event.ctcae_version, onset_at=onset_at, known_at=known_at, pauses=pauses,
           **_told(event.now))
    return event


def add_information(
    event: AdverseEvent, what_is_new: str, grade: int, outcome: Outcome,
    seriousness: Collection[Seriousness] = (), ended_at: datetime | None = None,
    action: Action = Action.NOT_APPLICABLE, treatment: str | None = None,
    narrative: str | None = None, *, by: Actor, at: datetime,
) -> EventInformation:
    """What became known of an event afterwards: a further version, whole; the ones before stay.
    Treatment and narrative stand as they were where nothing is said of them."""
    by.must(Permission.FOLLOW_UP)
    before = event.now
    known = _known(event, before.number + 1, grade, outcome, seriousness, ended_at, action,
                   treatment or before.treatment, narrative or before.narrative,
                   rules.said(what_is_new, field="what_is_new"), by, at)
    event_rules.says_something_new(_state(before), _state(known))
    event.information.append(known)
    session.flush()
    if not before.serious:
        _alert_if_serious(event, at)
    pauses = pause_if_met(event, protocol_of(event.recipient), by, at)
    record("add information to event", event, by=by, at=at, reason=known.what_is_new,
           version=known.number, pauses=pauses, **_told(known))
    return known


def _known(event: AdverseEvent, number: int, grade: int, outcome: Outcome,
           seriousness: Collection[Seriousness], ended_at: datetime | None, action: Action,
           treatment: str | None, narrative: str | None, what_is_new: str | None, by: Actor,
           at: datetime) -> EventInformation:
    """A version of what is known that contradicts nothing."""
    fatal = outcome is Outcome.FATAL
    event_rules.death_throughout(Seriousness.DEATH in seriousness, fatal)
    event_rules.a_grade(grade, fatal=fatal)
    event_rules.ended(event.onset_at, ended_at, ongoing=outcome is Outcome.ONGOING)
    if ended_at is not None:
        not_in_the_future(ended_at, at, field="ended_at")
    return EventInformation(
        number=number, grade=grade, outcome=outcome, ended_at=ended_at, action=action,
        treatment=treatment, narrative=narrative, what_is_new=what_is_new, recorded_by_id=by.id,
        recorded_at=at, **{column: each in seriousness for each, column in COLUMN_OF.items()})


def _state(known: EventInformation) -> tuple[object, ...]:
    return (known.grade, known.outcome, *known.seriousness, known.ended_at, known.action,
            known.treatment, known.narrative)


def _told(known: EventInformation) -> dict[str, Any]:
    return {"grade": known.grade, "seriousness": known.seriousness, "outcome": known.outcome,
            "ended_at": known.ended_at, "action": known.action, "treatment": known.treatment,
            "narrative": known.narrative}


# --- opinions on the cause ----------------------------------------------------------------------

def investigator_opinion(event: AdverseEvent, cause: Cause, reason: str | None = None, *,
                         seal: Seal | None, by: Actor, at: datetime) -> Opinion:
    """The investigator's signed opinion on the cause."""
    return _opinion("give investigator's opinion", event, Side.INVESTIGATOR, cause, None, reason,
                    Permission.JUDGE_CAUSE, seal, by, at)


def sponsor_opinion(
    event: AdverseEvent, cause: Cause, expectedness: Expectedness, reason: str | None = None, *,
    seal: Seal | None, by: Actor, at: datetime,
) -> Opinion:
    """The sponsor's signed opinion on cause and expectedness. The investigator's stays beside it:
    an event either side calls related counts as related, so the sponsor downgrades nothing."""
    return _opinion("give sponsor's opinion", event, Side.SPONSOR, cause, expectedness, reason,
                    Permission.SPONSOR_OPINION, seal, by, at)


def investigator_record(event: AdverseEvent, cause: Cause, reason: str | None = None,
                        ) -> dict[str, Any]:
    """What the investigator sees and signs."""
    return opinion_record(event, Side.INVESTIGATOR, cause, reason)


def sponsor_record(event: AdverseEvent, cause: Cause, expectedness: Expectedness,
                   reason: str | None = None) -> dict[str, Any]:
    """What the sponsor sees and signs: the investigator's opinion is part of it."""
    return opinion_record(event, Side.SPONSOR, cause, reason, expectedness)


def opinion_record(event: AdverseEvent, side: Side, cause: Cause, reason: str | None = None,
                   expectedness: Expectedness | None = None) -> dict[str, Any]:
    """The event with all that is known of it, the infusions before it, every opinion so far."""
    told = {"event": snapshot(event), "known": [snapshot(each) for each in event.information],
            "recipient": event.recipient.number,
            "infusions": [{"code": each.code, "started_at": each.started_at}
                          for each in event.recipient.infusions],
            "opinions": [snapshot(each) for each in event.opinions],
            "side": side, "cause": cause, "reason": reason}
    return told | ({"expectedness": expectedness} if side is Side.SPONSOR else {})


def _opinion(act: str, event: AdverseEvent, side: Side, cause: Cause,
             expectedness: Expectedness | None, reason: str | None, permission: Permission,
             seal: Seal | None, by: Actor, at: datetime) -> Opinion:
    by.must(permission)
    before = latest_opinion(event, side)
    event_rules.changed_mind(before and (before.cause, before.expectedness), (cause, expectedness),
                             reason)
    signature = sign(seal, event, meaning=Meaning.CAUSE_JUDGED,
                     over=opinion_record(event, side, cause, reason, expectedness),
                     permission=permission, by=by, at=at)
    opinion = Opinion(adverse_event_id=event.id, side=side, cause=cause,
                      expectedness=expectedness, reason=reason, signature_id=signature.id,
                      recorded_by_id=by.id, recorded_at=at)
    session.add(opinion)
    session.flush()
    session.expire(event, ["opinions"])
    pauses = cause is Cause.RELATED and pause_if_met(event, protocol_of(event.recipient), by, at)
    record(act, event, by=by, at=at, reason=reason, cause=cause, expectedness=expectedness,
           before=before.cause if before else None, pauses=pauses)
    return opinion


# --- questions ----------------------------------------------------------------------------------

def latest_opinion(event: AdverseEvent, side: Side) -> Opinion | None:
    """What this side says now."""
    return next((each for each in reversed(event.opinions) if each.side is side), None)


def related(opinions: Iterable[Opinion]) -> bool | None:
    """Whether either side's latest opinion says related; None when nobody has said."""
    latest = {each.side: each.cause for each in sorted(opinions, key=lambda one: one.id)}
    return Cause.RELATED in latest.values() if latest else None


def pausing_events(protocol: Protocol) -> list[AdverseEvent]:
    """The events of this protocol's recipients that pause the trial by its stopping rule."""
    events = session.scalars(
        sa.select(AdverseEvent).join(Recipient)
        .where(Recipient.trial == protocol.name, sa.exists().where(
            EventInformation.adverse_event_id == AdverseEvent.id,
            EventInformation.grade >= protocol.stopping.grade_min))
        .options(sa.orm.selectinload(AdverseEvent.opinions),
                 sa.orm.selectinload(AdverseEvent.information),
                 sa.orm.joinedload(AdverseEvent.recipient).selectinload(Recipient.infusions))
        .order_by(AdverseEvent.id)).all()
    return [event for event in events if _pauses(event, protocol)]


def _pauses(event: AdverseEvent, protocol: Protocol) -> bool:
    began = expedited.cells_before(event)
    facts = event_rules.EventFacts(event.now.grade, local(event.onset_at),
                                   local(began.started_at) if began else None,
                                   related(event.opinions))
    return event_rules.pauses(protocol.stopping, protocol.endpoint.days, facts)


def pause_if_met(event: AdverseEvent, protocol: Protocol, by: Actor, at: datetime) -> bool:
    """Pause the trial when this event makes the stopping rule met; tell physicians and quality
    assurance. Events the board has decided about do not count again."""
    decided = {code for pause in ladder.pauses_of(protocol.name) for code in pause.events}
    counted = event_rules.events_that_count(
        protocol.stopping, _cohort(event), decided,
        [(each.code, _cohort(each)) for each in pausing_events(protocol)])
    if event.code not in counted or len(counted) < protocol.stopping.events_min:
        return False
    ladder.begin_pause(protocol, (
        f"{event.title} in {event.recipient.number} meets the stopping rule ({len(counted)} of "
        f"{protocol.stopping.events_min})."), counted, by=by, at=at)
    for role in (Role.PHYSICIAN, Role.QUALITY):
        raise_alert(role, event, (
            f"{event.title} in {event.recipient.number} meets the stopping rule of "
            f"{protocol.registry_id}. The trial is paused: infuse nobody before the safety board "
            "has met."), at=at)
    return True


def _cohort(event: AdverseEvent) -> int | None:
    place = event.recipient.allocated
    return place.cohort if place else None


def _alert_if_serious(event: AdverseEvent, at: datetime) -> None:
    if event.now.serious:
        raise_alert(Role.PHYSICIAN, event, (
            f"Serious adverse event in {event.recipient.number}: {event.named}, grade "
            f"{event.now.grade} ({', '.join(event.now.seriousness)}). Give your opinion on the "
            "cause."), at=at)


def _in_the_trial(recipient: Recipient, onset_at: datetime) -> None:
    """Events count from the consent, and until the follow-up ended."""
    onset = local(onset_at).date()
    if not recipient.consents:
        raise WrongMoment(f"{recipient.number} has not consented yet: nothing of the trial has "
                          "begun.", reasons=("no consent",))
    not_before(onset, min(each.given_on for each in recipient.consents), field="onset_at",
               what="the recipient's consent")
    end = end_of(recipient)
    if end is not None and onset > end.ended_on:
        rules.still_followed(end.ended_on, recipient.number)
