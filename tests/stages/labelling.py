"""Labels at each stage, built through the acts."""

from __future__ import annotations

from typing import Any

from mscbank import clock
from mscbank.bags.models import Bag, Lot
from mscbank.database import transaction
from mscbank.labelling import printers, queue, service
from mscbank.labelling.models import LabelCopy, LabelJob, Printer
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.kept import kept


def issued_labels(cast: Cast, lot: Lot | None = None, **how: str) -> LabelJob:
    """Copy 1 of every bag's label, read back, not printed."""
    lot = lot or filled_lot(cast)
    with transaction():
        return service.issue_labels(lot, **how, by=cast.tessa, at=clock.now())


def print_job(cast: Cast, job: LabelJob) -> LabelJob:
    """Tessa prints the job."""
    with transaction():
        return service.print_job(job, by=cast.tessa, at=clock.now())


@kept
def printed_labels(cast: Cast, lot: Lot | None = None) -> LabelJob:
    """Labels on paper, on no bag yet."""
    return print_job(cast, issued_labels(cast, lot))


def label_text(bag: Bag) -> str:
    """What a scanner reads from the bag's current label."""
    return service.current_copy(bag).content["code"]


def apply(cast: Cast, bag: Bag) -> LabelCopy:
    """Tessa puts the current copy on the bag and scans it back."""
    with transaction():
        return service.apply_label(bag, label_text(bag), by=cast.tessa, at=clock.now())


def reprinted(cast: Cast, bag: Bag, reason: str = "The corner is torn.") -> LabelCopy:
    """The next copy of the bag's label: issued and printed, not applied."""
    with transaction():
        job = service.reprint(bag, reason, by=cast.tessa, at=clock.now())
    return print_job(cast, job).copies[0]


@kept
def labelled_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """A lot whose bags all carry their label, scanned back."""
    lot = lot or filled_lot(cast)
    printed_labels(cast, lot)
    for bag in lot.bags:
        apply(cast, bag)
    return lot


def registered_printer(cast: Cast, port: int = 9100, dpi: int = 203, stock: str = "bag-100x100",
                       name: str = "Zebra 1") -> Printer:
    """A printer on this machine."""
    with transaction():
        return printers.add_printer(name, "Room 2, bench 1", dpi, stock, "127.0.0.1", port,
                                    by=cast.tessa, at=clock.now())


def queued(cast: Cast, port: int, job: LabelJob | None = None, **how: Any) -> LabelJob:
    """A job of two bags in the queue of a printer."""
    job = job or issued_labels(cast)
    printer = registered_printer(cast, port, **how)
    with transaction():
        return queue.send_to_printer(job, printer.code, by=cast.tessa, at=clock.now())
