"""Fields that every step's schemas share."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypedDict

from marshmallow import ValidationError, fields, validate

from mscbank.rules import count_told


class MomentField(fields.AwareDateTime):
    """A moment with its zone, ISO 8601. A naive time is refused: it could be any hour."""

    default_error_messages = {
        "invalid_awareness": "Give the time with its zone, as 2026-11-22T16:05:00+01:00.",
        "invalid": "Not a date and time, such as 2026-11-22T16:05:00+01:00.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= moment.year <= 2200:
            raise ValidationError("This year cannot be meant: check the date.")
        return moment.astimezone(UTC)


class TextField(fields.String):
    """Words: blanks and line breaks between them become one blank. Nothing written is refused."""

    def __init__(self, longest: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(
            max=longest, error=f"This has more than {count_told(longest, 'character')}: shorten "
                               "it."), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = " ".join(super()._deserialize(value, attr, data, **kwargs).split())
        if not text:
            raise ValidationError("Nothing is written here: write it down.")
        if not text.isprintable():
            raise ValidationError("This holds a sign that cannot be printed: write it again.")
        return text


class QuantityField(fields.Decimal):
    """An exact number with at most ``digits`` after the point. More are refused, not rounded."""

    def __init__(self, digits: int, **kwargs: Any) -> None:
        super().__init__(allow_nan=False, **kwargs)
        self.digits = digits

    def _validated(self, value: Any) -> Decimal:
        number = super()._validated(value)
        if -number.normalize().as_tuple().exponent > self.digits:
            raise ValidationError(f"At most {count_told(self.digits, 'figure')} after the point: round it "
                                  "yourself.")
        return number


class Upload(TypedDict):
    """A file as it was sent: the name it had there, and its bytes."""

    name: str
    data: bytes


class FileField(fields.Field[Upload]):
    """A file: ``{"name": ..., "base64": ...}`` from a machine; a form's file is put so too."""

    def __init__(self, *, metadata: dict[str, Any], **kwargs: Any) -> None:
        described = {"kind": "file", "type": "object", "required": ["name", "base64"],
                     "properties": {"name": {"type": "string"},
                                    "base64": {"type": "string", "format": "byte"}}}
        super().__init__(metadata=described | metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Upload:
        if not isinstance(value, dict) or set(value) != {"name", "base64"} or not all(
                isinstance(part, str) for part in value.values()):
            raise ValidationError("Choose a file; a machine sends its name and its base64.")
        try:
            return Upload(name=value["name"],
                          data=base64.b64decode(value["base64"], validate=True))
        except (binascii.Error, ValueError):
            raise ValidationError("The base64 cannot be read: send the file again.") from None
