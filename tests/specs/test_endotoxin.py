"""Endotoxin: the limit per mL, and what a patient receives per kg and hour."""
from decimal import Decimal

import pytest

from specs.endotoxin import Dose, limit_per_ml, per_kg_and_hour

D = Decimal
DOSE = {"cells_per_kg": D(1_000_000), "bag_ml": D(50), "bag_cells": D(70_000_000)}


@pytest.mark.parametrize("k, kg, hours, ml, limit", [
    ("5", "70", "1", "50", "7"),
    ("5", "70", "0.25", "50", "1.75"),
    ("5", "35", "1", "50", "3.5"),
    ("5", "70", "1", "100", "3.5"),
    ("2.5", "70", "1", "50", "3.5"),
])
def test_the_limit_per_ml_is_k_times_weight_times_hours_over_volume(k, kg, hours, ml, limit):
    assert limit_per_ml(D(k), D(kg), D(hours), D(ml)) == D(limit)


@pytest.mark.parametrize("kg", ["40", "70", "123.4"])
def test_at_its_limit_a_dose_of_any_weight_gives_k(kg):
    """1e6 cells/kg from 50 mL with 70e6 cells: kg x 50 / 70 mL."""
    ml = D(kg) * 50 / 70
    at_limit = limit_per_ml(D(5), D(kg), D("0.5"), ml)
    assert per_kg_and_hour(at_limit.quantize(D("0.0001")), Dose(**DOSE), D("0.5")) == D(5)


@pytest.mark.parametrize("eu_per_ml, changes, hours, received", [
    ("0.5", {"cells_per_kg": D(3_000_000), "bag_cells": D(75_000_000)}, "0.5", "2"),
    ("0.05", {}, "1", "0.03572"),       # 0.035714...: rounded up
    ("0.05", {}, "0.25", "0.1429"),     # a shorter infusion, more per hour
    ("0.05", {"cells_per_kg": D(3_000_000)}, "1", "0.1072"),
    ("0.05", {"bag_ml": D(100)}, "1", "0.07143"),
    ("0.05", {"bag_cells": D(140_000_000)}, "1", "0.01786"),
    ("0", {}, "1", "0"),
    ("7.0000001", {}, "1", "5.001"),    # never a limit met by rounding
])
def test_what_a_patient_receives_per_kg_and_hour(eu_per_ml, changes, hours, received):
    assert per_kg_and_hour(D(eu_per_ml), Dose(**DOSE | changes), D(hours)) == D(received)


@pytest.mark.parametrize("wrong", [D(0), D(-1), D("NaN"), D("Infinity"), 1, 1.0])
@pytest.mark.parametrize("name", DOSE)
def test_a_dose_that_cannot_be_is_not_made(name, wrong):
    with pytest.raises(ValueError, match=f"^{name} must be a Decimal above zero, not "):
        Dose(**DOSE | {name: wrong})


@pytest.mark.parametrize("place", range(4))
def test_a_limit_of_nothing_is_refused(place):
    facts = [D(5), D(70), D(1), D(50)]
    facts[place] = D(0)
    with pytest.raises(ValueError, match="must be a Decimal above zero"):
        limit_per_ml(*facts)


def test_an_infusion_without_a_duration_is_refused():
    with pytest.raises(ValueError, match="^hours must be a Decimal above zero"):
        per_kg_and_hour(D(1), Dose(**DOSE), D(0))


def test_a_dose_reads_as_the_arithmetic_of_its_volume():
    assert str(Dose(**DOSE)) == "1000000 cells/kg x 50 mL / 70000000 cells"
    assert str(Dose(D("1.1E+6"), D("50.0"), D("7E+7"))) == (
        "1100000 cells/kg x 50.0 mL / 70000000 cells")
