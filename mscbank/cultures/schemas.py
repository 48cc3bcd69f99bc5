"""What comes in for cultures and reagents."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from mscbank.cultures.models import ReagentKind, VesselKind
from mscbank.schemas import MomentField, TextField
from mscbank.usual import why_field

MOST_CELLS = 10**12  # a typing error beyond: a 10-layer stack yields some 10**9


def code(label: str, **kwargs: Any) -> fields.String:
    """A house code, as scanned."""
    return fields.String(validate=Length(min=1, max=40),
                         metadata={"label": label, "help": "Scan it.", "scan": True}, **kwargs)


def cells(label: str, least: int = 1, **kwargs: Any) -> fields.Integer:
    """A whole number of cells."""
    return fields.Integer(strict=True, validate=Range(min=least, max=MOST_CELLS),
                          metadata={"label": label, "unit": "cells"}, **kwargs)


def words(label: str, longest: int, help_: str = "", **kwargs: Any) -> TextField:
    """Text of at most so many characters."""
    return TextField(longest, metadata={"label": label, "help": help_}, **kwargs)


def reagents() -> fields.List:
    """The reagent lots used, by house code."""
    return fields.List(code("Reagent lot"), required=True, validate=Length(min=1, max=30),
                       metadata={"label": "Reagent lots", "help": "Scan each lot that is used."})


def confluence(**kwargs: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=Range(min=0, max=100),
                          metadata={"label": "Confluence", "unit": "%"}, **kwargs)


def seen() -> TextField:
    return words("What was seen", 500, "Shape, debris, colour of the medium.", allow_none=True)


def due() -> MomentField:
    return MomentField(allow_none=True, metadata={
        "label": "Next work due", "help": "When to look, feed or passage next."})


class PooledSchema(Schema):
    """A further culture whose cells go in, and how many of them."""

    culture = code("Culture", required=True)
    cells = cells("Viable cells from it", required=True)


def pooled() -> fields.List:
    return fields.List(fields.Nested(PooledSchema), validate=Length(max=20), metadata={
        "label": "Pooled with", "help": "Other cultures of the same harvest; their cells are part "
        "of the total."})


class VesselsSchema(Schema):
    """What cells are seeded into."""

    vessel = fields.Enum(VesselKind, by_value=True, required=True, metadata={"label": "Vessel"})
    vessels = fields.Integer(strict=True, required=True, validate=Range(min=1, max=500),
                             metadata={"label": "Number of vessels"})
    incubator = words("Incubator", 40, required=True)
    reagents = reagents()
    next_due_at = due()


class SeedSchema(VesselsSchema):
    """Seed marrow."""

    seeded_cells = cells("Nucleated cells seeded, in all", required=True)
    colony_forming = cells("Colony-forming cells among them (CFU-F)", allow_none=True)


class PassageSchema(VesselsSchema):
    """Seed counted cells again."""

    seeded_cells = cells("Viable cells seeded, in all", required=True)
    pooled_with = pooled()


class FeedSchema(Schema):
    """Change the medium."""

    reagents = reagents()
    confluence = confluence(allow_none=True)
    seen = seen()
    next_due_at = due()


class ObserveSchema(Schema):
    """Look under the microscope."""

    confluence = confluence(required=True)
    seen = seen()


class CountSchema(Schema):
    """Count the whole culture."""

    total_cells = cells("Cells in all", required=True)
    viable_cells = cells("Viable cells", least=0, required=True)
    why_unusual = why_field()


class CorrectCountSchema(Schema):
    """Replace a count; the reason is that of an unusual one too."""

    total_cells = cells("Cells in all", required=True)
    viable_cells = cells("Viable cells", least=0, required=True)
    reason = words("Why the count is corrected", 500, required=True)


class ReasonSchema(Schema):
    """An act that asks why."""

    reason = words("Reason", 500, required=True)


class AddReagentSchema(Schema):
    """Take a reagent lot into stock."""

    reagent = fields.Enum(ReagentKind, by_value=True, required=True, metadata={"label": "Reagent"})
    name = words("Name", 80, required=True)
    lot_number = words("Lot number", 40, required=True)
    supplier = words("Supplier", 80, required=True)
    expires_on = fields.Date(required=True, metadata={
        "label": "Expires on", "help": "The last day of use, as 2027-01-31."})
