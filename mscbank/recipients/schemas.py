"""What comes in with each act on a recipient: one schema for form, API and import."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mscbank.recipients.models import Sex
from mscbank.recipients.rules import KG_HIGHEST, KG_LOWEST
from mscbank.schemas import MomentField, QuantityField, TextField
from mscbank.usual import why_field
from specs.scores import EXCLUSIONS, SIGNS, SITE_HIGHEST, SKIN_SITES


class Enrol(Schema):
    """A patient to be enrolled; name, birth date and hospital number go into the vault."""

    sex = fields.Enum(Sex, by_value=True, required=True, metadata={"label": "Sex"})
    name = TextField(120, required=True, metadata={
        "label": "Name", "help": "As in the hospital's record. Kept sealed."})
    birth_date = fields.Date(required=True, metadata={
        "label": "Birth date", "help": "Kept sealed."})
    hospital_number = TextField(40, required=True, metadata={
        "label": "Hospital number", "help": "Kept sealed."})
    protocol = TextField(60, load_default=None, allow_none=True, metadata={
        "label": "Protocol", "help": "Name and version; left empty, the bank's own."})


class Consent(Schema):
    """A signed consent, by the version of the information sheet."""

    document = TextField(80, required=True, metadata={
        "label": "Information sheet", "help": "Its name and version."})
    given_on = fields.Date(required=True, metadata={
        "label": "Signed on", "help": "The day written beside the signature."})


class Withdraw(Schema):
    """A consent taken back."""

    reason = TextField(500, required=True, metadata={
        "label": "Reason", "help": "As told, without names; “none given” is an answer."})


def _day(label: str) -> fields.Date:
    return fields.Date(required=True, metadata={"label": label, "prefill": "today"})


class Evidence(Schema):
    """When it was found, and what shows it."""

    found_on = _day("Found on")
    evidence = TextField(500, required=True, metadata={
        "label": "Evidence", "help": "What shows it: the examination, the report with its day, "
                                     "the drug with its dose and time. No names."})
    attachment = fields.String(
        load_default=None, allow_none=True, validate=validate.Length(20, 20), metadata={
            "label": "Attached file", "help": "The code of a file that is kept here."})


class ScoreSkin(Schema):
    """The seventeen sites of the skin score, from the head down, and the evidence."""

    class Meta:
        include = {
            site: fields.Integer(
                strict=True, required=True, validate=validate.OneOf(range(SITE_HIGHEST + 1)),
                metadata={"label": label})
            for site, label in SKIN_SITES.items()}

    found_on = _day("Examined on")
    evidence = TextField(500, required=True, metadata={
        "label": "Evidence", "help": "Who examined, and how: “palpation, both sides”. No names."})
    attachment = Evidence().fields["attachment"]


class Classify(Evidence):
    """The items of the ACR/EULAR classification of 2013, each answered, and the evidence."""

    class Meta:
        include = {
            sign: fields.Boolean(required=True, metadata={"label": label[0].upper() + label[1:]})
            for sign, label in (SIGNS | EXCLUSIONS).items()}


class RecordFinding(Evidence):
    """What was found of one criterion of the protocol."""

    class Meta:
        include = {
            "criterion": TextField(40, required=True, metadata={
                "label": "Criterion", "help": "Its key in the protocol."}),
            "present": fields.List(
                fields.String(validate=validate.Length(1, 60)), load_default=list,
                validate=validate.Length(max=40), metadata={
                    "label": "Present", "kind": "lines",
                    "help": "The options that are present; left empty: looked for, and none."}),
            "number": QuantityField(4, load_default=None, allow_none=True, metadata={
                "label": "Number", "help": "Where the criterion asks for one."})}


class Assess(Schema):
    """The day of an assessment; every criterion is judged from its finding."""

    assessed_on = _day("Assessed on")


class Waive(Schema):
    """A criterion that is not held against this recipient."""

    criterion = TextField(40, required=True, metadata={
        "label": "Criterion", "help": "Its key in the protocol."})
    reason = TextField(500, required=True, metadata={
        "label": "Reason", "help": "Why it does no harm to take part all the same."})


class ScreenOut(Schema):
    """The end of a screening without a place."""

    ended_on = _day("Ended on")
    why = TextField(500, required=True, metadata={
        "label": "Why", "help": "In words, without names. The criteria not met are kept too."})


class ConsentToAmendment(Consent):
    """A signed consent to a later version of the protocol."""

    protocol = TextField(60, required=True, metadata={
        "label": "Version of the protocol", "help": "Name and number, as nct02213705-2."})


class PauseTrial(Schema):
    """A trial is paused by a person's decision."""

    protocol = TextField(60, required=True, metadata={
        "label": "Protocol", "help": "Name and version; the whole trial is paused."})
    why = TextField(500, required=True, metadata={"label": "Why"})


class ResumeTrial(Schema):
    """The board's decision that the trial goes on."""

    board_met_on = _day("The board met on")
    decision = TextField(1000, required=True, metadata={
        "label": "Decision", "help": "As in the minutes, with their number."})


class Weigh(Schema):
    """A body weight."""

    kg = QuantityField(
        2, required=True, validate=validate.Range(KG_LOWEST, KG_HIGHEST),
        metadata={"label": "Weight", "unit": "kg"})
    why_unusual = why_field()
    measured_at = MomentField(required=True, metadata={"label": "Weighed at", "prefill": "now"})
