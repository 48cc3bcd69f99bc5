"""The schema's history. Each step stands alone: it imports nothing of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

HERE = Path(__file__).parent


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic, told where the steps are and which connection to use."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring a database to the newest schema, all or nothing."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection = connection.execution_options(mscbank_writes=True)
        with connection.begin():
            command.upgrade(alembic_config(connection), revision)


def revision_of(connection: sa.Connection) -> str | None:
    """The schema's revision of a database, None for an empty one."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def newest() -> str:
    """The newest revision there is."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(HERE)).get_current_head())


def grant(connection: Any, role: str) -> None:
    """PostgreSQL: let the application's role read, add and (where a row may change) update.

    It owns nothing and deletes nothing; the trail it may only read and extend.
    """
    quoted = connection.dialect.identifier_preparer.quote(role)
    inspector = sa.inspect(connection)
    for table in inspector.get_table_names():
        may = "SELECT, INSERT" if table in ("audit_entry", "signature") else "SELECT, INSERT, UPDATE"
        if table in ("alembic_version",):
            may = "SELECT"
        connection.exec_driver_sql(f"GRANT {may} ON {table} TO {quoted}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
