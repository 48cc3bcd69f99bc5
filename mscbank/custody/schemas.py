"""What comes in with each act on the way."""

from __future__ import annotations

from marshmallow import Schema, validate

from mscbank.cultures.schemas import code
from mscbank.custody.rules import COLDEST, WARMEST
from mscbank.labelling.schemas import ApplySchema
from mscbank.schemas import MomentField, QuantityField, TextField


class ThawSchema(ApplySchema):
    """The label of the bag in the hand, and why it is thawed where it may not be used."""

    why = TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Why it is thawed all the same", "kind": "why",
        "help": "Such as: a test of thawed cells."})


class IssueSchema(Schema):
    """Which box carries the bag, and where to."""

    box = TextField(40, required=True, metadata={
        "label": "Transport box", "help": "The box's number, as on its lid."})
    destination = TextField(80, required=True, metadata={
        "label": "Destination", "help": "Ward and room."})


class ReceiveSchema(Schema):
    """How the bag arrived."""

    condition = TextField(200, required=True, metadata={
        "label": "Condition", "help": "Intact, label readable, anything odd."})


class TemperatureSchema(Schema):
    """One reading of the box's logger."""

    read_at = MomentField(required=True, metadata={"label": "Read at"})
    celsius = QuantityField(
        2, required=True, validate=validate.Range(COLDEST, WARMEST),
        metadata={"label": "Temperature", "unit": "°C",
                  "help": "As the logger shows it, with its sign."})


class JudgementSchema(Schema):
    """Why the bag may still be used."""

    judgement = TextField(500, required=True, metadata={
        "label": "Judgement", "help": "Why the bag may still be used. If it may not, leave the "
                                      "excursion open and have the bag destroyed."})


class ReturnSchema(Schema):
    """Why the bag comes back."""

    reason = TextField(500, required=True, metadata={"label": "Reason"})


class AcceptReturnSchema(Schema):
    """Into which position the bag goes back."""

    place = code("Position", required=True)
