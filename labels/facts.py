"""A label's facts as printed texts, by the names that layouts use.

Every field of a label is a fact of its own name; beside them stand facts made of fields (the
donation number in groups, its check character, the warnings). A layout that names a fact its kind
of label does not have is refused when it is loaded.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from . import housecode, wording
from .isbt128 import din, expiry, message
from .isbt128 import product as product_code
from .wording import WORDS, Caution, Language

Made = Callable[[Any, Language], str | tuple[str, ...]]


@dataclass(frozen=True)
class Facts:
    """`texts`: every fact as one line of text, empty where the label has none. `sentences`: the
    facts that are several statements."""

    texts: dict[str, str]
    sentences: dict[str, tuple[str, ...]]


def _warnings(label: Any, language: Language) -> tuple[str, ...]:
    return tuple(wording.caution(language, which, label.reactive_for) for which in label.cautions)


def _numbered(label: Any, language: Language) -> str:
    return f", {WORDS[language]['copy']} {label.copy}" if label.copy else ""


# The fact, the field it needs, how it is made.
_MADE: dict[str, tuple[str, Made]] = {
    "code_groups": ("code", lambda label, _: housecode.format(label.code)),
    "copy": ("code", lambda label, _: str(label.copy or "")),
    "numbered": ("code", _numbered),
    "recipient_groups": ("recipient", lambda label, _: housecode.format(label.recipient)),
    "din_groups": ("din", lambda label, _: din.format(label.din)),
    "din_check": ("din", lambda label, _: din.parse(label.din).check),
    "division": ("product", lambda label, _: product_code.parse(label.product).division),
    "expiry_utc": ("expiry", lambda label, _:
                   wording.moment_in_utc(label.expiry) if label.expiry else ""),
    "warnings": ("cautions", _warnings),
    "biohazard": ("cautions", lambda label, _:
                  str(Caution.BIOHAZARD) if Caution.BIOHAZARD in label.cautions else ""),
    "always": ("storage", lambda label, language: wording.always(language)),
}

# What a symbol may hold, the field it needs, its text.
_SYMBOLS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "code": ("code", lambda label: label.code),
    "signed": ("signed", lambda label: label.signed),
    "recipient": ("recipient", lambda label: label.recipient),
    "din": ("din", lambda label: din.to_symbol(label.din)),
    "compound": ("product", lambda label: compound(label)),
}


def compound(label: Any) -> str:
    """The ISBT 128 message of the Data Matrix: donation number, product code, expiry."""
    return message.make(din=label.din, product=label.product, expiry=expiry.make(label.expiry))


@lru_cache(maxsize=None)
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def names(kind: type) -> frozenset[str]:
    """The facts a kind of label has."""
    own = _names(kind)
    return frozenset(own) | {name for name, (needs, _) in _MADE.items() if needs in own}


def symbol_names(kind: type) -> frozenset[str]:
    """What a symbol on this kind of label may hold."""
    own = _names(kind)
    return frozenset(name for name, (needs, _) in _SYMBOLS.items() if needs in own)


def symbol_text(label: Any, name: str) -> str:
    """The text of a symbol."""
    return _SYMBOLS[name][1](label)


def facts_of(label: Any, language: Language) -> Facts:
    """Everything the label says, ready to be placed."""
    own = _names(type(label))
    texts = {name: _written(getattr(label, name)) for name in own}
    sentences = {}
    for name, (needs, make) in _MADE.items():
        if needs in own:
            made = make(label, language)
            if isinstance(made, tuple):
                sentences[name] = made
                made = ". ".join(made) + "." if made else ""
            texts[name] = made
    return Facts(texts, sentences)


def _written(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return wording.moment(value)
    if isinstance(value, date):
        return wording.day(value)
    if isinstance(value, Decimal):
        return wording.millilitres(value)
    return "" if value is None or isinstance(value, tuple) else str(value)
