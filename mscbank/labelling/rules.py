"""What is allowed with labels: sentences that raise, over plain values."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from labels.housecode import HIGHEST_COPY, Code
from labels.stock import STOCKS
from mscbank.bags.lifecycle import Place
from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment
from mscbank.rules import moment_told

ENDED = frozenset({Place.INFUSING, Place.INFUSED, Place.DESTROYED})
DIVISIONS = 26
ROLLS = tuple(name for name, stock in STOCKS.items() if stock.grid is None
              and stock.shape != "page")
_HOST = re.compile(r"[0-9A-Za-z]([0-9A-Za-z.-]{0,118}[0-9A-Za-z])?|[0-9A-Fa-f:]{2,45}")


class CopyState(StrEnum):
    """Where a copy of a label stands."""

    ISSUED = "issued"
    PRINTED = "printed"
    APPLIED = "applied"
    VOIDED = "voided"
    DAMAGED = "damaged"
    DESTROYED = "destroyed"


NOT_TO_BE_USED = frozenset({CopyState.VOIDED, CopyState.DAMAGED, CopyState.DESTROYED})


class Fate(StrEnum):
    """What became of a copy that was issued: each is one of these, so that they add up."""

    IN_USE = "applied, in use"
    DESTROYED = "destroyed"
    NEVER_PRINTED = "never printed, voided"
    WAITING = "waiting to be printed"
    LOOSE = "printed, neither applied nor destroyed"
    VOID = "voided, its paper not destroyed"
    DAMAGED = "damaged, its paper not destroyed"


ACCOUNTED = frozenset({Fate.IN_USE, Fate.DESTROYED, Fate.NEVER_PRINTED})
NO_PAPER = frozenset({Fate.WAITING, Fate.NEVER_PRINTED})


@dataclass(frozen=True)
class Copy:
    """A copy as the rules see it; times on the site's clock, as people read them."""

    number: int
    printed_at: datetime | None
    applied_at: datetime | None
    voided_at: datetime | None
    damaged_at: datetime | None = None
    destroyed_at: datetime | None = None
    id: int | None = None
    replaces: int | None = None

    @property
    def state(self) -> CopyState:
        if self.destroyed_at is not None:
            return CopyState.DESTROYED
        if self.damaged_at is not None:
            return CopyState.DAMAGED
        if self.voided_at is not None:
            return CopyState.VOIDED
        if self.applied_at is not None:
            return CopyState.APPLIED
        return CopyState.ISSUED if self.printed_at is None else CopyState.PRINTED

    @property
    def fate(self) -> Fate:
        """The line of the reconciliation it stands in."""
        if self.destroyed_at is not None:
            return Fate.DESTROYED
        if self.printed_at is None:
            return Fate.NEVER_PRINTED if self.voided_at else Fate.WAITING
        if self.damaged_at is not None:
            return Fate.DAMAGED
        if self.voided_at is not None:
            return Fate.VOID
        return Fate.IN_USE if self.applied_at else Fate.LOOSE


def still_in_use(place: Place, act: str) -> None:
    """A bag that is infusing, infused or destroyed gets no other label."""
    if place in ENDED:
        raise WrongMoment(f"Cannot {act}: the bag is {place}, its label stays as it is.")


def reasoned(reason: str, field: str = "reason") -> str:
    """The reason without spaces around it; a blank one is none."""
    if not reason.strip():
        raise Malformed(f"Say {'why' if field == 'reason' else field}: it is blank.", field=field)
    return reason.strip()


def next_number(numbers: Sequence[int]) -> int:
    """The number of the next copy. A code carries 255 and no more."""
    number = max(numbers, default=0) + 1
    if number > HIGHEST_COPY:
        raise Unfit(f"This had {HIGHEST_COPY} copies of its label, and its code can tell no more "
                    "apart: ask quality assurance what happens to it.")
    return number


def stop_sentence(number: int, copies: Sequence[Copy]) -> str:
    """What the scan of a voided copy says: since when, and which copy replaces it."""
    voided = next(copy for copy in copies if copy.number == number)
    if voided.destroyed_at is not None:
        return (f"STOP: the paper of this copy was recorded as destroyed on "
                f"{moment_told(voided.destroyed_at)}: take it off, and tell quality assurance.")
    day = moment_told(voided.voided_at)
    after = next((copy.number for copy in copies
                  if voided.id is not None and copy.replaces == voided.id), None)
    what = f"replaced on {day} by copy {after}" if after else f"voided on {day}"
    return f"STOP: this copy was {what}: take it off and destroy it."


def that_copy(code: str, scanned: Code, copies: Sequence[Copy]) -> Copy:
    """The printed copy that was scanned, if it is one of this thing's and not voided."""
    what = scanned.type.title
    if scanned.code != code:
        raise Unfit(f"This is the label of another {what}, {scanned.code}: stop, put it on nothing "
                    "else, and find what it belongs to.", field="text",
                    reasons=(f"another {what}",))
    if scanned.copy is None:
        raise Malformed(f"This is the bare code of the {what}, which does not say which copy it "
                        "was read from: scan the symbol printed on the label itself.",
                        field="text")
    found = next((copy for copy in copies if copy.number == scanned.copy), None)
    if found is None:
        raise Unfit(f"Copy {scanned.copy} of this {what}'s label was never issued here: do not "
                    "use it, and tell quality assurance.", field="text",
                    reasons=("unknown copy",))
    if found.state in NOT_TO_BE_USED:
        raise Unfit(stop_sentence(found.number, copies), field="text", reasons=("voided copy",))
    return found


def may_be_applied(copy: Copy, lacking: Collection[str] = ()) -> None:
    """A copy is applied once, after it was printed whole: ``lacking`` are pieces yet to come."""
    if copy.state is CopyState.ISSUED:
        raise WrongMoment(f"Copy {copy.number} is not marked as printed: print its job first.",
                          field="text")
    if copy.state is CopyState.APPLIED:
        raise AlreadyDone(f"Copy {copy.number} is applied already.", field="text")
    if lacking:
        raise WrongMoment(f"Copy {copy.number} is not printed whole, and a label and its companion "
                          "go on together: its job says which of them did not come out.",
                          field="text")


def the_current(title: str, copies: Sequence[Copy]) -> Copy:
    """The one copy that counts."""
    for copy in copies:
        if copy.state not in NOT_TO_BE_USED:
            return copy
    raise WrongMoment(f"{title} has no label: issue one or reprint it, put it on, and scan it "
                      "back.", reasons=("label",))


def proven(title: str, copies: Sequence[Copy]) -> None:
    """The label that is on it was scanned back: this is what its record says it is."""
    copy = the_current(title, copies)
    if copy.applied_at is None:
        raise WrongMoment(f"Copy {copy.number} of the label of {title} was not scanned back: "
                          "apply it, by scanning the label that is on it.", reasons=("label",))


def the_same_copy(opened: int, scanned: int) -> None:
    """The copy that was scanned is the one that was opened, not another part's."""
    if opened != scanned:
        raise Unfit(f"This is copy {scanned}, and copy {opened} was to be scanned: it belongs on "
                    "another vessel or tube. Look at the number on the label.", field="text",
                    reasons=("another copy",))


def may_be_printed(states: Sequence[CopyState]) -> None:
    """A job prints whole, once, and never a voided copy."""
    if NOT_TO_BE_USED & set(states):
        raise WrongMoment("A copy of this job was voided since: do not print it. Reprint the "
                          "labels that are needed.")
    if CopyState.ISSUED not in states:
        raise AlreadyDone("This job was printed. A label that was lost or spoilt is reprinted, "
                          "with a reason.")


def may_be_damaged(copy: Copy) -> None:
    """Only what is on paper and counts can be damaged."""
    if copy.state in NOT_TO_BE_USED:
        raise AlreadyDone(f"Copy {copy.number} is void already: destroy its paper.")
    if copy.printed_at is None:
        raise WrongMoment(f"Copy {copy.number} was never printed: void it where it is wrong.")


def may_be_voided(copy: Copy) -> None:
    """A copy is voided once."""
    if copy.state in NOT_TO_BE_USED:
        raise AlreadyDone(f"Copy {copy.number} is void already.")


def may_be_destroyed(copy: Copy, *, being_sent: bool) -> None:
    """The paper of a void or unused copy is destroyed, once; a label in use is not."""
    if copy.state is CopyState.DESTROYED:
        raise AlreadyDone(f"The paper of copy {copy.number} was destroyed already.")
    if copy.printed_at is None:
        raise WrongMoment(f"Copy {copy.number} was never printed, so there is no paper: void it.")
    if copy.state is CopyState.APPLIED:
        raise WrongMoment(f"Copy {copy.number} is in use: void it or report it damaged first.")
    if being_sent:
        raise WrongMoment(f"Copy {copy.number} is being sent to a printer: wait for that paper, "
                          "and destroy it too.")


def a_roll(stock: str) -> None:
    """A thermal printer takes labels from a roll."""
    if stock not in ROLLS:
        raise Malformed(f"A label printer is loaded with one of {', '.join(ROLLS)}.",
                        field="stock")


def a_host(host: str) -> None:
    """A name or address on the network, and nothing else."""
    if not _HOST.fullmatch(host):
        raise Malformed("Give the printer's name or address on the network, such as 10.0.4.17 or "
                        "printer-2.lab.example.", field="host")


def all_accounted(fates: Sequence[Fate]) -> None:
    """The release papers close when no copy of the lot's labels is astray."""
    if not fates:
        raise WrongMoment("This lot has no labels yet: there is nothing to reconcile.")
    astray = [fate for fate in fates if fate not in ACCOUNTED]
    if astray:
        told = ", ".join(f"{astray.count(fate)} {fate}" for fate in Fate if fate in astray)
        raise Unfit(f"Not reconciled: {told}. Apply, void or destroy each of them first.",
                    reasons=("labels not reconciled",))


@dataclass(frozen=True)
class PaperSum:
    """Each printed copy is on its bag, destroyed, or loose: it lies about somewhere."""

    applied: int
    destroyed: int
    loose: int

    @property
    def printed(self) -> int:
        return self.applied + self.destroyed + self.loose

    def __str__(self) -> str:
        return (f"{self.printed} printed = {self.applied} applied + {self.destroyed} destroyed + "
                f"{self.loose} loose")


def sum_of_paper(fates: Sequence[Fate]) -> PaperSum:
    """Where the paper is of copies that met these fates."""
    return PaperSum(fates.count(Fate.IN_USE), fates.count(Fate.DESTROYED),
                    len([fate for fate in fates if fate not in ACCOUNTED | NO_PAPER]))


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
