"""The one text of a value: what has it, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from mscbank.audit import chain


class Word(str):
    """A text of a kind of its own."""


class Instant(datetime):
    """A moment of a kind of its own."""


class Colour(StrEnum):
    RED = "red"


EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.mark.parametrize(("value", "text"), [
    (None, "null"), (True, "true"), (7, "7"), ("a", '"a"'), (Word("a"), '"a"'),
    ("e\u0301", '"é"'), (Word("e\u0301"), '"é"'), (Colour.RED, '"red"'),
    (EIGHT, '"2026-03-02T08:00:00.000000Z"'),
    (EIGHT.astimezone(timezone(timedelta(hours=2))), '"2026-03-02T08:00:00.000000Z"'),
    (Instant(2026, 3, 2, 8, tzinfo=UTC), '"2026-03-02T08:00:00.000000Z"'),
    (date(2026, 3, 2), '"2026-03-02"'), (b"\x00\xff", '"00ff"'),
    (Decimal("82.50"), '"82.5"'), (Decimal("1E+3"), '"1000"'), (Decimal("-0.00"), '"0"'),
    (Decimal(12), '"12"'), ((1, "b"), '[1,"b"]'), ([Decimal(1)], '["1"]'),
    ({2, 1}, "[1,2]"), (frozenset({"b", "a"}), '["a","b"]'),
    ({"b": 1, "a": {"d": 2, "c": None}}, '{"a":{"c":null,"d":2},"b":1}'),
    (MappingProxyType({Colour.RED: 1}), '{"red":1}'),
])
def test_a_value_has_one_text(value: Any, text: str) -> None:
    assert chain.canonical(value) == text


@pytest.mark.parametrize(("value", "error"), [
    (1.5, TypeError), (object(), TypeError), ([1.0], TypeError), ({"a": {"b": 0.1}}, TypeError),
    (Decimal("NaN"), TypeError), (Decimal("Infinity"), TypeError),
    (EIGHT.replace(tzinfo=None), ValueError), (Instant(2026, 3, 2), ValueError),
])
def test_what_could_be_read_two_ways_has_none(value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        chain.canonical(value)


def test_a_row_is_digested_as_its_values_are_written() -> None:
    row = [1, None, True, "e\u0301", EIGHT, Decimal("1.0")]
    assert chain.row_digest(row) == chain.digest(row) != chain.row_digest([*row[:-1], Decimal(2)])


def test_an_entry_stands_on_its_place_and_on_the_one_before() -> None:
    here = chain.entry_hash(2, chain.BEGINNING, "{}")
    assert len(here) == 64
    assert here not in {chain.entry_hash(3, chain.BEGINNING, "{}"), chain.entry_hash(2, here, "{}"),
                        chain.entry_hash(2, chain.BEGINNING, "[]")}
