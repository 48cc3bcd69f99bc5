"""What in the scan log looks like a way around the check, as pure functions over plain values.

Known from wards (Koppel, JAMIA 2008): copies of wristbands on carts and doors, bags scanned before
they are at the bed, codes typed because a label cannot be read. A sign proves nothing about a
person; it says where to go and look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

BAND, BAG = "PX", "BX"
FEWEST = 10  # codes below which a share says nothing
FEWEST_PAIRS = 5  # checks on a device below which "most of them" says nothing
ONE_CHECK = timedelta(minutes=5)  # band and bag further apart are no pair
IN_A_ROW = timedelta(seconds=10)  # nobody walks from one bed to another in less
MOST_NAMED = 5


class Sign(StrEnum):
    """What was noticed, in the words of the page."""

    TWO_PLACES = "One wristband at two places"
    QUICK = "Band and bag within a moment"
    IN_A_ROW = "Several wristbands one after another"
    AHEAD = "Bag scanned at a bedside before it was taken over"


@dataclass(frozen=True)
class Read:
    """One code that was read or typed. ``kind`` is its two letters, empty for what was no code of
    ours; ``place`` where the device stood by its last trial, empty where nobody said so."""

    at: datetime
    kind: str
    code: str
    copy: int | None = None
    device: str = ""
    place: str = ""
    typed: bool = False
    failed: bool = False
    bedside: bool = False


@dataclass(frozen=True)
class Stay:
    """A bag's way to a ward: taken over there from when until when it came back."""

    received_at: datetime | None
    returned_at: datetime | None


@dataclass(frozen=True)
class Found:
    """One sign: when, on which codes, where, in a sentence."""

    sign: Sign
    at: datetime
    codes: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class Limits:
    """The bank's own choice of what is worth a look."""

    two_places: timedelta
    quick: timedelta
    typed_percent: int
    signs: int


@dataclass(frozen=True)
class Share:
    """How many of how many, of one printer, ward or place; the name is empty where none is known."""

    name: str
    part: int
    whole: int

    @property
    def percent(self) -> int:
        return round(100 * self.part / self.whole) if self.whole else 0

    def loud(self, percent: int) -> bool:
        """Whether it is worth a look: enough codes, and too many of them."""
        return self.whole >= FEWEST and 100 * self.part >= percent * self.whole


def two_places(reads: Iterable[Read], within: timedelta) -> list[Found]:
    """A wristband is on one wrist: read at two places within minutes, one of the two is a copy.
    Two people's own phones at one bed are no sign, and neither is a device nobody placed."""
    found = []
    for code, seen in _by(_bands(reads), "code").items():
        placed = [one for one in seen if one.place]
        for first, then in pairwise(placed):
            apart = first.place.casefold() != then.place.casefold()
            if apart and first.device != then.device and then.at - first.at <= within:
                found.append(Found(Sign.TWO_PLACES, then.at, (code,), (
                    f"The same wristband was read at {first.place} and {_told(then.at - first.at)} "
                    f"later at {then.place}: look for a copy of it.")))
    return found


def quick(reads: Iterable[Read], within: timedelta) -> list[Found]:
    """On most checks of a device the band is read within a moment of the bag: the band is beside
    the bag and not on a wrist. Typed codes are no sign: nobody types so fast."""
    found = []
    for device, seen in _by(reads, "device").items():
        pairs = _pairs([one for one in seen if one.bedside and not one.typed])
        fast = [(one, then) for one, then in pairs if then.at - one.at < within]
        if device and len(pairs) >= FEWEST_PAIRS and 2 * len(fast) > len(pairs):
            bags = dict.fromkeys(one.code for pair in fast for one in pair if one.kind == BAG)
            where = fast[-1][1].place or device[:4]
            found.append(Found(Sign.QUICK, fast[-1][1].at, tuple(bags)[-MOST_NAMED:], (
                f"On {len(fast)} of {len(pairs)} checks of the device at {where} band and bag were "
                f"read less than {_told(within)} apart: look whether the band hangs on the cart.")))
    return found


def pairs_of(reads: Iterable[Read]) -> int:
    """How many checks were looked at: a band and a bag, read on one device within minutes."""
    return sum(len(_pairs([one for one in seen if one.bedside and not one.typed]))
               for device, seen in _by(reads, "device").items() if device)


def in_a_row(reads: Iterable[Read]) -> list[Found]:
    """Different wristbands on one device within seconds: a sheet of copies, not a round of beds."""
    found = []
    for device, seen in _by(_bands(reads), "device").items():
        for first, then in pairwise(seen):
            if device and first.code != then.code and then.at - first.at < IN_A_ROW:
                found.append(Found(Sign.IN_A_ROW, then.at, (first.code, then.code), (
                    f"Two people's wristbands were read {_told(then.at - first.at)} apart on the "
                    f"device at {then.place or device[:4]}: look for a sheet of copies.")))
    return found


def ahead(reads: Iterable[Read], stays: Mapping[str, Sequence[Stay]]) -> list[Found]:
    """A bag read at a bedside that no ward had taken over: its label, or a copy, went ahead."""
    found = []
    for one in reads:
        here = any(stay.received_at is not None and stay.received_at <= one.at
                   and (stay.returned_at is None or one.at < stay.returned_at)
                   for stay in stays.get(one.code, ()))
        if one.bedside and one.kind == BAG and not one.failed and not here:
            found.append(Found(Sign.AHEAD, one.at, (one.code,), (
                "The bag was scanned at a bedside while no ward had taken it over: look whether "
                "bags are received late, or labels scanned without their bag.")))
    return found


def shares(reads: Iterable[Read], name_of: Callable[[Read], str]) -> list[Share]:
    """Of the codes of each name (a printer, a ward, a device), how many had to be typed or could
    not be read. The worst first."""
    whole: dict[str, int] = defaultdict(int)
    part: dict[str, int] = defaultdict(int)
    for one in reads:
        name = name_of(one)
        whole[name] += 1
        part[name] += one.typed or one.failed
    return sorted((Share(name, part[name], whole[name]) for name in whole),
                  key=lambda share: (-share.part / share.whole, share.name))


def _bands(reads: Iterable[Read]) -> list[Read]:
    return [one for one in reads if one.kind == BAND and one.bedside and not one.failed]


def _by(reads: Iterable[Read], name: str) -> dict[str, list[Read]]:
    """The reads under each device or code, in the order of time."""
    apart: dict[str, list[Read]] = defaultdict(list)
    for one in sorted(reads, key=lambda read: read.at):
        apart[getattr(one, name)].append(one)
    return apart


def _pairs(seen: Sequence[Read]) -> list[tuple[Read, Read]]:
    """Band and bag, or bag and band, that followed one another: each read once."""
    pairs: list[tuple[Read, Read]] = []
    waiting: Read | None = None
    for one in seen:
        if waiting and {waiting.kind, one.kind} == {BAND, BAG} and one.at - waiting.at <= ONE_CHECK:
            pairs.append((waiting, one))
            waiting = None
        else:
            waiting = one
    return pairs


def _told(apart: timedelta) -> str:
    seconds = int(apart.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
