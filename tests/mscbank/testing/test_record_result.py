"""Recording a result, and the sense of what is recorded."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.database import session
from mscbank.errors import Malformed, NotAllowed
from mscbank.testing import rules, service
from mscbank.testing.judging import for_judge
from mscbank.testing.models import Result, Stage
from mscbank.testing.schemas import RecordResult
from specs import shelf
from specs.criterion import Stage as SpecStage
from specs.judge import Qualifier
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.cultures import grown_culture
from tests.stages.release import rejected_lot
from tests.stages.testing import confirm, record_all, result_of, sample_of

SHEET = shelf.release("bm-msc-1")
AT, DAY = SpecStage.DRUG_PRODUCT, timedelta(days=1)


def asked(test: str):
    return rules.criterion(SHEET, test, AT)


def test_a_result_is_written_down_with_its_lot_and_stands(bank):
    cast = Cast()
    lot = filled_lot(cast)
    result = result_of(cast, sample_of(cast, lot), "viability")
    assert (result.lot_id, result.value, result.unit) == (lot.id, Decimal("96.5"), "%")
    assert service.standing_results(lot) == [result]
    entry = session.get_one(Entry, result.entry)
    assert (entry.act, entry.subject) == ("record result", result.sample.code)
    assert '"value":"96.5"' in entry.body


def test_a_result_nobody_can_have_is_refused(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    cases = [
        ("cd44", {"value": Decimal(99), "unit": "%"}, "test"),
        ("passage", {"value": Decimal(1)}, "test"),
        ("viability", {"value": Decimal(140), "unit": "%"}, "value"),
        ("viability", {"value": Decimal(-1), "unit": "%"}, "value"),
        ("viability", {"value": Decimal(96), "unit": "cells"}, "unit"),
        ("viability", {"value": Decimal(96)}, "unit"),
        ("viability", {"word": "good"}, "word"),
        ("viability", {"pending": True, "value": Decimal(96), "unit": "%"}, "pending"),
        ("sterility", {"word": "  "}, "word"),
        ("karyotype", {"value": Decimal(46)}, "value"),
        ("viability", {"value": Decimal(96), "unit": "%",
                       "performed_at": clock.now() + DAY}, "performed_at"),
        ("viability", {"value": Decimal(96), "unit": "%",
                       "performed_at": clock.now() - DAY}, "performed_at"),
        ("viability", {"value": Decimal(96), "unit": "%",
                       "performed_at": datetime(2026, 3, 2, 8)}, "performed_at"),
        ("viability", {"method": "M"}, "value"),
    ]
    for test, outcome, field in cases:
        with pytest.raises(Malformed) as refusal:
            result_of(cast, sample, test, **outcome)
        assert refusal.value.field == field, test
    assert session.query(Result).count() == 0


def test_an_unknown_test_is_refused_with_the_names_of_the_known():
    with pytest.raises(Malformed, match="viability, cd73.*karyotype") as refusal:
        rules.criterion(SHEET, "cd44", AT)
    assert "passage" not in refusal.value.sentence
    with pytest.raises(Malformed, match="no test at this stage"):
        rules.criterion(SHEET, "sterility", SpecStage.IN_PROCESS)


def test_only_a_technician_records(bank):
    cast = Cast()
    sample = sample_of(cast, filled_lot(cast))
    cast.theo = cast.quentin
    with pytest.raises(NotAllowed):
        result_of(cast, sample, "viability")


def test_a_result_of_a_rejected_lot_is_still_recorded(bank):
    cast = Cast()
    lot = rejected_lot(cast)
    late = result_of(cast, sample_of(cast, lot), "sterility", word="growth")
    assert late in service.standing_results(lot)


def test_results_of_the_cultures_a_lot_was_made_from_are_about_the_lot(bank, monkeypatch):
    cast = Cast()
    culture = grown_culture(cast)
    other = filled_lot(cast)
    # This sheet asks nothing of cultures; let it ask, as a later version may.
    sample = sample_of(cast, other, taken_from=culture.code, stage=Stage.DRUG_SUBSTANCE)
    mycoplasma = asked("mycoplasma")
    monkeypatch.setattr(rules, "criterion", lambda *_: mycoplasma)
    result = result_of(cast, sample, "mycoplasma", word="detected")
    lot = filled_lot(cast, culture)
    assert service.standing_results(lot) == [result]
    assert service.standing_results(other) == []
    assert service.lots_concerned(result) == [lot]


def test_the_judge_reads_a_row_as_it_is(bank):
    cast = Cast()
    results = record_all(cast, filled_lot(cast), pending=("mycoplasma",))
    endotoxin, viability, pending = (
        for_judge(results[test]) for test in ("endotoxin", "viability", "mycoplasma"))
    assert (endotoxin.value, endotoxin.qualifier) == (Decimal("0.05"), Qualifier.BELOW)
    assert viability.confirmed and not endotoxin.confirmed
    assert pending.pending and pending.value is None and pending.text is None


@pytest.mark.parametrize(("value", "qualifier", "possible"), [
    ("0", "exact", True), ("100", "exact", True), ("100.01", "exact", False),
    ("-0.01", "exact", False), ("0", "below detection limit", False),
    ("0.1", "below detection limit", True), ("100", "above detection limit", False),
    ("99.9", "above detection limit", True),
])
def test_a_per_cent_lies_between_0_and_100(value, qualifier, possible):
    facts = (Decimal(value), "%", None, Qualifier(qualifier))
    if possible:
        rules.measured_as_asked(asked("viability"), *facts)
    else:
        with pytest.raises(Malformed) as refusal:
            rules.measured_as_asked(asked("viability"), *facts)
        assert refusal.value.field == "value"


@pytest.mark.parametrize(("value", "word", "pending", "possible"), [
    (Decimal(1), None, False, True), (None, "negative", False, True), (None, None, True, True),
    (None, None, False, False), (Decimal(1), "negative", False, False),
    (Decimal(1), None, True, False), (None, "negative", True, False),
    (Decimal(1), "negative", True, False),
])
def test_a_result_is_a_number_or_words_or_pending(value, word, pending, possible):
    if possible:
        rules.one_outcome(value, word, pending)
    else:
        with pytest.raises(Malformed):
            rules.one_outcome(value, word, pending)


@pytest.mark.parametrize(("field", "value"), [
    ("value", -1), ("value", "NaN"), ("value", "1.1234567"), ("value", "1e13"),
    ("word", "x" * 81), ("unit", "x" * 21), ("method", "x" * 81), ("laboratory", "x" * 121),
    ("test", ""), ("performed_at", "2026-03-02T08:00:00"), ("qualifier", "about"),
    ("colour", "red"),
])
def test_the_form_refuses_what_has_no_form(field, value):
    good = {"test": "viability", "method": "Dye", "laboratory": "Our own",
            "performed_at": "2026-03-02T08:00:00+01:00", "value": "96.5", "unit": "%"}
    assert RecordResult().load(good)["value"] == Decimal("96.5")
    assert field in RecordResult().validate(good | {field: value})


def test_confirming_is_by_another_person(bank):
    cast = Cast()
    result = result_of(cast, sample_of(cast, filled_lot(cast)), "viability")
    assert confirm(cast, result).confirmed_by_id == cast.tessa.id
