"""Acts: one declaration each, one door for all.

A step lists its acts in ``acts.py``. The HTML form, the JSON API, the command line and the demo
all go through ``perform``: prove, lock, look again, permit, do, record, commit; a refusal becomes
an entry of the trail; a retry with the same idempotency key acts once.
"""

from __future__ import annotations

import hmac
import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from mscbank import clock, things
from mscbank.accounts import factors
from mscbank.accounts import service as accounts
from mscbank.accounts.factors import NOTHING, Proof, Typed
from mscbank.accounts.statement import SECOND, Statement
from mscbank.audit import chain
from mscbank.audit.service import record_refusal
from mscbank.database import Model, read, transaction, write
from mscbank.errors import Malformed, NotKnown, Refused
from mscbank.permissions import Actor, Permission
from mscbank.settings import settings
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal


@dataclass(frozen=True)
class Offer:
    """What the form of an act offers in one box, for this thing: (value, words) to choose from,
    or a word of help. ``first``: a single choice is made already. ``asked``: False where
    there is no such box here, True where it must be answered, None as the schema says."""

    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    first: bool = False
    asked: bool | None = None


class Nothing(Schema):
    """An act that needs no further word."""


@dataclass(frozen=True)
class Act:
    """One act: its name in the trail, what it is done to, who may, what comes in, what is done.

    ``do(thing, *, by, at, **data)`` is the service (without ``thing`` when ``on`` is None; then
    ``room`` says under which word it stands). A signed act has a ``meaning``; ``do`` takes
    ``seal`` and ``record(thing, **data)`` is what the signer reads; where that is a digest of
    entries of the trail, ``reading(thing, **data)`` are these entries, and ``beside(thing, **data)``
    those that are shown with them and not signed. A witnessed act's ``do`` takes ``second``, another
    proven person. ``possible(thing)`` refuses when it is not the
    moment: the page greys the button with that sentence. ``prepare(thing, **data)`` is slow work done before
    the lock; ``do`` takes what it returns as ``prepared``. ``answer(result)`` is told to the
    caller. ``offers(thing, typed)`` are the closed choices of its form, by box; ``page`` the
    template of a form that is laid out by hand. ``begins(thing)`` is what the form begins with,
    by the schema's names, for a person to look at and change. ``drafted``: a long form, of which
    what was typed and not sent is kept for its person; never where names are typed.
    ``permission_for(thing)`` stands in the place of ``permission`` where things differ in it.
    ``back(line)``: this kind of thing is a line on the page of another, the one returned; the form
    leads back there, without a confirmation in between.
    """

    name: str
    permission: Permission
    do: Callable[..., Any]
    on: type[Any] | None = None
    room: str = ""
    schema: type[Schema] = Nothing
    meaning: Meaning | None = None
    record: Callable[..., dict[str, Any]] | None = None
    reading: Callable[..., list[Any]] | None = None
    beside: Callable[..., list[Any]] | None = None
    witnessed: bool = False
    possible: Callable[[Any], None] | None = None
    prepare: Callable[..., Any] | None = None
    answer: Callable[[Any], dict[str, Any]] | None = None
    page: str = "act.html"
    offers: Callable[[Any, Mapping[str, str]], dict[str, Offer]] | None = None
    permission_for: Callable[[Any], Permission] | None = None
    begins: Callable[[Any], dict[str, Any]] | None = None
    drafted: bool = False
    back: Callable[[Any], Any] | None = None

    def needs(self, thing: Any = None) -> Permission:
        """The row of the chart it stands under; where things of one kind differ, this thing's."""
        if thing is None or self.permission_for is None:
            return self.permission
        return self.permission_for(thing)

    @property
    def slug(self) -> str:
        """The act's word in an address."""
        return self.name.lower().replace(" ", "-").replace("'", "")

    @property
    def place(self) -> str:
        """The word in an address under which the act stands."""
        return self.on.SLUG if self.on else self.room


@dataclass(frozen=True)
class Credential:
    """User name and password as typed, and what came beside them."""

    username: str
    password: str
    beside: Typed = NOTHING


class Performed(Model):
    """An answered request, so that a retry is answered again and not done again."""

    __tablename__ = "performed"
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    request_digest: Mapped[str] = mapped_column(sa.String(64))
    answer: Mapped[str]
    at: Mapped[datetime]


_PERFORMED = Performed.__table__
_ANSWER = sa.select(_PERFORMED.c.request_digest, _PERFORMED.c.answer).where(
    _PERFORMED.c.account_id == sa.bindparam("account_id"),
    _PERFORMED.c.key == sa.bindparam("key"))
_KEEP_ANSWER = sa.insert(_PERFORMED).values(
    {column.name: sa.bindparam(column.name) for column in _PERFORMED.c})


@cache
def catalogue() -> dict[tuple[str, str], Act]:
    """Every act of every step by (place, slug)."""
    from mscbank import IMPORTS, STEPS, STUDY

    acts = [act for step in ("accounts", *STEPS, IMPORTS, STUDY)
            for act in importlib.import_module(f"mscbank.{step}.acts").ACTS]
    return {(act.place, act.slug): act for act in acts}


def acts_on(thing: Any) -> list[Act]:
    """The acts that can be done to this kind of thing, in the order of the chain."""
    return [act for act in catalogue().values() if act.on and isinstance(thing, act.on)]


def why_not(act: Act, thing: Any, by: Actor) -> str | None:
    """The reason this person cannot do this act now, or None when they can."""
    try:
        by.must(act.needs(thing))
        if act.possible:
            act.possible(thing)
    except Refused as refusal:
        return refusal.sentence
    return None


def perform(
    act: Act, code: str | None, data: Mapping[str, Any], *, by: Actor,
    credential: Credential | None = None, seen: str | None = None,
    second: Credential | None = None, key: str | None = None,
) -> dict[str, Any]:
    """Do an act and return what is told of it: ``{"act", "code", "entry", ...}``.

    ``data`` is loaded already. ``credential`` and ``seen`` (the digest of the record that was
    read) sign; ``second`` is the witness. Raises Refused, after the refusal is in the trail.
    """
    at = clock.now()
    proofs: list[Proof] = []
    request = _marked([act.place, act.slug, code, data])
    try:
        # A retry is answered before it is proven again: a time code is taken once.
        if key and (credential or second) and (answered := _answered(by, key, request)) is not None:
            return answered
        people = _prove(act, code, data, by, credential, seen, second, proofs)
        people |= _prepare(act, code, data, by)
        with transaction() as under_way:
            if key and (answered := _answered(by, key, request)) is not None:
                return answered
            for proof in proofs:
                factors.spend(proof, at)
            fresh = accounts.actor_now(by.id, at, by.through)
            thing = (things.get(act.on, code or ""),) if act.on else ()
            fresh.must(act.needs(*thing))
            result = act.do(*thing, **data, **people, by=fresh, at=at)
            told = {"act": act.name, "code": _code(result, thing), "entry": under_way.sequence}
            if act.answer:
                told |= chain.plain(act.answer(result))
            if key:
                write(_KEEP_ANSWER, {"account_id": by.id, "key": key, "request_digest": request,
                                     "answer": json.dumps(told), "at": at})
        return told
    except Refused as refusal:
        _keep_refusal(act, code, refusal, by, at, proofs)
        raise
    except DBAPIError as error:
        if isinstance(error, sa.exc.OperationalError):
            raise
        refusal = Refused("This contradicts what is recorded, and nothing was changed. Look at "
                          "the record again; if it stays so, tell quality assurance.",
                          reasons=("refused by the database",))
        _keep_refusal(act, code, refusal, by, at, proofs)
        raise refusal from error


def signing_statement(act: Act, code: str | None, seen: str) -> Statement:
    """What a signer confirms: this act, on this thing, in these words, over this record."""
    meaning = act.meaning
    return Statement(act.name, code, str(meaning), meaning.sentence if meaning else "", seen)


def second_statement(act: Act, code: str | None, data: Mapping[str, Any], by: Actor) -> Statement:
    """What a second person confirms: this act with these words, beside this person."""
    return Statement(act.name, code, "second person", SECOND,
                     chain.digest([act.place, act.slug, code, data]), by.username)


def _prove(act: Act, code: str | None, data: Mapping[str, Any], by: Actor,
           credential: Credential | None, seen: str | None, second: Credential | None,
           proofs: list[Proof]) -> dict[str, Any]:
    """The proven people an act asks for, and how they were. Before the lock: Argon2 is slow."""
    people: dict[str, Any] = {}
    if act.meaning is not None:
        people["seal"] = None
        if credential and seen:
            signer, proof = factors.prove(
                credential.username, credential.password, credential.beside,
                signing_statement(act, code, seen), through=by.through, asked=by.id, signing=True)
            proofs.append(proof)
            people["seal"] = Seal(signer.id, act.meaning, seen, proof)
    if act.witnessed:
        people["second"] = None
        if second:
            people["second"], proof = factors.prove(
                second.username, second.password, second.beside,
                second_statement(act, code, data, by), through=by.through, asked=by.id,
                signing=True)
            proofs.append(proof)
    return people


def _prepare(act: Act, code: str | None, data: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """Slow work before the lock, as plain values: the act looks again inside."""
    if act.prepare is None:
        return {}
    thing = (things.get(act.on, code or ""),) if act.on else ()
    by.must(act.needs(*thing))
    return {"prepared": act.prepare(*thing, **data)}


def _marked(request: list[Any]) -> str:
    """A request's mark: keyed, because it may hold a name, and names are guessable."""
    return hmac.new(settings().vault_key, chain.canonical(request).encode(), "sha256").hexdigest()


def _answered(by: Actor, key: str, request: str) -> dict[str, Any] | None:
    found = read(_ANSWER, {"account_id": by.id, "key": key})
    if not found:
        return None
    (before,) = found
    if before.request_digest != request:
        raise Malformed("This idempotency key was used for another request: take a new one.",
                        field="Idempotency-Key")
    return json.loads(before.answer)


def _code(result: Any, thing: tuple[Any, ...]) -> str | None:
    return getattr(result, "code", None) or (thing[0].code if thing else None)


def _keep_refusal(act: Act, code: str | None, refusal: Refused, by: Actor, at: datetime,
                  proofs: list[Proof]) -> None:
    """The refusal in the trail; what was proven for it is used up all the same."""
    known = code if code and not isinstance(refusal, NotKnown) and len(code) <= 40 else None
    with transaction():
        factors.use_up(by, refusal, proofs, at)
        record_refusal(act.name, known, refusal, by=by, at=at, field=refusal.field)
