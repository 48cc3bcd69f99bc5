"""The cast: the people of every test and story, by the name of what they do."""

from __future__ import annotations

from datetime import timedelta

from mscbank import clock
from mscbank.accounts import service
from mscbank.acts import Credential
from mscbank.database import transaction
from mscbank.permissions import SYSTEM, Actor, Role
from tests.stages.kept import kept

PASSWORD = "a quiet morning in the ward"
PEOPLE = {
    "tessa": ("Tessa Roux", [Role.TECHNICIAN]),
    "theo": ("Theo Blanc", [Role.TECHNICIAN]),
    "quentin": ("Quentin Noir", [Role.QUALITY]),
    "quynh": ("Quynh Petit", [Role.QUALITY]),
    "paula": ("Paula Meyer", [Role.PHYSICIAN]),
    "nadia": ("Nadia Simon", [Role.NURSE]),
    "noel": ("Noel Garnier", [Role.NURSE]),
    "carole": ("Carole Faure", [Role.COORDINATOR]),
    "adam": ("Adam Vidal", [Role.ADMINISTRATOR]),
    "aude": ("Aude Renard", [Role.AUDITOR]),
}
# One person of each role.
WHO = {role: next(name for name, (_, roles) in PEOPLE.items() if role in roles) for role in Role}


class Cast:
    """``cast.tessa`` is an Actor; ``cast.word("tessa")`` is what she types to sign."""

    def __init__(self) -> None:
        self._come_on()

    @kept
    def _come_on(self) -> None:
        at = clock.now()
        hashed = service.hash_password(PASSWORD)
        with transaction():
            for username, (name, roles) in PEOPLE.items():
                until = at.date() + timedelta(days=365) if Role.AUDITOR in roles else None
                account = service.add_account(username, name, PASSWORD, roles, by=SYSTEM, at=at,
                                              must_change=False, hashed=hashed, until=until)
                setattr(self, username, service.actor(account, at, "test"))

    def __getattr__(self, name: str) -> Actor:
        raise AttributeError(name)

    @staticmethod
    def word(username: str) -> Credential:
        """User name and password, as typed."""
        return Credential(username, PASSWORD)
