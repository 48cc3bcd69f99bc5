"""What a user name and a password must be, and how long a failed sign-in waits."""

from __future__ import annotations

import re

from mscbank.errors import Malformed, NotAllowed

SHORTEST, LONGEST = 12, 128
_COMMON = ("password", "motdepasse", "azertyuiop", "qwertyuiop", "123456789", "mscbank", "hospital",
           "hopital")


def username(text: str) -> None:
    """Letters, digits, dot and hyphen, 2 to 40."""
    if not re.fullmatch(r"[a-z][a-z0-9.-]{1,39}", text):
        raise Malformed("A user name has 2 to 40 small letters, digits, dots or hyphens and "
                        "begins with a letter.", field="username")


def password(text: str, owner: str) -> None:
    """Long, not common, not built on the owner's name. No rules of composition (ASVS 6.2)."""
    if not SHORTEST <= len(text) <= LONGEST:
        raise Malformed(f"A password has {SHORTEST} to {LONGEST} characters: a sentence is easy "
                        "to remember.", field="password")
    lowered = text.lower()
    if owner in lowered or any(word in lowered for word in _COMMON) or len(set(lowered)) < 5:
        raise Malformed("This password is too easy to guess: choose a sentence of your own.",
                        field="password")


def its_owner(own: bool, owner: str) -> None:
    """A password is set by the one who signs with it, so that nobody else ever knows it."""
    if not own:
        raise NotAllowed(f"Only {owner} sets this password. Lost: an administrator reports it, "
                         "another person confirms it, and a code to enrol anew is given.")


def delay(failures: int) -> float:
    """Seconds to wait after so many failures in a row: none for two, then doubling to 15 min."""
    return 0.0 if failures < 3 else min(2.0 ** (failures - 2), 900.0)
