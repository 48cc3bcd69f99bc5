"""What is allowed with a harvest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from mscbank.donors.models import Eligibility
from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment

ML_HIGHEST = Decimal(2000)
COLDEST_C, WARMEST_C = Decimal(-40), Decimal(60)
# Ten times what the richest aspirate of the largest volume could hold: a slip of the key above it.
CELLS_HIGHEST = 10**12


def accepted(outcome: Eligibility | None, number: str) -> None:
    """A physician signed that this donor may give."""
    if outcome not in (Eligibility.ELIGIBLE, Eligibility.EXCEPTION):
        word = outcome or "not decided on"
        raise Unfit(f"{number} is {word}: a physician must find the donor eligible, or accept "
                    "them by signed exception, before marrow is collected.",
                    reasons=("donor not accepted",))


def decision_covers(covered: bool, number: str) -> None:
    """The decision was signed over the tests that stand."""
    if not covered:
        raise WrongMoment(f"The tests of {number} changed since the decision was signed: the "
                          "physician decides again first.", reasons=("decision not covered",))


def decided_before(decided_at: datetime, collected_at: datetime) -> None:
    """First the decision, then the needle. Times are written down to the minute."""
    if collected_at < decided_at.replace(second=0, microsecond=0):
        raise Malformed("This lies before the signed decision on the donor: check the time of the "
                        "collection; if it is right, tell quality assurance.",
                        field="collected_at")


def not_collected_then(collected_at: datetime, known: Iterable[datetime]) -> None:
    """One donor gives one marrow at a time."""
    if collected_at in set(known):
        raise AlreadyDone("A collection from this donor at this very time is recorded already.",
                          field="collected_at")


def a_possible_volume(volume_ml: Decimal) -> None:
    """A volume a marrow bag can hold."""
    if not volume_ml.is_finite() or not 0 < volume_ml <= ML_HIGHEST:
        raise Malformed(f"A collection has more than 0 and at most {ML_HIGHEST} mL: check the "
                        "volume.", field="volume_ml")


def not_dispatched(dispatched_at: datetime | None) -> None:
    """Handed to transport once."""
    if dispatched_at is not None:
        raise AlreadyDone("This harvest was dispatched before.")


def on_its_way(dispatched_at: datetime | None, received_at: datetime | None) -> None:
    """Received once, after it was dispatched."""
    if received_at is not None:
        raise AlreadyDone("This harvest was received before.")
    if dispatched_at is None:
        raise WrongMoment("This harvest was not dispatched: the ward records when it left first.")


def a_possible_transport(low: Decimal, high: Decimal) -> None:
    """What a logger in a marrow box can show, the lower one first."""
    for degrees, field in ((low, "transport_min_c"), (high, "transport_max_c")):
        if not degrees.is_finite() or not COLDEST_C <= degrees <= WARMEST_C:
            raise Malformed(f"A transport box reads between {COLDEST_C} and {WARMEST_C} °C: check "
                            "the logger.", field=field)
    if low > high:
        raise Malformed("The lowest temperature is above the highest: check the logger.",
                        field="transport_min_c")


def possible_counts(nucleated_cells: int, viability: Decimal) -> None:
    """A count of a marrow, and a share of a hundred."""
    if not 0 < nucleated_cells <= CELLS_HIGHEST:
        raise Malformed(f"Nucleated cells are the total of the bag, from 1 to {CELLS_HIGHEST}: "
                        "count again.", field="nucleated_cells")
    if not viability.is_finite() or not 0 <= viability <= 100:
        raise Malformed("Viability lies between 0 and 100 %: count again.", field="viability")


def transport_faults(
    low: Decimal, high: Decimal, allowed_low: Decimal, allowed_high: Decimal,
    took: timedelta, hours_max: int,
) -> tuple[str, ...]:
    """What was outside the protocol's limits on the way, one sentence each. It is received all
    the same, since it is there; quality assurance is told."""
    faults = []
    if low < allowed_low or high > allowed_high:
        faults.append(f"{low} to {high} °C on the way, allowed are {allowed_low} to "
                      f"{allowed_high} °C.")
    if took > timedelta(hours=hours_max):
        faults.append(f"{took.total_seconds() / 3600:.1f} h on the way, allowed are {hours_max} h.")
    return tuple(faults)
