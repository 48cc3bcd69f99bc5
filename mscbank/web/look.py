"""How values look on a page: moments on the site's clock, cells as powers of ten, tones of words.

Everything here is at hand in every template.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, g, request, url_for
from markupsafe import Markup, escape
from werkzeug.routing import BaseConverter

from labels import housecode
from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.audit.models import Head
from mscbank.audit.reading import history
from mscbank.database import amounts, plain_decimal, read, session
from mscbank.reports.alerts import bad_news
from mscbank.reports.criteria import changes
from mscbank.reports.listing import followed
from mscbank.reports.sketch import cut
from mscbank.reports.whose import whose
from mscbank.rules import RAISED, parted, spaced
from mscbank.settings import local, settings
from mscbank.testing import stands
from mscbank.things import Thing
from mscbank.web import language, possible
from mscbank.web.language import decimal_mark, say
from mscbank.web.navigation import Group, ways_of
from mscbank.web.tones import tone

SEALED_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
SEALED_DAY = re.compile(r"\d{4}-\d\d-\d\d")
CODE = re.compile(rf"[{housecode.ALPHABET}]{{{housecode.LENGTH}}}")
# What must not be broken at the end of a line: a house code; a number or short name such as DV26-001,
# R-020, HAQ-DI or nct02213705-2, whose last part is figures or capitals.
WHOLE = re.compile(rf"\b({CODE.pattern})\b|"
                   r"(?<![\w-])(?=[\w-]{3,20}(?![\w-]))\w+(?:-\w+)*-(?:\d+|[A-Z]+)\b(?!-)")
_WAITING = sa.select(Alert.__table__.c.role, sa.func.count().label("waiting")).where(
    Alert.__table__.c.acknowledged_at.is_(None)).group_by(Alert.__table__.c.role)
STATES = ("standing", "place", "outcome", "verdict", "severity", "reaction", "state", "hold")
# What a day is called that is over.
PAST = {"expires_on": "expired", "window_closes_on": "overdue"}
# Kept as words of a specification, a protocol or the register of methods.
WORDED = ("test_name", "method", "measures", "word", "term", "awaited")
# Kept as the key of a specification's criterion or of a protocol's.
KEYED = ("test", "criterion")
# Where an entry says of a test how it stood, in two words: ``cd105 fail``.
JUDGED = ("outcomes", "reasons")
OF_A_TEST = re.compile(rf"(\w+) ({'|'.join(stands.WORDS)})")
# What the recall page can begin with.
RECALLED = ("recipients", "donors", "harvests", "reagents", "cultures", "cryo-units", "lots",
            "bags", "samples", "results")
SHORT_FORMS = {"din": "DIN", "hla": "HLA", "mrss": "mRSS", "ctcae version": "CTCAE version",
               "dmso": "DMSO", "hla typing": "HLA typing", "dose per kg": "Dose (cells per kg)",
               "cd34": "CD34", "cd45": "CD45", "cd73": "CD73", "cd90": "CD90", "cd105": "CD105",
               "hla dr": "HLA-DR", "acr eular 2013": "ACR/EULAR 2013", "anti scl 70": "Anti-Scl-70",
               "anti rna polymerase 3": "Anti-RNA polymerase III", "hepatitis hiv": "Hepatitis or HIV",
               "fvc": "FVC", "dlco": "DLCO", "haq di": "HAQ-DI", "sf36": "SF-36", "kg": "kg",
               "sf36 physical": "SF-36 physical", "sf36 mental": "SF-36 mental",
               "mrss sites": "mRSS by site", "acr eular score": "ACR/EULAR score",
               "done": "What was done", "done at": "Done at", "at": "When",
               "celsius": "Temperature (°C)", "second id": "Second person"}


class CodeConverter(BaseConverter):
    """``<code:code>``: a house code, so that no act's word is taken for one."""

    regex = "[A-Za-z]{20}"


class SlugConverter(BaseConverter):
    """``<slug:place>``: a word of an address, and never a code."""

    regex = "(?![A-Za-z]{20}(?:/|$))[A-Za-z][A-Za-z0-9-]{0,60}"


def moment(value: datetime | None) -> Markup | str:
    """``22 NOV 2026 16:05 CET``: no reader takes the day for the month, or our hour for theirs."""
    if value is None:
        return "—"
    there = value.astimezone(settings().zone)
    text = f"{day(there.date())} {there:%H:%M} {there:%Z}"
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)


def day(value: date | None) -> str:
    """``22 NOV 2026``."""
    return "—" if value is None else (
        f"{value.day:02} {language.months()[value.month - 1]} {value.year}")


def cells(value: int | None) -> Markup | str:
    """``1.2 × 10⁶``, exact where up to four figures say it all, else to four figures. The power is a
    raised letter, no raised style: copied, it stays one."""
    if value is None or abs(value) < 10_000:
        return "—" if value is None else str(value)
    power = len(str(abs(value))) - 1
    figures = decimal_mark(plain_decimal(round(Decimal(value).scaleb(-power), 3)))
    return Markup('<span class="cells" title="{}">{} × 10{}</span>').format(
        parted(value), figures, str(power).translate(RAISED))


def house(code: str) -> Markup:
    """A house code in groups of four, as it is read aloud; copied, it has no gaps."""
    groups = Markup("").join(Markup("<span>{}</span>").format(code[at:at + 4])
                             for at in range(0, len(code), 4))
    return Markup('<data class="house" value="{}" translate="no">{}</data>').format(code, groups)


def powers(text: str) -> str:
    """``70 x 10^6`` of a sentence of the record as people write it: ``70 × 10⁶``."""
    return text.replace("x 10^6", "× 10⁶").replace("10^6", "10⁶")


def marked(sentence: str) -> Markup:
    """A sentence, said in the reader's language, whose codes stand in groups and whose numbers
    stay on one line."""
    return whole(say(sentence))


def whole(text: str) -> Markup:
    """Somebody's own text: codes in groups, numbers and short names on one line. As it was typed, so
    that it is found and copied as it is."""
    parts, end = [], 0
    for found in WHOLE.finditer(text):
        parts += [escape(text[end:found.start()]), house(found[1]) if found[1] else
                  Markup('<span class="unbroken">{}</span>').format(found[0])]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def shown(value: Any, name: str = "") -> Any:
    """Any value of a column as people read it."""
    if value in (None, [], ""):
        return "—"
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if name in STATES and isinstance(value, str):
        return Markup('<span class="badge {}">{}</span>').format(tone(value), say(str(value)))
    if isinstance(value, StrEnum):
        return say(value.value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        over = PAST.get(name) if value < local(clock.now()).date() else None
        return Markup('{} <span class="badge bad">{}</span>').format(
            day(value), say(over)) if over else day(value)
    if isinstance(value, Decimal):
        many = value >= 1_000_000 and value == value.to_integral_value()
        return cells(int(value)) if many else decimal_mark(plain_decimal(value))
    if isinstance(value, int) and ("cells" in name or name.startswith("dose")):
        return cells(value)
    if isinstance(value, Thing):
        return Markup('<a href="{}">{}</a>').format(
            address(value), marked(value.title))
    if isinstance(value, (list, tuple)):
        return ", ".join(str(say(part) if name in WORDED else part) for part in value)
    if name in WORDED or name.endswith("signature_id"):
        return say(value)
    if name in KEYED and isinstance(value, str):
        return words(value)
    return whole(str(value))


def plain_text(value: Any) -> str:
    """A value of a column for a file: moments with their zone, numbers without a space."""
    if value in (None, []):
        return ""
    if isinstance(value, datetime):
        return value.astimezone(settings().zone).isoformat(timespec="minutes")
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Thing):
        return value.title
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def sealed(value: Any, name: str = "") -> Any:
    """A value of a sealed record: its own text, moments on the site's clock, and amounts with the
    reader's decimal mark, which no number that somebody gave a thing or a document has."""
    if isinstance(value, str) and name in amounts():
        return decimal_mark(value)
    if isinstance(value, str) and SEALED_MOMENT.fullmatch(value):
        return moment(datetime.fromisoformat(value))
    if isinstance(value, str) and SEALED_DAY.fullmatch(value):
        with suppress(ValueError):  # looks like a day, and is none
            return day(date.fromisoformat(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return parted(value)  # exact: this is what is signed
    if name in KEYED and isinstance(value, str):
        return words(value)
    if name in JUDGED and isinstance(value, str) and (found := OF_A_TEST.fullmatch(value)):
        return f"{words(found[1])}{language.colon()}{say(stands.WORDS[found[2]])}"
    return shown(say(value))


def columns_alike(value: Any) -> list[str] | None:
    """The columns of a list that is a table: two or more rows with the same plain columns."""
    if not isinstance(value, list) or len(value) < 2 or not all(
            isinstance(row, dict) and list(row) == list(value[0]) for row in value):
        return None
    plain = all(not isinstance(cell, (dict, list)) for row in value for cell in row.values())
    return list(value[0]) if plain else None


def words(name: str) -> str:
    """A column's name as a label: ``seeded_at`` is ``Seeded``, ``volume_ml`` is ``Volume (mL)``."""
    label, unit = label_of(name)
    return f"{say(label)} ({unit})" if unit else say(label)


def label_of(name: str) -> tuple[str, str]:
    """The label and the unit that a column's name holds, in English."""
    if name != "second_id":  # nobody's second name or allele
        name = name.removesuffix("_id")
    if name not in ("done_at", "dose_per_kg") and " " not in name:
        for ending, unit in (("_ml", "mL"), ("_cm2", "cm²"), ("_percent", "%"), ("_c", "°C"),
                             ("_kg", "kg"), ("_at", ""), ("_on", "")):
            if name.endswith(ending):
                return _label(name.removesuffix(ending)), unit
    return _label(name), ""


def _label(name: str) -> str:
    plain = name if " " in name else name.replace("_", " ").replace("-", " ")
    return SHORT_FORMS.get(plain, plain[:1].upper() + plain[1:])


def address(thing: Thing) -> str:
    """The page of a thing."""
    return url_for("web.thing", place=thing.SLUG, code=thing.code)


def navigation() -> list[Group]:
    """The pages this person works with, in groups."""
    return ways_of(g.get("actor"), request.path)


def alerts_waiting() -> int:
    """How many alerts wait to be acknowledged by somebody of this person's roles."""
    return sum(row.waiting for row in read(_WAITING, {}) if row.role in g.actor.roles)


def trail_state() -> dict[str, Any] | None:
    """How long the trail is and when it was last written, for the foot of each page."""
    head = session.execute(sa.select(Head.sequence, Head.at)).one_or_none()
    return {"sequence": head.sequence, "at": head.at} if head else None


@cache  # a page names seventeen
def _asset(folder: Path, name: str) -> str:
    return f"{name}?v={hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]}"


def install(app: Flask) -> None:
    """Put all of it at hand in the templates."""
    folder = Path(app.static_folder or "")
    app.url_map.converters |= {"code": CodeConverter, "slug": SlugConverter}
    language.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"moment": moment, "day": day, "cells": cells, "shown": shown,
                              "sealed": sealed, "tone": tone, "words": words,
                              "changes": changes, "marked": marked, "whole": whole,
                              "powers": powers,
                              "spaced": spaced, "cut": cut}
    app.jinja_env.globals |= {
        "address": address, "address_of": possible.address_of,
        "possibilities": possible.possibilities, "ways_on": possible.ways_on, "bad_news": bad_news,
        "RECALLED": RECALLED, "beginnings": possible.beginnings, "about": possible.about,
        "history": history, "trail_state": trail_state, "navigation": navigation, "alerts_waiting": alerts_waiting,
        "belongs_to": whose, "followed": followed, "columns_alike": columns_alike,
        "settings": settings, "now": clock.now, "person": lambda: g.get("actor"),
        "here": lambda: request.path,
        "asset": lambda name: f"{request.script_root}{app.static_url_path}/{_asset(folder, name)}"}
