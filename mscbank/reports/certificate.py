"""The certificate of analysis and release of a lot, as an A4 PDF.

It says what stands now, in words: each criterion with its results, corrected ones struck and
marked; the decisions with their signatures, and whether these still cover; what is open. The end
of the trail is printed on every page, so that a trail that was cut later is found out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import sqlalchemy as sa
from reportlab.platypus import Flowable, Spacer

from labels.wording import millilitres
from mscbank.accounts.models import Account
from mscbank.audit.checkpoints import Checkpoint
from mscbank.bags.lifecycle import RELEASED, Standing
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.release.models import Decision, Deviation, ExceptionRequest, Hold
from mscbank.release.record import covered, decision_covers, deviations_of, request_covers
from mscbank.release.stops import open_holds
from mscbank.release.verdict import findings_of
from mscbank.reports import paper
from mscbank.testing.models import Result
from mscbank.testing.service import for_judge, results_about, specification_of
from specs.judge import Finding, Outcome

OUTCOME_WORDS = {
    Outcome.PASS: "meets the limit", Outcome.FAIL: "DOES NOT MEET THE LIMIT",
    Outcome.MISSING: "no result", Outcome.PENDING: "awaited",
    Outcome.INFORMATIVE: "for information", Outcome.OUT_OF_DATE: "out of date: test again",
    Outcome.UNCONFIRMED: "not confirmed by a second person",
}
STANDING_WORDS = {
    Standing.PENDING: "Not released: no decision was taken",
    Standing.CONDITIONAL: "Released conditionally", Standing.CERTIFIED: "Certified",
    Standing.EXCEPTIONAL: "Released exceptionally", Standing.REJECTED: "Rejected",
    Standing.NONCONFORMING: "Nonconforming: recalled",
}
ACT_WORDS = STANDING_WORDS | {Standing.NONCONFORMING: "Declared nonconforming"}


def certificate(lot: Lot, *, head: Checkpoint) -> bytes:
    """The certificate as it stands, with the end of the trail (``audit.checkpoints.head()``)."""
    holds = open_holds(lot)
    content: list[Flowable] = [
        _verdict(lot, holds), Spacer(1, 3 * paper.mm), paper.facts(_facts(lot)),
        *paper.section("Results against the specification", _results(lot)),
        *paper.section("Decisions and signatures", *_decisions(lot)),
        *paper.section("Deviations and holds", *_stops(lot)),
        *paper.section("The trail", paper.facts([
            ("Last entry", f"{head.sequence}, at {head.time}"), ("Its hash", head.hash)])),
    ]
    return paper.document("Certificate of analysis and release", f"lot {lot.number}", content,
                          f"Trail: entry {head.sequence}, {head.hash}")


def _verdict(lot: Lot, holds: Sequence[Hold]) -> Flowable:
    headline = f"Lot {lot.number}: {STANDING_WORDS[lot.standing]}"
    if lot.standing in RELEASED and holds:
        return paper.banner(f"{headline}, and HELD", "No bag of this lot may be used: "
                            + "; ".join(hold.reason for hold in holds), alarm=True)
    if lot.standing in RELEASED and not covered(lot):
        return paper.banner(f"{headline}, but the release NO LONGER COVERS", (
            "The record was changed after the signature. No bag of this lot may be used until "
            "quality assurance has decided again."), alarm=True)
    if lot.standing in RELEASED:
        return paper.banner(headline, "The signature covers the record as it stands. For use in "
                            "the named recipient only.")
    return paper.banner(headline, "No bag of this lot may be used.", alarm=True)


def _facts(lot: Lot) -> list[tuple[str, object]]:
    donor, specification = lot.harvest.donor, specification_of(lot)
    bags = sorted({(bag.volume_ml, bag.viable_cells) for bag in lot.bags})
    alike = "; ".join(f"{millilitres(volume)} with {cells:,} viable cells".replace(",", " ")
                      for volume, cells in bags)
    warnings = donor.decision.warnings if donor.decision else []
    return [
        ("Lot", f"{lot.number}  ({lot.code})"),
        ("Donation (DIN)", lot.harvest.din),
        ("Recipient", donor.recipient.number),
        ("Donor", f"{donor.number}, {donor.kinship}; "
                  f"{donor.decision.outcome if donor.decision else 'no decision'}"),
        *([("Warnings", "; ".join(warnings))] if warnings else []),
        ("Bags", f"{len(lot.bags)}: {alike}"),
        ("Passage", lot.passage),
        ("Filled", paper.when(lot.filled_at)),
        ("Excipients", f"{lot.excipients}; DMSO {_plain(lot.dmso_percent)} %"),
        ("Specification", f"{lot.specification}: {specification.title}"),
        ("Its sha256", paper.marked('<font size="7">{}</font>', lot.specification_digest)),
    ]


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _results(lot: Lot) -> Flowable:
    results = results_about(lot)
    people = _usernames(results)
    by_corrected = {result.corrects_id: result for result in results}
    return paper.grid(
        ("Criterion", "Limit", "Result", "Outcome"),
        [_row(finding, [each for each in results if each.test == finding.key
                        and str(each.sample.stage) == str(finding.stage)],
              by_corrected, people, lot) for finding in findings_of(lot)],
        (26, 22, 56, 24))


def _usernames(results: Iterable[Result]) -> dict[int, str]:
    ids = {person for result in results
           for person in (result.recorded_by_id, result.confirmed_by_id) if person}
    return {account.id: account.username for account in session.scalars(
        sa.select(Account).where(Account.id.in_(ids)))}


def _row(finding: Finding, results: Sequence[Result], corrections: dict[int | None, Result],
         people: dict[int, str], lot: Lot) -> tuple[object, ...]:
    cells = [_result(result, corrections.get(result.id), people) for result in results]
    if finding.key == "passage":
        cells = [paper.marked("<b>P{}</b>, from the lot", lot.passage)]
    outcome = OUTCOME_WORDS[finding.outcome]
    bad = finding.outcome not in (Outcome.PASS, Outcome.INFORMATIVE)
    return (paper.marked('<b>{}</b><br/><font size="7">{}</font>', finding.criterion.title,
                         finding.stage),
            finding.criterion.limit_text,
            paper.Marked("<br/><br/>".join(cells)) if cells else "none recorded",
            paper.marked("<b>{}</b>" if bad else "{}", outcome))


def _result(result: Result, correction: Result | None, people: dict[int, str]) -> paper.Marked:
    """One result: struck where another stands in its place, and why."""
    amount = "awaited" if result.pending else for_judge(result).amount
    done = (f"{result.method}, {result.laboratory}, {paper.moment_here(result.performed_at)}; "
            f"recorded by {people[result.recorded_by_id]}")
    if result.confirmed_by_id:
        done += f", confirmed by {people[result.confirmed_by_id]}"
    if correction is None:
        return paper.marked('<b>{}</b><br/><font size="7">{}</font>', amount, done)
    return paper.marked(
        '<strike>{}</strike>  <i>corrected</i><br/><font size="7">{}; corrected by {}, {}: {}'
        "</font>", amount, done, people[correction.recorded_by_id],
        paper.moment_here(correction.recorded_at), correction.reason)


def _decisions(lot: Lot) -> list[Flowable]:
    """Requests and decisions in the order of the trail. The last decision counts, and a request
    that came after it."""
    decisions = list(session.scalars(
        sa.select(Decision).where(Decision.lot_id == lot.id).order_by(Decision.id)))
    requests = list(session.scalars(
        sa.select(ExceptionRequest).where(ExceptionRequest.lot_id == lot.id)))
    if not decisions and not requests:
        return [paper.words("No decision was taken on this lot.")]
    last = decisions[-1].entry if decisions else 0
    given: list[tuple[int, Flowable]] = []
    for request in requests:
        given.append((request.entry, paper.signature(
            request.signature, covers=request_covers(request, lot) if request.entry > last
            else None, act="Exceptional release requested", reason=request.justification)))
    for decision in decisions:
        given.append((decision.entry, paper.signature(
            decision.signature, covers=decision_covers(decision) if decision.entry == last
            else None, act=ACT_WORDS[decision.standing], reason=decision.reason)))
    return [block for _, block in sorted(given, key=lambda pair: pair[0])]


def _stops(lot: Lot) -> list[Flowable]:
    deviations = deviations_of(lot)
    holds = list(session.scalars(sa.select(Hold).where(Hold.lot_id == lot.id).order_by(Hold.id)))
    if not deviations and not holds:
        return [paper.words("None.")]
    rows = [*(_deviation(each) for each in deviations), *(_hold(each) for each in holds)]
    return [paper.grid(("What", "Since", "Text", "State"), rows, (24, 26, 54, 24))]


def _deviation(row: Deviation) -> tuple[object, ...]:
    state = (f"closed {paper.when(row.closed_at)}: {row.conclusion}" if row.closed_at
             else paper.marked("<b>{}</b>", "OPEN"))
    return f"{row.title}, {row.severity}", paper.when(row.recorded_at), row.what, state


def _hold(row: Hold) -> tuple[object, ...]:
    state = (f"lifted {paper.when(row.lifted_at)}" if row.lifted_at
             else paper.marked("<b>{}</b>", "IN FORCE"))
    return "Hold on the lot", paper.when(row.recorded_at), row.reason, state
