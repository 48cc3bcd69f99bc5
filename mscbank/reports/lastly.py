"""What was given when an act was done the last time: for a form to say it, or to begin with it.

Settings that stay from one time to the next (reagents, vessels, a box) are filled in; what is
measured never is: it is shown beside the box, so that nobody records yesterday's number.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mscbank.acts import Act
from mscbank.audit.models import Entry
from mscbank.database import session
from mscbank.permissions import Actor

# Filled in from the last time this was done to the same thing, or else by the same person.
SAME_THING = {"feed": ("reagents",), "issue labels": ("stock", "language"),
              "reprint": ("stock", "language"), "record marker": ("laboratory",)}
SAME_PERSON = {"seed": ("vessel", "vessels"), "passage": ("vessel", "vessels"),
               "fill": ("volume_ml",), "issue": ("box", "destination"),
               "take sample": ("destined",), "send sample": ("laboratory",),
               "record marker": ("laboratory",), "add box": ("tank", "rack"),
               "consent": ("document",), "issue labels": ("stock", "language")}
# Measured: said beside the box, of the same thing only.
SHOWN = {"weigh": ("kg",), "feed": ("confluence",), "observe": (
    "confluence", "temperature_c", "pulse", "systolic", "diastolic", "saturation"),
    "count": ("total_cells", "viable_cells"), "read temperature": ("celsius",),
    "passage": ("seeded_cells",)}


@dataclass(frozen=True)
class Last:
    """A value of the last time, when that was, and whether the form begins with it."""

    value: Any
    at: datetime
    filled: bool


def given(act: Act, code: str | None, by: Actor) -> dict[str, Last]:
    """What was given last for the boxes of an act's form."""
    found: dict[str, Last] = {}
    if code and (act.name in SHOWN or act.name in SAME_THING):
        found |= _of(act.name, SHOWN, Entry.subject == code, filled=False)
        found |= _of(act.name, SAME_THING, Entry.subject == code, filled=True)
    if act.name in SAME_PERSON:
        found = _of(act.name, SAME_PERSON, Entry.by == by.code, filled=True) | found
    return {name: last for name, last in found.items() if last.value not in (None, "", [])}


def _of(name: str, chart: dict[str, tuple[str, ...]], whose: Any, *, filled: bool,
        ) -> dict[str, Last]:
    if name not in chart:
        return {}
    entry = session.scalar(sa.select(Entry).where(Entry.act == name, whose)
                           .order_by(Entry.sequence.desc()).limit(1))
    if entry is None:
        return {}
    facts = json.loads(entry.body)["facts"]
    at = datetime.fromisoformat(entry.at)
    return {box: Last(facts[box], at, filled) for box in chart[name] if box in facts}
