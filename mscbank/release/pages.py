"""The page of a lot, on which quality assurance decides."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, render_template

from mscbank import things
from mscbank.audit import checkpoints
from mscbank.bags.lifecycle import RELEASED
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.permissions import Permission
from mscbank.release import record, stops
from mscbank.reports import criteria
from mscbank.reports.certificate import certificate
from mscbank.reports.people import who
from mscbank.signatures.models import Signature
from mscbank.signatures.service import difference
from mscbank.web import needs
from specs.judge import Finding, Outcome, conditionally_releasable, releasable

pages = Blueprint("release", __name__)

# Outcomes in the words of the page, each with the tone that gives it shape and colour; what keeps
# the lot from its release comes first.
OUTCOMES = {
    Outcome.FAIL: ("not met", "bad"), Outcome.OUT_OF_DATE: ("out of date", "bad"),
    Outcome.UNCONFIRMED: ("to be confirmed", "wait"), Outcome.MISSING: ("missing", "wait"),
    Outcome.PENDING: ("awaited", "wait"), Outcome.PASS: ("met", "good"),
    Outcome.INFORMATIVE: ("informative", "quiet")}


@pages.get("/lots/<code:code>")
@needs(Permission.READ_RECORDS)
def lot(code: str) -> str:
    """The specification beside the results, what is open, and what was decided."""
    found = things.get(Lot, code)
    latest = record.latest_decision(found)
    covered = latest is None or record.covered(found)
    lines = criteria.lines(found)
    tally = Counter(line.finding.outcome for line in lines)
    return render_template(
        "release/lot.html", thing=found, lines=lines, tally=tally,
        unasked=criteria.unasked(found), outcomes=OUTCOMES,
        holds=criteria.holds_on(found), deviations=record.deviations_of(found),
        latest=latest, covered=covered, request=record.latest_request(found),
        changed=[] if covered or latest is None else criteria.changes(difference(
            latest.signature, record.signed_record(latest))),
        released=found.standing in RELEASED, ready=_ready([line.finding for line in lines]),
        held_thing=stops.held_thing, who=who,
        signature_of=lambda id_: session.get_one(Signature, id_))



@pages.get("/lots/<code:code>/certificate.pdf")
@needs(Permission.READ_RECORDS)
def certificate_pdf(code: str) -> Response:
    """The certificate as it stands: a lot that is not released says so on it."""
    found = things.get(Lot, code)
    answer = Response(certificate(found, head=checkpoints.head()), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="certificate-{found.number}.pdf"'
    return answer


def _ready(findings: list[Finding]) -> str:
    """The release that the findings allow, as the act's name; empty for none."""
    if releasable(findings):
        return "certify"
    return "release conditionally" if conditionally_releasable(findings) else ""
