"""The acts of this step. "record result" and "correct result" stand in the step ``release``."""

from __future__ import annotations

from mscbank.acts import Act
from mscbank.permissions import Permission
from mscbank.testing import schemas, service
from mscbank.testing.models import Result

ACTS: tuple[Act, ...] = (
    Act("take sample", Permission.TEST, service.take_sample, room="samples",
        schema=schemas.TakeSample),
    Act("confirm result", Permission.CONFIRM_RESULT, service.confirm_result, on=Result,
        possible=service.can_confirm),
)
