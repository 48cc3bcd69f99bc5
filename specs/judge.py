"""Results against a specification: one finding, in one sentence, for every criterion.

The rules, each with a test:
1. Nothing recorded is *missing*: silence is never a pass.
2. Of several results that stand, each must pass; one that fails fails the criterion.
3. A number below a detection limit passes only what it proves: `< 0.05` is at most 0.5; it cannot
   prove a lower limit. What cannot be decided fails, and says so.
4. Another unit, no value, words for a number, an amount below zero or over 100 % fail.
5. An interim result that already fails, fails: a culture that grows on day 3 is not awaited.
6. A result older than its criterion allows does not count; one that is in date takes its place.
7. What needs a second person and has none is *unconfirmed*.
8. An informative criterion never decides.
9. No findings release nothing.
10. A result that an investigation set aside never decides, and is named; where only such stand,
    the test is to be made again. More set aside than the criterion's retests fail.
11. A result by a method the criterion does not name fails.
12. What is judged per kg and hour is converted for the largest dose; without the dose it fails.
"""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from specs.criterion import FULL_PERCENT, Criterion, Limit, Specification, Stage, plain_words
from specs.endotoxin import Dose, per_kg_and_hour
from specs.result import Qualifier, Result
from specs.words import count_told, day_told

INFINITE = Decimal("Infinity")
NUMBERS_ONLY = (Limit.AT_LEAST, Limit.AT_MOST, Limit.BETWEEN)


class Outcome(StrEnum):
    PASS = "pass"
    FAIL = "fail"
    MISSING = "missing"
    PENDING = "pending"
    INFORMATIVE = "informative"
    OUT_OF_DATE = "out_of_date"
    UNCONFIRMED = "unconfirmed"


# Of several results the first of these decides. Out of date comes after pass: a retest that is in
# date takes the place of the old one (rule 6), but never the place of a failure (rule 2).
DECIDES_FIRST = (Outcome.FAIL, Outcome.UNCONFIRMED, Outcome.PENDING, Outcome.PASS,
                 Outcome.OUT_OF_DATE, Outcome.MISSING)
Weighed = tuple[Outcome, str]


@dataclass(frozen=True)
class Finding:
    """What the judge says about one criterion."""

    criterion: Criterion
    outcome: Outcome
    sentence: str

    @property
    def key(self) -> str:
        return self.criterion.key

    @property
    def stage(self) -> Stage:
        return self.criterion.stage


def judge(specification: Specification, results: Iterable[Result], *,
          at: datetime | None = None, dose: Dose | None = None) -> tuple[Finding, ...]:
    """One finding per criterion, in the specification's order.

    Give only results that stand: one that was corrected is left out by the caller, its correction
    given. `at` is the moment of judging (with a zone); without it, a criterion that limits the age
    of a result is out of date. `dose` is the largest the patient may be given, for criteria per kg.
    Results that no criterion asks for: see `unjudged`.
    """
    if at is not None and at.utcoffset() is None:
        raise ValueError("the moment of judging has no time zone")
    results = tuple(results)
    return tuple(
        _finding(criterion, [result for result in results if _belongs(result, criterion)], at, dose)
        for criterion in specification.criteria)


def unjudged(specification: Specification, results: Iterable[Result]) -> tuple[Result, ...]:
    """Results that no criterion asks for, so that a page can show what did not decide."""
    return tuple(result for result in results
                 if not any(_belongs(result, each) for each in specification.criteria))


def releasable(findings: Sequence[Finding]) -> bool:
    """Whether the lot may be certified: every finding passes or is informative."""
    return bool(findings) and all(
        finding.outcome in (Outcome.PASS, Outcome.INFORMATIVE) for finding in findings)


def conditionally_releasable(findings: Sequence[Finding]) -> bool:
    """Whether the lot may go out while results are awaited that its specification lets wait."""
    return bool(findings) and all(
        finding.outcome in (Outcome.PASS, Outcome.INFORMATIVE)
        or (finding.outcome is Outcome.PENDING and finding.criterion.may_be_pending)
        for finding in findings)


def _belongs(result: Result, criterion: Criterion) -> bool:
    return (result.key, result.stage) == (criterion.key, criterion.stage)


def _finding(criterion: Criterion, results: list[Result], at: datetime | None,
             dose: Dose | None) -> Finding:
    aside = [result for result in results if result.set_aside]
    weighed = [_weigh(criterion, result, at, dose) for result in results if not result.set_aside]
    weighed = sorted([*_too_many_aside(criterion, aside),
                      *(weighed or [_nothing_stands(criterion, aside)])],
                     key=lambda each: DECIDES_FIRST.index(each[0]))
    named = [f"{_named(criterion, result)} set aside: {result.set_aside}" for result in aside]
    sentence = "; ".join(dict.fromkeys([*named, *(words for _, words in weighed)]))
    if criterion.informative:
        return Finding(criterion, Outcome.INFORMATIVE,
                       f"{sentence} (informative: it does not decide)")
    return Finding(criterion, weighed[0][0], sentence)


def _too_many_aside(criterion: Criterion, aside: list[Result]) -> list[Weighed]:
    if len(aside) <= criterion.retests:
        return []
    return [(Outcome.FAIL, (f"set aside after laboratory errors: {len(aside)}, the specification"
                            f" allows {criterion.retests}"))]


def _nothing_stands(criterion: Criterion, aside: list[Result]) -> Weighed:
    then = ("" if criterion.informative else "; test again" if aside
            else "; record the result, or that it is awaited" if criterion.may_be_pending
            else "; record the result")
    none = "no other result" if aside else "no result"
    return Outcome.MISSING, f"{criterion.title}: {none} at {criterion.stage}{then}"


def _named(criterion: Criterion, result: Result) -> str:
    return f"{criterion.title} {result.amount}" if result.amount else criterion.title


def _weigh(criterion: Criterion, result: Result, at: datetime | None,
           dose: Dose | None) -> Weighed:
    named = _named(criterion, result)
    if at is not None and result.performed_at > at:
        return Outcome.FAIL, f"{named} is dated after this judgement; correct its date"
    if criterion.methods and plain_words(result.method) not in map(plain_words, criterion.methods):
        return Outcome.FAIL, (f"{named}: the method is {result.method or 'not recorded'}, the"
                              f" specification asks for {criterion.method_text}; test by that")
    if result.pending and result.value is None and result.text is None:
        return Outcome.PENDING, f"{criterion.title}: the result is awaited"
    fault = _fault(criterion, result, dose)
    if fault:
        return Outcome.FAIL, f"{named}: {fault}"
    converted, arithmetic = _converted(criterion, result, dose)
    within, words = _against_limit(criterion, converted)
    sentence = f"{named}{arithmetic} {words}"
    if not within:
        return Outcome.FAIL, sentence
    if result.pending:
        return Outcome.PENDING, f"{sentence} so far; the final result is awaited"
    if criterion.max_age_days is not None and not _in_date(result, criterion.max_age_days, at):
        return Outcome.OUT_OF_DATE, (
            f"{named} of {day_told(result.performed_at)} is out of date: it counts for"
            f" {count_told(criterion.max_age_days, 'day')}; test again")
    if criterion.needs_confirmation and not result.confirmed:
        return Outcome.UNCONFIRMED, f"{sentence}, but a second person has not confirmed it"
    return Outcome.PASS, sentence


def _in_date(result: Result, days: int, at: datetime | None) -> bool:
    return at is not None and at - result.performed_at <= timedelta(days=days)


def _fault(criterion: Criterion, result: Result, dose: Dose | None) -> str:
    """Why the result cannot be held against the limit at all; empty where it can."""
    if result.value is None:
        if not result.words:
            return "the result has no value; record one"
        if criterion.limit in NUMBERS_ONLY:
            return f"words cannot be compared with {criterion.limit_text}; record a number"
        return ""
    if criterion.limit in (Limit.ONE_OF, Limit.NONE_OF):
        return f"a number cannot be compared with {criterion.limit_text}; record the words"
    if (result.unit or "") != criterion.reported_unit:
        return (f"the unit is {result.unit or 'none'}, the specification asks for"
                f" {criterion.reported_unit or 'none'}; record the result in that unit")
    if result.value < 0 or (result.value == 0 and result.qualifier is Qualifier.BELOW):
        return "an amount cannot be below zero; correct the entry"
    if result.unit == "%" and (result.value > FULL_PERCENT or (
            result.value == FULL_PERCENT and result.qualifier is Qualifier.ABOVE)):
        return "nothing is more than 100 %; correct the entry"
    if criterion.per and dose is None:
        return (f"it cannot be converted to {criterion.unit}, the largest dose is not known;"
                " record the recipient's protocol and the lot's bags")
    return ""


def _converted(criterion: Criterion, result: Result, dose: Dose | None) -> tuple[Result, str]:
    """The result in the unit of the limit, and the arithmetic that a person can check."""
    if criterion.per is None:
        return result, ""
    hours = criterion.infused_over_hours_at_least
    amount = per_kg_and_hour(result.value, dose, hours)  # type: ignore[arg-type]  # no fault: given
    converted = replace(result, value=amount, unit=criterion.unit)
    return converted, f" x {dose} / {hours} h = {converted.amount}"


def _against_limit(criterion: Criterion, result: Result) -> tuple[bool, str]:
    """Whether the result is within the limit, and the rest of the sentence that says so."""
    limit = criterion.limit_text
    if criterion.limit is Limit.ABSENT:
        within = _is_absent(criterion, result)
        return within, f"{'meets' if within else 'does not meet'} {limit}"
    if result.value is None:
        named = result.words in map(plain_words, criterion.values)
        within = named is (criterion.limit is Limit.ONE_OF)
        return within, f"{'meets' if within else 'does not meet'} {limit}"
    proven = _proven(criterion, result.value, result.qualifier)
    if proven is None:
        return False, f"does not show whether the amount is {limit}; it counts as a failure"
    return proven, f"is {limit}" if proven else f"is not {limit}"


def _is_absent(criterion: Criterion, result: Result) -> bool:
    if result.value is None:
        return result.words in map(plain_words, criterion.values)
    return result.qualifier is Qualifier.BELOW or (
        result.qualifier is Qualifier.EXACT and result.value == 0)


def _proven(criterion: Criterion, value: Decimal, qualifier: Qualifier) -> bool | None:
    """True: within the limits whatever the amount is; False: outside; None: cannot be told.

    `< v` is an amount from 0 up to but not v; `> v` one above v, in per cent up to 100.
    """
    low = Decimal(0) if criterion.low is None else criterion.low
    high = INFINITE if criterion.high is None else criterion.high
    if qualifier is Qualifier.EXACT:
        return low <= value <= high
    if qualifier is Qualifier.BELOW:
        inside, outside = low == 0 and value <= high, value <= low
    else:
        most = FULL_PERCENT if criterion.unit == "%" else INFINITE
        inside, outside = low <= value and most <= high, value >= high
    return True if inside else False if outside else None
