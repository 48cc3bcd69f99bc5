"""The acts of instruments' files."""

from __future__ import annotations

from typing import Any

from mscbank.acts import Act
from mscbank.exchange.imports import schemas, service
from mscbank.exchange.imports.models import Import
from mscbank.permissions import Permission


def _told(kept: Import) -> dict[str, Any]:
    results = [row.result.code for row in kept.made if row.result]
    return {"rows": kept.rows, "counts": len(kept.made) - len(results), "results": results}


ACTS: tuple[Act, ...] = (
    Act("import results", Permission.TEST, service.import_results, room="imports",
        schema=schemas.ImportResults, answer=_told),
    Act("save shape", Permission.KEEP_SHAPES, service.save_shape, room="shapes",
        schema=schemas.SaveShape),
)
