"""The act "import results": all rows or none, by the same acts as by hand."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.acts import catalogue, perform
from mscbank.audit.models import Entry
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.exchange.imports.models import Import
from mscbank.schemas import Upload
from mscbank.testing import attachments
from mscbank.testing.models import Qualifier, Result, Sample, Stage
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.imports.files import (
    VIABILITY,
    counter,
    flow,
    panel,
    viability,
    written,
)
from tests.mscbank.imports.importing import (
    COUNTER,
    FLOW,
    counts,
    imported,
    refused,
    saved,
)
from tests.stages.bags import filled_lot
from tests.stages.cultures import seeded_culture
from tests.stages.release import released_lot
from tests.stages.testing import HOSPITAL, result_of, sample_of


def test_a_counters_file_gives_viability_results_like_those_typed_by_hand(
        cast: Cast, sample: Sample) -> None:
    kept = imported(cast, counter(viability(sample)))
    (result,) = session.scalars(sa.select(Result).where(Result.test == "viability"))
    assert (result.value, result.unit, result.method, result.laboratory) == (
        Decimal("96.5"), "%", "Dye exclusion", HOSPITAL)
    assert (result.performed_at, result.qualifier) == (START + timedelta(minutes=30),
                                                       Qualifier.EXACT)
    assert [(row.line, row.result) for row in kept.made] == [(2, result)]
    assert verify().sound


def test_a_counters_file_gives_the_count_of_a_culture(cast: Cast) -> None:
    with clock.pinned(START):
        culture = seeded_culture(cast)
    file = counter((culture.code, "1.30", "1.25", "96.2", "50.5"))
    kept = imported(cast, file)
    assert (culture.count.total_cells, culture.count.viable_cells) == (65_650_000, 63_125_000)
    assert kept.made[0].count is culture.count and kept.made[0].result is None


def test_a_cytometers_table_gives_every_marker_rounded_as_the_shape_says(
        cast: Cast, sample: Sample) -> None:
    imported(cast, flow(panel(sample), "Mean,,,99.1,98.7,97.2,0.4,0.2,3.1"), FLOW)
    found = {row.test: row.value for row in session.scalars(sa.select(Result))}
    assert found == {"cd73": Decimal("99.12"), "cd90": Decimal("98.7"),
                     "cd105": Decimal("97.25"), "cd45": Decimal("0.4"), "cd34": Decimal("0.2"),
                     "hla_dr": Decimal("3.1")}


def test_a_value_below_the_detection_limit_is_kept_as_such(cast: Cast, sample: Sample) -> None:
    imported(cast, flow(panel(sample, "99", "98", "97", "<0.05", "0.2", "n/a")), FLOW)
    found = {row.test: (row.value, row.qualifier) for row in session.scalars(sa.select(Result))}
    assert found["cd45"] == (Decimal("0.05"), Qualifier.BELOW) and "hla_dr" not in found


def test_words_become_those_of_the_specification(cast: Cast, sample: Sample) -> None:
    shape = saved(cast, {"name": '"PCR"', "test": '"mycoplasma"', "method": '"Culture"',
                         "words": '[{read = "neg", recorded = "not detected"}]'})
    file = Upload(name="pcr.csv", data=written("Sample,When,PCR",
                                               f"{sample.code},02.03.2026 09:30,Neg"))
    imported(cast, file, shape)
    assert session.scalars(sa.select(Result)).one().word == "not detected"


def test_each_result_has_its_entry_and_the_file_has_one(cast: Cast, sample: Sample) -> None:
    before = session.scalar(sa.select(sa.func.max(Entry.sequence)))
    kept = imported(cast, flow(panel(sample)), FLOW)
    entries = session.scalars(sa.select(Entry).where(Entry.sequence > before)
                              .order_by(Entry.sequence)).all()
    assert [entry.act for entry in entries] == ["record result"] * 6 + ["import results"]
    facts = json.loads(entries[-1].body)["facts"]
    assert entries[-1].subject == kept.code and (facts["results"], facts["counts"]) == (6, 0)
    assert facts["sha256"] == kept.sha256 and facts["shape"] == FLOW
    assert verify().sound


def test_the_file_is_kept_as_it_came(cast: Cast, sample: Sample) -> None:
    file = counter(viability(sample))
    kept = imported(cast, file)
    assert attachments.bytes_of(kept.sha256) == file["data"]
    assert kept.sha256 == hashlib.sha256(file["data"]).hexdigest()


def test_an_awaited_result_arrives_in_the_place_of_the_pending_one(
        cast: Cast, sample: Sample) -> None:
    waiting = result_of(cast, sample, "viability", pending=True, performed_at=START)
    imported(cast, counter(viability(sample)))
    arrived = session.scalars(sa.select(Result).where(~Result.pending)).one()
    assert arrived.corrects_id == waiting.id and "arrived" in (arrived.reason or "")


def test_a_file_without_times_asks_for_one_and_a_file_with_times_for_none(
        cast: Cast, sample: Sample) -> None:
    shape = saved(cast, time=None, time_format=None)
    file = Upload(name="a.csv", data=written("Sample,Viability", f"{sample.code},96.5"))
    assert "say it here" in refused(cast, file, shape)
    assert "in the future" in refused(cast, file, shape, performed_at=START + timedelta(days=1))
    assert "leave the time out" in refused(cast, counter(viability(sample)), performed_at=START)
    imported(cast, file, shape, performed_at=START)
    assert session.scalars(sa.select(Result)).one().performed_at == START


def test_the_database_itself_keeps_a_file_to_one_import(cast: Cast, sample: Sample) -> None:
    kept = imported(cast, counter(viability(sample)))
    again = Import(file_name="x", sha256=kept.sha256, shape="x-1", shape_digest="0" * 64,
                   laboratory="x", rows=1, recorded_by_id=cast.tessa.id, recorded_at=clock.now())
    with pytest.raises(sa.exc.IntegrityError), transaction():
        session.add(again)
        session.flush()


@pytest.mark.parametrize("change", [
    "UPDATE instrument_import SET laboratory = 'x'", "DELETE FROM instrument_import",
    "UPDATE imported_row SET line = 9", "DELETE FROM imported_row"])
def test_the_database_lets_nobody_rewrite_an_import(
        change: str, cast: Cast, sample: Sample) -> None:
    imported(cast, counter(viability(sample)))
    with pytest.raises(sa.exc.DBAPIError):
        session.execute(sa.text(change))
    session.rollback()


def test_a_column_for_another_stage_is_not_put_to_this_sample(cast: Cast, sample: Sample) -> None:
    shape = saved(cast, VIABILITY | {"stage": '"post-thaw"'})
    file = Upload(name="a.csv", data=written("Sample,When,Viability",
                                             f"{sample.code},02.03.2026 09:30,96"))
    assert "is for samples at the stage “post-thaw”" in refused(cast, file, shape)


def test_of_two_meanings_the_one_for_the_samples_stage_is_taken(
        cast: Cast, sample: Sample) -> None:
    shape = saved(cast, VIABILITY, VIABILITY | {"stage": f'"{Stage.DRUG_PRODUCT}"',
                                                "method": '"Standard method"'})
    imported(cast, Upload(name="a.csv", data=written(
        "Sample,When,Viability", f"{sample.code},02.03.2026 09:30,96")), shape)
    assert session.scalars(sa.select(Result)).one().method == "Standard method"


def test_a_failing_result_of_a_released_lot_does_all_it_does_by_hand(cast: Cast) -> None:
    with clock.pinned(START):
        lot = released_lot(cast)
        late = sample_of(cast, lot)
    before = session.scalar(sa.select(sa.func.max(Entry.sequence)))
    imported(cast, counter(viability(late, "40")))
    session.refresh(lot)
    acts = list(session.scalars(sa.select(Entry.act).where(Entry.sequence > before)
                                .order_by(Entry.sequence)))
    assert str(lot.standing) == "nonconforming"
    assert acts == ["record result", "find nonconforming", "import results"]
    assert verify().sound


def test_a_retry_with_the_same_key_imports_once(cast: Cast, sample: Sample) -> None:
    act = catalogue()["imports", "import-results"]
    data = {"shape": COUNTER, "laboratory": HOSPITAL, "file": counter(viability(sample)),
            "performed_at": None}
    answers = [perform(act, None, data, by=cast.tessa, key="back-button") for _ in range(3)]
    assert answers == [answers[0]] * 3 and answers[0]["rows"] == 1
    assert counts()[:4] == [1, counts()[1], 1, 1]


def test_a_lot_made_anew_is_another_lot(cast: Cast, sample: Sample) -> None:
    """The control: the same values of another sample are no duplicate."""
    imported(cast, counter(viability(sample)))
    with clock.pinned(START):
        other = sample_of(cast, filled_lot(cast))
    imported(cast, counter(viability(other)))
    assert counts()[2] == 2
