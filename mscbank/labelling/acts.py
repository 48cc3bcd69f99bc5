"""The acts of this step."""

from __future__ import annotations

from typing import Any

from mscbank.acts import Act
from mscbank.bags.models import Bag, Lot
from mscbank.errors import AlreadyDone, WrongMoment
from mscbank.labelling import rules, service
from mscbank.labelling.models import LabelCopy, LabelJob
from mscbank.labelling.schemas import ApplySchema, LabelsSchema, ReprintSchema, VoidSchema
from mscbank.permissions import Permission


def _bags_wait(lot: Lot) -> None:
    if not service.unlabelled(lot):
        raise AlreadyDone("Every bag of this lot has its label.")


def _had_a_label(bag: Bag) -> None:
    rules.still_in_use(bag.place, "reprint")
    if not bag.labels:
        raise WrongMoment("This bag never had a label: issue the labels of its lot.")


def _waits_for_printer(job: LabelJob) -> None:
    rules.may_be_printed([service.as_rule(copy).state for copy in job.copies])


def _waits_for_label(bag: Bag) -> None:
    rules.still_in_use(bag.place, "apply a label")
    copy = service.current_copy(bag)
    if copy is None:
        raise WrongMoment("This bag has no label to apply: issue or reprint one.")
    rules.may_be_applied(service.as_rule(copy))


def _has_a_label(bag: Bag) -> None:
    rules.still_in_use(bag.place, "void a label")
    if service.current_copy(bag) is None:
        raise WrongMoment("This bag has no label that could be voided.")


def _job(job: LabelJob) -> dict[str, Any]:
    return {"copies": [{"bag": copy.bag.code, "number": copy.number, "text": copy.content["code"]}
                       for copy in job.copies], "pdf": job.pdf_digest}


def _copy(copy: LabelCopy) -> dict[str, Any]:
    return {"code": copy.bag.code, "copy": copy.number}


ACTS: tuple[Act, ...] = (
    Act("issue labels", Permission.LABEL, service.issue_labels, on=Lot, schema=LabelsSchema,
        prepare=service.prepare_labels, possible=_bags_wait, answer=_job),
    Act("print", Permission.LABEL, service.print_job, on=LabelJob, possible=_waits_for_printer,
        answer=_job),
    Act("apply label", Permission.LABEL, service.apply_label, on=Bag, schema=ApplySchema,
        possible=_waits_for_label, answer=_copy),
    Act("reprint", Permission.LABEL, service.reprint, on=Bag, schema=ReprintSchema,
        prepare=service.prepare_reprint, possible=_had_a_label, answer=_job),
    Act("void label", Permission.LABEL, service.void_label, on=Bag, schema=VoidSchema,
        possible=_has_a_label, answer=_copy),
)
