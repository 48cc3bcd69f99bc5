"""The acts of this step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from mscbank import clock
from mscbank.acts import Act
from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.bags.schemas import ThawAndSeedSchema
from mscbank.cultures.models import Culture
from mscbank.errors import AlreadyDone, WrongMoment
from mscbank.labelling import (
    again,
    copies,
    jobs,
    printers,
    queue,
    reconciliation,
    rules,
    schemas,
    service,
    units,
)
from mscbank.labelling.jobs import On, Paper, Prepared
from mscbank.labelling.models import LabelCopy, LabelJob, Printer
from mscbank.labelling.papers import EARLY
from mscbank.labelling.service import as_rule, job_told
from mscbank.permissions import Actor, Permission
from mscbank.rules import not_in_the_future


def _bags_wait(lot: Lot) -> None:
    if not service.unlabelled(lot):
        raise AlreadyDone("Every bag of this lot has its label.")


def _had_a_label(bag: Bag) -> None:
    rules.still_in_use(bag.place, "reprint")
    if not bag.labels:
        raise WrongMoment("This bag never had a label: issue the labels of its lot.")


def _waits_for_label(bag: Bag) -> None:
    rules.still_in_use(bag.place, "apply a label")
    copy = service.current_copy(bag)
    if copy is None:
        raise WrongMoment("This bag has no label to apply: issue or reprint one.")
    service.may_be_applied(copy)


def _has_a_label(bag: Bag) -> None:
    rules.still_in_use(bag.place, "void a label")
    if service.current_copy(bag) is None:
        raise WrongMoment("This bag has no label that could be voided.")


def _seeded(culture: Culture) -> dict[str, Any]:
    return {"culture": culture.code, "passage": culture.passage, "density": culture.density}


def _copy(copy: LabelCopy) -> dict[str, Any]:
    return {"code": copy.about, "copy": copy.number, "label": copy.code}


def issue_act(paper: Paper, name: str = "issue label") -> Act:
    """The act that issues labels of this kind. Steps further on declare theirs with it."""

    def split(data: dict[str, Any]) -> tuple[On, dict[str, Any]]:
        told = {each: data.pop(each) for each in paper.told}
        if (taken_at := told.get("taken_at")) is not None:
            told["taken_at"] = taken_at.isoformat()
        return On(data.get("stock", paper.stock), data.get("language", "en"),
                  data.get("used") or []), told

    def prepare(thing: Any, **data: Any) -> Prepared | None:
        on, told = split(data)
        return copies.prepare_label(paper, thing, on, told)

    def do(thing: Any, *, prepared: Prepared | None = None, by: Actor, at: datetime,
           **data: Any) -> LabelJob:
        on, told = split(data)
        if "taken_at" in told:
            not_in_the_future(datetime.fromisoformat(told["taken_at"]), at, field="taken_at")
        return copies.issue_label(paper, name, thing, on, told, prepared=prepared, by=by, at=at)

    return Act(name, paper.permission, do, on=paper.on, schema=schemas.schema_of(paper),
               prepare=prepare, possible=lambda thing: copies.may_be_issued(paper, thing),
               answer=job_told)


def _on_copies(name: str, do: Callable[..., Any], **more: Any) -> Act:
    """What is done with a job or a copy is done by those who may issue that kind of label."""
    return Act(name, Permission.LABEL_COPIES, do,
               permission_for=lambda thing: jobs.paper_of(thing.kind).permission, **more)


ACTS: tuple[Act, ...] = (
    Act("issue labels", Permission.LABEL, service.issue_labels, on=Lot,
        schema=schemas.LabelsSchema, prepare=service.prepare_labels, possible=_bags_wait,
        answer=job_told),
    *(issue_act(paper) for paper in EARLY),
    Act("apply label", Permission.CULTURE, units.apply_label, on=CryoUnit,
        schema=schemas.ScanBackSchema, possible=units.waits_for_label, answer=_copy),
    Act("thaw and seed", Permission.CULTURE, units.thaw_and_seed, on=CryoUnit,
        schema=ThawAndSeedSchema, answer=_seeded,
        possible=lambda unit: units.may_be_thawed(unit, clock.now())),
    _on_copies("print", service.print_job, on=LabelJob,
        possible=service.may_be_printed, answer=job_told),
    _on_copies("send to printer", queue.send_to_printer, on=LabelJob,
        schema=schemas.SendSchema, prepare=queue.prepare_print, possible=queue.may_be_sent,
        offers=queue.offers, answer=job_told),
    _on_copies("print again", again.print_failed, on=LabelJob,
        schema=schemas.PrintFailedSchema, prepare=again.prepare_failed,
        possible=again.may_print_failed, offers=again.offers_failed, answer=job_told),
    Act("apply label", Permission.LABEL, service.apply_label, on=Bag, schema=schemas.ApplySchema,
        possible=_waits_for_label, answer=_copy),
    Act("reprint", Permission.LABEL, service.reprint, on=Bag, schema=schemas.ReprintSchema,
        prepare=service.prepare_reprint, possible=_had_a_label, answer=job_told),
    Act("void label", Permission.LABEL, service.void_label, on=Bag, schema=schemas.VoidSchema,
        possible=_has_a_label, answer=_copy),
    _on_copies("scan back", copies.scan_back, on=LabelCopy,
        schema=schemas.ScanBackSchema, possible=copies.may_be_scanned_back, answer=_copy),
    _on_copies("report damaged", copies.report_damaged, on=LabelCopy,
        schema=schemas.DamagedSchema, possible=lambda copy: rules.may_be_damaged(as_rule(copy)),
        answer=_copy),
    _on_copies("reprint copy", copies.reprint_copy, on=LabelCopy,
        schema=schemas.ReprintCopySchema, prepare=copies.prepare_copy,
        possible=copies.may_be_replaced, answer=job_told),
    _on_copies("print again", again.print_again, on=LabelCopy,
        schema=schemas.PrintAgainSchema, prepare=again.prepare_again,
        possible=again.may_print_again, offers=again.offers, answer=_copy),
    _on_copies("void copy", copies.void_copy, on=LabelCopy,
        schema=schemas.VoidSchema, possible=copies.may_be_voided, answer=_copy),
    _on_copies("destroy copy", copies.destroy_copy, on=LabelCopy,
        schema=schemas.DestroySchema,
        possible=copies.may_be_destroyed, answer=_copy),
    Act("reconcile labels", Permission.RECONCILE_LABELS, reconciliation.reconcile_labels, on=Lot,
        possible=reconciliation.may_be_reconciled,
        answer=lambda closed: {"counts": closed.counts}),
    Act("add printer", Permission.KEEP_PRINTERS, printers.add_printer, room="printers",
        schema=schemas.PrinterSchema),
    Act("load stock", Permission.KEEP_PRINTERS, printers.load_stock, on=Printer,
        schema=schemas.StockSchema, possible=printers.in_use),
    Act("end printer", Permission.KEEP_PRINTERS, printers.end_printer, on=Printer,
        schema=schemas.EndPrinterSchema, possible=printers.may_end),
)
