"""The page of a print job: its labels to print, and which were scanned back on their bags."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from mscbank import things
from mscbank.labelling import service
from mscbank.labelling.models import LabelJob
from mscbank.permissions import Permission
from mscbank.reports.people import who
from mscbank.web import needs

pages = Blueprint("labelling", __name__)


@pages.get("/label-jobs/<code:code>")
@needs(Permission.READ_RECORDS)
def job(code: str) -> str:
    """The copies of one job, each with its bag."""
    return render_template("labelling/job.html", thing=things.get(LabelJob, code), who=who)


@pages.get("/label-jobs/<code:code>/labels.pdf")
@needs(Permission.LABEL)
def labels(code: str) -> Response:
    """The very bytes that were read back and compared when the job was made."""
    answer = Response(service.pdf_of(things.get(LabelJob, code)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="labels-{code.upper()}.pdf"'
    return answer
