"""The page of what was looked for and is no code: things by kind, people, or a day.

Only words are looked for as names, only by those who may read identities, and what was typed is
kept nowhere: not in the address, not in the scan log, not in the trail.
"""

from __future__ import annotations

from flask import render_template

from mscbank import clock
from mscbank.audit.reading import names_of
from mscbank.database import transaction
from mscbank.identities.service import SHORTEST_FRAGMENT, find_people
from mscbank.permissions import Permission
from mscbank.reports import finding
from mscbank.reports.whose import UNTOLD, whose_each
from mscbank.web.doors import actor

SHORTEST, LONGEST = 2, 80


def is_words(text: str) -> bool:
    """Whether the text may be somebody's name: letters, and what stands between them."""
    return any(map(str.isalpha, text)) and all(
        letter.isalpha() or letter in " -'’." for letter in text)


def page_of(text: str) -> str | None:
    """The page of what is like the text; None where nothing is, so that the scan is answered."""
    text, at, person = text.strip(), clock.now(), actor()
    if not SHORTEST <= len(text) <= LONGEST:
        return None
    if (day := finding.day_of(text, at)) is not None:
        found = finding.happened(day)
        return render_template("found.html", day=day, happened=found, text=text,
                               names=names_of({one.entry.by for one in found}),
                               most=finding.MOST_ENTRIES)
    codes: list[str] = []
    searched = is_words(text) and person.may(Permission.READ_IDENTITIES) and len(
        text) >= SHORTEST_FRAGMENT
    if searched:
        with transaction():
            codes = find_people(text, by=person, at=at)
    groups = finding.alike(text)
    if not groups and not searched:
        return None
    of = whose_each(row for group in groups for row in group.rows if isinstance(row, UNTOLD))
    return render_template("found.html", groups=groups, of=of, text=text, searched=searched,
                           people=finding.people(codes))
