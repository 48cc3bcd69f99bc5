"""What a decision is signed over, and whether the signature still covers what stands.

The record is the whole lineage of a lot: the donor's markers and decisions, harvest, cultures with
counts, notes and reagents, bags, samples, results (corrected ones too), findings, deviations and
the lot's holds. Left out, so that they do not undo a release: where the bags are (``UNSIGNED``),
labels, custody, infusions and alerts; a hold on one bag, which stops that bag by itself; and what
is measured on a thawed bag while the specification only wants to know it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from mscbank import lineage
from mscbank.audit import chain
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import Culture, CultureCount, CultureNote, ReagentLot, ReagentUse
from mscbank.database import read, session
from mscbank.donors.models import Donor, DonorDecision, Marker
from mscbank.harvests.models import Harvest
from mscbank.lineage import Derivation
from mscbank.release.models import Decision, Deviation, ExceptionRequest, Hold
from mscbank.release.verdict import findings_of, told
from mscbank.signatures.service import snapshot
from mscbank.testing.models import Result, Sample, Stage
from mscbank.testing.service import specification_of


def lot_record(lot: Lot, **words: Any) -> dict[str, Any]:
    """Everything a decision on the lot rests on. ``words`` are what the act adds (a reason)."""
    return _record(lot, unseen=None, words=words)


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
        "donor": snapshot(donor) | {"markers": _snapshots(donor.markers),
                                    "decisions": _snapshots(donor.decisions)},
        "harvest": snapshot(harvest),
        "cultures": [
            snapshot(culture) | {"notes": _snapshots(culture.notes),
                                 "counts": _snapshots(culture.counts)}
            for culture in _rows(Culture, Culture.code.in_(family))],
        "reagents": [snapshot(use) | {"reagent": snapshot(use.reagent_lot)} for use in uses],
        "lineage": _snapshots(_rows(Derivation, Derivation.child.in_(family))),
        "lot": snapshot(lot),
        "bags": _snapshots(lot.bags),
        "samples": [snapshot(sample) | {"results": _snapshots(sample.results)}
                    for sample in samples],
        "findings": _findings(lot),
        "specification": {"name": lot.specification, "digest": lot.specification_digest},
        "deviations": _snapshots(row for row in deviations_of(lot) if row.entry != unseen),
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
        sa.select(Deviation).where(Deviation.about.in_(sa.select(_CONCERNED.c.code)))
        .order_by(Deviation.id), {"lot_id": lot.id}))


def reagents_of(lot: Lot) -> list[ReagentLot]:
    """The reagent lots that went into the lot or anything it was made from."""
    return list(session.scalars(sa.select(ReagentLot).where(ReagentLot.id.in_(_REAGENTS))
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
    now = lot_record(lot, justification=request.justification)
    return request.signature.digest == chain.digest(now)


def signed_record(decision: Decision) -> dict[str, Any]:
    """The record as it now stands, in the form in which this decision was signed."""
    lot = decision.lot
    words: dict[str, Any] = {"reason": decision.reason}
    if decision.standing is Standing.EXCEPTIONAL:
        words |= _request_words(lot)
    return _record(lot, unseen=decision.entry, words=words)


def _request_words(lot: Lot) -> dict[str, Any]:
    request = latest_request(lot)
    return {"request": snapshot(request) if request else None}


def decision_covers(decision: Decision) -> bool:
    """Whether what was signed is what stands now: the whole record read and compared."""
    return decision.signature.digest == chain.digest(signed_record(decision))


def covered(lot: Lot) -> bool:
    """Whether the latest decision's signature covers the lot's record as it stands now."""
    decision = latest_decision(lot)
    return decision is not None and covered_since(lot.id, decision.entry)


def covered_since(lot_id: int, entry: int) -> bool:
    """``covered`` for one who knows the entry of the lot's latest decision already.

    One quick statement where nothing was touched; else the whole record is read and compared.
    """
    if not touched_since(lot_id, entry):
        return True
    decision = latest_decision(session.get_one(Lot, lot_id))
    return decision is not None and decision_covers(decision)


def touched_since(lot_id: int, entry: int) -> bool:
    """Whether any row a decision rests on was written or changed by an entry after ``entry``.

    One statement. No means the signature of that entry covers: the database lets no row change
    without a new entry. Yes means only that the record must be read and compared.
    """
    return (read(_LAST_TOUCH, {"lot_id": lot_id, "since": entry}).scalar() or 0) > entry


_LOT_ID = sa.bindparam("lot_id", type_=sa.Integer())
_SINCE = sa.bindparam("since", 0, type_=sa.BigInteger())


def _codes_of_family() -> sa.Select[tuple[str]]:
    """The lot's code and those of everything it was made from."""
    family = sa.select(Lot.code).where(Lot.id == _LOT_ID).cte("family", recursive=True)
    family = family.union(sa.select(Derivation.parent).where(Derivation.child == family.c.code))
    return sa.select(family.c.code)


def _once(name: str, ids: sa.Select[tuple[Any]]) -> sa.Select[tuple[Any]]:
    """The ids, looked up once for all who ask (a common table expression)."""
    return sa.select(*ids.cte(name).c)


_FAMILY = _codes_of_family()
_CULTURES = _once("cultures", sa.select(Culture.id).where(Culture.code.in_(_FAMILY)))
_HARVEST = sa.select(Lot.harvest_id).where(Lot.id == _LOT_ID)
_DONOR = _once("donors", sa.select(Harvest.donor_id).where(Harvest.id.in_(_HARVEST)))
_REAGENTS = _once("reagents", sa.select(ReagentUse.reagent_lot_id).where(
    ReagentUse.used_in.in_(_FAMILY)))
_SAMPLES = _once("samples", sa.select(Sample.id).where(
    sa.or_(Sample.lot_id == _LOT_ID, Sample.taken_from.in_(_FAMILY))))
_CONCERNED = sa.union_all(
    _FAMILY,
    sa.select(Bag.code).where(Bag.lot_id == _LOT_ID),
    sa.select(Donor.code).where(Donor.id.in_(_DONOR)),
    sa.select(Sample.code).where(Sample.id.in_(_SAMPLES)),
    sa.select(Result.code).where(Result.sample_id.in_(_SAMPLES)),
    sa.select(ReagentLot.code).where(ReagentLot.id.in_(_REAGENTS)),
).cte("concerned")

# What a decision rests on, as the rows whose entry counts. Bags move after a release, and each move
# is an entry; of what is signed of them only the freezing can still come, so only a freezing after
# the decision counts here (the rest is written when they are filled, and the database keeps it).
# Deviations are found by their entry (the ``||`` keeps the other index out): there is seldom a new
# one, and only then is the long list of what it could concern made.
_COVERED: tuple[tuple[type[Any], Any], ...] = (
    (Lot, Lot.id == _LOT_ID),
    (Bag, sa.and_(Bag.lot_id == _LOT_ID, Bag.frozen_at > sa.select(
        sa.func.max(Decision.recorded_at)).where(Decision.lot_id == _LOT_ID).scalar_subquery())),
    (Derivation, Derivation.child.in_(_FAMILY)),
    (Culture, Culture.code.in_(_FAMILY)),
    (CultureCount, CultureCount.culture_id.in_(_CULTURES)),
    (CultureNote, CultureNote.culture_id.in_(_CULTURES)),
    (ReagentUse, ReagentUse.used_in.in_(_FAMILY)),
    (ReagentLot, ReagentLot.id.in_(_REAGENTS)),
    (Harvest, Harvest.id.in_(_HARVEST)),
    (Donor, Donor.id.in_(_DONOR)),
    (Marker, Marker.donor_id.in_(_DONOR)),
    (DonorDecision, DonorDecision.donor_id.in_(_DONOR)),
    (Sample, Sample.id.in_(_SAMPLES)),
    (Result, Result.sample_id.in_(_SAMPLES)),
    (ExceptionRequest, ExceptionRequest.lot_id == _LOT_ID),
    (Deviation, sa.and_(Deviation.entry > _SINCE, Deviation.about.concat("").in_(
        sa.select(_CONCERNED.c.code)))),
    (Hold, Hold.lot_id == _LOT_ID),
)
_TOUCHES = sa.union_all(*(
    sa.select(sa.func.max(model.entry).label("entry")).where(where)
    for model, where in _COVERED)).subquery()
_LAST_TOUCH = sa.select(sa.func.max(_TOUCHES.c.entry))
