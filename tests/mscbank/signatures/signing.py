"""A signed act with a second factor, as the page and the browser do it together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
import sqlalchemy as sa

from mscbank import acts, clock
from mscbank.accounts import factors, timecode
from mscbank.accounts.factors import BY_PASSWORD, NOTHING, Asked, Typed
from mscbank.accounts.models import Account
from mscbank.accounts.own import service as own
from mscbank.acts import Credential, catalogue, perform
from mscbank.audit import chain
from mscbank.database import session, transaction
from mscbank.permissions import Actor
from mscbank.recipients.models import Recipient
from mscbank.signatures.models import Signature
from tests.cast import PASSWORD
from tests.conftest import START

FACTS = {"assessed_on": START.date()}


@dataclass
class Page:
    """The signing page of one assessment as a person has it before them."""

    person: Actor
    code: str
    digest: str
    asked: Asked | None

    def sign(self, beside: Typed = NOTHING, **other: Any) -> dict[str, Any]:
        """Press the button. ``other`` replaces what the page would send."""
        sent = {"code": self.code, "seen": self.digest, "username": self.person.username,
                "key": None} | other
        return perform(act(), sent["code"], FACTS, by=self.person, seen=sent["seen"],
                       credential=Credential(sent["username"], PASSWORD, beside),
                       key=sent["key"])


def act() -> acts.Act:
    return catalogue()["recipients", "assess"]


def page(person: Actor, code: str) -> Page:
    """Open the signing page."""
    recipient = session.scalars(sa.select(Recipient).where(Recipient.code == code)).one()
    digest = chain.digest(act().record(recipient, **FACTS))
    asked = factors.ask(person, acts.signing_statement(act(), code, digest))
    session.rollback()
    return Page(person, code, digest, asked)


def with_time_code(person: Actor) -> pyotp.TOTP:
    """The app of a person who registered a time code a while ago."""
    secret = timecode.new_secret()
    earlier = clock.now() - timedelta(minutes=5)
    with clock.pinned(earlier):
        account = session.get_one(Account, person.id)
        with transaction():
            own.begin_time_code(account, secret, BY_PASSWORD, by=person, at=earlier)
        with transaction():
            own.confirm_time_code(account, pyotp.TOTP(secret).at(earlier), by=person, at=earlier)
    return pyotp.TOTP(secret)


def signatures() -> list[Signature]:
    session.rollback()
    return list(session.scalars(sa.select(Signature).order_by(Signature.id)))
