"""The reader's language: which it is, and how words and sentences are shown in it.

Flask-Babel is used in this file alone. The language of a request is the reader's own choice (kept
with the account, or in a cookie while nobody is signed in), else what the browser asks for, else
``MSCBANK_LANGUAGE``. Machines are answered in English unless their Accept-Language asks for another.

Only what is shown changes. What is recorded, signed, hashed or sent to a machine as a value of a
closed list is the same whoever reads; so the trail and a signature's digest know no language.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import flask_babel
from babel.support import Translations
from flask import Flask, g, has_request_context, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from mscbank.accounts import preferences
from mscbank.reports.layout import Shape
from mscbank.rules import parted
from mscbank.settings import settings
from mscbank.translations.english import of_script
from mscbank.translations.phrases import MONTHS, Phrases
from mscbank.web.doors import for_machines

LANGUAGES = {"en": "English", "fr": "Français"}
COOKIE = "msc_language"
FOLDER = Path(__file__).resolve().parents[1] / "translations"


def install(app: Flask) -> None:
    """Let every template speak the reader's language."""
    flask_babel.Babel(app, locale_selector=_select, configure_jinja=False,
                      default_translation_directories=str(FOLDER))
    app.before_request(flask_babel.refresh)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True)
    app.jinja_env.globals |= {"_": gettext, "gettext": gettext, "ngettext": ngettext,
                              "language": language, "colon": colon, "LANGUAGES": LANGUAGES,
                              "script_words": script_words}
    app.jinja_env.filters |= {"say": say, "heading": heading, "pieces": pieces}
    app.jinja_env.finalize = in_words


def language() -> str:
    """The reader's language, as in ``<html lang>``."""
    locale = flask_babel.get_locale()
    return locale.language if locale else "en"


def _select() -> str:
    if not has_request_context():
        return "en"
    if for_machines():
        return request.accept_languages.best_match(list(LANGUAGES), "en") or "en"
    return _chosen() or request.accept_languages.best_match(list(LANGUAGES)) or settings().language


def _chosen() -> str | None:
    person = g.get("actor")
    chosen = preferences.language_of(person.id) if person else None
    chosen = chosen or request.cookies.get(COOKIE)
    return chosen if chosen in LANGUAGES else None


@cache
def _translations(which: str) -> Any:
    return Translations.load(str(FOLDER), [which])


@cache
def phrases(which: str) -> Phrases:
    """The catalogue of a language, as sentences."""
    found = _translations(which)
    catalogue = {english: told for english, told in getattr(found, "_catalog", {}).items()
                 if isinstance(english, str) and english}
    return Phrases(catalogue, which)


@cache
def _script_words(which: str) -> dict[str, str]:
    texts = [text for path in sorted((FOLDER.parent / "static").glob("*.js"))
             for text in of_script(path.read_text())]
    known = phrases(which).exact
    return {text: known[text] for text in texts if text in known}


def script_words() -> dict[str, str]:
    """What scripts say, in the reader's language; nothing where that is English."""
    return {} if language() == "en" else _script_words(language())


def say(sentence: Any) -> Any:
    """A sentence, title or word of the source in the reader's language; markup as it is."""
    if isinstance(sentence, Markup) or not isinstance(sentence, str):
        return sentence
    which = language()
    return str(sentence) if which == "en" else phrases(which).say(str(sentence))


def pieces(text: Any) -> Any:
    """What the bank put together out of words, names, times and amounts; never what was typed."""
    which = language()
    return text if which == "en" or isinstance(text, Markup) else phrases(which).pieces(str(text))


def in_words(value: Any) -> Any:
    """A member of a closed list as a reader's word, an amount with the reader's decimal mark; how a
    thing is drawn, and everything else, as it is."""
    if isinstance(value, Decimal):
        return decimal_mark(f"{value:f}")
    said = isinstance(value, StrEnum) and not isinstance(value, Shape)
    return say(value.value) if said else value


def heading(text: Any) -> str:
    """A phrase as a heading: its first letter large, the rest as it is."""
    told = str(say(text))
    return told[:1].upper() + told[1:]


def months() -> list[str]:
    """JAN to DEC, or JANV. to DÉC."""
    return MONTHS[language()]


def decimal_mark(number: str) -> str:
    """``8.2`` with the reader's decimal mark."""
    return number.replace(".", ",") if language() == "fr" else number


def colon() -> str:
    """What stands between a name and what is said of it: French leaves a gap before it too."""
    return "\u00a0: " if language() == "fr" else ": "


def _gettext(text: str) -> str:
    return str(_translations(language()).ugettext(text))


def _ngettext(one: str, many: str, number: int) -> str:
    return str(_translations(language()).ungettext(one, many, number))


@pass_context
def gettext(context: Context, text: str, **holes: Any) -> str:
    """A text of a template; what stands in its holes is translated in turn."""
    return _filled(context, _gettext(text), holes)


@pass_context
def ngettext(context: Context, one: str, many: str, number: int, **holes: Any) -> str:
    """A text that counts."""
    return _filled(context, _ngettext(one, many, number), {"num": parted(number)} | holes)


def _filled(context: Context, told: str, holes: dict[str, Any]) -> str:
    text = Markup(told) if context.eval_ctx.autoescape else told
    return text % {name: say(in_words(value)) for name, value in holes.items()}
