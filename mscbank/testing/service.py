"""What others ask of results: which stand, what they speak of, what they are held against."""

from __future__ import annotations

import sqlalchemy as sa

from mscbank import lineage, things
from mscbank.bags.models import Lot
from mscbank.bags.service import specification_in_force
from mscbank.cultures.models import Culture
from mscbank.database import session
from mscbank.errors import Refused
from mscbank.testing import rules
from mscbank.testing.models import Result, Sample
from specs import shelf
from specs.criterion import Criterion, Specification
from specs.criterion import Stage as SpecStage


def is_corrected(result: Result) -> bool:
    """Whether another row stands in this one's place."""
    return bool(session.scalar(
        sa.select(sa.exists().where(Result.corrects_id == result.id))))


def same_question(sample: Sample, test: str) -> list[Result]:
    """Every result of this test about what this sample speaks of, at the same stage: the lot's
    and its bags', or the culture's."""
    about = (Result.lot_id == sample.lot_id if sample.lot_id is not None
             else Sample.taken_from == sample.taken_from)
    return list(session.scalars(
        sa.select(Result).join(Sample).where(
            about, Result.test == test, Sample.stage == sample.stage).order_by(Result.id)))


def criterion_of(sample: Sample, test: str) -> Criterion:
    """What the specification asks of this test at the sample's stage."""
    return rules.criterion(specification_for(sample), test, SpecStage(sample.stage))


def tests_of(sample: Sample) -> tuple[Criterion, ...]:
    """The criteria whose result may be recorded for this sample, in the specification's order."""
    return tuple(each for each in specification_for(sample).criteria
                 if each.stage == sample.stage and each.key not in rules.DERIVED)


def specification_for(sample: Sample, culture: Culture | None = None) -> Specification:
    """The specification a sample is tested against: its lot's; for a culture, which is no lot
    yet, the one its trial had in force on the day it was taken. ``culture``: the sampled one,
    where it is at hand."""
    if sample.lot_id is not None:
        return specification_of(session.get_one(Lot, sample.lot_id))
    if culture is None:
        culture = things.get(Culture, sample.taken_from)
    try:
        return specification_in_force(culture.harvest, sample.taken_at)
    except shelf.ShelfError as error:
        raise _no_sheet(error) from error


def specification_of(lot: Lot) -> Specification:
    """The specification the lot was made under, and no other: its digest must be the one kept."""
    try:
        specification = shelf.release(lot.specification)
    except shelf.ShelfError as error:
        raise _no_sheet(error) from error
    if specification.digest != lot.specification_digest:
        raise Refused(f"The specification {lot.specification} on the shelf is not the one this "
                      "lot was made under: tell quality assurance; nothing can be judged.",
                      reasons=("specification changed",))
    return specification


def _no_sheet(error: Exception) -> Refused:
    return Refused(f"The specification cannot be read ({error}): tell quality assurance.",
                   reasons=("specification unreadable",))


def results_about(lot: Lot) -> list[Result]:
    """Every result that speaks of the lot, corrected ones too: its own, its bags', and those of
    the cultures it was made from."""
    made_from = lineage.ancestors(lot.code)
    return list(session.scalars(
        sa.select(Result).join(Sample)
        .where(sa.or_(Result.lot_id == lot.id, Sample.taken_from.in_(made_from)))
        .order_by(Result.id)))


def standing_results(lot: Lot) -> list[Result]:
    """The results about the lot that nothing corrects."""
    results = results_about(lot)
    corrected = {result.corrects_id for result in results}
    return [result for result in results if result.id not in corrected]


def lots_concerned(result: Result) -> list[Lot]:
    """The lots this result speaks of: its own, or every lot made from the sampled culture."""
    if result.lot_id is not None:
        return [session.get_one(Lot, result.lot_id)]
    made = lineage.descendants(result.sample.taken_from)
    return list(session.scalars(sa.select(Lot).where(Lot.code.in_(made)).order_by(Lot.id)))
