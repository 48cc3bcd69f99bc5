"""What comes in after the infusion."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range

from mscbank.followup.models import Cause, Outcome, Seriousness
from mscbank.schemas import MomentField, QuantityField, TextField


class VisitSchema(Schema):
    """A visit, and what the protocol measures at it."""

    name = fields.String(required=True, validate=Length(min=1, max=10), metadata={
        "label": "Visit", "help": "As the protocol calls it: D0, M3, M12."})
    took_place_on = fields.Date(required=True, metadata={"label": "Took place on"})
    mrss = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=Range(0, 51),
        metadata={"label": "Modified Rodnan skin score", "unit": "points"})
    fvc_percent = QuantityField(1, load_default=None, allow_none=True, validate=Range(5, 200),
                                metadata={"label": "FVC", "unit": "% of predicted"})
    dlco_percent = QuantityField(1, load_default=None, allow_none=True, validate=Range(5, 200),
                                 metadata={"label": "DLCO", "unit": "% of predicted"})


class EventSchema(Schema):
    """An adverse event."""

    term = TextField(80, required=True, metadata={"label": "Event", "help": "In CTCAE words."})
    grade = fields.Integer(strict=True, required=True, validate=Range(1, 5), metadata={
        "label": "Grade", "unit": "CTCAE", "help": "How severe: 3 and more is severe."})
    seriousness = fields.Enum(Seriousness, by_value=True, required=True, metadata={
        "label": "Seriousness", "help": "By what it led to; not the same as the grade."})
    onset_at = MomentField(required=True, metadata={"label": "Began at"})
    outcome = fields.Enum(Outcome, by_value=True, required=True, metadata={"label": "Outcome"})
    narrative = TextField(2000, load_default=None, allow_none=True, metadata={
        "label": "What happened", "help": "Without names."})


class OpinionSchema(Schema):
    """One side's opinion on the cause."""

    cause = fields.Enum(Cause, by_value=True, required=True, metadata={
        "label": "Related to the cells or the infusion"})
    reason = TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Reason", "help": "Needed where an opinion changes."})


class EndSchema(Schema):
    """The end of a follow-up."""

    ended_on = fields.Date(required=True, metadata={"label": "Last day"})
    why = TextField(200, required=True, metadata={
        "label": "Why", "help": "Completed, lost to follow-up, died."})
