"""Databases of the tests: copied from one another, as files or by the server."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import sqlalchemy as sa

_numbers = itertools.count(1)
_copies: list[sa.URL] = []


@cache
def _desk(server: sa.URL) -> sa.Engine:
    """Where a server is told to make and drop databases."""
    return sa.create_engine(server, isolation_level="AUTOCOMMIT", pool_size=1)


def on_server(url: sa.URL, *statements: str) -> None:
    """Tell the server of this database, from another one."""
    with _desk(url.set(database="postgres")).connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def leave(server: str) -> None:
    """Close the way to a server that is about to stop."""
    _desk(sa.make_url(server).set(database="postgres")).dispose()


def make(url: sa.URL, place: str, *, instead: bool = False) -> None:
    """A copy of what is kept at ``place``; ``instead`` of what stands there now."""
    if url.get_backend_name() == "sqlite":
        if instead:
            remove(url)
        shutil.copy(place, url.database or "")
        return
    if instead:
        remove(url)
    on_server(url, f"CREATE DATABASE {url.database} TEMPLATE {place} STRATEGY FILE_COPY")


def remove(url: sa.URL) -> None:
    """Take a database away."""
    if url.get_backend_name() == "sqlite":
        for beside in ("", "-wal", "-shm"):
            Path(f"{url.database}{beside}").unlink(missing_ok=True)
        return
    on_server(url, f"DROP DATABASE {url.database} WITH (FORCE)")


def copy_away(url: sa.URL) -> str:
    """Keep a copy of a database that nobody is connected to, and say where."""
    if url.get_backend_name() == "sqlite":
        place = tempfile.mkdtemp(prefix="mscbank-stage-") + "/kept.sqlite3"
        _copies.append(url.set(database=place))
        shutil.copy(url.database or "", place)
        return place
    place = f"mscbank_stage_{os.getpid()}_{next(_numbers)}"
    _copies.append(url.set(database=place))
    on_server(url, f"CREATE DATABASE {place} TEMPLATE {url.database} STRATEGY FILE_COPY")
    return place


def forget(system: str) -> None:
    """Take the copies of one system away, at the end of the tests."""
    for url in [url for url in _copies if url.get_backend_name() == system]:
        forget_copy(url.database)


def forget_copy(place: str | None) -> None:
    """Take one copy away."""
    (url,) = [url for url in _copies if url.database == place]
    _copies.remove(url)
    remove(url)
    if url.get_backend_name() == "sqlite":
        Path(url.database or "").parent.rmdir()
