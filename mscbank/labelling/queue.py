"""The print queue: each copy is sent once, by whichever runner took it, and never twice unasked.

A label that is too small to say all has a companion on another stock: both stand in the queue, each
for its own printer, and neither waits for the other. A runner takes a piece by a change in the
database before it opens a connection, and writes down how it ended. One of which no byte went out
is tried again, a few times; one whose line broke after bytes went out, or whose runner died, is
``unknown``: a person looks, and prints again with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from mscbank import things
from mscbank.acts import Offer
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment
from mscbank.labelling import jobs, printers
from mscbank.labelling.jobs import On, rolls_of
from mscbank.labelling.models import (
    OUT,
    LabelCopy,
    LabelJob,
    LabelPrint,
    Piece,
    Printer,
    PrintState,
)
from mscbank.labelling.service import may_be_printed
from mscbank.labelling.wire import Attempt, Ending
from mscbank.permissions import SYSTEM, Actor

ATTEMPTS = 5
PAUSE = timedelta(seconds=20)
BOXES = {Piece.LABEL: "printer", Piece.COMPANION: "companion_printer"}
LEASE = timedelta(minutes=5)  # longer than a connection can last: its runner has died


@dataclass(frozen=True)
class Taken:
    """A piece of a copy that this runner alone may send, once."""

    id: int
    copy: str
    piece: Piece
    title: str
    printer: str
    host: str
    port: int
    data: bytes


Formats = dict[Piece, bytes]
Ways = dict[Piece, Printer]


def prepare_print(job: LabelJob, printer: str, companion_printer: str | None = None,
                  ) -> list[Formats]:
    """The bytes of each copy for these printers, drawn and read back before the lock."""
    ways = ways_to(rolls_of(job), printer, companion_printer)
    return [formats_of(copy.content, job.language, ways) for copy in job.copies]


def formats_of(content: dict[str, Any], language: str, ways: Ways) -> Formats:
    """What each printer is sent of one copy: slow, so before the lock."""
    return {piece: jobs.zpl_of(content, On(there.stock, language), there.dpi)
            for piece, there in ways.items()}


def send_to_printer(job: LabelJob, printer: str, companion_printer: str | None = None, *,
                    prepared: list[Formats] | None = None, by: Actor, at: datetime) -> LabelJob:
    """Put every copy of the job into the queue of a printer; its companion into that of the
    printer that is loaded with companions. Each goes its own way from there.

    What was drawn before holds: neither a copy's content nor a printer's dots ever change.
    """
    by.must(jobs.paper_of(job.kind).permission)
    ways = ways_to(rolls_of(job), printer, companion_printer)
    may_be_queued(job)
    drawn = prepared or prepare_print(job, printer, companion_printer)
    rows = [row for copy, formats in zip(job.copies, drawn, strict=True)
            for row in queued(copy, ways, formats, by, at)]
    record("send to printer", job, by=by, at=at, **facts_of(rows))
    return job


def may_be_queued(job: LabelJob) -> None:
    """A job is queued once, before it is printed any other way."""
    if any(copy.prints for copy in job.copies):
        raise AlreadyDone("This job was sent to a printer. What did not come out is printed again, "
                          "with a reason.")
    may_be_printed(job)


def may_be_sent(job: LabelJob) -> None:
    """A job that waits, of which every stock is in some printer."""
    may_be_queued(job)
    for roll in rolls_of(job).values():
        if not loaded_with(roll):
            raise Unfit(f"No printer in use is loaded with {roll}: load it into one and record "
                        "that, or print from the pages.", reasons=("no printer",))


def ways_to(rolls: dict[Piece, str], printer: str | None, companion_printer: str | None) -> Ways:
    """The printer of each piece that is to be printed: in use, and loaded with its stock."""
    named = {Piece.LABEL: printer, Piece.COMPANION: companion_printer}
    for piece in set(Piece) - set(rolls):
        if named[piece]:
            raise Malformed("Nothing is to be printed there: leave this printer empty.",
                            field=BOXES[piece])
    ways = {}
    for piece, roll in rolls.items():
        if not named[piece]:
            raise Malformed(f"Name a printer that is loaded with {roll}: a label and its companion "
                            "are sent together, each to its own.", field=BOXES[piece])
        ways[piece] = there = things.get(Printer, named[piece], field=BOXES[piece])
        printers.in_use(there)
        if there.stock != roll:
            raise Unfit(f"{there.name} is loaded with {there.stock}, and this is made for {roll}: "
                        "change the roll and record it, or take another printer.",
                        field=BOXES[piece])
    return ways


def queued(copy: LabelCopy, ways: Ways, formats: Formats, by: Actor, at: datetime,
           ) -> list[LabelPrint]:
    """Put the pieces of a copy into the queues of their printers. For the acts that record it."""
    rows = [LabelPrint(copy=copy, piece=piece, printer=printer, zpl=formats[piece],
                       zpl_digest=jobs.digest(formats[piece]), not_before=at,
                       recorded_by_id=by.id, recorded_at=at) for piece, printer in ways.items()]
    session.add_all(rows)
    session.flush()
    return rows


def facts_of(rows: Sequence[LabelPrint]) -> dict[str, Any]:
    """What the trail is told: which printer got which bytes, of labels and of companions."""
    told: dict[str, Any] = {}
    for row in rows:
        before = "" if row.piece is Piece.LABEL else "companion_"
        told[f"{before}printer"] = row.printer.code
        told.setdefault(f"{before}zpl", []).append(row.zpl_digest)
    return told


def loaded_with(roll: str) -> list[Printer]:
    """The printers in use that are loaded with this stock, by name."""
    return list(session.scalars(sa.select(Printer).where(
        Printer.stock == roll, Printer.ended_at.is_(None)).order_by(Printer.name)))


def offers(job: LabelJob, _typed: Mapping[str, str]) -> dict[str, Offer]:
    """The printers that are loaded with what this job was drawn for."""
    return offered(rolls_of(job), asked=True)


def offered(rolls: dict[Piece, str], *, asked: bool | None = None) -> dict[str, Offer]:
    """A box for each piece, with the printers that are loaded with its stock."""
    return {box: Offer(tuple((each.code, each.title) for each in loaded_with(rolls[piece])),
                       f"It must be loaded with {rolls[piece]}.", first=True, asked=asked)
            if piece in rolls else Offer(asked=False) for piece, box in BOXES.items()}


# --- the runner's half --------------------------------------------------------------------------

def take(*, at: datetime, by: Actor = SYSTEM) -> Taken | None:
    """Take the next piece that waits: no other runner gets it, in this or any later moment.

    What waits for a printer that just did not answer comes last: each attempt there takes seconds.
    """
    other = aliased(LabelPrint)
    silent = sa.exists().where(other.printer_id == LabelPrint.printer_id,
                               other.state == PrintState.WAITING, other.not_before > at)
    row = session.scalar(
        sa.select(LabelPrint).where(LabelPrint.state == PrintState.WAITING,
                                    LabelPrint.not_before <= at)
        .order_by(silent, LabelPrint.id).limit(1))
    if row is None:
        return None
    copy, printer = row.copy, row.printer
    if copy.voided_at is not None:
        row.state, row.ended_at, row.trouble = PrintState.FAILED, at, "voided before it was sent"
        record("leave the queue", copy, by=by, at=at, copy=copy.number, piece=row.piece,
               trouble=row.trouble)
        return take(at=at, by=by)
    row.state, row.taken_at, row.attempts = PrintState.SENDING, at, row.attempts + 1
    record("take from the queue", copy, by=by, at=at, copy=copy.number, piece=row.piece,
           printer=printer.code, attempt=row.attempts, zpl=row.zpl_digest)
    return Taken(row.id, copy.code, row.piece, copy.title, printer.name, printer.host,
                 printer.port, row.zpl)


def end(taken: Taken, attempt: Attempt, *, at: datetime, by: Actor = SYSTEM) -> PrintState:
    """Write down how it ended. Nothing went out: it waits for another attempt, or has failed."""
    row = session.get_one(LabelPrint, taken.id)
    copy = row.copy
    if row.state is not PrintState.SENDING:
        raise WrongMoment(f"This copy is {row.state}: another runner wrote down how it ended.")
    row.bytes_out, row.trouble = attempt.bytes_out, attempt.trouble or None
    if attempt.ending is Ending.NOTHING_OUT and row.attempts < ATTEMPTS:
        row.state, row.not_before = PrintState.WAITING, at + PAUSE * row.attempts
    else:
        row.state, row.ended_at = _STATES[attempt.ending], at
    if row.state in OUT and copy.printed_at is None:
        copy.printed_at = at
    record("leave the queue", copy, by=by, at=at, copy=copy.number, piece=row.piece,
           state=row.state, bytes_out=row.bytes_out, trouble=row.trouble)
    return row.state


_STATES = {Ending.SENT: PrintState.SENT, Ending.IN_DOUBT: PrintState.UNKNOWN,
           Ending.NOTHING_OUT: PrintState.FAILED}


def give_up_the_lost(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Pieces whose runner died while sending: nobody knows what went out, so they are unknown."""
    rows = session.scalars(sa.select(LabelPrint).where(
        LabelPrint.state == PrintState.SENDING, LabelPrint.taken_at < at - LEASE)).all()
    for row in rows:
        row.state, row.ended_at = PrintState.UNKNOWN, at
        row.trouble = "its runner ended while sending"
        if row.copy.printed_at is None:
            row.copy.printed_at = at
        record("leave the queue", row.copy, by=by, at=at, copy=row.copy.number, piece=row.piece,
               state=row.state, trouble=row.trouble)
    return len(rows)


def are_lost(*, at: datetime) -> bool:
    """Whether a copy was taken so long ago that its runner must have died."""
    return _any(LabelPrint.state == PrintState.SENDING, LabelPrint.taken_at < at - LEASE)


def waits(*, at: datetime) -> bool:
    """Whether a copy waits to be sent now: asked without the lock, so an idle runner keeps
    nobody waiting."""
    return _any(LabelPrint.state == PrintState.WAITING, LabelPrint.not_before <= at)


def _any(*conditions: sa.ColumnElement[bool]) -> bool:
    found = session.scalar(sa.select(LabelPrint.id).where(*conditions).limit(1)) is not None
    session.rollback()
    return found


def latest(printer: Printer, most: int = 50) -> list[LabelPrint]:
    """What was sent to the printer or waits for it, latest first."""
    return list(session.scalars(
        sa.select(LabelPrint).where(LabelPrint.printer_id == printer.id)
        .order_by(LabelPrint.id.desc()).limit(most)))
