"""Alembic's entry: runs the steps on the connection it was given."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    render_as_batch=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
