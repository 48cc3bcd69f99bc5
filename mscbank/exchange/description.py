"""The description of the JSON API in OpenAPI's words, written from the acts' own schemas."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_cls

from mscbank import things
from mscbank.acts import Act, catalogue
from mscbank.exchange.bodies import LONGEST_KEY, body_of
from mscbank.reports.listing import PRIVATE

CODE = {"name": "code", "in": "path", "required": True, "description": "A house code.",
        "schema": {"type": "string", "pattern": "^[A-Za-z]{20}$"}}
KEY = {"name": "Idempotency-Key", "in": "header", "required": True,
       "description": "Your own, new for each act: a retry with the same key acts once.",
       "schema": {"type": "string", "minLength": 8, "maxLength": LONGEST_KEY}}
ERROR = {
    "type": "object", "required": ["error"],
    "properties": {"error": {
        "type": "object", "required": ["status", "sentence", "field", "reasons"],
        "properties": {
            "status": {"type": "integer"},
            "sentence": {"type": "string", "description": "What, why, and what to do next."},
            "field": {"type": "string", "nullable": True},
            "fields": {"type": "object", "additionalProperties": {"type": "string"}},
            "reasons": {"type": "array", "items": {"type": "string"}}}}}}
DIFFERS = ", or that of the kind of thing"
REFUSALS = ("400", "401", "403", "404", "405", "409", "413", "415", "422")


@cache
def description() -> dict[str, Any]:
    """The whole description, written when someone first asks for it."""
    spec = APISpec("mscbank", "1", "3.0.3", plugins=[MarshmallowPlugin(_name)],
                   security=[{"token": []}])
    spec.components.schema("Refused", ERROR)
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    _reading(spec)
    for act in catalogue().values():
        _describe(spec, act)
    return spec.to_dict()


def _name(schema: Any) -> str:
    """Two steps may call a schema alike: the step stands before the name."""
    kind = resolve_schema_cls(schema)
    package, _, rest = kind.__module__.partition(".")
    return f"{rest.split('.')[0]}.{kind.__name__}" if package == "mscbank" else kind.__name__


def _answers(description: str) -> dict[str, Any]:
    refused = {"description": "Refused, with the reason.",
               "content": {"application/json": {"schema": "Refused"}}}
    done = {"description": description,
            "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"200": done} | {status: refused for status in REFUSALS}


def _query(*names: str, required: bool = True) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "required": required, "schema": {"type": "string"}}
            for name in names]


def _reading(spec: APISpec) -> None:
    text = [{"name": "text", "in": "path", "required": True, "schema": {"type": "string"}}]
    limit = {"name": "limit", "in": "query",
             "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}}
    pages: list[tuple[str, str, list[dict[str, Any]]]] = [
        ("/verdict", "May this bag go into this person now?", _query("bag", "recipient")),
        ("/scan/{text}", "What is this, where is it, what may I do with it?", text),
        ("/trace/{text}", "What led to it, what came of it?", text),
        ("/reports/safety", "The trial's safety table.", []),
        ("/reports/trial", "The study's report.", _query("protocol", required=False))]
    for slug in sorted(things.SLUGS.keys() - PRIVATE):
        pages += [(f"/{slug}", f"All {slug}, latest first.",
                   [*_query("before", required=False), limit]),
                  (f"/{slug}/{{code}}", f"One of {slug}: facts, parts, acts.", [CODE])]
    for path, summary, parameters in pages:
        spec.path(path=f"/api/v1{path}", operations={"get": {
            "summary": summary, "parameters": parameters, "responses": _answers("Found.")}})


def _describe(spec: APISpec, act: Act) -> None:
    path = f"/api/v1/{act.place}" + ("/{code}" if act.on else "") + f"/{act.slug}"
    where = [CODE] if act.on else []
    spec.path(path=path, operations={"post": {
        "summary": act.name.capitalize(), "tags": [act.place],
        "operationId": re.sub(r"\W", "_", f"{act.place}_{act.slug}"),
        "description": f"Permission: {act.permission}{DIFFERS if act.permission_for else ''}."
        + (f" Signed: “{act.meaning.sentence}”" if act.meaning else "")
        + (" A second person gives user name and password." if act.witnessed else ""),
        "parameters": [*where, KEY],
        "requestBody": {"required": bool(act.meaning or act.witnessed), "content": {
            "application/json": {"schema": body_of(act)}}},
        "responses": _answers("Done.")}})
    if act.meaning:
        spec.path(path=f"{path}/record", operations={"get": {
            "summary": f"The record to sign: {act.name}", "tags": [act.place],
            "parameters": [*where, *_query(*act.schema().load_fields, required=False)],
            "responses": _answers("The record and its digest.")}})
