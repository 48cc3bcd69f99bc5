"""An installed wheel works as well as the checkout: nothing the program reads was left out."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import mscbank, sys
from mscbank import create_app
from mscbank.config import load
app = create_app(load({"MSCBANK_INSTANCE": "there", "MSCBANK_HTTPS": "no"}))
page = app.test_client().get("/sign-in")
assert page.status_code == 200, page.status_code
french = app.test_client().get("/sign-in", headers={"Accept-Language": "fr"}).text
assert "<h1>Se connecter</h1>" in french and "<h1>Sign in</h1>" in page.text, french
for name in ("mscbank.css", "scan.js"):
    assert app.test_client().get(f"/static/{name}").status_code == 200, name
print(mscbank.__file__)
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True) if (
        ROOT / ".git").exists() else None
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check",
         "--no-deps", "-w", str(folder), str(source if source.exists() else ROOT)],
        capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("mscbank-*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def ran(site: Path, folder: Path, *words: str) -> subprocess.CompletedProcess:
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("MSCBANK_", "COV_"))}
    return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True,
                          env=environment | {"PYTHONPATH": str(site)}, timeout=300)


def test_pages_and_static_files_come_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    done = ran(unpacked, tmp_path, "-c", LOOK)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(unpacked))


def test_the_command_of_the_wheel_makes_a_sound_bank(unpacked: Path, tmp_path: Path) -> None:
    for words in (("specs", "check"), ("init",), ("audit", "verify")):
        done = ran(unpacked, tmp_path, "-m", "mscbank", *words)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "instance/mscbank.sqlite3").is_file()
