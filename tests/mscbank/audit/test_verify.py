"""Every way to alter the record behind its back is found, and named by its entry."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.accounts.models import Account
from mscbank.audit import chain, checkpoints
from mscbank.audit.service import record
from mscbank.audit.verify import Report, verify
from mscbank.database import Unrecorded, db, session, transaction
from tests.cast import PEOPLE, Cast
from tests.stages.labelling import printed_labels, queued
from tests.stages.release import released_lot

KEY = bytes(range(32))
LAST = len(PEOPLE)  # a bank of these begins with an entry each


def behind_its_back(*statements: str) -> None:
    """Run SQL as one who owns the database and takes guards and keys away first."""
    session.connection()  # the database is there from here on
    session.rollback()
    if db.engine.dialect.name == "sqlite":
        connection = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
        for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.close()
        return
    with db.engine.connect() as connection:
        tables = connection.scalars(sa.text(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"))
        for table in tables.all():
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        connection.exec_driver_sql("SET session_replication_role = replica")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("SET session_replication_role = origin")
        connection.commit()


def found() -> list[str]:
    return [problem for problem in verify().problems if "guard" not in problem]


def test_an_untouched_trail_is_sound(bank) -> None:
    Cast()
    report = verify()
    assert report.problems == []
    assert (report.entries, report.rows) == (LAST, 2 * LAST)


def test_an_empty_trail_is_sound(bank) -> None:
    assert verify().sound


@pytest.mark.parametrize("entry,statement", [
    (3, "UPDATE audit_entry SET body = replace(body, 'quentin', 'quynhxx') WHERE sequence = 3"),
    (4, "UPDATE audit_entry SET hash = substr(hash, 2) || 'g' WHERE sequence = 4"),
    (5, "DELETE FROM audit_entry WHERE sequence = 5"),
    (LAST, f"DELETE FROM audit_entry WHERE sequence = {LAST}"),
    (2, "UPDATE account SET name = 'Somebody Else' WHERE id = 2"),
    (2, "UPDATE account SET entry = 3 WHERE id = 2"),
    (1, "DELETE FROM role_held WHERE id = 1"),
    (1, "INSERT INTO role_held (id, account_id, role, from_at, entry) VALUES "
        "(99, 1, 'nurse', '2026-01-01 00:00:00.000000', 1)"),
    (LAST - 1, f"UPDATE audit_head SET sequence = {LAST - 1}"),
])
def test_an_alteration_is_found_and_named(bank, entry: int, statement: str) -> None:
    Cast()
    behind_its_back(statement)
    assert any(f"entry {entry}:" in problem for problem in found()), found()


def test_swapped_entries_are_found(bank) -> None:
    Cast()
    behind_its_back("UPDATE audit_entry SET sequence = 100 WHERE sequence = 4",
                    "UPDATE audit_entry SET sequence = 4 WHERE sequence = 5",
                    "UPDATE audit_entry SET sequence = 5 WHERE sequence = 100")
    assert any("entry 4:" in problem for problem in found())


def test_a_cut_tail_is_found_with_a_checkpoint_and_only_with_one(bank) -> None:
    cast = Cast()
    note = checkpoints.note(KEY, clock.now())
    previous = session.scalar(sa.text(f"SELECT previous FROM audit_entry WHERE sequence = {LAST}"))
    behind_its_back(f"DELETE FROM role_held WHERE entry = {LAST}",
                    f"DELETE FROM account WHERE entry = {LAST}",
                    f"DELETE FROM audit_entry WHERE sequence = {LAST}",
                    f"UPDATE audit_head SET sequence = {LAST - 1}, hash = '{previous}'")
    assert found() == []
    point = checkpoints.read(note, checkpoints.public_key(KEY))
    problems = verify(checkpoint=point).problems
    assert any(f"entry {LAST}: cut off" in problem for problem in problems)
    assert cast.adam.username == "adam"


def test_a_rewritten_trail_is_found_with_a_checkpoint(bank) -> None:
    Cast()
    note = checkpoints.note(KEY, clock.now())
    point = checkpoints.read(note, checkpoints.public_key(KEY))
    other = checkpoints.Checkpoint(point.sequence, "f" * 64, point.time)
    assert any(f"entry {LAST}: is not the one" in p for p in verify(checkpoint=other).problems)
    assert verify(checkpoint=point).sound


def test_missing_guards_are_named(bank) -> None:
    assert verify().sound
    behind_its_back()
    assert any("guards of the database were taken away" in p for p in verify().problems)


def test_a_forged_checkpoint_is_refused(bank) -> None:
    note = checkpoints.note(KEY, clock.now())
    for forged in (note.replace("sequence: 0", "sequence: 7"), note[:-20], "", note * 2):
        with pytest.raises(Exception, match="checkpoint"):
            checkpoints.read(forged, checkpoints.public_key(KEY))
    with pytest.raises(Exception, match="signature"):
        checkpoints.read(note, checkpoints.public_key(bytes(32)))


ATTACKS = (
    "UPDATE audit_entry SET body = '{}' WHERE sequence = 1",
    "DELETE FROM audit_entry WHERE sequence = 1",
    "INSERT INTO audit_entry (sequence, previous, hash, body) SELECT 99, hash, 'x', body FROM "
    "audit_entry WHERE sequence = 1",
    "INSERT INTO audit_entry (sequence, previous, hash, body) SELECT sequence + 1, 'y', 'x', body "
    f"FROM audit_entry WHERE sequence = {LAST}",
    "UPDATE audit_head SET sequence = 3", "UPDATE audit_head SET hash = 'x'",
    "DELETE FROM audit_head", "INSERT INTO audit_head VALUES (2, 0, 'x', '2026-01-01 00:00:00')",
    "UPDATE account SET name = 'x'", f"UPDATE account SET name = 'x', entry = {LAST + 1}",
    "DELETE FROM account", "DELETE FROM role_held",
    "INSERT INTO role_held (id, account_id, role, from_at, entry) VALUES "
    f"(99, 1, 'nurse', '2026-01-01 00:00:00.000000', {LAST})",
    "INSERT INTO role_held (id, account_id, role, from_at, entry) VALUES "
    f"(99, 1, 'nurse', '2026-01-01 00:00:00.000000', {LAST + 1})",
)
ON_SQLITE = (
    "INSERT OR REPLACE INTO audit_entry (sequence, previous, hash, body) SELECT 1, previous, hash,"
    " '{}' FROM audit_entry WHERE sequence = 1",
    "INSERT OR REPLACE INTO account SELECT * FROM account WHERE id = 1",
    "REPLACE INTO audit_head VALUES (1, 1, 'x', '2026-01-01 00:00:00')",
)
ON_POSTGRESQL = ("TRUNCATE audit_entry CASCADE", "TRUNCATE role_held",
                 "SET session_replication_role = replica; DELETE FROM role_held")


def test_the_database_refuses_every_attack_of_the_list(bank) -> None:
    Cast()
    extra = ON_SQLITE if db.engine.dialect.name == "sqlite" else ON_POSTGRESQL
    for attack in (*ATTACKS, *extra):
        session.rollback()
        with db.engine.connect() as connection, pytest.raises(DBAPIError):
            connection.exec_driver_sql(attack)
            connection.commit()
        assert verify().sound, attack


def test_the_attacks_would_succeed_without_guards(bank) -> None:
    """The control: with the guards away the same statements go through and are found."""
    Cast()
    behind_its_back("UPDATE audit_entry SET body = replace(body, 'account', 'akount') WHERE sequence = 1")
    assert any("entry 1:" in problem for problem in found())


def test_a_change_without_an_entry_is_refused_at_commit(bank) -> None:
    cast = Cast()
    with pytest.raises(Unrecorded), transaction():
        session.get_one(Account, cast.tessa.id).name = "Somebody Else"
    assert verify().sound


def test_a_change_outside_a_transaction_is_refused(bank) -> None:
    cast = Cast()
    session.get_one(Account, cast.tessa.id).name = "Somebody Else"
    with pytest.raises(Unrecorded):
        session.commit()
    session.rollback()


def test_bulk_changes_and_deletes_are_refused(bank) -> None:
    cast = Cast()
    for statement in (sa.update(Account).values(name="x"), sa.delete(Account)):
        with pytest.raises(Unrecorded), transaction():
            session.execute(statement)
    with pytest.raises(Unrecorded), transaction():
        session.delete(session.get_one(Account, cast.tessa.id))
        session.flush()


def test_time_never_runs_back(bank) -> None:
    cast = Cast()
    with transaction():
        record("looked", None, by=cast.adam, at=clock.now().replace(year=2020))
    times = session.scalars(sa.text("SELECT at FROM audit_entry ORDER BY sequence")).all()
    assert times == sorted(times)


def test_facts_without_a_canonical_form_are_refused(bank) -> None:
    cast = Cast()
    for fact in (1.5, float("nan"), clock.now().replace(tzinfo=None), object()):
        with pytest.raises((TypeError, ValueError)), transaction():
            record("looked", None, by=cast.adam, at=clock.now(), fact=fact)
    assert verify().sound


def test_past_fifty_problems_only_more_is_said(bank) -> None:
    report = Report()
    for number in range(60):
        report.wrong(f"entry {number}: wrong")
    assert len(report.problems) == 51 and report.problems[-1] == "and more of the same"


def test_progress_is_told_every_five_thousand_entries(bank, monkeypatch) -> None:
    told: list[int] = []
    one = (1, "0" * 64, "0" * 64, "{}")
    monkeypatch.setattr("mscbank.audit.verify.entries", lambda: iter([one] * 10_001))
    verify(rows=False, progress=told.append)
    assert told == [5000, 10_000]


def test_without_its_rows_only_the_chain_is_walked(bank) -> None:
    Cast()
    behind_its_back("UPDATE account SET name = 'Somebody Else' WHERE id = 2")
    chain_alone = [problem for problem in verify(rows=False).problems if "guard" not in problem]
    assert chain_alone == [] != found()


@pytest.mark.parametrize("rows", ['[["bag",', "[1]}", '[["bag",1]]}', '[[["bag"],1,"x"]]}',
                                  '[["bag",[1],"x"]]}', '["abc"]}', '[["bag","1","x"]]}',
                                  '[["bag",5,"x"],["bag",null,"x"]]}', "[" * 100_000],
                         ids=range(9))
def test_a_text_that_cannot_be_read_is_named(bank, monkeypatch, rows: str) -> None:
    body = f'{{"act":"look","rows":{rows}'
    entry = (1, chain.BEGINNING, chain.entry_hash(1, chain.BEGINNING, body), body)
    monkeypatch.setattr("mscbank.audit.verify.entries", lambda: iter([entry]))
    assert "entry 1: its text cannot be read" in verify().problems


def test_a_table_there_is_none_of_is_named(bank, monkeypatch) -> None:
    body = '{"act":"look","rows":[["nonsense",1,"x"]]}'
    entry = (1, chain.BEGINNING, chain.entry_hash(1, chain.BEGINNING, body), body)
    monkeypatch.setattr("mscbank.audit.verify.entries", lambda: iter([entry]))
    assert "entry 1: speaks of nonsense, which is no table of the record" in verify().problems


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_row_that_cannot_be_read_is_named(bank) -> None:
    """PostgreSQL takes no such value; a file of SQLite may hold anything."""
    printed_labels(Cast())
    behind_its_back("UPDATE label_copy SET content = '{' WHERE id = 1")
    assert any("label_copy: a row cannot be read" in problem for problem in found()), found()


def test_other_bytes_for_the_printer_are_found(bank) -> None:
    queued(Cast(), 9100)
    assert verify().sound
    other = "x'00'" if db.engine.dialect.name == "sqlite" else r"'\x00'"
    behind_its_back(f"UPDATE label_print SET zpl = {other} WHERE id = 1")
    assert any("the bytes of label_print 1 are no longer those it says" in problem
               for problem in found()), found()


def test_a_signature_whose_record_was_changed_is_found(bank) -> None:
    released_lot(Cast())
    assert verify().sound
    behind_its_back("UPDATE signature SET record = '{}' WHERE id = 1")
    assert any("signature 1: " in problem for problem in found()), found()


def test_of_many_guards_taken_away_five_are_named(bank) -> None:
    behind_its_back()
    missing = next(problem for problem in verify().problems if "guards" in problem)
    assert missing.count("guard_") == 5 and missing.endswith(" ...")
