"""The study's report as page, PDF, CSV and JSON; behind every figure its records."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from mscbank.errors import NotKnown
from mscbank.permissions import Permission
from mscbank.reports import cohorts
from mscbank.reports.trial.paper import trial_paper
from mscbank.reports.trial.report import as_csv, as_json, behind, report
from mscbank.settings import settings
from mscbank.web import needs
from mscbank.web.files import CSV, download, pdf
from specs import shelf
from specs.protocol import Protocol
from specs.sheet import ShelfError

pages = Blueprint("trial_report", __name__)


def asked_protocol() -> Protocol:
    """The one asked for, else the bank's own where it holds people, else one that does."""
    held = cohorts.protocols()
    own = settings().protocol
    asked = request.args.get("protocol") or (own if own in held else next(iter(held), own))
    try:
        return shelf.protocol(asked)
    except ShelfError:
        raise NotKnown(f"There is no protocol {asked[:60]}.") from None


@pages.get("/reports/trial")
@needs(Permission.READ_RECORDS)
def trial() -> str:
    """Every table of the study, each figure a way to its records."""
    return render_template("reports/trial.html", made=report(asked_protocol()),
                           held=cohorts.protocols())


@pages.get("/reports/trial/records/<slug:key>")
@needs(Permission.READ_RECORDS)
def records(key: str) -> str:
    """The records behind one figure."""
    made = report(asked_protocol())
    chapter, row, column, figure = behind(made, key)
    return render_template("reports/behind.html", made=made, chapter=chapter, row=row,
                           column=column, figure=figure)


@pages.get("/reports/trial.pdf")
@needs(Permission.READ_RECORDS)
def trial_pdf() -> Response:
    """The report on paper."""
    protocol = asked_protocol()
    return pdf(trial_paper(protocol), f"study-report-{protocol.reference}")


@pages.get("/reports/trial.csv")
@needs(Permission.READ_RECORDS)
def trial_csv() -> Response:
    """A line a figure."""
    protocol = asked_protocol()
    return download(as_csv(report(protocol)), CSV, f"study-report-{protocol.reference}.csv")


@pages.get("/reports/trial.json")
@needs(Permission.READ_RECORDS)
def trial_json() -> Response:
    """The figures for machines."""
    return jsonify(as_json(report(asked_protocol())))
