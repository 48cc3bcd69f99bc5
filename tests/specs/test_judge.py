"""The judge, as tables: every kind of limit against every kind of result."""
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from specs.criterion import Limit, Specification, Stage
from specs.judge import Outcome, conditionally_releasable, judge, releasable, unjudged
from specs.result import Result
from tests.specs.judging import (
    ABOVE,
    BELOW,
    EXACT,
    FAIL,
    INFORMATIVE,
    MISSING,
    NOON,
    OUT_OF_DATE,
    PASS,
    PENDING,
    UNCONFIRMED,
    criterion,
    judged,
    result,
)


@pytest.mark.parametrize("limit, value, unit, qualifier, outcome, words", [
    (Limit.AT_LEAST, "82.5", "%", EXACT, PASS, "Viability 82.5 % is at least 70 %"),
    (Limit.AT_LEAST, "70", "%", EXACT, PASS, "is at least 70 %"),
    (Limit.AT_LEAST, "69.99", "%", EXACT, FAIL, "Viability 69.99 % is not at least 70 %"),
    (Limit.AT_LEAST, "0.05", "%", BELOW, FAIL, "Viability < 0.05 % is not at least 70 %"),
    (Limit.AT_LEAST, "70", "%", BELOW, FAIL, "is not at least 70 %"),
    (Limit.AT_LEAST, "90", "%", BELOW, FAIL, "does not show whether the amount is at least 70 %"),
    (Limit.AT_LEAST, "70", "%", ABOVE, PASS, "Viability > 70 % is at least 70 %"),
    (Limit.AT_LEAST, "60", "%", ABOVE, FAIL, "does not show"),
    (Limit.AT_LEAST, "100", "%", EXACT, PASS, "Viability 100 % is at least 70 %"),
    (Limit.AT_MOST, "2", "%", EXACT, PASS, "is at most 2 %"),
    (Limit.AT_MOST, "2.01", "%", EXACT, FAIL, "is not at most 2 %"),
    (Limit.AT_MOST, "0", "%", EXACT, PASS, "Viability 0 % is at most 2 %"),
    (Limit.AT_MOST, "0.05", "%", BELOW, PASS, "Viability < 0.05 % is at most 2 %"),
    (Limit.AT_MOST, "2", "%", BELOW, PASS, "is at most 2 %"),
    (Limit.AT_MOST, "2.5", "%", BELOW, FAIL, "does not show"),
    (Limit.AT_MOST, "2", "%", ABOVE, FAIL, "is not at most 2 %"),
    (Limit.AT_MOST, "1", "%", ABOVE, FAIL, "does not show"),
    (Limit.BETWEEN, "5", "%", EXACT, PASS, "is between 5 and 10 %"),
    (Limit.BETWEEN, "10", "%", EXACT, PASS, "is between 5 and 10 %"),
    (Limit.BETWEEN, "4.9", "%", EXACT, FAIL, "is not between 5 and 10 %"),
    (Limit.BETWEEN, "10.1", "%", EXACT, FAIL, "is not between 5 and 10 %"),
    (Limit.BETWEEN, "5", "%", BELOW, FAIL, "is not between"),
    (Limit.BETWEEN, "7", "%", BELOW, FAIL, "does not show"),
    (Limit.BETWEEN, "10", "%", ABOVE, FAIL, "is not between"),
    (Limit.BETWEEN, "7", "%", ABOVE, FAIL, "does not show"),
    (Limit.ONE_OF, "46,XX", "", EXACT, PASS, "Viability 46,XX meets 46,XX or 46,XY"),
    (Limit.ONE_OF, " 46,xx ", "", EXACT, PASS, "meets"),
    (Limit.ONE_OF, "47,XX,+5", "", EXACT, FAIL, "47,XX,+5 does not meet 46,XX or 46,XY"),
    (Limit.ONE_OF, "46", "", EXACT, FAIL, "a number cannot be compared"),
    (Limit.NONE_OF, "clear", "", EXACT, PASS, "clear meets not clumps or haemolysis"),
    (Limit.NONE_OF, "Clumps", "", EXACT, FAIL, "Clumps does not meet not clumps or haemolysis"),
    (Limit.NONE_OF, "3", "", EXACT, FAIL, "a number cannot be compared"),
    (Limit.ABSENT, "No  growth", "", EXACT, PASS, "meets absent (no growth or negative)"),
    (Limit.ABSENT, "growth", "", EXACT, FAIL, "Viability growth does not meet absent"),
    (Limit.ABSENT, "0", "CFU/mL", EXACT, PASS, "0 CFU/mL meets absent"),
    (Limit.ABSENT, "1", "CFU/mL", EXACT, FAIL, "does not meet absent"),
    (Limit.ABSENT, "1", "CFU/mL", BELOW, PASS, "< 1 CFU/mL meets absent"),
    (Limit.ABSENT, "0", "CFU/mL", ABOVE, FAIL, "does not meet absent"),
    (Limit.ABSENT, "0", "%", EXACT, FAIL, "the unit is %, the specification asks for CFU/mL"),
])
def test_a_result_against_a_limit(limit, value, unit, qualifier, outcome, words):
    finding = judged(criterion(limit), result(value, unit, qualifier=qualifier))
    assert (finding.outcome, words in finding.sentence) == (outcome, True), finding.sentence


@pytest.mark.parametrize("limit, value, unit, qualifier, fault", [
    (Limit.AT_LEAST, "80", "cells", EXACT, "the unit is cells, the specification asks for %; record"
     " the result in that unit"),
    (Limit.AT_LEAST, "80", "", EXACT, "the unit is none, the specification asks for %; record the"
     " result in that unit"),
    (Limit.AT_MOST, "-1", "%", EXACT, "an amount cannot be below zero; correct the entry"),
    (Limit.AT_MOST, "0", "%", BELOW, "an amount cannot be below zero; correct the entry"),
    (Limit.AT_LEAST, "825", "%", EXACT, "nothing is more than 100 %; correct the entry"),
    (Limit.AT_LEAST, "100", "%", ABOVE, "nothing is more than 100 %; correct the entry"),
    (Limit.AT_LEAST, "good", "", EXACT, "words cannot be compared with at least 70 %; record a"
     " number"),
    (Limit.AT_MOST, "low", "", EXACT, "words cannot be compared with at most 2 %; record a number"),
    (Limit.BETWEEN, "fine", "", EXACT, "words cannot be compared with between 5 and 10 %; record a"
     " number"),
    (Limit.ONE_OF, "46", "", EXACT, "a number cannot be compared with 46,XX or 46,XY; record the"
     " words"),
    (Limit.AT_LEAST, None, "", EXACT, "the result has no value; record one"),
    (Limit.ABSENT, None, "", EXACT, "the result has no value; record one"),
    (Limit.NONE_OF, "  ", "", EXACT, "the result has no value; record one"),
])
def test_a_result_that_cannot_be_held_against_the_limit_fails_and_says_why(
        limit, value, unit, qualifier, fault):
    finding = judged(criterion(limit), result(value, unit, qualifier=qualifier))
    assert finding.outcome is FAIL
    assert finding.sentence.partition(": ")[2] == fault


def test_a_criterion_without_a_unit_says_so_when_a_result_has_one():
    finding = judged(criterion(Limit.AT_MOST, unit=""), result("1", "%"))
    assert finding.sentence.endswith("asks for none; record the result in that unit")


@pytest.mark.parametrize("amount, qualifier", [("500", EXACT), ("100", ABOVE)])
def test_only_a_share_ends_at_100(amount, qualifier):
    limit = criterion(unit="EU")
    assert judged(limit, result(amount, "EU", qualifier=qualifier)).outcome is PASS


@pytest.mark.parametrize("unit", ["", None])
def test_a_number_without_a_unit_meets_a_limit_without_one(unit):
    counted = Result("test", Stage.DRUG_PRODUCT, NOON, value=Decimal(1), unit=unit)
    finding = judged(criterion(Limit.AT_MOST, unit=""), counted)
    assert (finding.outcome, finding.sentence) == (PASS, "Viability 1 is at most 2")


@pytest.mark.parametrize("value, unit, outcome", [("95", "%", PASS), ("95", "EU", FAIL)])
def test_above_a_share_ends_at_100_per_cent_and_above_an_amount_does_not(value, unit, outcome):
    limit = criterion(Limit.BETWEEN, low=Decimal(90), high=Decimal(100), unit=unit)
    assert judged(limit, result(value, unit, qualifier=ABOVE)).outcome is outcome


@pytest.mark.parametrize("below, outcome", [("10", PASS), ("11", FAIL)])
def test_a_range_from_zero_is_met_below_a_detection_limit_inside_it(below, outcome):
    limit = criterion(Limit.BETWEEN, low=Decimal(0))
    assert judged(limit, result(below, qualifier=BELOW)).outcome is outcome


@pytest.mark.parametrize("changes, outcome, words", [
    ({}, MISSING, "Viability: no result at drug product; record the result"),
    ({"may_be_pending": True}, MISSING,
     "Viability: no result at drug product; record the result, or that it is awaited"),
    ({"informative": True}, INFORMATIVE,
     "Viability: no result at drug product (informative: it does not decide)"),
])
def test_nothing_recorded(changes, outcome, words):
    one = criterion(**changes)
    finding = judged(one)
    assert (finding.criterion, finding.outcome, finding.sentence) == (one, outcome, words)


@pytest.mark.parametrize("value, outcome, words", [
    (None, PENDING, "Viability: the result is awaited"),
    ("80", PENDING, "Viability 80 % is at least 70 % so far; the final result is awaited"),
    ("60", FAIL, "Viability 60 % is not at least 70 %"),
])
def test_an_awaited_result_is_pending_unless_what_is_known_already_fails(value, outcome, words):
    finding = judged(criterion(), result(value, pending=True))
    assert (finding.outcome, finding.sentence) == (outcome, words)


@pytest.mark.parametrize("seen, outcome", [("no growth", PENDING), ("growth", FAIL)])
def test_a_culture_that_grows_is_not_awaited(seen, outcome):
    limit = criterion(Limit.ABSENT, may_be_pending=True)
    finding = judged(limit, result(seen, pending=True))
    assert finding.outcome is outcome
    assert finding.sentence.startswith(f"Viability {seen} ")


@pytest.mark.parametrize("value, confirmed, outcome", [
    ("80", True, PASS), ("80", False, UNCONFIRMED), ("60", False, FAIL), ("60", True, FAIL)])
def test_a_second_person_must_have_confirmed_where_the_criterion_asks(value, confirmed, outcome):
    finding = judged(criterion(needs_confirmation=True), result(value, confirmed=confirmed))
    assert finding.outcome is outcome


DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("age, outcome", [
    (timedelta(0), PASS), (30 * DAY, PASS), (30 * DAY + SECOND, OUT_OF_DATE), (-SECOND, FAIL)])
def test_a_result_counts_for_as_long_as_its_criterion_says(age, outcome):
    finding = judged(criterion(max_age_days=30), result("80", performed_at=NOON - age))
    assert finding.outcome is outcome


def test_out_of_date_and_dated_ahead_say_what_to_do():
    old = judged(criterion(max_age_days=30), result("80", performed_at=NOON - 40 * DAY))
    assert old.sentence == ("Viability 80 % of 13 OCT 2026 is out of date: it counts for 30 days;"
                            " test again")
    of_a_day = judged(criterion(max_age_days=1), result("80", performed_at=NOON - 2 * DAY))
    assert of_a_day.sentence.endswith(" is out of date: it counts for 1 day; test again")
    of_two = judged(criterion(max_age_days=2), result("80", performed_at=NOON - 3 * DAY))
    assert of_two.sentence.endswith(" is out of date: it counts for 2 days; test again")
    ahead = judged(criterion(), result("80", performed_at=NOON + SECOND))
    assert ahead.sentence == "Viability 80 % is dated after this judgement; correct its date"
    awaited = judged(criterion(), result(pending=True, performed_at=NOON + SECOND))
    assert awaited.sentence == "Viability is dated after this judgement; correct its date"


def test_without_a_moment_of_judging_a_limited_age_cannot_be_met():
    assert judged(criterion(max_age_days=30), result("80"), at=None).outcome is OUT_OF_DATE
    assert judged(criterion(), result("80"), at=None).outcome is PASS


OLD = {"performed_at": NOON - 40 * DAY, "confirmed": True}
KINDS = {
    FAIL: result("60", confirmed=True),
    UNCONFIRMED: result("80"),
    PENDING: result(pending=True),
    PASS: result("80", confirmed=True),
    OUT_OF_DATE: result("80", **OLD),
}


@pytest.mark.parametrize("one, two", list(product(KINDS, KINDS)))
def test_of_two_results_the_one_that_weighs_more_decides(one, two):
    limit = criterion(needs_confirmation=True, max_age_days=30)
    order = list(KINDS)
    expected = order[min(order.index(one), order.index(two))]
    assert judged(limit, KINDS[one], KINDS[two]).outcome is expected


def test_every_result_stands_in_the_sentence_the_deciding_one_first():
    finding = judged(criterion(), result("82"), result("60"), result("82"))
    assert finding.sentence == ("Viability 60 % is not at least 70 %;"
                                " Viability 82 % is at least 70 %")


def test_an_informative_criterion_shows_and_does_not_decide():
    finding = judged(criterion(informative=True), result("60"))
    assert finding.outcome is INFORMATIVE
    assert finding.sentence == ("Viability 60 % is not at least 70 %"
                                " (informative: it does not decide)")


def test_results_of_another_key_or_stage_do_not_count_and_are_named():
    thawed, stranger = result("80", stage=Stage.POST_THAW), result("80", key="stranger")
    specification = Specification("s", 1, "S", date(2026, 1, 1), (criterion(),))
    (finding,) = judge(specification, [thawed, stranger], at=NOON)
    assert (finding.outcome, finding.key, finding.stage) == (MISSING, "test", Stage.DRUG_PRODUCT)
    assert unjudged(specification, [thawed, result("80"), stranger]) == (thawed, stranger)


def test_the_findings_stand_in_the_order_of_the_specification():
    criteria = tuple(criterion(key=key) for key in ("b", "a", "c"))
    findings = judge(Specification("s", 1, "S", date(2026, 1, 1), criteria), iter(()), at=NOON)
    assert [finding.key for finding in findings] == ["b", "a", "c"]


@pytest.mark.parametrize("changes, reason", [
    ({"performed_at": datetime(2026, 11, 22)}, "no time zone"),
    ({"value": 80.5}, "must be a Decimal"),
    ({"value": Decimal("NaN")}, "is not a number"),
    ({"value": Decimal("Infinity")}, "is not a number"),
    ({"value": Decimal(1), "text": "one"}, "not both"),
    ({"text": "low", "qualifier": BELOW}, "needs the detection limit as a number"),
])
def test_a_result_that_cannot_be_is_not_made(changes, reason):
    with pytest.raises(ValueError, match=reason):
        Result(**{"key": "test", "stage": Stage.DRUG_PRODUCT, "performed_at": NOON, **changes})


def test_a_moment_of_judging_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="^the moment of judging has no time zone$"):
        judged(criterion(), at=datetime(2026, 11, 22))


GOOD = {PASS, INFORMATIVE}


@pytest.mark.parametrize("first, second, may_wait", list(product(Outcome, Outcome, (True, False))))
def test_the_release_verdicts_against_their_definition(first, second, may_wait):
    findings = [_finding(outcome, may_wait) for outcome in (first, second)]
    kinds = {first, second}
    assert releasable(findings) is (kinds <= GOOD)
    allowed = GOOD | {PENDING} if may_wait else GOOD
    assert conditionally_releasable(findings) is (kinds <= allowed)


def _finding(outcome, may_wait):
    """A finding of that outcome, made by the judge."""
    limit = criterion(may_be_pending=may_wait and outcome is not INFORMATIVE,
                      informative=outcome is INFORMATIVE, needs_confirmation=True, max_age_days=30)
    given = [KINDS[outcome]] if outcome in KINDS else []
    finding = judged(limit, *given)
    assert finding.outcome is outcome
    return finding


@pytest.mark.parametrize("made, field", [
    (result("80"), "value"), (_finding(PASS, False), "outcome"), (criterion(), "low"),
    (criterion().basis, "note"),
    (Specification("s", 1, "S", date(2026, 1, 1), (criterion(),)), "criteria")])
def test_what_was_said_cannot_be_changed_afterwards(made, field):
    with pytest.raises(AttributeError):
        setattr(made, field, None)


def test_no_findings_release_nothing():
    assert not releasable(())
    assert not conditionally_releasable(())
