"""The people of the demonstration: they sign in with the password that ``mscbank demo`` prints."""

from __future__ import annotations

from datetime import date, datetime

from mscbank import clock
from mscbank.accounts import service
from mscbank.database import transaction
from mscbank.permissions import SYSTEM, Actor, Role

PASSWORD = "marrow to bedside 2026"
PEOPLE: tuple[tuple[str, str, Role], ...] = (
    ("lea", "Lea Bertrand", Role.TECHNICIAN),
    ("hugo", "Hugo Lambert", Role.TECHNICIAN),
    ("claire", "Claire Fontaine", Role.QUALITY),
    ("marc", "Marc Chevalier", Role.QUALITY),
    ("dr.moreau", "Dr Helene Moreau", Role.PHYSICIAN),
    ("ines", "Ines Rousseau", Role.NURSE),
    ("samir", "Samir Haddad", Role.NURSE),
    ("julie", "Julie Perrin", Role.COORDINATOR),
    ("admin", "Antoine Girard", Role.ADMINISTRATOR),
)
GUEST = ("nora", "Nora Lefevre", Role.AUDITOR)  # comes for a month, in these days


class Cast:
    """The demo's actors by user name: ``cast["lea"]``. Each password was proven once."""

    def __init__(self, at: datetime) -> None:
        self._hashed = hashed = service.hash_password(PASSWORD)
        with transaction():
            for username, name, role in PEOPLE:
                service.add_account(username, name, PASSWORD, [role], by=SYSTEM, at=at,
                                    must_change=False, identity_checked_by="demo", hashed=hashed)
        self._actors = {username: service.prove(username, PASSWORD, through="demo")
                        for username, _, _ in PEOPLE}

    def __getitem__(self, username: str) -> Actor:
        return self._actors[username]

    def guest_comes(self, until: date) -> None:
        """An auditor is let in, until a day that is named."""
        username, name, role = GUEST
        service.add_account(
            username, name, PASSWORD, [role], by=self["admin"], at=clock.now(), must_change=False,
            identity_checked_by="demo", hashed=self._hashed, until=until)
