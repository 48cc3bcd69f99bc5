"""The law of the bedside: may this bag go into this person now?

``verdict`` is one pure function over plain values. It names every reason at once; an empty list
is the only yes. What could not be found out is a finding too, so not knowing is never yes.

``word_for`` makes one word of the findings, in this order:

1. **stop** when the bag was started, but not known to be for the person of this wristband: "it is
   done" would be the wrong thing to hear beside another patient;
2. **already done** when it was started: whatever else is wrong with it now is past the start;
3. **stop** when there is any reason against it;
4. **cannot tell** when there is no reason against it, but something could not be found out;
5. **go** when there is nothing at all.

Proven against an independent truth table over all combinations: tests/mscbank/infusions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from mscbank.bags.lifecycle import RELEASED, Place, Standing
from mscbank.infusions.findings import Asked, Facts, Finding, Reason, Word
from mscbank.rules import count_told, moment_told

LONGEST_SCANS = timedelta(minutes=5)
BEGUN = frozenset({Place.INFUSING, Place.INFUSED})
WITH_ORDER = frozenset({"order_cancelled", "ordered_cells", "dose_per_kg", "tolerance_percent"})
WITH_LABEL = frozenset({"label_applied"})
IN_WORDS = {
    "place": "where the bag is", "started": "whether it was started",
    "expires_at": "its expiry", "frozen": "whether it was frozen",
    "standing": "the lot's standing", "covered": "whether the release still covers the record",
    "holds": "whether it is held", "bag_is_for": "whom it was made for",
    "band_is_of": "whose wristband this is", "band_ended": "whether the wristband is in use",
    "consents": "whether the recipient consents", "label_applied": "whether its label was applied",
    "open_excursions": "whether it was kept in its temperature",
    "order_cancelled": "whether the order stands", "ordered_cells": "the cells ordered",
    "dose_per_kg": "the dose per kg", "tolerance_percent": "the tolerance of the dose",
    "weight_valid_days": "how long a weight counts", "paused": "whether the trial is paused",
}


def scans_valid(minutes: int) -> timedelta:
    """How long one person's scans count: as the protocol says, and never longer than the bank lets
    them, since who walks away from a bed has to scan again."""
    return min(timedelta(minutes=minutes), LONGEST_SCANS)


def verdict(facts: Facts) -> list[Finding]:
    """Every reason why this bag may not go into this person now. Empty is the only yes."""
    return [
        *facts.unread,
        *_unknown(facts),
        *_begun(facts),
        *_trial(facts),
        *_person(facts),
        *_order(facts),
        *_weight(facts),
        *_dose(facts),
        *_lot(facts),
        *_bag(facts),
        *_way(facts),
        *_label(facts),
        *_people(facts),
    ]


def word_for(findings: Iterable[Finding], facts: Facts) -> Word:
    """The one word for these findings; the order of precedence stands above."""
    reasons = {finding.reason for finding in findings}
    if not reasons:
        return Word.GO
    if Reason.ALREADY_DONE in reasons:
        here = facts.band_is_of is not None and facts.started_for == facts.band_is_of
        wrong = Reason.WRONG_RECIPIENT in reasons
        return Word.ALREADY_DONE if here and not wrong else Word.STOP
    return Word.CANNOT_TELL if reasons == {Reason.CANNOT_TELL} else Word.STOP


def _unknown(facts: Facts) -> list[Finding]:
    """What could not be found out. A text that could not be read says so itself."""
    if facts.unread:
        return []
    needed = set(IN_WORDS)
    if facts.order_is_for is None:
        needed -= WITH_ORDER
    if facts.label_number is None:
        needed -= WITH_LABEL
    if facts.standing not in RELEASED:
        needed.discard("covered")
    missing = [IN_WORDS[name] for name in IN_WORDS
               if name in needed and getattr(facts, name) is None]
    if not missing:
        return []
    return [Finding(Reason.CANNOT_TELL, f"It could not be found out: {', '.join(missing)}. "
                                        "Do not infuse; scan again, then call the laboratory.")]


def _begun(facts: Facts) -> list[Finding]:
    if not facts.started and facts.place not in BEGUN:
        return []
    whom = f" into {facts.started_for}" if facts.started_for else ""
    return [Finding(Reason.ALREADY_DONE, f"This bag was started{whom} before. A bag starts once.")]


def _trial(facts: Facts) -> list[Finding]:
    """Nobody new while the trial is paused; who has begun an order is given the rest of it."""
    if not facts.paused:
        return []
    return [Finding(Reason.TRIAL_PAUSED, (
        "The trial is paused by its stopping rule: nobody new is infused before the safety board "
        "has decided. Do not infuse; call the physician."))]


def _person(facts: Facts) -> list[Finding]:
    found = []
    if facts.bag_is_for and facts.band_is_of and facts.bag_is_for != facts.band_is_of:
        found.append(Finding(Reason.WRONG_RECIPIENT, (
            f"This bag is for {facts.bag_is_for}; the wristband is {facts.band_is_of}'s. Do not "
            "infuse. Take the bag away and find out who this is.")))
    if facts.band_ended:
        found.append(Finding(Reason.WRISTBAND_ENDED, (
            "This wristband was replaced or ended. Scan the band on the wrist, or issue one.")))
    if facts.consents is False:
        found.append(Finding(Reason.CONSENT_WITHDRAWN, (
            "There is no consent of this person that stands. Call the physician.")))
    return found


def _order(facts: Facts) -> list[Finding]:
    if facts.bag_is_for is None:
        return []
    if facts.order_is_for is None:
        return [Finding(Reason.NOT_ORDERED, (
            "No physician's order names this bag. Call the physician."))]
    found = []
    if facts.order_is_for != facts.bag_is_for:
        found.append(Finding(Reason.WRONG_RECIPIENT, (
            f"The order is for {facts.order_is_for}, the bag for {facts.bag_is_for}. Do not "
            "infuse; call the physician.")))
    if facts.order_cancelled:
        found.append(Finding(Reason.ORDER_CANCELLED, (
            "The order for this bag was cancelled. Call the physician.")))
    return found


def _weight(facts: Facts) -> list[Finding]:
    if facts.band_is_of is None:
        return []
    if facts.weight_kg is None or facts.weighed_at is None:
        return [Finding(Reason.WEIGHT_MISSING, (
            "No weight of this person is recorded. Weigh, then check again."))]
    days = facts.weight_valid_days
    if days is not None and facts.at - facts.weighed_at > timedelta(days=days):
        return [Finding(Reason.WEIGHT_TOO_OLD, (
            f"The last weight is of {_told(facts.weighed_at, facts)}, more than "
            f"{count_told(days, 'day')} ago. Weigh, then check again."))]
    return []


def _dose(facts: Facts) -> list[Finding]:
    """The cells ordered against the dose for the latest weight; the tolerance itself is allowed."""
    cells, dose, tolerance, kg = (
        facts.ordered_cells, facts.dose_per_kg, facts.tolerance_percent, facts.weight_kg)
    if cells is None or dose is None or tolerance is None or kg is None:
        return []
    target = dose * kg
    if abs(cells - target) * 100 <= tolerance * target:
        return []
    return [Finding(Reason.DOSE_OUTSIDE, (
        f"{kg} kg × {millions(dose)} cells/kg = {millions(target)} cells; the bags ordered give "
        f"{millions(cells)}, more than {tolerance} % away. Call the physician for a new order."))]


def _lot(facts: Facts) -> list[Finding]:
    found = []
    if facts.standing is Standing.NONCONFORMING:
        found.append(Finding(Reason.RECALLED, (
            "This lot was recalled. Do not infuse. Keep the bag apart; call quality assurance.")))
    elif facts.standing in RELEASED:
        if facts.covered is False:
            found.append(Finding(Reason.NOT_COVERED, (
                "The record changed after the release was signed, so the signature no longer "
                "covers it. Call quality assurance.")))
    elif facts.standing is not None:
        found.append(Finding(Reason.NOT_RELEASED, (
            f"The lot is {facts.standing}: it is not released. Call quality assurance.")))
    if facts.holds:
        found.append(Finding(Reason.HELD, (
            "This bag or its lot is on hold. Keep it apart; call quality assurance.")))
    return found


def _bag(facts: Facts) -> list[Finding]:
    found = []
    if facts.expires_at is not None and facts.at >= facts.expires_at:
        found.append(Finding(Reason.EXPIRED, (
            f"This bag expired at {_told(facts.expires_at, facts)}. Return it to the "
            "laboratory.")))
    if facts.thaw_expires_at is not None:
        if facts.at >= facts.thaw_expires_at:
            found.append(Finding(Reason.THAW_TIME_OVER, (
                f"The time after thawing ended at {_told(facts.thaw_expires_at, facts)}. Return "
                "the bag to the laboratory.")))
    elif facts.frozen:
        found.append(Finding(Reason.NOT_THAWED, (
            "This bag was frozen and no thawing is recorded. Record the thawing first.")))
    return found


def _way(facts: Facts) -> list[Finding]:
    """From the laboratory's hands into another person's, without a gap, in its temperature."""
    found = []
    if gap := _gap(facts):
        found.append(Finding(Reason.CUSTODY_GAP, gap))
    if facts.open_excursions:
        found.append(Finding(Reason.EXCURSION, (
            "The bag was outside its temperature on the way, and nobody has judged it yet. Call "
            "quality assurance.")))
    return found


def _gap(facts: Facts) -> str | None:
    if facts.place is not None and facts.place not in {Place.RECEIVED, *BEGUN}:
        return (f"The bag is recorded as {facts.place}, not as received here. Receive it first, or "
                "call the laboratory.")
    if facts.place is None:
        return None
    if facts.given_by_id is None or facts.received_by_id is None:
        return "Nobody is recorded to have taken this bag over. Call the laboratory."
    if facts.given_by_id == facts.received_by_id:
        return "One person gave this bag out and took it over. Call quality assurance."
    return None


def _label(facts: Facts) -> list[Finding]:
    if facts.place is None:
        return []
    if facts.label_number is None:
        said = "No label of this bag stands."
    elif facts.label_applied is False:
        said = f"Label {facts.label_number} was never scanned back after it was put on."
    elif facts.scanned_copy not in (None, facts.label_number):
        said = (f"This is label {facts.scanned_copy} of the bag; label {facts.label_number} "
                "replaced it.")
    else:
        return []
    return [Finding(Reason.LABEL, f"{said} Do not infuse; call the laboratory.")]


def _people(facts: Facts) -> list[Finding]:
    """Two people, and a check that is fresh. A look starts nothing, so it asks neither."""
    if facts.asked is Asked.LOOK:
        return []
    found = []
    if facts.by_id is None or facts.second_id is None:
        found.append(Finding(Reason.SECOND_MISSING, (
            "A second person must check too, with their own user name and password.")))
    elif facts.by_id == facts.second_id:
        found.append(Finding(Reason.SAME_PERSON, (
            "The same person checked twice. Another person must check.")))
    elif facts.agreed is None:
        found.append(Finding(Reason.SECOND_MISSING, (
            "The second person must scan wristband and bag too, with their own eyes and hand.")))
    elif not facts.agreed:
        found.append(Finding(Reason.DIFFERENT_SCANS, (
            "The two of you did not scan the same wristband and the same bag. Do not infuse. Look "
            "at both together, then begin again.")))
    if facts.asked is Asked.START and (facts.go_until is None or facts.at > facts.go_until):
        found.append(Finding(Reason.CHECK_TOO_OLD, (
            "The check is too old. Scan wristband and bag again.")))
    return found


def millions(cells: Decimal | int) -> str:
    """A number of cells as people write it: ``70 x 10^6``."""
    number = (Decimal(cells) / 1_000_000).quantize(Decimal("0.01")).normalize()
    return f"{number:f} x 10^6"


def _told(at: datetime, facts: Facts) -> str:
    return moment_told(at.astimezone(facts.at.tzinfo))
