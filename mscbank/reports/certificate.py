"""The certificate of analysis and release of a lot, as an A4 PDF.

It says what stands now, in words: each criterion with its limit, its results with method,
laboratory and day, those that were corrected or set aside struck and marked; the decisions with
their signatures, and whether these still cover; what is open. A lot that is not released says so
behind the words of every page. The end of the trail is printed on every page, so that a trail
that was cut later is found out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from reportlab.platypus import Flowable, Spacer

from mscbank.accounts.models import Account
from mscbank.audit.checkpoints import Checkpoint
from mscbank.bags.lifecycle import RELEASED, Standing
from mscbank.bags.models import Lot
from mscbank.database import plain_decimal, session
from mscbank.labelling.reconciliation import sentence as labels_sentence
from mscbank.release.models import Decision, Deviation, ExceptionRequest, Hold
from mscbank.release.record import (
    covered,
    decision_covers,
    deviations_of,
    request_covers,
    signed_record,
)
from mscbank.release.stops import open_holds
from mscbank.release.verdict import findings_of
from mscbank.reports import paper
from mscbank.reports.binding import document, section
from mscbank.reports.criteria import changes
from mscbank.signatures.service import difference
from mscbank.testing.models import Result
from mscbank.testing.service import results_about, specification_of
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
ACT_WORDS = STANDING_WORDS | {Standing.NONCONFORMING: "Declared nonconforming",
                              Standing.PENDING: "Reinstated: waits for a new decision"}
GOOD = (Outcome.PASS, Outcome.INFORMATIVE)


def certificate(lot: Lot, *, head: Checkpoint) -> bytes:
    """The certificate as it stands, with the end of the trail (``audit.checkpoints.head()``)."""
    findings, results = findings_of(lot), results_about(lot)
    decisions = _rows(Decision, lot)
    content: list[Flowable] = [
        verdict(lot, findings), Spacer(1, 3 * paper.mm), paper.facts(facts(lot)),
        *section("Results against the specification",
                 results_table(lot, findings, results, _usernames(results))),
        *section("Decisions and signatures",
                 *decision_blocks(lot, decisions, _rows(ExceptionRequest, lot))),
        *section("Deviations and holds", *_stops(lot)),
        *section("Labels", paper.words(f"{labels_sentence(lot).capitalize()}.")),
        *section("The trail", paper.facts([
            ("Last entry", f"{head.sequence}, {paper.entered(head.time)}"), ("Its hash", head.hash)])),
    ]
    return document("Certificate of analysis and release", f"lot {lot.number}", content, head=head,
                    watermark=watermark(lot))


def watermark(lot: Lot) -> str:
    """What stands behind every page of a lot no bag of which may be used; else nothing."""
    if lot.standing not in RELEASED:
        return "NOT RELEASED"
    if open_holds(lot):
        return "ON HOLD"
    return "" if covered(lot) else "RELEASE NOT COVERED"


def verdict(lot: Lot, findings: Sequence[Finding]) -> Flowable:
    """The one sentence to read: whether this lot may be used, and with what reserve."""
    headline = f"Lot {lot.number}: {STANDING_WORDS[lot.standing]}"
    if lot.standing not in RELEASED:
        return paper.banner(headline, "No bag of this lot may be used.", alarm=True)
    if holds := open_holds(lot):
        return paper.banner(f"{headline}, and HELD", "No bag of this lot may be used: "
                            + "; ".join(hold.reason for hold in holds), alarm=True)
    if not covered(lot):
        return paper.banner(f"{headline}, but the release NO LONGER COVERS", (
            "The record was changed after the signature. No bag of this lot may be used until "
            "quality assurance has decided again."), alarm=True)
    return paper.banner(headline, "The signature covers the record as it stands. For use in "
                        "the named recipient only." + _reserve(lot, findings))


def _reserve(lot: Lot, findings: Sequence[Finding]) -> str:
    """What a release left open: awaited where conditional, not met where exceptional."""
    if lot.standing is Standing.CONDITIONAL:
        awaited = [each.criterion.title for each in findings if each.outcome is Outcome.PENDING]
        return (" CONDITIONAL: not every result is in. Outstanding: "
                + (", ".join(awaited) or "none now; the certification is outstanding") + ".")
    if lot.standing is Standing.EXCEPTIONAL:
        unmet = [f"{each.criterion.title} ({OUTCOME_WORDS[each.outcome]})" for each in findings
                 if each.outcome not in GOOD]
        return (" EXCEPTIONAL: released at the physician's signed request although the "
                "specification is not met: " + (", ".join(unmet) or "nothing now") + ".")
    return ""


def facts(lot: Lot) -> list[tuple[str, object]]:
    """What the lot is: references only, no name of patient or donor."""
    donor, specification = lot.harvest.donor, specification_of(lot)
    bags = sorted({(bag.volume_ml, bag.viable_cells, bag.expires_at) for bag in lot.bags})
    alike = "; ".join(f"{paper.number(volume, 'mL')} with {paper.number(cells)} viable cells, "
                      f"to be used until {paper.moment_here(expires)}"
                      for volume, cells, expires in bags)
    warnings = donor.decision.warnings if donor.decision else []
    return [
        ("Lot", f"{lot.number}  ({lot.code})"),
        ("Donation (DIN)", lot.harvest.din),
        ("Recipient", donor.recipient.number),
        ("Donor", (f"{donor.number}, {donor.kinship}; "
                  f"{donor.decision.outcome if donor.decision else 'no decision'}")),
        *([("Warnings", "; ".join(warnings))] if warnings else []),
        ("Bags", f"{len(lot.bags)}: {alike}"),
        ("Passage", lot.passage),
        ("Filled", paper.when(lot.filled_at)),
        ("Excipients", f"{lot.excipients}; DMSO {paper.number(lot.dmso_percent, '%')}"),
        ("Specification", (f"{specification.title}: {lot.specification}, "
                          f"version {specification.version}")),
        ("Its sha256", paper.marked('<font size="7">{}</font>', lot.specification_digest)),
    ]


def results_table(lot: Lot, findings: Sequence[Finding], results: Sequence[Result],
                  people: Mapping[int, str]) -> Flowable:
    """The specification beside the results: a row per criterion, in its order."""
    corrections = {result.corrects_id: result for result in results}
    return paper.grid(
        ("Criterion", "Limit", "Result", "Outcome"),
        [_row(finding, [each for each in results if each.test == finding.key
                        and str(each.sample.stage) == str(finding.stage)],
              corrections, people, lot) for finding in findings],
        (26, 22, 56, 24))


def _usernames(results: Iterable[Result]) -> dict[int, str]:
    ids = {person for result in results
           for person in (result.recorded_by_id, result.confirmed_by_id) if person}
    return {account.id: account.username for account in session.scalars(
        sa.select(Account).where(Account.id.in_(ids)))}


def _row(finding: Finding, results: Sequence[Result], corrections: Mapping[int | None, Result],
         people: Mapping[int, str], lot: Lot) -> tuple[object, ...]:
    cells = [_result(result, corrections.get(result.id), people) for result in results]
    if finding.key == "passage":
        cells = [paper.marked("<b>P{}</b>, from the lot", lot.passage)]
    if results and finding.criterion.per:  # the conversion can be checked by whoever reads it
        cells.append(paper.marked('<font size="7">{}</font>', finding.sentence))
    outcome = OUTCOME_WORDS[finding.outcome]
    bad = finding.outcome not in GOOD
    return (paper.marked('<b>{}</b><br/><font size="7">{}</font>', finding.criterion.title,
                         finding.stage),
            finding.criterion.limit_text,
            paper.Marked("<br/><br/>".join(cells)) if cells
            else finding.sentence if finding.outcome is Outcome.INFORMATIVE else "none recorded",
            paper.marked('<b>{}</b><br/><font size="6.4">{}</font>' if bad else "{}",
                         outcome, *((finding.sentence,) if bad else ())))


def _result(result: Result, correction: Result | None, people: Mapping[int, str]) -> paper.Marked:
    """One result; struck where another stands in its place or an investigation set it aside."""
    done = (f"{result.method}, {result.laboratory}, {paper.moment_here(result.performed_at)}; "
            f"recorded by {people[result.recorded_by_id]}")
    if result.confirmed_by_id and result.confirmed_at:
        done += (f", confirmed by {people[result.confirmed_by_id]} "
                 f"{paper.moment_here(result.confirmed_at)}")
    if result.replicates:
        done += "; mean of " + ", ".join(plain_decimal(each.value) for each in result.replicates)
    if correction is not None:
        return paper.marked(
            '<strike>{}</strike>  <i>corrected</i><br/><font size="7">{}; corrected by {}, {}: {}'
            "</font>", result.amount, done, people[correction.recorded_by_id],
            paper.moment_here(correction.recorded_at), correction.reason)
    if (found := result.investigation) and found.sets_aside:
        return paper.marked(
            '<strike>{}</strike>  <i>set aside</i><br/><font size="7">{}; {}: {}</font>',
            result.amount, done, found.number, found.conclusion)
    retest = ", retest" if result.retest_of_id else ""
    return paper.marked('<b>{}</b>{}<br/><font size="7">{}</font>', result.amount, retest, done)


def decision_blocks(lot: Lot, decisions: Sequence[Decision],
                    requests: Sequence[ExceptionRequest]) -> list[Flowable]:
    """Requests and decisions in the order of the trail. The last decision counts, and a request
    that came after it; where its signature no longer covers, it says what changed since."""
    if not decisions and not requests:
        return [paper.words("No decision was taken on this lot.")]
    last = decisions[-1].entry if decisions else 0
    given = [(request.entry, _request(request, lot, counts=request.entry > last))
             for request in requests]
    given += [(decision.entry, _decision(decision, counts=decision.entry == last))
              for decision in decisions]
    return [block for _, block in sorted(given, key=lambda pair: pair[0])]


def _request(request: ExceptionRequest, lot: Lot, *, counts: bool) -> Flowable:
    state = paper.cover(request_covers(request, lot)) if counts else paper.Cover.FOLLOWED
    return paper.signature(request.signature, state, act="Exceptional release requested",
                           reason=request.justification)


def _decision(decision: Decision, *, counts: bool) -> Flowable:
    act = ACT_WORDS[decision.standing]
    if decision.signature is None:
        result = decision.result
        return paper.unsigned(
            "Found nonconforming by the bank itself", f"On {paper.when(decision.recorded_at)}: "
            f"{result.title if result else ''} came in and fails.", alarm=counts)
    if not counts:
        return paper.signature(decision.signature, paper.Cover.FOLLOWED, act=act,
                               reason=decision.reason)
    if decision_covers(decision):
        return paper.signature(decision.signature, paper.Cover.WHOLE, act=act,
                               reason=decision.reason)
    return paper.signature(
        decision.signature, paper.Cover.FALLEN, act=act, reason=decision.reason,
        changes=changes(difference(decision.signature, signed_record(decision))))


def _rows(model: type[Decision | ExceptionRequest | Hold], lot: Lot) -> list:
    return list(session.scalars(
        sa.select(model).where(model.lot_id == lot.id).order_by(model.id)))


def _stops(lot: Lot) -> list[Flowable]:
    deviations, holds = deviations_of(lot), _rows(Hold, lot)
    return [paper.grid_or(
        "None.", ("What", "Since", "Text", "State"),
        [*(_deviation(each) for each in deviations), *(_hold(each) for each in holds)],
        (24, 26, 54, 24))]


def _deviation(row: Deviation) -> tuple[object, ...]:
    state = (f"closed {paper.when(row.closed_at)}: {row.conclusion}" if row.closed_at
             else paper.marked("<b>{}</b>", "OPEN"))
    return f"{row.title}, {row.severity}", paper.when(row.recorded_at), row.what, state


def _hold(row: Hold) -> tuple[object, ...]:
    state = (f"lifted {paper.when(row.lifted_at)}" if row.lifted_at
             else paper.marked("<b>{}</b>", "IN FORCE"))
    return "Hold on the lot", paper.when(row.recorded_at), row.reason, state
