"""The lists of a bank that has worked for years: as quick to ask for as those of a new one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mscbank import create_app, things
from mscbank.database import db, session
from mscbank.reports import lists
from mscbank.reports.listing import PRIVATE
from tests.conftest import configured
from tests.mscbank.web.test_lists import counted, read_all
from tests.story.conftest import Told


@pytest.fixture
def years(told_on_sqlite: Told, tmp_path: Path) -> Iterator[None]:
    """The told demo, opened here."""
    file = tmp_path / "demo.sqlite3"
    shutil.copy(told_on_sqlite.url.removeprefix("sqlite:///"), file)
    with create_app(configured(tmp_path, f"sqlite:///{file}"), pages=False).app_context():
        yield
        session.remove()
        db.engine.dispose()


def test_the_database_is_asked_as_often_for_a_hundred_rows_as_for_a_few(years: None) -> None:
    """A kind of thing that no row of the short list refers to may cost the long one a little."""
    long = 0
    for place, model in things.SLUGS.items():
        if place in PRIVATE or session.query(model).count() < 40:
            continue
        long += 1
        many, few = counted(lambda: read_all(model, 100)), counted(lambda: read_all(model, 20))
        assert many <= few + 3 and many < 35, place
    assert long >= 8


def test_a_list_sorts_by_each_of_its_columns(years: None) -> None:
    for place, model in things.SLUGS.items():
        if place in PRIVATE:
            continue
        for column in ("title", *(column.name for column in lists.columns(model))):
            for sort in (column, f"-{column}"):
                found = lists.show(model, lists.read(model, {"sort": sort, "rows": "100"}))
                assert len(found.rows) == min(found.total, 100), (place, sort)
