"""The shelf: published sheets by name and version or by day, and the seal that holds them.

`release("bm-msc", on=day)` is the version in force on that day; `release("bm-msc-1")` is that
sheet and no other; `protocol(...)` likewise. A sheet is published once: its digest stands in
DIGESTS, one line `name version sha256` each, and a sheet that differs from its seal is refused.
A changed rule is a new version with a later `effective` day. Sheets are read once per process.
"""
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import date
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Generic, TypeVar

from specs.criterion import Specification
from specs.protocol import Protocol
from specs.protocol_reading import read_protocol
from specs.reading import read_specification
from specs.sheet import ShelfError, Table, open_sheet
from specs.usual_values import Usual, read_usual

DIGESTS = "DIGESTS"
# The last part of a name is never a bare number, so that `bm-msc-1` can only be a version.
NAME = r"[a-z][a-z0-9]*(?:-[0-9]*[a-z][a-z0-9]*)*"
REFERENCE = re.compile(rf"({NAME})-([1-9][0-9]*)")
SEAL_LINE = re.compile(rf"({NAME}) ([1-9][0-9]*) ([0-9a-f]{{64}})")
Kind = TypeVar("Kind", Specification, Protocol, Usual)
USUAL = "usual"


class Rack(Generic[Kind]):
    """The sheets of one kind: a folder, and how such a sheet is read."""

    def __init__(self, shelf: "Shelf", folder: str, read: Callable[[Table, str], Kind]):
        self._shelf = shelf
        self._folder = folder
        self._read = read
        self._sheets: dict[str, Kind] = {}

    def references(self) -> list[str]:
        """`name-version` of every sheet, by name, then version."""
        return sorted((entry.name.removesuffix(".toml") for entry in self._entries()), key=_order)

    def sheet(self, reference: str) -> Kind:
        """The sheet of that name and version. Raises ShelfError."""
        if reference not in self._sheets:
            content = self.content(reference)
            self._shelf.sealed(self.file(reference), reference, content)
            self._sheets[reference] = self.read(reference, content)
        return self._sheets[reference]

    def in_force(self, name: str, on: date) -> Kind:
        """The sheet of that name whose effective day came last, on that day. Raises ShelfError."""
        sheets = [self.sheet(reference) for reference in self.references()
                  if _order(reference)[0] == name]
        if not sheets:
            raise ShelfError(self.file(name), 0, "the shelf has no sheet of this name")
        begun = [sheet for sheet in sheets if sheet.effective <= on]
        if not begun:
            raise ShelfError(self.file(name), 0, f"no version was in force on {on}; the first"
                             f" begins on {min(sheet.effective for sheet in sheets)}")
        return max(begun, key=lambda sheet: (sheet.effective, sheet.version))

    def read(self, reference: str, content: bytes) -> Kind:
        """The sheet as it stands in its file, whatever the seal says. Raises ShelfError."""
        table = open_sheet(self.file(reference), content)
        sheet = self._read(table, hashlib.sha256(content).hexdigest())
        if sheet.reference != reference:
            raise table.error(f"the sheet says {sheet.reference}, its file {reference}", "name")
        return sheet

    def content(self, reference: str) -> bytes:
        for entry in self._entries():
            if entry.name == f"{reference}.toml":
                return entry.read_bytes()
        raise ShelfError(self.file(reference), 0, "the shelf has no such sheet; it has "
                         + (", ".join(self.references()) or "none"))

    def file(self, reference: str) -> str:
        return f"{self._folder}/{reference}.toml"

    def forget(self) -> None:
        """Read every sheet anew when it is asked for next."""
        self._sheets.clear()

    def _entries(self) -> Iterator[Traversable]:
        for root in self._shelf.roots:
            folder = root / self._folder
            if folder.is_dir():
                yield from (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))


class Shelf:
    """Folders with `release/`, `protocols/`, `usual/` and DIGESTS each; the first that has a sheet
    counts."""

    def __init__(self, *roots: Traversable):
        self.roots = list(roots)
        self.releases = Rack(self, "release", read_specification)
        self.protocols = Rack(self, "protocols", read_protocol)
        self.usuals = Rack(self, USUAL, read_usual)

    def release(self, name: str, *, on: date | None = None) -> Specification:
        """A release specification: by name and day, or by `name-version`. Raises ShelfError."""
        return self.releases.sheet(name) if on is None else self.releases.in_force(name, on)

    def protocol(self, name: str, *, on: date | None = None) -> Protocol:
        """A protocol: by name and day, or by `name-version`. Raises ShelfError."""
        return self.protocols.sheet(name) if on is None else self.protocols.in_force(name, on)

    def usual(self, on: date) -> Usual:
        """What is usual on that day. Raises ShelfError."""
        return self.usuals.in_force(USUAL, on)

    def check(self) -> list[str]:
        """What is wrong with the shelf, one sentence each; empty when nothing is."""
        seals, problems = self._seals()
        specifications = set()
        for rack in (self.releases, self.usuals, self.protocols):
            sheets = []
            for reference in rack.references():
                content, seal = rack.content(reference), seals.pop(reference, None)
                problems += _seal_problems(rack.file(reference), reference, content, seal)
                try:
                    sheets.append(rack.read(reference, content))
                except ShelfError as fault:
                    problems.append(str(fault))
            problems += _order_problems(sheets)
            if rack is self.releases:
                specifications = {sheet.name for sheet in sheets}
            elif rack is self.protocols:
                problems += [
                    f"protocols/{sheet.reference}.toml: there is no release specification"
                    f" {sheet.release_specification}" for sheet in sheets
                    if sheet.release_specification not in specifications]
        return problems + [f"{DIGESTS}: {reference} is sealed, but its sheet is gone"
                           for reference in seals]

    def sealed(self, file: str, reference: str, content: bytes) -> None:
        """Raises ShelfError unless the content is what DIGESTS says of the sheet."""
        problems = _seal_problems(file, reference, content, self._seals()[0].get(reference))
        if problems:
            raise ShelfError(file, 0, problems[0].removeprefix(f"{file}: "))

    def _seals(self) -> tuple[dict[str, str], list[str]]:
        """Digest by reference, and what is wrong with the lines of DIGESTS."""
        seals: dict[str, str] = {}
        problems = []
        pages = [page for root in self.roots if (page := root / DIGESTS).is_file()]
        lines = [line for page in pages
                 for line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)]
        for number, line in lines:
            found = SEAL_LINE.fullmatch(line)
            if not found:
                problems.append(f"{DIGESTS}, line {number}: not `name version sha256`")
            elif (reference := f"{found[1]}-{found[2]}") in seals:
                problems.append(f"{DIGESTS}, line {number}: {reference} is sealed twice")
            else:
                seals[reference] = found[3]
        return seals, problems


def _order(reference: str) -> tuple[str, int]:
    found = REFERENCE.fullmatch(reference)
    return (found[1], int(found[2])) if found else (reference, 0)


def _seal_problems(file: str, reference: str, content: bytes, seal: str | None) -> list[str]:
    name, version = _order(reference)
    if not version:
        return [f"{file}: a sheet's file is called name-version.toml"]
    digest = hashlib.sha256(content).hexdigest()
    if seal is None:
        return [f"{file}: not sealed; once it has been approved, add the line"
                f" `{name} {version} {digest}` to {DIGESTS}"]
    if seal != digest:
        return [f"{file}: changed since it was sealed; put the published text back, and publish"
                f" the change as {name}-{version + 1}"]
    return []


def _order_problems(sheets: list[Any]) -> list[str]:
    return [f"{later.reference} begins on {later.effective}, not after {earlier.reference}"
            f" ({earlier.effective})" for earlier, later in zip(sheets, sheets[1:])
            if later.name == earlier.name and later.effective <= earlier.effective]


@cache
def installed() -> Shelf:
    """The shelf that came with this package."""
    return Shelf(files("specs"))


@contextmanager
def beside(folder: Traversable) -> Iterator[Shelf]:
    """With the sheets of a bank's own folder beside those of this package."""
    add(folder)
    try:
        yield installed()
    finally:
        installed().roots.remove(folder)
        installed().releases.forget()
        installed().protocols.forget()
        installed().usuals.forget()


def add(folder: Traversable) -> None:
    """Put a bank's own folder beside the sheets of this package, once."""
    if folder not in installed().roots:
        installed().roots.append(folder)


def release(name: str, *, on: date | None = None) -> Specification:
    return installed().release(name, on=on)


def protocol(name: str, *, on: date | None = None) -> Protocol:
    return installed().protocol(name, on=on)


def usual(on: date) -> Usual:
    return installed().usual(on)


def check() -> list[str]:
    return installed().check()
