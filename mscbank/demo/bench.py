"""The bench of the story: who acts, at what moment, with which reagents and storage places."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from mscbank import clock
from mscbank.audit import chain
from mscbank.bags import places
from mscbank.cultures import reagents
from mscbank.cultures.models import ReagentKind
from mscbank.demo.people import Cast
from mscbank.settings import settings
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal

_STOCK = (
    (ReagentKind.MEDIUM, "Alpha-MEM", "Lonza"), (ReagentKind.PLATELET_LYSATE, "Platelet lysate", "EFS"),
    (ReagentKind.ENZYME, "Trypsin-EDTA", "Macopharma"), (ReagentKind.BUFFER, "DPBS", "Macopharma"),
    (ReagentKind.CRYOPROTECTANT, "DMSO", "WAK-Chemie"), (ReagentKind.ALBUMIN, "Human albumin 4 %", "LFB"),
)


@dataclass(frozen=True)
class Attempt:
    """An act that is tried through the door everybody uses, and refused there."""

    place: str
    slug: str
    code: str
    data: dict[str, Any]
    who: str


@dataclass
class Bench:
    """What the tellers share. ``now`` is the real moment of the telling; ``reagents`` holds the
    code of the lot in use of each kind, ``bands`` that of each recipient's wristband."""

    cast: Cast
    now: datetime
    reagents: dict[ReagentKind, str] = field(default_factory=dict)
    free: deque[str] = field(default_factory=deque)
    bands: dict[str, str] = field(default_factory=dict)

    def by(self, who: str) -> dict[str, Any]:
        """``by`` and ``at`` of an act done now by this person."""
        return {"by": self.cast[who], "at": clock.now()}

    def signed(self, who: str, meaning: Meaning, record: dict[str, Any]) -> dict[str, Any]:
        """``by``, ``at`` and the seal of a person who has read this record."""
        seal = Seal(self.cast[who].id, meaning, chain.digest(record))
        return {"seal": seal, **self.by(who)}

    def use(self, *kinds: ReagentKind) -> list[str]:
        """The lots in use of these kinds."""
        return [self.reagents[kind] for kind in kinds]

    def stores(self) -> Iterator[datetime]:
        """Set up the freezer and, each January, a new lot of every reagent."""
        yield at(date(2014, 1, 6), "08:00")
        for box in ("A", "B"):
            made = places.add_box("LN2-1", "1", box, 40, **self.by("lea"))
            self.free.extend(place.code for place in made)
        for year in range(2014, self.now.year + 1):
            if year > 2014:
                yield at(date(year, 1, 4), "08:00")
            for kind, name, supplier in _STOCK:
                lot = reagents.add_reagent(
                    kind, name, f"{name[:3].upper()}{year % 100}01", supplier,
                    date(year + 1, 6, 30), **self.by("lea"))
                reagents.release_reagent(lot, **self.by("claire"))
                self.reagents[kind] = lot.code


def at(day: date, clock_time: str) -> datetime:
    """A moment on the site's clock: ``at(day, "09:30")``."""
    return datetime.combine(day, time.fromisoformat(clock_time), settings().zone)


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=8 - day.isoweekday() if day.isoweekday() > 5 else 0)
