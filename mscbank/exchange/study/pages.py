"""The page of an export, and its file, which is only ever saved."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from mscbank import things
from mscbank.exchange.study import service
from mscbank.exchange.study.dictionary import DICTIONARY
from mscbank.exchange.study.models import StudyExport
from mscbank.permissions import Permission
from mscbank.reports.people import who
from mscbank.web import needs
from mscbank.web.files import ZIP, download

pages = Blueprint("study", __name__)


@pages.get("/study-exports/<code:code>")
@needs(Permission.READ_RECORDS)
def export(code: str) -> str:
    """Who took which data along, what for, and how many rows of each table."""
    return render_template("study/export.html", thing=things.get(StudyExport, code), who=who,
                           dictionary=DICTIONARY)


@pages.get("/study-exports/<code:code>/file")
@pages.get("/api/v1/study-exports/<code:code>/file")
@needs(Permission.EXPORT_STUDY)
def file(code: str) -> Response:
    """The file as it was exported."""
    found = things.get(StudyExport, code)
    return download(service.data_of(found), ZIP, f"{found.protocol}-{found.sha256[:12]}.zip")
