"""The words of the bedside: what is asked, the facts it rests on, the reasons, the answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from mscbank.bags.lifecycle import Place, Standing


class Word(StrEnum):
    """The answer in a word."""

    GO = "go"
    STOP = "stop"
    CANNOT_TELL = "cannot tell"
    ALREADY_DONE = "already done"


class Reason(StrEnum):
    """Why not."""

    CANNOT_TELL = "cannot tell"
    NOT_KNOWN = "not known"
    ALREADY_DONE = "already done"
    TRIAL_PAUSED = "trial paused"
    WRONG_RECIPIENT = "wrong recipient"
    WRISTBAND_ENDED = "wristband ended"
    CONSENT_WITHDRAWN = "consent withdrawn"
    NOT_ORDERED = "not ordered"
    ORDER_CANCELLED = "order cancelled"
    DOSE_OUTSIDE = "dose outside the order"
    WEIGHT_MISSING = "weight missing"
    WEIGHT_TOO_OLD = "weight too old"
    NOT_RELEASED = "not released"
    NOT_COVERED = "signature no longer covers"
    HELD = "held"
    RECALLED = "recalled"
    EXPIRED = "expired"
    NOT_THAWED = "not thawed"
    THAW_TIME_OVER = "thaw time over"
    CUSTODY_GAP = "custody gap"
    EXCURSION = "open temperature excursion"
    LABEL = "label not the current one"
    SECOND_MISSING = "second person missing"
    SAME_PERSON = "same person"
    DIFFERENT_SCANS = "different scans"
    CHECK_TOO_OLD = "check too old"


class Asked(StrEnum):
    """Who asks: a look that starts nothing, the check by two people, or the start itself."""

    LOOK = "look"
    CHECK = "check"
    START = "start"


@dataclass(frozen=True)
class Finding:
    """One reason, and what to say to the person at the bedside."""

    reason: Reason
    sentence: str


@dataclass(frozen=True)
class Facts:
    """All that the verdict rests on. Times have a zone; the zone of ``at`` is used in sentences.

    None means *could not be found out*, but for the values that may rightly be absent: those
    of ``ABSENT``. Recipients are named by study number; people by their account's id.
    """

    at: datetime
    asked: Asked
    unread: tuple[Finding, ...]  # what was wrong with the scanned texts
    # the bag
    place: Place | None
    started: bool | None
    started_for: str | None
    expires_at: datetime | None
    frozen: bool | None
    thaw_expires_at: datetime | None  # absent: not thawed
    # its lot
    standing: Standing | None
    covered: bool | None  # does the signature of the standing decision still cover the record
    holds: int | None  # open ones, on the bag and on the lot
    bag_is_for: str | None
    # the person
    band_is_of: str | None
    band_ended: bool | None
    consents: bool | None
    # the label: its number is absent when no copy stands
    label_number: int | None
    label_applied: bool | None
    scanned_copy: int | None  # absent when the bag's code was typed
    # the way to the bedside
    given_by_id: int | None  # absent: never given out
    received_by_id: int | None
    open_excursions: int | None
    # the order, absent when there is none
    order_is_for: str | None
    order_cancelled: bool | None
    ordered_cells: int | None  # all bags of the order and what was given before
    dose_per_kg: int | None
    tolerance_percent: Decimal | None
    weight_kg: Decimal | None
    weighed_at: datetime | None
    # the protocol the recipient holds
    weight_valid_days: int | None
    paused: bool | None  # the trial is, and nothing of this order was begun before
    # the check
    by_id: int | None
    second_id: int | None
    agreed: bool | None  # did both scan the same; absent until the second person has scanned
    go_until: datetime | None


ABSENT = frozenset({
    "started_for", "thaw_expires_at", "label_number", "scanned_copy", "given_by_id",
    "received_by_id", "order_is_for", "weight_kg", "weighed_at", "by_id", "second_id", "agreed",
    "go_until"})
