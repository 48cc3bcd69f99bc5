"""Expedited reports of serious events: whether the clock runs, what is due when, what went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from mscbank.accounts.models import Alert
from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import Malformed
from mscbank.followup import event_rules, rules
from mscbank.followup.event_models import (
    AdverseEvent,
    Cause,
    EventInformation,
    Expectedness,
    ExpeditedReport,
    Seriousness,
    Side,
)
from mscbank.followup.event_rules import Due, Known, Sent
from mscbank.followup.schedule import protocol_of
from mscbank.infusions.models import Infusion
from mscbank.permissions import Actor, Permission, Role
from mscbank.rules import not_in_the_future
from mscbank.settings import local

URGENT = {Seriousness.DEATH, Seriousness.LIFE_THREATENING}


@dataclass(frozen=True)
class Clock:
    """Whether an event must be reported in haste, why or why not, and what is due next."""

    runs: bool
    why: str
    due: Due | None = None


def report_sent(event: AdverseEvent, sent_at: datetime, sent_to: str, reference: str | None = None,
                *, by: Actor, at: datetime) -> ExpeditedReport:
    """Record that a report of this event went out, with all that was known of it by then."""
    by.must(Permission.EXPEDITE)
    may_be_sent(event)
    not_in_the_future(sent_at, at, field="sent_at")
    told = [each for each in event.information if each.recorded_at <= sent_at]
    if not told:
        raise Malformed("The event was not recorded yet when this went out: check the time.",
                        field="sent_at")
    sent = ExpeditedReport(
        adverse_event_id=event.id, information_id=told[-1].id, number=len(event.reports) + 1,
        sent_at=sent_at, sent_to=rules.said(sent_to, field="sent_to"), reference=reference,
        recorded_by_id=by.id, recorded_at=at)
    event.reports.append(sent)
    session.flush()
    record("record expedited report", event, by=by, at=at, number=sent.number, sent_at=sent_at,
           sent_to=sent.sent_to, reference=reference, version=told[-1].number)
    return sent


def may_be_sent(event: AdverseEvent) -> None:
    """Refuse what is not serious, and a second report that tells nothing new."""
    due = clock_of(event).due
    event_rules.may_be_sent(
        len(event.information), max((each.information.number for each in event.reports), default=0),
        serious=any(each.serious for each in event.information), sent=len(event.reports),
        completing=due is not None and due.what == "completing report")


def clock_of(event: AdverseEvent) -> Clock:
    """The expedited clock of an event, by the protocol its person is held by."""
    causes = {each.side: each.cause for each in event.opinions}
    said = Cause.RELATED in causes.values() if causes else None
    expected = next((each.expectedness is Expectedness.EXPECTED for each in reversed(event.opinions)
                     if each.side is Side.SPONSOR), None)
    serious = any(each.serious for each in event.information)
    after = cells_before(event) is not None
    runs = event_rules.reportable(serious=serious, after_the_cells=after, related=said,
                                  expected=expected)
    why = _why(serious, after, said, expected)
    if not runs:
        return Clock(False, why)
    return Clock(True, why, event_rules.report_due(
        [_known(each) for each in event.information],
        [Sent(local(each.sent_at).date(), each.information.number) for each in event.reports],
        protocol_of(event.recipient).safety))


def _known(each: EventInformation) -> Known:
    return Known(each.number, local(each.recorded_at).date(), each.serious,
                 bool(URGENT & set(each.seriousness)))


def _why(serious: bool, after: bool, related: bool | None, expected: bool | None) -> str:
    if not serious:
        return "Not serious: no expedited report."
    if not after:
        return "It began before any cells were given: no expedited report."
    if related is False:
        return "Said to be unrelated: no expedited report."
    if expected is True:
        return "Said to be expected by the sponsor: no expedited report."
    if related is None:
        return "Serious, and nobody has said yet whether it is related: the clock runs."
    return ("Serious and related, unexpected: the clock runs." if expected is False else
            "Serious and related, and the sponsor has not said whether expected: the clock runs.")


def running() -> list[tuple[AdverseEvent, Due]]:
    """Every event of which a report is due, the first due first."""
    criteria = sa.or_(*(getattr(EventInformation, column) for column in (
        "led_to_death", "threatened_life", "hospitalised", "disabled", "congenital",
        "medically_important")))
    events = session.scalars(
        sa.select(AdverseEvent).where(sa.exists().where(
            EventInformation.adverse_event_id == AdverseEvent.id, criteria))
        .options(sa.orm.selectinload(AdverseEvent.opinions),
                 sa.orm.selectinload(AdverseEvent.information),
                 sa.orm.selectinload(AdverseEvent.reports),
                 sa.orm.joinedload(AdverseEvent.recipient))).all()
    found = [(event, due) for event in events if (due := clock_of(event).due) is not None]
    return sorted(found, key=lambda one: (one[1].on, one[0].id))


def remind(*, by: Actor, at: datetime) -> list[AdverseEvent]:
    """Alert physicians and quality assurance to each report that is overdue, once for each day it
    was due on. Meant to be run every day; says of which events it told."""
    today, told = local(at).date(), []
    for event, due in running():
        sentence = (f"{due.what.capitalize()} of {event.named} in {event.recipient.number} is "
                    f"overdue: it was due on {due.on}. Send it, and record that it went out.")
        if due.overdue(today) and not session.scalar(sa.select(sa.exists().where(
                Alert.about == event.code, Alert.sentence == sentence))):
            for role in (Role.PHYSICIAN, Role.QUALITY, Role.COORDINATOR):
                raise_alert(role, event, sentence, at=at)
            record("remind of overdue report", event, by=by, at=at, what=due.what, due_on=due.on)
            told.append(event)
    return told


def late_to_the_sponsor(event: AdverseEvent) -> timedelta | None:
    """By how much the first report of a serious event came later than the protocol's hours after
    the investigator knew; None where it was in time."""
    hours = timedelta(hours=protocol_of(event.recipient).safety.investigator_to_sponsor_hours)
    late = event.recorded_at - event.known_at - hours
    return late if late > timedelta(0) and event.information[0].serious else None


def cells_before(event: AdverseEvent) -> Infusion | None:
    """The last infusion that began before the event did."""
    begun = [each for each in event.recipient.infusions if each.started_at <= event.onset_at]
    return max(begun, key=lambda each: each.started_at, default=None)
