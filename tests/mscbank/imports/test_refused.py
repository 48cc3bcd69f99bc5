"""What an import refuses, row by row and as a whole; nothing is written then."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from labels import housecode
from labels.housecode import Kind
from mscbank import clock
from mscbank.acts import catalogue, perform
from mscbank.audit.models import Entry
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.errors import Malformed, NotAllowed, Refused
from mscbank.exchange.imports import service
from mscbank.permissions import Role
from mscbank.schemas import Upload
from mscbank.testing.models import Sample
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.imports.files import (
    counter,
    flow,
    panel,
    viability,
)
from tests.mscbank.imports.importing import COUNTER, FLOW, imported, refused
from tests.stages.cultures import others, seeded_culture
from tests.stages.testing import HOSPITAL, sample_of

ELSEWHERE = housecode.with_check(Kind.SAMPLE, "HCXJXTPELJPRLVNR")


def test_one_bad_row_of_three_refuses_the_whole_file(
        cast: Cast, sample: Sample, lot: Lot) -> None:
    with clock.pinned(START):
        second = sample_of(cast, lot)
    sentence = refused(cast, counter(viability(sample), viability(second, "140"),
                                     viability(second, "95", "03/02/2026 09:59:59")))
    assert "of 3 rows refused, so nothing was recorded. Line 3:" in sentence
    assert "more than 100 %" in sentence


def rows_refused(cast: Cast, sample: Sample) -> dict[str, tuple[Upload, str]]:
    """What a row is refused for, by name: a file, and words of the reason."""
    lot = session.get_one(Lot, sample.lot_id)
    culture = lot.harvest.cultures[0]
    same = viability(sample)
    return {
        "unknown code": (counter(("TXBBBBBBBBBBBBBBBBCC", *same[1:])), "holds no code"),
        "another bank's code": (counter((ELSEWHERE, *same[1:])), "No such code here"),
        "a lot's code": (counter((lot.code, *same[1:])), "one of samples or cultures"),
        "too much": (counter(viability(sample, "100.1")), "more than 100 %"),
        "below zero": (counter(viability(sample, "-1")), "never below zero"),
        "too exact": (counter(viability(sample, "96.1234567")), "figures after the point"),
        "decimal comma": (counter(viability(sample, '"96,5"')), "have a decimal point"),
        "no such day": (counter(viability(sample, "96.5", "02/31/2026 09:30:00")), "no date"),
        "twice in autumn": (counter(viability(sample, "96.5", "10/25/2026 02:30:00")),
                            "came twice"),
        "the future": (counter(viability(sample, "96.5", "03/02/2026 18:00:00")), "future"),
        "before the sample": (counter(viability(sample, "96.5", "03/02/2026 08:00:00")),
                              "before the taking of the sample"),
        "no result": (counter(viability(sample, "")), "no result for a sample"),
        "the same row twice": (counter(same, same), "stands in line 2 already"),
        "a count again": (counter((culture.code, "1.3", "1.2", "96", "50")), "counted"),
        "a culture without volume": (counter((culture.code, "1.3", "1.2", "96", "")),
                                     "needs the volume"),
        "a culture without cells": (counter((culture.code, "", "", "96", "50")),
                                    "no total and viable cells"),
        "a bound as a count": (counter((culture.code, ">10", "1.2", "96", "50")), "is a bound"),
        "a formula": (counter(viability(sample, "=1+1")), "holds a formula"),
    }


CASES = ("unknown code", "another bank's code", "a lot's code", "too much", "below zero",
         "too exact", "decimal comma", "no such day", "twice in autumn", "the future",
         "before the sample", "no result", "the same row twice", "a count again",
         "a culture without volume", "a culture without cells", "a bound as a count", "a formula")


@pytest.mark.parametrize("case", CASES)
def test_a_row_that_cannot_be_is_refused_with_its_reason(
        case: str, cast: Cast, sample: Sample) -> None:
    file, said = rows_refused(cast, sample)[case]
    sentence = refused(cast, file)
    assert "nothing was recorded. Line" in sentence and said in sentence


def test_every_case_of_a_bad_row_is_tried(cast: Cast, sample: Sample) -> None:
    assert set(CASES) == set(rows_refused(cast, sample))


def test_more_viable_cells_than_cells_are_no_count(cast: Cast) -> None:
    with clock.pinned(START):
        culture = seeded_culture(cast)
    assert "iable" in refused(cast, counter((culture.code, "1.0", "1.1", "", "50")))
    assert "before the seeding" in refused(cast, counter(
        (culture.code, "1.2", "1.1", "", "50", "03/02/2026 08:59:59")))
    assert "future" in refused(cast, counter(
        (culture.code, "1.2", "1.1", "", "50", "03/02/2026 18:00:00")))


def test_a_culture_is_counted_once_in_a_file(cast: Cast) -> None:
    with clock.pinned(START):
        culture = seeded_culture(cast)
    row = (culture.code, "1.30", "1.25", "", "50")
    assert "stands in line 2 already" in refused(cast, counter(row, (*row[:4], "51")))


def test_a_recorded_result_is_named_by_its_code(cast: Cast, sample: Sample) -> None:
    there = imported(cast, counter(viability(sample))).made[0].result
    sentence = refused(cast, counter(viability(sample), viability(sample, "97")))
    assert f"recorded already, as {there.code}" in sentence


def test_the_same_file_is_refused_naming_the_first_import(cast: Cast, sample: Sample) -> None:
    file = counter(viability(sample))
    first = imported(cast, file)
    sentence = refused(cast, file | {"name": "another name.csv"})
    assert first.code in sentence and "02 MAR 2026 10:00 CET" in sentence


def test_only_technicians_import(cast: Cast, sample: Sample) -> None:
    for person in others(cast, "tessa", "theo"):
        with pytest.raises(NotAllowed):
            imported(cast, counter(viability(sample)), by=person)
    assert Role.TECHNICIAN in cast.theo.roles
    imported(cast, counter(viability(sample)), by=cast.theo)


@pytest.mark.parametrize("more, field, said", [
    ({"shape": "no-such-1"}, "shape", "There is no shape"),
    ({"laboratory": "Elsewhere"}, "laboratory", "Elsewhere"),
    ({"file": Upload(name="a.csv", data=b"")}, "file", "is empty"),
    ({"file": Upload(name="", data=b"a,b")}, "file", "name is empty"),
    ({"file": Upload(name="x" * 300, data=b"a,b")}, "file", "more than 120")])
def test_what_concerns_the_whole_file_is_refused_at_its_field(
        more: dict[str, Any], field: str, said: str, cast: Cast, sample: Sample) -> None:
    facts = {"file": counter(viability(sample)), "shape": COUNTER} | more
    with pytest.raises(Refused) as refusal:
        imported(cast, **facts)
    assert refusal.value.field == field and said in refusal.value.sentence


def test_more_readings_than_others_can_wait_for_are_refused(cast: Cast, sample: Sample) -> None:
    assert "readings in this file: 601," in refused(cast, flow(*[panel(sample)] * 100, panel(
        sample, "99", "", "", "", "", "")), FLOW)
    assert "98 of 101 rows" in refused(cast, flow(*[panel(sample)] * 99, panel(
        sample, "99", "", "", "", "", ""), panel(sample, "", "98", "", "", "", "")), FLOW)


def test_a_file_of_which_every_row_is_left_out_is_nothing_to_import(cast: Cast) -> None:
    with pytest.raises(Malformed, match="nothing to record"):
        imported(cast, flow("Mean,,,99.1,98.7,97.2,0.4,0.2,3.1"), FLOW)


def test_a_refused_import_is_an_entry_naming_its_lines(cast: Cast, sample: Sample) -> None:
    act = catalogue()["imports", "import-results"]
    data = {"shape": COUNTER, "laboratory": HOSPITAL, "performed_at": None,
            "file": counter(viability(sample, "140"))}
    with pytest.raises(service.RowsRefused) as refusal:
        perform(act, None, data, by=cast.tessa)
    assert set(refusal.value.fields) == {"line 2"}
    last = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc())).first()
    assert last.act == "refused" and '"line 2"' in last.body
