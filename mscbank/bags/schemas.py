"""What comes in for lots, bags and places."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Range

from mscbank.bags.cryo_rules import UNITS_MAX
from mscbank.bags.rules import BAGS_MAX, POSITIONS_MAX
from mscbank.cultures.schemas import VesselsSchema, cells, code, pooled, reagents, words
from mscbank.schemas import MomentField, QuantityField
from mscbank.usual import why_field


class FillSchema(Schema):
    """Fill a lot of bags."""

    bags = fields.Integer(strict=True, required=True, validate=Range(min=1, max=BAGS_MAX),
                          metadata={"label": "Number of bags"})
    volume_ml = QuantityField(
        2, required=True, validate=Range(min=0, max=1000, min_inclusive=False),
        metadata={"label": "Volume of each bag", "unit": "mL"})
    cells_per_bag = cells("Viable cells in each bag", required=True)
    why_unusual = why_field()
    excipients = words("Excipients", 200, "As printed on the label.", required=True)
    dmso_percent = QuantityField(2, required=True, validate=Range(min=0, max=20),
                                 metadata={"label": "DMSO", "unit": "%"})
    expires_at = MomentField(required=True, metadata={"label": "Expires at"})
    reagents = reagents()
    pooled_with = pooled()


class PlaceSchema(Schema):
    """Where a bag goes."""

    place = code("Position", required=True)


class ReasonSchema(Schema):
    """An act that asks why."""

    reason = words("Reason", 500, required=True)


class FreezeUnitsSchema(Schema):
    """Freeze cells between two passages."""

    units = fields.Integer(strict=True, required=True, validate=Range(min=1, max=UNITS_MAX),
                           metadata={"label": "Number of units"})
    cells_per_unit = cells("Viable cells in each unit", required=True)
    volume_ml = QuantityField(
        2, required=True, validate=Range(min=0, max=100, min_inclusive=False),
        metadata={"label": "Volume of each unit", "unit": "mL"})
    reagents = reagents()


class ThawAndSeedSchema(VesselsSchema):
    """Thaw a unit and seed its cells on."""

    class Meta:
        fields = ("viable_cells", "seeded_cells", "vessel", "vessels", "incubator", "reagents",
                  "next_due_at")

    viable_cells = cells("Viable cells after thawing", required=True)
    seeded_cells = cells("Viable cells seeded, in all", required=True)


class AddBoxSchema(Schema):
    """A new box in a rack of a tank."""

    tank = words("Tank", 20, required=True)
    rack = words("Rack", 20, required=True)
    box = words("Box", 20, required=True)
    positions = fields.Integer(strict=True, required=True,
                               validate=Range(min=1, max=POSITIONS_MAX),
                               metadata={"label": "Positions"})
