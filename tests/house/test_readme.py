"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from mscbank.cli import main
from mscbank.config import _KNOWN
from mscbank.reports import charts

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_the_wall_charts_in_the_readme_are_those_of_the_house() -> None:
    assert README.count("<!-- chart ") == 4
    assert charts.written_into(README) == README, "run: python -m mscbank.reports.charts"


def test_a_wrong_chart_would_be_found() -> None:
    assert charts.written_into(README.replace("| certify |", "| bless |")) == README


def test_every_setting_is_told() -> None:
    assert {name for name in _KNOWN if f"`MSCBANK_{name}`" not in README} == set()


def test_every_folder_has_its_caption() -> None:
    folders = {path.name for path in (ROOT / "mscbank").iterdir()
               if (path / "__init__.py").exists()} | {"labels", "specs", "tests"}
    assert {name for name in folders if f"`{name}/`" not in README
            and f"`mscbank/{name}/`" not in README} == set()


def test_every_command_named_exists() -> None:
    for command in set(re.findall(r"`mscbank ([a-z-]+)", README)):
        assert command in main.commands, command


def test_every_make_target_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`make ([a-z]+)`", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_picture_shown_exists() -> None:
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file(), picture


def test_the_command_helps_itself() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    for word in ("demo", "serve", "init", "user", "token", "audit", "trace", "label", "report",
                 "backup", "restore", "specs"):
        assert word in result.output
