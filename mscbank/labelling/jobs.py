"""Jobs of labels: drawn, read back, compared, and only then issued. Every kind goes this way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from labels import companion, draw, housecode, ink, readback, zpl
from labels import stock as stocks
from labels.content import ContentError, Label
from labels.isbt128.errors import FormatError
from labels.wording import Language
from mscbank.acts import catalogue
from mscbank.database import session
from mscbank.errors import Malformed, Refused, Unfit
from mscbank.labelling import kept
from mscbank.labelling.models import LabelCopy, LabelJob, LabelKind, Piece
from mscbank.permissions import Actor, Permission
from mscbank.settings import settings

CANNOT_BE_DRAWN = (ink.LabelOverflow, ink.Unprintable, draw.NoLayout, stocks.UnknownStock,
                   readback.PageMismatch, FormatError, housecode.CodeError, zpl.NotOurs)
TAG = "tag-100x80"  # the companion of a label that is too small to say all


class Wanted(NamedTuple):
    """A copy to be made: of which thing, for which part of it, under which number."""

    thing: Any
    part: int
    number: int
    told: Mapping[str, Any] = MappingProxyType({})

    @property
    def text(self) -> str:
        """What the symbol of this copy says."""
        return housecode.copy_text(self.thing.code, self.number)


@dataclass(frozen=True)
class Paper:
    """A kind of label: what it belongs to, who may issue it, what stands on it and where it fits.

    ``label`` gives the facts of one copy, ``parts`` says how many there are of a thing at once,
    ``usable`` refuses a thing that gets no label any more, and ``told`` names what the person says
    when it is issued.
    """

    kind: LabelKind
    on: type[Any]
    permission: Permission
    made: type[Label]
    stock: str
    label: Callable[[Wanted, Language], Label]
    parts: Callable[[Any], int] = lambda _: 1
    usable: Callable[[Any], None] = lambda _: None
    shapes: frozenset[str] | None = None
    told: tuple[str, ...] = ()

    @property
    def stocks(self) -> tuple[str, ...]:
        """Every stock on which it can be printed."""
        shapes = self.shapes or kept.stocks_shapes(self.made)
        return tuple(name for name, stock in stocks.STOCKS.items() if stock.shape in shapes)


PAPERS: dict[LabelKind, Paper] = {}


def known(paper: Paper) -> Paper:
    """Put a kind of label on the list; steps further on add theirs."""
    PAPERS[paper.kind] = paper
    return paper


def paper_of(kind: LabelKind) -> Paper:
    """The kind of label of that name, also where a later step declares it."""
    if kind not in PAPERS:
        catalogue()
    return PAPERS[kind]


@dataclass(frozen=True)
class On:
    """On what and in which language it is printed; ``used``: places of the sheet without label."""

    stock: str
    language: str = "en"
    used: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Prepared:
    """Labels drawn and read back before the lock. Used only while their contents still hold."""

    contents: list[dict[str, Any]]
    on: On
    pdf_digest: str
    tag_digest: str | None


def content_of(paper: Paper, wanted: Wanted, language: Language) -> dict[str, Any]:
    """What the copy says, as it is kept. Refused, with the field, where it cannot be said."""
    try:
        label = paper.label(wanted, language)
    except (ContentError, FormatError, housecode.CodeError) as error:
        raise Unfit(f"The label of {wanted.thing.title} cannot be made: {error}.") from error
    content = kept.keep(label, settings().time_zone)
    if language is Language.BOTH:
        content["first"] = settings().language  # stands alone where there is room for one only
    return content | {"told": dict(wanted.told)} if wanted.told else content


def ready(paper: Paper, wanted: Sequence[Wanted], on: On) -> Prepared | None:
    """Drawn before the lock, since it is slow. None where there is nothing to draw or it cannot
    be: the act itself says why."""
    try:
        return prepare(paper, wanted, on) if wanted else None
    except Refused:
        return None


def prepare(paper: Paper, wanted: Sequence[Wanted], on: On) -> Prepared:
    """Draw the labels and read every symbol back."""
    said = [content_of(paper, each, language_of(on.language)) for each in wanted]
    pdf = _checked(paper, said, on)
    tags = _checked(paper, said, On(TAG, on.language)) if needs_tag(said, on) else None
    return Prepared(said, on, digest(pdf), tags and digest(tags))


def needs_tag(said: Sequence[dict[str, Any]], on: On) -> bool:
    """Whether the labels cannot say all, so that a tag goes with each."""
    return any(companion.goes_with(kept.label_of(content), stocks.stock(on.stock),
                                   language_of(on.language)) for content in said)


def _spoken(said: Sequence[dict[str, Any]], stock: stocks.Stock, language: str) -> Language:
    """The language the labels of a job are drawn in: they are of one thing or of one lot."""
    asked = language_of(language)
    return next((alone for content in said if (alone := companion.spoken(
        kept.label_of(content), stock, asked, Language(content.get("first", "en")))) is not asked),
        asked)


def _checked(paper: Paper, said: Sequence[dict[str, Any]], on: On) -> bytes:
    pdf = drawn(paper, said, on)
    labels = [kept.label_of(content) for content in said]
    try:
        readback.check_pages(pdf, draw.expected_pages(
            labels, stocks.stock(on.stock), used=on.used, layouts=kept.LAYOUTS))
    except CANNOT_BE_DRAWN as error:
        raise Unfit(f"The labels drawn could not be read back, and nothing was issued: {error}. "
                    "Tell quality assurance.") from error
    return pdf


def language_of(language: str) -> Language:
    """The language of that name, or a sentence with those there are."""
    if language not in set(Language):
        raise Malformed(f"Labels are printed in {' or '.join(Language)}.", field="language")
    return Language(language)


def drawn(paper: Paper, said: Sequence[dict[str, Any]], on: On) -> bytes:
    """The pages of what is kept: the same contents give the same bytes."""
    if on.stock not in (*paper.stocks, TAG):
        raise Malformed(f"The label of a {paper.kind} is printed on {', '.join(paper.stocks)}.",
                        field="stock")
    stock = stocks.stock(on.stock)
    free = set(range(1, stock.per_page + 1)) - set(on.used)
    if not free or len(free) + len(on.used) != stock.per_page:
        raise Malformed(f"A page of {stock.name} has the places 1 to {stock.per_page}: name those "
                        "without a label once each, and one must be left.", field="used")
    try:
        return draw.draw([kept.label_of(content) for content in said], stock,
                         language=_spoken(said, stock, on.language), used=on.used,
                         layouts=kept.LAYOUTS)
    except CANNOT_BE_DRAWN as error:
        raise Unfit(f"The label cannot be printed: {error}.", field="stock") from error


def issue(paper: Paper, wanted: Sequence[Wanted], on: On, prepared: Prepared | None, *,
          replaces: LabelCopy | None = None, reason: str | None = None, by: Actor,
          at: datetime) -> LabelJob:
    """The job of these copies. What was prepared counts only if it says what holds now."""
    said = [content_of(paper, each, language_of(on.language)) for each in wanted]
    if prepared is None or (prepared.contents, prepared.on) != (said, on):
        prepared = prepare(paper, wanted, on)
    job = LabelJob(kind=paper.kind, stock=on.stock, language=on.language, used=on.used,
                   pdf_digest=prepared.pdf_digest, tag_digest=prepared.tag_digest,
                   recorded_by_id=by.id, recorded_at=at)
    session.add(job)
    session.flush()
    for each, content in zip(wanted, said, strict=True):
        session.add(LabelCopy(
            bag=each.thing if paper.kind is LabelKind.BAG else None, about=each.thing.code,
            kind=paper.kind, part=each.part, number=each.number, job=job, content=content,
            replaces_id=replaces and replaces.id, reason=reason, recorded_by_id=by.id,
            recorded_at=at))
    session.flush()
    return job


def pdf_of(job: LabelJob) -> bytes:
    """The job's pages, drawn from what was kept: the bytes that were read back, or a refusal."""
    return _as_checked(job, On(job.stock, job.language, job.used), job.pdf_digest)


def tags_of(job: LabelJob) -> bytes:
    """The companions that go with labels too small to say all."""
    if job.tag_digest is None:
        raise Malformed("These labels say all themselves: no companion goes with them.")
    return _as_checked(job, On(TAG, job.language), job.tag_digest)


def _as_checked(job: LabelJob, on: On, expected: str) -> bytes:
    pdf = drawn(paper_of(job.kind), [copy.content for copy in job.copies], on)
    if digest(pdf) != expected:
        raise Unfit("These pages are no longer drawn as they were checked (the program that draws "
                    "them changed): do not print them. Reprint the labels, with that reason.",
                    reasons=("pages differ",))
    return pdf


def pdf_of_copy(copy: LabelCopy) -> bytes:
    """The page of one copy, drawn from what was kept."""
    if copy.job is None:
        raise Unfit("This copy was never drawn.")
    return drawn(paper_of(copy.kind), [copy.content], On(copy.job.stock, copy.job.language))


def rolls(stock: str, *, companions: bool) -> dict[Piece, str]:
    """The stock of each piece of labels drawn for this one."""
    return {Piece.LABEL: stock} | ({Piece.COMPANION: TAG} if companions else {})


def rolls_of(job: LabelJob) -> dict[Piece, str]:
    """The stock of each piece of a job's copies."""
    return rolls(job.stock, companions=job.tag_digest is not None)


def zpl_of(content: dict[str, Any], on: On, dpi: int) -> bytes:
    """What a thermal printer is sent for what is kept, read back from the very bytes."""
    label, stock = kept.label_of(content), stocks.stock(on.stock)
    try:
        data = zpl.draw([label], stock, dpi=dpi, layouts=kept.LAYOUTS,
                        language=_spoken([content], stock, on.language))
        readback.check_pictures(zpl.pictures(data),
                                [draw.symbols(label, stock, kept.LAYOUTS)])
    except CANNOT_BE_DRAWN as error:
        raise Unfit(f"What goes on {on.stock} cannot be printed there: {error}.",
                    field="printer") from error
    return data


def digest(data: bytes) -> str:
    """The sha256 by which the trail knows these bytes."""
    return hashlib.sha256(data).hexdigest()
