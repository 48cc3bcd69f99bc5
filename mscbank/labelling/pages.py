"""The pages of labels: a job and its copies, one copy and its life, what is printed."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from mscbank import things
from mscbank.labelling import jobs, progress, queue, service
from mscbank.labelling.models import LabelCopy, LabelJob, LabelKind, Printer, PrintState
from mscbank.labelling.rules import CopyState
from mscbank.permissions import Permission
from mscbank.reports.people import who
from mscbank.web import needs
from mscbank.web.files import pdf

pages = Blueprint("labelling", __name__)


def _who_reads(code: str) -> Permission:
    """Badges belong to those who keep accounts, everything else to the record."""
    kind = things.by_code(code).kind
    return Permission.READ_ACCOUNTS if kind is LabelKind.BADGE else Permission.READ_RECORDS


def _who_prints(code: str) -> Permission:
    return jobs.paper_of(things.by_code(code).kind).permission


@pages.get("/label-jobs/<code:code>")
@needs(_who_reads)
def job(code: str) -> str:
    """The copies of one job: where each stands and what comes next."""
    found = things.get(LabelJob, code)
    return render_template(
        "labelling/job.html", thing=found, who=who, state_of=state_of,
        latest_of=progress.latest_of, lacking=service.lacking, ways=progress.ways_of(found),
        permission=jobs.paper_of(found.kind).permission)


@pages.get("/label-copies/<code:code>")
@needs(_who_reads)
def copy(code: str) -> str:
    """One copy: what it says, where it stands, what was done with its paper."""
    found = things.get(LabelCopy, code)
    return render_template(
        "labelling/copy.html", thing=found, who=who, state=state_of(found),
        troubles=progress.troubles(progress.latest_of(found).values()),
        after=next((each for each in service.copies_of(found.about)
                    if each.replaces_id == found.id), None))


@pages.get("/printers/<code:code>")
@needs(Permission.READ_RECORDS)
def printer(code: str) -> str:
    """A printer, how it is reached, and its queue."""
    found = things.get(Printer, code)
    prints = queue.latest(found)
    waiting = [row for row in prints if row.state is PrintState.WAITING]
    return render_template("labelling/printer.html", thing=found, who=who, prints=prints,
                           troubles=progress.troubles(waiting))


def state_of(copy: LabelCopy) -> CopyState:
    """Where the copy stands."""
    return service.as_rule(copy).state


@pages.get("/label-jobs/<code:code>/labels.pdf")
@needs(_who_prints)
def labels(code: str) -> Response:
    """The very bytes that were read back and compared when the job was made."""
    return pdf(service.pdf_of(things.get(LabelJob, code)), f"labels-{code.upper()}")


@pages.get("/label-jobs/<code:code>/tags.pdf")
@needs(_who_prints)
def tags(code: str) -> Response:
    """The companions of labels that are too small to say all."""
    return pdf(jobs.tags_of(things.get(LabelJob, code)), f"tags-{code.upper()}")
