"""Labels at each stage, built through the acts."""

from __future__ import annotations

from typing import Any

from mscbank import clock
from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures.models import Culture, VesselKind
from mscbank.database import transaction
from mscbank.labelling import copies, printers, queue, service, units
from mscbank.labelling.jobs import TAG, On
from mscbank.labelling.models import LabelCopy, LabelJob, Printer
from mscbank.labelling.papers import CRYO_UNIT
from tests.cast import Cast
from tests.stages.bags import filled_lot, stored_unit
from tests.stages.cultures import released_reagent
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


def damage(cast: Cast, copy: LabelCopy, reason: str = "Wet.", who: str = "tessa") -> LabelCopy:
    """The label is spoilt."""
    with transaction():
        return copies.report_damaged(copy, reason, by=getattr(cast, who), at=clock.now())


def destroy(cast: Cast, copy: LabelCopy, how: str = "Cut up.", who: str = "tessa") -> LabelCopy:
    """The paper of a copy is gone."""
    with transaction():
        return copies.destroy_copy(copy, how, by=getattr(cast, who), at=clock.now())


@kept
def labelled_lot(cast: Cast, lot: Lot | None = None) -> Lot:
    """A lot whose bags all carry their label, scanned back."""
    lot = lot or filled_lot(cast)
    printed_labels(cast, lot)
    for bag in lot.bags:
        apply(cast, bag)
    return lot


def issued_unit_label(cast: Cast, unit: CryoUnit) -> LabelCopy:
    """Copy 1 of a cryo unit's label, printed, put on and not scanned back."""
    with transaction():
        job = copies.issue_label(CRYO_UNIT, "issue label", unit, On(CRYO_UNIT.stock, "en"), {},
                                 by=cast.tessa, at=clock.now())
    return print_job(cast, job).copies[0]


def scan_back(cast: Cast, copy: LabelCopy) -> LabelCopy:
    """Tessa scans the label that is on the thing."""
    with transaction():
        return copies.scan_back(copy, copy.content["code"], by=cast.tessa, at=clock.now())


def labelled_unit(cast: Cast, unit: CryoUnit | None = None) -> CryoUnit:
    """A stored cryo unit whose label was scanned back."""
    unit = unit or stored_unit(cast)
    scan_back(cast, issued_unit_label(cast, unit))
    return unit


def thawed_culture(cast: Cast, unit: CryoUnit | None = None, viable: int = 18_000_000,
                   **reagent: Any) -> Culture:
    """The next passage, seeded from a labelled unit that was thawed."""
    unit = unit or labelled_unit(cast)
    medium = released_reagent(cast, **reagent)
    with transaction():
        return units.thaw_and_seed(
            unit, viable_cells=viable, vessel=VesselKind.STACK_10, vessels=1, seeded_cells=viable,
            incubator="INC-1", reagents=[medium.code], by=cast.tessa, at=clock.now())


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


def queued_whole(cast: Cast, port: int, companion_port: int, lot: Lot | None = None) -> LabelJob:
    """Small labels in the queue of one printer, and their companions in that of another."""
    job = issued_labels(cast, lot, stock="small-50x25")
    there = registered_printer(cast, port, stock="small-50x25")
    beside = registered_printer(cast, companion_port, stock=TAG, name="Zebra 2")
    with transaction():
        return queue.send_to_printer(job, there.code, beside.code, by=cast.tessa, at=clock.now())
