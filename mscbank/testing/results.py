"""Results: recorded, corrected, tested again, confirmed by a second person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mscbank import things
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.permissions import Actor, Permission, another_person
from mscbank.settings import local
from mscbank.testing import (
    investigation_rules,
    register,
    register_rules,
    rules,
    samples,
)
from mscbank.testing.judging import finding_of
from mscbank.testing.models import Qualifier, Replicate, Result, Sample
from mscbank.testing.service import criterion_of, is_corrected, same_question
from specs import judge
from specs.criterion import Criterion


def record_result(
    sample: Sample, test: str, method: str, laboratory: str, performed_at: datetime,
    value: Decimal | None = None, unit: str | None = None, word: str | None = None,
    qualifier: Qualifier = Qualifier.EXACT, pending: bool = False,
    replicates: Sequence[Decimal] = (), retest_of: str | None = None, *, by: Actor, at: datetime,
) -> Result:
    """Write down one result of a sample: a number in the criterion's unit, words, or pending.

    ``method`` and ``laboratory`` are names of the register, in force on the day of the test. Of
    ``replicates`` the mean is the value. ``retest_of`` is the code of the result that an
    investigation set aside. Recording stays possible whatever the lot's standing: a late result
    is the one that counts.
    """
    by.must(Permission.TEST)
    result = Result(
        sample=sample, lot_id=sample.lot_id, test=test, method=method, laboratory=laboratory,
        performed_at=performed_at, unit=unit, word=word, qualifier=qualifier, pending=pending,
        value=rules.replicated(replicates, value, word, pending, judge.Qualifier(qualifier)),
        recorded_by_id=by.id, recorded_at=at)
    asked = _fill_in(result, replicates, at)
    _follows(result, asked, retest_of, by=by, at=at)
    session.add(result)
    session.flush()
    record("record result", sample, by=by, at=at, retest_of=retest_of, **_facts(result))
    return result


def correct_result(
    result: Result, reason: str, method: str | None = None, laboratory: str | None = None,
    performed_at: datetime | None = None, value: Decimal | None = None, unit: str | None = None,
    word: str | None = None, qualifier: Qualifier = Qualifier.EXACT, pending: bool = False,
    replicates: Sequence[Decimal] = (), *, by: Actor, at: datetime,
) -> Result:
    """Put a new result in the place of one that stands; also how a pending one arrives.

    Method, laboratory and time are those of the corrected result where left out. The corrected
    row stays, and shows as corrected. A result under investigation is not corrected.
    """
    by.must(Permission.TEST)
    can_correct(result)
    rules.has_a_reason(reason)
    if retested := first_of(result).retest_of_id:
        _another_tester(session.get_one(Result, retested), by)
    correction = Result(
        sample=result.sample, lot_id=result.lot_id, test=result.test,
        method=method or result.method, laboratory=laboratory or result.laboratory,
        performed_at=performed_at or result.performed_at, unit=unit, word=word,
        qualifier=qualifier, pending=pending, corrects_id=result.id, reason=reason,
        value=rules.replicated(replicates, value, word, pending, judge.Qualifier(qualifier)),
        recorded_by_id=by.id, recorded_at=at)
    _fill_in(correction, replicates, at)
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
    """Refuse when this is not the row that stands, or when it is investigated."""
    rules.stands(is_corrected(result), to="correct")
    found = result.investigation
    investigation_rules.corrected_only_before(found and found.number)


def can_confirm(result: Result) -> None:
    """Refuse when there is nothing to confirm, or it was confirmed before."""
    rules.stands(is_corrected(result), to="confirm")
    rules.can_be_confirmed(result.pending, result.confirmed_at is not None)


def first_of(result: Result) -> Result:
    """The row that this one corrects, and that one, to the first."""
    while result.corrects_id is not None:
        result = session.get_one(Result, result.corrects_id)
    return result


def corrections(result: Result) -> list[Result]:
    """The row that was first written, and what corrected it one after the other."""
    chain = [first_of(result)]
    while later := session.scalar(sa.select(Result).where(Result.corrects_id == chain[-1].id)):
        chain.append(later)
    return chain


def retests(result: Result) -> tuple[Result | None, Result | None]:
    """(the result that this one tests again, the retest of this one), where there are such."""
    before = session.get(Result, result.retest_of_id) if result.retest_of_id else None
    return before, session.scalar(sa.select(Result).where(Result.retest_of_id == result.id))


def _fill_in(result: Result, replicates: Sequence[Decimal], at: datetime) -> Criterion:
    """Refuse what cannot be; then the test's name and the single values. What is asked of it."""
    with session.no_autoflush:
        asked = criterion_of(result.sample, result.test)
        rules.performed_in_time(result.performed_at, result.sample.taken_at, at)
        rules.one_outcome(result.value, result.word, result.pending)
        for value in (*replicates, result.value):
            rules.measured_as_asked(asked, value, result.unit, result.word,
                                    judge.Qualifier(result.qualifier))
        by_method, where = register.used(result.method, result.laboratory,
                                         local(result.performed_at).date())
        register_rules.in_the_methods_unit(by_method.name, by_method.unit, result.unit)
        samples.tested_there(result.sample, where, result.performed_at)
        result.test_name = asked.title
        result.replicates = [Replicate(value=value) for value in replicates]
    return asked


def _follows(result: Result, asked: Criterion, retest_of: str | None, *, by: Actor,
             at: datetime) -> None:
    """A new result is a retest that is allowed, or no way round an investigation."""
    with session.no_autoflush:
        earlier = same_question(result.sample, result.test)
        asides = [one for one in earlier if one.investigation and one.investigation.sets_aside]
        retested = {one.retest_of_id for one in earlier}
        if retest_of is not None:
            first = things.get(Result, retest_of, field="retest_of")
            investigation_rules.answers_the_same(first in earlier)
            investigation_rules.retest_allowed(first in asides, first.id in retested, asked.title,
                                               len(asides), asked.retests)
            _another_tester(first, by)
            result.retest_of_id = first.id
            return
        under_way = [one.investigation.number for one in earlier
                     if one.investigation and one.investigation.is_open]
        waiting = [one.code for one in asides if one.id not in retested]
        if (under_way or waiting) and not fails(result, at):
            investigation_rules.no_test_into_compliance(
                next(iter(under_way), None), next(iter(waiting), None))


def _another_tester(first: Result, by: Actor) -> None:
    """The retester counts too: who recorded the first result does not record the second."""
    another_person(by, than=first.recorded_by_id, who="recorded the result that is tested again")


def fails(result: Result, at: datetime) -> bool:
    """Whether this one result fails its criterion. Bad news is never held up."""
    return finding_of(result, at=at).outcome is judge.Outcome.FAIL


def _facts(result: Result) -> dict[str, Any]:
    return {"result": result.code, "test": result.test, "value": result.value,
            "unit": result.unit, "word": result.word, "qualifier": result.qualifier,
            "pending": result.pending, "performed_at": result.performed_at,
            "method": result.method, "laboratory": result.laboratory,
            "replicates": [one.value for one in result.replicates]}
