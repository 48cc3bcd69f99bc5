"""What a person sees before anything is written, and that nothing is."""

from __future__ import annotations

import csv
import io

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.audit.verify import verify
from mscbank.database import session
from mscbank.errors import NotAllowed
from mscbank.exchange.imports import service
from mscbank.exchange.imports.service import Rehearsal
from mscbank.exchange.imports.writing import refused_rows
from mscbank.schemas import Upload
from mscbank.testing.models import Result, Sample
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.imports.files import counter, flow, panel, viability
from tests.stages.cultures import others, seeded_culture
from tests.stages.release import released_lot
from tests.stages.testing import HOSPITAL, sample_of


def looked(cast: Cast, file: Upload, shape: str = "vi-cell-blu-1") -> Rehearsal:
    """Tessa looks; nothing is written."""
    def all_there() -> tuple[int, int]:
        session.rollback()
        return (session.query(Entry).count(), session.query(Result).count())
    before = all_there()
    found = service.rehearse(shape, HOSPITAL, file, by=cast.tessa, at=clock.now())
    assert all_there() == before and verify().sound
    return found


def test_looking_writes_nothing_and_tells_what_would_be(cast: Cast, sample: Sample) -> None:
    (line,) = looked(cast, flow(panel(sample)), "flowjo-table-1").lines
    assert [(one.name, one.amount) for one in line.given][:2] == [
        ("CD73 positive", "99.12 %"), ("CD90 positive", "98.7 %")]
    assert not line.refused and not line.warnings


def test_good_and_bad_rows_are_told_apart_each_with_its_reason(
        cast: Cast, sample: Sample) -> None:
    found = looked(cast, counter(viability(sample), viability(sample, "140"),
                                 viability(sample), ("?", "1", "1", "9", "")))
    assert [bool(line.refused) for line in found.lines] == [False, True, True, True]
    assert "line 2 already" in found.lines[2].refused
    assert [line.row.line for line in found.refused] == [3, 4, 5]


def test_a_failing_result_is_marked_with_the_sentence_of_its_criterion(
        cast: Cast, sample: Sample) -> None:
    (line,) = looked(cast, counter(viability(sample, "60"))).lines
    assert "is not at least 70" in line.given[0].failing
    assert not any("stops every bag" in sentence for sentence in line.warnings)


def test_it_is_said_before_that_a_released_lot_would_be_stopped(cast: Cast) -> None:
    with clock.pinned(START):
        lot = released_lot(cast)
        late = sample_of(cast, lot)
    (line,) = looked(cast, counter(viability(late, "40"))).lines
    assert lot.number in line.warnings[0] and "stops every bag" in line.warnings[0]
    session.refresh(lot)
    assert str(lot.standing) == "certified"


def test_another_value_at_the_same_time_is_pointed_out(cast: Cast, sample: Sample) -> None:
    found = looked(cast, counter(viability(sample), viability(sample, "97")))
    assert "Line 2 gives another viability" in found.lines[1].warnings[0]


def test_what_a_row_holds_and_is_not_recorded_is_said(cast: Cast, sample: Sample) -> None:
    with clock.pinned(START):
        culture = seeded_culture(cast)
    rows = looked(cast, counter((culture.code, "1.3", "1.2", "96", "50"),
                                (sample.code, "1.3", "1.2", "96", ""))).lines
    assert "results are recorded of a sample" in rows[0].warnings[0]
    assert "the cell numbers are left out" in rows[1].warnings[0]


def test_a_count_of_long_ago_says_that_it_is_dated_now(cast: Cast) -> None:
    with clock.pinned(START):
        culture = seeded_culture(cast)
    with clock.pinned(START.replace(hour=18)):
        (line,) = looked(cast, counter((culture.code, "1.3", "1.2", "", "50"))).lines
    assert "dated now" in line.warnings[0]


def test_rows_beyond_one_hold_of_the_trail_know_those_before(
        cast: Cast, sample: Sample) -> None:
    rows = [viability(sample, f"9{n // 10}.{n % 10}") for n in range(service.AT_ONCE + 2)]
    found = looked(cast, counter(*rows, rows[0]))
    assert [line.row.line for line in found.refused] == [len(rows) + 2]
    assert "line 2 already" in found.refused[0].refused


def test_only_technicians_look(cast: Cast, sample: Sample) -> None:
    for person in others(cast, "tessa", "theo"):
        with pytest.raises(NotAllowed):
            service.rehearse("vi-cell-blu-1", HOSPITAL, counter(viability(sample)), by=person,
                             at=clock.now())


def test_the_refused_rows_come_as_a_file_with_their_reasons(cast: Cast, sample: Sample) -> None:
    found = looked(cast, counter(viability(sample), viability(sample, "140"),
                                 ("=cmd()", "1", "1", "9", "")))
    rows = list(csv.reader(io.StringIO(refused_rows(found.opened.sheet, found.refused))))
    assert rows[0][0] == "Line" and rows[0][-1] == "Reason" and "Sample ID" in rows[0]
    assert [row[0] for row in rows[1:]] == ["3", "4"]
    assert "more than 100 %" in rows[1][-1] and rows[2][1] == "'=cmd()"
    assert session.scalar(sa.select(sa.func.count()).select_from(Result)) == 0
