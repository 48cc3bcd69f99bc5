"""What an export is asked with."""

from __future__ import annotations

from marshmallow import Schema, fields
from marshmallow.validate import Length

from mscbank.schemas import TextField


class ExportSchema(Schema):
    """What for, and of which protocol."""

    purpose = TextField(200, required=True, metadata={
        "label": "What for", "help": "Who gets it and why: the statistician's interim analysis."})
    protocol = fields.String(load_default=None, allow_none=True, validate=Length(1, 60), metadata={
        "label": "Protocol", "help": "Name and version; the bank's own where nothing is said."})
