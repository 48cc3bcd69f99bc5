"""Reconciliation: of every copy of a lot's labels it is known where its paper is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.errors import AlreadyDone
from mscbank.labelling import rules
from mscbank.labelling.models import LabelCopy, LabelReconciliation
from mscbank.labelling.rules import ACCOUNTED, Fate
from mscbank.labelling.service import as_rule
from mscbank.permissions import Actor, Permission


def copies_of_lot(lot: Lot) -> list[LabelCopy]:
    """Every copy of the labels of the lot's bags."""
    return [copy for bag in lot.bags for copy in bag.labels]


def count(copies: list[LabelCopy]) -> dict[Fate, int]:
    """How many copies met which fate: each stands in one line, so the lines add up to all."""
    counted = Counter(as_rule(copy).fate for copy in copies)
    return {fate: counted[fate] for fate in Fate}


def sum_of_paper(copies: list[LabelCopy]) -> rules.PaperSum:
    """Where the printed paper of the copies is."""
    return rules.sum_of_paper([as_rule(copy).fate for copy in copies])


def unaccounted(lot: Lot) -> list[LabelCopy]:
    """The copies whose paper nobody knows to be on its bag or destroyed."""
    return [copy for copy in copies_of_lot(lot) if as_rule(copy).fate not in ACCOUNTED]


def standing_of(lot: Lot) -> LabelReconciliation | None:
    """The reconciliation that holds: the latest, where nothing changed since."""
    latest = session.scalar(
        sa.select(LabelReconciliation).where(LabelReconciliation.lot_id == lot.id)
        .order_by(LabelReconciliation.id.desc()).limit(1))
    return latest if latest and latest.counts == _said(lot) else None


def _said(lot: Lot) -> dict[str, int]:
    return {str(fate): number for fate, number in count(copies_of_lot(lot)).items() if number}


def sentence(lot: Lot) -> str:
    """How far the lot's labels are reconciled, for its papers."""
    astray = len(unaccounted(lot))
    if astray:
        return f"labels not reconciled: {astray} {'copy' if astray == 1 else 'copies'}"
    if not copies_of_lot(lot):
        return "no label was issued"
    if standing_of(lot) is None:
        return "every copy accounted for; not yet reconciled by quality assurance"
    return "labels reconciled: " + ", ".join(f"{number} {fate}"
                                             for fate, number in _said(lot).items())


def may_be_reconciled(lot: Lot) -> None:
    """The release papers close once, when every copy is accounted for."""
    rules.all_accounted([as_rule(copy).fate for copy in copies_of_lot(lot)])
    if standing_of(lot) is not None:
        raise AlreadyDone("The labels of this lot are reconciled, and nothing changed since.")


def reconcile_labels(lot: Lot, *, by: Actor, at: datetime) -> LabelReconciliation:
    """Quality assurance closes the release papers: each copy is in use, destroyed or was never
    printed."""
    by.must(Permission.RECONCILE_LABELS)
    may_be_reconciled(lot)
    closed = LabelReconciliation(lot=lot, counts=_said(lot), recorded_by_id=by.id, recorded_at=at)
    session.add(closed)
    session.flush()
    record("reconcile labels", lot, by=by, at=at, counts=closed.counts)
    return closed
