"""Configuration: the environment -> one frozen value. Anything odd stops the start."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mscbank.permissions import Role


class ConfigError(Exception):
    """The start is stopped; the sentence says which setting and why."""


@dataclass(frozen=True)
class Config:
    """Everything that differs from one bank to another."""

    instance: Path
    database_url: str
    vault_key: bytes
    signing_key: bytes
    facility: str = "A9999"
    site_name: str = "mscbank demonstration"
    site_address: str = "1 avenue Claude Vellefaux, 75010 Paris"
    site_telephone: str = "+33 1 99 00 12 34"
    time_zone: str = "Europe/Paris"
    protocol: str = "nct02213705-2"
    language: str = "en"
    https: bool = True
    origin: str = "http://localhost:8000"
    second_factor: frozenset[Role] = frozenset()
    proxies: int = 0
    idle_minutes: int = 15
    bedside_minutes: int = 5
    absolute_hours: int = 10
    argon2_memory_kib: int = 19456
    argon2_passes: int = 2
    attachment_mib: int = 20
    nudge_minutes: int = 60
    two_places_minutes: int = 15
    quick_seconds: int = 2
    typed_percent: int = 20
    scan_signs: int = 3
    specs: Path | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone, for what people read."""
        return ZoneInfo(self.time_zone)

    @property
    def host(self) -> str:
        """The host's name in the address of the bank: passkeys are kept under it."""
        return urlsplit(self.origin).hostname or ""


_WHOLE = {"PROXIES": (0, 5), "IDLE_MINUTES": (1, 240),
          "BEDSIDE_MINUTES": (1, 60), "ABSOLUTE_HOURS": (1, 24),
          "ARGON2_MEMORY_KIB": (8, 1048576), "ARGON2_PASSES": (1, 20),
          "ATTACHMENT_MIB": (1, 100), "NUDGE_MINUTES": (5, 1440),
          "TWO_PLACES_MINUTES": (1, 1440), "QUICK_SECONDS": (1, 30),
          "TYPED_PERCENT": (1, 100), "SCAN_SIGNS": (1, 1000)}
_TEXT = ("FACILITY", "SITE_NAME", "SITE_ADDRESS", "SITE_TELEPHONE", "TIME_ZONE", "PROTOCOL",
         "LANGUAGE")
_KNOWN = {"INSTANCE", "DATABASE_URL", "VAULT_KEY", "SIGNING_KEY", "HTTPS", "ORIGIN",
          "SECOND_FACTOR", "SPECS", *_WHOLE, *_TEXT}


def load(environment: Mapping[str, str] | None = None) -> Config:
    """Read ``MSCBANK_*``. Raises ConfigError with a sentence for anything odd."""
    environment = os.environ if environment is None else environment
    given = {name.removeprefix("MSCBANK_"): value for name, value in environment.items()
             if name.startswith("MSCBANK_")}
    if unknown := sorted(given.keys() - _KNOWN):
        raise ConfigError(f"MSCBANK_{unknown[0]} is not a setting of mscbank. Known: "
                          + ", ".join(f"MSCBANK_{name}" for name in sorted(_KNOWN)) + ".")
    instance = Path(given.get("INSTANCE", "instance")).absolute()
    values: dict = {"instance": instance, "database_url": _database(given, instance)}
    values |= {name.lower(): _whole(name, given[name]) for name in _WHOLE if name in given}
    values |= {name.lower(): given[name] for name in _TEXT if name in given}
    if "HTTPS" in given:
        values["https"] = _yes_or_no("HTTPS", given["HTTPS"])
    if "ORIGIN" in given:
        values["origin"] = _origin(given["ORIGIN"])
    if "SECOND_FACTOR" in given:
        values["second_factor"] = _roles(given["SECOND_FACTOR"])
    if "SPECS" in given:
        values["specs"] = _folder("SPECS", given["SPECS"])
    _check(values)
    kept = _kept_keys(instance, given)
    values["vault_key"] = _key("VAULT_KEY", kept["VAULT_KEY"])
    values["signing_key"] = _key("SIGNING_KEY", kept["SIGNING_KEY"])
    return Config(**values)


def _database(given: Mapping[str, str], instance: Path) -> str:
    url = given.get("DATABASE_URL", f"sqlite:///{instance / 'mscbank.sqlite3'}")
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError("MSCBANK_DATABASE_URL must begin with sqlite:/// or "
                          "postgresql+psycopg:// (its value is not shown: it may hold a password).")
    return url


def _whole(name: str, text: str) -> int:
    low, high = _WHOLE[name]
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise ConfigError(f"MSCBANK_{name} must be a whole number from {low} to {high}, "
                          f"not {text!r}.")
    return int(text)


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise ConfigError(f"MSCBANK_{name} must be yes or no, not {text!r}.")
    return text == "yes"


def own_sheets() -> Path | None:
    """The bank's own folder of protocols and specifications, where the environment names one."""
    text = os.environ.get("MSCBANK_SPECS")
    return None if text is None else _folder("SPECS", text)


def _folder(name: str, text: str) -> Path:
    if not (folder := Path(text).absolute()).is_dir():
        raise ConfigError(f"MSCBANK_{name} must be a folder, and {text!r} is none.")
    return folder


def _origin(text: str) -> str:
    """The address in people's browsers: https, a host's name, perhaps a port, nothing behind it."""
    name = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    port = r"(?::[1-9][0-9]{0,4})?"
    known = rf"https://{name}(?:\.{name})*\.[a-z][a-z0-9-]*{port}|https?://localhost{port}"
    if not re.fullmatch(known, text):
        raise ConfigError("MSCBANK_ORIGIN must be the address of this bank as people open it, such "
                          f"as https://mscbank.hospital.example, without a path, not {text!r}.")
    return text


def _roles(text: str) -> frozenset[Role]:
    """Roles whose signatures ask a second factor: a list with commas, ``all`` or ``none``."""
    if text in ("all", "none"):
        return frozenset(Role if text == "all" else ())
    try:
        return frozenset(Role(word.strip()) for word in text.split(","))
    except ValueError:
        raise ConfigError("MSCBANK_SECOND_FACTOR must be none, all, or roles with commas between "
                          f"them ({', '.join(Role)}), not {text!r}.") from None


def _check(values: Mapping) -> None:
    if not re.fullmatch(r"[A-NP-Z1-9][A-Z0-9]{4}", values.get("facility", "A9999")):
        raise ConfigError("MSCBANK_FACILITY must be a facility number of five characters, "
                          "as in A9999.")
    if values.get("language", "en") not in ("en", "fr"):
        raise ConfigError("MSCBANK_LANGUAGE must be en or fr.")
    try:
        ZoneInfo(values.get("time_zone", "Europe/Paris"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError("MSCBANK_TIME_ZONE is not a time zone, such as Europe/Paris.") from error


def _kept_keys(instance: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The keys from the environment, or from a file of the instance folder, made at first start."""
    named = {name: given[name] for name in ("VAULT_KEY", "SIGNING_KEY") if name in given}
    if len(named) == 2:
        return named
    file = instance / "keys.json"
    try:
        if not file.exists():
            instance.mkdir(parents=True, exist_ok=True)
            made = {name: base64.b64encode(secrets.token_bytes(32)).decode()
                    for name in ("VAULT_KEY", "SIGNING_KEY")}
            with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
                json.dump(made, out)
        return json.loads(file.read_text()) | named
    except FileExistsError:  # another worker made it meanwhile
        return json.loads(file.read_text()) | named
    except (OSError, ValueError) as error:
        raise ConfigError(f"The keys in {file} cannot be read: {error}.") from error


def _key(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ConfigError(f"MSCBANK_{name} must be 32 bytes in base64.") from error
    if len(key) != 32:
        raise ConfigError(f"MSCBANK_{name} must be 32 bytes in base64, not {len(key)}.")
    return key
