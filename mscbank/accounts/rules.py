"""What a user name and a password must be, who audits, how long a failed sign-in waits."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from mscbank.errors import Malformed, NotAllowed, Unfit
from mscbank.permissions import Role

SHORTEST, LONGEST = 12, 128
AUDIT_AT_MOST = timedelta(days=367)  # a year and the day on which it ends
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


def held_until(roles: Collection[Role], until: datetime | None, at: datetime) -> None:
    """Whether these roles may be held together from ``at`` until ``until``.

    Who audits does nothing else at the same time, and comes for a while: the day on which it
    ends is named when it begins.
    """
    if until is not None and until <= at:
        raise Malformed("This day has passed: name the last day on which the role is held.",
                        field="until")
    if Role.AUDITOR not in roles:
        return
    if len(set(roles)) > 1:
        raise Unfit("Who audits does nothing else at the same time: take the other roles first.")
    if until is None or until - at > AUDIT_AT_MOST:
        raise Malformed("An auditor comes for a while: name the last day, within a year.",
                        field="until")


def delay(failures: int) -> float:
    """Seconds to wait after so many failures in a row: none for two, then doubling to 15 min."""
    return 0.0 if failures < 3 else min(2.0 ** (failures - 2), 900.0)
