"""What depends on how the bank is served: by https or not, behind proxies or not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask, request

from mscbank import create_app
from mscbank.web import open_to_all
from tests.conftest import configured


def served(tmp_path, **different) -> Flask:
    return create_app(replace(configured(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite3'}"),
                              **different))


@pytest.mark.parametrize("https", [True, False])
def test_https_is_asked_for_ever_only_where_there_is_https(https: bool, tmp_path) -> None:
    answer = served(tmp_path, https=https).test_client().get("/static/mscbank.css")
    assert ("Strict-Transport-Security" in answer.headers) is https


@pytest.mark.parametrize("proxies, seen", [(0, "http"), (1, "https")])
def test_only_counted_proxies_are_believed(proxies: int, seen: str, tmp_path) -> None:
    app = served(tmp_path, https=False, proxies=proxies)

    @app.get("/scheme")
    @open_to_all
    def scheme() -> str:
        return request.scheme
    answer = app.test_client().get("/scheme", headers={"X-Forwarded-Proto": "https"})
    assert answer.text == seen
