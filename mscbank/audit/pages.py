"""The trail, to be read: search, one entry, and the proof that nothing was changed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, render_template, request

from mscbank import clock, things
from mscbank.accounts.models import Account
from mscbank.audit import checkpoints
from mscbank.audit.models import Entry
from mscbank.audit.verify import Report, verify
from mscbank.database import session
from mscbank.errors import Malformed, NotKnown
from mscbank.permissions import Permission
from mscbank.settings import settings
from mscbank.things import KINDS
from mscbank.web import needs

pages = Blueprint("audit", __name__)
ROWS = 50
ASKED = ("person", "thing", "act", "day")
# What people read aloud in place of a house code.
NUMBERS = ("number", "din", "username")


@pages.get("/trail")
@needs(Permission.READ_TRAIL)
def trail() -> str:
    """Entries, newest first, by person, thing, act or day."""
    return _page()


@pages.get("/trail/<int:sequence>")
@needs(Permission.READ_TRAIL)
def entry(sequence: int) -> str:
    """One entry as it was hashed."""
    found = session.get(Entry, sequence)
    if found is None:
        raise NotKnown(f"The trail has no entry {sequence}.")
    return render_template("audit/entry.html", entry=_told([found])[0], raw=found,
                           rows=json.loads(found.body)["rows"],
                           after=session.get(Entry, sequence + 1) is not None)


@pages.post("/trail/verify")
@needs(Permission.READ_TRAIL)
def prove() -> str:
    """Walk the whole trail and every row it speaks of, and say what is wrong."""
    return _page(report=verify(), at=clock.now())


@pages.get("/trail/checkpoint")
@needs(Permission.READ_TRAIL)
def checkpoint() -> Response:
    """A signed note of where the trail stands, to be kept outside this database."""
    note = checkpoints.note(current_app.extensions["mscbank"].signing_key, clock.now())
    answer = Response(note, mimetype="text/plain")
    name = f"checkpoint-{checkpoints.head().sequence}.txt"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _page(report: Report | None = None, at: datetime | None = None) -> str:
    asked = {name: request.args.get(name, "").strip()[:120] for name in ASKED}
    before = request.args.get("before", "")
    found = list(session.scalars(_search(asked, before)))
    return render_template(
        "audit/trail.html", asked=asked, entries=_told(found[:ROWS]), report=report, at=at,
        older=found[ROWS - 1].sequence if len(found) > ROWS else None,
        head=checkpoints.head(), acts=session.scalars(sa.select(Entry.act).distinct()
                                                      .order_by(Entry.act)).all())


def _search(asked: dict[str, str], before: str) -> sa.Select[tuple[Entry]]:
    statement = sa.select(Entry).order_by(Entry.sequence.desc()).limit(ROWS + 1)
    if before.isdecimal() and len(before) < 16:
        statement = statement.where(Entry.sequence < int(before))
    if asked["person"]:
        code = session.scalar(sa.select(Account.code).where(Account.username == asked["person"]))
        statement = statement.where(Entry.by == (code or asked["person"]))
    if asked["thing"]:
        statement = statement.where(Entry.subject == _code_of(asked["thing"]))
    if asked["act"]:
        statement = statement.where(Entry.act == asked["act"])
    if asked["day"]:
        first, last = _bounds(asked["day"])
        statement = statement.where(Entry.at >= first, Entry.at < last)
    return statement


def _code_of(text: str) -> str:
    """The house code a person means: typed as such, or by the number people read aloud."""
    for model in KINDS.values():
        for name in NUMBERS:
            column = getattr(model, name, None)
            if column is None or not isinstance(column.type, sa.String):
                continue
            if code := session.scalar(sa.select(model.code).where(column == text)):
                return code
    return things.by_code(text).code


def _bounds(text: str) -> tuple[str, str]:
    """The first and last moment of a day on the site's clock, as the trail writes them."""
    try:
        midnight = datetime.combine(date.fromisoformat(text), time(), settings().zone)
        following = datetime.combine(midnight.date() + timedelta(days=1), time(), settings().zone)
        first, last = (f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
                       for moment in (midnight, following))
    except (ValueError, OverflowError):
        raise Malformed("Give the day as 2026-11-22.", field="day") from None
    return first, last


def _told(entries: list[Entry]) -> list[dict[str, Any]]:
    """Entries as facts a reader can follow."""
    people = dict(session.execute(
        sa.select(Account.code, Account.username)
        .where(Account.code.in_({entry.by for entry in entries}))).all())
    return [_one(entry, people) for entry in entries]


def _one(entry: Entry, people: dict[str, str]) -> dict[str, Any]:
    body = json.loads(entry.body)
    facts = body["facts"]
    refused = entry.act == "refused"
    return {
        "sequence": entry.sequence, "at": datetime.fromisoformat(entry.at),
        "by": people.get(entry.by, entry.by), "roles": body["roles"], "through": body["through"],
        "act": facts.get("attempted", entry.act) if refused else entry.act, "refused": refused,
        "subject": entry.subject, "thing": _thing(entry.subject), "reason": body["reason"],
        "facts": {name: value for name, value in facts.items() if name != "attempted"}}


def _thing(code: str | None) -> Any:
    model = code and KINDS.get(code[:2])
    return session.scalar(sa.select(model).where(model.code == code)) if model else None
