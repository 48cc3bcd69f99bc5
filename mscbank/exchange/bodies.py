"""What a machine sends to do an act: the act's own schema under ``data``, and who signs."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from mscbank.accounts.factors import Typed
from mscbank.acts import Act, Credential
from mscbank.errors import Malformed
from mscbank.web import forms

LONGEST_KEY = 80


class CredentialSchema(Schema):
    """User name and password of a second person; their time code where they registered one."""

    username = fields.String(required=True, validate=validate.Length(1, 64))
    password = fields.String(required=True, validate=validate.Length(1, 128), load_only=True)
    code = fields.String(load_default="", load_only=True, validate=validate.Regexp(
        "^([0-9]{6})?$", error="A time code has six figures."), metadata={
        "description": "Time code; a passkey works in the browser only."})


class SignatureSchema(CredentialSchema):
    """A signature: ``seen`` is the digest that ``.../record`` gave with the record."""

    seen = fields.String(required=True, validate=validate.Regexp("^[0-9a-f]{64}$"))


class BadBody(Malformed):
    """What was sent cannot be; ``fields`` names every fault."""

    def __init__(self, found: dict[str, str]):
        name, sentence = next(iter(found.items()))
        super().__init__(f"{name}: {sentence}" if name else sentence, field=name or None)
        self.fields = found


def body_of(act: Act) -> type[Schema]:
    """The schema of an act's whole body."""
    return _body(act.place, act.slug, act.schema, act.meaning is not None, act.witnessed)


@cache
def _body(place: str, slug: str, schema: type[Schema], signed: bool, witnessed: bool,
          ) -> type[Schema]:
    asks = any(one.required for one in schema().load_fields.values())
    made: dict[str, Any] = {"data": fields.Nested(schema, required=asks)}
    if signed:
        made["signature"] = fields.Nested(SignatureSchema, required=True)
    if witnessed:
        made["second"] = fields.Nested(CredentialSchema, required=True)
    name = "".join(word.capitalize() for word in f"{place}-{slug}".split("-"))
    return Schema.from_dict(made, name=name)


def read_body(act: Act, sent: Any) -> dict[str, Any]:
    """``data``, ``credential``, ``seen`` and ``second`` of what was sent. Refuses with every
    field at fault; keys nobody asked for are faults too."""
    try:
        body = body_of(act)().load(sent)
        data = body["data"] if "data" in body else act.schema().load({})
    except ValidationError as error:
        raise BadBody({name.removeprefix("data."): sentence for name, sentence
                       in forms.sentences(error.messages, dot=".").items()}) from None
    read: dict[str, Any] = {"data": data}
    if signature := body.get("signature"):
        read["credential"] = _credential(signature)
        read["seen"] = signature["seen"]
    if second := body.get("second"):
        read["second"] = _credential(second)
    return read


def _credential(given: dict[str, str]) -> Credential:
    return Credential(given["username"], given["password"], Typed(code=given["code"]))


def key_of(header: str | None) -> str:
    """The key that makes a retry harmless. Every act asks for one."""
    if header is None or not (8 <= len(header) <= LONGEST_KEY and header.isascii()
                              and header.isprintable()):
        raise Malformed(f"Send the header Idempotency-Key with 8 to {LONGEST_KEY} characters of "
                        "your own, new for each act: a retry with the same key acts once.",
                        field="Idempotency-Key")
    return header
