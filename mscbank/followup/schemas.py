"""What comes in after the infusion."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load
from marshmallow.validate import Length, OneOf, Range

from mscbank.followup.models import (
    Action,
    Cause,
    Ended,
    Expectedness,
    Outcome,
    Seriousness,
    Survival,
)
from mscbank.followup.rules import Value
from mscbank.schemas import MomentField, QuantityField, TextField
from mscbank.usual import why_field
from specs import terms
from specs.scores import SKIN_SITES

# In our words; the table of CTCAE words each grade of each term anew.
GRADES = (("1", "1: mild, only watched"), ("2", "2: moderate, a little treatment"),
          ("3", "3: severe, a stay in hospital, or no longer able to care for oneself"),
          ("4", "4: life-threatening, treated at once"), ("5", "5: died of it"))
TERMS = [terms.OTHER, *sorted({term.name for version in terms.versions()
                               for term in terms.terms(version)}, key=str.lower)]


def _system(term: str) -> str:
    """The organ system of a term, under which a form lists it."""
    return next((found for version in reversed(terms.versions())
                 if (found := terms.organ_class(version, term))), "")


class SitesField(fields.Field[list[int]]):
    """The skin score's seventeen sites: whole numbers, as a list or as text in their order; a form
    asks each site by itself."""

    def __init__(self, **kwargs: Any) -> None:
        described = {"kind": "sites", "type": "array", "items": {"type": "integer"},
                     "label": "Skin score by site", "sites": SKIN_SITES, "scores": "0123",
                     "help": "All seventeen sites or none; they are added up."}
        super().__init__(load_default=None, allow_none=True, metadata=described, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[int]:
        parts = re.split(r"[\s,;]+", value.strip()) if isinstance(value, str) else value
        if isinstance(parts, list) and len(parts) == len(SKIN_SITES) and "" in parts:
            left = [site for site, part in zip(SKIN_SITES.values(), parts, strict=True) if not part]
            raise ValidationError(f"Score these sites too, or none: {', '.join(left)}.")
        if not isinstance(parts, list) or not all(
                re.fullmatch("[0-3]", str(part)) and not isinstance(part, bool)
                for part in parts) or len(parts) != len(SKIN_SITES):
            raise ValidationError("Give seventeen numbers from 0 to 3 in the order of the sites.")
        return [int(part) for part in parts]


class LaboratorySchema(Schema):
    """A laboratory value with the reference range of the laboratory."""

    name = TextField(40, required=True, metadata={"label": "Laboratory value"})
    value = QuantityField(4, required=True, metadata={"label": "Value"})
    unit = TextField(20, required=True, metadata={"label": "Unit"})
    low = QuantityField(4, load_default=None, allow_none=True, metadata={"label": "Normal from"})
    high = QuantityField(4, load_default=None, allow_none=True, metadata={"label": "to"})

    @post_load
    def _value(self, data: dict[str, Any], **_: Any) -> Value:
        return Value(**data)


def _optional(low: int, high: int, label: str, unit: str, digits: int | None = None, help: str = "",
              ) -> Any:
    meta = {"label": label, "unit": unit, "help": help}
    rule = Range(low, high)
    if digits is None:
        return fields.Integer(strict=True, load_default=None, allow_none=True, validate=rule,
                              metadata=meta)
    return QuantityField(digits, load_default=None, allow_none=True, validate=rule, metadata=meta)


class MeasuresSchema(Schema):
    """What is measured at a visit. All of it may be left out."""

    survival = fields.Enum(Survival, by_value=True, load_default=None, allow_none=True,
                           metadata={"label": "Survival"})
    mrss = _optional(0, 51, "Modified Rodnan skin score", "points")
    mrss_sites = SitesField()
    fvc_percent = _optional(5, 200, "FVC", "% of predicted", 1)
    dlco_percent = _optional(5, 200, "DLCO", "% of predicted", 1)
    haq_di = _optional(0, 3, "HAQ-DI", "points", 3, "In steps of 0.125.")
    sf36_physical = _optional(0, 100, "SF-36, physical component summary", "points", 1)
    sf36_mental = _optional(0, 100, "SF-36, mental component summary", "points", 1)
    temperature_c = _optional(25, 45, "Temperature", "°C", 1)
    pulse = _optional(0, 300, "Pulse", "per minute")
    systolic = _optional(20, 300, "Systolic pressure", "mmHg")
    diastolic = _optional(10, 250, "Diastolic pressure", "mmHg")
    saturation = _optional(0, 100, "Oxygen saturation", "%")
    why_unusual = why_field()
    laboratory = fields.List(fields.Nested(LaboratorySchema), load_default=list,
                             validate=Length(max=60), metadata={"label": "Laboratory"})


class NamedVisit(Schema):
    """Which visit of the schedule."""

    name = fields.String(required=True, validate=Length(min=1, max=10), metadata={
        "label": "Visit", "help": "As the protocol calls it: D0, M3, M12."})


class VisitSchema(NamedVisit, MeasuresSchema):
    """A visit, and what the protocol measures at it."""

    took_place_on = fields.Date(required=True, metadata={"label": "Took place on"})

    class Meta:
        fields = ("name", "took_place_on", *MeasuresSchema._declared_fields)


class MissedVisitSchema(NamedVisit):
    """A visit that did not take place."""

    missed_why = TextField(500, required=True, metadata={"label": "Why it was missed"})


class CorrectionSchema(MeasuresSchema):
    """A visit said anew."""

    reason = TextField(500, required=True, metadata={"label": "Why it is corrected"})
    took_place_on = fields.Date(load_default=None, allow_none=True, metadata={
        "label": "Took place on"})
    missed_why = TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Or why it was missed"})

    class Meta:
        fields = ("reason", "took_place_on", *MeasuresSchema._declared_fields, "missed_why")


class KnownSchema(Schema):
    """What is known of an event."""

    grade = fields.Integer(strict=True, required=True, validate=Range(1, 5), metadata={
        "label": "Grade", "unit": "CTCAE", "kind": "radio", "choices": GRADES,
        "help": "Where the CTCAE table words the grade of this event, its words decide."})
    seriousness = fields.List(
        fields.Enum(Seriousness, by_value=True), load_default=list, metadata={
            "label": "Seriousness", "help": "By what it led to; not the same as the grade. "
                                            "Mark all that apply; none is not serious."})
    outcome = fields.Enum(Outcome, by_value=True, required=True, metadata={"label": "Outcome"})
    ended_at = MomentField(load_default=None, allow_none=True, metadata={"label": "Ended at"})
    action = fields.Enum(Action, by_value=True, load_default=Action.NOT_APPLICABLE, metadata={
        "label": "Done with the cells"})
    treatment = TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Treatment of the event"})
    narrative = TextField(2000, load_default=None, allow_none=True, metadata={
        "label": "What happened", "help": "Without names."})


class EventSchema(KnownSchema):
    """An adverse event."""

    term = fields.String(required=True, validate=OneOf(
        TERMS, error="Not a term of the list: choose one, or “Other, specify”."), metadata={
            "label": "Event", "help": "The CTCAE term, under its organ system: type its first "
                                      "letters.", "group_of": _system})
    other = TextField(80, load_default=None, allow_none=True, metadata={
        "label": "Other event", "help": "In words, where no term of the list says it."})
    onset_at = MomentField(required=True, metadata={"label": "Began at"})
    known_at = MomentField(load_default=None, allow_none=True, metadata={
        "label": "The investigator knew at", "help": "Now, unless it is said."})

    class Meta:
        fields = ("term", "other", "grade", "seriousness", "onset_at", "known_at", "outcome",
                  "ended_at", "action", "treatment", "narrative")


class InformationSchema(KnownSchema):
    """What became known afterwards."""

    what_is_new = TextField(500, required=True, metadata={"label": "What is new"})

    class Meta:
        fields = ("what_is_new", *KnownSchema._declared_fields)


class OpinionSchema(Schema):
    """One side's opinion on the cause."""

    cause = fields.Enum(Cause, by_value=True, required=True, metadata={
        "label": "Related to the cells or the infusion"})
    reason = TextField(500, load_default=None, allow_none=True, metadata={
        "label": "Reason", "help": "Needed where an opinion changes."})


class SponsorSchema(OpinionSchema):
    """The sponsor's opinion, on expectedness too."""

    expectedness = fields.Enum(Expectedness, by_value=True, required=True, metadata={
        "label": "By the reference safety information"})

    class Meta:
        fields = ("cause", "expectedness", "reason")


class ReportSentSchema(Schema):
    """A report that went out."""

    sent_at = MomentField(required=True, metadata={"label": "Sent at", "prefill": "now"})
    sent_to = TextField(120, required=True, metadata={
        "label": "Sent to", "help": "The authority, the committee."})
    reference = TextField(80, load_default=None, allow_none=True, metadata={
        "label": "Their number"})


class EndSchema(Schema):
    """The end of a follow-up."""

    ended_on = fields.Date(required=True, metadata={"label": "Last day"})
    ended_as = fields.Enum(Ended, by_value=True, required=True, metadata={"label": "As what"})
    why = TextField(200, required=True, metadata={
        "label": "Why", "help": "In a few words."})
