"""Searching the trail: every question is answered by an index, page after page, without counting.

A page begins beyond the last entry of the page before. Days become sequences first: time never
runs back in the trail, so a day is a span of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from mscbank.audit.models import ATTEMPTS, Entry
from mscbank.database import session


@dataclass(frozen=True)
class Search:
    """What is asked; everything asked must hold.

    ``codes``: house codes the entry may be about (None: any). ``by``: the person's code.
    ``act``: the act's name; with ``refused_only`` the act that was tried. ``begins``, ``ends``:
    first moment and the moment after the last, as the trail writes them.
    """

    codes: frozenset[str] | None = None
    by: str = ""
    act: str = ""
    begins: str = ""
    ends: str = ""
    refused_only: bool = False
    oldest_first: bool = False


def page(search: Search, beyond: int | None, size: int) -> tuple[list[Entry], int | None]:
    """``size`` entries beyond an entry, and the entry beyond which the next page begins."""
    if (statement := statement_for(search, beyond)) is None:
        return [], None
    _plan_for_what_is_asked()
    found = list(session.scalars(statement.limit(size + 1)))
    return found[:size], found[size - 1].sequence if len(found) > size else None


def everything(search: Search, size: int = 1000) -> Iterator[Entry]:
    """All entries that answer the search, read page by page."""
    beyond: int | None = None
    while True:
        found, beyond = page(search, beyond, size)
        yield from found
        if beyond is None:
            return


def statement_for(search: Search, beyond: int | None = None) -> sa.Select[tuple[Entry]] | None:
    """The search as a statement; None where no day can hold an answer."""
    wanted = []
    if search.begins:
        if (first := _first_since(search.begins)) is None:
            return None
        wanted.append(Entry.sequence >= first)
    if search.ends and (after := _first_since(search.ends)) is not None:
        wanted.append(Entry.sequence < after)
    if search.codes is not None:
        wanted.append(Entry.subject.in_(sorted(search.codes)))
    if search.by:
        wanted.append(Entry.by == search.by)
    if search.refused_only:
        wanted.append(Entry.act.in_(ATTEMPTS))
        if search.act:  # as the canonical text spells it
            tried = f'"attempted":{json.dumps(search.act, ensure_ascii=False)}'
            wanted.append(Entry.body.contains(tried, autoescape=True))
    elif search.act:
        wanted.append(Entry.act == search.act)
    if beyond is not None:
        wanted.append(Entry.sequence > beyond if search.oldest_first else Entry.sequence < beyond)
    order = Entry.sequence if search.oldest_first else Entry.sequence.desc()
    return sa.select(Entry).where(*wanted).order_by(order)


def _plan_for_what_is_asked() -> None:
    """Let PostgreSQL look at the values: the trail is full of some acts and people and has few
    entries of others, and one plan for all would read the whole trail for these."""
    if session.connection().dialect.name == "postgresql":
        session.execute(sa.text("SET LOCAL plan_cache_mode = force_custom_plan"))


def _first_since(moment: str) -> int | None:
    """The first entry at or after a moment."""
    return session.scalar(sa.select(Entry.sequence).where(Entry.at >= moment)
                          .order_by(Entry.at, Entry.sequence).limit(1))
