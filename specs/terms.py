"""The terms adverse events are named with: a closed list per version of CTCAE, as data.

A version whose list is not here has no terms: every event of such a protocol is told in words.
"""
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OTHER = "Other, specify"
ADDED = "Of the study itself"
FOLDER = "terms"


@dataclass(frozen=True)
class Term:
    """A term, and the system organ class it stands under."""

    name: str
    organ_class: str


@cache
def terms(version: str) -> tuple[Term, ...]:
    """The terms of a version of CTCAE in alphabetical order; none where its list is not here."""
    page = files("specs") / FOLDER / f"ctcae-{version}.toml"
    if not page.is_file():
        return ()
    sheet = tomllib.loads(page.read_text(encoding="utf-8"))
    found = [Term(name, group) for group, names in sheet["terms"].items() for name in names]
    found += [Term(name, ADDED) for name in sheet["added"]]
    return tuple(sorted(found, key=lambda term: term.name.lower()))


def versions() -> tuple[str, ...]:
    """The versions whose lists are here."""
    return tuple(sorted(page.name.removeprefix("ctcae-").removesuffix(".toml")
                        for page in (files("specs") / FOLDER).iterdir()))


@cache
def organ_class(version: str, name: str) -> str | None:
    """The system organ class of a term; None for what the list does not know."""
    return next((term.organ_class for term in terms(version) if term.name == name), None)
