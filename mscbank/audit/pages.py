"""The trail, to be read: search, one entry, what is shown as CSV, and the proof that nothing was
changed. What was asked stands in the address, so that a search can be kept and sent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, render_template, request

from mscbank import clock, things
from mscbank.accounts.models import Account
from mscbank.audit import bundle, checkpoints
from mscbank.audit.models import Entry
from mscbank.audit.reading import Told, told
from mscbank.audit.search import Search, everything, page
from mscbank.audit.service import record
from mscbank.audit.verify import Report, verify
from mscbank.database import session, transaction
from mscbank.errors import Malformed, NotKnown
from mscbank.permissions import Permission
from mscbank.reports.family import codes_of_family
from mscbank.rules import parted
from mscbank.settings import settings
from mscbank.things import KINDS
from mscbank.web import actor, needs
from mscbank.web.files import CSV, ZIP, download

pages = Blueprint("audit", __name__)
ROWS = 30
MOST_EXPORTED = 100_000
WORDS = ("thing", "person", "act", "from", "until", "order")
TICKS = ("family", "refused")
COLUMNS = ("entry", "time (UTC)", "act", "mark", "subject", "name", "person", "roles", "through",
           "reason", "facts", "hash")
# What people read aloud in place of a house code.
NUMBERS = ("number", "din", "username")


@pages.get("/trail")
@needs(Permission.READ_TRAIL)
def trail() -> str:
    """Entries by thing and its family, person, act, days and refusals, a page at a time."""
    return _page()


@pages.get("/trail/<int:sequence>")
@needs(Permission.READ_TRAIL)
def entry(sequence: int) -> str:
    """One entry as it was hashed."""
    found = session.get(Entry, sequence)
    if found is None:
        raise NotKnown(f"The trail has no entry {sequence}.")
    return render_template("audit/entry.html", entry=told([found])[0], raw=found,
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
    return download(note, "text/plain; charset=utf-8",
                    f"checkpoint-{checkpoints.head().sequence}.txt")


@pages.post("/trail/export")
@needs(Permission.READ_TRAIL)
def export() -> Response:
    """What the search shows, all pages of it, as CSV; who took it along is an entry."""
    asked = _asked(request.form)
    found = []
    for each in everything(_search(asked)):
        found.append(each)
        if len(found) > MOST_EXPORTED:
            raise Malformed(f"More than {parted(MOST_EXPORTED)} entries answer to this: narrow the "
                            "search, or export the whole trail with mscbank audit export.")
    text = as_csv(told(found))
    with transaction():
        sequence = record("export trail", None, by=actor(), at=clock.now(), entries=len(found),
                          asked={name: value for name, value in asked.items() if value})
    return download(text, CSV, f"trail-{sequence}.csv")


@pages.post("/trail/bundle")
@needs(Permission.READ_TRAIL)
def take_bundle() -> Response:
    """The whole trail with the records it speaks of and the program that proves it, as a zip."""
    by = actor()
    by.must(Permission.READ_RECORDS)
    if checkpoints.head().sequence > MOST_EXPORTED:
        raise Malformed(f"The trail has more than {parted(MOST_EXPORTED)} entries: take it lot by "
                        "lot, or whole with mscbank audit export.")
    config = current_app.extensions["mscbank"]
    made = bundle.bundle(config.signing_key, clock.now(), **bundle.maker(config))
    return download(made, ZIP, f"trail-{bundle.taken(made, None, by=by, at=clock.now())}.zip")


def as_csv(entries: Iterable[Told]) -> str:
    """Entries as CSV that a spreadsheet opens as text: no cell begins a formula."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    write(COLUMNS)
    for each in entries:
        write([each.sequence, *map(_cell, (
            each.at.astimezone(UTC).isoformat(timespec="microseconds"), each.act, each.mark,
            each.subject or "", each.thing.title if each.thing else "", each.by,
            ", ".join(each.roles), each.through, each.reason or "",
            json.dumps(each.facts, ensure_ascii=False, sort_keys=True), each.hash))])
    return out.getvalue()


def _cell(text: str) -> str:
    """A cell that begins like a formula gets an apostrophe, which spreadsheets take for text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _page(report: Report | None = None, at: datetime | None = None) -> str:
    asked = _asked(request.args)
    beyond = request.args.get("beyond", "")
    found, following = page(
        _search(asked), int(beyond) if beyond.isdecimal() and len(beyond) < 16 else None, ROWS)
    kept = {name: value for name, value in asked.items() if value}
    return render_template(
        "audit/trail.html", asked=asked, kept=kept, entries=told(found), report=report, at=at,
        following=following, beyond=beyond, head=checkpoints.head(), acts=_acts())


def _acts() -> list[str]:
    """The names of all acts in the trail, each found by one step through the index."""
    step = sa.select(sa.func.min(Entry.act).label("act")).cte("steps", recursive=True)
    following = sa.select(sa.func.min(Entry.act)).where(Entry.act > step.c.act).scalar_subquery()
    step = step.union_all(sa.select(following).where(step.c.act.is_not(None)))
    return list(session.scalars(sa.select(step.c.act).where(step.c.act.is_not(None))))


def _asked(given: Any) -> dict[str, str]:
    asked = {name: given.get(name, "").strip()[:120] for name in WORDS}
    return asked | {name: "yes" if given.get(name) else "" for name in TICKS}


def _search(asked: dict[str, str]) -> Search:
    """What was asked, in the words of the trail."""
    person = asked["person"]
    if person:
        code = session.scalar(sa.select(Account.code).where(Account.username == person))
        person = code or person
    return Search(
        codes=_codes(asked["thing"], bool(asked["family"])) if asked["thing"] else None,
        by=person, act=asked["act"], refused_only=bool(asked["refused"]),
        begins=_midnight(asked["from"], "from", 0), ends=_midnight(asked["until"], "until", 1),
        oldest_first=asked["order"] == "oldest")


def _codes(text: str, family: bool) -> frozenset[str]:
    thing = _named(text)
    return codes_of_family(thing) if family else frozenset({thing.code})


def _named(text: str) -> Any:
    """The thing a person means: by its code, or by the number people read aloud."""
    for model in KINDS.values():
        for name in NUMBERS:
            column = getattr(model, name, None)
            if column is None or not isinstance(column.type, sa.String):
                continue
            if found := session.scalar(sa.select(model).where(column == text)):
                return found
    return things.by_code(text)


def _midnight(text: str, field: str, days: int) -> str:
    """The moment a day of the site's clock begins (``days`` later), as the trail writes it."""
    if not text:
        return ""
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        moment = datetime.combine(day, time(), settings().zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed("Give the day as 2026-11-22.", field=field) from None
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
