"""Where a result came from: the file of an instrument it was imported with."""

from __future__ import annotations

import sqlalchemy as sa

from mscbank.database import session
from mscbank.exchange.imports.models import Import, ImportedRow
from mscbank.testing.models import Result


def import_of(result: Result) -> tuple[Import, int] | None:
    """The import and the line of its file that gave this result; None where a person typed it."""
    found = session.execute(
        sa.select(Import, ImportedRow.line).join(ImportedRow, ImportedRow.import_id == Import.id)
        .where(ImportedRow.result_id == result.id)).one_or_none()
    return found and (found[0], found[1])
