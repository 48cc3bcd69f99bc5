"""Files imported through the act, and refused by it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.cultures.models import CultureCount
from mscbank.database import session, transaction
from mscbank.errors import Refused
from mscbank.exchange.imports import service
from mscbank.exchange.imports.models import Import, ImportedRow
from mscbank.schemas import Upload
from mscbank.testing.models import Result
from tests.cast import Cast
from tests.mscbank.imports.files import (
    sheet,
)
from tests.stages.testing import HOSPITAL

COUNTER, FLOW = "vi-cell-blu-1", "flowjo-table-1"


def imported(cast: Cast, file: Upload, shape: str = COUNTER, **more: Any) -> Import:
    """Tessa imports the file, as the page does."""
    facts = {"laboratory": HOSPITAL, "by": cast.tessa, "at": clock.now()} | more
    with transaction():
        return service.import_results(shape, file=file, **facts)


def refused(cast: Cast, file: Upload, shape: str = COUNTER, **more: Any) -> str:
    """The sentence with which the file is refused; nothing was written."""
    before = counts()
    with pytest.raises(Refused) as refusal:
        imported(cast, file, shape, **more)
    assert counts() == before
    return refusal.value.sentence


def counts() -> list[int]:
    """How many rows stand in what an import writes."""
    session.rollback()
    return [session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
            for model in (Result, CultureCount, Import, ImportedRow, Entry)]


def saved(cast: Cast, *columns: dict[str, str], **different: str | None) -> str:
    """A shape of our own; its reference."""
    with transaction():
        return service.save_shape(sheet(*columns, **different), by=cast.tessa,
                                  at=clock.now()).reference
