"""The house keeps itself: sizes, naive times, silent deletes, migrations, seals."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from mscbank.database import Base, db
from mscbank.things import KINDS, Thing
from specs import shelf

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(path for top in ("labels", "specs", "mscbank", "tests")
               for path in (ROOT / top).rglob("*.py"))
OURS = [path for path in FILES if "versions" not in path.parts]
WORDS = re.compile(r"TODO|FIXME|XXX|for now\b|NotImplementedError", re.IGNORECASE)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", OURS, ids=named)
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300, "past 300 lines: split it by act"


@pytest.mark.parametrize("path", OURS, ids=named)
def test_a_function_can_be_seen_at_once(path: Path) -> None:
    # A table of cases, one statement of SQL or a whole day's story may take up to 60.
    long = [node.name for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
            and (node.end_lineno or 0) - node.lineno + 1 > 60]
    assert long == [], "past 40 lines: one question per function"


@pytest.mark.parametrize("path", [p for p in FILES if "tests" not in p.parts], ids=named)
def test_nothing_is_left_for_later(path: Path) -> None:
    assert not WORDS.findall(path.read_text())


@pytest.mark.parametrize("path", [p for p in FILES if "tests" not in p.parts], ids=named)
def test_only_the_clock_asks_the_time(path: Path) -> None:
    if named(path) == "mscbank/clock.py":
        return
    text = path.read_text()
    assert not re.search(r"datetime\.(utcnow|now|today)\(|date\.today\(|time\.time\(", text), (
        "ask mscbank.clock.now(): tests and stories pin it")


def test_the_published_specifications_are_as_sealed() -> None:
    assert list(shelf.check()) == []


def test_a_thing_is_called_by_something_people_say(app) -> None:
    """Else its pages and lists would show a bare house code."""
    assert len(KINDS) > 30
    assert [kind.__name__ for kind in KINDS.values() if kind.title is Thing.title] == []


def test_what_was_seen_beside_a_bag_is_read_as_it_stands() -> None:
    """All else reads ``standing_observations`` and ``standing_reactions``: a slip counts nowhere."""
    whole = re.compile(r"\.(observations|reactions)\b")
    assert {named(path) for path in (ROOT / "mscbank").rglob("*.*") if path.suffix in (".py", ".html")
            and whole.search(path.read_text())} == {
        "mscbank/infusions/models.py", "mscbank/infusions/running/pages.py",  # struck through there
        "mscbank/reports/batch/bags.py", "mscbank/reports/batch/family.py",
        "mscbank/reports/trial/facts.py"}  # loaded in one question


def test_the_migrations_make_what_the_models_say(app) -> None:
    """Nothing in a model is missing from the migrations, on either database."""
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = [difference for difference in compare_metadata(context, Base.metadata)
                       if "scratch" not in str(difference)]
        assert differences == []


def test_every_audited_table_is_guarded(app) -> None:
    with app.app_context(), db.engine.connect() as connection:
        query = ("SELECT name FROM sqlite_master WHERE type='trigger'"
                 if db.engine.dialect.name == "sqlite" else "SELECT tgname FROM pg_trigger")
        triggers = set(connection.scalars(sa.text(query)))
    for table in Base.metadata.sorted_tables:
        if "entry" in table.columns:
            for word in ("insert", "update", "delete"):
                assert f"guard_{table.name}_row_{word}" in triggers


def test_the_database_knows_the_wall_charts_as_the_house_does() -> None:
    from mscbank.bags.lifecycle import BAG_PLACE, LOT_STANDING, UNIT_PLACE

    file = ROOT / "mscbank/migrations/versions/0002_guards.py"
    spec = importlib.util.spec_from_file_location("guards", file)
    assert spec and spec.loader
    guards = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(guards)
    for chart, pairs in ((BAG_PLACE, guards.PLACES), (UNIT_PLACE, guards.UNITS),
                         (LOT_STANDING, guards.STANDINGS)):
        ours = {(left.value, row.enters.value) for row in chart for left in row.leaves}
        assert ours == set(pairs)
    assert guards.LABELLED == {
        table: tuple(row.enters.value for row in chart if row.labelled)
        for table, chart in (("bag", BAG_PLACE), ("cryo_unit", UNIT_PLACE))}


def test_no_wheel_file_is_forgotten() -> None:
    """Data files that the program reads stand in setup.cfg's package_data."""
    import configparser
    from fnmatch import fnmatch

    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    for package in ("labels", "specs", "mscbank"):
        patterns = config["options.package_data"].get(package, "").replace(",", " ").split()
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                inside = str(path.relative_to(ROOT / package))
                assert any(fnmatch(inside, pattern) for pattern in patterns), inside
