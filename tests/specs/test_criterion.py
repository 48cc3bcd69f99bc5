"""A criterion, or a specification, that contradicts itself cannot be made."""
from datetime import date
from decimal import Decimal

import pytest

from specs.criterion import Basis, BasisKind, Criterion, Limit, Per, Specification, Stage, Unsound

OWN = Basis(BasisKind.OWN_CHOICE, "for the test")
PER_KG = {"limit": Limit.AT_MOST, "low": None, "high": Decimal(5), "unit": "EU/kg/h",
          "per": Per.KG_AND_HOUR, "infused_over_hours_at_least": Decimal("0.25")}


def criterion(**changes):
    values = {"key": "viability", "title": "Viability", "stage": Stage.DRUG_PRODUCT,
              "limit": Limit.AT_LEAST, "basis": OWN, "low": Decimal(70), "unit": "%"}
    return Criterion(**{**values, **changes})


@pytest.mark.parametrize("changes, at_fault, reason", [
    ({"key": "Viability %"}, "key", "small letters"),
    ({"low": None}, "low", "needs low, which is missing"),
    ({"high": Decimal(90)}, "high", "at_least may not have high"),
    ({"values": ("x",)}, "values", "at_least may not have values"),
    ({"limit": Limit.AT_MOST, "low": None}, "high", "needs high"),
    ({"limit": Limit.AT_MOST, "high": Decimal(2)}, "low", "at_most may not have low"),
    ({"limit": Limit.BETWEEN}, "high", "needs high"),
    ({"limit": Limit.BETWEEN, "high": Decimal(60)}, "low", "low 70 is above high 60"),
    ({"limit": Limit.ONE_OF, "low": None}, "values", "one_of needs values"),
    ({"limit": Limit.ABSENT, "low": None}, "values", "absent needs values"),
    ({"limit": Limit.NONE_OF, "values": ("x",)}, "low", "none_of may not have low"),
    ({"limit": Limit.ONE_OF, "low": None, "values": ("a", " A")}, "values", "twice"),
    ({"limit": Limit.ONE_OF, "low": None, "values": ("a", " ")}, "values", "empty"),
    ({"low": Decimal(-1)}, "low", "zero or more"),
    ({"low": Decimal("NaN")}, "low", "zero or more"),
    ({"low": Decimal(101)}, "low", "nothing is more than 100 %"),
    ({"informative": True, "may_be_pending": True}, "may_be_pending", "contradicts informative"),
    ({"max_age_days": 0}, "max_age_days", "at least 1"),
    ({"methods": ("Dye exclusion", "dye  Exclusion")}, "methods", "methods names the same words"),
    ({"methods": ("",)}, "methods", "methods may not contain an empty text"),
    ({"methods": ("Dye exclusion",), "method": "By eye"}, "method", "which describes, or methods"),
    ({"retests": -1}, "retests", "zero or more"),
    ({"infused_over_hours_at_least": Decimal(1)}, "infused_over_hours_at_least",
     "goes with per, which is missing"),
    ({"per": Per.KG_AND_HOUR, "unit": "EU/kg/h"}, "per", "goes with the limit at_most only"),
    (PER_KG | {"unit": "EU/mL"}, "unit", "per kg and hour needs a unit that ends in /kg/h"),
    (PER_KG | {"infused_over_hours_at_least": None}, "infused_over_hours_at_least",
     "per kg and hour needs infused_over_hours_at_least, above zero"),
    (PER_KG | {"infused_over_hours_at_least": Decimal(0)}, "infused_over_hours_at_least",
     "above zero"),
])
def test_a_criterion_that_contradicts_itself_is_refused(changes, at_fault, reason):
    with pytest.raises(Unsound, match=reason) as refused:
        criterion(**changes)
    assert refused.value.path == (at_fault,)


@pytest.mark.parametrize("changes, text", [
    ({}, "at least 70 %"),
    ({"limit": Limit.AT_MOST, "low": None, "high": Decimal(2), "unit": ""}, "at most 2"),
    ({"limit": Limit.BETWEEN, "high": Decimal("90.5")}, "between 70 and 90.5 %"),
    ({"limit": Limit.BETWEEN, "high": Decimal(70)}, "between 70 and 70 %"),
    ({"limit": Limit.ONE_OF, "low": None, "values": ("46,XX", "46,XY")}, "46,XX or 46,XY"),
    ({"limit": Limit.NONE_OF, "low": None, "values": ("clumps",)}, "not clumps"),
    ({"limit": Limit.ABSENT, "low": None, "values": ("no growth",)}, "absent (no growth)"),
    ({"low": Decimal(500), "unit": "EU"}, "at least 500 EU"),
    ({"max_age_days": 1}, "at least 70 %"),
])
def test_a_limit_reads_as_a_person_writes_it(changes, text):
    assert criterion(**changes).limit_text == text


@pytest.mark.parametrize("changes, unit", [
    ({}, "%"), ({"unit": ""}, ""), (PER_KG, "EU/mL"),
    (PER_KG | {"per": None, "infused_over_hours_at_least": None}, "EU/kg/h")])
def test_the_laboratory_reports_per_ml_what_is_judged_per_kg(changes, unit):
    assert criterion(**changes).reported_unit == unit


@pytest.mark.parametrize("changes, text", [
    ({}, ""), ({"method": "Dye exclusion"}, "Dye exclusion"),
    ({"methods": ("Culture", "Amplification")}, "Culture or Amplification")])
def test_the_methods_read_as_a_choice(changes, text):
    assert criterion(**changes).method_text == text


def test_a_basis_reads_as_kind_and_source():
    assert str(OWN) == "bank's own choice: for the test"


def specification(*criteria):
    return Specification("bm-msc", 1, "Marrow MSC", date(2026, 1, 1), criteria)


def test_the_same_key_at_the_same_stage_is_refused_and_at_another_stage_is_not():
    assert specification(criterion(), criterion(stage=Stage.POST_THAW)).reference == "bm-msc-1"
    with pytest.raises(Unsound, match="viability at drug product is written twice") as refused:
        specification(criterion(), criterion(low=Decimal(80)))
    assert refused.value.path == ("criterion", 1, "key")


@pytest.mark.parametrize("criteria", [(), (criterion(informative=True),)])
def test_a_specification_in_which_nothing_decides_is_refused(criteria):
    with pytest.raises(Unsound, match="a criterion that decides"):
        specification(*criteria)
