"""The compound message: several structures in one symbol, `=+` nn rrr and the structures.

nn says how many follow, rrr which arrangement (000: any order). The reader takes the whole message
apart and compares the count before it hands out anything; a structure it does not know, one that
comes twice or a character too many refuses the message.
"""
from __future__ import annotations

from dataclasses import dataclass

from . import coi, din, expiry, product
from .errors import FormatError, require_each

NAME = "a compound message"
IDENTIFIER = "=+"
LONGEST = 400


@dataclass(frozen=True)
class Message:
    """What a compound message holds; None where a structure does not occur."""

    reference: str
    din: str | None = None
    product: str | None = None
    expiry: str | None = None
    coi: str | None = None


def make(*, din: str | None = None, product: str | None = None, expiry: str | None = None,
         coi: str | None = None) -> str:
    """The message of the given parts, in the order number, product, expiry, Chain of Identity.
    Raises FormatError."""
    parts = [symbol(value) for symbol, value in (
        (_DIN.to_symbol, din), (_PRODUCT.to_symbol, product), (_EXPIRY.to_symbol, expiry),
        (_COI.to_symbol, coi)) if value is not None]
    if not parts:
        raise FormatError(f"{NAME} holds at least one structure")
    return f"{IDENTIFIER}{len(parts):02d}000{''.join(parts)}"


_DIN, _PRODUCT, _EXPIRY, _COI = din, product, expiry, coi


def _name_of_structure(data: str, at: int) -> tuple[str, int]:
    """Which structure begins at `at`, and how long it is."""
    if data.startswith(product.IDENTIFIER, at):
        return "product", 10
    if data.startswith(expiry.IDENTIFIER, at):
        return "expiry", 12
    if data.startswith(coi.IDENTIFIER, at):
        return "coi", 17
    if data[at] == "=" and data[at + 1:at + 2].isalnum():
        return "din", 16
    raise FormatError(f"what begins at place {at + 1} ({data[at:at + 2]!r}) is no structure this "
                      f"reader knows in {NAME}: read the parts one by one", at + 1)


_READERS = {"din": din.from_symbol, "product": product.from_symbol, "expiry": expiry.from_symbol,
            "coi": coi.from_symbol}


def parse(data: str) -> Message:
    """The parts of a scanned message. Raises FormatError; positions count in the whole data."""
    if len(data) > LONGEST:
        raise FormatError(f"{NAME} of {len(data)} characters is longer than any ({LONGEST})")
    if not data.startswith(IDENTIFIER):
        raise FormatError(f"{NAME} begins with {IDENTIFIER} : check the keyboard setting of the "
                          "scanner", 1)
    head = data[2:7]
    if len(head) < 5:
        raise FormatError(f"{NAME} is cut off before its count: scan again")
    require_each(head, "0123456789", 3, f"the count and reference of {NAME}")
    parts, at = [], 7
    while at < len(data):
        name, length = _name_of_structure(data, at)
        parts.append((name, data[at:at + length], at))
        at += length
    if len(parts) != int(head[:2]) or not parts:
        raise FormatError(f"{NAME} announces {int(head[:2])} structures and holds {len(parts)}: "
                          "scan again", 3)
    return Message(head[2:], **_values(parts))


def _values(parts: list[tuple[str, str, int]]) -> dict[str, str]:
    """The value of each structure; refuses a structure that comes twice."""
    values: dict[str, str] = {}
    for name, text, at in parts:
        if name in values:
            raise FormatError(f"{NAME} holds two of one structure, from place {at + 1}: "
                              "nobody can say which is meant", at + 1)
        try:
            values[name] = _READERS[name](text)
        except FormatError as error:
            raise FormatError(f"in {NAME}, from place {at + 1}: {error}",
                              at + (error.position or 1)) from error
    return values


def compact(data: str) -> str:
    """The data as it stands: scanned, never typed, so nothing may be left out."""
    return data


def validate(data: str) -> str:
    """The data, if every structure in it holds. Raises FormatError."""
    parse(data)
    return data


def is_valid(data: str) -> bool:
    """Is this a compound message this reader understands?"""
    try:
        parse(data)
    except FormatError:
        return False
    return True


def format(data: str) -> str:
    """The parts as people read them. Raises FormatError."""
    message = parse(data)
    shown = (message.din and din.format(message.din), message.product,
             message.expiry and expiry.format(message.expiry),
             message.coi and coi.format(message.coi))
    return ", ".join(part for part in shown if part)
