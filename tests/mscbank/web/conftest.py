"""A browser without a screen: signs in, keeps its cookie, finds the form's hidden token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mscbank import clock
from mscbank.accounts import sessions
from mscbank.accounts.service import find_account
from mscbank.audit.models import Entry
from mscbank.database import session, transaction
from mscbank.permissions import SYSTEM
from tests.cast import PASSWORD, Cast
from tests.conftest import START


ON_ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what asks the database no question of its own."""


UNBROKEN = re.compile(rb'<span class="unbroken">(.*?)</span>')


def read(answer: TestResponse) -> TestResponse:
    """A page as it is read: what is kept on one line is text like any other."""
    if answer.mimetype == "text/html":
        answer.set_data(UNBROKEN.sub(rb"\1", answer.get_data()))
    return answer


class Browser:
    """One person's browser."""

    def __init__(self, app: Flask, username: str | None) -> None:
        self.client: FlaskClient = app.test_client()
        self.username = username
        if username:
            answer = self.client.post("/sign-in", data={"username": username,
                                                        "password": PASSWORD})
            assert answer.status_code == 303

    def get(self, path: str, **more: Any) -> TestResponse:
        return read(self.client.get(path, **more))

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form as the page would, with the session's token."""
        sent = {"csrf": self.csrf} | (data or {})
        return read(self.client.post(path, data=sent, **more))

    @property
    def csrf(self) -> str:
        return hidden(self.get("/password").text, "csrf")


def hidden(page: str, name: str) -> str:
    """The value of a hidden box of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no hidden {name} in the page"
    return found[1]


def entries() -> int:
    """How long the trail is."""
    session.rollback()
    return session.query(Entry).count()


@pytest.fixture
def cast(bank: Flask) -> Iterator[Cast]:
    with clock.pinned(START):
        yield Cast()


@pytest.fixture
def browse(bank: Flask, cast: Cast):
    """``browse("tessa")`` is her browser; ``browse()`` is a stranger's."""
    def open_(username: str | None = None) -> Browser:
        return Browser(bank, username)
    return open_


@pytest.fixture
def machine(bank: Flask, cast: Cast):
    """``machine("tessa")`` gives the headers of a program acting as her."""
    def headers(username: str, **more: str) -> dict[str, str]:
        with transaction():
            token = sessions.create_token(find_account(username), "test", 1, by=SYSTEM,
                                          at=clock.now())
        return {"Authorization": f"Bearer {token}"} | {
            name.replace("_", "-"): value for name, value in more.items()}
    return headers
