"""What comes in with each act of quality assurance: one schema for form, API and import."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mscbank.release.models import ActionKind, InquiryMethod, Severity
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


class ReviewTrail(Schema):
    """How far the trail was read."""

    up_to = fields.Integer(strict=True, required=True, validate=validate.Range(min=1), metadata={
        "label": "Up to entry",
        "help": "From the end of the review before; at most 1,000 at once."})


class ClassifyDeviation(Schema):
    """How severe it is, judged anew."""

    severity = fields.Enum(Severity, by_value=True, required=True, metadata={
        "label": "Severity", "help": "The day it is to be closed by follows from it: 7, 30 or 90 "
                                     "days after it was opened."})
    reason = TextField(500, required=True, metadata={
        "label": "Reason", "help": "What makes you judge it anew; without names of people."})


class InvestigateDeviation(Schema):
    """Why it happened and what it means."""

    method = fields.Enum(InquiryMethod, by_value=True, required=True, metadata={
        "label": "Method"})
    root_cause = TextField(2000, required=True, metadata={
        "label": "Root cause", "help": "The chain from what was seen to why it could happen; "
                                       "without names of people."})
    product_impact = TextField(1000, required=True, metadata={
        "label": "Impact on the product", "help": "On quality and safety of what it is about."})
    other_lots = TextField(1000, required=True, metadata={
        "label": "Other lots", "help": "Which were looked at, and what was found. The recall page "
                                       "of what it is about lists them."})


class AddAction(Schema):
    """What is to be done, by whom, until when."""

    kind = fields.Enum(ActionKind, by_value=True, required=True, metadata={
        "label": "Kind", "help": "Corrective: puts right what happened. Preventive: keeps it from "
                                 "happening again."})
    what = TextField(1000, required=True, metadata={"label": "What is to be done"})
    owner = TextField(64, required=True, metadata={
        "label": "Owner", "help": "The user name of who does it."})
    due_on = fields.Date(required=True, metadata={"label": "Due on"})


class FinishAction(Schema):
    """What was done."""

    done = TextField(1000, required=True, metadata={
        "label": "What was done", "help": "And where the proof of it lies."})


class VerifyAction(Schema):
    """Whether it works."""

    effective = fields.Boolean(required=True, metadata={
        "label": "Is it effective?", "help": "If not, another action must follow before the "
                                             "deviation can be closed."})
    verification = TextField(1000, required=True, metadata={
        "label": "How you found out", "help": "What you looked at, and over what time."})
