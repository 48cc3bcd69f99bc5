"""Shapes of our own: checked, versioned, never changed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed
from mscbank.exchange.imports import service, shelf
from mscbank.exchange.imports.models import CsvShape
from mscbank.permissions import Actor
from mscbank.testing.models import Sample
from tests.cast import Cast
from tests.mscbank.imports.files import counter, sheet, viability
from tests.mscbank.imports.importing import imported
from tests.stages.cultures import others


def save(cast: Cast, text: str, by: Actor | None = None) -> CsvShape:
    with transaction():
        return service.save_shape(text, by=by or cast.tessa, at=clock.now())


def test_a_saved_shape_can_be_chosen(cast: Cast) -> None:
    saved = save(cast, sheet())
    assert shelf.get_shape("our-counter-1").digest == saved.digest
    assert [name for name, _ in shelf.choices()] == [
        "our-counter-1", "flowjo-table-1", "nucleocounter-1", "vi-cell-blu-1"]


def test_a_change_is_the_next_version_and_the_one_before_stays(cast: Cast) -> None:
    first = save(cast, sheet())
    save(cast, sheet(version="2", title='"Our counter, new software"'))
    assert first.title == "Our counter (our-counter-1)"
    assert [row.version for row in shelf.latest_saved()] == [2]
    with pytest.raises(Malformed, match="no shape “our-counter-1” in use"):
        shelf.get_shape("our-counter-1")


@pytest.mark.parametrize("version", ["1", "3"])
def test_versions_are_neither_repeated_nor_left_out(version: str, cast: Cast) -> None:
    save(cast, sheet())
    with pytest.raises(AlreadyDone, match="next version of “our-counter” is 2"):
        save(cast, sheet(version=version))


def test_the_names_of_the_programs_shapes_stay_theirs(cast: Cast) -> None:
    with pytest.raises(AlreadyDone, match="take a name of your own"):
        save(cast, sheet(name='"vi-cell-blu"'))


def test_a_mistake_is_named_with_its_line(cast: Cast) -> None:
    with pytest.raises(Malformed, match="line 4: encoding is one of") as refusal:
        save(cast, sheet(encoding='"ebcdic"'))
    assert refusal.value.field == "sheet"


def test_technicians_and_quality_assurance_map_shapes(cast: Cast) -> None:
    for person in others(cast, "tessa", "theo", "quentin", "quynh"):
        with pytest.raises(NotAllowed):
            save(cast, sheet(), person)
    save(cast, sheet(), cast.quentin)


def test_the_imports_of_a_shape_are_found(cast: Cast, sample: Sample) -> None:
    text = (shelf.sheet_of("vi-cell-blu-1").replace('name = "vi-cell-blu"', 'name = "our-vi"'))
    saved = save(cast, text)
    kept = imported(cast, counter(viability(sample)), "our-vi-1")
    assert service.imports_of(saved) == [kept] and kept.shape_digest == saved.digest


def test_the_database_lets_nobody_change_a_shape(cast: Cast) -> None:
    save(cast, sheet())
    with pytest.raises(sa.exc.DBAPIError):
        session.execute(sa.text("UPDATE csv_shape SET sheet = 'x'"))
    session.rollback()
