"""Reviews of the trail: what was done is read before a lot is released, and signed for.

The signature is over the list of (sequence, hash) of what was read, so an entry that arrives
between reading and signing makes the signing fail, and one that arrives later stops the release
until it was read as well. A review of the whole trail covers every lot's part of it. An attempt to
sign that proved nobody (a mistyped password) is no fact about the lot: it is shown beside the list,
and stands in the review of the whole trail.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from labels import housecode
from mscbank.audit import chain
from mscbank.audit.checkpoints import head
from mscbank.audit.models import NOT_PROVEN, REFUSED, Entry
from mscbank.audit.reading import Mark, mark
from mscbank.audit.service import record
from mscbank.bags.lifecycle import LOT_STANDING
from mscbank.bags.models import Bag, Lot
from mscbank.database import read, session
from mscbank.permissions import Actor, Permission
from mscbank.release import rules
from mscbank.release.models import Action, Deviation, Hold, TrailReview
from mscbank.release.touched import CONCERNED, LOT_ID
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign
from mscbank.testing.models import Investigation, Result

# Entries that need no review before a release: reviews, readings, and the decisions themselves.
NEEDS_NO_REVIEW = frozenset({
    "review trail", "review the trail", "export trail", "identity read", "request exception",
    *(row.act for row in LOT_STANDING if row.signed)})
MOST = 1000

_DEVIATIONS = sa.select(Deviation.id).where(Deviation.about.in_(CONCERNED))
# Whatever becomes family later does so by an entry about the family, which is later than the
# review: so no entry that was not read is ever taken for one that was.
FAMILY = sa.union_all(
    CONCERNED,
    sa.select(Deviation.code).where(Deviation.about.in_(CONCERNED)),
    sa.select(Action.code).where(Action.deviation_id.in_(_DEVIATIONS)),
    sa.select(Investigation.code).where(Investigation.result_id.in_(
        sa.select(Result.id).where(Result.code.in_(CONCERNED)))),
    sa.select(Hold.code).where(sa.or_(
        Hold.lot_id == LOT_ID, Hold.bag_id.in_(sa.select(Bag.id).where(Bag.lot_id == LOT_ID)))),
)
_REVIEWED = sa.select(sa.func.coalesce(sa.func.max(TrailReview.last), 0)).where(
    sa.or_(TrailReview.lot_id == LOT_ID, TrailReview.lot_id.is_(None)))
_LATER = sa.select(Entry.sequence, Entry.act,
                   sa.case((Entry.act == REFUSED, Entry.body)).label("body")).where(
    Entry.sequence > _REVIEWED.scalar_subquery())


def family_codes(lot: Lot) -> frozenset[str]:
    """Codes of the lot, of all it was made from, and of what was written about them."""
    return frozenset(code for (code,) in read(FAMILY, {"lot_id": lot.id}))


def _about(lot: Lot, statement: sa.Select[Any], *, proven: bool = True) -> sa.Select[Any]:
    """Of the entries, those about the family, in order; or those that proved nobody. The codes are
    looked up first: given a list of them PostgreSQL goes by the index, given a subquery it reads
    the whole trail."""
    return statement.where(
        Entry.subject.in_(sorted(family_codes(lot))),
        Entry.act != NOT_PROVEN if proven else Entry.act == NOT_PROVEN).order_by(Entry.sequence)


def unreviewed(lot: Lot) -> list[tuple[int, str]]:
    """(entry, act) of what was written about the lot's family and not reviewed since."""
    return [(later.sequence, later.act)
            for later in session.execute(_about(lot, _LATER), {"lot_id": lot.id})
            if _tried(later.act, later.body) not in NEEDS_NO_REVIEW]


def _tried(act: str, body: str | None) -> str:
    return json.loads(body)["facts"]["attempted"] if body else act


def lot_reading(lot: Lot) -> list[Entry]:
    """What is read: every entry about the lot's family, first to last."""
    return list(session.scalars(_about(lot, sa.select(Entry))))


def lot_unproven(lot: Lot) -> list[Entry]:
    """What is shown beside it: attempts to sign something of the family that proved nobody."""
    return list(session.scalars(_about(lot, sa.select(Entry), proven=False)))


def lot_span(lot: Lot) -> dict[str, Any]:
    """What is signed: the span that was read, by its digest."""
    return {"of": lot.number} | _span(lot_reading(lot))


def can_review(lot: Lot) -> None:
    """Refuse when nothing was written since the last review."""
    rules.something_to_review(len(unreviewed(lot)))


def review_lot(lot: Lot, *, seal: Seal | None, by: Actor, at: datetime) -> TrailReview:
    """Sign that every entry about the lot's family was read."""
    by.must(Permission.REVIEW_TRAIL)
    can_review(lot)
    over = lot_span(lot)
    review = _sign(over, lot, seal, by, at)
    record("review trail", lot, by=by, at=at, review=review.code, **_facts(over))
    return review


def stands(review: TrailReview) -> bool:
    """Whether the entries of the span still are the list that was signed.

    Of a lot, the list is that of its family today: it also differs where something with entries
    of its own, as a reagent lot, joined the family after the review.
    """
    span = sa.select(Entry).where(Entry.sequence.between(review.first, review.last))
    span = _about(review.lot, span) if review.lot else span.order_by(Entry.sequence)
    return _span(list(session.scalars(span)))["digest"] == review.digest


def reviewed_to() -> int:
    """The last entry of the whole trail's reviews; 0 before the first."""
    return session.scalar(sa.select(sa.func.max(TrailReview.last))
                          .where(TrailReview.lot_id.is_(None))) or 0


def trail_reading(up_to: int) -> list[Entry]:
    """What is read: every entry since the review before, up to one the reviewer chose."""
    first = reviewed_to() + 1
    rules.a_span_to_review(first, up_to, head().sequence, most=MOST)
    return list(session.scalars(
        sa.select(Entry).where(Entry.sequence.between(first, up_to)).order_by(Entry.sequence)))


def trail_span(up_to: int) -> dict[str, Any]:
    """What is signed: the span that was read, by its digest."""
    return {"of": "the whole trail"} | _span(trail_reading(up_to))


def review_trail(up_to: int, *, seal: Seal | None, by: Actor, at: datetime) -> TrailReview:
    """Sign that every entry of the trail since the review before was read, up to ``up_to``."""
    by.must(Permission.REVIEW_TRAIL)
    over = trail_span(up_to)
    review = _sign(over, None, seal, by, at)
    record("review the trail", review, by=by, at=at, **_facts(over))
    return review


def _span(entries: Sequence[Entry]) -> dict[str, Any]:
    marks = [mark(entry.act, None, json.loads(entry.body)["facts"]) for entry in entries]
    return {
        "first": entries[0].sequence, "last": entries[-1].sequence, "entries": len(entries),
        "refusals": marks.count(Mark.REFUSED), "corrections": marks.count(Mark.CHANGED),
        "digest": chain.digest([[entry.sequence, entry.hash] for entry in entries])}


def _facts(over: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in over.items() if name != "of"}


def _sign(over: dict[str, Any], lot: Lot | None, seal: Seal | None, by: Actor,
          at: datetime) -> TrailReview:
    review = TrailReview(code=housecode.new(TrailReview.KIND), lot=lot, **_facts(over),
                         recorded_by_id=by.id, recorded_at=at)
    review.signature = sign(
        seal, lot or review, meaning=Meaning.TRAIL_REVIEWED, over=over,
        permission=Permission.REVIEW_TRAIL, by=by, at=at)
    session.add(review)
    session.flush()
    return review
