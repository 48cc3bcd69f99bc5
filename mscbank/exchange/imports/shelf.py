"""The shapes that can be chosen: those that come with the program, and those saved here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa

from mscbank.database import session
from mscbank.errors import Malformed, Refused
from mscbank.exchange.imports.models import CsvShape
from mscbank.exchange.imports.shape import Shape, read_shape
from specs.sheet import ShelfError

FOLDER = Path(__file__).parent / "shapes"


@cache
def shipped() -> dict[str, Shape]:
    """The shapes that come with the program, by reference. Raises ShelfError for a bad sheet."""
    shapes = [read_shape(file.name, file.read_bytes()) for file in sorted(FOLDER.glob("*.toml"))]
    return {shape.reference: shape for shape in shapes}


def sheet_of(reference: str) -> str:
    """The sheet of a shape that comes with the program, as it is written."""
    return next(file.read_text("utf-8") for file in FOLDER.glob("*.toml")
                if read_shape(file.name, file.read_bytes()).reference == reference)


def latest_saved() -> list[CsvShape]:
    """The latest version of every shape that was saved here."""
    newest = sa.select(sa.func.max(CsvShape.id)).group_by(CsvShape.name)
    return list(session.scalars(
        sa.select(CsvShape).where(CsvShape.id.in_(newest)).order_by(CsvShape.name)))


def choices() -> list[tuple[str, str]]:
    """(reference, what it is) of every shape that may be chosen: of saved ones the latest."""
    own = [(row.reference, row.title) for row in latest_saved()]
    return own + [(reference, f"{shape.title} ({reference})")
                  for reference, shape in shipped().items()]


def get_shape(reference: str) -> Shape:
    """The shape of this reference. Refuses one that is not known or was replaced."""
    if reference in shipped():
        return shipped()[reference]
    row = next((row for row in latest_saved() if row.reference == reference), None)
    if row is None:
        known = ", ".join(name for name, _ in choices())
        raise Malformed(f"There is no shape “{reference[:60]}” in use; there are {known}.",
                        field="shape")
    return read_saved(row)


def read_saved(row: CsvShape) -> Shape:
    """A saved shape, checked again as it was when it was saved."""
    try:
        return read_shape(row.reference, row.sheet.encode())
    except ShelfError as error:
        raise Refused(f"The saved shape cannot be read ({error}): save it anew.",
                      reasons=("shape unreadable",)) from error
