"""The act: taking the study's data along."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import HEAD, Base, one_picture, session
from mscbank.errors import Malformed, WrongMoment
from mscbank.exchange.study.bundle import Bundle, bundle
from mscbank.exchange.study.models import StudyExport
from mscbank.permissions import Actor, Permission
from mscbank.settings import settings
from mscbank.testing import attachments
from specs import shelf
from specs.protocol import Protocol
from specs.sheet import ShelfError


# Every table the file is made from: each row carries the entry that last touched it.
READ = tuple(Base.metadata.tables[name] for name in (
    "adverse_event", "allocation", "assessment", "bag", "event_information", "expedited_report",
    "follow_up_end", "infusion", "infusion_order", "laboratory_value", "lot", "observation",
    "opinion", "ordered_bag", "recipient", "recipient_consent", "screening_failure", "visit",
    "weight"))


class Prepared(NamedTuple):
    """The file as it was made from the record that ended with this entry."""

    entry: int
    protocol: str
    made: Bundle


def prepare_export(purpose: str, protocol: str | None = None) -> Prepared:
    """Make the file before the lock, from one picture of the record: it takes its time."""
    held = _held(protocol)
    one_picture()
    entry = session.scalar(sa.select(HEAD.c.sequence))
    return Prepared(entry, held.reference, bundle(held))


def export_study(purpose: str, protocol: str | None = None, *, prepared: Prepared | None = None,
                 by: Actor, at: datetime) -> StudyExport:
    """Make the study's data into one file and keep it: who, what for, the file's digest, how many
    rows of each table. ``protocol``: name and version, the bank's own unless said.

    What was prepared counts only while it says what the record says now.
    """
    by.must(Permission.EXPORT_STUDY)
    held = _held(protocol)
    made = prepared.made if prepared and _still(prepared, held) else bundle(held)
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


def _held(protocol: str | None) -> Protocol:
    try:
        return shelf.protocol(protocol or settings().protocol)
    except ShelfError:
        raise Malformed("There is no such protocol here: give its name and version.",
                        field="protocol") from None


def _still(prepared: Prepared, held: Protocol) -> bool:
    """Whether nothing the file is made from was touched since."""
    later = (sa.exists().where(table.c.entry > prepared.entry) for table in READ)
    return prepared.protocol == held.reference and not session.scalar(sa.select(sa.or_(*later)))


def data_of(export: StudyExport) -> bytes:
    """The file as it was exported; refused where its bytes are no longer those."""
    return attachments.bytes_of(export.sha256)
