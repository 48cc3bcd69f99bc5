"""What comes in with each act of quality assurance: one schema for form, API and import."""

from __future__ import annotations

from marshmallow import Schema, fields

from mscbank.release.models import Severity
from mscbank.schemas import TextField


class Reason(Schema):
    """Why."""

    reason = TextField(500, required=True, metadata={
        "label": "Reason", "help": "What makes you do this; without names of people."})


class RequestException(Schema):
    """Why the physician wants this lot although it does not meet every limit."""

    justification = TextField(500, required=True, metadata={
        "label": "Justification", "help": "The patient's need, and why no other lot will do."})


class OpenDeviation(Schema):
    """Something that did not go as written."""

    about = TextField(40, required=True, metadata={
        "label": "About", "help": "Scan what it happened to.", "scan": True})
    severity = fields.Enum(Severity, by_value=True, required=True, metadata={
        "label": "Severity", "help": "Major and critical ones stop the release of the lot."})
    what = TextField(1000, required=True, metadata={
        "label": "What happened", "help": "What was to be done, what was done, what was done "
                                          "about it; without names of people."})


class CloseDeviation(Schema):
    """How a deviation ended."""

    conclusion = TextField(1000, required=True, metadata={
        "label": "Conclusion", "help": "Cause, effect on the product, and what prevents it."})
