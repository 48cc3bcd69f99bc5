"""The pages of follow-up: what is due of whom, one person's course, an event with its clock."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, render_template

from mscbank import clock, things
from mscbank.audit.chain import plain
from mscbank.database import session
from mscbank.followup import events, expedited, schedule, service
from mscbank.followup.event_rules import since
from mscbank.followup.models import AdverseEvent, Side, Visit, standing
from mscbank.permissions import Permission
from mscbank.recipients.models import Recipient
from mscbank.reports import cioms, course, person_paper
from mscbank.reports.people import who
from mscbank.settings import local
from mscbank.signatures.models import Signature
from mscbank.web import needs
from mscbank.web.files import pdf
from specs import terms

pages = Blueprint("followup", __name__)
AHEAD = 30  # days


def _today() -> date:
    return local(clock.now()).date()


@pages.get("/follow-up")
@needs(Permission.READ_RECORDS)
def follow_up() -> str:
    """Visits that are overdue, due or coming, of everybody; reports that are due."""
    waiting = schedule.waiting(_today(), ahead=AHEAD)
    lists = [(state, [each for each in waiting if each.state is state])
             for state in (schedule.Coming.OVERDUE, schedule.Coming.DUE, schedule.Coming.LATER)]
    return render_template("followup/list.html", lists=lists, today=_today(), ahead=AHEAD,
                           reports=expedited.running())


@pages.get("/follow-up/<code:code>")
@needs(Permission.READ_RECORDS)
def person(code: str) -> str:
    """One person's visits, measures over time, adverse events."""
    found = things.get(Recipient, code)
    infused_on, today = schedule.infused_on_of(found), _today()
    planned = schedule.schedule_of(found, today)
    return render_template(
        "followup/person.html", thing=found, protocol=schedule.protocol_of(found), today=today,
        infused_on=infused_on, planned=planned, end=service.end_of(found),
        missing=schedule.missing, plots=course.plots(planned, infused_on),
        laboratory=_laboratory(planned), onset=_onset, latest=events.latest_opinion, Side=Side,
        due=lambda event: expedited.clock_of(event).due)


@pages.get("/follow-up/<code:code>.pdf")
@needs(Permission.READ_RECORDS)
def person_pdf(code: str) -> Response:
    """The same as a paper."""
    found = things.get(Recipient, code)
    return pdf(lambda: person_paper.follow_up_paper(found, _today()), f"follow-up-{found.number}")


def _laboratory(planned: list[schedule.Planned]) -> dict[str, dict[str, object]]:
    """Laboratory values by name, then by visit."""
    found: dict[str, dict[str, object]] = {}
    for each in planned:
        for value in each.visit.laboratory if each.visit else ():
            found.setdefault(value.name, {})[each.name] = value
    return found


@pages.get("/visits/<code:code>")
@needs(Permission.READ_RECORDS)
def visit(code: str) -> str:
    """A visit as it is recorded, and what it corrects or was corrected by."""
    found = things.get(Visit, code)
    rows = [each for each in found.recipient.visits if each.name == found.name]
    return render_template(
        "followup/visit.html", thing=found, rows=sorted(rows, key=lambda each: each.id), who=who,
        stands=found in standing(rows), again=_said_again(found))


def _said_again(seen: Visit) -> dict[str, object]:
    """What the form of a correction begins with: all as it stands."""
    said: dict[str, object] = {
        name: plain(getattr(seen, name)) for name in service.MEASURED
        if name != "mrss_sites" and getattr(seen, name) is not None}
    if seen.mrss_sites:
        said["mrss_sites"] = " ".join(str(site) for site in seen.mrss_sites)
    for row, value in enumerate(seen.laboratory):
        said |= {f"laboratory-{row}-{name}": plain(getattr(value, name))
                 for name in ("name", "value", "unit", "low", "high")
                 if getattr(value, name) is not None}
    return said


@pages.get("/adverse-events/<code:code>")
@needs(Permission.READ_RECORDS)
def event(code: str) -> str:
    """An adverse event: its clock, what is known in versions, both opinions, reports sent."""
    found = things.get(AdverseEvent, code)
    return render_template(
        "followup/event.html", thing=found, clock=expedited.clock_of(found), today=_today(),
        onset=_onset(found), late=expedited.late_to_the_sponsor(found), who=who, Side=Side,
        protocol=schedule.protocol_of(found.recipient), again=_known_again(found),
        organ_class=terms.organ_class(found.ctcae_version, found.term),
        signature_of=lambda id_: session.get_one(Signature, id_))


@pages.get("/adverse-events/<code:code>/cioms.pdf")
@needs(Permission.READ_RECORDS)
def cioms_pdf(code: str) -> Response:
    """The event on one page, in the order people of pharmacovigilance read."""
    found = things.get(AdverseEvent, code)
    return pdf(cioms.cioms(found), f"event-{found.recipient.number}-{found.code[:8]}")


def _onset(event: AdverseEvent) -> str:
    began = expedited.cells_before(event)
    return since(local(began.started_at) if began else None, local(event.onset_at))


def _known_again(event: AdverseEvent) -> dict[str, object]:
    """What the form of further information begins with: all as it is known."""
    now = event.now
    said: dict[str, object] = {name: plain(getattr(now, name)) for name in (
        "grade", "outcome", "action", "treatment", "narrative") if getattr(now, name) is not None}
    if now.ended_at is not None:
        said["ended_at"] = local(now.ended_at).strftime("%Y-%m-%dT%H:%M")
    return said | {"seriousness": [str(each) for each in now.seriousness]}

