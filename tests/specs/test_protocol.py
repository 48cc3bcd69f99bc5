"""The reference trial's protocol, and what it asks of one patient."""
from datetime import date, timedelta
from decimal import Decimal

import pytest

from specs import shelf
from specs.conduct import (
    NoPlaceLeft,
    dose_within,
    next_place,
    target_dose,
    visit_windows,
)
from specs.criterion import BasisKind
from specs.protocol import Counted, EnrolmentRules

PROTOCOL = shelf.protocol("nct02213705-2")
FIRST = shelf.protocol("nct02213705-1")
LOW, HIGH = PROTOCOL.cohorts


@pytest.mark.parametrize("taken, place, cohort", [
    ((), 1, 1), (range(1, 10), 10, 1), (range(1, 11), 11, 2), (range(1, 20), 20, 2),
    ((1, 3), 2, 1), (set(range(1, 21)) - {10}, 10, 1), (set(range(1, 21)) - {4, 11}, 4, 1)])
def test_the_next_place_is_the_lowest_that_nobody_has(taken, place, cohort):
    found = next_place(PROTOCOL, taken)
    assert (found[0], found[1].number) == (place, cohort)


def test_there_is_no_place_for_a_twenty_first_patient():
    with pytest.raises(NoPlaceLeft, match=r"All places of NCT02213705 are allocated \(20\)"):
        next_place(PROTOCOL, range(1, 21))


@pytest.mark.parametrize("cohort, kg, cells", [
    (LOW, "70", 70_000_000), (HIGH, "70", 210_000_000), (LOW, "62.5", 62_500_000),
    (HIGH, "62.5", 187_500_000), (LOW, "0.0000015", 2), (LOW, "0.0000014", 1),
    (LOW, "0.0000025", 3)])
def test_the_dose_is_cells_per_kg_times_weight(cohort, kg, cells):
    dose = target_dose(cohort, Decimal(kg))
    assert (dose, type(dose)) == (cells, int)


@pytest.mark.parametrize("weight", [70.0, 70, Decimal(0), Decimal(-70), Decimal("NaN")])
def test_a_weight_that_cannot_be_gives_no_dose(weight):
    with pytest.raises(ValueError, match="a Decimal above zero kg"):
        target_dose(LOW, weight)


@pytest.mark.parametrize("actual, within", [
    (70_000_000, True), (63_000_000, True), (77_000_000, True), (62_999_999, False),
    (77_000_001, False), (0, False)])
def test_ten_per_cent_either_way_is_within_the_dose(actual, within):
    assert dose_within(70_000_000, actual, PROTOCOL.dose.tolerance_percent) is within


def windows(infused_on):
    return {window.visit.name: window for window in visit_windows(PROTOCOL, infused_on)}


@pytest.mark.parametrize("infused_on, visit, due", [
    (date(2019, 3, 4), "D0", date(2019, 3, 4)),
    (date(2019, 3, 4), "D10", date(2019, 3, 14)),
    (date(2020, 2, 27), "D2", date(2020, 2, 29)),
    (date(2019, 2, 27), "D2", date(2019, 3, 1)),
    (date(2020, 2, 29), "M12", date(2021, 2, 28)),
    (date(2020, 2, 29), "M24", date(2022, 2, 28)),
    (date(2019, 2, 28), "M12", date(2020, 2, 28)),
    (date(2020, 1, 31), "M1", date(2020, 2, 29)),
    (date(2019, 1, 31), "M1", date(2019, 2, 28)),
    (date(2018, 11, 30), "M3", date(2019, 2, 28)),
    (date(2019, 8, 31), "M6", date(2020, 2, 29)),
    (date(2019, 12, 31), "M12", date(2020, 12, 31)),
    (date(2019, 12, 1), "M1", date(2020, 1, 1)),
])
def test_a_visit_is_due_on_its_day_or_in_its_calendar_month(infused_on, visit, due):
    assert windows(infused_on)[visit].due == due


def test_a_window_opens_before_and_closes_after_the_day_it_is_due():
    window = windows(date(2020, 2, 20))["D10"]
    assert (window.opens, window.due, window.closes) == (
        date(2020, 3, 1), date(2020, 3, 1), date(2020, 3, 4))
    window = windows(date(2020, 2, 20))["M3"]
    assert (window.opens, window.closes) == (date(2020, 5, 6), date(2020, 6, 3))


def test_no_two_windows_touch_whatever_the_day_of_the_infusion():
    for day in range(4 * 366):
        found = visit_windows(PROTOCOL, date(2019, 1, 1) + timedelta(days=day))
        assert all(one.closes < two.opens for one, two in zip(found, found[1:]))


def test_the_protocol_says_what_was_published():
    assert [(each.number, each.size, each.dose_per_kg) for each in PROTOCOL.cohorts] == [
        (1, 10, 1_000_000), (2, 10, 3_000_000)]
    assert (PROTOCOL.endpoint.days, PROTOCOL.endpoint.grade_min) == (10, 3)
    assert (PROTOCOL.stopping.grade_min, PROTOCOL.stopping.infusion_related_only) == (3, True)
    assert (PROTOCOL.places, PROTOCOL.criterion("mrss").high) == (20, 51)
    assert [visit.name for visit in PROTOCOL.visits] == [
        "D0", "D1", "D2", "D3", "D7", "D10", "M1", "M3", "M6", "M9", "M12", "M18", "M24"]
    assert {"CTCAE version 3", "Toxicity of grade 3 or more over 2 years"} <= {
        each.registry for each in PROTOCOL.discrepancies}
    assert PROTOCOL.temperature("frozen_bag").high == -135


@pytest.mark.parametrize("number, kind", [
    ("cohort.1", BasisKind.PUBLISHED), ("cohort.2", BasisKind.PUBLISHED),
    ("criterion.mrss", BasisKind.PUBLISHED), ("endpoint.days", BasisKind.PUBLISHED),
    ("dose.tolerance_percent", BasisKind.OWN_CHOICE),
    ("donor.sampling_to_donation_days_max", BasisKind.OWN_CHOICE),
    ("culture.passage_limit", BasisKind.OWN_CHOICE),
    ("bedside.check_valid_minutes", BasisKind.OWN_CHOICE),
    ("infusion.observation_minutes", BasisKind.OWN_CHOICE),
    ("criterion.comorbidity", BasisKind.OWN_CHOICE), ("stopping.events_min", BasisKind.OWN_CHOICE),
    ("enrolment.waivers_allowed", BasisKind.OWN_CHOICE),
    ("dose.ml_per_minute_max", BasisKind.OWN_CHOICE),
    ("laboratory.creatinine", BasisKind.OWN_CHOICE),
    ("stopping.grade_min", BasisKind.OWN_CHOICE), ("safety.ctcae_version", BasisKind.OWN_CHOICE),
    ("visit.M1", BasisKind.OWN_CHOICE), ("visit.M18", BasisKind.OWN_CHOICE),
    ("visit.M3", BasisKind.PUBLISHED), ("visit.M3.window", BasisKind.OWN_CHOICE),
])
def test_every_number_says_whether_it_was_published(number, kind):
    assert PROTOCOL.basis[number].kind is kind


def test_a_sheet_of_the_first_form_is_read_as_it_was_published():
    assert (FIRST.enrolment, FIRST.amendment, FIRST.laboratory) == (EnrolmentRules(), None, ())
    assert (FIRST.dose.thaw_recovery_percent, FIRST.dose.ml_per_minute_max) == (100, None)
    assert FIRST.donor.autologous_allowed is False
    assert (FIRST.stopping.events_min, FIRST.stopping.counted_within) == (1, Counted.TRIAL)
    assert [(each.key, each.low, each.high) for each in FIRST.criteria if each.low] == [
        ("age", 18, 70), ("mrss", 15, 51), ("acr_eular_score", 9, None)]
    assert FIRST.basis["eligibility.mrss_min"].kind is BasisKind.PUBLISHED


def test_an_amendment_changes_no_number_of_the_first_version():
    said = [(each.size, each.dose_per_kg) for each in FIRST.cohorts]
    assert said == [(each.size, each.dose_per_kg) for each in PROTOCOL.cohorts]
    assert (FIRST.endpoint, FIRST.safety, FIRST.culture) == (
        PROTOCOL.endpoint, PROTOCOL.safety, PROTOCOL.culture)
    assert "No number of the first version was changed" in PROTOCOL.amendment.why


def test_the_basis_cannot_be_changed():
    with pytest.raises(TypeError):
        PROTOCOL.basis["cohort.1"] = PROTOCOL.basis["cohort.2"]
