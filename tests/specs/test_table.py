"""Every kind of limit against every kind of result, with what the judge must say of each.

Read a row as a result and a column as a limit: 5, 5 to 10, or 10, in the unit; the words `clear` or
`none`; per kg and hour, where each EU/mL is 2 EU/kg/h, at most 20 EU/kg/h. Every column allows the
method LAL, one retest, results of 30 days, and asks for a second person.
"""
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import product

import pytest

from specs.criterion import Limit, Per
from specs.endotoxin import Dose
from specs.judge import Outcome, conditionally_releasable, releasable
from specs.result import Qualifier
from tests.specs.judging import NOON, criterion, judged, result

TABLE = """
                 at_least    at_most     between     one_of      none_of     absent      per kg/h
exact 0          fail        pass        fail        fail        fail        pass        pass
exact 4          fail        pass        fail        fail        fail        fail        pass
exact 5          pass        pass        pass        fail        fail        fail        pass
exact 7          pass        pass        pass        fail        fail        fail        pass
exact 10         pass        pass        pass        fail        fail        fail        pass
exact 11         pass        fail        fail        fail        fail        fail        fail
exact 101        pass        fail        fail        fail        fail        fail        fail
exact -1         fail        fail        fail        fail        fail        fail        fail
below 0          fail        fail        fail        fail        fail        fail        fail
below 4          fail        pass        fail        fail        fail        pass        pass
below 5          fail        pass        fail        fail        fail        pass        pass
below 7          fail        pass        fail        fail        fail        pass        pass
below 10         fail        pass        fail        fail        fail        pass        pass
below 11         fail        fail        fail        fail        fail        pass        fail
below 101        fail        fail        fail        fail        fail        pass        fail
below -1         fail        fail        fail        fail        fail        fail        fail
above 0          fail        fail        fail        fail        fail        fail        fail
above 4          fail        fail        fail        fail        fail        fail        fail
above 5          pass        fail        fail        fail        fail        fail        fail
above 7          pass        fail        fail        fail        fail        fail        fail
above 10         pass        fail        fail        fail        fail        fail        fail
above 11         pass        fail        fail        fail        fail        fail        fail
above 101        pass        fail        fail        fail        fail        fail        fail
above -1         fail        fail        fail        fail        fail        fail        fail
words named      fail        fail        fail        pass        fail        pass        fail
words not named  fail        fail        fail        fail        pass        fail        fail
words empty      fail        fail        fail        fail        fail        fail        fail
nothing recorded missing     missing     missing     missing     missing     missing     missing
no value         fail        fail        fail        fail        fail        fail        fail
another unit     fail        fail        fail        fail        fail        fail        fail
no unit          fail        fail        fail        fail        fail        fail        fail
awaited          pending     pending     pending     pending     pending     pending     pending
good so far      pending     pending     pending     pending     pending     pending     pending
bad so far       fail        fail        fail        fail        fail        fail        fail
unchecked, good  unconfirmed unconfirmed unconfirmed unconfirmed unconfirmed unconfirmed unconfirmed
unchecked, bad   fail        fail        fail        fail        fail        fail        fail
30 days old      pass        pass        pass        pass        pass        pass        pass
older, good      out_of_date out_of_date out_of_date out_of_date out_of_date out_of_date out_of_date
older, bad       fail        fail        fail        fail        fail        fail        fail
dated ahead      fail        fail        fail        fail        fail        fail        fail
another method   fail        fail        fail        fail        fail        fail        fail
no method        fail        fail        fail        fail        fail        fail        fail
awaited, not LAL fail        fail        fail        fail        fail        fail        fail
aside            missing     missing     missing     missing     missing     missing     missing
aside, good      pass        pass        pass        pass        pass        pass        pass
aside, bad       fail        fail        fail        fail        fail        fail        fail
aside, awaited   pending     pending     pending     pending     pending     pending     pending
aside x 2, good  fail        fail        fail        fail        fail        fail        fail
aside x 2        fail        fail        fail        fail        fail        fail        fail
good, good       pass        pass        pass        pass        pass        pass        pass
good, bad        fail        fail        fail        fail        fail        fail        fail
bad, good        fail        fail        fail        fail        fail        fail        fail
good, awaited    pending     pending     pending     pending     pending     pending     pending
good, unchecked  unconfirmed unconfirmed unconfirmed unconfirmed unconfirmed unconfirmed unconfirmed
older, then good pass        pass        pass        pass        pass        pass        pass
"""


class Column(StrEnum):
    """Every kind of limit, and the one that is converted."""

    AT_LEAST = Limit.AT_LEAST
    AT_MOST = Limit.AT_MOST
    BETWEEN = Limit.BETWEEN
    ONE_OF = Limit.ONE_OF
    NONE_OF = Limit.NONE_OF
    ABSENT = Limit.ABSENT
    PER_KG_AND_HOUR = "per kg/h"


class Sign(StrEnum):
    EXACT = "exact"
    BELOW = "below"
    ABOVE = "above"


class Amount(StrEnum):
    """Beside 5 and 10, the ends of the limits, and what cannot be."""

    ZERO = "0"
    UNDER_LOW = "4"
    AT_LOW = "5"
    BETWEEN = "7"
    AT_HIGH = "10"
    OVER_HIGH = "11"
    OVER_A_HUNDRED = "101"
    NEGATIVE = "-1"


class Words(StrEnum):
    NAMED = "words named"
    NOT_NAMED = "words not named"
    EMPTY = "words empty"


QUALIFIERS = dict(zip(Sign, Qualifier, strict=True))
NUMBERS = {"low": Decimal(5), "high": Decimal(10)}
LIMITS = {
    Column.AT_LEAST: {"low": NUMBERS["low"], "unit": "EU"},
    Column.AT_MOST: {"high": NUMBERS["high"], "unit": "EU"},
    Column.BETWEEN: NUMBERS | {"unit": "EU"},
    Column.ONE_OF: {"values": ("clear", "none"), "unit": ""},
    Column.NONE_OF: {"values": ("clear", "none"), "unit": ""},
    Column.ABSENT: {"values": ("clear", "none"), "unit": "EU"},
    Column.PER_KG_AND_HOUR: {"limit": Limit.AT_MOST, "high": Decimal(20), "unit": "EU/kg/h",
                             "per": Per.KG_AND_HOUR,
                             "infused_over_hours_at_least": Decimal("0.5")},
}
DOSE = Dose(cells_per_kg=Decimal(1_000_000), bag_ml=Decimal(50), bag_cells=Decimal(50_000_000))
GOOD = {Column.ONE_OF: "clear", Column.NONE_OF: "turbid", Column.ABSENT: "none"}
BAD = {Column.ONE_OF: "turbid", Column.NONE_OF: "clear", Column.ABSENT: "growth",
       Column.AT_LEAST: "4"}
DAY = timedelta(days=1)
ERROR = {"set_aside": "laboratory error, OOS26-001"}
LATER = {"set_aside": "laboratory error, OOS26-002"}


def limit(column, **changes):
    facts = {"limit": Limit(column)} if column in list(Limit) else {}
    return criterion(**{"needs_confirmation": True, "max_age_days": 30, "methods": ("LAL",),
                        "retests": 1, **facts, **LIMITS[column], **changes})


def measured(column, value=None, **changes):
    """A result that could count: confirmed, by the method, in the unit the laboratory reports."""
    return result(value, **{"unit": limit(column).reported_unit, "confirmed": True,
                            "method": "LAL", **changes})


def good(column, **changes):
    return measured(column, GOOD.get(column, "7"), **changes)


def bad(column, **changes):
    return measured(column, BAD.get(column, "11"), **changes)


def awaited(column, **changes):
    return measured(column, pending=True, **changes)


CIRCUMSTANCES = {
    "nothing recorded": lambda column: [],
    "no value": lambda column: [measured(column)],
    "another unit": lambda column: [measured(column, "7", unit="IU")],
    "no unit": lambda column: [measured(column, "12", unit="")],
    "awaited": lambda column: [awaited(column)],
    "good so far": lambda column: [good(column, pending=True)],
    "bad so far": lambda column: [bad(column, pending=True)],
    "unchecked, good": lambda column: [good(column, confirmed=False)],
    "unchecked, bad": lambda column: [bad(column, confirmed=False)],
    "30 days old": lambda column: [good(column, performed_at=NOON - 30 * DAY)],
    "older, good": lambda column: [good(column, performed_at=NOON - 31 * DAY)],
    "older, bad": lambda column: [bad(column, performed_at=NOON - 31 * DAY)],
    "dated ahead": lambda column: [good(column, performed_at=NOON + DAY)],
    "another method": lambda column: [good(column, method="Gel clot")],
    "no method": lambda column: [good(column, method="")],
    "awaited, not LAL": lambda column: [awaited(column, method="Gel clot")],
    "aside": lambda column: [bad(column, **ERROR)],
    "aside, good": lambda column: [bad(column, **ERROR), good(column)],
    "aside, bad": lambda column: [good(column, **ERROR), bad(column)],
    "aside, awaited": lambda column: [bad(column, **ERROR), awaited(column)],
    "aside x 2, good": lambda column: [bad(column, **ERROR), bad(column, **LATER), good(column)],
    "aside x 2": lambda column: [bad(column, **ERROR), bad(column, **LATER)],
    "good, good": lambda column: [good(column), good(column)],
    "good, bad": lambda column: [good(column), bad(column)],
    "bad, good": lambda column: [bad(column), good(column)],
    "good, awaited": lambda column: [good(column), awaited(column)],
    "good, unchecked": lambda column: [good(column), good(column, confirmed=False)],
    "older, then good": lambda column: [good(column, performed_at=NOON - 31 * DAY), good(column)],
}
WORDS = {Words.NAMED: "Clear ", Words.NOT_NAMED: "turbid", Words.EMPTY: " "}
WIDTH = 17


def written():
    """The cells as they stand above: outcome by row and column."""
    head, *rows = TABLE.strip("\n").splitlines()
    starts = [head.index(f" {column}") + 1 for column in Column]
    ends = [*starts[1:], None]
    return {row[:WIDTH].strip(): {column: row[start:end].strip() for column, start, end
                                  in zip(Column, starts, ends, strict=True)} for row in rows}


def results_of(row, column):
    """The results that a row names."""
    if row in CIRCUMSTANCES:
        return CIRCUMSTANCES[row](column)
    if row in WORDS:
        return [measured(column, text=WORDS[row])]
    sign, amount = row.split()
    return [measured(column, amount, qualifier=QUALIFIERS[Sign(sign)])]


CELLS = [(row, column, outcome) for row, cells in written().items()
         for column, outcome in cells.items()]


@pytest.mark.parametrize(("row", "column", "outcome"), CELLS)
def test_a_result_against_a_limit_is_judged_as_the_table_says(row, column, outcome):
    finding = judged(limit(column), *results_of(row, column), dose=DOSE)
    assert finding.outcome == outcome, finding.sentence
    may_go = outcome == Outcome.PASS
    assert releasable([finding]) is conditionally_releasable([finding]) is may_go


@pytest.mark.parametrize(("row", "column", "outcome"), CELLS)
def test_the_same_result_for_information_says_the_same_and_decides_nothing(row, column, outcome):
    results = results_of(row, column)
    deciding = judged(limit(column), *results, dose=DOSE)
    shown = judged(limit(column, informative=True), *results, dose=DOSE)
    assert shown.outcome is Outcome.INFORMATIVE
    assert releasable([shown])
    said = deciding.sentence.removesuffix("; record the result").removesuffix("; test again")
    assert shown.sentence.startswith(said) or outcome == Outcome.OUT_OF_DATE
    assert shown.sentence.endswith(" (informative: it does not decide)")


def test_the_table_has_every_kind_of_limit_and_every_kind_of_result():
    table = written()
    numbers = {f"{sign} {amount}" for sign, amount in product(Sign, Amount)}
    assert set(table) == numbers | set(Words) | set(CIRCUMSTANCES)
    assert len(CELLS) == (len(numbers) + len(Words) + len(CIRCUMSTANCES)) * len(Column)
    assert set(Column) == set(Limit) | {Column.PER_KG_AND_HOUR}
    assert all(set(cells) == set(Column) for cells in table.values())
    deciding = set(Outcome) - {Outcome.INFORMATIVE}
    assert {outcome for _, _, outcome in CELLS} == deciding
