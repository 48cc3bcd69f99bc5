"""The schedule of visits: drawn up by the infusion from the protocol the recipient is held by.

Windows are calendar days on the site's clock, so that no change of clocks moves them; nothing is
stored, so that a re-consent to another version of the protocol moves what is still to come.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa

from mscbank.database import session
from mscbank.followup.models import FollowUpEnd, Visit, standing
from mscbank.infusions.models import Infusion
from mscbank.recipients.models import Recipient
from mscbank.settings import local
from specs import shelf
from specs.conduct import VisitWindow, visit_windows
from specs.protocol import Protocol


class Coming(StrEnum):
    """How a visit of the schedule stands on a day."""

    DONE = "done"
    MISSED = "missed"
    OVERDUE = "overdue"  # the window has closed and nothing is recorded
    DUE = "due"  # the window is open
    LATER = "later"
    NOT_HELD = "not held"  # the follow-up ended without it


@dataclass(frozen=True)
class Planned:
    """A visit of somebody's schedule: its window, what is recorded of it, how it stands."""

    recipient: Recipient
    window: VisitWindow
    visit: Visit | None
    state: Coming

    @property
    def name(self) -> str:
        return self.window.visit.name


def protocol_of(recipient: Recipient) -> Protocol:
    """The protocol the recipient is held by."""
    return shelf.protocol(recipient.protocol)


def infused_on_of(recipient: Recipient) -> date | None:
    """The day, on the site's clock, on which the first bag began."""
    began = session.scalar(sa.select(sa.func.min(Infusion.started_at))
                           .where(Infusion.recipient_id == recipient.id))
    return local(began).date() if began else None


def schedule_of(recipient: Recipient, today: date) -> list[Planned]:
    """Every visit of the protocol with what is recorded of it; empty before the infusion."""
    infused_on = infused_on_of(recipient)
    ended = session.scalar(sa.select(sa.exists().where(FollowUpEnd.recipient_id == recipient.id)))
    return [] if infused_on is None else _planned(recipient, infused_on, today, bool(ended))


def waiting(today: date, *, ahead: int = 30) -> list[Planned]:
    """Visits that are overdue, due, or whose window opens within so many days, of everybody who
    is followed; the one that closes first, first."""
    found = [each for person, began in _followed()
             for each in _planned(person, local(began).date(), today)
             if each.state in (Coming.OVERDUE, Coming.DUE)
             or (each.state is Coming.LATER and (each.window.opens - today).days <= ahead)]
    return sorted(found, key=lambda each: (each.window.closes, each.recipient.number))


def _followed(ids: Sequence[int] | None = None) -> list[tuple[Recipient, datetime]]:
    """Who is followed, of these or of all, and when their first bag began."""
    ended = sa.select(FollowUpEnd.id).where(FollowUpEnd.recipient_id == Recipient.id).exists()
    wanted = sa.select(Recipient, sa.func.min(Infusion.started_at)).join(
        Infusion, Infusion.recipient_id == Recipient.id).where(~ended)
    if ids is not None:
        wanted = wanted.where(Recipient.id.in_(ids))
    return [(person, began) for person, began in session.execute(
        wanted.group_by(Recipient.id).options(sa.orm.selectinload(Recipient.visits)))]


def next_of(people: Iterable[Recipient], today: date) -> dict[int, Planned]:
    """The next visit of each who is followed, by the recipient's id: the first of which nothing is
    recorded, be its window open, closed or still to come."""
    found = {}
    for person, began in _followed([each.id for each in people]):
        planned = _planned(person, local(began).date(), today)
        coming = [each for each in planned if each.visit is None]
        if coming:
            found[person.id] = coming[0]
    return found


def missing(planned: Planned) -> tuple[str, ...]:
    """What the protocol asks for at a visit that took place, and what is not recorded of it."""
    seen = planned.visit
    if seen is None or seen.took_place_on is None:
        return ()
    return tuple(str(measure) for measure in planned.window.visit.measures
                 if (columns := MEASURED_BY.get(measure)) and any(
                     getattr(seen, column) is None for column in columns)
                 or measure == "laboratory" and not seen.laboratory)


MEASURED_BY = {
    "vital_signs": ("temperature_c", "pulse", "systolic", "diastolic", "saturation"),
    "mrss": ("mrss",), "fvc": ("fvc_percent",), "dlco": ("dlco_percent",), "haq_di": ("haq_di",),
    "sf36": ("sf36_physical", "sf36_mental"), "survival": ("survival",)}


def _planned(recipient: Recipient, infused_on: date, today: date, ended: bool = False,
             ) -> list[Planned]:
    done = {each.name: each for each in standing(recipient.visits)}
    return [Planned(recipient, window, done.get(window.visit.name),
                    _state(window, done.get(window.visit.name), today, ended))
            for window in visit_windows(protocol_of(recipient), infused_on)]


def _state(window: VisitWindow, visit: Visit | None, today: date, ended: bool) -> Coming:
    if visit is not None:
        return Coming.MISSED if visit.took_place_on is None else Coming.DONE
    if ended:
        return Coming.NOT_HELD
    if today > window.closes:
        return Coming.OVERDUE
    return Coming.DUE if today >= window.opens else Coming.LATER
