"""Instruments' files: looked at with nothing written, then recorded whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.cultures.models import Culture, CultureCount
from mscbank.database import session, transaction
from mscbank.errors import Malformed, Refused
from mscbank.exchange.imports import rules, shelf
from mscbank.exchange.imports.models import CsvShape, Import, ImportedRow
from mscbank.exchange.imports.reading import Sheet, read_file
from mscbank.exchange.imports.recording import Line, Recording
from mscbank.exchange.imports.shape import Shape, read_shape
from mscbank.permissions import Actor, Permission
from mscbank.rules import count_told, moment_told
from mscbank.schemas import Upload
from mscbank.settings import local, settings
from mscbank.testing import attachments, file_rules, register
from mscbank.testing.models import Laboratory, Method
from mscbank.testing.rules import DERIVED
from specs import shelf as specification_shelf
from specs.criterion import Stage
from specs.sheet import ShelfError

AT_ONCE = 20  # rows tried under one hold of the trail's head: others wait that long, not longer
MOST_NAMED = 20
STAGES = tuple(Stage)


@dataclass(frozen=True)
class Opened:
    """A file, read by a shape."""

    shape: Shape
    sheet: Sheet
    sha256: str


@dataclass(frozen=True)
class Rehearsal:
    """What an import would do, row by row; nothing of it is written."""

    opened: Opened
    lines: tuple[Line, ...]

    @property
    def refused(self) -> list[Line]:
        return [line for line in self.lines if line.refused]

    @property
    def left_out(self) -> list[Line]:
        return [line for line in self.lines if line.row.left_out]


class RowsRefused(Refused):
    """Rows of the file were refused, so nothing of it was recorded. ``fields`` names them."""

    reason = "rows refused"

    def __init__(self, lines: list[Line], rows: int) -> None:
        first = lines[0]
        super().__init__(
            f"{len(lines)} of {count_told(rows, 'row')} refused, so nothing was recorded. Line "
            f"{first.row.line}: {first.refused}", field="file",
            reasons=(self.reason, *(f"line {line.row.line}" for line in lines[:MOST_NAMED])))
        self.fields = {f"line {line.row.line}": line.refused for line in lines}


class _Rehearsed(Exception):
    """Ends a transaction that was only tried: all of it is undone."""


def import_results(
    shape: str, laboratory: str, file: Upload, performed_at: datetime | None = None, *,
    by: Actor, at: datetime,
) -> Import:
    """Record every row of an instrument's file, or nothing of it.

    ``shape`` is a reference such as ``vi-cell-blu-1``; ``laboratory`` a name of the register;
    ``performed_at`` only for a file without times. One entry for each result or count, as by
    hand, and one for the file.
    """
    by.must(Permission.TEST)
    opened = _open(shape, laboratory, file, performed_at, at)
    recording = Recording(laboratory, performed_at, by=by, at=at)
    lines = [recording.record(row) for row in opened.sheet.rows]
    if refused := [line for line in lines if line.refused]:
        raise RowsRefused(refused, len(lines))
    made = [(line.row.line, given.made) for line in lines for given in line.given]
    if not made:
        raise Malformed("Every row of this file is left out by the shape: there is nothing to "
                        "record.", field="file")
    attachments.keep(file["data"])
    kept = Import(
        file_name=file_rules.plain_name(file["name"]), sha256=opened.sha256,
        shape=opened.shape.reference, shape_digest=opened.shape.digest, laboratory=laboratory,
        rows=len(lines), recorded_by_id=by.id, recorded_at=at)
    kept.made = [_row(line, one) for line, one in made]
    session.add(kept)
    session.flush()
    results = sum(row.result_id is not None for row in kept.made)
    record("import results", kept, by=by, at=at, file_name=kept.file_name, sha256=kept.sha256,
           shape=kept.shape, shape_digest=kept.shape_digest, laboratory=laboratory,
           rows=kept.rows, results=results, counts=len(made) - results)
    return kept


def _row(line: int, made: object) -> ImportedRow:
    name = "count_id" if isinstance(made, CultureCount) else "result_id"
    return ImportedRow(line=line, **{name: made.id})  # type: ignore[attr-defined]


def rehearse(
    shape: str, laboratory: str, file: Upload, performed_at: datetime | None = None, *,
    by: Actor, at: datetime,
) -> Rehearsal:
    """What ``import_results`` would do: the same acts, tried and undone, a few rows at a time, so
    that nobody at a bedside waits for it. Raises Refused when the file as a whole cannot be."""
    by.must(Permission.TEST)
    opened = _open(shape, laboratory, file, performed_at, at)
    recording = Recording(laboratory, performed_at, by=by, at=at)
    lines: list[Line] = []
    rows = opened.sheet.rows
    for first in range(0, len(rows), AT_ONCE):
        try:
            with transaction():
                lines += [recording.record(row) for row in rows[first:first + AT_ONCE]]
                raise _Rehearsed
        except _Rehearsed:
            continue
    return Rehearsal(opened, tuple(lines))


def _open(reference: str, laboratory: str, file: Upload, performed_at: datetime | None,
          at: datetime) -> Opened:
    """Read the file; refuse one that was imported before, and what concerns all of its rows."""
    data = file["data"]
    file_rules.plain_name(file["name"])
    rules.file_can_be_read(data)
    shape = shelf.get_shape(reference)
    digest = hashlib.sha256(data).hexdigest()
    before = session.scalar(sa.select(Import).where(Import.sha256 == digest))
    if before is not None:
        raise rules.not_imported(before.code, moment_told(local(before.recorded_at)))
    rules.dated(bool(shape.time), performed_at, at)
    register.laboratory_used(laboratory, local(performed_at or at).date())
    sheet = read_file(data, shape, settings().zone)
    rules.not_too_many_readings(sum(len(row.readings) for row in sheet.rows))
    return Opened(shape, sheet, digest)


def save_shape(sheet: str, *, by: Actor, at: datetime) -> CsvShape:
    """Save a shape, checked as those that come with the program are. A change is a new version;
    the one before stays, for the imports that were read by it."""
    by.must(Permission.KEEP_SHAPES)
    shape = checked(sheet)
    taken = {one.name for one in shelf.shipped().values()}
    rules.name_of_its_own(shape.name, taken)
    before = session.scalar(sa.select(sa.func.max(CsvShape.version))
                            .where(CsvShape.name == shape.name))
    rules.next_version(shape.name, shape.version, before or 0)
    saved = CsvShape(name=shape.name, version=shape.version, heading=shape.title, sheet=sheet,
                     digest=shape.digest, recorded_by_id=by.id, recorded_at=at)
    session.add(saved)
    session.flush()
    record("save shape", saved, by=by, at=at, reference=saved.reference, digest=saved.digest)
    return saved


def checked(sheet: str) -> Shape:
    """The shape a sheet describes; a mistake is named with its line."""
    try:
        return read_shape("the shape", sheet.encode())
    except ShelfError as error:
        raise Malformed(f"{error}.", field="sheet") from error


def next_version_of(name: str) -> int:
    """The number the next version of this shape will have."""
    return 1 + (session.scalar(sa.select(sa.func.max(CsvShape.version))
                               .where(CsvShape.name == name)) or 0)


def imports_of(shape: CsvShape) -> list[Import]:
    """The imports that were read by this version of a shape, latest first."""
    return list(session.scalars(sa.select(Import).where(
        Import.shape == shape.reference).order_by(Import.id.desc()).limit(100)))


def counted(count: CultureCount) -> Culture:
    """The culture that was counted."""
    return session.get_one(Culture, count.culture_id)


def methods() -> list[str]:
    """The names of the register's methods that are in force."""
    return list(session.scalars(sa.select(Method.name).where(Method.ended_on.is_(None))
                                .order_by(Method.name)))


def tests() -> list[tuple[str, str, str]]:
    """(test, title, unit) of every criterion that is measured, of the specifications published."""
    known: dict[str, tuple[str, str, str]] = {}
    installed = specification_shelf.installed().releases
    for reference in installed.references():
        for each in installed.sheet(reference).criteria:
            if each.key not in DERIVED:
                known[each.key] = (each.key, each.title, each.reported_unit)
    return sorted(known.values())


def laboratories() -> list[str]:
    """The names to choose from: those of the register that are in force."""
    return list(session.scalars(sa.select(Laboratory.name).where(Laboratory.ended_on.is_(None))
                                .order_by(Laboratory.name)))
