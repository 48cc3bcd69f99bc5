"""What every template has at hand, and what a page gives its own: no name stands for both.

A page that forgets to give its own would be given the other, without a word.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.test_house import OURS, named


def given(source: str) -> Iterator[str]:
    """The names that the pages of a file give to their templates."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("render_template"):
            yield from (word.arg for word in node.keywords if word.arg)


def test_no_page_gives_a_template_what_every_template_has_at_hand(bank, browse) -> None:
    browse(None).get("/sign-in")  # the pages are put on when a client first asks
    found = {f"{named(path)}: {name}" for path in OURS if "mscbank" in path.parts
             for name in given(Path(path).read_text()) if name in bank.jinja_env.globals}
    assert found == set()
    assert "settings" in bank.jinja_env.globals
    assert list(given("render_template('a.html', settings=1, **more)")) == ["settings"]
