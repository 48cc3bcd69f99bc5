"""Labels of bags: issued, printed, applied by scanning that copy back, voided, reprinted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from labels import housecode, signed
from mscbank.audit.service import record
from mscbank.bags.models import Bag, Lot
from mscbank.database import session
from mscbank.donors.service import warnings_of
from mscbank.errors import AlreadyDone, Malformed, WrongMoment
from mscbank.labelling import contents, jobs, rules
from mscbank.labelling.contents import BAG
from mscbank.labelling.jobs import On, Prepared, Wanted, pdf_of, pdf_of_copy
from mscbank.labelling.models import OUT, LabelCopy, LabelJob, LabelKind, Piece, PrintState
from mscbank.permissions import Actor, Permission
from mscbank.settings import local

__all__ = ["apply_label", "as_rule", "copies_of", "current_copy", "issue_labels", "label_findings",
           "pdf_of", "pdf_of_copy", "prepare_labels", "prepare_reprint", "print_job", "read_text",
           "reprint", "unlabelled", "void_label"]

STOCK = BAG.stock


def prepare_labels(lot: Lot, stock: str = STOCK, language: str = "en",
                   used: list[int] | None = None) -> Prepared | None:
    """Draw the first labels of a lot and read them back: slow, so before the lock."""
    return jobs.ready(BAG, _first(unlabelled(lot)), On(stock, language, used or []))


def prepare_reprint(bag: Bag, reason: str, stock: str = STOCK, language: str = "en",
                    used: list[int] | None = None) -> Prepared | None:
    """Draw the next copy of a bag's label and read it back."""
    return jobs.ready(BAG, [Wanted(bag, 1, len(bag.labels) + 1)],
                      On(stock, language, used or []))


def _first(bags: list[Bag]) -> list[Wanted]:
    return [Wanted(bag, 1, 1) for bag in bags]


def issue_labels(lot: Lot, stock: str = STOCK, language: str = "en",
                 used: list[int] | None = None, *, prepared: Prepared | None = None, by: Actor,
                 at: datetime) -> LabelJob:
    """Issue copy 1 of the label of every bag of the lot that has none."""
    by.must(Permission.LABEL)
    bags = unlabelled(lot)
    if not bags:
        raise AlreadyDone("Every bag of this lot has its label. A label that was lost or spoilt "
                          "is reprinted, with a reason.")
    job = jobs.issue(BAG, _first(bags), On(stock, language, used or []), prepared, by=by, at=at)
    record("issue labels", lot, by=by, at=at, job=job.code, stock=stock, language=language,
           pdf=job.pdf_digest, bags=[bag.code for bag in bags])
    return job


def reprint(bag: Bag, reason: str, stock: str = STOCK, language: str = "en",
            used: list[int] | None = None, *, prepared: Prepared | None = None, by: Actor,
            at: datetime) -> LabelJob:
    """Issue the next copy of a bag's label. The copy before is void from now on."""
    by.must(Permission.LABEL)
    rules.still_in_use(bag.place, "reprint")
    reason = rules.reasoned(reason)
    if not bag.labels:
        raise WrongMoment("This bag never had a label: issue the labels of its lot.")
    before = current_copy(bag)
    job = replace(bag.labels[-1], reason, On(stock, language, used or []), prepared, by=by, at=at)
    record("reprint", bag, by=by, at=at, reason=reason, job=job.code, copy=job.copies[0].number,
           voided=before and before.number, stock=stock, language=language, pdf=job.pdf_digest)
    return job


def replace(copy: LabelCopy, reason: str, on: On, prepared: Prepared | None = None, *, by: Actor,
            at: datetime) -> LabelJob:
    """Another copy in the place of this one, which is void from now on. For the acts that reprint:
    they record it."""
    wanted = next_of(copy)
    if copy.voided_at is None:
        void(copy, reason, at)
        session.flush()  # nothing has two labels that are not void, not for a moment
    job = jobs.issue(jobs.paper_of(copy.kind), [wanted], on, prepared, replaces=copy, reason=reason,
                     by=by, at=at)
    if copy.kind is LabelKind.BAG:
        session.expire(wanted.thing, ["labels"])
    return job


def next_of(copy: LabelCopy) -> Wanted:
    """The copy that comes after this one, in its place."""
    number = rules.next_number([each.number for each in copies_of(copy.about)])
    return Wanted(copy.thing, copy.part, number, copy.content.get("told", {}))


def print_job(job: LabelJob, *, by: Actor, at: datetime) -> LabelJob:
    """The pages of the job go to the printer: its copies are printed, once."""
    by.must(jobs.paper_of(job.kind).permission)
    may_be_printed(job)
    for copy in job.copies:
        copy.printed_at = at
    record("print", job, by=by, at=at, copies=len(job.copies), pdf=job.pdf_digest)
    return job


def may_be_printed(job: LabelJob) -> None:
    """A job is printed whole, once, and not while a printer has it in its queue."""
    rules.may_be_printed([as_rule(copy).state for copy in job.copies])
    if any(each.state is not PrintState.FAILED for copy in job.copies for each in copy.prints):
        raise WrongMoment("This job is in the queue of a printer: its copies are marked there.")


def apply_label(bag: Bag, text: str, *, by: Actor, at: datetime) -> LabelCopy:
    """The label is on the bag, proven by scanning exactly that copy back."""
    by.must(Permission.LABEL)
    rules.still_in_use(bag.place, "apply a label")
    copy = scanned_back(bag.code, bag.labels, text)
    copy.applied_at, copy.applied_by_id = at, by.id
    record("apply label", bag, by=by, at=at, copy=copy.number)
    return copy


def scanned_back(code: str, copies: list[LabelCopy], text: str) -> LabelCopy:
    """The copy of this thing that was scanned, if it may be applied now."""
    known = rules.that_copy(code, read_text(text), [as_rule(copy) for copy in copies])
    found = next(copy for copy in copies if copy.number == known.number)
    may_be_applied(found)
    return found


def may_be_applied(copy: LabelCopy) -> None:
    """A copy that was printed, with its companion where both went through the queue."""
    rules.may_be_applied(as_rule(copy), lacking(copy))


def lacking(copy: LabelCopy) -> set[Piece]:
    """The pieces of a copy that printers were sent and that did not come out, once anything of it
    may be on paper. What failed whole may have been printed from the pages."""
    queued = {each.piece for each in copy.prints}
    out = {each.piece for each in copy.prints if each.state in OUT}
    alone = all(each.state is PrintState.FAILED for each in copy.prints)
    return set() if alone else queued - out


def void_label(bag: Bag, reason: str, *, by: Actor, at: datetime) -> LabelCopy:
    """The label is lost or wrong: from now on it stops whoever scans it."""
    by.must(Permission.LABEL)
    rules.still_in_use(bag.place, "void a label")
    reason = rules.reasoned(reason)
    copy = current_copy(bag)
    if copy is None:
        raise WrongMoment("This bag has no label that could be voided.")
    void(copy, reason, at)
    record("void label", bag, by=by, at=at, reason=reason, copy=copy.number)
    return copy


def void(copy: LabelCopy, reason: str, at: datetime) -> None:
    """Mark the copy as void. For the acts that do: they record it."""
    copy.voided_at, copy.voided_why = at, reason


# --- questions ----------------------------------------------------------------------------------

def unlabelled(lot: Lot) -> list[Bag]:
    """The bags of the lot that never had a label and may still be used."""
    return [bag for bag in lot.bags if not bag.labels and bag.place not in rules.ENDED]


def current_copy(bag: Bag) -> LabelCopy | None:
    """The one copy of the bag's label that is not voided."""
    return next((copy for copy in reversed(bag.labels) if copy.voided_at is None), None)


def copies_of(code: str) -> list[LabelCopy]:
    """Every copy of the labels of the thing with this code, by number."""
    return list(session.scalars(sa.select(LabelCopy).where(LabelCopy.about == code)
                                .order_by(LabelCopy.number)))


def as_rule(copy: LabelCopy) -> rules.Copy:
    """The copy as the rules see it."""
    return rules.Copy(copy.number, copy.printed_at, copy.applied_at,
                      copy.voided_at and local(copy.voided_at), copy.damaged_at,
                      copy.destroyed_at and local(copy.destroyed_at), copy.id, copy.replaces_id)


def read_text(text: str) -> housecode.Code:
    """What was scanned from a label: its house code, or the signed text for cameras."""
    try:
        if text.startswith(signed.FORM_MARK + ":"):
            facts = signed.verify(text, contents.public_keys())
            return housecode.parse(housecode.copy_text(facts.bag, facts.copy))
        return housecode.parse(text)
    except signed.SignedTextError as error:
        raise Malformed(f"This label proves nothing: {error}.", field="text") from error
    except housecode.CodeError as error:
        raise Malformed(f"This is no label of ours: {error}.", field="text") from error


def label_findings(bag: Bag) -> list[tuple[str, str]]:
    """Why the bag may not leave, as far as its label goes: (reason, sentence)."""
    copy = current_copy(bag)
    if copy is None:
        return [("label", "It has no label: issue or reprint it, and apply it.")]
    if copy.applied_at is None:
        return [("label", f"Copy {copy.number} of its label was not scanned back: apply it.")]
    cautions, agents = contents.donor_cautions(warnings_of(bag.lot.harvest.donor))
    if not (set(cautions) <= set(copy.content["cautions"])
            and set(agents) <= set(copy.content["reactive_for"])):
        return [("label", "Its label lacks a warning on the donor that holds now: reprint and "
                          "apply it.")]
    return []


def job_told(job: LabelJob) -> dict[str, Any]:
    """What is told of a job: each copy with the text on its symbol, and the digest of its pages."""
    return {"copies": [{"about": copy.about, "bag": copy.bag and copy.bag.code, "part": copy.part,
                        "number": copy.number, "text": copy.content["code"], "copy": copy.code}
                       for copy in job.copies], "pdf": job.pdf_digest}
