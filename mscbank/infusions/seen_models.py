"""What is remembered of what was seen beside a running bag: vital signs and reactions.

Each row is written once. A slip is corrected by a further row that says everything anew and points
at the one it corrects; what was written beside the wrong bag is withdrawn by one that repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from mscbank.rules import moment_told
from mscbank.settings import local
from mscbank.things import Recorded, Thing
from mscbank.usual import Plausible

if TYPE_CHECKING:
    from mscbank.infusions.models import Infusion


class Seen(Recorded, Thing):
    """Something seen beside a bag at its hour. ``SAID`` names the columns that tell what it was."""

    __abstract__ = True
    SAID: ClassVar[tuple[str, ...]] = ()
    at: Mapped[datetime]
    withdrawn: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(sa.String(500))

    @declared_attr
    def infusion_id(cls) -> Mapped[int]:
        return mapped_column(sa.ForeignKey("infusion.id"), index=True)

    @declared_attr
    def corrects_id(cls) -> Mapped[int | None]:
        return mapped_column(sa.ForeignKey(f"{cls.__tablename__}.id"), unique=True)

    @property
    def said(self) -> dict[str, Any]:
        """What the row tells, by column."""
        return {name: getattr(self, name) for name in self.SAID}


def _further() -> tuple[sa.CheckConstraint, ...]:
    """What holds of a further row: it says why, and only it withdraws."""
    return (sa.CheckConstraint("(corrects_id IS NULL) = (reason IS NULL)", name="corrected_why"),
            sa.CheckConstraint("NOT withdrawn OR corrects_id IS NOT NULL", name="withdraws_one"))


class Observation(Plausible, Seen):
    """Vital signs during and after: degrees Celsius, mmHg, per minute, per cent."""

    __tablename__ = "observation"
    KIND, SLUG = "KV", "vital-signs"
    SAID = ("at", "temperature_c", "pulse", "systolic", "diastolic", "saturation", "why_unusual")
    temperature_c: Mapped[Decimal]
    pulse: Mapped[int]
    systolic: Mapped[int]
    diastolic: Mapped[int]
    saturation: Mapped[int]
    infusion: Mapped[Infusion] = relationship(back_populates="observations")
    __table_args__ = (
        *_further(),
        sa.CheckConstraint("CAST(temperature_c AS NUMERIC) BETWEEN 25 AND 45", name="temperature"),
        sa.CheckConstraint("pulse BETWEEN 0 AND 300", name="pulse"),
        sa.CheckConstraint("systolic BETWEEN 20 AND 300 AND diastolic BETWEEN 10 AND 250",
                           name="pressure"),
        sa.CheckConstraint("saturation BETWEEN 0 AND 100", name="saturation"),
    )

    @property
    def title(self) -> str:
        return f"Vital signs of {moment_told(local(self.at))}"


class Reaction(Seen):
    """Something seen during or after the infusion, in CTCAE words, reported from the bedside.
    ``death``: the person who reported grade 5 was asked once more."""

    __tablename__ = "reaction"
    KIND, SLUG = "KR", "reactions"
    SAID = ("at", "term", "grade", "death", "done")
    term: Mapped[str] = mapped_column(sa.String(80))
    grade: Mapped[int]
    death: Mapped[bool]
    done: Mapped[str] = mapped_column(sa.String(500))
    infusion: Mapped[Infusion] = relationship(back_populates="reactions")
    __table_args__ = (
        *_further(),
        sa.CheckConstraint("grade BETWEEN 1 AND 5", name="grade_range"),
        sa.CheckConstraint("(grade = 5) = death", name="death_confirmed"),
    )

    @property
    def title(self) -> str:
        return f"Reaction of {moment_told(local(self.at))}"


Row = TypeVar("Row", bound=Seen)


def chains(rows: Iterable[Row]) -> list[list[Row]]:
    """Each row that was first written with what corrected it, one after the other, the last of them
    telling what counts; in the order of the hours that count."""
    found = list(rows)
    after = {each.corrects_id: each for each in found if each.corrects_id is not None}
    made = []
    for each in found:
        if each.corrects_id is None:
            chain = [each]
            while later := after.get(chain[-1].id):
                chain.append(later)
            made.append(chain)
    return sorted(made, key=lambda chain: (chain[-1].at, chain[0].id))


def standing(rows: Iterable[Row]) -> list[Row]:
    """The rows that nobody corrected or withdrew."""
    return [chain[-1] for chain in chains(rows) if not chain[-1].withdrawn]
