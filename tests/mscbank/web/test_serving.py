"""What depends on how the bank is served: by https or not, behind proxies or not."""

from __future__ import annotations

import subprocess
import sys
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


HELD = """
import sys
from tests.mscbank.web.test_serving import served
from pathlib import Path
served(Path(sys.argv[1])).test_client().get("/sign-in")
drawing = {"numpy", "zxingcpp", "qrcode"}
assert not drawing & set(sys.modules), drawing & set(sys.modules)
from labels import qr
qr.matrix("MSCBANK")
assert drawing <= set(sys.modules), "the control: a symbol cannot be drawn without them"
"""


def test_who_only_reads_does_not_hold_what_draws(tmp_path) -> None:
    told = subprocess.run([sys.executable, "-c", HELD, str(tmp_path)], capture_output=True,
                          text=True)
    assert told.returncode == 0, told.stderr
