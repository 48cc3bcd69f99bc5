"""A value that is possible but out of the usual asks for its reason, once, where it is written.

The row keeps what was usual then and the reason (``Plausible``), so that the database itself can
refuse one without the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.database import plain_decimal
from mscbank.errors import Malformed
from mscbank.schemas import TextField
from mscbank.settings import local
from specs import shelf
from specs.usual_values import Value

FIELD = "why_unusual"


class Plausible:
    """``usual`` holds the bounds the row's values were held against, ``{"kg": ["63", "77"]}``;
    ``why_unusual`` is the reason where one of them lay outside."""

    usual: Mapped[dict[str, list[str]] | None] = mapped_column(sa.JSON(none_as_null=True))
    why_unusual: Mapped[str | None] = mapped_column(sa.String(500))


@dataclass(frozen=True)
class Bounds:
    """What was usual for a value, both ends included."""

    low: Decimal
    high: Decimal


def bounds_of(usual: Mapping[str, list[str]]) -> dict[str, Bounds]:
    """``usual`` of a row as numbers."""
    return {name: Bounds(*map(Decimal, ends)) for name, ends in usual.items()}


def outside(row: Plausible) -> dict[str, Decimal]:
    """The row's own values that lie outside what was usual, by the names of their columns."""
    found = {name: (getattr(row, name, None), ends) for name, ends in bounds_of(row.usual or {}).items()}
    return {name: Decimal(value) for name, (value, ends) in found.items()
            if value is not None and not ends.low <= value <= ends.high}


class UnusualValue(Malformed):
    """It can be, and it is far from what is usual: a slip of the hand, or it has a reason.

    ``beside`` says of each value, by its name in the form, what is unusual about it."""

    reason = "unusual value"

    def __init__(self, told: str, what_next: str = "Check it; if it is right, write why.",
                 beside: Mapping[str, str] | None = None):
        super().__init__(f"{told} {what_next}", field=FIELD)
        self.told, self.beside = told, beside or {}


def why_field() -> TextField:
    """The box for the reason; a form shows it only once it was asked for."""
    return TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Why the value is right", "kind": "why",
        "help": "A slip: type the value again and leave this empty. "
                "Else: what you checked, without names."})


def held_against(about: str, values: Mapping[str, Decimal | int], why: str | None, at: datetime,
                 last: Mapping[str, Decimal] | None = None) -> dict[str, Any]:
    """The columns of ``Plausible`` for these values of ``about`` ("weight", "observation").

    Refused where one lies outside what is usual and nobody said why. A reason that nothing asked
    for is not kept.
    """
    sheet = shelf.usual(local(at).date())
    before, bounds, odd = last or {}, {}, {}
    for name, given in values.items():
        value = sheet.values[f"{about}.{name}"]
        low, high = value.bounds(before.get(name))
        bounds[name] = [plain_decimal(low), plain_decimal(high)]
        if not low <= given <= high:
            odd[name] = _told(value, Decimal(given), low, high, before.get(name))
    if odd and not (why or "").strip():
        raise UnusualValue(" ".join(odd.values()), beside=odd)
    return {"usual": bounds, FIELD: (why or "").strip() if odd else None}


def viability(viable: int, total: int) -> Decimal:
    """Viable cells in a hundred."""
    return Decimal(viable * 100) / total


def _told(value: Value, given: Decimal, low: Decimal, high: Decimal, last: Decimal | None) -> str:
    number, unit = _shown(given), value.unit
    if last is None or value.change_percent is None:
        return (f"{value.title}: {number} {unit} lies outside what is usual here, {_shown(low)} to "
                f"{_shown(high)} {unit}.")
    percent = _shown((abs(given - last) * 100 / last).quantize(Decimal(1)))
    if given < last:
        return f"{number} {unit} is {percent} % below the last value, {_shown(last)} {unit}."
    return f"{number} {unit} is {percent} % above the last value, {_shown(last)} {unit}."


def _shown(number: Decimal) -> str:
    """As people write it: large numbers in millions."""
    if abs(number) >= 1_000_000:
        return f"{plain_decimal((number / 1_000_000).quantize(Decimal('0.01')))} x 10^6"
    return plain_decimal(number.quantize(Decimal("0.1")))
