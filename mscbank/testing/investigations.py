"""A result out of specification: investigated in the laboratory, concluded by quality assurance."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.permissions import Actor, Permission
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign, snapshot
from mscbank.testing import investigation_rules as rules
from mscbank.testing import rules as result_rules
from mscbank.testing.judging import finding_of
from mscbank.testing.models import (
    ChecklistAnswer,
    Investigation,
    InvestigationOutcome,
    Point,
    Result,
)
from mscbank.testing.results import fails
from mscbank.testing.service import is_corrected, results_about

CONCLUSION = ("outcome", "conclusion", "concluded_at", "concluding_signature")


def open_investigation(result: Result, observed: str, *, by: Actor, at: datetime) -> Investigation:
    """Begin to investigate a result that fails its criterion; ``observed`` is what is known."""
    by.must(Permission.INVESTIGATE)
    can_open(result, at)
    investigation = Investigation(number=_next_number(at), result_id=result.id, observed=observed,
                                  recorded_by_id=by.id, recorded_at=at)
    session.add(investigation)
    session.flush()
    session.refresh(result, ["investigation"])
    record("open investigation", result, by=by, at=at, investigation=investigation.code,
           number=investigation.number, observed=observed)
    return investigation


def can_open(result: Result, at: datetime | None = None) -> None:
    """Refuse a result that does not fail, was corrected, or is investigated."""
    result_rules.stands(is_corrected(result), to="investigate")
    rules.not_investigated(result.investigation and result.investigation.number)
    rules.needs_investigation(fails(result, at or result.recorded_at))


def _next_number(at: datetime) -> str:
    """OOS26-001, OOS26-002, ...: the year on the site's clock, and the next number in it."""
    begins = f"OOS{local(at):%y}-"
    this_year = session.scalar(sa.select(sa.func.count()).where(
        Investigation.number.startswith(begins)))
    return f"{begins}{this_year + 1:03d}"


def answer_checklist(investigation: Investigation, *, by: Actor, at: datetime,
                     **answers: Any) -> Investigation:
    """Phase 1: the laboratory looks at each point and says whether it was in order.

    ``answers`` hold, for every ``Point``, ``<point>`` (whether it was in order) and
    ``<point>_words``. Answered again before the conclusion, the later answer stands.
    """
    by.must(Permission.INVESTIGATE)
    still_open(investigation)
    given = {point: (answers[point], answers.get(f"{point}_words")) for point in Point}
    rules.answered_whole(given)
    investigation.answers.extend(
        ChecklistAnswer(point=point, in_order=in_order, words=words, recorded_by_id=by.id,
                        recorded_at=at)
        for point, (in_order, words) in given.items())
    session.flush()
    record("answer checklist", investigation, by=by, at=at,
           answers=[[point, in_order, words] for point, (in_order, words) in given.items()])
    return investigation


def conclude_investigation(
    investigation: Investigation, outcome: InvestigationOutcome, conclusion: str, *,
    seal: Seal | None, by: Actor, at: datetime,
) -> Investigation:
    """Say what became of the result, signed by one who took no part in it.

    A proven laboratory error sets the result aside (``conclusion`` names the cause); otherwise
    it stands, and fails.
    """
    by.must(Permission.CONCLUDE_INVESTIGATION)
    can_conclude(investigation)
    rules.took_no_part(by.id, by.username, part_takers(investigation.result))
    rules.has_a_cause(outcome is InvestigationOutcome.LABORATORY_ERROR, all(
        answer.in_order for answer in latest_answers(investigation)))
    signature = sign(seal, investigation, meaning=Meaning.INVESTIGATION_CONCLUDED,
                     over=investigation_record(investigation, outcome, conclusion),
                     permission=Permission.CONCLUDE_INVESTIGATION, by=by, at=at)
    investigation.outcome, investigation.conclusion = outcome, conclusion
    investigation.concluded_at, investigation.signature = at, signature
    record("conclude investigation", investigation, by=by, at=at, reason=conclusion,
           outcome=outcome, result=investigation.result.code)
    return investigation


def still_open(investigation: Investigation) -> None:
    """Refuse a concluded investigation."""
    rules.still_open(not investigation.is_open, investigation.number)


def can_conclude(investigation: Investigation) -> None:
    """Refuse what is concluded, or what the laboratory did not look at yet."""
    still_open(investigation)
    rules.concludable(bool(investigation.answers), investigation.number)


def investigation_record(investigation: Investigation, outcome: InvestigationOutcome,
                         conclusion: str) -> dict[str, Any]:
    """What is signed: the result and why it fails, all that was found, and the conclusion."""
    result = investigation.result
    finding = finding_of(result)
    told = {name: value for name, value in snapshot(investigation).items()
            if name.removesuffix("_id") not in CONCLUSION}
    return {
        "investigation": told | {
            "answers": [snapshot(answer) for answer in investigation.answers],
            "attachments": [snapshot(one) for one in investigation.attachments]},
        "result": snapshot(result) | {
            "replicates": [one.value for one in result.replicates],
            "attachments": [snapshot(one) for one in result.attachments]},
        "finding": {"limit": finding.criterion.limit_text, "sentence": finding.sentence},
        "outcome": outcome, "conclusion": conclusion}


def signed_investigation(investigation: Investigation) -> dict[str, Any]:
    """The record as it now stands, in the form in which the conclusion was signed."""
    return investigation_record(investigation, investigation.outcome, investigation.conclusion)


def latest_answers(investigation: Investigation) -> list[ChecklistAnswer]:
    """The answer that stands for each point, in the checklist's order."""
    latest = {answer.point: answer for answer in investigation.answers}
    return [latest[point] for point in Point if point in latest]


def part_takers(result: Result) -> set[int | None]:
    """Who recorded or confirmed this result or one that it corrects, as account ids."""
    takers: set[int | None] = set()
    row: Result | None = result
    while row is not None:
        takers |= {row.recorded_by_id, row.confirmed_by_id}
        row = session.get(Result, row.corrects_id) if row.corrects_id else None
    return takers - {None}


def open_investigations(lot: Lot) -> list[Investigation]:
    """The investigations that wait for a conclusion, of any result about the lot."""
    return [result.investigation for result in results_about(lot)
            if result.investigation and result.investigation.is_open]
