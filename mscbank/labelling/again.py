"""A person prints again what did not come out of a printer, or of which nobody knows.

Where nothing went out, the same piece of the same copy is sent once more. Where a label or its
companion may be on paper, the next copy takes the place of this one, and both its pieces are
printed: no number is on two papers of a kind. What is drawn for that is drawn before the lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from mscbank.acts import Offer
from mscbank.audit.service import record
from mscbank.errors import WrongMoment
from mscbank.labelling import jobs, rules
from mscbank.labelling.jobs import On, Prepared
from mscbank.labelling.models import LabelCopy, LabelJob, Piece, PrintState
from mscbank.labelling.progress import latest_of
from mscbank.labelling.queue import Formats, Ways, facts_of, formats_of, offered, queued, ways_to
from mscbank.labelling.service import as_rule, next_of, replace
from mscbank.permissions import Actor


class Drawn(NamedTuple):
    """What is sent again; ``labels`` where it is the next copy's."""

    formats: Formats
    labels: Prepared | None


def may_print_again(copy: LabelCopy) -> None:
    """Only what failed, or of which nobody knows, is printed again."""
    states = {row.state for row in latest_of(copy).values()}
    if not states:
        raise WrongMoment("This copy was never sent to a printer.")
    if PrintState.SENDING in states:
        raise WrongMoment("This copy is being sent to a printer: wait until that ends.")
    if not states & {PrintState.FAILED, PrintState.UNKNOWN}:
        if PrintState.WAITING in states:
            raise WrongMoment("This copy is in the queue: wait until it ends.")
        raise WrongMoment("The printer took this copy whole. Where it did not come out or is "
                          "spoilt, report it damaged, then reprint it.")
    rules.may_be_voided(as_rule(copy))
    if copy.bag is not None and _in_doubt(copy):
        rules.still_in_use(copy.bag.place, "print its label again")


def prepare_again(copy: LabelCopy, reason: str, printer: str | None = None,
                  companion_printer: str | None = None) -> Drawn:
    """Draw what is sent again and read it back: slow, so before the lock."""
    may_print_again(copy)
    ways = _ways(copy, printer, companion_printer)
    if not _in_doubt(copy):
        return Drawn(formats_of(copy.content, copy.job.language, ways), None)
    labels = jobs.prepare(jobs.paper_of(copy.kind), [next_of(copy)], _on(copy))
    return Drawn(formats_of(labels.contents[0], copy.job.language, ways), labels)


def print_again(copy: LabelCopy, reason: str, printer: str | None = None,
                companion_printer: str | None = None, *, prepared: Drawn | None = None, by: Actor,
                at: datetime) -> LabelCopy:
    """Send what failed again; replace a copy that may be on paper by the next one, with its
    companion. To the same printers, unless others are named.

    A replaced copy is void, and its paper, if there is any, is destroyed.
    """
    by.must(jobs.paper_of(copy.kind).permission)
    reason = rules.reasoned(reason)
    may_print_again(copy)
    drawn = prepared or prepare_again(copy, reason, printer, companion_printer)
    ways = _ways(copy, printer, companion_printer)
    now = [_next_content(copy)] if _in_doubt(copy) else None
    _still(drawn.formats.keys() == ways.keys() and now == (drawn.labels and drawn.labels.contents))
    sent = copy if drawn.labels is None else replace(
        copy, reason, _on(copy), drawn.labels, by=by, at=at).copies[0]
    rows = queued(sent, ways, drawn.formats, by, at)
    record("print again", copy, by=by, at=at, reason=reason, about=copy.about, copy=sent.number,
           **facts_of(rows))
    return sent


def offers(copy: LabelCopy, _typed: Mapping[str, str]) -> dict[str, Offer]:
    """The printers that are loaded with what is printed again."""
    return offered(_rolls(copy))


# --- all of a job that failed at once: a printer that was empty fails with everything that waited --

def may_print_failed(job: LabelJob) -> None:
    """Refuse where nothing of the job failed that still counts."""
    if not _failed(job):
        raise WrongMoment("Nothing of this job failed. What may be on paper is printed again from "
                          "its copy.")


def prepare_failed(job: LabelJob, reason: str, printer: str | None = None,
                   companion_printer: str | None = None) -> list[Formats]:
    """Draw what failed for the printers it goes to now: slow, so before the lock."""
    may_print_failed(job)
    ways = _failed_ways(job, printer, companion_printer)
    return [formats_of(copy.content, job.language, {piece: ways[piece] for piece in rolls})
            for copy, rolls in _failed(job)]


def print_failed(job: LabelJob, reason: str, printer: str | None = None,
                 companion_printer: str | None = None, *, prepared: list[Formats] | None = None,
                 by: Actor, at: datetime) -> LabelJob:
    """Send all of a job that failed once more: the same copies, each as far as nothing of it went
    out."""
    by.must(jobs.paper_of(job.kind).permission)
    reason = rules.reasoned(reason)
    may_print_failed(job)
    drawn = prepared or prepare_failed(job, reason, printer, companion_printer)
    ways, failed = _failed_ways(job, printer, companion_printer), _failed(job)
    _still([formats.keys() for formats in drawn] == [rolls.keys() for _, rolls in failed])
    rows = [row for (copy, rolls), formats in zip(failed, drawn, strict=True)
            for row in queued(copy, {piece: ways[piece] for piece in rolls}, formats, by, at)]
    record("print again", job, by=by, at=at, reason=reason,
           copies=[copy.number for copy, _ in failed], **facts_of(rows))
    return job


def offers_failed(job: LabelJob, _typed: Mapping[str, str]) -> dict[str, Offer]:
    """The printers that are loaded with what failed."""
    return offered(_failed_rolls(job))


def _failed(job: LabelJob) -> list[tuple[LabelCopy, dict[Piece, str]]]:
    """The copies that count and of which a piece failed, with these pieces' stocks."""
    found = [(copy, _rolls(copy)) for copy in job.copies
             if copy.voided_at is None and not _in_doubt(copy)]
    return [(copy, rolls) for copy, rolls in found if rolls]


def _failed_rolls(job: LabelJob) -> dict[Piece, str]:
    return {piece: roll for _, rolls in _failed(job) for piece, roll in rolls.items()}


def _failed_ways(job: LabelJob, printer: str | None, companion_printer: str | None) -> Ways:
    """The printers named, else those that the last of them was sent to."""
    before = {piece: latest_of(copy)[piece].printer.code
              for copy, rolls in _failed(job) for piece in rolls}
    return ways_to(_failed_rolls(job), printer or before.get(Piece.LABEL),
                   companion_printer or before.get(Piece.COMPANION))


def _in_doubt(copy: LabelCopy) -> bool:
    return any(row.state is PrintState.UNKNOWN for row in latest_of(copy).values())


def _on(copy: LabelCopy) -> On:
    return On(copy.job.stock, copy.job.language)


def _rolls(copy: LabelCopy) -> dict[Piece, str]:
    """The stock of each piece that is printed again: of the next copy, or of what failed."""
    if not _in_doubt(copy):
        failed = {piece for piece, row in latest_of(copy).items()
                  if row.state is PrintState.FAILED}
        return {piece: roll for piece, roll in jobs.rolls_of(copy.job).items() if piece in failed}
    return jobs.rolls(copy.job.stock, companions=jobs.needs_tag([_next_content(copy)], _on(copy)))


def _next_content(copy: LabelCopy) -> dict[str, object]:
    return jobs.content_of(jobs.paper_of(copy.kind), next_of(copy),
                           jobs.language_of(copy.job.language))


def _ways(copy: LabelCopy, printer: str | None, companion_printer: str | None) -> Ways:
    """The printers named, else those of before."""
    rolls, last = _rolls(copy), latest_of(copy)
    before = {piece: last[piece].printer.code for piece in rolls if piece in last}
    return ways_to(rolls, printer or before.get(Piece.LABEL),
                   companion_printer or before.get(Piece.COMPANION))


def _still(holds: bool) -> None:
    """What was drawn before the lock is what is to be printed now."""
    if not holds:
        raise WrongMoment("What is recorded changed while this was drawn: look at it, and print it "
                          "again if it is still needed.")
