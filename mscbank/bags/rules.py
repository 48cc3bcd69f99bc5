"""What is allowed of lots, bags and places. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from mscbank.bags.lifecycle import Place, Standing
from mscbank.errors import AlreadyDone, Malformed, Unfit, WrongMoment

LONGEST_LIFE = timedelta(days=3660)  # ten years: beyond, a wrong year was typed
BAGS_MAX = 200
POSITIONS_MAX = 400


def said(text: str, *, field: str) -> None:
    """A reason is words, not spaces."""
    if not text or not text.strip():
        raise Malformed("Say why in a few words.", field=field)


def bags_sensible(bags: int, volume_ml: Decimal, cells_per_bag: int, dmso_percent: Decimal) -> None:
    """Numbers a filling can have."""
    if not 1 <= bags <= BAGS_MAX:
        raise Malformed(f"A lot has between 1 and {BAGS_MAX} bags.", field="bags")
    if not 0 < volume_ml <= 1000:
        raise Malformed("A bag holds more than 0 and at most 1000 mL.", field="volume_ml")
    if cells_per_bag <= 0:
        raise Malformed("A bag holds viable cells: more than 0.", field="cells_per_bag")
    if not 0 <= dmso_percent <= 20:
        raise Malformed("DMSO lies between 0 and 20 %.", field="dmso_percent")


def expires_later(expires_at: datetime, at: datetime) -> None:
    if expires_at.tzinfo is None:
        raise Malformed("Give the expiry with its zone.", field="expires_at")
    if expires_at <= at:
        raise Malformed("The expiry must lie ahead: check the date.", field="expires_at")
    if expires_at - at > LONGEST_LIFE:
        raise Malformed("The expiry lies more than ten years ahead: check the year.",
                        field="expires_at")


def lot_may_freeze(standing: Standing) -> None:
    if standing in (Standing.REJECTED, Standing.NONCONFORMING):
        raise WrongMoment(f"The lot is {standing}: destroy its bags.")


def bag_may_freeze(place: Place, frozen_at: datetime | None, thawed_at: datetime | None) -> bool:
    """Whether this bag still waits for the freezer; a thawed bag never does."""
    return frozen_at is None and thawed_at is None and place in (Place.FILLED, Place.STORED)


def anything_to_freeze(waiting: int) -> None:
    if not waiting:
        raise AlreadyDone("No bag of this lot waits for freezing.")


def may_thaw(title: str, place: Place, frozen_at: datetime | None,
             thawed_at: datetime | None) -> None:
    """Once, a frozen bag that is in stock or on its way to the patient."""
    if thawed_at is not None:
        raise AlreadyDone(f"{title} was thawed before: cells are thawed once.")
    if frozen_at is None:
        raise WrongMoment(f"{title} was never frozen: there is nothing to thaw.")
    if place not in (Place.STORED, Place.ISSUED, Place.RECEIVED):
        raise WrongMoment(f"Cannot thaw: it is {place}, and must be stored, issued or received.")


def not_expired(title: str, expires_at: datetime, at: datetime) -> None:
    """At the moment of expiry it is over."""
    if at >= expires_at:
        raise Unfit(f"{title} has expired: do not thaw it; destroy it.", reasons=("expired",))


def never_back_when_thawed(title: str, thawed_at: datetime | None) -> None:
    if thawed_at is not None:
        raise WrongMoment(f"{title} was thawed and is not stored again: destroy it.")


def place_free(place: str, holds: str | None) -> None:
    """One bag or cryo unit per position."""
    if holds is not None:
        raise WrongMoment(f"{place} holds {holds}: scan another place.",
                          reasons=("place taken",))


def position_named(place: Place, storage_place_id: int | None) -> None:
    """A stored bag is somewhere; any other bag is in no position."""
    if (place is Place.STORED) != (storage_place_id is not None):
        raise Malformed("Scan the position the bag goes into." if place is Place.STORED else
                        f"A bag that is {place} has no position.", field="place")


def may_relocate(title: str, place: Place) -> None:
    if place is not Place.STORED:
        raise WrongMoment(f"{title} is {place}: only a stored bag changes its position.")


def another_position(now: int | None, wanted: int) -> None:
    if now == wanted:
        raise AlreadyDone("It is in this position already.")


def box_sensible(positions: int) -> None:
    if not 1 <= positions <= POSITIONS_MAX:
        raise Malformed(f"A box has between 1 and {POSITIONS_MAX} positions.", field="positions")
