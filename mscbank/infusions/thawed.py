"""How many of the cells that were filled come out of thawing viable.

Where the lot's viability was measured before freezing and after thawing, and both results were
confirmed, their ratio counts, at most 100 %; else what the protocol assumes.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from mscbank.bags.models import Lot
from mscbank.testing.models import Result, Stage
from mscbank.testing.service import standing_results
from specs.protocol import Protocol

VIABILITY = "viability"
WHOLE = Decimal(100)


def recovery_of(lot: Lot, protocol: Protocol) -> tuple[Decimal, str]:
    """Per cent of the filled viable cells, and where the number comes from."""
    results = standing_results(lot)
    filled, thawed = (_measured(results, stage)
                      for stage in (Stage.DRUG_PRODUCT, Stage.POST_THAW))
    if filled and thawed:
        share = min(WHOLE, thawed * 100 / filled).quantize(Decimal("0.1"), ROUND_FLOOR)
        return share, f"measured: viability {thawed:f} % after thawing and {filled:f} % before"
    return protocol.dose.thaw_recovery_percent, f"assumed by {protocol.reference}"


def _measured(results: list[Result], stage: Stage) -> Decimal | None:
    """The lowest confirmed viability of this stage."""
    values = [each.value for each in results
              if each.test == VIABILITY and each.sample.stage == stage
              and each.confirmed_by_id is not None and each.value is not None
              and not (each.investigation and each.investigation.sets_aside)]
    return min(values, default=None)
