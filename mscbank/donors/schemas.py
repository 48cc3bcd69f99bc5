"""What comes in with each act on a donor: one schema for form, API and import."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mscbank.donors.models import Agent, Kinship, Reaction
from mscbank.donors.rules import HLA_LOCI
from mscbank.recipients.models import Sex
from mscbank.schemas import MomentField, TextField


class EnrolDonor(Schema):
    """A relative to be enrolled; name and birth date go into the vault."""

    kinship = fields.Enum(Kinship, by_value=True, required=True, metadata={
        "label": "Kinship", "help": "What the donor is to the recipient."})
    sex = fields.Enum(Sex, by_value=True, required=True, metadata={"label": "Sex"})
    name = TextField(120, required=True, metadata={"label": "Name", "help": "Kept sealed."})
    birth_date = fields.Date(required=True, metadata={
        "label": "Birth date", "help": "Kept sealed."})


class RecordMarker(Schema):
    """One infectious marker of one blood sample."""

    agent = fields.Enum(Agent, by_value=True, required=True, metadata={"label": "Tested for"})
    reaction = fields.Enum(Reaction, by_value=True, required=True, metadata={"label": "Result"})
    sampled_at = MomentField(required=True, metadata={
        "label": "Blood taken at", "help": "When the blood was taken, not when it was tested."})
    laboratory = TextField(120, required=True, metadata={"label": "Laboratory"})


class CorrectMarker(RecordMarker):
    """What should have been recorded for this agent, and why it was not."""

    reason = TextField(500, required=True, metadata={
        "label": "Reason", "help": "Why the earlier entry is wrong; without names."})


class TypeHla(Schema):
    """Two alleles at one locus."""

    locus = fields.String(required=True, validate=validate.OneOf(HLA_LOCI),
                          metadata={"label": "Locus"})
    first = TextField(20, required=True, metadata={
        "label": "First allele", "help": "As the laboratory wrote it: 02:01."})
    second = TextField(20, required=True, metadata={
        "label": "Second allele", "help": "The same again where there is one only; - for none."})


class Justify(Schema):
    """Why the physician decides against the rule; part of what is signed."""

    justification = TextField(500, required=True, metadata={
        "label": "Justification", "help": "Why; without names. Part of what you sign."})
