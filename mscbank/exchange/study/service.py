"""The act: taking the study's data along."""

from __future__ import annotations

from datetime import datetime

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import Malformed, WrongMoment
from mscbank.exchange.study.bundle import bundle
from mscbank.exchange.study.models import StudyExport
from mscbank.permissions import Actor, Permission
from mscbank.settings import settings
from mscbank.testing import attachments
from specs import shelf
from specs.sheet import ShelfError


def export_study(purpose: str, protocol: str | None = None, *, by: Actor, at: datetime,
                 ) -> StudyExport:
    """Make the study's data into one file and keep it: who, what for, the file's digest, how many
    rows of each table. ``protocol``: name and version, the bank's own unless said."""
    by.must(Permission.EXPORT_STUDY)
    try:
        held = shelf.protocol(protocol or settings().protocol)
    except ShelfError:
        raise Malformed("There is no such protocol here: give its name and version.",
                        field="protocol") from None
    made = bundle(held)
    if not made.rows["DM"]:
        raise WrongMoment(f"Nobody takes part in {held.reference}: there is nothing to export.",
                          reasons=("nothing to export",))
    content = attachments.keep(made.data)
    export = StudyExport(protocol=held.reference, purpose=purpose, sha256=content.sha256,
                         size=content.size, rows=made.rows, recorded_by_id=by.id, recorded_at=at)
    session.add(export)
    session.flush()
    record("export study data", export, by=by, at=at, reason=purpose, protocol=held.reference,
           sha256=content.sha256, size=content.size, rows=made.rows)
    return export


def data_of(export: StudyExport) -> bytes:
    """The file as it was exported; refused where its bytes are no longer those."""
    return attachments.bytes_of(export.sha256)
