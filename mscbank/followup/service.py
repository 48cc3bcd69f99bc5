"""The acts after the infusion: visits, adverse events, both opinions on the cause, the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import WrongMoment
from mscbank.followup import rules
from mscbank.followup.models import (
    AdverseEvent,
    Cause,
    FollowUpEnd,
    Opinion,
    Outcome,
    Seriousness,
    Side,
    Visit,
)
from mscbank.infusions.models import Infusion
from mscbank.permissions import Actor, Permission, Role
from mscbank.recipients.models import Recipient
from mscbank.rules import not_before, not_in_the_future
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign, snapshot
from specs import shelf
from specs.conduct import VisitWindow, visit_windows
from specs.protocol import Protocol


def visit(
    recipient: Recipient, name: str, took_place_on: date, mrss: int | None = None,
    fvc_percent: Decimal | None = None, dlco_percent: Decimal | None = None, *, by: Actor,
    at: datetime,
) -> Visit:
    """Record a visit of the protocol's schedule; one outside its window is marked, not refused.

    Skin score in points, FVC and DLCO in per cent of predicted.
    """
    by.must(Permission.FOLLOW_UP)
    end = end_of(recipient)
    rules.still_followed(end and end.ended_on, recipient.number)
    infused_on = rules.infused(infused_on_of(recipient), recipient.number)
    window = rules.the_visit(name, visit_windows(protocol_of(recipient), infused_on))
    rules.visit_once(name, (each.name for each in recipient.visits))
    not_in_the_future(took_place_on, local(at), field="took_place_on")
    rules.not_before_the_infusion(took_place_on, infused_on)
    rules.measured({"mrss": mrss, "fvc_percent": fvc_percent, "dlco_percent": dlco_percent})
    seen = Visit(
        recipient_id=recipient.id, name=name, took_place_on=took_place_on,
        within_window=rules.within_window(window, took_place_on), mrss=mrss,
        fvc_percent=fvc_percent, dlco_percent=dlco_percent, recorded_by_id=by.id, recorded_at=at)
    session.add(seen)
    record("record visit", recipient, by=by, at=at, visit=name, took_place_on=took_place_on,
           within_window=seen.within_window, mrss=mrss, fvc_percent=fvc_percent,
           dlco_percent=dlco_percent)
    return seen


def report_event(
    recipient: Recipient, term: str, grade: int, seriousness: Seriousness, onset_at: datetime,
    outcome: Outcome, narrative: str | None = None, *, by: Actor, at: datetime,
) -> AdverseEvent:
    """Report an adverse event in CTCAE words. Serious (by what it led to) and severe (by grade)
    are two things; the protocol's version of CTCAE is kept with it.

    A serious event alerts the physicians; one that meets the stopping rule alerts quality
    assurance too.
    """
    by.must(Permission.FOLLOW_UP)
    term = rules.said(term, field="term")
    not_in_the_future(onset_at, at, field="onset_at")
    _in_the_trial(recipient, onset_at)
    rules.death_throughout(seriousness is Seriousness.DEATH, outcome is Outcome.FATAL)
    rules.a_grade(grade, fatal=outcome is Outcome.FATAL)
    protocol = protocol_of(recipient)
    event = AdverseEvent(
        recipient_id=recipient.id, term=term, grade=grade,
        ctcae_version=protocol.safety.ctcae_version, seriousness=seriousness, onset_at=onset_at,
        outcome=outcome, narrative=narrative, recorded_by_id=by.id, recorded_at=at)
    session.add(event)
    session.flush()
    if seriousness is not Seriousness.NOT_SERIOUS:
        raise_alert(Role.PHYSICIAN, event, (
            f"Serious adverse event in {recipient.number}: {term}, grade {grade} "
            f"({seriousness}). Give your opinion on the cause."), at=at)
    pauses = _alert_if_pausing(event, protocol, at)
    record("report adverse event", recipient, by=by, at=at, event=event.code, term=term,
           grade=grade, ctcae_version=event.ctcae_version, seriousness=seriousness,
           onset_at=onset_at, outcome=outcome, narrative=narrative, pauses=pauses)
    return event


def investigator_opinion(
    event: AdverseEvent, cause: Cause, reason: str | None = None, *, seal: Seal | None, by: Actor,
    at: datetime,
) -> Opinion:
    """The investigator's signed opinion on the cause."""
    return _opinion("give investigator's opinion", event, Side.INVESTIGATOR, cause, reason,
                    Permission.JUDGE_CAUSE, seal, by, at)


def sponsor_opinion(
    event: AdverseEvent, cause: Cause, reason: str | None = None, *, seal: Seal | None, by: Actor,
    at: datetime,
) -> Opinion:
    """The sponsor's signed opinion. The investigator's stays beside it, whatever it says."""
    return _opinion("give sponsor's opinion", event, Side.SPONSOR, cause, reason,
                    Permission.SPONSOR_OPINION, seal, by, at)


def investigator_record(event: AdverseEvent, cause: Cause, reason: str | None = None,
                        ) -> dict[str, Any]:
    """What the investigator sees and signs."""
    return opinion_record(event, Side.INVESTIGATOR, cause, reason)


def sponsor_record(event: AdverseEvent, cause: Cause, reason: str | None = None,
                   ) -> dict[str, Any]:
    """What the sponsor sees and signs: the investigator's opinion is part of it."""
    return opinion_record(event, Side.SPONSOR, cause, reason)


def opinion_record(event: AdverseEvent, side: Side, cause: Cause, reason: str | None = None,
                   ) -> dict[str, Any]:
    """The event, the infusions before it, and every opinion so far."""
    return {
        "event": snapshot(event), "recipient": event.recipient.number,
        "infusions": [{"code": each.code, "started_at": each.started_at}
                      for each in event.recipient.infusions],
        "opinions": [snapshot(each) for each in event.opinions],
        "side": side, "cause": cause, "reason": reason,
    }


def _opinion(act: str, event: AdverseEvent, side: Side, cause: Cause, reason: str | None,
             permission: Permission, seal: Seal | None, by: Actor, at: datetime) -> Opinion:
    by.must(permission)
    before = latest_opinion(event, side)
    rules.changed_mind(before and before.cause, cause, reason)
    signature = sign(seal, event, meaning=Meaning.CAUSE_JUDGED,
                     over=opinion_record(event, side, cause, reason), permission=permission,
                     by=by, at=at)
    opinion = Opinion(adverse_event_id=event.id, side=side, cause=cause, reason=reason,
                      signature_id=signature.id, recorded_by_id=by.id, recorded_at=at)
    session.add(opinion)
    session.flush()
    session.expire(event, ["opinions"])
    pauses = cause is Cause.RELATED and _alert_if_pausing(event, protocol_of(event.recipient), at)
    record(act, event, by=by, at=at, reason=reason, cause=cause,
           before=before.cause if before else None, pauses=pauses)
    return opinion


def end_follow_up(recipient: Recipient, ended_on: date, why: str, *, by: Actor,
                  at: datetime) -> FollowUpEnd:
    """End the follow-up of a recipient: the last day, and as what."""
    by.must(Permission.FOLLOW_UP)
    why = rules.said(why, field="why")
    may_be_ended(recipient)
    infused_on = rules.infused(infused_on_of(recipient), recipient.number)
    not_in_the_future(ended_on, local(at), field="ended_on")
    days = [infused_on, *(each.took_place_on for each in recipient.visits),
            *(local(each.onset_at).date() for each in recipient.adverse_events)]
    rules.ends_after(ended_on, max(days))
    end = FollowUpEnd(recipient_id=recipient.id, ended_on=ended_on, why=why,
                      recorded_by_id=by.id, recorded_at=at)
    session.add(end)
    record("end follow-up", recipient, by=by, at=at, reason=why, ended_on=ended_on)
    return end


# --- questions ----------------------------------------------------------------------------------

def may_be_visited(recipient: Recipient) -> None:
    """Refuse before the infusion and after the end of the follow-up."""
    may_be_ended(recipient)
    rules.infused(infused_on_of(recipient), recipient.number)


def may_be_ended(recipient: Recipient) -> None:
    """Refuse when the follow-up has ended."""
    end = end_of(recipient)
    rules.still_followed(end and end.ended_on, recipient.number)


def end_of(recipient: Recipient) -> FollowUpEnd | None:
    """The end of this recipient's follow-up."""
    return session.scalar(sa.select(FollowUpEnd).where(FollowUpEnd.recipient_id == recipient.id))


def infused_on_of(recipient: Recipient) -> date | None:
    """The day, on the site's clock, on which the first bag began."""
    began = session.scalar(sa.select(sa.func.min(Infusion.started_at))
                           .where(Infusion.recipient_id == recipient.id))
    return local(began).date() if began else None


def schedule_of(recipient: Recipient) -> list[tuple[VisitWindow, Visit | None]]:
    """Every visit of the protocol with the one that took place; empty before the infusion."""
    infused_on = infused_on_of(recipient)
    if infused_on is None:
        return []
    done = {each.name: each for each in recipient.visits}
    return [(window, done.get(window.visit.name))
            for window in visit_windows(protocol_of(recipient), infused_on)]


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
        .where(Recipient.protocol == protocol.reference,
               AdverseEvent.grade >= protocol.stopping.grade_min)
        .options(sa.orm.selectinload(AdverseEvent.opinions),
                 sa.orm.joinedload(AdverseEvent.recipient).selectinload(Recipient.infusions))
        .order_by(AdverseEvent.id)).all()
    return [event for event in events if _pauses(event, protocol)]


def protocol_of(recipient: Recipient) -> Protocol:
    """The protocol the recipient was enrolled under."""
    return shelf.protocol(recipient.protocol)


def _pauses(event: AdverseEvent, protocol: Protocol) -> bool:
    begun = [each.started_at for each in event.recipient.infusions
             if each.started_at <= event.onset_at]
    facts = rules.EventFacts(event.grade, local(event.onset_at),
                             local(max(begun)) if begun else None, related(event.opinions))
    return rules.pauses(protocol.stopping, protocol.endpoint.days, facts)


def _alert_if_pausing(event: AdverseEvent, protocol: Protocol, at: datetime) -> bool:
    pauses = _pauses(event, protocol)
    if pauses:
        for role in (Role.PHYSICIAN, Role.QUALITY):
            raise_alert(role, event, (
                f"{event.title} in {event.recipient.number} meets the stopping rule of "
                f"{protocol.registry_id}: infuse nobody before the safety board has met."), at=at)
    return pauses


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
