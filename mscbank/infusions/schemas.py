"""What comes in at the bedside."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, pre_load
from marshmallow.validate import Length, Range

from mscbank.schemas import MomentField, QuantityField, TextField
from mscbank.usual import why_field

TERMS = (
    "infusion related reaction", "allergic reaction", "anaphylaxis", "cytokine release syndrome",
    "flushing", "chills", "fever", "nausea", "vomiting", "asthenia", "fatigue", "headache",
    "dyspnoea", "hypoxia", "hypotension", "hypertension", "tachycardia", "bradycardia",
    "arrhythmia", "chest pain", "thromboembolic event", "urticaria")
"""CTCAE terms to offer; another may be written."""


def _whole(label: str, unit: str, low: int, high: int) -> fields.Integer:
    return fields.Integer(strict=True, required=True, validate=Range(low, high),
                          metadata={"label": label, "unit": unit})


def _code(label: str, longest: int, **kwargs: object) -> fields.String:
    return fields.String(validate=Length(min=1, max=longest), metadata={
        "label": label, "help": "Scan it.", "scan": True}, **kwargs)


def _given() -> QuantityField:
    return QuantityField(2, required=True, validate=Range(min=0, max=1000), metadata={
        "label": "Volume given", "unit": "mL", "help": "What ran in, as the pump shows."})


class BesideSchema(Schema):
    """What is done beside a running bag: the network may be away when it happens."""

    happened_at = MomentField(load_default=None, allow_none=True, metadata={
        "label": "When, if not just now", "help": "Only what could not be recorded at once."})


class OrderedBagSchema(Schema):
    """A bag, and how much of it."""

    bag = _code("Bag", 40, required=True)
    volume_ml = QuantityField(
        2, load_default=None, allow_none=True, validate=Range(min=0, max=1000), metadata={
            "label": "Volume", "unit": "mL", "help": "Left empty: the whole bag."})


class OrderSchema(Schema):
    """The bags of one infusion."""

    bags = fields.List(fields.Nested(OrderedBagSchema), required=True, validate=Length(1, 20),
                       metadata={"label": "Bags", "help": "Scan each bag that is to be given."})


class GiveUpPlaceSchema(Schema):
    """Why a place in the trial is given up before the infusion."""

    reason = TextField(500, required=True, metadata={
        "label": "Reason", "help": "Why this person will not be infused; without names."})


class CancelOrderSchema(Schema):
    """Why an order is taken back."""

    reason = TextField(500, required=True, metadata={"label": "Reason"})


class OwnCheckSchema(Schema):
    """What one person scanned at the bedside."""

    wristband = _code("Wristband", 400, required=True)
    label = _code("Label on the bag", 400, load_default=None, allow_none=True)


class CheckSchema(OwnCheckSchema):
    """What both people scanned at the bedside, each for themselves."""

    wristband_again = _code("Wristband, scanned by the second person", 400, load_default=None,
                             allow_none=True)
    label_again = _code("Label on the bag, scanned by the second person", 400,
                         load_default=None, allow_none=True)


class StartSchema(Schema):
    """The token of the go."""

    token = fields.String(required=True, validate=Length(min=20, max=100), metadata={
        "label": "Token of the check", "help": "It came with the go."})


class SignsSchema(Schema):
    """Vital signs."""

    temperature_c = QuantityField(1, required=True, validate=Range(25, 45), metadata={
        "label": "Temperature", "unit": "°C"})
    pulse = _whole("Pulse", "per minute", 0, 300)
    systolic = _whole("Systolic pressure", "mmHg", 20, 300)
    diastolic = _whole("Diastolic pressure", "mmHg", 10, 250)
    saturation = _whole("Oxygen saturation", "%", 0, 100)


class ObserveSchema(SignsSchema, BesideSchema):
    """Vital signs taken at the bedside."""

    why_unusual = why_field()


class CorrectedSchema(Schema):
    """What was seen beside a bag, said anew."""

    happened_at = MomentField(load_default=None, allow_none=True, metadata={
        "label": "When, if the hour was wrong", "help": "Left empty: it stays."})
    reason = TextField(500, required=True, metadata={"label": "Reason of the correction"})


class CorrectSignsSchema(SignsSchema, CorrectedSchema):
    """Vital signs said anew."""

    why_unusual = why_field()

    class Meta:
        fields = (*SignsSchema._declared_fields, "why_unusual", "happened_at", "reason")


class WithdrawSchema(Schema):
    """Why what was written was never seen beside this bag."""

    reason = TextField(500, required=True, metadata={"label": "Reason of the withdrawal"})


class FinishSchema(BesideSchema):
    """The end of an infusion."""

    volume_given_ml = _given()
    too_quick = TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Why so quickly", "help": "Only where it ran in before its time."})


class WhenSchema(Schema):
    """The hour, as a sheet says it."""

    at = MomentField(required=True, metadata={"label": "When"})


class PaperSignsSchema(SignsSchema, WhenSchema):
    """Vital signs as a sheet says, with their hour."""


class PaperInfusionSchema(Schema):
    """What the signed sheet says of a bag that was given while the bank could not be reached."""

    wristband = _code("Wristband", 400, required=True)
    began_at = MomentField(required=True, metadata={
        "label": "Begun", "help": "As the sheet says."})
    checked_by = _code("Checked by", 80, required=True)
    checked_again_by = _code("Checked again by", 80, required=True)
    why = TextField(300, required=True, metadata={
        "label": "Why on paper", "help": "What could not be reached, from when to when."})
    ended_at = MomentField(load_default=None, allow_none=True, metadata={
        "label": "Ended", "help": "Left empty: it still runs."})
    volume_given_ml = QuantityField(
        2, load_default=None, allow_none=True, validate=Range(min=0, max=1000), metadata={
            "label": "Volume given", "unit": "mL", "help": "What ran in, as the sheet says."})
    stop_reason = TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Why it was stopped", "help": "Only where the bag was not empty."})
    too_quick = TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Why so quickly", "help": "Only where it ran in before its time."})
    vital_signs = fields.List(
        fields.Nested(PaperSignsSchema), load_default=list, validate=Length(max=60),
        metadata={"label": "Vital signs"})
    why_unusual = why_field()


class StopSchema(BesideSchema):
    """The end of an infusion before its time."""

    volume_given_ml = _given()
    reason = TextField(500, required=True, metadata={"label": "Reason"})


class ReactionWords(Schema):
    """What was seen, and what was done."""

    term = TextField(80, required=True, metadata={
        "label": "Reaction", "help": "In CTCAE words.", "offer": TERMS})
    grade = _whole("Grade", "CTCAE", 1, 5)
    death = fields.Boolean(load_default=False, metadata={
        "label": "Record a death", "help": "Grade 5 asks for it."})
    done = TextField(500, required=True, metadata={
        "label": "What was done", "help": "Interrupted, slowed, medicines given."})

    @pre_load
    def confirmed(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The press that confirms a death says its grade too."""
        return {"grade": 5, **data} if data.get("death") is True else data


class ReactionSchema(ReactionWords, BesideSchema):
    """A reaction."""


class CorrectReactionSchema(ReactionWords, CorrectedSchema):
    """A reaction said anew."""

    class Meta:
        fields = ("term", "grade", "death", "done", "happened_at", "reason")
