"""The act of an export."""

from __future__ import annotations

from typing import Any

from mscbank.acts import Act
from mscbank.exchange.study import schemas, service
from mscbank.exchange.study.models import StudyExport
from mscbank.permissions import Permission


def _told(export: StudyExport) -> dict[str, Any]:
    return {"sha256": export.sha256, "rows": export.rows}


ACTS: tuple[Act, ...] = (
    Act("export study data", Permission.EXPORT_STUDY, service.export_study, room="study-exports",
        schema=schemas.ExportSchema, prepare=service.prepare_export, answer=_told),
)
