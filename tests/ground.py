"""One application on each database system, put down on a database of its own for each test.

An application, its pages, their templates and what SQLAlchemy knows of statements cost more than
most tests do: these stay. The database is another one each time, made when it is first asked for,
since a copy costs as much as many questions, and so does a file's first reader, who reads the whole
schema: until then a stage that was kept may take its place (tests/stages/kept.py).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from flask.testing import FlaskClient
from sqlalchemy import event

from mscbank import create_app
from mscbank.accounts.service import set_cost
from mscbank.config import Config
from mscbank.database import Base, db, session
from mscbank.settings import set_settings
from mscbank.web import dress
from tests import databases


@dataclass(eq=False)
class State:
    """A database as it stands after known stages; ``place`` is where a copy of it is kept."""

    place: str | None
    mark: tuple[Any, ...]


def mark_of(connection: sa.Connection) -> tuple[Any, ...]:
    """What changes whenever anything is written: the trail's head, and the rows beside the trail."""
    return tuple(connection.exec_driver_sql(_marking()).one())


@cache
def _marking() -> str:
    aside = [table.name for table in Base.metadata.sorted_tables if "entry" not in table.columns]
    counts = ", ".join(f"(SELECT count(*) FROM {name})" for name in aside)
    return f"SELECT sequence, hash, {counts} FROM audit_head"


class Ground:
    """An application over a database that changes from test to test."""

    def __init__(self, config: Config) -> None:
        self.app = dressed_when_asked(create_app(config, pages=False))
        self.app.extensions["tests.ground"] = self
        self.stands: State | None = None
        self.made, self.due, self.at_once = False, None, True
        self._lock = threading.Lock()
        with self.app.app_context():
            self.engine = db.engine
        event.listen(self.engine, "do_connect", self._lead)

    def put_down(self, config: Config, begins: State, *, at_once: bool = False) -> None:
        """Another bank: its settings, and its database, which is made when it is first asked for;
        or ``at_once``, where somebody asks by another way than the application."""
        self.app.instance_path = str(config.instance)
        self.app.extensions["mscbank"] = config
        set_settings(config)
        set_cost(config.argon2_memory_kib, config.argon2_passes)
        self.engine.url = sa.make_url(config.database_url)
        self.at_once = at_once
        self.made, self.due, self.stands = False, begins.place, begins
        if self.at_once:
            self.settle()

    def settle(self) -> None:
        """Make the database now, if it is not there yet."""
        with self._lock:
            if self.due is not None:
                due, self.due = self.due, None
                databases.make(self.engine.url, due, instead=self.made)
                self.made = True

    def standing(self) -> State | None:
        """The state the database is in; None when a test has written to it."""
        if self.stands and self.due is None:
            if mark_of(session.connection()) != self.stands.mark:
                self.stands = None
            session.rollback()
        return self.stands

    def move_to(self, state: State) -> None:
        """Let the database be this one; rows at hand stay and are read anew when looked at."""
        if self.due is None:
            session.rollback()
            session.expire_all()
            self.engine.dispose()
        self.due, self.stands = state.place, state
        if self.at_once:
            self.settle()

    def keep(self) -> State:
        """The state that was just reached, with a copy."""
        session.rollback()
        mark = mark_of(session.connection())
        session.rollback()
        self.engine.dispose()
        self.stands = State(databases.copy_away(self.engine.url), mark)
        return self.stands

    def clear(self) -> None:
        """The test is over."""
        with self.app.app_context():
            session.remove()
        self.engine.dispose()
        if self.made:
            databases.remove(self.engine.url)
        self.made, self.due, self.stands = False, None, None

    def _lead(self, _dialect: Any, _record: Any, words: list[Any], names: dict[str, Any]) -> None:
        self.settle()
        if self.engine.dialect.name == "sqlite":
            words[0] = self.engine.url.database
        else:
            names["dbname"] = self.engine.url.database


def here() -> Ground | None:
    """The ground of the application at hand, if it stands on one."""
    return current_app.extensions.get("tests.ground")


def dressed_when_asked(application: Flask) -> Flask:
    """Its pages are put on when a client first asks."""

    def test_client(**options: Any) -> FlaskClient:
        if not application.blueprints:
            dress(application)
        return Flask.test_client(application, **options)

    application.test_client = test_client
    return application
