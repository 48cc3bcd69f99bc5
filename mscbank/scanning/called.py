"""What the codes in a box of a form name: people read a name, an expiry and a state, not letters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from labels import housecode
from mscbank.cultures.models import ReagentLot
from mscbank.scanning import service
from mscbank.settings import local

MOST = 40  # what one box can hold and a page can say
SHORTEST = 12  # what is shorter is no code that somebody scanned


@dataclass(frozen=True)
class Called:
    """One text of a box: the thing with its state and last day, or what is wrong with the text."""

    text: str
    thing: Any | None = None
    state: str = ""
    until: date | None = None
    over: bool = False
    problem: str = ""


def called(texts: str, at: datetime) -> list[Called]:
    """What stands in the box, a text on each line; words that are no code are left out."""
    lines = [line.strip() for line in texts.splitlines()]
    return [_called(line, at) for line in lines if _is_code(line)][:MOST]


def _is_code(line: str) -> bool:
    return housecode.is_valid(line) or (len(line) >= SHORTEST and " " not in line)


def _called(text: str, at: datetime) -> Called:
    found = service.look_up(text)
    if found.problem or found.thing is None:
        return Called(text[:service.LONGEST], found.thing, problem=found.sentence)
    until = found.thing.expires_on if isinstance(found.thing, ReagentLot) else None
    return Called(text, found.thing, found.state, until,
                  over=until is not None and until < local(at).date())
