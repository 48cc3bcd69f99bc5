"""What comes in with each act on a harvest: one schema for form, API and import."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mscbank.harvests.models import Anticoagulant, Site
from mscbank.harvests.rules import CELLS_HIGHEST, COLDEST_C, ML_HIGHEST, WARMEST_C
from mscbank.schemas import MomentField, QuantityField, TextField
from mscbank.usual import why_field


class HarvestMarrow(Schema):
    """A marrow collection."""

    site = fields.Enum(Site, by_value=True, required=True, metadata={"label": "Site"})
    collected_at = MomentField(required=True, metadata={
        "label": "Collected at", "help": "The end of the collection."})
    volume_ml = QuantityField(
        1, required=True,
        validate=validate.Range(0, ML_HIGHEST, min_inclusive=False),
        metadata={"label": "Volume", "unit": "mL", "help": "Marrow with its anticoagulant."})
    why_unusual = why_field()
    anticoagulant = fields.Enum(Anticoagulant, by_value=True, required=True,
                                metadata={"label": "Anticoagulant"})


class Dispatch(Schema):
    """The marrow leaves the ward."""

    dispatched_at = MomentField(required=True, metadata={"label": "Left at", "prefill": "now"})


class ReceiveHarvest(Schema):
    """The marrow arrives at the laboratory."""

    received_at = MomentField(required=True, metadata={"label": "Arrived at", "prefill": "now"})
    transport_min_c = QuantityField(
        1, required=True, validate=validate.Range(COLDEST_C, WARMEST_C),
        metadata={"label": "Lowest temperature", "unit": "°C", "help": "From the box's logger."})
    transport_max_c = QuantityField(
        1, required=True, validate=validate.Range(COLDEST_C, WARMEST_C),
        metadata={"label": "Highest temperature", "unit": "°C", "help": "From the box's logger."})
    condition = TextField(200, required=True, metadata={
        "label": "Condition", "help": "Bag, clots, label: what you see."})
    nucleated_cells = fields.Integer(
        strict=True, required=True, validate=validate.Range(1, CELLS_HIGHEST),
        metadata={"label": "Nucleated cells", "unit": "cells", "help": "Total of the bag."})
    viability = QuantityField(
        1, required=True, validate=validate.Range(0, 100),
        metadata={"label": "Viability", "unit": "%"})
    why_unusual = why_field()
