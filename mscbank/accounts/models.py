"""Accounts and what hangs on them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed
from mscbank.permissions import Role
from mscbank.things import Thing


class Account(Thing):
    """A person who works with the bank. ``name`` is printed beside each signature."""

    __tablename__ = "account"
    KIND, SLUG = "NX", "people"
    username: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    password: Mapped[str] = mapped_column(sa.String(200))
    must_change: Mapped[bool] = mapped_column(default=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    identity_checked_by: Mapped[str | None] = mapped_column(sa.String(64))
    roles: Mapped[list[RoleHeld]] = relationship(lazy="selectin", order_by="RoleHeld.id")

    @property
    def title(self) -> str:
        return self.username


class RoleHeld(Audited, Model):
    """A role, held from a moment until another."""

    __tablename__ = "role_held"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    role: Mapped[Role] = mapped_column(closed(Role))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class SignInThrottle(Model):
    """Failed sign-ins of one user name, known or not: the delay grows, nobody is locked out.

    Not part of the record: the failures themselves are entries of the trail.
    """

    __tablename__ = "sign_in_throttle"
    username: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]


class BrowserSession(Model):
    """A signed-in browser. Only the digest of its token is kept."""

    __tablename__ = "browser_session"
    token_digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    csrf: Mapped[str] = mapped_column(sa.String(64))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Audited, Model):
    """A machine's key to act as a person. Only its digest is kept."""

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    label: Mapped[str] = mapped_column(sa.String(80))
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    began_at: Mapped[datetime]
    until_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Alert(Thing):
    """Something the holders of a role must learn of and acknowledge."""

    __tablename__ = "alert"
    KIND, SLUG = "NC", "alerts"
    role: Mapped[Role] = mapped_column(closed(Role))
    about: Mapped[str | None] = mapped_column(sa.String(40), index=True)
    sentence: Mapped[str] = mapped_column(sa.String(500))
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    __table_args__ = (
        sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)",
                           name="acknowledged_by_someone"),
    )

    @property
    def title(self) -> str:
        return self.sentence
