"""What the judge makes of results set aside, of methods, and of endotoxin per kg and hour."""
from decimal import Decimal

import pytest

from specs.criterion import Limit, Per
from specs.endotoxin import Dose
from tests.specs.judging import (
    ABOVE,
    BELOW,
    EXACT,
    FAIL,
    INFORMATIVE,
    MISSING,
    PASS,
    criterion,
    judged,
    result,
)

ERROR = {"set_aside": "laboratory error, OOS26-001"}
ASIDE = "Viability 61 % set aside: laboratory error, OOS26-001; "


@pytest.mark.parametrize("changes, others, outcome, words", [
    ({"retests": 1}, [], MISSING, "Viability: no other result at drug product; test again"),
    ({"retests": 1, "may_be_pending": True}, [], MISSING,
     "Viability: no other result at drug product; test again"),
    ({"retests": 1}, [result("82")], PASS, "Viability 82 % is at least 70 %"),
    ({"retests": 1}, [result("64")], FAIL, "Viability 64 % is not at least 70 %"),
    ({}, [result("82")], FAIL, "set aside after laboratory errors: 1, the specification allows 0;"
     " Viability 82 % is at least 70 %"),
    ({}, [], FAIL, "set aside after laboratory errors: 1, the specification allows 0; Viability: no"
     " other result at drug product; test again"),
    ({"informative": True}, [], INFORMATIVE,
     "set aside after laboratory errors: 1, the specification allows 0; Viability: no other result"
     " at drug product (informative: it does not decide)"),
])
def test_a_result_set_aside_is_named_and_does_not_decide(changes, others, outcome, words):
    finding = judged(criterion(**changes), result("61", **ERROR), *others)
    assert (finding.outcome, finding.sentence) == (outcome, ASIDE + words)


def test_as_many_as_the_specification_allows_may_be_set_aside():
    two = [result("61", **ERROR), result("62", set_aside="laboratory error, OOS26-002")]
    assert judged(criterion(retests=2), *two, result("82")).outcome is PASS
    assert judged(criterion(retests=1), *two, result("82")).outcome is FAIL


@pytest.mark.parametrize("methods, method, outcome", [
    ((), "", PASS), ((), "Any", PASS), (("Dye exclusion",), " dye  Exclusion", PASS),
    (("Dye exclusion", "Image cytometry"), "Image cytometry", PASS),
    (("Dye exclusion",), "Dye", FAIL), (("Dye exclusion",), "", FAIL)])
def test_a_result_counts_by_a_method_that_the_specification_names(methods, method, outcome):
    assert judged(criterion(methods=methods), result("82", method=method)).outcome is outcome


@pytest.mark.parametrize("method, named", [("Impedance", "Impedance"), ("", "not recorded")])
def test_another_method_is_named_beside_those_that_count(method, named):
    limit = criterion(methods=("Dye exclusion", "Image cytometry"))
    assert judged(limit, result("82", method=method)).sentence == (
        f"Viability 82 %: the method is {named}, the specification asks for Dye exclusion or Image"
        " cytometry; test by that")


PER_KG = {"title": "Endotoxin", "unit": "EU/kg/h", "high": Decimal(5), "per": Per.KG_AND_HOUR,
          "infused_over_hours_at_least": Decimal("0.25")}
DOSE = Dose(cells_per_kg=Decimal(3_300_000), bag_ml=Decimal(50), bag_cells=Decimal(80_000_000))


@pytest.mark.parametrize("reported, qualifier, outcome, words", [
    ("0.05", BELOW, PASS, "Endotoxin < 0.05 EU/mL x 3300000 cells/kg x 50 mL / 80000000 cells /"
     " 0.25 h = < 0.4125 EU/kg/h is at most 5 EU/kg/h"),
    ("0.606", EXACT, PASS, "Endotoxin 0.606 EU/mL x 3300000 cells/kg x 50 mL / 80000000 cells /"
     " 0.25 h = 5.000 EU/kg/h is at most 5 EU/kg/h"),
    ("0.607", EXACT, FAIL, "Endotoxin 0.607 EU/mL x 3300000 cells/kg x 50 mL / 80000000 cells /"
     " 0.25 h = 5.008 EU/kg/h is not at most 5 EU/kg/h"),
    ("0.7", ABOVE, FAIL, "Endotoxin > 0.7 EU/mL x 3300000 cells/kg x 50 mL / 80000000 cells /"
     " 0.25 h = > 5.775 EU/kg/h is not at most 5 EU/kg/h"),
])
def test_endotoxin_is_reported_per_ml_and_judged_per_kg_and_hour(
        reported, qualifier, outcome, words):
    measured = result(reported, "EU/mL", qualifier=qualifier)
    finding = judged(criterion(Limit.AT_MOST, **PER_KG), measured, dose=DOSE)
    assert (finding.outcome, finding.sentence) == (outcome, words)


def test_what_is_judged_per_kg_fails_without_the_dose_and_in_its_own_unit():
    limit = criterion(Limit.AT_MOST, **PER_KG)
    assert judged(limit, result("0.05", "EU/mL")).sentence == (
        "Endotoxin 0.05 EU/mL: it cannot be converted to EU/kg/h, the largest dose is not known;"
        " record the recipient's protocol and the lot's bags")
    assert judged(limit, result("0.05", "EU/kg/h"), dose=DOSE).sentence == (
        "Endotoxin 0.05 EU/kg/h: the unit is EU/kg/h, the specification asks for EU/mL; record the"
        " result in that unit")
