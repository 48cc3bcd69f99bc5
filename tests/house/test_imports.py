"""Who may import what. Each failure says why."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mscbank import STEPS

ROOT = Path(__file__).resolve().parents[2]
FOUNDATION = {"accounts", "audit", "signatures", "identities"}
ABOVE = {"scanning", "reports", "exchange", "demo", "web", "cli", "serving"}
FLASK_ROOMS = {"pages", "api"}
# A door stands above the steps: it may use the web's tools, show a report and read a scan.
ABOVE_DOORS = ("mscbank.web", "mscbank.reports", "mscbank.scanning")
FILES = sorted(path for top in ("labels", "specs", "mscbank") for path in (ROOT / top).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Dotted names a file imports, those only for type checkers left out."""
    tree = ast.parse(path.read_text())
    typing_only = {id(node) for block in ast.walk(tree)
                   if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
                   for node in ast.walk(block)}
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def tops(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_nobody_imports_what_the_house_forbids(path: Path) -> None:
    assert wrongs(path) == []


def wrongs(path: Path) -> list[str]:
    """Every import of a file that breaks a rule, with the reason."""
    parts = path.relative_to(ROOT).parts
    found = []
    if parts[0] in ("labels", "specs"):
        other = {"labels": "specs", "specs": "labels"}[parts[0]]
        for top in tops(path) & {"flask", "sqlalchemy", "marshmallow", "mscbank", other}:
            found.append(f"{top}: {parts[0]} is pure, facts in and bytes out")
        return found
    if parts[1] == "migrations":
        if parts[2] == "versions" and tops(path) & {"mscbank", "labels", "specs"}:
            found.append("mscbank: a migration stands alone, or old ones break with the models")
        return found
    step, room = parts[1].removesuffix(".py"), path.stem
    return found + _frameworks(path, step, room) + _direction(path, step)


def _frameworks(path: Path, step: str, room: str) -> list[str]:
    found = []
    has = tops(path)
    if "flask" in has and step not in {"web", "cli", "exchange"} and room not in FLASK_ROOMS:
        found.append("flask: only doors know the web")
    if {"reportlab", "qrcode"} & has and step != "reports":
        found.append("reportlab or qrcode: papers are drawn in labels and reports")
    if room in ("rules", "lifecycle", "chain"):
        for name in imported(path):
            if name.split(".")[0] in ("flask", "sqlalchemy") or name.startswith("mscbank.clock"):
                found.append(f"{name}: rules are pure and proven as tables")
    if room == "service" and {"marshmallow"} & has:
        found.append("marshmallow: a service takes plain values, whoever parsed them")
    if any(name.startswith("mscbank.database.db") for name in imported(path)) and (
            step not in {"web", "cli", "demo"}):
        found.append("mscbank.database.db: Flask-SQLAlchemy is used in one file")
    if "flask_sqlalchemy" in has and step != "database":
        found.append("flask_sqlalchemy: wrapped in database.py so that it can be replaced")
    return found


def _direction(path: Path, step: str) -> list[str]:
    order = {name: number for number, name in enumerate(STEPS)}
    found = []
    for name in imported(path):
        if not name.startswith("mscbank."):
            continue
        target = name.split(".")[1]
        if step in order:
            if target in ABOVE:
                found.append(f"{name}: {target} stands above the steps; nobody below imports it")
            elif order.get(target, -1) > order[step]:
                found.append(f"{name}: {target} is downstream; its facts come as arguments")
        elif step in FOUNDATION and (target in order or target in ABOVE):
            found.append(f"{name}: the foundation knows no step")
    if path.stem in FLASK_ROOMS:
        found = [wrong for wrong in found if not wrong.startswith(ABOVE_DOORS)]
    return found


def unused(source: str) -> list[str]:
    """Names that a file imports and says nowhere again, not even for others to take (``__all__``);
    a line whose import is for what loading does says so itself (``noqa``)."""
    tree, lines = ast.parse(source), source.splitlines()
    said = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            said |= set(ast.literal_eval(node.value))
    names = [alias.asname or alias.name.split(".")[0] for node in ast.walk(tree)
             if isinstance(node, (ast.Import, ast.ImportFrom))
             and "noqa: " not in lines[node.lineno - 1]
             and getattr(node, "module", "") != "__future__" for alias in node.names]
    return [name for name in names if name not in said]


@pytest.mark.parametrize("path", [*FILES, *sorted((ROOT / "tests").rglob("*.py"))], ids=named)
def test_nothing_is_imported_that_is_not_used(path: Path) -> None:
    assert unused(path.read_text()) == []


def test_an_unused_import_is_found() -> None:
    assert unused("import a.b\nfrom c import d as e, f\n__all__ = ['f']") == ["a", "e"]
    assert unused("import a.b, c\nfrom d import e  # noqa: F401\na.b()") == ["c"]


def test_a_wrong_import_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.house.test_imports.ROOT", tmp_path)
    bad = {
        "labels/x.py": "import flask", "specs/x.py": "from labels import qr",
        "mscbank/donors/service.py": "from mscbank.bags.models import Bag",
        "mscbank/bags/rules.py": "import sqlalchemy", "mscbank/bags/service.py": "import flask",
        "mscbank/audit/service.py": "from mscbank.recipients import models",
        "mscbank/bags/models.py": "from mscbank.reports import lineage",
        "mscbank/migrations/versions/1.py": "from mscbank import database",
    }
    for name, text in bad.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        assert wrongs(file), name
