"""The demo, told once on each database for all stories that look at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import chdir, contextmanager
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from mscbank.cli import main
from tests.conftest import KEY

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Told:
    """A told demo: where, its papers, and the command over it."""

    folder: Path
    url: str
    output: str
    run: Callable[..., subprocess.CompletedProcess]

    @property
    def out(self) -> Path:
        return self.folder / "out"


def environment(folder: Path, url: str) -> dict[str, str]:
    """What a process of its own is told of this database. On PostgreSQL its lines are not counted:
    they were on SQLite, and counting doubles its time."""
    strange = ("MSCBANK_", "COVERAGE_") if url.startswith("postgresql") else ("MSCBANK_",)
    found = {key: value for key, value in os.environ.items() if not key.startswith(strange)}
    return found | {"MSCBANK_INSTANCE": str(folder / "instance"), "MSCBANK_DATABASE_URL": url,
                    "MSCBANK_VAULT_KEY": KEY, "MSCBANK_SIGNING_KEY": KEY}


def command(folder: Path, url: str) -> Callable[..., subprocess.CompletedProcess]:
    """``mscbank`` as a process of its own, in this folder, over this database."""

    def run(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run([sys.executable, "-m", "mscbank", *words], cwd=folder,
                              env=environment(folder, url), capture_output=True, text=True, timeout=600)

    return run


@contextmanager
def by_workers(folder: Path, url: str, *words: str, **settings: str) -> Iterator[str]:
    """The pages by gunicorn, on a port that was never free in between: who calls before the
    workers listen, waits."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", f"fd://{door.fileno()}", "--timeout",
             "120", "--log-level", "error", *words, "mscbank:create_app()"], cwd=folder,
            env=environment(folder, url) | {"MSCBANK_HTTPS": "no"} | settings,
            pass_fds=[door.fileno()])
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.terminate()
            server.wait(60)


def commanded(folder: Path, url: str) -> Callable[..., subprocess.CompletedProcess]:
    """The same in this process, where nothing of a process of its own is asked: a start costs
    two seconds."""
    told = {name: None for name in os.environ if name.startswith("MSCBANK_")} | {
        name: value for name, value in environment(folder, url).items()
        if name.startswith("MSCBANK_")}

    def run(*words: str) -> subprocess.CompletedProcess:
        with chdir(folder):
            done = CliRunner().invoke(main, words, env=told, prog_name="mscbank")
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    return run


def tell(folder: Path, url: str) -> Told:
    done = command(folder, url)("demo", "--no-serve", "--out", "out")
    assert done.returncode == 0, done.stderr
    return Told(folder, url, done.stdout, commanded(folder, url))


@pytest.fixture(scope="session")
def told_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("demo")
    return tell(folder, f"sqlite:///{folder / 'demo.sqlite3'}")


@pytest.fixture(scope="session")
def told_on_postgresql(tmp_path_factory: pytest.TempPathFactory,
                       postgresql_server: str) -> Iterator[Told]:
    name = f"mscbank_demo_{os.getpid()}"
    admin = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = sa.make_url(postgresql_server).set(database=name).render_as_string(False)
    yield tell(tmp_path_factory.mktemp("demo-pg"), url)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest) -> Told:
    """The told demo, once on each database."""
    return request.getfixturevalue(f"told_on_{request.param}")
