"""The pages of instruments' files: look before it is recorded, what was recorded, the shapes."""

from __future__ import annotations

import base64
import re
import secrets
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from mscbank import acts, clock, things
from mscbank.errors import Malformed, NotKnown, Refused
from mscbank.exchange.imports import mapping, schemas, service, shelf, writing
from mscbank.exchange.imports.models import CsvShape, Import
from mscbank.exchange.imports.reading import first_rows, read_file
from mscbank.exchange.imports.shape import (
    LAST_HEADER_ROW,
    DecimalMark,
    Delimiter,
    Encoding,
)
from mscbank.permissions import Permission
from mscbank.reports import listing
from mscbank.reports.people import who
from mscbank.settings import settings
from mscbank.testing import attachments
from mscbank.web import forms
from mscbank.web.doors import actor, needs
from mscbank.web.files import CSV, download

pages = Blueprint("imports", __name__)


@pages.route("/imports/import-results", methods=["GET", "POST"])
@needs(Permission.TEST)
def import_results() -> Any:
    """A file is chosen, looked at, and recorded: three steps of one form."""
    if request.method == "GET":
        return _form(MultiDict(request.args), {}, None)
    typed, step = MultiDict(request.form), request.form.get("step", "look")
    if step == "change":
        return _form(typed, {}, None)
    data, wrong = _loaded(typed)
    if data is None:
        return _form(typed, wrong, None, 422)
    refusal: Refused | None = None
    try:
        if step == "do":
            try:
                key = (typed.get("key") or secrets.token_urlsafe(18))[:80]
                acts.perform(acts.catalogue()["imports", "import-results"], None, data,
                             by=actor(), key=key)
                return redirect(url_for("web.done", key=key), 303)
            except service.RowsRefused as rows:
                refusal = rows
        looked = service.rehearse(**data, by=actor(), at=clock.now())
    except Refused as refused:
        wrong = {refused.field: refused.sentence} if refused.field else {}
        return _form(typed, wrong, refused, refused.status)
    if step == "refused":
        return download(writing.refused_rows(looked.opened.sheet, looked.refused), CSV,
                        "refused-rows.csv")
    return _preview(typed, data, looked, refusal)


def _loaded(typed: MultiDict[str, str]) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """What was sent, read by the act's own schema; the file fresh, or kept from the preview."""
    schema = schemas.ImportResults()
    raw, wrong = forms.read(schema, typed, settings().zone, files=request.files)
    if "file" not in raw and typed.get("kept"):
        raw["file"] = {"name": typed.get("kept_name", ""), "base64": typed["kept"]}
    try:
        data = schema.load(raw)
    except ValidationError as error:
        return None, forms.sentences(error.messages) | wrong
    return (None, wrong) if wrong else (data, {})


def _form(typed: MultiDict[str, str], wrong: dict[str, str], refusal: Refused | None,
          status: int = 200) -> tuple[str, int]:
    drawn = forms.boxes(schemas.ImportResults(), typed, wrong, zone=settings().zone,
                        at=clock.now(), fresh=not wrong)
    return render_template(
        "imports/choose.html", boxes={box.name: box for box in drawn}, refusal=refusal,
        wrong=wrong, shapes=shelf.choices(), laboratories=service.laboratories()), status


def _preview(typed: MultiDict[str, str], data: dict[str, Any], looked: service.Rehearsal,
             refusal: Refused | None) -> tuple[str, int]:
    return render_template(
        "imports/preview.html", looked=looked, refusal=refusal,
        key=None if refusal else typed.get("key") or secrets.token_urlsafe(18), kept={
            "shape": data["shape"], "laboratory": data["laboratory"],
            "performed_at": typed.get("performed_at", ""), "kept_name": data["file"]["name"],
            "kept": base64.b64encode(data["file"]["data"]).decode()}), (
        409 if looked.refused else 200)


@pages.get("/imports/")
@needs(Permission.READ_RECORDS)
def imports() -> str:
    """The files that were recorded, latest first."""
    found, before = listing.page(Import, request.args.get("before"), 25)
    return render_template("imports/imports.html", found=found, before=before, who=who)


@pages.get("/imports/<code:code>")
@needs(Permission.READ_RECORDS)
def one_import(code: str) -> str:
    """A file that was recorded, and what it gave."""
    return render_template("imports/import.html", thing=things.get(Import, code), who=who,
                           counted=service.counted)


@pages.get("/imports/<code:code>/file.csv")
@needs(Permission.READ_RECORDS)
def original(code: str) -> Response:
    """The file as it came, byte for byte."""
    found = things.get(Import, code)
    return download(attachments.bytes_of(found.sha256), "text/csv", f"{found.code}.csv")


@pages.get("/shapes/")
@needs(Permission.READ_RECORDS)
def shapes() -> str:
    """The shapes in use: saved here, and those that come with the program."""
    return render_template("imports/shapes.html", saved=shelf.latest_saved(),
                           shipped=shelf.shipped())


@pages.get("/shapes/shipped/<slug:reference>")
@needs(Permission.READ_RECORDS)
def shipped_shape(reference: str) -> str:
    """A shape that comes with the program; its sheet is a beginning for one's own."""
    shape = shelf.shipped().get(reference)
    if shape is None:
        raise NotKnown("No shape of this name comes with the program.")
    text = shelf.sheet_of(reference)
    own = re.sub(r'(?m)^name = ".*"$', f'name = "our-{shape.name}"', text, count=1)
    version = service.next_version_of(f"our-{shape.name}")
    return render_template("imports/shape.html", shape=shape, sheet=text, thing=None,
                           next_sheet=_numbered(own, version))


@pages.get("/shapes/<code:code>")
@needs(Permission.READ_RECORDS)
def saved_shape(code: str) -> str:
    """A shape saved here, and the files that were read by it."""
    found = things.get(CsvShape, code)
    return render_template(
        "imports/shape.html", shape=shelf.read_saved(found), sheet=found.sheet, thing=found,
        imports=service.imports_of(found), who=who,
        next_sheet=_numbered(found.sheet, service.next_version_of(found.name)))


def _numbered(sheet: str, version: int) -> str:
    """The sheet under the number of the next version."""
    return re.sub(r"(?m)^version = \d+$", f"version = {version}", sheet, count=1)


@pages.route("/shapes/map", methods=["GET", "POST"])
@needs(Permission.KEEP_SHAPES)
def map_columns() -> Any:
    """An example is uploaded, its columns are named, and a sheet comes out. Nothing is saved here:
    the sheet is saved by the act, which checks it as any other."""
    if request.method == "GET":
        return _mapping({})
    typed = MultiDict(request.form)
    try:
        content, name = _example(typed)
        layout = _layout(typed, content)
        rows = first_rows(content, mapping.looking(layout),
                          layout.header_row + mapping.ROWS_SHOWN)
        columns = mapping.columns_of(rows, layout, typed)
    except Refused as refusal:
        return _mapping({"refusal": refusal}, refusal.status)
    found = {"layout": layout, "columns": columns, "typed": typed, "example_name": name,
             "example": base64.b64encode(content).decode(),
             "rows": rows[layout.header_row:], "methods": service.methods(),
             "tests": service.tests(), "roles": mapping.ROLES}
    if typed.get("step") != "try":
        return _mapping(found)
    try:
        return _mapping(found | _tried(typed, layout, columns, content))
    except Refused as refusal:
        return _mapping(found | {"refusal": refusal}, refusal.status)


def _mapping(found: dict[str, Any], status: int = 200) -> tuple[str, int]:
    return render_template("imports/map.html", found=found, encodings=list(Encoding),
                           delimiters=list(Delimiter), decimals=list(DecimalMark),
                           stages=service.STAGES), status


def _example(typed: MultiDict[str, str]) -> tuple[bytes, str]:
    """The example, freshly chosen or kept from the step before."""
    if (sent := request.files.get("file")) and sent.filename:
        return mapping.beginning(sent.read()), sent.filename[:120]
    try:
        content = base64.b64decode(typed.get("example", ""), validate=True)
    except ValueError:
        content = b""
    if not content:
        raise Malformed("Choose an example: a file as the instrument exports it.", field="file")
    return content, typed.get("example_name", "")[:120]


def _layout(typed: MultiDict[str, str], content: bytes) -> mapping.Layout:
    """As said; as guessed for a fresh example."""
    if typed.get("step") == "look":
        return mapping.guessed(content)
    try:
        header_row = int(typed.get("header_row", ""))
        if not 1 <= header_row <= LAST_HEADER_ROW:
            raise ValueError
        return mapping.Layout(Encoding(typed.get("encoding")), Delimiter(typed.get("delimiter")),
                              DecimalMark(typed.get("decimal")), header_row)
    except ValueError:
        raise Malformed("Choose encoding, delimiter and decimal mark, and the row in which the "
                        f"header stands, from 1 to {LAST_HEADER_ROW}.",
                        field="header_row") from None


def _tried(typed: MultiDict[str, str], layout: mapping.Layout, columns: list[mapping.Column],
           content: bytes) -> dict[str, Any]:
    """The sheet, and how the example is read by it."""
    name = typed.get("name", "").strip()
    sheet = mapping.written_sheet(
        name, service.next_version_of(name), typed.get("title", "").strip(), layout,
        typed.get("time_format", "").strip(), typed.get("zone", "").strip(), columns)
    read = read_file(content, service.checked(sheet), settings().zone)
    return {"sheet": sheet, "read": read.rows[:mapping.ROWS_SHOWN],
            "key": secrets.token_urlsafe(18)}
