"""The ``mscbank`` command: done is 0, refused or something found is 1, wrong use is 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import sqlalchemy as sa

from mscbank import clock, migrations
from mscbank.accounts import service, sessions
from mscbank.accounts.models import Account
from mscbank.audit import checkpoints
from mscbank.database import db, session
from specs import shelf
from tests import databases
from tests.cast import PASSWORD, PEOPLE, Cast
from tests.story.conftest import commanded

Run = Callable[..., CompletedProcess]
KEY = bytes(range(32))


@pytest.fixture
def run(bank, database_url: str, tmp_path: Path) -> Run:
    """The command over this bank, in this process."""
    return commanded(tmp_path, database_url)


@pytest.fixture
def nowhere(bank, tmp_path: Path) -> Run:
    """The command where there is no bank yet, on the same system."""
    if db.engine.dialect.name == "sqlite":
        yield commanded(tmp_path, f"sqlite:///{tmp_path / 'new.sqlite3'}")
        return
    url = db.engine.url.set(database=f"{db.engine.url.database}_new")
    databases.on_server(url, f"CREATE DATABASE {url.database}")
    yield commanded(tmp_path, url.render_as_string(False))
    databases.remove(url)


def person(username: str) -> Account | None:
    session.rollback()
    return session.scalar(sa.select(Account).where(Account.username == username))


def test_a_bank_is_made_once_and_then_found(nowhere: Run) -> None:
    asked = nowhere("audit", "verify")
    assert asked.returncode == 1 and "run “mscbank init”" in asked.stderr
    for _ in range(2):
        made = nowhere("init")
        assert (made.returncode, migrations.newest() in made.stdout) == (0, True)
    assert "all sound" in nowhere("audit", "verify").stdout


def test_a_database_of_another_version_is_left_alone(run: Run) -> None:
    with db.engine.connect().execution_options(mscbank_writes=True) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()
    asked = run("audit", "verify")
    assert asked.returncode == 1 and "of another version" in asked.stderr


def test_an_odd_setting_stops_every_command_with_a_sentence(run: Run, monkeypatch) -> None:
    monkeypatch.setattr("mscbank.config._KNOWN", frozenset({"INSTANCE"}))
    asked = run("audit", "verify")
    assert asked.returncode == 1 and "is not a setting of mscbank" in asked.stderr


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_role_of_the_application_reads_and_extends_and_does_no_more(run: Run) -> None:
    Cast()
    session.remove()
    role = f"msc_app_{db.engine.url.database}"
    databases.on_server(db.engine.url, f"CREATE ROLE {role}")
    try:
        assert run("init", "--app-role", role).returncode == 0
        may = sa.text("SELECT has_table_privilege(:role, :name, :word)")

        def rights(table: str) -> set[str]:
            return {word for word in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
                    if session.scalar(may, {"role": role, "name": table, "word": word})}

        assert rights("audit_entry") == rights("signature") == {"SELECT", "INSERT"}
        assert rights("account") == {"SELECT", "INSERT", "UPDATE"}
        assert rights("alembic_version") == {"SELECT"}
        with db.engine.connect() as connection:
            connection.exec_driver_sql(f"SET ROLE {role}")
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                connection.exec_driver_sql("DELETE FROM account")
            connection.invalidate()  # nobody after this is that role
        session.rollback()
    finally:
        session.execute(sa.text(f"DROP OWNED BY {role}"))
        session.commit()
        databases.on_server(db.engine.url, f"DROP ROLE {role}")


def test_a_person_is_added_with_a_password_to_be_changed(run: Run) -> None:
    words = ("user", "add", "sarah", "--name", "Sarah Blum", "--role", "technician", "--role",
             "nurse", "--password", PASSWORD, "--identity-checked-by", "Adam Vidal")
    done = run(*words)
    assert (done.returncode, done.stdout.startswith("sarah (")) == (0, True), done.stderr
    added = person("sarah")
    assert added.code in done.stdout and added.must_change
    assert added.identity_checked_by == "Adam Vidal"
    assert {held.role for held in added.roles} == {"technician", "nurse"}
    again = run(*words)
    assert again.returncode == 1 and "was given before" in again.stderr


@pytest.mark.parametrize(("different", "status", "words"), [
    (("--role", "surgeon"), 2, "Roles: technician"),
    (("--role", "nurse", "--password", "short"), 1, "password"),
])
def test_a_person_who_cannot_be_is_not_added(run: Run, different, status, words) -> None:
    done = run("user", "add", "sarah", "--name", "Sarah Blum", "--password", PASSWORD, *different)
    assert done.returncode == status and words in done.stderr
    assert person("sarah") is None


def test_a_token_is_printed_once_and_acts_as_its_person(run: Run) -> None:
    cast = Cast()
    session.remove()
    done = run("token", "create", "tessa", "--label", "counter", "--days", "2")
    assert done.returncode == 0, done.stderr
    found = sessions.find_token(done.stdout.strip(), at=clock.now())
    assert found is not None and found.id == cast.tessa.id
    assert sessions.find_token(done.stdout.strip()[:-1], at=clock.now()) is None
    nobody = run("token", "create", "nobody")
    assert nobody.returncode == 1 and "There is no account nobody." in nobody.stderr
    assert run("token", "create", "tessa", "--days", "0").returncode == 2
    assert service.find_account("nobody") is None


def test_the_trail_is_verified_for_people_and_for_programs(run: Run, tmp_path: Path) -> None:
    Cast()
    session.remove()
    note = tmp_path / "note.txt"
    note.write_text(run("audit", "checkpoint").stdout)
    point = checkpoints.read(note.read_text(), checkpoints.public_key(KEY))
    assert point.sequence == len(PEOPLE)
    told = json.loads(run("audit", "verify", "--json", "--checkpoint", str(note)).stdout)
    assert told == {"sound": True, "entries": len(PEOPLE), "rows": 2 * len(PEOPLE),
                    "head": point.hash, "problems": []}
    note.write_text(note.read_text().replace(f"sequence: {len(PEOPLE)}", "sequence: 8"))
    forged = run("audit", "verify", "--checkpoint", str(note))
    assert forged.returncode == 1 and "not this bank's" in forged.stderr


def test_the_specifications_are_compared_with_their_seals(monkeypatch, tmp_path: Path) -> None:
    run = commanded(tmp_path, "sqlite:///none.sqlite3")
    assert run("specs", "check").returncode == 0
    monkeypatch.setattr(shelf, "check", lambda: ["bm-msc-1.toml differs from its seal"])
    changed = run("specs", "check")
    assert (changed.returncode, changed.stdout) == (1, "bm-msc-1.toml differs from its seal\n")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_pages_are_served_where_there_is_a_bank(run: Run, nowhere: Run, monkeypatch) -> None:
    served: list[Any] = []
    monkeypatch.setattr("mscbank.serving.run", lambda *how: served.append(how))
    assert nowhere("serve").returncode == 1 and served == []
    assert run("serve", "--port", "8123", "--workers", "3").returncode == 0
    assert served == [("127.0.0.1", 8123, 3)]
    assert run("serve", "--workers", "0").returncode == 2
