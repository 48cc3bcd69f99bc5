"""The acts of quality control, and what others ask of results."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mscbank import lineage, things
from mscbank.audit.service import record
from mscbank.bags.models import Bag, Lot
from mscbank.bags.service import specification_in_force
from mscbank.cultures.models import Culture
from mscbank.database import session
from mscbank.errors import Refused
from mscbank.permissions import Actor, Permission, another_person
from mscbank.testing import rules
from mscbank.testing.models import Qualifier, Result, Sample, Stage
from specs import judge, shelf
from specs.criterion import Criterion, Specification
from specs.criterion import Stage as SpecStage


def take_sample(
    taken_from: str, stage: Stage, taken_at: datetime, destined: str,
    volume_ml: Decimal | None = None, *, by: Actor, at: datetime,
) -> Sample:
    """Write down that material was taken from a culture, lot or bag, and where it goes."""
    by.must(Permission.TEST)
    source = things.by_code(taken_from)
    rules.sampled_where_it_can_be(source.SLUG, SpecStage(stage))
    began_at, what = _beginning(source)
    rules.sampled_in_time(taken_at, began_at, at, what=what)
    rules.some_volume(volume_ml)
    lot_id = None
    if isinstance(source, Bag):
        rules.thawed_before_sampled(SpecStage(stage), source.thawed_at)
        if stage is Stage.POST_THAW:
            rules.sampled_in_time(taken_at, source.thawed_at, at, what="the thawing of the bag")
        lot_id = source.lot_id
    elif isinstance(source, Lot):
        lot_id = source.id
    sample = Sample(taken_from=source.code, lot_id=lot_id, stage=stage, taken_at=taken_at,
                    destined=destined, volume_ml=volume_ml, recorded_by_id=by.id, recorded_at=at)
    session.add(sample)
    session.flush()
    record("take sample", sample, by=by, at=at, taken_from=source.code, stage=stage,
           taken_at=taken_at, destined=destined, volume_ml=volume_ml)
    return sample


def _beginning(source: Any) -> tuple[datetime, str]:
    if isinstance(source, Culture):
        return source.seeded_at, "the seeding of the culture"
    lot = source.lot if isinstance(source, Bag) else source
    return lot.filled_at, "the filling of the lot"


def record_result(
    sample: Sample, test: str, method: str, laboratory: str, performed_at: datetime,
    value: Decimal | None = None, unit: str | None = None, word: str | None = None,
    qualifier: Qualifier = Qualifier.EXACT, pending: bool = False, *, by: Actor, at: datetime,
) -> Result:
    """Write down one result of a sample: a number in the criterion's unit, words, or pending.

    Recording stays possible whatever the lot's standing: a late result is the one that counts.
    """
    by.must(Permission.TEST)
    _check_outcome(sample, test, performed_at, value, unit, word, qualifier, pending, at)
    result = Result(
        sample_id=sample.id, lot_id=sample.lot_id, test=test, method=method,
        laboratory=laboratory, performed_at=performed_at, value=value, unit=unit, word=word,
        qualifier=qualifier, pending=pending, recorded_by_id=by.id, recorded_at=at)
    session.add(result)
    session.flush()
    record("record result", sample, by=by, at=at, **_facts(result))
    return result


def correct_result(
    result: Result, reason: str, method: str | None = None, laboratory: str | None = None,
    performed_at: datetime | None = None, value: Decimal | None = None, unit: str | None = None,
    word: str | None = None, qualifier: Qualifier = Qualifier.EXACT, pending: bool = False,
    *, by: Actor, at: datetime,
) -> Result:
    """Put a new result in the place of one that stands; also how a pending one arrives.

    Method, laboratory and time are those of the corrected result where left out. The corrected
    row stays, and shows as corrected.
    """
    by.must(Permission.TEST)
    rules.stands(is_corrected(result), to="correct")
    rules.has_a_reason(reason)
    performed_at = performed_at or result.performed_at
    sample = result.sample
    _check_outcome(sample, result.test, performed_at, value, unit, word, qualifier, pending, at)
    correction = Result(
        sample_id=sample.id, lot_id=sample.lot_id, test=result.test,
        method=method or result.method, laboratory=laboratory or result.laboratory,
        performed_at=performed_at, value=value, unit=unit, word=word, qualifier=qualifier,
        pending=pending, corrects_id=result.id, reason=reason, recorded_by_id=by.id,
        recorded_at=at)
    session.add(correction)
    session.flush()
    record("correct result", result, by=by, at=at, reason=reason, **_facts(correction))
    return correction


def confirm_result(result: Result, *, by: Actor, at: datetime) -> Result:
    """A second person has looked at the raw data and finds the same."""
    by.must(Permission.CONFIRM_RESULT)
    can_confirm(result)
    another_person(by, than=result.recorded_by_id, who="recorded this result")
    result.confirmed_by_id, result.confirmed_at = by.id, at
    record("confirm result", result, by=by, at=at, test=result.test)
    return result


def can_correct(result: Result) -> None:
    """Refuse when this is not the row that stands."""
    rules.stands(is_corrected(result), to="correct")


def can_confirm(result: Result) -> None:
    """Refuse when there is nothing to confirm, or it was confirmed before."""
    rules.stands(is_corrected(result), to="confirm")
    rules.can_be_confirmed(result.pending, result.confirmed_at is not None)


def is_corrected(result: Result) -> bool:
    """Whether another row stands in this one's place."""
    return bool(session.scalar(
        sa.select(sa.exists().where(Result.corrects_id == result.id))))


def _check_outcome(sample: Sample, test: str, performed_at: datetime, value: Decimal | None,
                   unit: str | None, word: str | None, qualifier: Qualifier, pending: bool,
                   at: datetime) -> None:
    asked = criterion_of(sample, test)
    rules.performed_in_time(performed_at, sample.taken_at, at)
    rules.one_outcome(value, word, pending)
    rules.measured_as_asked(asked, value, unit, word, judge.Qualifier(qualifier))


def _facts(result: Result) -> dict[str, Any]:
    return {"result": result.code, "test": result.test, "value": result.value,
            "unit": result.unit, "word": result.word, "qualifier": result.qualifier,
            "pending": result.pending, "performed_at": result.performed_at}


def criterion_of(sample: Sample, test: str) -> Criterion:
    """What the specification asks of this test at the sample's stage."""
    return rules.criterion(specification_for(sample), test, SpecStage(sample.stage))


def tests_of(sample: Sample) -> tuple[Criterion, ...]:
    """The criteria whose result may be recorded for this sample, in the specification's order."""
    return tuple(each for each in specification_for(sample).criteria
                 if each.stage == sample.stage and each.key not in rules.DERIVED)


def specification_for(sample: Sample) -> Specification:
    """The specification a sample is tested against: its lot's; for a culture, which is no lot
    yet, the one its trial had in force on the day it was taken."""
    if sample.lot_id is not None:
        return specification_of(session.get_one(Lot, sample.lot_id))
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


def for_judge(result: Result) -> judge.Result:
    """A row as the judge reads it."""
    return judge.Result(
        key=result.test, stage=SpecStage(result.sample.stage), performed_at=result.performed_at,
        value=result.value, text=result.word, unit=result.unit,
        qualifier=judge.Qualifier(result.qualifier), pending=result.pending,
        confirmed=result.confirmed_by_id is not None)


def derived_results(lot: Lot) -> list[judge.Result]:
    """What the lot itself answers: its passage number."""
    return [judge.Result(key="passage", stage=SpecStage.DRUG_SUBSTANCE,
                         performed_at=lot.filled_at, value=Decimal(lot.passage), confirmed=True)]
