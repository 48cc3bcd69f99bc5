"""The labels of a lot: how many copies there are, and whose paper is still astray."""

from __future__ import annotations

from typing import Any

from mscbank.bags.models import Bag, Lot
from mscbank.labelling import reconciliation
from mscbank.labelling.service import as_rule, current_copy


def of_lot(lot: Lot) -> dict[str, Any]:
    """Counts, the sum of the paper, the copies astray each with its fate, the reconciliation that
    holds, and all of it as a sentence."""
    copies = reconciliation.copies_of_lot(lot)
    return {"copies": len(copies), "counts": reconciliation.count(copies),
            "paper": reconciliation.sum_of_paper(copies),
            "astray": [(copy, as_rule(copy).fate) for copy in reconciliation.unaccounted(lot)],
            "closed": reconciliation.standing_of(lot),
            "sentence": reconciliation.sentence(lot)}


def on_bag(bag: Bag) -> str:
    """How far the bag's label has come, in a word."""
    copy = current_copy(bag)
    return str(as_rule(copy).state) if copy else "no label"
