"""Figures, and the records behind each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mscbank.reports.sketch import Sketch
from mscbank.reports.trial.facts import Event, Person
from mscbank.reports.trial.statistics import Spread


@dataclass(frozen=True)
class Behind:
    """A record behind a figure: what it is called, where it opens."""

    title: str
    address: str


@dataclass(frozen=True)
class Figure:
    """One figure as it is printed, as plain values for machines, and its records."""

    text: str
    value: Any = None
    behind: tuple[Behind, ...] = ()


@dataclass(frozen=True)
class Line:
    """A row of a table."""

    title: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Chapter:
    """A table with its heading; ``method`` says how its figures were found."""

    key: str
    title: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    method: str = ""
    pictures: tuple[Sketch, ...] = field(default=())


NOTHING = Figure("—")


def people(found: Iterable[Person], of: int | None = None) -> Figure:
    """How many people, with their share of ``of`` in per cent; their follow-up behind it."""
    found = list(found)
    share = f" ({percent(len(found), of)} %)" if of else ""
    return Figure(f"{len(found)}{share}", len(found), tuple(_person(each) for each in found))


def events(found: Iterable[Event]) -> Figure:
    """How many events in how many people: ``3 in 2``."""
    found = list(found)
    persons = {each.row.recipient_id for each in found}
    return Figure(f"{len(found)} in {len(persons)}" if found else "0",
                  {"events": len(found), "people": len(persons)},
                  tuple(Behind(f"{each.row.recipient.number}: {each.row.title}",
                               f"/adverse-events/{each.row.code}") for each in found))


def lying(values: Sequence[tuple[Person, Decimal]], spread: Spread | None, digits: int = 1,
          ) -> Figure:
    """A median with its quartiles: ``24.1 (20.8 to 24.5)``; whose values behind it."""
    if spread is None:
        return NOTHING
    told = [rounded(each, digits) for each in (spread.median, spread.quartile_1,
                                               spread.quartile_3, spread.lowest, spread.highest)]
    names = ("median", "quartile_1", "quartile_3", "lowest", "highest")
    return Figure(f"{told[0]} ({told[1]} to {told[2]})",
                  {"n": spread.n, **dict(zip(names, told, strict=True))},
                  tuple(_person(person, f"{rounded(float(value), digits)}")
                        for person, value in values))


def _person(person: Person, value: str = "") -> Behind:
    told = f": {value}" if value else ""
    return Behind(f"{person.row.number}{told}", f"/follow-up/{person.row.code}"
                  if person.infusions else f"/recipients/{person.row.code}")


def percent(count: int, of: int) -> str:
    """One digit, a half goes up."""
    return rounded(Decimal(100 * count) / of)


def rounded(value: float | Decimal, digits: int = 1) -> str:
    """So many digits after the point, a half goes up; floats as they are written."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return f"{exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):f}"
