"""What comes in to keep accounts."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from mscbank.permissions import Role
from mscbank.schemas import TextField

UNTIL = "For who comes for a while. An auditor's is asked for. Empty: until it is taken."
CHECKED = "Which document or face, seen by whom. No number of a document."


class ReasonSchema(Schema):
    """Why."""

    reason = TextField(500, required=True, metadata={"label": "Reason"})


class RoleSchema(ReasonSchema):
    """A role, and why it is given or taken."""

    role = fields.Enum(Role, by_value=True, required=True, metadata={
        "label": "Role", "help": "It counts from the next request of this person."})


class GivenRoleSchema(RoleSchema):
    """A role, and until when it is held."""

    until = fields.Date(metadata={"label": "Last day", "help": UNTIL})


class LossSchema(Schema):
    """How it was made sure who asks."""

    identity_check = TextField(500, required=True, metadata={
        "label": "How you made sure that it is this person", "help": CHECKED})


class PersonSchema(Schema):
    """A new person. The password is set by themselves, with the code this act gives."""

    username = fields.String(required=True, validate=validate.Length(1, 64), metadata={
        "label": "User name", "help": "2 to 40 small letters, digits, dots or hyphens. It is "
        "never given to another person."})
    name = TextField(120, required=True, metadata={
        "label": "Name", "help": "As printed beside signatures."})
    roles = fields.List(fields.Enum(Role, by_value=True), required=True, metadata={
        "label": "Roles", "kind": "checks"},
        validate=validate.Length(min=1, error="Give at least one role."))
    until = fields.Date(metadata={"label": "Last day", "help": UNTIL})
    identity_checked_by = TextField(64, required=True, metadata={
        "label": "Identity checked by", "help": "Who saw this person's document."})


class PasskeySchema(Schema):
    """The name a passkey is known by to its owner."""

    label = TextField(80, required=True, metadata={
        "label": "Name of the passkey", "help": "Such as: blue key, or laptop of the office."})
