"""What may be printed on each kind of label: facts, checked when the label is made.

No label holds a person's name: people are their codes and study numbers. Every moment has a zone,
every volume is a Decimal. A required text may not be blank; no text holds control characters.
"""
from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from . import housecode
from .housecode import Kind
from .isbt128 import din as donation_number
from .isbt128 import product as product_code
from .wording import Caution


class ContentError(ValueError):
    """A fact that cannot be printed. `field` names it."""

    def __init__(self, field: str, sentence: str):
        super().__init__(f"{field}: {sentence}")
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Label:
    """What every label has: a house code, or the text of one numbered copy."""

    kind: ClassVar[Kind]
    may_be_blank: ClassVar[frozenset[str]] = frozenset()

    code: str

    def __post_init__(self) -> None:
        for field in fields(self):
            check_value(field.name, getattr(self, field.name), field.name in self.may_be_blank)
        check_code("code", self.code, self.kind)

    @property
    def copy(self) -> int | None:
        """The number of this copy, or None when the label is not numbered."""
        return housecode.parse(self.code).copy


def check_value(name: str, value: object, may_be_blank: bool) -> None:
    """Refuse blanks, control characters, numbers that are none, and moments without a zone."""
    if isinstance(value, str):
        if not value.strip() and not may_be_blank:
            raise ContentError(name, "is blank and the label cannot do without it")
        if not value.isprintable():
            raise ContentError(name, "holds a line break or another sign that cannot be printed")
    elif isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ContentError(name, "has no zone, so nobody can say when that is")
    elif isinstance(value, Decimal):
        if not value.is_finite() or value <= 0:
            raise ContentError(name, f"is {value}, which is no volume")
    elif isinstance(value, float):
        raise ContentError(name, "is a float; quantities are Decimal")
    elif isinstance(value, tuple):
        for one in value:
            check_value(name, one, False)
    elif isinstance(value, int) and value < 0:
        raise ContentError(name, f"is {value}: nobody counts so")


def check_code(name: str, text: str, *kinds: Kind) -> None:
    code = housecode.parse(text)
    if code.text != text:
        raise ContentError(name, "is not in its canonical form (capitals, no spaces)")
    if code.type not in kinds:
        raise ContentError(name, f"names a {code.type.title}, not a {kinds[0].title}")


def check_donation(name: str, text: str) -> None:
    if donation_number.validate(text) != text:
        raise ContentError(name, "is not in its canonical form (13 characters)")


def check_product(name: str, text: str) -> None:
    if product_code.validate(text) != text:
        raise ContentError(name, "is not in its canonical form (8 characters)")


def check_reactive(cautions: tuple[Caution, ...], agents: tuple[str, ...]) -> None:
    if (Caution.REACTIVE in cautions) != bool(agents):
        raise ContentError("reactive_for", "names the agents exactly when the label warns of "
                           "reactive tests")
    if len(set(cautions)) != len(cautions):
        raise ContentError("cautions", "holds a warning twice")


@dataclass(frozen=True, kw_only=True)
class BagLabel(Label):
    """One bag of a lot, ready to be stored and given. `code` is the text of a numbered copy;
    `signed` the text of `signed.issue` for the same bag and copy."""

    kind = Kind.BAG
    may_be_blank = frozenset({"facility_address"})

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
    contains: str
    frozen_on: date | None
    expiry: datetime
    storage: str
    trial: str
    facility: str
    facility_address: str
    signed: str
    cautions: tuple[Caution, ...] = ()
    reactive_for: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.copy is None:
            raise ContentError("code", "is the code of a bag; a bag's label says which copy it is")
        check_code("recipient", self.recipient, Kind.RECIPIENT)
        check_donation("din", self.din)
        check_product("product", self.product)
        if not 1 <= self.bag_number <= self.bag_count:
            raise ContentError("bag_number", f"bag {self.bag_number} of {self.bag_count}: "
                               "there is no such bag")
        check_reactive(self.cautions, self.reactive_for)


@dataclass(frozen=True, kw_only=True)
class HarvestLabel(Label):
    """The marrow as it leaves the donor: the donation number is born here."""

    kind = Kind.HARVEST
    may_be_blank = frozenset({"facility_address"})

    din: str
    material: str
    collected_at: datetime
    expiry: datetime
    volume: Decimal
    anticoagulant: str
    recipient_number: str
    storage: str
    trial: str
    facility: str
    facility_address: str
    cautions: tuple[Caution, ...] = ()
    reactive_for: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        check_donation("din", self.din)
        check_reactive(self.cautions, self.reactive_for)


@dataclass(frozen=True, kw_only=True)
class CultureLabel(Label):
    """One vessel of a passage."""

    kind = Kind.CULTURE

    number: str
    passage: str
    vessel: str
    seeded_at: datetime
    medium: str
    recipient_number: str


@dataclass(frozen=True, kw_only=True)
class SampleLabel(Label):
    """A tube on its way to a test."""

    kind = Kind.SAMPLE

    number: str
    source: str
    test: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class DonorTubeLabel(Label):
    """A tube of the donor's blood, for the tests of eligibility."""

    kind = Kind.SAMPLE

    donor_number: str
    tests: str
    tube: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class CryoUnitLabel(Label):
    """Cells frozen between two passages: one vial or small bag of a culture."""

    kind = Kind.CRYO_UNIT

    number: str
    passage: str
    unit: str
    cells: str
    frozen_on: date
    expiry: datetime | None
    recipient_number: str
    storage: str


@dataclass(frozen=True, kw_only=True)
class Wristband(Label):
    """What the recipient wears from admission to the end of the infusion, in trials of the
    system; a hospital prints its own."""

    kind = Kind.WRISTBAND

    recipient_number: str
    trial: str
    issued_on: date


@dataclass(frozen=True, kw_only=True)
class StoragePlaceLabel(Label):
    """A place in a freezer or tank, as it is called, and how cold it is to be."""

    kind = Kind.STORAGE_PLACE

    place: str
    temperature: str


@dataclass(frozen=True, kw_only=True)
class BadgeLabel(Label):
    """A member of staff, by number and role."""

    kind = Kind.BADGE

    number: str
    role: str
