"""What travels with bags: the label of a shipment's box, its packing list, the bedside form."""
from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from . import housecode
from .content import (
    ContentError,
    Label,
    check_code,
    check_donation,
    check_product,
    check_reactive,
    check_value,
)
from .housecode import Kind
from .wording import Caution


@dataclass(frozen=True, kw_only=True)
class BoxLabel(Label):
    """The outside of a shipment: where it goes, how warm it may get, whom to call."""

    kind = Kind.JOURNEY

    box: str
    sender: str
    receiver: str
    bag_count: int
    dispatched_at: datetime
    temperature: str
    telephone: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.bag_count < 1:
            raise ContentError("bag_count", "a box without a bag is not sent")


def _bare(code: str) -> None:
    """A paper that could be scanned in place of the bag would be: it names the bag only."""
    if len(code) != housecode.LENGTH:
        raise ContentError("code", "is the text of a label: a paper carries the bare code of its "
                           "bag, so that nobody scans it in place of the bag")


@dataclass(frozen=True, kw_only=True)
class PackedBag:
    """One line of a packing list; `code` is the bare code of the bag."""

    code: str
    din: str
    product: str
    lot: str
    recipient_number: str
    expiry: datetime

    def __post_init__(self) -> None:
        for field in fields(self):
            check_value(field.name, getattr(self, field.name), False)
        check_code("code", self.code, Kind.BAG)
        check_donation("din", self.din)
        check_product("product", self.product)
        _bare(self.code)

    @property
    def copy(self) -> int | None:
        """A paper is no label, so it is never a numbered copy."""
        return None


@dataclass(frozen=True, kw_only=True)
class PackingList(BoxLabel):
    """What lies in the box, bag by bag: one page inside, one outside."""

    bags: tuple[PackedBag, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        codes = [bag.code for bag in self.bags]
        if len(codes) != self.bag_count or len(set(codes)) != len(codes):
            raise ContentError("bags", f"the box holds {self.bag_count} bags and the list names "
                               f"{len(set(codes))}: compare them")


@dataclass(frozen=True, kw_only=True)
class BedsideForm(Label):
    """The paper for the hour when the system cannot be reached: what two people compare."""

    kind = Kind.BAG

    din: str
    product: str
    class_name: str
    lot: str
    bag_number: int
    bag_count: int
    recipient: str
    recipient_number: str
    volume: Decimal
    cells: str
    expiry: datetime
    trial: str
    facility: str
    telephone: str
    cautions: tuple[Caution, ...] = ()
    reactive_for: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _bare(self.code)
        check_code("recipient", self.recipient, Kind.RECIPIENT)
        check_donation("din", self.din)
        check_product("product", self.product)
        check_reactive(self.cautions, self.reactive_for)
