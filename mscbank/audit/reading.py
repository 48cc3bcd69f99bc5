"""Entries of the trail as facts a reader can follow, and what of them is read first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from mscbank.accounts.models import Account
from mscbank.audit.models import ATTEMPTS, Entry
from mscbank.database import session
from mscbank.things import KINDS, Thing


# Acts that change what was recorded, beside every act that begins with "correct". An entry that
# names what stood before changed it too; but a bag that is moved is moved.
CHANGES = frozenset({"classify deviation", "withdraw consent", "renew accreditation",
                     "cancel order", "withdraw vital signs", "withdraw reaction"})
MOVES = frozenset({"relocate"})


class Mark(StrEnum):
    """Why an entry is read before the others: the first that applies."""

    REFUSED = "refused"
    CHANGED = "changed data"
    REASONED = "with a reason"
    NONE = ""


@dataclass(frozen=True)
class Told:
    """One entry as people read it. A refused attempt has the name of the act that was tried."""

    sequence: int
    hash: str
    at: datetime
    act: str
    mark: Mark
    by: str
    roles: list[str]
    through: str
    subject: str | None
    thing: Thing | None
    reason: str | None
    facts: dict[str, Any]

    @property
    def refused(self) -> bool:
        return self.mark is Mark.REFUSED


def told(entries: Sequence[Entry], things: Mapping[str, Thing] | None = None) -> list[Told]:
    """Entries with their people and things looked up: one query for each kind of thing, unless
    the ``things`` they are about are at hand."""
    people = names_of({entry.by for entry in entries})
    if things is None:
        things = _things({entry.subject for entry in entries if entry.subject})
    return [_one(entry, people, things) for entry in entries]


def history(thing: Thing, most: int = 50) -> list[Told]:
    """The trail's entries about a thing, latest first."""
    return told(session.scalars(sa.select(Entry).where(Entry.subject == thing.code)
                                .order_by(Entry.sequence.desc()).limit(most)).all(),
                {thing.code: thing})


def names_of(codes: set[str]) -> dict[str, str]:
    """User names by the codes that stand in the trail."""
    return dict(session.execute(sa.select(Account.code, Account.username)
                                .where(Account.code.in_(codes))).tuples().all())


def _one(entry: Entry, people: Mapping[str, str], things: Mapping[str, Thing]) -> Told:
    body = json.loads(entry.body)
    facts = dict(body["facts"])
    tried = facts.pop("attempted", entry.act) if entry.act in ATTEMPTS else entry.act
    return Told(
        sequence=entry.sequence, hash=entry.hash, at=datetime.fromisoformat(entry.at), act=tried,
        mark=mark(entry.act, body["reason"], facts), by=people.get(entry.by, entry.by),
        roles=body["roles"], through=body["through"], subject=entry.subject,
        thing=things.get(entry.subject or ""), reason=body["reason"], facts=facts)


def mark(act: str, reason: str | None, facts: Mapping[str, Any]) -> Mark:
    """What sets an entry apart: it was refused, it changed what was recorded, a reason had to be
    given."""
    if act in ATTEMPTS:
        return Mark.REFUSED
    replaces = facts.get("before") is not None and act not in MOVES
    if replaces or act in CHANGES or act.startswith("correct "):
        return Mark.CHANGED
    return Mark.REASONED if reason else Mark.NONE


def marked_first(entries: Iterable[Told]) -> list[Told]:
    """Refusals, then changed data, then what was given a reason, then the rest; each in order."""
    ranks = list(Mark)
    return sorted(entries, key=lambda entry: (ranks.index(entry.mark), entry.sequence))


def _things(codes: set[str]) -> dict[str, Thing]:
    by_kind: dict[str, list[str]] = {}
    for code in codes:
        by_kind.setdefault(code[:2], []).append(code)
    return {thing.code: thing for kind, those in by_kind.items() if (model := KINDS.get(kind))
            for thing in session.scalars(sa.select(model).where(model.code.in_(those)))}
