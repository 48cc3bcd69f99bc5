"""WALL CHARTS: where a bag or a cryo unit may go (*place*), what a lot may become (*standing*).

Two variables, because a late positive sterility is found after the infusion. A hold is a row, not
a state; thawing is a fact with a time. Acts, pages, README and the database's guards are drawn
from these rows. Pure data: no flask, no sqlalchemy, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mscbank.errors import WrongMoment
from mscbank.permissions import Permission
from mscbank.signatures.meanings import Meaning


class Standing(StrEnum):
    PENDING = "pending"
    CONDITIONAL = "conditional"
    CERTIFIED = "certified"
    EXCEPTIONAL = "exceptional"
    REJECTED = "rejected"
    NONCONFORMING = "nonconforming"


class Place(StrEnum):
    FILLED = "filled"
    STORED = "stored"
    ISSUED = "issued"
    RECEIVED = "received"
    INFUSING = "infusing"
    INFUSED = "infused"
    RETURNED = "returned"
    DESTROYED = "destroyed"


class UnitPlace(StrEnum):
    """Where a cryo unit is."""

    FROZEN = "frozen"
    STORED = "stored"
    THAWED = "thawed"
    DESTROYED = "destroyed"


ON_PAPER = "enter paper infusion"
RELEASED = frozenset({Standing.CONDITIONAL, Standing.CERTIFIED, Standing.EXCEPTIONAL})


@dataclass(frozen=True)
class Row:
    """One line of a chart: the act, what it leaves and enters, who, signed as, lot's standing.

    ``who`` is None where no person may: the bank does it by itself, on what is recorded.
    ``labelled``: only once the label that is on it was scanned back. ``unexpired``: not from the
    moment of its expiry on.
    """

    act: str
    leaves: frozenset[StrEnum]
    enters: StrEnum
    who: Permission | None
    signed: Meaning | None = None
    while_lot: frozenset[Standing] | None = None
    labelled: bool = False
    unexpired: bool = False


S, P, U = Standing, Place, UnitPlace


def _row(act: str, leaves: set[StrEnum], enters: StrEnum, who: Permission | None,
         signed: Meaning | None = None, while_lot: frozenset[Standing] | None = None,
         labelled: bool = False, unexpired: bool = False) -> Row:
    return Row(act, frozenset(leaves), enters, who, signed, while_lot, labelled, unexpired)


LOT_STANDING = (
    _row("release conditionally", {S.PENDING}, S.CONDITIONAL, Permission.RELEASE,
         Meaning.RELEASED_CONDITIONALLY),
    _row("certify", {S.PENDING, S.CONDITIONAL}, S.CERTIFIED, Permission.RELEASE,
         Meaning.CERTIFIED),
    _row("release exceptionally", {S.PENDING, S.CONDITIONAL}, S.EXCEPTIONAL, Permission.RELEASE,
         Meaning.RELEASED_EXCEPTIONALLY),
    _row("reject", {S.PENDING, S.CONDITIONAL}, S.REJECTED, Permission.RELEASE, Meaning.REJECTED),
    _row("declare nonconforming", {S.CONDITIONAL, S.CERTIFIED, S.EXCEPTIONAL}, S.NONCONFORMING,
         Permission.RELEASE, Meaning.NONCONFORMING),
    _row("find nonconforming", {S.CONDITIONAL, S.CERTIFIED, S.EXCEPTIONAL}, S.NONCONFORMING,
         None),
    _row("reinstate", {S.NONCONFORMING}, S.PENDING, Permission.RELEASE, Meaning.REINSTATED),
)

BAG_PLACE = (
    _row("store", {P.FILLED}, P.STORED, Permission.FILL),
    _row("issue", {P.STORED}, P.ISSUED, Permission.HAND_OVER, while_lot=RELEASED, labelled=True,
         unexpired=True),
    _row("receive", {P.ISSUED}, P.RECEIVED, Permission.HAND_OVER),
    _row("start", {P.RECEIVED}, P.INFUSING, Permission.INFUSE, while_lot=RELEASED, unexpired=True),
    # What was given while the bank could not be reached is a fact, whatever its lot is by now.
    _row(ON_PAPER, {P.RECEIVED}, P.INFUSING, Permission.INFUSE),
    _row("finish", {P.INFUSING}, P.INFUSED, Permission.INFUSE),
    _row("stop", {P.INFUSING}, P.INFUSED, Permission.INFUSE),
    _row("return", {P.ISSUED, P.RECEIVED}, P.RETURNED, Permission.HAND_OVER),
    _row("accept return", {P.RETURNED}, P.STORED, Permission.ACCEPT_RETURN,
         Meaning.RETURN_ACCEPTED, unexpired=True),
    _row("destroy", {P.FILLED, P.STORED, P.ISSUED, P.RECEIVED, P.RETURNED}, P.DESTROYED,
         Permission.DESTROY),
)

# Freezing cannot wait for a label: cells stand in their cryoprotectant. Thawing can.
UNIT_PLACE = (
    _row("store", {U.FROZEN}, U.STORED, Permission.FILL),
    _row("thaw and seed", {U.STORED}, U.THAWED, Permission.CULTURE, labelled=True, unexpired=True),
    _row("destroy", {U.FROZEN, U.STORED}, U.DESTROYED, Permission.DESTROY),
)


def row_for(chart: tuple[Row, ...], act: str) -> Row:
    """The chart's line of an act."""
    return next(row for row in chart if row.act == act)


def after(
    chart: tuple[Row, ...], act: str, now: StrEnum, *, lot: Standing | None = None,
) -> StrEnum:
    """What the act leads to from ``now``, or a refusal that says what would be needed."""
    row = row_for(chart, act)
    if now not in row.leaves:
        needed = " or ".join(sorted(row.leaves))
        raise WrongMoment(f"Cannot {act}: it is {now}, and must be {needed}.")
    if row.while_lot is not None and lot not in row.while_lot:
        needed = " or ".join(sorted(row.while_lot))
        raise WrongMoment(f"Cannot {act}: the lot is {lot}, and must be {needed}.",
                          reasons=("not released",))
    return row.enters
