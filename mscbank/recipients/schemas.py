"""What comes in with each act on a recipient: one schema for form, API and import."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mscbank.recipients.models import Sex
from mscbank.recipients.rules import ACR_EULAR_HIGHEST, KG_HIGHEST, KG_LOWEST, MRSS_HIGHEST
from mscbank.schemas import MomentField, QuantityField, TextField


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


class Assess(Schema):
    """The facts of an assessment against the protocol."""

    assessed_on = fields.Date(required=True, metadata={"label": "Assessed on"})
    mrss = fields.Integer(
        strict=True, required=True, validate=validate.Range(0, MRSS_HIGHEST), metadata={
            "label": "Modified Rodnan skin score", "unit": "points",
            "help": "17 sites, 0 to 3 each."})
    acr_eular_score = fields.Integer(
        strict=True, required=True, validate=validate.Range(0, ACR_EULAR_HIGHEST), metadata={
            "label": "ACR/EULAR 2013 points", "unit": "points"})
    severe_organ_involvement = fields.Boolean(required=True, metadata={
        "label": "Severe lung, heart or kidney involvement"})
    inadequate_response = fields.Boolean(required=True, metadata={
        "label": "Inadequate response or contraindication",
        "help": "To immunosuppression; or a contraindication to it or to stem-cell "
                "transplantation."})
    severe_comorbidity = fields.Boolean(required=True, metadata={"label": "Severe comorbidity"})


class Weigh(Schema):
    """A body weight."""

    kg = QuantityField(
        2, required=True, validate=validate.Range(KG_LOWEST, KG_HIGHEST),
        metadata={"label": "Weight", "unit": "kg"})
    measured_at = MomentField(required=True, metadata={"label": "Weighed at", "prefill": "now"})
