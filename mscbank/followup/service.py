"""The acts of follow-up: visits as they took place or were missed, their corrections, the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.followup import rules
from mscbank.followup.models import Ended, FollowUpEnd, LaboratoryValue, Visit, standing
from mscbank.followup.rules import Value
from mscbank.followup.schedule import infused_on_of, protocol_of
from mscbank.permissions import Actor, Permission
from mscbank.recipients.models import Recipient
from mscbank.rules import not_in_the_future
from mscbank.settings import local
from mscbank.usual import FIELD, held_against
from specs.conduct import visit_windows


def visit(recipient: Recipient, name: str, took_place_on: date, laboratory: Sequence[Value] = (),
          why_unusual: str | None = None, *, by: Actor, at: datetime, **measures: Any) -> Visit:
    """Record a visit of the protocol's schedule; one outside its window is marked, not refused.

    ``measures``: the columns of a visit that hold what was measured. More than the protocol asks
    for may be given, and less: what is missing is shown as missing. Vital signs out of the usual
    only with a word on why, ``why_unusual``.
    """
    by.must(Permission.FOLLOW_UP)
    _followed(recipient)
    rules.visit_once(name, (each.name for each in recipient.visits))
    seen = _written(recipient, name, took_place_on, None, laboratory,
                    measures | {FIELD: why_unusual}, by, at)
    record("record visit", recipient, by=by, at=at, reason=seen.why_unusual, visit=name,
           **_told(seen))
    return seen


def miss_visit(recipient: Recipient, name: str, missed_why: str, *, by: Actor, at: datetime,
               ) -> Visit:
    """Record that a visit of the schedule did not take place, and why."""
    by.must(Permission.FOLLOW_UP)
    _followed(recipient)
    rules.visit_once(name, (each.name for each in recipient.visits))
    missed = _written(recipient, name, None, rules.said(missed_why, field="missed_why"), (), {},
                      by, at)
    record("record missed visit", recipient, by=by, at=at, reason=missed.missed_why, visit=name)
    return missed


def correct_visit(
    wrong: Visit, reason: str, took_place_on: date | None = None, missed_why: str | None = None,
    laboratory: Sequence[Value] = (), why_unusual: str | None = None, *, by: Actor, at: datetime,
    **measures: Any,
) -> Visit:
    """Say a visit anew, whole: a further row that points at the one it corrects, which stays. What
    is out of the usual is asked about anew too: the slip may be in the correction."""
    by.must(Permission.FOLLOW_UP)
    may_be_corrected(wrong)
    rules.took_place_or_missed(took_place_on, missed_why)
    rules.missed_measures_nothing(took_place_on, [*measures.values(), laboratory or None])
    reason = rules.said(reason, field="reason")
    right = _written(wrong.recipient, wrong.name, took_place_on, missed_why, laboratory,
                     measures | {FIELD: why_unusual}, by, at, corrects=wrong, reason=reason)
    record("correct visit", wrong.recipient, by=by, at=at, reason=reason, visit=wrong.name,
           corrects=wrong.code, missed_why=missed_why, why_unusual=right.why_unusual,
           **_told(right))
    return right


def _written(
    recipient: Recipient, name: str, took_place_on: date | None, missed_why: str | None,
    laboratory: Sequence[Value], measures: dict[str, Any], by: Actor, at: datetime, *,
    corrects: Visit | None = None, reason: str | None = None,
) -> Visit:
    """The row of a visit, held against the schedule."""
    infused_on = rules.infused(infused_on_of(recipient), recipient.number)
    window = rules.the_visit(name, visit_windows(protocol_of(recipient), infused_on))
    if took_place_on is None:
        rules.may_be_missed(window, local(at).date())
    else:
        not_in_the_future(took_place_on, local(at), field="took_place_on")
        rules.not_before_the_infusion(took_place_on, infused_on)
    rules.measured(measures)
    rules.laboratory(laboratory)
    found = measures | {"mrss": rules.skin(measures.get("mrss"), measures.get("mrss_sites"))}
    found |= held_against("observation", {sign: value for sign in SIGNS if (
        value := measures.get(sign)) is not None}, measures.get(FIELD), at)
    written = Visit(
        recipient_id=recipient.id, name=name, took_place_on=took_place_on, missed_why=missed_why,
        within_window=took_place_on is not None and rules.within_window(window, took_place_on),
        corrects_id=corrects and corrects.id, reason=reason, recorded_by_id=by.id, recorded_at=at,
        laboratory=[LaboratoryValue(name=each.name, value=each.value, unit=each.unit,
                                    low=each.low, high=each.high) for each in laboratory], **found)
    session.add(written)
    session.flush()
    session.expire(recipient, ["visits"])
    return written


def _told(seen: Visit) -> dict[str, Any]:
    """A visit as the trail tells it: what was said of it."""
    told = {column.key: getattr(seen, column.key) for column in sa.inspect(Visit).column_attrs
            if column.key not in UNTOLD}
    found = {name: value for name, value in told.items() if value is not None}
    if seen.laboratory:
        found["laboratory"] = [{"name": each.name, "value": each.value, "unit": each.unit}
                               for each in seen.laboratory]
    return found


UNTOLD = frozenset({"id", "entry", "code", "recipient_id", "name", "missed_why", "corrects_id",
                    "reason", "recorded_by_id", "recorded_at", "usual", FIELD})
SIGNS = ("temperature_c", "pulse", "systolic", "diastolic", "saturation")
MEASURED = ("took_place_on", "survival", "mrss", "mrss_sites", "fvc_percent", "dlco_percent",
            "haq_di", "sf36_physical", "sf36_mental", *SIGNS, FIELD)


def end_follow_up(recipient: Recipient, ended_on: date, ended_as: Ended, why: str, *, by: Actor,
                  at: datetime) -> FollowUpEnd:
    """End the follow-up of a recipient: the last day, and as what."""
    by.must(Permission.FOLLOW_UP)
    why = rules.said(why, field="why")
    may_be_ended(recipient)
    infused_on = rules.infused(infused_on_of(recipient), recipient.number)
    not_in_the_future(ended_on, local(at), field="ended_on")
    days = [infused_on, *(each.took_place_on for each in standing(recipient.visits)
                          if each.took_place_on is not None),
            *(local(each.onset_at).date() for each in recipient.adverse_events)]
    rules.ends_after(ended_on, max(days))
    end = FollowUpEnd(recipient_id=recipient.id, ended_on=ended_on, ended_as=ended_as, why=why,
                      recorded_by_id=by.id, recorded_at=at)
    session.add(end)
    record("end follow-up", recipient, by=by, at=at, reason=why, ended_on=ended_on,
           ended_as=ended_as)
    return end


# --- questions ----------------------------------------------------------------------------------

def _followed(recipient: Recipient) -> None:
    may_be_ended(recipient)


def may_be_visited(recipient: Recipient) -> None:
    """Refuse before the infusion and after the end of the follow-up."""
    _followed(recipient)
    rules.infused(infused_on_of(recipient), recipient.number)


def may_be_ended(recipient: Recipient) -> None:
    """Refuse when the follow-up has ended."""
    end = end_of(recipient)
    rules.still_followed(end and end.ended_on, recipient.number)


def may_be_corrected(seen: Visit) -> None:
    """Refuse a row that was corrected before."""
    rules.stands(seen.name, seen.id in {each.corrects_id for each in seen.recipient.visits})


def end_of(recipient: Recipient) -> FollowUpEnd | None:
    """The end of this recipient's follow-up."""
    return session.scalar(sa.select(FollowUpEnd).where(FollowUpEnd.recipient_id == recipient.id))
