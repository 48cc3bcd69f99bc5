"""Results as replicates: their mean, their spread, and what does not agree."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.errors import Malformed
from mscbank.testing import results, rules
from mscbank.testing.models import Qualifier, Replicate
from mscbank.testing.service import criterion_of
from specs.judge import Qualifier as SpecQualifier
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.testing import result_of, sample_of

D = Decimal


@pytest.mark.parametrize(("values", "mean"), [
    (("98.1", "98.4"), "98.25"),                # one place more than the replicates
    (("1", "2", "2"), "1.7"),
    (("0.05", "0.06"), "0.055"),
    (("0.25", "0.3", "0.35", "0.4"), "0.325"),
    (("97", "98.5"), "97.75"),                  # the most places of any
    (("1", "1", "1", "1.5"), "1.12"),           # 1.125: half to even
    (("1", "1", "1", "2.5"), "1.38"),           # 1.375: half to even
    (("100", "100"), "100.0"),
    (("0", "0"), "0.0"),
    (("1e2", "2e2"), "150.0"),
])
def test_the_mean_is_exact_and_rounded_half_to_even(values, mean):
    assert str(rules.mean_of([D(value) for value in values])) == mean


@pytest.mark.parametrize(("values", "deviation", "variation"), [
    (("2", "4", "4", "4", "5", "5", "7", "9"), "2.1", "42.8"),  # mean 5, s = sqrt(32 / 7)
    (("98.1", "98.4"), "0.21", "0.2"),
    (("5", "5", "5"), "0.0", "0.0"),
    (("0", "0"), "0.0", None),
])
def test_the_spread_is_that_of_a_sample(values, deviation, variation):
    found = rules.spread_of([D(value) for value in values])
    assert found == (D(deviation), None if variation is None else D(variation))


def test_replicates_are_kept_and_their_mean_is_the_result(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    result = result_of(cast, sample, "viability", unit="%", replicates=[D("95.1"), D("95.4")])
    session.expire_all()
    assert result.value == D("95.25")
    assert [one.value for one in result.replicates] == [D("95.1"), D("95.4")]
    assert result.title == "Viability 95.25 %"


def test_a_number_given_too_must_agree(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    values = [D("95.1"), D("95.4")]
    agreed = result_of(cast, sample, "viability", unit="%", replicates=values, value=D("95.250"))
    assert agreed.value == D("95.25")
    with pytest.raises(Malformed, match="mean of the replicates is 95.25, not 95.3"):
        result_of(cast, sample, "viability", unit="%", replicates=values, value=D("95.3"))


@pytest.mark.parametrize("outcome", [
    {"replicates": [D(95)]}, {"replicates": [D(95), D(140)]},
    {"replicates": [D(95), D(96)], "qualifier": Qualifier.BELOW},
    {"replicates": [D(95), D(96)], "unit": "cells"},
])
def test_replicates_that_cannot_be_are_refused(bank, outcome):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    with pytest.raises(Malformed):
        result_of(cast, sample, "viability", **{"unit": "%"} | outcome)


@pytest.mark.parametrize(("word", "pending"), [("fine", False), (None, True)])
def test_words_and_awaited_results_have_no_replicates(word, pending):
    with pytest.raises(Malformed, match="leave out the words"):
        rules.replicated([D(1), D(2)], None, word, pending, SpecQualifier.EXACT)


def test_a_correction_has_its_own_replicates(bank):
    cast = Cast()
    first = result_of(cast, sample_of(cast, filled_lot(cast)), "viability", unit="%",
                      replicates=[D(94), D(96)])
    with transaction():
        second = results.correct_result(first, "Third tube left out.", unit="%",
                                        replicates=[D(94), D(96), D(98)], by=cast.theo,
                                        at=clock.now())
    assert (first.value, second.value) == (D(95), D(96))
    assert len(second.replicates) == 3 and len(first.replicates) == 2


def test_a_single_value_never_changes(bank):
    cast = Cast()
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "viability", unit="%",
                       replicates=[D(94), D(96)])
    with pytest.raises(DBAPIError, match="written once"), transaction():
        result.replicates[0].value = D(97)
        session.flush()
    assert session.query(Replicate).count() == 2


def test_a_result_is_called_as_people_say_it(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    said = {
        "cd73": {"value": D("99.10"), "unit": "%"}, "sterility": {"word": "no growth"},
        "mycoplasma": {"pending": True},
        "endotoxin": {"value": D("0.05"), "unit": "EU/mL", "qualifier": Qualifier.BELOW}}
    assert [result_of(cast, sample, test, **outcome).title for test, outcome in said.items()] == [
        f"{asked_title(sample, 'cd73')} 99.1 %", f"{asked_title(sample, 'sterility')} no growth",
        f"{asked_title(sample, 'mycoplasma')} awaited",
        f"{asked_title(sample, 'endotoxin')} < 0.05 EU/mL"]


def asked_title(sample, test: str) -> str:
    """What the specification calls the test."""
    return criterion_of(sample, test).title
