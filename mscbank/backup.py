"""Backup while people work, and restore into an empty place, verified before it counts.

The keys are not in a backup: keep them elsewhere, or the vault stays sealed and labels unsigned.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from mscbank import migrations
from mscbank.errors import Refused


def backup(engine: sa.Engine, file: Path) -> None:
    """A whole, consistent copy in ``file``, which must not exist. Writing goes on meanwhile."""
    if file.exists():
        raise Refused(f"{file} exists: a backup never writes over another. Name a new file.")
    part = file.with_name(file.name + ".part")
    try:
        if engine.dialect.name == "sqlite":
            _copy(_file_of(engine), part)
        else:
            _run("pg_dump", ["--format=custom", f"--file={part}"], engine)
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def restore(engine: sa.Engine, file: Path) -> None:
    """Put a backup into an empty database. The caller verifies the trail before it counts."""
    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    if engine.dialect.name == "sqlite":
        with open(file, "rb") as opened:
            if opened.read(15) != b"SQLite format 3":
                raise Refused(f"{file} is not a backup of a SQLite database.")
        target = _file_of(engine)
        if target.exists() and target.stat().st_size:
            raise Refused("The database is not empty: restore into a new place.")
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(file, target)
        return
    with engine.connect() as connection:
        if migrations.revision_of(connection) is not None:
            raise Refused("The database is not empty: restore into a new one.")
    _run("pg_restore", ["--no-owner", "--exit-on-error", "--single-transaction", str(file)], engine)


def _file_of(engine: sa.Engine) -> Path:
    return Path(str(engine.url.database))


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise Refused("There is no database yet: nothing to back up.")
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
    old.close()
    new.close()


def _run(program: str, words: Sequence[str], engine: sa.Engine) -> None:
    found = shutil.which(program)
    if not found:
        raise Refused(f"{program} is needed and not installed: install PostgreSQL's client "
                      "programs of the server's version.")
    url = engine.url.set(drivername="postgresql")
    done = subprocess.run(
        [found, f"--dbname={url.set(password=None).render_as_string()}", *words],
        env=os.environ | {"PGPASSWORD": url.password or ""}, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"{program} did not succeed: {done.stderr.strip().splitlines()[-1:]}")
