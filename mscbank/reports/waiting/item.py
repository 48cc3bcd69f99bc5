"""One line of a worklist, and how pressing it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mscbank.database import session
from mscbank.rules import count_told
from mscbank.settings import local

MOST = 30


@dataclass(frozen=True)
class Item:
    """One line: the thing, what is to be done, when at the latest. ``act`` is the word of the act
    in its address where one leads there at once."""

    thing: Any
    sentence: str
    due_at: datetime | None = None
    overdue: bool = False
    today: bool = False
    title: str = ""
    path: str = ""

    @property
    def urgency(self) -> tuple[bool, bool, float]:
        """Overdue first, then what is due, the earliest first; last what has no time."""
        due = self.due_at
        return not self.overdue, due is None, due.timestamp() if due else 0.0


def item(thing: Any, sentence: str, due: datetime | None, at: datetime, **more: str) -> Item:
    """The line, as pressing as it is now."""
    overdue = due is not None and due < at
    return Item(thing, sentence, due, overdue, due is not None and not overdue
                and local(due).date() == local(at).date(), **more)


def everything(statement: Any) -> list[Any]:
    """The first of what is asked for, and one more, so that it is seen that there are more."""
    return list(session.scalars(statement.limit(MOST + 1)))


def span(seconds: float) -> str:
    """``1 h 52 min``, ``8 min``; days beyond two of them."""
    minutes = int(seconds // 60)
    if minutes >= 48 * 60:
        return count_told(minutes // (24 * 60), "day")
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
