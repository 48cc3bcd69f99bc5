"""What comes in with a file of an instrument, and with a shape."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mscbank.exchange.imports.rules import MOST_READINGS
from mscbank.exchange.imports.shape import LONGEST_SHEET
from mscbank.schemas import FileField, MomentField, TextField


class ImportResults(Schema):
    """A file, how to read it, and where it was measured."""

    file = FileField(required=True, metadata={
        "label": "File", "help": (
            f"As the instrument exported it: CSV, at most 2 MB and {MOST_READINGS} readings, since "
            "all of a file is recorded at once. Export a longer run in parts.")})
    shape = TextField(60, required=True, metadata={
        "label": "Shape", "help": "How the instrument writes its file, such as vi-cell-blu-1."})
    laboratory = TextField(120, required=True, metadata={
        "label": "Laboratory", "help": "Where it was measured, as in the register."})
    performed_at = MomentField(load_default=None, allow_none=True, metadata={
        "label": "Measured at", "help": "Only for a file that does not say it itself."})


class SaveShape(Schema):
    """A shape as a sheet of TOML, as those that come with the program are written."""

    sheet = fields.String(required=True, validate=validate.Length(1, LONGEST_SHEET), metadata={
        "label": "Sheet", "help": "The shape as TOML; the page of mapping writes it for you."})
