"""What a decision is signed over, and whether the signature still covers what stands.

The record is the whole lineage of a lot: the recipient's place in the trial (the dose it is judged
for), the donor's markers and decisions, harvest, cultures with counts, notes and reagents, bags,
samples, results (corrected ones too) with their single values, files and investigations, findings,
deviations and the lot's holds. Left out, so that they do not undo a release: where the bags are
(``UNSIGNED``), labels, custody, infusions and alerts; the way of a sample to its laboratory, which
goes on after a conditional release; a hold on one bag, which stops that bag by itself; and what is
measured on a thawed bag while the specification only wants to know it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from mscbank import lineage
from mscbank.audit import chain
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import CryoUnit, Lot
from mscbank.cultures.models import (
    Culture,
    ReagentLot,
    ReagentUse,
)
from mscbank.database import session
from mscbank.lineage import Derivation
from mscbank.recipients.models import Allocation
from mscbank.release.models import (
    Decision,
    Deviation,
    ExceptionRequest,
    Hold,
    TrailReview,
)
from mscbank.release.touched import CONCERNED, REAGENTS, touched_since
from mscbank.release.verdict import findings_of, told
from mscbank.signatures.service import snapshot
from mscbank.testing.models import (
    Result,
    Sample,
    Stage,
)
from mscbank.testing.service import specification_of


def lot_record(lot: Lot, **words: Any) -> dict[str, Any]:
    """Everything a decision on the lot rests on. ``words`` are what the act adds (a reason)."""
    return _record(lot, unseen=None, words=_review_words(lot, None) | words)


def requested_record(lot: Lot, justification: str) -> dict[str, Any]:
    """What a physician's request rests on: the trail is reviewed after it."""
    return _record(lot, unseen=None, words={"justification": justification})


def exceptional_record(lot: Lot) -> dict[str, Any]:
    """The record, and the physician's request that the exceptional release answers."""
    return lot_record(lot, **_request_words(lot))


def _record(lot: Lot, *, unseen: int | None, words: dict[str, Any]) -> dict[str, Any]:
    """``unseen`` is the entry of a decision: what it opened was not there to be read."""
    family = [lot.code, *lineage.ancestors(lot.code)]
    harvest = lot.harvest
    samples = _rows(Sample, sa.or_(Sample.lot_id == lot.id, Sample.taken_from.in_(family)))
    if not _decides_after_thaw(lot):
        samples = [sample for sample in samples if sample.stage is not Stage.POST_THAW]
    uses = _rows(ReagentUse, ReagentUse.used_in.in_(family))
    donor = harvest.donor
    return {
        "recipient": donor.recipient.code,
        "allocation": _snapshots(_rows(Allocation,
                                       Allocation.recipient_id == donor.recipient_id)),
        "donor": snapshot(donor) | {"markers": _snapshots(donor.markers),
                                    "decisions": _snapshots(donor.decisions)},
        "harvest": snapshot(harvest),
        "cultures": [
            snapshot(culture) | {"notes": _snapshots(culture.notes),
                                 "counts": _snapshots(culture.counts)}
            for culture in _rows(Culture, Culture.code.in_(family))],
        "cryo units": _snapshots(_rows(CryoUnit, CryoUnit.code.in_(family))),
        "reagents": [snapshot(use) | {"reagent": snapshot(use.reagent_lot)} for use in uses],
        "lineage": _snapshots(_rows(Derivation, Derivation.child.in_(family))),
        "lot": snapshot(lot),
        "bags": _snapshots(lot.bags),
        "samples": [snapshot(sample) | {"results": [_result_told(result)
                                                    for result in sample.results]}
                    for sample in samples],
        "findings": _findings(lot),
        "specification": {"name": lot.specification, "digest": lot.specification_digest},
        "deviations": [deviation_told(row) for row in deviations_of(lot) if row.entry != unseen],
        "holds": _snapshots(row for row in _rows(Hold, Hold.lot_id == lot.id)
                            if row.entry != unseen),
        **{name: word for name, word in words.items() if word is not None},
    }


def _rows(model: type[Any], *where: Any) -> list[Any]:
    return list(session.scalars(sa.select(model).where(*where).order_by(model.id)))


def _snapshots(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [snapshot(row) for row in rows]


def _decides_after_thaw(lot: Lot) -> bool:
    return any(each.stage == Stage.POST_THAW and not each.informative
               for each in specification_of(lot).criteria)


def _findings(lot: Lot) -> list[dict[str, Any]]:
    after_thaw = _decides_after_thaw(lot)
    return [told(finding) for finding in findings_of(lot)
            if after_thaw or finding.stage != Stage.POST_THAW]


def deviations_of(lot: Lot) -> list[Deviation]:
    """The deviations about the lot or anything it is made of, sampled by or filled into."""
    return list(session.scalars(
        sa.select(Deviation).where(Deviation.about.in_(CONCERNED))
        .order_by(Deviation.id), {"lot_id": lot.id}))


def _result_told(result: Result) -> dict[str, Any]:
    """A result with its single values, its files, and what an investigation made of it."""
    found = result.investigation
    return snapshot(result) | {
        "replicates": _snapshots(result.replicates),
        "attachments": _snapshots(result.attachments),
        "investigation": found and snapshot(found) | {
            "answers": _snapshots(found.answers), "attachments": _snapshots(found.attachments)}}


def deviation_told(deviation: Deviation) -> dict[str, Any]:
    """A deviation with all that was judged, found and done about it."""
    return snapshot(deviation) | {
        "classifications": _snapshots(deviation.classifications),
        "investigations": _snapshots(deviation.investigations),
        "actions": _snapshots(deviation.actions)}


def reagents_of(lot: Lot) -> list[ReagentLot]:
    """The reagent lots that went into the lot or anything it was made from."""
    return list(session.scalars(sa.select(ReagentLot).where(ReagentLot.id.in_(REAGENTS))
                                .order_by(ReagentLot.id), {"lot_id": lot.id}))


def latest_decision(lot: Lot) -> Decision | None:
    """The decision that stands."""
    return session.scalar(sa.select(Decision).where(Decision.lot_id == lot.id)
                          .order_by(Decision.id.desc()).limit(1))


def latest_request(lot: Lot) -> ExceptionRequest | None:
    """The physician's latest request for an exceptional release."""
    return session.scalar(sa.select(ExceptionRequest).where(ExceptionRequest.lot_id == lot.id)
                          .order_by(ExceptionRequest.id.desc()).limit(1))


def request_covers(request: ExceptionRequest, lot: Lot) -> bool:
    """Whether the record is still the one the physician read when asking."""
    now = requested_record(lot, request.justification)
    return request.signature.digest == chain.digest(now)


def signed_record(decision: Decision) -> dict[str, Any]:
    """The record as it now stands, in the form in which this decision was signed."""
    lot = decision.lot
    words: dict[str, Any] = {"reason": decision.reason} | _review_words(lot, decision.entry)
    if decision.standing is Standing.EXCEPTIONAL:
        words |= _request_words(lot)
    return _record(lot, unseen=decision.entry, words=words)


def latest_review(lot: Lot, before: int | None = None) -> TrailReview | None:
    """The review that reaches furthest, of the lot's trail or of the whole, written before an
    entry where one is given."""
    statement = (sa.select(TrailReview).order_by(TrailReview.last.desc(), TrailReview.id.desc())
                 .where(sa.or_(TrailReview.lot_id == lot.id, TrailReview.lot_id.is_(None))))
    if before is not None:
        statement = statement.where(TrailReview.entry < before)
    return session.scalar(statement.limit(1))


def _review_words(lot: Lot, before: int | None) -> dict[str, Any]:
    """The review of the trail that the decision rests on: what is reviewed later changes none."""
    review = latest_review(lot, before)
    return {"trail": snapshot(review) if review else None}


def _request_words(lot: Lot) -> dict[str, Any]:
    request = latest_request(lot)
    return {"request": snapshot(request) if request else None}


def decision_covers(decision: Decision) -> bool:
    """Whether what was signed is what stands now: the whole record read and compared. Where
    nobody signed, nothing is covered."""
    return decision.signature is not None and (
        decision.signature.digest == chain.digest(signed_record(decision)))


def covered(lot: Lot) -> bool:
    """Whether the latest decision's signature covers the lot's record as it stands now.

    One quick statement where nothing was touched; else the whole record is read and compared.
    """
    decision = latest_decision(lot)
    return (decision is not None and decision.signature_id is not None
            and (not touched_since(lot.id, decision.entry) or decision_covers(decision)))
