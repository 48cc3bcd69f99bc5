"""One row of a file, done by the same acts as by hand: whatever they refuse is refused here.

Each row is tried under a savepoint: a refused one leaves nothing behind and the next is tried, so
that a person reads every reason at once. What becomes of the whole is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, ValidationError
from sqlalchemy.exc import IntegrityError

from mscbank import lineage, things
from mscbank.bags.lifecycle import RELEASED
from mscbank.bags.models import Lot
from mscbank.cultures import schemas as culture_schemas
from mscbank.cultures import service as cultures
from mscbank.cultures.models import Culture, CultureCount
from mscbank.database import current, plain_decimal, session
from mscbank.errors import AlreadyDone, Malformed, NotKnown, Refused
from mscbank.exchange.imports import rules
from mscbank.exchange.imports.reading import Reading, Row
from mscbank.exchange.imports.shape import What
from mscbank.permissions import Actor
from mscbank.release import late
from mscbank.rules import count_told, not_before, not_in_the_future, parted
from mscbank.testing import schemas as testing_schemas
from mscbank.testing.judging import finding_of
from mscbank.testing.models import Qualifier, Result, Sample
from mscbank.usual import UnusualValue
from mscbank.web import forms
from specs.judge import Outcome
from specs.result import SIGNS
from specs.result import Qualifier as BoundOrNot

LATE = timedelta(hours=1)
CORRECTED = ("value", "unit", "qualifier", "word", "method", "laboratory", "performed_at")
ARRIVED = "The awaited result arrived in an instrument's file."


@dataclass(frozen=True)
class Given:
    """What a row gives: its name and amount as read aloud, and the row of the record it made.
    ``failing`` is the sentence of the criterion it fails, or empty."""

    name: str
    amount: str
    made: Result | CultureCount
    failing: str = ""


@dataclass
class Line:
    """What became of a row: what it gave, what to look at, or why it was refused."""

    row: Row
    about: str = ""
    given: list[Given] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    refused: str = ""


class Recording:
    """The rows of one file, one after the other, inside a transaction."""

    def __init__(self, laboratory: str, performed_at: datetime | None, *, by: Actor,
                 at: datetime) -> None:
        self.laboratory, self.performed_at = laboratory, performed_at
        self.by, self.at = by, at
        self.seen: dict[tuple[Any, ...], int] = {}

    def record(self, row: Row) -> Line:
        """Do what the row says, or say why not."""
        line = Line(row, refused=row.refused)
        if row.refused or row.left_out:
            return line
        before = dict(self.seen)
        try:
            with _tried():
                self._record(line)
        except Refused as refusal:
            self.seen = before
            return Line(row, line.about, refused=refusal.sentence)
        except IntegrityError:
            self.seen = before
            return Line(row, line.about, refused="This contradicts what is recorded: look at the "
                        "sample or culture, and tell quality assurance.")
        return line

    def _record(self, line: Line) -> None:
        thing = things.by_code(line.row.code)
        if not isinstance(thing, (Sample, Culture)):
            raise NotKnown(f"{line.row.code} is the code of {thing.SLUG}; an instrument's row is "
                           "about one of samples or cultures.")
        line.about = thing.title
        if isinstance(thing, Culture):
            self._count(line, thing)
        else:
            self._results(line, thing)

    def _moment(self, line: Line) -> datetime:
        if (moment := line.row.performed_at or self.performed_at) is None:
            raise Malformed("This file does not say when it was measured: say so in the form.")
        return moment

    # cultures

    def _count(self, line: Line, culture: Culture) -> None:
        cells = {each.measure.what: each for each in line.row.readings
                 if each.measure.what is not What.RESULT}
        if len(cells) < 2:
            raise Malformed("This row has no total and viable cells, which is all that is "
                            "recorded of a culture. Results are recorded of a sample of it.")
        total, viable = (_cells(cells[what]) for what in (What.TOTAL_CELLS, What.VIABLE_CELLS))
        self._once(line, ("count", culture.code), "A count of this culture")
        moment = self._moment(line)
        not_in_the_future(moment, self.at, field="performed_at")
        not_before(moment, culture.seeded_at, field="performed_at",
                   what="the seeding of the culture")
        data = _loaded(culture_schemas.CountSchema(),
                       {"total_cells": total, "viable_cells": viable})
        try:
            counted = cultures.count(culture, **data, by=self.by, at=self.at)
        except UnusualValue as odd:
            raise UnusualValue(odd.told, "Check it; if it is right, record this count by hand, "
                                         "with its reason.") from odd
        line.given.append(Given("Cells in all / viable", f"{parted(total)} / {parted(viable)}", counted))
        if self.at - moment > LATE:
            line.warnings.append("Counted more than an hour ago: the count is dated now, when it "
                                 "is recorded.")
        if any(each.measure.what is What.RESULT for each in line.row.readings):
            line.warnings.append("Of a culture only its count is recorded; results are recorded "
                                 "of a sample.")

    # samples

    def _results(self, line: Line, sample: Sample) -> None:
        readings = _for_stage(line.row.readings, sample)
        if not readings:
            raise Malformed("This row has no result for a sample: every cell that could hold one "
                            "is empty. Cell numbers are recorded of a culture.")
        moment = self._moment(line)
        for reading in readings:
            line.given.append(self._result(line, sample, reading, moment))
        if any(each.measure.what is not What.RESULT for each in line.row.readings):
            line.warnings.append("Of a sample only results are recorded; the cell numbers are "
                                 "left out.")

    def _result(self, line: Line, sample: Sample, reading: Reading, moment: datetime) -> Given:
        measure, amount = reading.measure, reading.amount
        data = _loaded(testing_schemas.RecordResult(), {
            "test": measure.test, "method": measure.method, "laboratory": self.laboratory,
            "performed_at": moment.isoformat(), "qualifier": reading.qualifier.value,
            **({"word": reading.word} if amount is None else
               {"value": plain_decimal(amount), "unit": measure.unit or None})}, measure.column)
        said = (data["value"], data["qualifier"], data["word"])
        self._once(line, ("result", sample.code, measure.test, moment, *said),
                   f"This result ({measure.test})")
        _not_recorded(sample, data)
        other = self.seen.setdefault(("at once", sample.code, measure.test, moment),
                                     line.row.line)
        if other != line.row.line:
            line.warnings.append(f"Line {other} gives another {measure.test} of this sample at "
                                 "the same time: both would stand, and each must pass.")
        lots = _lots(sample)
        released = [lot.number for lot in lots if lot.standing in RELEASED]
        result = self._written(sample, data)
        finding = finding_of(result)
        fails = finding.outcome is Outcome.FAIL
        if fails and released:
            line.warnings.append(f"{result.test_name} fails, and {' and '.join(released)} is "
                                 "released: recording it stops every bag and alerts the "
                                 "physician.")
        return Given(result.test_name, _told(result), result, finding.sentence if fails else "")

    def _written(self, sample: Sample, data: dict[str, Any]) -> Result:
        """A new result; or, where one was awaited, the one that was awaited."""
        awaited = _awaited(sample, data["test"])
        if len(awaited) > 1:
            raise Refused(f"{count_told(len(awaited), 'result is', 'results are')} awaited for "
                          f"{data['test']} of this sample: record by hand which of them arrived.")
        if awaited:
            return late.correct_result(awaited[0], ARRIVED, by=self.by, at=self.at,
                                       **{name: data[name] for name in CORRECTED})
        return late.record_result(sample, by=self.by, at=self.at, **data)

    def _once(self, line: Line, key: tuple[Any, ...], what: str) -> None:
        rules.said_once(self.seen.get(key), what)
        self.seen[key] = line.row.line


@contextmanager
def _tried() -> Iterator[None]:
    """A savepoint of the record: undone, the trail continues where it was before."""
    under_way = current()
    before = under_way.sequence, under_way.hash, under_way.at
    savepoint = session.begin_nested()
    try:
        yield
        session.flush()
        savepoint.commit()
    except BaseException:
        savepoint.rollback()
        under_way.sequence, under_way.hash, under_way.at = before
        under_way.touched.clear()
        raise


def _loaded(schema: Schema, data: dict[str, Any], column: str = "") -> dict[str, Any]:
    """The act's own schema reads it, as it reads the form."""
    try:
        return schema.load({name: value for name, value in data.items() if value is not None})
    except ValidationError as error:
        name, sentence = next(iter(forms.sentences(error.messages).items()))
        raise Malformed(f"{f'“{column}”' if column else name}: {sentence}") from None


def _cells(reading: Reading) -> int:
    """Whole cells of the whole suspension; a fraction of a cell is rounded, half to even."""
    if reading.qualifier.value != Qualifier.EXACT:
        raise Malformed(f"“{reading.measure.column}” is a bound, not a count: count again.")
    if reading.measure.times and reading.volume is None:
        raise Malformed(f"“{reading.measure.times}” is empty: a culture's count needs the volume "
                        "of its suspension.")
    return int(rules.product(reading.amount or Decimal(0), places=0))


def _for_stage(readings: tuple[Reading, ...], sample: Sample) -> list[Reading]:
    """The results meant for the sample's stage; one for this very stage goes before one for any.

    A cell that is only meant for another stage is refused: the row may be about another sample.
    """
    results = [each for each in readings if each.measure.what is What.RESULT]
    fits = [each for each in results if each.measure.stage in (None, sample.stage)]
    for each in results:
        if each.measure.column not in {fit.measure.column for fit in fits}:
            raise Malformed(f"“{each.measure.column}” is for samples at the stage "
                            f"“{each.measure.stage}”, and this one is “{sample.stage}”.")
    exact = {each.measure.test for each in fits if each.measure.stage}
    return [each for each in fits if each.measure.stage or each.measure.test not in exact]


def _not_recorded(sample: Sample, data: dict[str, Any]) -> None:
    """The same test of the same sample at the same time with the same outcome is there once."""
    found = session.scalar(sa.select(Result).where(
        Result.sample_id == sample.id, Result.test == data["test"],
        Result.performed_at == data["performed_at"], Result.value == data["value"],
        Result.word == data["word"], Result.qualifier == data["qualifier"]).limit(1))
    if found is not None:
        raise AlreadyDone(f"This result ({data['test']}) is recorded already, as {found.code}.")


def _awaited(sample: Sample, test: str) -> list[Result]:
    corrected = sa.select(Result.corrects_id).where(Result.corrects_id.is_not(None))
    return list(session.scalars(sa.select(Result).where(
        Result.sample_id == sample.id, Result.test == test, Result.pending,
        Result.id.not_in(corrected))))


def _lots(sample: Sample) -> list[Lot]:
    """The lots a result of this sample speaks of, before it is written."""
    if sample.lot_id is not None:
        return [session.get_one(Lot, sample.lot_id)]
    made = lineage.descendants(sample.taken_from)
    return list(session.scalars(sa.select(Lot).where(Lot.code.in_(made)).order_by(Lot.id)))


def _told(result: Result) -> str:
    if result.value is None:
        return result.word or ""
    unit = f" {result.unit}" if result.unit else ""
    return f"{SIGNS[BoundOrNot(result.qualifier)]}{plain_decimal(result.value)}{unit}"
