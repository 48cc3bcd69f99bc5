"""What is allowed with labels: sentences that raise, over plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from labels.housecode import HIGHEST_COPY, Code
from labels.wording import moment
from mscbank.bags.lifecycle import Place
from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment

ENDED = frozenset({Place.INFUSING, Place.INFUSED, Place.DESTROYED})
DIVISIONS = 26


class CopyState(StrEnum):
    """Where a copy of a label stands."""

    ISSUED = "issued"
    PRINTED = "printed"
    APPLIED = "applied"
    VOIDED = "voided"


@dataclass(frozen=True)
class Copy:
    """A copy as the rules see it; times on the site's clock, as people read them."""

    number: int
    printed_at: datetime | None
    applied_at: datetime | None
    voided_at: datetime | None

    @property
    def state(self) -> CopyState:
        if self.voided_at is not None:
            return CopyState.VOIDED
        if self.applied_at is not None:
            return CopyState.APPLIED
        return CopyState.ISSUED if self.printed_at is None else CopyState.PRINTED


def still_in_use(place: Place, act: str) -> None:
    """A bag that is infusing, infused or destroyed gets no other label."""
    if place in ENDED:
        raise WrongMoment(f"Cannot {act}: the bag is {place}, its label stays as it is.")


def reasoned(reason: str) -> str:
    """The reason without spaces around it; a blank one is none."""
    if not reason.strip():
        raise Malformed("Say why: the reason is blank.", field="reason")
    return reason.strip()


def next_number(numbers: Sequence[int]) -> int:
    """The number of the next copy. A code carries 255 and no more."""
    number = max(numbers, default=0) + 1
    if number > HIGHEST_COPY:
        raise Unfit(f"This bag had {HIGHEST_COPY} copies of its label, and its code can tell no "
                    "more apart: ask quality assurance what happens to the bag.")
    return number


def stop_sentence(number: int, copies: Sequence[Copy]) -> str:
    """What the scan of a voided copy says: since when, and which copy replaces it."""
    voided = next(copy for copy in copies if copy.number == number)
    day = moment(voided.voided_at)
    after = min((copy.number for copy in copies if copy.number > number), default=None)
    what = f"replaced on {day} by copy {after}" if after else f"voided on {day}"
    return f"STOP: this copy was {what}: take it off and destroy it."


def that_copy(bag_code: str, scanned: Code, copies: Sequence[Copy]) -> Copy:
    """The printed copy that was scanned, if it is one of this bag's and not voided."""
    if scanned.code != bag_code:
        raise Unfit("This is the label of another bag: stop, put it on no bag, and find the bag "
                    f"{scanned.code} it belongs to.", field="text", reasons=("another bag",))
    if scanned.copy is None:
        raise Malformed("This is the bare code of the bag, which does not say which copy it was "
                        "read from: scan the symbol printed on the label itself.", field="text")
    found = next((copy for copy in copies if copy.number == scanned.copy), None)
    if found is None:
        raise Unfit(f"Copy {scanned.copy} of this bag's label was never issued here: do not use "
                    "it, and tell quality assurance.", field="text", reasons=("unknown copy",))
    if found.state is CopyState.VOIDED:
        raise Unfit(stop_sentence(found.number, copies), field="text", reasons=("voided copy",))
    return found


def may_be_applied(copy: Copy) -> None:
    """A copy is applied once, after it was printed."""
    if copy.state is CopyState.ISSUED:
        raise WrongMoment(f"Copy {copy.number} is not marked as printed: print its job first.",
                          field="text")
    if copy.state is CopyState.APPLIED:
        raise AlreadyDone(f"Copy {copy.number} is on the bag already.", field="text")


def may_be_printed(states: Sequence[CopyState]) -> None:
    """A job prints whole, once, and never a voided copy."""
    if CopyState.VOIDED in states:
        raise WrongMoment("A copy of this job was voided since: do not print it. Reprint the "
                          "labels of the bags that need one.")
    if CopyState.ISSUED not in states:
        raise AlreadyDone("This job was printed. A label that was lost or spoilt is reprinted, "
                          "with a reason.")


def division(before: Sequence[int], number: int) -> str:
    """The division of a bag's product code: a capital for its lot, a small letter for the bag.

    ``before``: how many bags each earlier lot of the same harvest has. A lot of more than 26
    bags takes a second capital.
    """
    capital = sum(-(-count // DIVISIONS) for count in before) + (number - 1) // DIVISIONS
    if capital >= DIVISIONS:
        raise Unfit("This harvest has more bags than its donation number can tell apart: ask "
                    "quality assurance.")
    return chr(ord("A") + capital) + chr(ord("a") + (number - 1) % DIVISIONS)
