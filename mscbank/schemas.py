"""Fields that every step's schemas share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields


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
