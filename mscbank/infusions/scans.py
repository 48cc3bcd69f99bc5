"""What each of two people scanned, for the stop that they are told where it was not the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from labels import housecode
from mscbank import things
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.infusions.models import HalfCheck, Order, OrderedBag
from mscbank.recipients.models import Wristband


@dataclass(frozen=True)
class Scan:
    """What one person scanned, as far as it is known here. ``copy`` is the label's, None where the
    bag's code was typed."""

    name: str
    bag: Bag | None
    copy: int | None
    band: Wristband | None


def read(name: str, band_text: str, bag_text: str) -> Scan:
    """What the texts that this person scanned name here."""
    bag, copy = _named(Bag, bag_text)
    return Scan(name, bag, copy, _named(Wristband, band_text)[0])


def of(name: str, half: HalfCheck) -> Scan:
    """What this person scanned on a device of their own."""
    return Scan(name, half.bag, half.copy, half.wristband)


def _named(model: type[Any], text: str) -> tuple[Any, int | None]:
    try:
        code = housecode.parse(text)
    except housecode.CodeError:
        return None, None
    return session.scalar(things.with_code(model), {"code": code.code}), code.copy


def differences(one: Scan, other: Scan) -> Iterator[str]:
    """Who scanned what, of the bag and of the wristband, where it was not the same."""
    same_label = None in (one.copy, other.copy) or one.copy == other.copy
    if one.bag is None or one.bag is not other.bag or not same_label:
        yield from (_bag_told(each) for each in (one, other))
    if one.band is None or one.band is not other.band:
        yield from (_band_told(each) for each in (one, other))
    elif one.bag and other.bag and one.bag is not other.bag and _ordered(one.band, one.bag, other.bag):
        yield (f"Both bags are ordered for {one.band.recipient.number}. Put them side by side, choose "
               "the one that is given now, and scan that one, both of you.")


def _ordered(band: Wristband, *bags: Bag) -> bool:
    """Whether orders that stand name each of these bags for the person of this wristband."""
    named = sa.select(sa.func.count(OrderedBag.bag_id.distinct())).join(OrderedBag.order).where(
        OrderedBag.bag_id.in_([bag.id for bag in bags]), Order.cancelled_at.is_(None),
        Order.recipient_id == band.recipient_id)
    return session.scalar(named) == len(bags)


def _bag_told(scan: Scan) -> str:
    name, bag = scan.name, scan.bag
    if bag is None:
        return f"What {name} scanned as the bag is not known here."
    if scan.copy is None:
        return f"{name} typed the code of bag {bag.number} of lot {bag.lot.number}."
    return f"{name} scanned label {scan.copy} of bag {bag.number} of lot {bag.lot.number}."


def _band_told(scan: Scan) -> str:
    if scan.band is None:
        return f"What {scan.name} scanned as the wristband is not known here."
    if scan.band.ended_at is not None:
        return (f"{scan.name} scanned a wristband of {scan.band.recipient.number} that was replaced "
                "or ended.")
    return f"{scan.name} scanned the wristband of {scan.band.recipient.number}."
