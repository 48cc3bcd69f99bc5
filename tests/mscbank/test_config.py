"""Configuration comes from the environment; anything odd stops the start with a sentence."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from mscbank import create_app
from mscbank.config import ConfigError, load
from mscbank.permissions import Role
from specs import shelf
from tests.specs.shelves import put

KEY = base64.b64encode(bytes(32)).decode()
LUPUS = Path(__file__).parents[1] / "story/protocols/lupus-own-1.toml"


def given(tmp_path: Path, **settings: str) -> dict[str, str]:
    return {"MSCBANK_INSTANCE": str(tmp_path / "instance"),
            **{f"MSCBANK_{name}": value for name, value in settings.items()}, "HOME": "/"}


def test_without_a_word_it_is_a_sqlite_file_in_the_instance_folder(tmp_path: Path) -> None:
    config = load(given(tmp_path))
    assert config.database_url == f"sqlite:///{tmp_path}/instance/mscbank.sqlite3"
    assert config.time_zone == "Europe/Paris" and config.https


def test_the_keys_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    first, again = load(given(tmp_path)), load(given(tmp_path))
    assert first.vault_key == again.vault_key and len(first.vault_key) == 32
    assert first.vault_key != first.signing_key
    mode = (tmp_path / "instance/keys.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_keys_from_the_environment_leave_no_file(tmp_path: Path) -> None:
    config = load(given(tmp_path, VAULT_KEY=KEY, SIGNING_KEY=KEY))
    assert config.vault_key == bytes(32)
    assert not (tmp_path / "instance").exists()


def test_one_key_from_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    load(given(tmp_path))
    assert load(given(tmp_path, VAULT_KEY=KEY)).vault_key == bytes(32)


@pytest.mark.parametrize("name,value,says", [
    ("DATABSE_URL", "x", "MSCBANK_DATABSE_URL is not a setting"),
    ("DATABASE_URL", "mysql://root:secret@host/x", "must begin with sqlite"),
    ("FACILITY", "O1234", "facility number"),
    ("FACILITY", "A99", "facility number"),
    ("TIME_ZONE", "Mars/Olympus", "not a time zone"),
    ("LANGUAGE", "de", "en or fr"),
    ("HTTPS", "maybe", "yes or no"),
    ("SPECS", "/nowhere", "must be a folder"),
    ("PROXIES", "-1", "whole number from 0 to 5"),
    ("PROXIES", "9", "whole number from 0 to 5"),
    ("IDLE_MINUTES", "ten", "whole number"),
    ("ARGON2_PASSES", "0", "whole number"),
    ("VAULT_KEY", "not base64!", "32 bytes in base64"),
    ("SIGNING_KEY", base64.b64encode(b"short").decode(), "32 bytes in base64, not 5"),
])
def test_an_odd_setting_stops_the_start(tmp_path: Path, name: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load(given(tmp_path, **{name: value}))


def test_a_password_in_an_odd_address_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(given(tmp_path, DATABASE_URL="mysql://root:secret@host/x"))
    assert "secret" not in str(error.value)


def test_a_broken_key_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance/keys.json").write_text("{")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(given(tmp_path))


@pytest.mark.parametrize("origin, host", [
    ("https://mscbank.hospital.example", "mscbank.hospital.example"),
    ("https://mscbank.hospital.example:8443", "mscbank.hospital.example"),
    ("http://localhost:8000", "localhost")])
def test_the_address_of_the_bank_names_the_host_of_its_passkeys(
        origin: str, host: str, tmp_path: Path) -> None:
    assert load(given(tmp_path, ORIGIN=origin)).host == host


@pytest.mark.parametrize("origin", [
    "", "mscbank.example", "http://mscbank.example", "https://mscbank.example/",
    "https://mscbank.example/path", "https://192.0.2.7", "https://me@mscbank.example",
    "https://MSCBANK.example", "https://mscbank.example:0", "https://-x.example", "https://single"])
def test_an_address_under_which_no_passkey_works_stops_the_start(
        origin: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MSCBANK_ORIGIN"):
        load(given(tmp_path, ORIGIN=origin))


@pytest.mark.parametrize("text, roles", [
    ("none", set()), ("all", set(Role)),
    ("quality assurance, physician", {Role.QUALITY, Role.PHYSICIAN})])
def test_roles_may_be_told_to_sign_with_a_second_factor(
        text: str, roles: set, tmp_path: Path) -> None:
    assert load(given(tmp_path, SECOND_FACTOR=text)).second_factor == roles


@pytest.mark.parametrize("text", ["", "king", "nurse,", "quality"])
def test_an_unknown_role_stops_the_start(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MSCBANK_SECOND_FACTOR"):
        load(given(tmp_path, SECOND_FACTOR=text))


def test_a_banks_own_sheets_stand_beside_those_of_the_package(tmp_path: Path) -> None:
    own = tmp_path / "sheets"
    own.mkdir()
    text = LUPUS.read_bytes()
    put(own, "protocols", "lupus-own-1", text)
    config = load(given(tmp_path, SPECS=str(own), HTTPS="no"))
    try:
        create_app(config, pages=False)
        assert shelf.protocol("lupus-own-1").name == "lupus-own"
        shelf.installed().protocols.forget()
        (own / "protocols/lupus-own-1.toml").write_bytes(text + b"# a word more\n")
        with pytest.raises(ConfigError, match="changed since it was sealed"):
            create_app(config, pages=False)
    finally:
        shelf.installed().roots.remove(own)
        shelf.installed().protocols.forget()
