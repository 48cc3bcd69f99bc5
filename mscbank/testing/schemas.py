"""What comes in with each act of quality control: one schema for form, API and import."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import Schema, fields, validate

from mscbank.schemas import FileField, MomentField, QuantityField, TextField
from mscbank.testing.models import (
    InvestigationOutcome,
    LaboratoryKind,
    Point,
    Qualifier,
    Stage,
)

AMOUNT_HIGHEST = Decimal(10**12)
MOST_REPLICATES = 20


class AddLaboratory(Schema):
    """A laboratory of the register."""

    name = TextField(120, required=True, metadata={
        "label": "Name", "help": "As it stands on its reports. A name is used once."})
    kind = fields.Enum(LaboratoryKind, by_value=True, required=True, metadata={
        "label": "Kind", "help": "Whose people test there."})
    since = fields.Date(required=True, metadata={"label": "In force from"})
    accreditation = TextField(120, load_default=None, allow_none=True, metadata={
        "label": "Accreditation", "help": "Such as ISO 15189, with its number."})
    accredited_until = fields.Date(load_default=None, allow_none=True, metadata={
        "label": "Accredited until", "help": "The last day on which it holds."})


class RenewAccreditation(Schema):
    """A new certificate of a laboratory."""

    accreditation = TextField(120, required=True, metadata={"label": "Accreditation"})
    accredited_until = fields.Date(required=True, metadata={
        "label": "Accredited until", "help": "The last day on which it holds."})


class AddMethod(Schema):
    """A method of the register."""

    name = TextField(80, required=True, metadata={
        "label": "Name", "help": "As the specification and the reports write it."})
    measures = TextField(120, required=True, metadata={"label": "Measures"})
    since = fields.Date(required=True, metadata={"label": "In force from"})
    unit = TextField(20, load_default=None, allow_none=True, metadata={
        "label": "Unit", "help": "Where it is always the same; a result in another is refused."})


class EndEntry(Schema):
    """The last day of a laboratory or a method."""

    ended_on = fields.Date(required=True, metadata={
        "label": "Last day", "help": "Nothing that was tested until then is touched."})
    reason = TextField(500, required=True, metadata={"label": "Reason"})


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


class SendSample(Schema):
    """A sample leaves for a laboratory."""

    laboratory = TextField(120, required=True, metadata={
        "label": "Laboratory", "help": "By its name in the register."})
    sent_at = MomentField(required=True, metadata={"label": "Sent at"})
    condition = TextField(200, required=True, metadata={
        "label": "Sent how", "help": "How cold and in what, such as “2-8 °C, cool box 3”."})


class ReceiveSample(Schema):
    """A sample arrives."""

    received_at = MomentField(required=True, metadata={"label": "Received at"})
    condition = TextField(200, required=True, metadata={
        "label": "Condition on arrival", "help": "Temperature, leaks, label."})


class EndSample(Schema):
    """Nothing of the sample is left."""

    ended_at = MomentField(required=True, metadata={"label": "When"})
    reason = TextField(500, required=True, metadata={"label": "Reason"})


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
    replicates = fields.List(
        QuantityField(6, validate=validate.Range(Decimal(0), AMOUNT_HIGHEST)), load_default=(),
        validate=validate.Length(max=MOST_REPLICATES, error="At most {max} replicates."),
        metadata={"label": "Replicates", "kind": "numbers", "help": (
            "Single values, one per line; their mean is the result, and the number above may be "
            "left empty.")})


class RecordResult(Outcome):
    """One result of one test of a sample."""

    class Meta:
        fields = ("test", "value", "replicates", "unit", "qualifier", "word", "pending", "method",
                  "laboratory", "performed_at", "retest_of")

    test = TextField(40, required=True, metadata={
        "label": "Test", "help": "By its key in the lot's specification, such as “viability”."})
    method = TextField(80, required=True, metadata={
        "label": "Method", "help": "By its name in the register."})
    laboratory = TextField(120, required=True, metadata={
        "label": "Laboratory", "help": "By its name in the register."})
    performed_at = MomentField(required=True, metadata={
        "label": "Performed at", "help": "For a pending result: when the test was begun."})
    retest_of = TextField(40, load_default=None, allow_none=True, metadata={
        "label": "Retest of", "scan": True,
        "help": "Only after a proven laboratory error: the code of the result set aside."})


class CorrectResult(Outcome):
    """A result in the place of another; what is left out of method, laboratory and time stays."""

    class Meta:
        fields = ("reason", "value", "replicates", "unit", "qualifier", "word", "pending",
                  "method", "laboratory", "performed_at")

    reason = TextField(500, required=True, metadata={
        "label": "Reason", "help": "Why the result changes; “result arrived” for a pending one."})
    method = TextField(80, load_default=None, allow_none=True, metadata={
        "label": "Method", "help": "Empty: as before."})
    laboratory = TextField(120, load_default=None, allow_none=True, metadata={
        "label": "Laboratory", "help": "Empty: as before."})
    performed_at = MomentField(load_default=None, allow_none=True, metadata={
        "label": "Performed at", "help": "Empty: as before."})


class Attach(Schema):
    """A file on a thing."""

    about = TextField(40, required=True, metadata={
        "label": "About", "help": "The code of what the file belongs to.", "scan": True})
    file = FileField(required=True, metadata={
        "label": "File", "help": (
            "PDF, CSV or FCS. It is kept for ever, as it is: no person's name may stand in it.")})


class OpenInvestigation(Schema):
    """A result out of specification is looked into."""

    observed = TextField(1000, required=True, metadata={
        "label": "What is known", "help": "What was seen, and what was done at once."})


def _point(point: Point, label: str, looked_at: str) -> tuple[fields.Boolean, TextField]:
    """The two boxes of one point of the checklist."""
    return (fields.Boolean(required=True, metadata={
                "label": f"{label} in order", "help": looked_at}),
            TextField(500, load_default=None, allow_none=True, metadata={
                "label": f"{label}: what was found", "help": f"Needed where the {point} was not."}))


class AnswerChecklist(Schema):
    """Phase 1 in the laboratory: each point in order, or not and why."""

    sample, sample_words = _point(Point.SAMPLE, "Sample", "The right one, whole, stored well?")
    method, method_words = _point(Point.METHOD, "Method", "The right one, followed as written?")
    instrument, instrument_words = _point(
        Point.INSTRUMENT, "Instrument", "Qualified, calibrated, without alarm?")
    reagents, reagents_words = _point(
        Point.REAGENTS, "Reagents", "Released, in date, controls as expected?")
    calculation, calculation_words = _point(
        Point.CALCULATION, "Calculation", "Transcribed and reckoned rightly?")
    analyst, analyst_words = _point(Point.ANALYST, "Analyst", "Trained, rested, undisturbed?")


class ConcludeInvestigation(Schema):
    """What became of the result."""

    outcome = fields.Enum(InvestigationOutcome, by_value=True, required=True, metadata={
        "label": "Outcome", "help": "A proven error sets the result aside; else it stands."})
    conclusion = TextField(1000, required=True, metadata={
        "label": "Conclusion", "help": "The assignable cause, or why there is none."})
