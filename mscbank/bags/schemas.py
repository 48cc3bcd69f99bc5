"""What comes in for lots, bags and places."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Range

from mscbank.bags.rules import BAGS_MAX, POSITIONS_MAX
from mscbank.cultures.schemas import cells, code, pooled, reagents, words
from mscbank.schemas import MomentField, QuantityField


class FillSchema(Schema):
    """Fill a lot of bags."""

    bags = fields.Integer(strict=True, required=True, validate=Range(min=1, max=BAGS_MAX),
                          metadata={"label": "Number of bags"})
    volume_ml = QuantityField(
        2, required=True, validate=Range(min=0, max=1000, min_inclusive=False),
        metadata={"label": "Volume of each bag", "unit": "mL"})
    cells_per_bag = cells("Viable cells in each bag", required=True)
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


class AddBoxSchema(Schema):
    """A new box in a rack of a tank."""

    tank = words("Tank", 20, required=True)
    rack = words("Rack", 20, required=True)
    box = words("Box", 20, required=True)
    positions = fields.Integer(strict=True, required=True,
                               validate=Range(min=1, max=POSITIONS_MAX),
                               metadata={"label": "Positions"})
