"""What comes in with each act on labels."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from labels.wording import Language
from mscbank.labelling.service import BAG_STOCKS, STOCK
from mscbank.schemas import TextField


class LabelsSchema(Schema):
    """On what and in which language the labels are printed."""

    stock = fields.String(
        load_default=STOCK, validate=validate.OneOf(BAG_STOCKS),
        metadata={"label": "Label stock", "help": "What is in the printer: size in millimetres."})
    language = fields.String(
        load_default="en", validate=validate.OneOf([str(language) for language in Language]),
        metadata={"label": "Language of the fixed texts"})


def _reason(help_: str) -> TextField:
    return TextField(500, required=True, metadata={"label": "Reason", "help": help_})


class ReprintSchema(LabelsSchema):
    """Why another copy is needed."""

    reason = _reason("Why another copy is needed. The copy before is void from now on.")


class VoidSchema(Schema):
    """Why the label may not be used."""

    reason = _reason("What is wrong with the label. Whoever scans it reads STOP.")


class ApplySchema(Schema):
    """The text scanned from the label on the bag."""

    text = fields.String(
        required=True, validate=validate.Length(1, 400),
        metadata={"label": "Scan the label on the bag",
                  "help": "The symbol printed on this very label, not the bare code of the bag."})
