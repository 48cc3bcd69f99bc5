"""How far labels came at their printers, in sentences for who stands there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mscbank.labelling.jobs import rolls_of
from mscbank.labelling.models import LabelCopy, LabelJob, LabelPrint, Piece, Printer, PrintState
from mscbank.labelling.queue import ATTEMPTS
from mscbank.labelling.wire import Hindrance
from mscbank.settings import local


@dataclass(frozen=True)
class Way:
    """The pieces of a job that go to one printer: how many stand where, and what to do there.
    ``printer`` is None before they were sent to one."""

    piece: Piece
    roll: str
    printer: Printer | None
    counts: dict[PrintState, int]
    trouble: list[str]


def latest_of(copy: LabelCopy) -> dict[Piece, LabelPrint]:
    """How each piece of the copy stood at its printer last."""
    return {row.piece: row for row in copy.prints}


def ways_of(job: LabelJob) -> list[Way]:
    """Each piece of the job by printer, labels first."""
    ways = []
    for piece, roll in rolls_of(job).items():
        rows = [last[piece] for copy in job.copies if piece in (last := latest_of(copy))]
        for printer in dict.fromkeys(row.printer for row in rows) or (None,):
            here = [row for row in rows if row.printer is printer]
            ways.append(Way(piece, roll, printer, dict(Counter(row.state for row in here)),
                            troubles(here)))
    return ways


def troubles(rows: Iterable[LabelPrint]) -> list[str]:
    """What is wrong at these printers, each once."""
    return list(dict.fromkeys(sentence for row in rows if (sentence := told(row))))


def told(row: LabelPrint) -> str | None:
    """What is wrong at the printer and what to do about it. None where nothing is."""
    name = row.printer.name
    if row.trouble in set(Hindrance) and row.state is PrintState.WAITING:
        return (f"{name} says: {row.trouble}. Put it right: it is asked again at "
                f"{local(row.not_before):%H:%M}.")
    if row.trouble in set(Hindrance):
        return (f"{name} says: {row.trouble}. Nothing came out: put it right, or take another "
                "printer, then print again.")
    if row.state is PrintState.WAITING and row.attempts:
        return (f"{name} did not answer at attempt {row.attempts} of {ATTEMPTS}: see that it is "
                "on and on the network. It is asked again at "
                f"{local(row.not_before):%H:%M}.")
    if row.state is PrintState.FAILED and row.bytes_out == 0 and row.attempts < ATTEMPTS:
        return "Voided before it was sent: nothing came out."
    if row.state is PrintState.FAILED:
        return (f"{name} did not answer, and nothing came out: put it right or take another "
                "printer, then print again.")
    if row.state is PrintState.UNKNOWN:
        return (f"The line to {name} broke: look there whether it came out, and whether labels and "
                "ribbon are left. What is in doubt is printed again from its copy.")
    return None
