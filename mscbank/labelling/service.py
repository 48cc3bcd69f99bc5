"""Labels: issued, printed, applied by scanning that copy back, voided, reprinted."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labels import draw, housecode, ink, readback, signed
from labels import stock as stocks
from labels.content import BagLabel
from labels.isbt128.errors import FormatError
from labels.wording import Language
from mscbank.audit.service import record
from mscbank.bags.models import Bag, Lot
from mscbank.database import session
from mscbank.donors.service import warnings_of
from mscbank.errors import AlreadyDone, Malformed, Refused, Unfit, WrongMoment
from mscbank.labelling import contents, rules
from mscbank.labelling.models import LabelCopy, LabelJob
from mscbank.permissions import Actor, Permission
from mscbank.settings import local

STOCK = "bag-100x100"
BAG_STOCKS = tuple(name for name, stock in stocks.STOCKS.items()
                   if (BagLabel, stock.shape) in draw.LAYOUTS)
_CANNOT_BE_DRAWN = (ink.LabelOverflow, ink.Unprintable, draw.NoLayout, stocks.UnknownStock,
                    readback.PageMismatch, FormatError, housecode.CodeError)


@dataclass(frozen=True)
class Prepared:
    """Labels drawn and read back before the lock. Used only while their contents still hold."""

    contents: list[dict[str, Any]]
    stock: str
    language: str
    pdf_digest: str


def prepare_labels(lot: Lot, stock: str = STOCK, language: str = "en") -> Prepared | None:
    """Draw the first labels of a lot and read them back: slow, so before the lock."""
    return _ready([(bag, 1) for bag in unlabelled(lot)], stock, language)


def prepare_reprint(bag: Bag, reason: str, stock: str = STOCK,
                    language: str = "en") -> Prepared | None:
    """Draw the next copy of a bag's label and read it back."""
    return _ready([(bag, len(bag.labels) + 1)], stock, language)


def _ready(wanted: Sequence[tuple[Bag, int]], stock: str, language: str) -> Prepared | None:
    """None where there is nothing to draw or it cannot be: the act itself says why."""
    try:
        return _prepare(wanted, stock, language) if wanted else None
    except Refused:
        return None


def _prepare(wanted: Sequence[tuple[Bag, int]], stock: str, language: str) -> Prepared:
    said = [contents.content_of(bag, number, _language(language)) for bag, number in wanted]
    pdf = _drawn(said, stock, language)
    labels = [contents.label_of(content) for content in said]
    try:
        readback.check_pages(pdf, draw.expected_pages(labels, stocks.stock(stock)))
    except _CANNOT_BE_DRAWN as error:
        raise Unfit(f"The labels drawn could not be read back, and nothing was issued: {error}. "
                    "Tell quality assurance.") from error
    return Prepared(said, stock, language, hashlib.sha256(pdf).hexdigest())


def _language(language: str) -> Language:
    if language not in set(Language):
        raise Malformed(f"Labels are printed in {' or '.join(Language)}.", field="language")
    return Language(language)


def _drawn(said: Sequence[dict[str, Any]], stock: str, language: str) -> bytes:
    if stock not in BAG_STOCKS:
        raise Malformed(f"A bag's label is printed on {', '.join(BAG_STOCKS)}.", field="stock")
    try:
        return draw.draw([contents.label_of(content) for content in said], stocks.stock(stock),
                         language=_language(language))
    except _CANNOT_BE_DRAWN as error:
        raise Unfit(f"The label cannot be printed: {error}.", field="stock") from error


def issue_labels(lot: Lot, stock: str = STOCK, language: str = "en", *,
                 prepared: Prepared | None = None, by: Actor, at: datetime) -> LabelJob:
    """Issue copy 1 of the label of every bag of the lot that has none."""
    by.must(Permission.LABEL)
    bags = unlabelled(lot)
    if not bags:
        raise AlreadyDone("Every bag of this lot has its label. A label that was lost or spoilt "
                          "is reprinted, with a reason.")
    job = _issue([(bag, 1) for bag in bags], stock, language, prepared, None, by=by, at=at)
    record("issue labels", lot, by=by, at=at, job=job.code, stock=stock, language=language,
           pdf=job.pdf_digest, bags=[bag.code for bag in bags])
    return job


def reprint(bag: Bag, reason: str, stock: str = STOCK, language: str = "en", *,
            prepared: Prepared | None = None, by: Actor, at: datetime) -> LabelJob:
    """Issue the next copy of a bag's label. The copy before is void from now on."""
    by.must(Permission.LABEL)
    rules.still_in_use(bag.place, "reprint")
    reason = rules.reasoned(reason)
    if not bag.labels:
        raise WrongMoment("This bag never had a label: issue the labels of its lot.")
    number = rules.next_number([copy.number for copy in bag.labels])
    before = current_copy(bag)
    if before is not None:
        _void(before, reason, at)
        session.flush()  # a bag never has two copies that are not voided, not for a moment
    job = _issue([(bag, number)], stock, language, prepared, reason, by=by, at=at)
    record("reprint", bag, by=by, at=at, reason=reason, job=job.code, copy=number,
           voided=before and before.number, stock=stock, language=language, pdf=job.pdf_digest)
    return job


def _issue(wanted: Sequence[tuple[Bag, int]], stock: str, language: str,
           prepared: Prepared | None, reason: str | None, *, by: Actor, at: datetime) -> LabelJob:
    """The job of these copies. What was prepared counts only if it says what holds now."""
    said = [contents.content_of(bag, number, _language(language)) for bag, number in wanted]
    if (prepared is None or (prepared.contents, prepared.stock, prepared.language)
            != (said, stock, language)):
        prepared = _prepare(wanted, stock, language)
    job = LabelJob(stock=stock, language=language, pdf_digest=prepared.pdf_digest,
                   recorded_by_id=by.id, recorded_at=at)
    session.add(job)
    session.flush()
    for (bag, number), content in zip(wanted, said, strict=True):
        session.add(LabelCopy(bag=bag, number=number, job=job, content=content, reason=reason,
                              recorded_by_id=by.id, recorded_at=at))
    session.flush()
    return job


def print_job(job: LabelJob, *, by: Actor, at: datetime) -> LabelJob:
    """The pages of the job go to the printer: its copies are printed, once."""
    by.must(Permission.LABEL)
    rules.may_be_printed([as_rule(copy).state for copy in job.copies])
    for copy in job.copies:
        copy.printed_at = at
    record("print", job, by=by, at=at, copies=len(job.copies), pdf=job.pdf_digest)
    return job


def apply_label(bag: Bag, text: str, *, by: Actor, at: datetime) -> LabelCopy:
    """The label is on the bag, proven by scanning exactly that copy back."""
    by.must(Permission.LABEL)
    rules.still_in_use(bag.place, "apply a label")
    scanned = read_text(text)
    copies = [as_rule(copy) for copy in bag.labels]
    rules.may_be_applied(found := rules.that_copy(bag.code, scanned, copies))
    copy = next(copy for copy in bag.labels if copy.number == found.number)
    copy.applied_at, copy.applied_by_id = at, by.id
    record("apply label", bag, by=by, at=at, copy=copy.number)
    return copy


def void_label(bag: Bag, reason: str, *, by: Actor, at: datetime) -> LabelCopy:
    """The label is damaged, lost or wrong: from now on it stops whoever scans it."""
    by.must(Permission.LABEL)
    rules.still_in_use(bag.place, "void a label")
    reason = rules.reasoned(reason)
    copy = current_copy(bag)
    if copy is None:
        raise WrongMoment("This bag has no label that could be voided.")
    _void(copy, reason, at)
    record("void label", bag, by=by, at=at, reason=reason, copy=copy.number)
    return copy


def _void(copy: LabelCopy, reason: str, at: datetime) -> None:
    copy.voided_at, copy.voided_why = at, reason


def pdf_of(job: LabelJob) -> bytes:
    """The job's pages, drawn from what was kept: the bytes that were read back, or a refusal."""
    pdf = _drawn([copy.content for copy in job.copies], job.stock, job.language)
    if hashlib.sha256(pdf).hexdigest() != job.pdf_digest:
        raise Unfit("These pages are no longer drawn as they were checked (the program that draws "
                    "them changed): do not print them. Reprint the labels, with that reason.",
                    reasons=("pages differ",))
    return pdf


def pdf_of_copy(copy: LabelCopy) -> bytes:
    """The page of one copy, drawn from what was kept."""
    if copy.job is None:
        raise Unfit("This copy was never drawn.")
    return _drawn([copy.content], copy.job.stock, copy.job.language)


# --- questions ----------------------------------------------------------------------------------

def unlabelled(lot: Lot) -> list[Bag]:
    """The bags of the lot that never had a label and may still be used."""
    return [bag for bag in lot.bags if not bag.labels and bag.place not in rules.ENDED]


def current_copy(bag: Bag) -> LabelCopy | None:
    """The one copy of the bag's label that is not voided."""
    return next((copy for copy in reversed(bag.labels) if copy.voided_at is None), None)


def as_rule(copy: LabelCopy) -> rules.Copy:
    """The copy as the rules see it."""
    return rules.Copy(copy.number, copy.printed_at, copy.applied_at,
                      copy.voided_at and local(copy.voided_at))


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
