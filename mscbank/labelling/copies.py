"""A copy of a label of any kind: issued, put in its place, damaged, replaced, voided, destroyed.

The labels of bags go by stricter acts of their own (``service``): which of them is current decides
whether a bag may leave. What is told here of damage and destroyed paper holds for them too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank.audit.service import record
from mscbank.errors import AlreadyDone, WrongMoment
from mscbank.labelling import jobs, rules
from mscbank.labelling.jobs import On, Paper, Prepared, Wanted
from mscbank.labelling.models import LabelCopy, LabelJob, LabelKind, PrintState
from mscbank.labelling.service import (
    as_rule,
    copies_of,
    may_be_applied,
    next_of,
    replace,
    scanned_back,
    void,
)
from mscbank.permissions import Actor


def wanted_of(paper: Paper, thing: Any, told: dict[str, Any]) -> list[Wanted]:
    """The copies that a thing's parts lack. What is asked for again each time (tubes of a donor)
    comes as further parts."""
    copies = copies_of(thing.code)
    mine = [copy for copy in copies if copy.kind is paper.kind]
    number = rules.next_number([copy.number for copy in copies])
    if paper.told:
        first, count = max((copy.part for copy in mine), default=0), told["tubes"]
        parts = range(first + 1, first + count + 1)
        shared = {name: value for name, value in told.items() if name != "tubes"}
        said = [shared | {"tube": f"{place}/{count}"} for place in range(1, count + 1)]
    else:
        labelled = {copy.part for copy in mine}
        parts = [part for part in range(1, paper.parts(thing) + 1) if part not in labelled]
        said = [{} for _ in parts]
    rules.next_number([number + len(parts) - 2])  # the last of them must have a number too
    return [Wanted(thing, part, number + place, each)
            for place, (part, each) in enumerate(zip(parts, said, strict=True))]


def prepare_label(paper: Paper, thing: Any, on: On, told: dict[str, Any]) -> Prepared | None:
    """Draw what is lacking and read it back, before the lock."""
    may_be_issued(paper, thing)
    return jobs.ready(paper, wanted_of(paper, thing, told), on)


def may_be_issued(paper: Paper, thing: Any) -> None:
    """A thing that is in use gets the labels it lacks."""
    paper.usable(thing)
    if not paper.told and not wanted_of(paper, thing, {}):
        raise AlreadyDone(f"{thing.title} has its label. One that was lost or spoilt is reprinted, "
                          "with a reason: open that copy.")


def issue_label(paper: Paper, act: str, thing: Any, on: On, told: dict[str, Any], *,
                prepared: Prepared | None = None, by: Actor, at: datetime) -> LabelJob:
    """Issue the labels that a thing lacks, read back before anyone can print them."""
    by.must(paper.permission)
    may_be_issued(paper, thing)
    job = jobs.issue(paper, wanted_of(paper, thing, told), on, prepared, by=by, at=at)
    record(act, thing, by=by, at=at, job=job.code, label=paper.kind, stock=on.stock,
           language=on.language, pdf=job.pdf_digest,
           copies=[copy.number for copy in job.copies])
    return job


def may_be_scanned_back(copy: LabelCopy) -> None:
    """A label that was printed and not applied; not a paper that names its thing alone."""
    not_of_a_bag(copy, "apply it")
    if copy.content["code"] == copy.about:
        raise WrongMoment("This paper is filled in by hand and goes on nothing: it is not scanned "
                          "back.")
    if copy.voided_at is None:
        may_be_applied(copy)
    else:
        rules.may_be_voided(as_rule(copy))


def scan_back(copy: LabelCopy, text: str, *, by: Actor, at: datetime) -> LabelCopy:
    """The label is in its place, proven by scanning exactly that copy."""
    by.must(jobs.paper_of(copy.kind).permission)
    may_be_scanned_back(copy)
    found = scanned_back(copy.about, copies_of(copy.about), text)
    rules.the_same_copy(copy.number, found.number)
    copy.applied_at, copy.applied_by_id = at, by.id
    record("scan back", copy, by=by, at=at, about=copy.about, copy=copy.number)
    return copy


def report_damaged(copy: LabelCopy, reason: str, *, by: Actor, at: datetime) -> LabelCopy:
    """A label on paper is spoilt: it counts no more, stops whoever scans it, and is replaced by a
    reprint."""
    by.must(jobs.paper_of(copy.kind).permission)
    reason = rules.reasoned(reason)
    rules.may_be_damaged(as_rule(copy))
    if copy.bag is not None:
        rules.still_in_use(copy.bag.place, "report its label as damaged")
    copy.damaged_at, copy.damaged_by_id = at, by.id
    void(copy, reason, at)
    record("report damaged", copy, by=by, at=at, reason=reason, about=copy.about,
           copy=copy.number)
    return copy


def prepare_copy(copy: LabelCopy, reason: str, stock: str | None = None,
                 language: str | None = None) -> Prepared | None:
    """Draw the copy that shall replace this one, before the lock."""
    may_be_replaced(copy)
    return jobs.ready(jobs.paper_of(copy.kind), [next_of(copy)], on_as(copy, stock, language))


def on_as(copy: LabelCopy, stock: str | None, language: str | None) -> On:
    """On what it was printed before, unless told otherwise."""
    paper = jobs.paper_of(copy.kind)
    return On(stock or (copy.job.stock if copy.job else paper.stock),
              language or (copy.job.language if copy.job else "en"))


def may_be_replaced(copy: LabelCopy) -> None:
    """The last copy of a part is reprinted, while its thing is in use."""
    not_of_a_bag(copy, "reprint it")
    jobs.paper_of(copy.kind).usable(copy.thing)
    if any(each.replaces_id == copy.id for each in copies_of(copy.about)):
        raise AlreadyDone(f"Copy {copy.number} was replaced already: reprint the latest copy.")


def reprint_copy(copy: LabelCopy, reason: str, stock: str | None = None,
                 language: str | None = None, *, prepared: Prepared | None = None, by: Actor,
                 at: datetime) -> LabelJob:
    """Another copy in the place of this one, which is void from now on."""
    by.must(jobs.paper_of(copy.kind).permission)
    reason = rules.reasoned(reason)
    may_be_replaced(copy)
    job = replace(copy, reason, on_as(copy, stock, language), prepared, by=by, at=at)
    record("reprint copy", copy, by=by, at=at, reason=reason, about=copy.about, job=job.code,
           voided=copy.number, copy=job.copies[0].number, pdf=job.pdf_digest)
    return job


def may_be_voided(copy: LabelCopy) -> None:
    """A copy is voided once; a bag's printed one by the bag's own act."""
    rules.may_be_voided(as_rule(copy))
    if copy.printed_at is not None:
        not_of_a_bag(copy, "void it")


def void_copy(copy: LabelCopy, reason: str, *, by: Actor, at: datetime) -> LabelCopy:
    """The label is lost, wrong or will never be printed: it stops whoever scans it."""
    by.must(jobs.paper_of(copy.kind).permission)
    reason = rules.reasoned(reason)
    may_be_voided(copy)
    void(copy, reason, at)
    record("void copy", copy, by=by, at=at, reason=reason, about=copy.about, copy=copy.number)
    return copy


def destroy_copy(copy: LabelCopy, how: str, *, by: Actor, at: datetime) -> LabelCopy:
    """The paper of a void or unused copy is gone, seen by who destroyed it (or looked for it)."""
    by.must(jobs.paper_of(copy.kind).permission)
    how = rules.reasoned(how, field="how")
    may_be_destroyed(copy)
    if copy.voided_at is None:
        void(copy, f"Not used: {how}", at)
    copy.destroyed_at, copy.destroyed_by_id, copy.destroyed_how = at, by.id, how
    record("destroy copy", copy, by=by, at=at, about=copy.about, copy=copy.number, how=how)
    return copy


def may_be_destroyed(copy: LabelCopy) -> None:
    """The paper of a void or unused copy, all of which has come out that is on its way."""
    rules.may_be_destroyed(as_rule(copy), being_sent=any(
        each.state is PrintState.SENDING for each in copy.prints))


def not_of_a_bag(copy: LabelCopy, what: str) -> None:
    """Which copy of a bag's label counts is decided at the bag."""
    if copy.kind is LabelKind.BAG:
        raise WrongMoment(f"This is the label of a bag: open the bag and {what} there.")
