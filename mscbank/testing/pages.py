"""The pages of quality control: a sample on its way, a result held against its criterion, an
investigation, and the files on any of them."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from mscbank import things
from mscbank.acts import catalogue
from mscbank.errors import Refused
from mscbank.permissions import Permission
from mscbank.reports.imported import import_of
from mscbank.reports.people import who
from mscbank.signatures.service import covers
from mscbank.testing import attachments, investigations, results, rules, samples, stands
from mscbank.testing.files import Attachment, MediaType
from mscbank.testing.judging import finding_of
from mscbank.testing.models import ENDS, Investigation, Result, Sample
from mscbank.testing.service import tests_of
from mscbank.web import needs
from mscbank.web.files import download
from specs.judge import Finding, Outcome

pages = Blueprint("testing", __name__)

# What the judge says of one result, in the words of the page, with the tone that shows it.
OUTCOMES = {
    Outcome.FAIL: ("out of specification", "bad"), Outcome.OUT_OF_DATE: ("out of date", "bad"),
    Outcome.UNCONFIRMED: ("to be confirmed", "wait"), Outcome.PENDING: ("awaited", "wait"),
    Outcome.PASS: ("met", "good"), Outcome.INFORMATIVE: ("informative", "quiet")}


@pages.get("/samples/<code:code>")
@needs(Permission.READ_RECORDS)
def sample(code: str) -> str:
    """The sample's way, its label, its results, and the tests it may still undergo."""
    found = things.get(Sample, code)
    corrected = {result.corrects_id for result in found.results}
    return render_template(
        "testing/sample.html", thing=found, source=things.by_code(found.taken_from), who=who,
        gone=samples.gone(found), on_its_way=samples.under_way_to(found), ends=ENDS,
        corrected=corrected, tests=_tests_of(found), files=attachments.about(found.code),
        stands={result.id: word for result, word in zip(
            found.results, stands.stand(found.results), strict=True)},
        record=catalogue()["samples", "record-result"])


def _tests_of(found: Sample) -> list[tuple[str, str]]:
    """(key, title) of each test, none where the specification cannot be read."""
    try:
        return [(each.key, each.title) for each in tests_of(found)]
    except Refused:
        return []


@pages.get("/results/<code:code>")
@needs(Permission.READ_RECORDS)
def result(code: str) -> str:
    """What was found, what it was held against, and all that came of it."""
    found = things.get(Result, code)
    finding = _finding(found)
    replicates = [one.value for one in found.replicates]
    fails = finding is not None and finding.outcome is Outcome.FAIL
    return render_template(
        "testing/result.html", thing=found, finding=finding, fails=fails, who=who,
        outcome=finding and OUTCOMES[finding.outcome], replicates=replicates,
        spread=rules.spread_of(replicates) if replicates else None,
        chain=results.corrections(found), retests=results.retests(found),
        record=catalogue()["samples", "record-result"],
        source=things.by_code(found.sample.taken_from), imported=import_of(found))


def _finding(found: Result) -> Finding | None:
    """The judge's word, or None where the specification cannot be read."""
    try:
        return finding_of(found)
    except Refused:
        return None


@pages.get("/investigations/<code:code>")
@needs(Permission.READ_RECORDS)
def investigation(code: str) -> str:
    """What was seen, what the laboratory answered, and what quality assurance concluded."""
    found = things.get(Investigation, code)
    latest = investigations.latest_answers(found)
    return render_template(
        "testing/investigation.html", thing=found, latest=latest, who=who,
        finding=_finding(found.result),
        before=[answer for answer in found.answers if answer not in latest],
        covers=found.signature and covers(
            found.signature, investigations.signed_investigation(found)))


@pages.get("/attachments/<code:code>")
@needs(Permission.READ_RECORDS)
def attachment(code: str) -> str:
    """What a file is, on what, and since when; and the way to save it."""
    found = things.get(Attachment, code)
    return render_template("testing/attachment.html", thing=found, who=who,
                           subject=things.by_code(found.about))


@pages.get("/attachments/<code:code>/file")
@needs(Permission.READ_RECORDS)
def file(code: str) -> Response:
    """The bytes, to be saved: never shown in the browser, under a name of our own."""
    found = things.get(Attachment, code)
    ending = MediaType(found.media_type).ending
    return download(attachments.bytes_of(found.sha256), found.media_type, f"{found.code}.{ending}")
