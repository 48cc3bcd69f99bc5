"""Accounts and what hangs on them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed
from mscbank.permissions import Role
from mscbank.things import Thing


class Binding(StrEnum):
    """What beside user name and password bound a signature to its signer."""

    PASSWORD = "password"
    PASSKEY = "passkey"
    TIME_CODE = "time code"


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

    def roles_at(self, at: datetime) -> frozenset[Role]:
        """The roles held at a moment."""
        return frozenset(held.role for held in self.roles if held.counts(at))


class RoleHeld(Audited, Model):
    """A role, held from a moment until another."""

    __tablename__ = "role_held"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    role: Mapped[Role] = mapped_column(closed(Role))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    __table_args__ = (sa.CheckConstraint("role <> 'auditor' OR until_at IS NOT NULL",
                                         name="audits_until"),)

    def counts(self, at: datetime) -> bool:
        """Whether it is held at this moment."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


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


class Preference(Model):
    """The language a person reads in: what is shown, never what is recorded."""

    __tablename__ = "preference"
    __table_args__ = (sa.CheckConstraint("language IN ('en', 'fr')", name="language_known"),)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    language: Mapped[str] = mapped_column(sa.String(2))


class GuideRead(Model):
    """A person has seen the first steps of their role and wants them no more."""

    __tablename__ = "guide_read"
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    at: Mapped[datetime]


class Draft(Model):
    """What a person typed into a form and did not send, sealed; empty once it was wiped."""

    __tablename__ = "draft"
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    about: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    sealed: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(index=True)


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
    """Something the holders of a role must learn of and acknowledge.

    ``signed``: bad news, acknowledged only by signature over it and over what it is about.
    """

    __tablename__ = "alert"
    KIND, SLUG = "NC", "alerts"
    UNSIGNED = ("acknowledged_at", "acknowledged_by_id", "signature_id")
    role: Mapped[Role] = mapped_column(closed(Role))
    about: Mapped[str | None] = mapped_column(sa.String(40), index=True)
    sentence: Mapped[str] = mapped_column(sa.String(500))
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    signed: Mapped[bool] = mapped_column(default=False)
    signature_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    __table_args__ = (
        sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)",
                           name="acknowledged_by_someone"),
        sa.CheckConstraint("NOT signed OR (acknowledged_at IS NULL) = (signature_id IS NULL)",
                           name="acknowledged_signed"),
        sa.CheckConstraint("signed OR signature_id IS NULL", name="signed_where_asked"),
    )

    @property
    def title(self) -> str:
        return self.sentence


class Passkey(Audited, Model):
    """A key that its owner's device or browser keeps; here only its public half.

    ``credential_id`` and ``public_key`` (COSE) are base64url; ``sign_count`` is how often the
    device says it was used, 0 for ever where it does not count.
    """

    __tablename__ = "passkey"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    label: Mapped[str] = mapped_column(sa.String(80))
    credential_id: Mapped[str] = mapped_column(sa.String(1400), unique=True)
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(default=0)
    registered_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class TimeCode(Audited, Model):
    """A secret shared with an authenticator app (RFC 6238), sealed. It counts once confirmed.

    ``last_step`` is the half minute of the last code taken: no code is taken twice.
    """

    __tablename__ = "time_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    secret: Mapped[str] = mapped_column(sa.String(200))
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint("(confirmed_at IS NULL) = (last_step IS NULL)", name="by_a_code"),
        sa.Index("uq_time_code_living", "account_id", unique=True,
                 sqlite_where=sa.text("ended_at IS NULL"),
                 postgresql_where=sa.text("ended_at IS NULL")),
    )


class Challenge(Model):
    """A number that a page was given to be answered once. Only its digest is kept.

    Not part of the record: what was answered with it is.
    """

    __tablename__ = "challenge"
    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(sa.String(80))
    until_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class EnrolmentCode(Audited, Model):
    """A code with which a person sets a password of their own, once. Only its digest is kept."""

    __tablename__ = "enrolment_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    given_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    given_at: Mapped[datetime]
    until_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (sa.CheckConstraint("given_by_id <> account_id", name="by_another"),)


class LostCredential(Audited, Model):
    """A person lost what they sign with: one person asks, another confirms, neither is them."""

    __tablename__ = "lost_credential"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    identity_check: Mapped[str] = mapped_column(sa.String(500))
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    confirmed_at: Mapped[datetime | None]
    __table_args__ = (
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)",
                           name="confirmed_by_someone"),
        sa.CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> asked_by_id",
                           name="another_person"),
        sa.CheckConstraint("asked_by_id <> account_id AND (confirmed_by_id IS NULL OR "
                           "confirmed_by_id <> account_id)", name="not_their_own"),
    )
