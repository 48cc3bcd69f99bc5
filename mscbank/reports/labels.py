"""The labels of a lot: how many copies there are, and whose paper is still astray."""

from __future__ import annotations

from typing import Any

from mscbank.bags.models import Lot
from mscbank.labelling import reconciliation


def of_lot(lot: Lot) -> dict[str, Any]:
    """Counts, the copies astray, the reconciliation that holds, and all of it as a sentence."""
    copies = reconciliation.copies_of_lot(lot)
    return {"copies": len(copies), "counts": reconciliation.count(copies),
            "astray": reconciliation.unaccounted(lot),
            "closed": reconciliation.standing_of(lot),
            "sentence": reconciliation.sentence(lot)}
