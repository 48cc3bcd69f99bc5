"""What comes in with each act of quality control: one schema for form, API and import."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import Schema, fields, validate

from mscbank.schemas import MomentField, QuantityField, TextField
from mscbank.testing.models import Qualifier, Stage

AMOUNT_HIGHEST = Decimal(10**12)


class TakeSample(Schema):
    """Material taken from a culture, a lot or a bag."""

    taken_from = TextField(40, required=True, metadata={
        "label": "Taken from", "help": "Scan the culture, the lot or the bag.", "scan": True})
    stage = fields.Enum(Stage, by_value=True, required=True, metadata={
        "label": "Stage", "help": "Where in the process it was taken."})
    taken_at = MomentField(required=True, metadata={"label": "Taken at"})
    destined = TextField(120, required=True, metadata={
        "label": "Destined for", "help": "The laboratory and the tests."})
    volume_ml = QuantityField(
        3, load_default=None, allow_none=True,
        validate=validate.Range(Decimal(0), Decimal(1000), min_inclusive=False),
        metadata={"label": "Volume", "unit": "mL"})


class Outcome(Schema):
    """What a test gave: a number with its unit, or words, or that it is awaited."""

    value = QuantityField(
        6, load_default=None, allow_none=True,
        validate=validate.Range(Decimal(0), AMOUNT_HIGHEST, error=(
            "An amount is never below zero nor above {max}: check the number.")),
        metadata={"label": "Number", "help": "For a test that is measured."})
    unit = TextField(20, load_default=None, allow_none=True, metadata={
        "label": "Unit", "help": "As the specification writes it."})
    qualifier = fields.Enum(Qualifier, by_value=True, load_default=Qualifier.EXACT, metadata={
        "label": "The number is", "help": "The value itself, or the end of the method's range."})
    word = TextField(80, load_default=None, allow_none=True, metadata={
        "label": "In words", "help": "For a test that is reported in words, such as “no growth”."})
    pending = fields.Boolean(load_default=False, metadata={
        "label": "Still awaited", "help": "The sample is at the laboratory, the result not back."})


class RecordResult(Outcome):
    """One result of one test of a sample."""

    class Meta:
        fields = ("test", "value", "unit", "qualifier", "word", "pending", "method", "laboratory",
                  "performed_at")

    test = TextField(40, required=True, metadata={
        "label": "Test", "help": "By its key in the lot's specification, such as “viability”."})
    method = TextField(80, required=True, metadata={"label": "Method"})
    laboratory = TextField(120, required=True, metadata={"label": "Laboratory"})
    performed_at = MomentField(required=True, metadata={
        "label": "Performed at", "help": "For a pending result: when the test was begun."})


class CorrectResult(Outcome):
    """A result in the place of another; what is left out of method, laboratory and time stays."""

    class Meta:
        fields = ("reason", "value", "unit", "qualifier", "word", "pending", "method",
                  "laboratory", "performed_at")

    reason = TextField(500, required=True, metadata={
        "label": "Reason", "help": "Why the result changes; “result arrived” for a pending one."})
    method = TextField(80, load_default=None, allow_none=True, metadata={
        "label": "Method", "help": "Empty: as before."})
    laboratory = TextField(120, load_default=None, allow_none=True, metadata={
        "label": "Laboratory", "help": "Empty: as before."})
    performed_at = MomentField(load_default=None, allow_none=True, metadata={
        "label": "Performed at", "help": "Empty: as before."})
