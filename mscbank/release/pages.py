"""The page of a lot, on which quality assurance decides."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, current_app, render_template

from mscbank import clock, things
from mscbank.audit import bundle, checkpoints
from mscbank.bags.lifecycle import RELEASED
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.errors import Refused
from mscbank.permissions import Permission
from mscbank.release import record, review, stops
from mscbank.release.models import Deviation, TrailReview
from mscbank.reports import criteria, labels
from mscbank.reports.people import who
from mscbank.settings import local
from mscbank.signatures.models import Signature
from mscbank.signatures.service import difference
from mscbank.web import actor, needs
from mscbank.web.files import ZIP, download, pdf
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
    covered = latest is None or latest.signature is None or record.covered(found)
    lines = criteria.lines(found)
    tally = Counter(line.finding.outcome for line in lines)
    return render_template(
        "release/lot.html", thing=found, lines=lines, tally=tally,
        unasked=criteria.unasked(found), outcomes=OUTCOMES,
        holds=criteria.holds_on(found), deviations=record.deviations_of(found),
        latest=latest, covered=covered, asked=record.latest_request(found),
        changed=[] if covered or latest is None else criteria.changes(difference(
            latest.signature, record.signed_record(latest))),
        released=found.standing in RELEASED, ready=_ready([line.finding for line in lines]),
        unread=review.unreviewed(found), reviewed=record.latest_review(found),
        who=who, labels=labels.of_lot(found), label_on=labels.on_bag,
        signature_of=lambda id_: session.get_one(Signature, id_))


@pages.post("/lots/<code:code>/trail")
@needs(Permission.READ_TRAIL)
def take_trail(code: str) -> Response:
    """What was done to the lot and all it was made from, with the program that proves it."""
    by = actor()
    by.must(Permission.READ_RECORDS)
    found, config = things.get(Lot, code), current_app.extensions["mscbank"]
    number = found.number
    made = bundle.bundle_of_lot(number, review.family_codes(found), config.signing_key,
                                clock.now(), **bundle.maker(config))
    bundle.taken(made, found, by=by, at=clock.now())
    return download(made, ZIP, f"trail-{number}.zip")


@pages.get("/lots/<code:code>/certificate.pdf")
@needs(Permission.READ_RECORDS)
def certificate_pdf(code: str) -> Response:
    """The certificate as it stands: a lot that is not released says so on it."""
    from mscbank.reports.certificate import certificate  # what draws papers is 13 MB to hold

    found = things.get(Lot, code)
    return pdf(certificate(found, head=checkpoints.head()), f"certificate-{found.number}")


@pages.get("/lots/<code:code>/batch-record.pdf")
@needs(Permission.READ_RECORDS)
def batch_record_pdf(code: str) -> Response:
    """The whole batch record as it stands."""
    from mscbank.reports.batch.record import batch_record

    found = things.get(Lot, code)
    number = found.number
    return pdf(batch_record(found), f"batch-record-{number}")


@pages.get("/deviations/<code:code>")
@needs(Permission.READ_RECORDS)
def deviation(code: str) -> str:
    """What happened, how it was judged and investigated, what is done about it, how it ended."""
    found = things.get(Deviation, code)
    return render_template(
        "release/deviation.html", thing=found, subject=things.by_code(found.about), who=who,
        left=_left(found), today=local(clock.now()).date(),
        closing=found.closing_signature_id and session.get_one(
            Signature, found.closing_signature_id))


@pages.get("/trail-reviews/<code:code>")
@needs(Permission.READ_RECORDS)
def trail_review(code: str) -> str:
    """What was read and by whom, and whether the trail still is what was read."""
    found = things.get(TrailReview, code)
    return render_template("release/trail_review.html", thing=found, stands=review.stands(found))


def _left(deviation: Deviation) -> str:
    """What keeps the deviation from being closed, as a sentence; empty for nothing."""
    try:
        stops.can_close(deviation)
    except Refused as refusal:
        return refusal.sentence
    return ""


def _ready(findings: list[Finding]) -> str:
    """The release that the findings allow, as the act's name; empty for none."""
    if releasable(findings):
        return "certify"
    return "release conditionally" if conditionally_releasable(findings) else ""
