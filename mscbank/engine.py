"""How the driver of each database is set before anybody asks it something."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from mscbank import statements


def prepare_engine(engine: sa.Engine) -> None:
    """SQLite as a bank may use it: WAL, every commit on the disk, keys enforced, no surprises.

    PostgreSQL: a statement is planned once and kept, by indexes, on disks that need not seek.
    """
    event.listen(engine, "engine_disposed", statements.let_go)
    if engine.dialect.name == "postgresql":

        @event.listens_for(engine, "connect")
        def _plan_once(connection: Any, _record: Any) -> None:
            connection.prepare_threshold = 1
            with connection.cursor() as cursor:
                cursor.execute("SET plan_cache_mode = force_generic_plan")
                cursor.execute("SET random_page_cost = 1.1")
                cursor.execute("SET jit = off")
            connection.commit()

        @event.listens_for(engine, "begin")
        def _all_or_nothing(connection: sa.Connection) -> None:
            connection.connection.driver_connection.autocommit = False

        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # BEGIN is ours to say
        cursor = connection.cursor()
        # A larger cache is no faster among a million bags; a mapped file's bad sector ends us all.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON",
                       "recursive_triggers=ON", "busy_timeout=30000",
                       "cache_size=-8000", "temp_store=MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "checkin")
    def _checkin(connection: Any, _record: Any) -> None:
        # A COMMIT refused by a deferred key leaves SQLite's transaction open, and its lock held.
        if connection is not None and connection.in_transaction:
            connection.rollback()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("mscbank_writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:  # takes no lock and cannot fail: no need to go round by SQLAlchemy, reads are many
            connection.connection.cursor().execute("BEGIN")
