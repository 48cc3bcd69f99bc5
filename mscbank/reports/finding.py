"""What a few typed words may mean when they are no code: parts of numbers and names, or a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from mscbank import things
from mscbank.audit.models import Entry
from mscbank.audit.search import Search, page
from mscbank.reports import lists
from mscbank.settings import local, settings
from mscbank.translations.phrases import MONTHS

# Kinds that people look for by words. Bags, results and cultures are reached from these; a bank
# has too many of them to be read for a part of a word.
KINDS = ("recipients", "donors", "harvests", "lots", "reagents", "deviations", "investigations",
         "adverse-events", "places", "journeys", "samples", "laboratories", "methods", "printers",
         "imports")
EACH = 6
MOST_ENTRIES = 200
# What is about accounts is the trail's own affair, for those who may read it.
HIDDEN = ("people",)
DAYS = (re.compile(r"(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)"),
        re.compile(r"(?P<d>\d\d?)[./](?P<m>\d\d?)[./](?P<y>\d{4})"),
        re.compile(r"(?P<d>\d\d?) (?P<w>[^\W\d_]{3,5})\.? (?P<y>\d{4})"))
NAMED = {word.rstrip("."): number for words in MONTHS.values()
         for number, word in enumerate(words, 1)}
WORDS = {"TODAY": 0, "YESTERDAY": -1, "AUJOURD'HUI": 0, "HIER": -1}


@dataclass(frozen=True)
class Group:
    """What was found of one kind; ``more``: its list has more that are like it."""

    place: str
    rows: tuple[Any, ...]
    more: bool


@dataclass(frozen=True)
class Happened:
    """An entry of a day, and the thing it is about."""

    entry: Entry
    thing: Any | None


def alike(text: str) -> list[Group]:
    """Things whose number, name or description holds the text, by kind."""
    found = []
    for place in KINDS:
        if (model := things.SLUGS.get(place)) is None:
            continue
        shown = lists.show(model, lists.Asked(text=text[:lists.LONGEST_TEXT], size=EACH))
        if shown.rows:
            found.append(Group(place, tuple(row for row, _ in shown.rows), shown.more))
    return found


def people(codes: list[str]) -> list[Any]:
    """Recipients and donors by their codes, as they are found."""
    known = lists.by_codes(set(codes))
    return [known[code] for code in codes if code in known]


def day_of(text: str, at: datetime) -> date | None:
    """The day a text names: 2026-11-22, 22 NOV 2026, 22 AOÛT 2026, 22/11/2026 (the day first), today."""
    plain = " ".join(text.upper().split())
    if plain in WORDS:
        return local(at).date() + timedelta(days=WORDS[plain])
    for form in DAYS:
        if found := form.fullmatch(plain):
            parts = found.groupdict()
            try:
                month = int(parts["m"]) if "m" in parts else NAMED[parts["w"]]
                named = date(int(parts["y"]), month, int(parts["d"]))
                return named if 1900 < named.year < 2200 else None
            except (ValueError, KeyError):
                return None
    return None


def happened(day: date) -> list[Happened]:
    """What the trail holds of a day of the site's clock, in its order."""
    entries, _ = page(Search(begins=_midnight(day), ends=_midnight(day + timedelta(days=1)),
                             oldest_first=True), None, MOST_ENTRIES)
    known = lists.by_codes({entry.subject for entry in entries if entry.subject})
    told = [Happened(entry, known.get(entry.subject or "")) for entry in entries]
    return [one for one in told if one.thing is not None and one.thing.SLUG not in HIDDEN]


def _midnight(day: date) -> str:
    moment = datetime.combine(day, time(), settings().zone).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
