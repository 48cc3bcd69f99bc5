"""What comes in with each act on labels."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields, missing, validate

from labels import stock as stocks
from labels.stock import RESOLUTIONS
from labels.wording import Language
from mscbank.labelling.contents import BAG
from mscbank.labelling.jobs import Paper
from mscbank.labelling.rules import ROLLS
from mscbank.schemas import MomentField, TextField

LANGUAGES = [str(language) for language in Language]


class _PlaceField(fields.Integer):
    """A place of a sheet, also as it is typed on a line of a form."""

    def _validated(self, value: Any) -> int:
        return super()._validated(int(value) if isinstance(value, str) and value.isascii()
                                  and value.isdigit() else value)


def _stock(choices: tuple[str, ...], default: str | None) -> fields.String:
    return fields.String(
        load_default=default, validate=validate.OneOf(choices),
        metadata={"label": "Label stock", "help": "What is in the printer: size in millimetres."})


def _language(default: str | None = "en") -> fields.String:
    return fields.String(
        load_default=default, validate=validate.OneOf(LANGUAGES),
        metadata={"label": "Language of the fixed texts"})


def _used() -> fields.List:
    return fields.List(
        _PlaceField(strict=True, validate=validate.Range(1, 99)), load_default=list,
        validate=validate.Length(max=99),
        metadata={"label": "Places of the sheet without a label", "kind": "numbers",
                  "help": "Only for sheets: counted from 1, row by row; these stay free."})


@cache
def schema_of(paper: Paper) -> type[Schema]:
    """What is asked when a label of this kind is issued: only what there is to choose."""
    asked: dict[str, fields.Field] = dict(_TOLD[paper.kind]()) if paper.kind in _TOLD else {}
    if len(paper.stocks) > 1:
        asked["stock"] = _stock(paper.stocks, paper.stock)
    asked["language"] = _language()
    if any(stocks.stock(name).grid for name in paper.stocks):
        asked["used"] = _used()
    name = "".join(word.capitalize() for word in paper.kind.split())
    made = Schema.from_dict(asked, name=f"Issue{name}LabelSchema")
    made.__doc__ = f"On what and in which language the label of a {paper.kind} is printed."
    return made


def _tubes() -> dict[str, fields.Field]:
    return {
        "tests": TextField(60, required=True, metadata={
            "label": "Tests", "help": "What the blood is drawn for, as printed on the tubes."}),
        "tubes": fields.Integer(required=True, strict=True, validate=validate.Range(1, 20),
                                metadata={"label": "Tubes"}),
        "taken_at": MomentField(required=True, metadata={"label": "Drawn", "prefill": "now"})}


_TOLD = {"donor tube": _tubes}
LabelsSchema = schema_of(BAG)


def _reason(help_: str) -> TextField:
    return TextField(500, required=True, metadata={"label": "Reason", "help": help_})


class ReprintSchema(LabelsSchema):
    """Why another copy is needed."""

    reason = _reason("Why another copy is needed. The copy before is void from now on.")


class ReprintCopySchema(Schema):
    """Why another copy is needed, and on what it is printed where that differs from before."""

    reason = _reason("Why another copy is needed. This one is void from now on.")
    stock = _stock(tuple(stocks.STOCKS), None)
    language = _language(None)


class VoidSchema(Schema):
    """Why the label may not be used."""

    reason = _reason("What is wrong with the label. Whoever scans it reads STOP.")


class DamagedSchema(Schema):
    """How the label is spoilt."""

    reason = _reason("What is spoilt. Whoever scans it reads STOP; reprint it next.")


class DestroySchema(Schema):
    """What became of the paper."""

    how = TextField(200, required=True, metadata={
        "label": "How", "help": "Such as: cut up and thrown away, its companion too. Where no "
                                "paper was found: where you looked."})


def _printer(label: str, *, required: bool) -> fields.String:
    return fields.String(
        required=required, load_default=missing if required else None,
        validate=validate.Length(1, 40),
        metadata={"label": label, "scan": True, "help": "Scan the code on the printer, or copy it "
                                                        "from the list of printers."})


class PrintAgainSchema(Schema):
    """Why the copy is sent again, and where to."""

    reason = _reason("What you saw at the printer. A copy that may be on paper, of its label or its "
                     "companion, is replaced by the next number: both are printed.")
    printer = _printer("Printer of the labels, where it is another", required=False)
    companion_printer = _printer("Printer of the companions, where it is another", required=False)


class PrintFailedSchema(PrintAgainSchema):
    """Why what failed is sent again, and where to."""

    reason = _reason("What you saw at the printer. Of what is printed now, nothing went out before.")


class ApplySchema(Schema):
    """The text scanned from the label on the bag."""

    text = fields.String(
        required=True, validate=validate.Length(1, 400),
        metadata={"label": "Scan the label on the bag", "scan": True,
                  "help": "The symbol printed on this very label, not the bare code of the bag."})


class ScanBackSchema(Schema):
    """The text scanned from the label in its place."""

    text = fields.String(
        required=True, validate=validate.Length(1, 400),
        metadata={"label": "Scan the label in its place", "scan": True,
                  "help": "The symbol printed on this very label."})


class SendSchema(Schema):
    """To which printers: labels that are too small to say all have companions on another stock."""

    printer = _printer("Printer of the labels", required=True)
    companion_printer = _printer("Printer of their companions", required=False)


class StockSchema(Schema):
    """What the printer is loaded with now."""

    stock = fields.String(required=True, validate=validate.OneOf(ROLLS), metadata={
        "label": "Roll", "help": "The roll in the printer: size in millimetres."})


class PrinterSchema(StockSchema):
    """A printer, where it stands and how it is reached."""

    name = TextField(60, required=True, metadata={"label": "Name"})
    place = TextField(80, required=True, metadata={"label": "Place", "help": "Room and bench."})
    dpi = fields.Integer(
        required=True, strict=True, validate=validate.OneOf(RESOLUTIONS),
        metadata={"label": "Resolution", "unit": "dots per inch"})
    host = TextField(120, required=True, metadata={
        "label": "Name or address on the network", "help": "Such as 10.0.4.17."})
    port = fields.Integer(load_default=9100, strict=True, validate=validate.Range(1, 65535),
                          metadata={"label": "Port"})


class EndPrinterSchema(Schema):
    """Why the printer is used no more."""

    reason = _reason("Why it is used no more. What it printed stays known.")
