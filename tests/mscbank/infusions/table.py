"""The truth table of the verdict: every combination, and an oracle that knows nothing of the rule.

The oracle says for each reason, in one line, when it must be there. The rows are: each group of
facts that bear on each other in all their values, unknown ones and the very moment of a limit
included; every pair of values of any two facts; and all facts together in good and bad.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from mscbank.bags.lifecycle import Place, Standing
from mscbank.infusions.findings import Asked, Facts, Finding, Reason, Word

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WEEK = timedelta(days=7)
GARBLED = Finding(Reason.CANNOT_TELL, "Scan again.")
FOREIGN = Finding(Reason.NOT_KNOWN, "Not ours.")
GOOD = Facts(
    at=AT, asked=Asked.START, unread=(), place=Place.RECEIVED, started=False, started_for=None,
    expires_at=AT + TICK, frozen=True, thaw_expires_at=AT + TICK, standing=Standing.CERTIFIED,
    covered=True, holds=0, bag_is_for="R-001", band_is_of="R-001", band_ended=False,
    consents=True, label_number=2, label_applied=True, scanned_copy=2, given_by_id=1,
    received_by_id=2, open_excursions=0, order_is_for="R-001", order_cancelled=False,
    ordered_cells=70_000_000, dose_per_kg=1_000_000, tolerance_percent=Decimal(10),
    weight_kg=Decimal(70), weighed_at=AT - WEEK, weight_valid_days=7, paused=False, by_id=2,
    second_id=3, agreed=True, go_until=AT)

NUMBERS = ("R-001", "R-002", None)
YES_NO = (True, False, None)
MOMENTS = (None, AT - TICK, AT, AT + TICK)
VALUES: dict[str, tuple[Any, ...]] = {
    "asked": tuple(Asked), "unread": ((), (GARBLED,), (FOREIGN,), (GARBLED, FOREIGN)),
    "place": (*Place, None), "started": YES_NO, "started_for": NUMBERS, "expires_at": MOMENTS,
    "frozen": YES_NO, "thaw_expires_at": MOMENTS, "standing": (*Standing, None),
    "covered": YES_NO, "holds": (0, 1, 2, None), "bag_is_for": NUMBERS, "band_is_of": NUMBERS,
    "band_ended": YES_NO, "consents": YES_NO, "label_number": (1, 2, None),
    "label_applied": YES_NO, "scanned_copy": (1, 2, None), "given_by_id": (1, 2, None),
    "received_by_id": (1, 2, None), "open_excursions": (0, 1, None), "order_is_for": NUMBERS,
    "order_cancelled": YES_NO,
    "ordered_cells": (70_000_000, 77_000_000, 77_000_001, 63_000_000, 62_999_999, None),
    "dose_per_kg": (1_000_000, 3_000_000, None), "tolerance_percent": (Decimal(10), None),
    "weight_kg": (Decimal(70), Decimal("63.63"), None),
    "weighed_at": (AT, AT - WEEK, AT - WEEK - TICK, None), "weight_valid_days": (7, 6, None),
    "paused": YES_NO, "by_id": (2, 3, None),
    "second_id": (2, 3, None), "agreed": YES_NO, "go_until": MOMENTS,
}
GROUPS = (
    ("place", "started", "started_for", "band_is_of", "bag_is_for", "order_is_for"),
    ("standing", "covered", "holds", "unread"),
    ("expires_at", "frozen", "thaw_expires_at", "unread"),
    ("label_number", "label_applied", "scanned_copy", "place"),
    ("place", "given_by_id", "received_by_id", "open_excursions"),
    ("order_is_for", "order_cancelled", "ordered_cells", "dose_per_kg", "tolerance_percent",
     "weight_kg"),
    ("weight_kg", "weighed_at", "weight_valid_days", "band_is_of", "order_is_for", "bag_is_for"),
    ("paused", "started", "place", "band_is_of", "unread"),
    ("asked", "by_id", "second_id", "agreed", "go_until"),
    ("bag_is_for", "band_is_of", "band_ended", "consents", "unread", "started"),
)
TOGETHER: tuple[tuple[dict[str, Any], ...], ...] = (
    ({}, {"place": Place.STORED}), ({}, {"started": True, "started_for": "R-001"}),
    ({}, {"expires_at": AT}), ({}, {"thaw_expires_at": AT}),
    ({}, {"standing": Standing.PENDING}, {"standing": Standing.NONCONFORMING}),
    ({}, {"covered": False}), ({}, {"holds": 1}), ({}, {"band_is_of": "R-002"}),
    ({}, {"band_ended": True, "consents": False}), ({}, {"scanned_copy": 1}),
    ({}, {"received_by_id": 1}), ({}, {"open_excursions": 1}), ({}, {"order_cancelled": True}),
    ({}, {"ordered_cells": 1, "weighed_at": AT - WEEK - TICK}), ({}, {"second_id": 2},
                                                                    {"agreed": False}),
    ({}, {"paused": True}),
)


def small() -> Iterator[Facts]:
    """Every group in all its values, and every pair of values of any two facts."""
    for names in (*GROUPS, *itertools.combinations(VALUES, 2)):
        for values in itertools.product(*(VALUES[name] for name in names)):
            yield replace(GOOD, **dict(zip(names, values, strict=True)))


def large() -> Iterator[Facts]:
    """All facts together, each good or bad."""
    for chosen in itertools.product(*TOGETHER):
        yield replace(GOOD, **{name: value for part in chosen for name, value in part.items()})


def expected(f: Facts) -> tuple[set[Reason], Word]:
    """What the table says of these facts."""
    ordered, banded = f.order_is_for is not None, f.band_is_of is not None
    begun = f.started is True or f.place in ("infusing", "infused")
    released = f.standing in ("conditional", "certified", "exceptional")
    never = {f.expires_at, f.frozen, f.standing, f.holds, f.bag_is_for, f.band_is_of, f.band_ended,
             f.consents, f.open_excursions, f.place, f.started, f.weight_valid_days, f.paused}
    sometimes = [(f.label_number, {f.label_applied}), (f.order_is_for, {
        f.order_cancelled, f.ordered_cells, f.dose_per_kg, f.tolerance_percent}),
        (released or None, {f.covered})]
    unknown = None in never or any(
        needed is not None and None in values for needed, values in sometimes)
    known_dose = None not in (f.ordered_cells, f.dose_per_kg, f.tolerance_percent, f.weight_kg)
    off = known_dose and not (
        Decimal("0.9") * f.dose_per_kg * f.weight_kg <= f.ordered_cells
        <= Decimal("1.1") * f.dose_per_kg * f.weight_kg)
    table = {
        Reason.CANNOT_TELL: GARBLED in f.unread or (not f.unread and unknown),
        Reason.NOT_KNOWN: FOREIGN in f.unread,
        Reason.ALREADY_DONE: begun,
        Reason.TRIAL_PAUSED: f.paused is True,
        Reason.WRONG_RECIPIENT: f.bag_is_for is not None and (
            (banded and f.band_is_of != f.bag_is_for)
            or (ordered and f.order_is_for != f.bag_is_for)),
        Reason.WRISTBAND_ENDED: f.band_ended is True,
        Reason.CONSENT_WITHDRAWN: f.consents is False,
        Reason.NOT_ORDERED: f.bag_is_for is not None and not ordered,
        Reason.ORDER_CANCELLED: f.bag_is_for is not None and ordered and f.order_cancelled is True,
        Reason.DOSE_OUTSIDE: off,
        Reason.WEIGHT_MISSING: banded and None in (f.weight_kg, f.weighed_at),
        Reason.WEIGHT_TOO_OLD: (banded and None not in (f.weight_kg, f.weighed_at)
                                and f.weight_valid_days is not None
                                and f.weighed_at < AT - timedelta(days=f.weight_valid_days)),
        Reason.NOT_RELEASED: f.standing in ("pending", "rejected"),
        Reason.RECALLED: f.standing == "nonconforming",
        Reason.NOT_COVERED: released and f.covered is False,
        Reason.HELD: f.holds in (1, 2),
        Reason.EXPIRED: f.expires_at is not None and f.expires_at <= AT,
        Reason.THAW_TIME_OVER: f.thaw_expires_at is not None and f.thaw_expires_at <= AT,
        Reason.NOT_THAWED: f.frozen is True and f.thaw_expires_at is None,
        Reason.CUSTODY_GAP: f.place is not None and (
            f.place in ("filled", "stored", "issued", "returned", "destroyed")
            or None in (f.given_by_id, f.received_by_id) or f.given_by_id == f.received_by_id),
        Reason.EXCURSION: f.open_excursions == 1,
        Reason.LABEL: f.place is not None and (
            f.label_number is None or f.label_applied is False
            or (f.scanned_copy is not None and f.scanned_copy != f.label_number)),
        Reason.SECOND_MISSING: f.asked != "look" and (
            None in (f.by_id, f.second_id) or (f.by_id != f.second_id and f.agreed is None)),
        Reason.SAME_PERSON: (f.asked != "look" and f.by_id is not None
                             and f.by_id == f.second_id),
        Reason.DIFFERENT_SCANS: (f.asked != "look" and None not in (f.by_id, f.second_id)
                                 and f.by_id != f.second_id and f.agreed is False),
        Reason.CHECK_TOO_OLD: f.asked == "start" and (f.go_until is None or f.go_until < AT),
    }
    assert set(table) == set(Reason)
    reasons = {reason for reason, there in table.items() if there}
    return reasons, _word(f, reasons)


def _word(f: Facts, reasons: set[Reason]) -> Word:
    if not reasons:
        return Word.GO
    if Reason.ALREADY_DONE in reasons:
        here = (Reason.WRONG_RECIPIENT not in reasons and f.band_is_of is not None
                and f.started_for == f.band_is_of)
        return Word.ALREADY_DONE if here else Word.STOP
    return Word.CANNOT_TELL if reasons == {Reason.CANNOT_TELL} else Word.STOP


def differs(verdict: Any, word_for: Any, facts: Facts,
            said: tuple[set[Reason], Word] | None = None) -> bool:
    """Whether this rule says otherwise than the table; one that breaks says otherwise too."""
    try:
        findings = verdict(facts)
        ours = {finding.reason for finding in findings}, word_for(findings, facts)
    except (AssertionError, AttributeError, KeyError, NameError, TypeError, ValueError):
        return True
    return ours != (said or expected(facts))
