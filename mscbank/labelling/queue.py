"""The print queue: each copy is sent once, by whichever runner took it, and never twice unasked.

A runner takes a copy by a change in the database before it opens a connection, and writes down how
it ended. A copy of which no byte went out is tried again, a few times; one whose line broke after
bytes went out, or whose runner died, is ``unknown``: a person looks, and prints again with a
reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from mscbank import things
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import AlreadyDone, Unfit, WrongMoment
from mscbank.labelling import jobs, printers, rules
from mscbank.labelling.models import LabelCopy, LabelJob, LabelPrint, Printer, PrintState
from mscbank.labelling.service import as_rule, may_be_printed, replace
from mscbank.labelling.wire import Attempt, Ending
from mscbank.permissions import SYSTEM, Actor

ATTEMPTS = 5
PAUSE = timedelta(seconds=20)
LEASE = timedelta(minutes=5)  # longer than a connection can last: its runner has died


@dataclass(frozen=True)
class Taken:
    """A copy that this runner alone may send, once."""

    id: int
    copy: str
    title: str
    printer: str
    host: str
    port: int
    data: bytes


Formats = tuple[str, list[bytes]]


def prepare_print(job: LabelJob, printer: str) -> Formats:
    """The bytes for this printer, each drawn and read back before the lock."""
    there = things.get(Printer, printer, field="printer")
    fits(job, there)
    return there.code, [jobs.zpl_of(copy, there.dpi) for copy in job.copies]


def send_to_printer(job: LabelJob, printer: str, *, prepared: Formats | None = None, by: Actor,
                    at: datetime) -> LabelJob:
    """Put every copy of the job into the queue of a printer."""
    by.must(jobs.paper_of(job.kind).permission)
    there = things.get(Printer, printer, field="printer")
    fits(job, there)
    may_be_queued(job)
    if prepared is None or prepared[0] != there.code:
        prepared = prepare_print(job, printer)
    digests = [_queue(copy, there, data, by, at).zpl_digest
               for copy, data in zip(job.copies, prepared[1], strict=True)]
    record("send to printer", job, by=by, at=at, printer=there.code, zpl=digests)
    return job


def may_be_queued(job: LabelJob) -> None:
    """A job is queued once, before it is printed any other way."""
    if any(copy.prints for copy in job.copies):
        raise AlreadyDone("This job was sent to a printer. What did not come out is printed again "
                          "from its copy, with a reason.")
    may_be_printed(job)


def fits(job: LabelJob, printer: Printer) -> None:
    """The printer is in use and loaded with what the job was drawn for."""
    printers.in_use(printer)
    if printer.stock != job.stock:
        raise Unfit(f"{printer.name} is loaded with {printer.stock}, and these labels are made for "
                    f"{job.stock}: change the roll and record it, or take another printer.",
                    field="printer")
    if job.tag_digest is not None:
        raise Unfit("These labels have tie-tags of another size: print both from their pages.",
                    field="printer")


def _queue(copy: LabelCopy, printer: Printer, data: bytes, by: Actor, at: datetime) -> LabelPrint:
    row = LabelPrint(copy=copy, printer=printer, zpl=data, zpl_digest=jobs.digest(data),
                     not_before=at, recorded_by_id=by.id, recorded_at=at)
    session.add(row)
    session.flush()
    return row


def may_print_again(copy: LabelCopy) -> None:
    """Only what failed, or of which nobody knows, is printed again."""
    if not copy.prints:
        raise WrongMoment("This copy was never sent to a printer.")
    state = copy.prints[-1].state
    if state in (PrintState.WAITING, PrintState.SENDING):
        raise WrongMoment("This copy is in the queue: wait until it ends.")
    if state is PrintState.SENT:
        raise WrongMoment("The printer took this copy whole. Where it did not come out or is "
                          "spoilt, report it damaged, then reprint it.")
    rules.may_be_voided(as_rule(copy))


def print_again(copy: LabelCopy, reason: str, *, by: Actor, at: datetime) -> LabelCopy:
    """Send a copy again of which nothing went out; replace one that may be on paper.

    The latter is a reprint: the copy before is void, and its paper, if there is any, is destroyed.
    """
    by.must(jobs.paper_of(copy.kind).permission)
    reason = rules.reasoned(reason)
    may_print_again(copy)
    last = copy.prints[-1]
    printers.in_use(last.printer)
    sent = copy
    if last.state is PrintState.UNKNOWN:
        if copy.bag is not None:
            rules.still_in_use(copy.bag.place, "print its label again")
        job = replace(copy, reason, jobs.On(copy.job.stock, copy.job.language), by=by, at=at)
        sent = job.copies[0]
    fits(sent.job, last.printer)
    row = _queue(sent, last.printer, jobs.zpl_of(sent, last.printer.dpi), by, at)
    record("print again", copy, by=by, at=at, reason=reason, about=copy.about, copy=sent.number,
           printer=last.printer.code, zpl=row.zpl_digest)
    return sent


# --- the runner's half --------------------------------------------------------------------------

def take(*, at: datetime, by: Actor = SYSTEM) -> Taken | None:
    """Take the next copy that waits: no other runner gets it, in this or any later moment."""
    row = session.scalar(
        sa.select(LabelPrint).where(LabelPrint.state == PrintState.WAITING,
                                    LabelPrint.not_before <= at)
        .order_by(LabelPrint.id).limit(1))
    if row is None:
        return None
    copy, printer = row.copy, row.printer
    if copy.voided_at is not None:
        row.state, row.ended_at, row.trouble = PrintState.FAILED, at, "voided before it was sent"
        record("leave the queue", copy, by=by, at=at, copy=copy.number, trouble=row.trouble)
        return take(at=at, by=by)
    row.state, row.taken_at, row.attempts = PrintState.SENDING, at, row.attempts + 1
    record("take from the queue", copy, by=by, at=at, copy=copy.number, printer=printer.code,
           attempt=row.attempts, zpl=row.zpl_digest)
    return Taken(row.id, copy.code, copy.title, printer.name, printer.host, printer.port, row.zpl)


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
    if row.state in _MAYBE_ON_PAPER and copy.printed_at is None:
        copy.printed_at = at
    record("leave the queue", copy, by=by, at=at, copy=copy.number, state=row.state,
           bytes_out=row.bytes_out, trouble=row.trouble)
    return row.state


_STATES = {Ending.SENT: PrintState.SENT, Ending.IN_DOUBT: PrintState.UNKNOWN,
           Ending.NOTHING_OUT: PrintState.FAILED}
_MAYBE_ON_PAPER = (PrintState.SENT, PrintState.UNKNOWN)


def give_up_the_lost(*, at: datetime, by: Actor = SYSTEM) -> int:
    """Copies whose runner died while sending: nobody knows what went out, so they are unknown."""
    rows = session.scalars(sa.select(LabelPrint).where(
        LabelPrint.state == PrintState.SENDING, LabelPrint.taken_at < at - LEASE)).all()
    for row in rows:
        row.state, row.ended_at = PrintState.UNKNOWN, at
        row.trouble = "its runner ended while sending"
        if row.copy.printed_at is None:
            row.copy.printed_at = at
        record("leave the queue", row.copy, by=by, at=at, copy=row.copy.number, state=row.state,
               trouble=row.trouble)
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
