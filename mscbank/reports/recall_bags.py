"""The bags of a recall: where each is, who has it, whom it is for, and what speaks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from mscbank.accounts.models import Account, Alert
from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag, Lot
from mscbank.custody.models import Journey
from mscbank.database import session
from mscbank.infusions.models import Infusion
from mscbank.labelling.models import LabelCopy
from mscbank.recipients.models import Recipient
from mscbank.release.models import Decision, Hold
from mscbank.reports.sheets import csv_of
from mscbank.rules import day_told
from mscbank.settings import local


class Relation(StrEnum):
    THIS = "this"
    BEFORE = "before"
    AFTER = "after"
    SAME_ORIGIN = "same origin"


# The order of what matters most to whoever recalls.
GONE_FURTHEST = (Place.INFUSED, Place.INFUSING, Place.RECEIVED, Place.ISSUED, Place.RETURNED,
                 Place.STORED, Place.FILLED, Place.DESTROYED)
CONCERNED = (Relation.THIS, Relation.AFTER)


@dataclass(frozen=True)
class BagLine:
    """One bag: where it is, who has it, whom it is for, and what speaks of it."""

    relation: Relation
    bag: Bag
    where: str
    holder: str
    recipient: Recipient
    infused_into: Recipient | None
    holds: tuple[str, ...]
    labels: str
    decided: str
    alerts: tuple[str, ...]


def bag_lines(lots: list[Lot], relations: dict[str, Relation]) -> list[BagLine]:
    """A line for each bag of the tree, those that went furthest first."""
    ids = [lot.id for lot in lots]
    of_bag = sa.select(Bag.id).where(Bag.lot_id.in_(ids))
    bags = session.scalars(sa.select(Bag).where(Bag.lot_id.in_(ids)).order_by(Bag.id).options(
        joinedload(Bag.storage_place))).all()
    journeys = _by(Journey, lambda row: row.bag_id, Journey.bag_id.in_(of_bag))
    copies = _by(LabelCopy, lambda row: row.bag_id, LabelCopy.bag_id.in_(of_bag))
    infusions = _by(Infusion, lambda row: row.bag_id, Infusion.bag_id.in_(of_bag),
                    options=(joinedload(Infusion.recipient),))
    decisions = _by(Decision, lambda row: row.lot_id, Decision.lot_id.in_(ids),
                    options=(joinedload(Decision.signature),))
    holds = _by(Hold, lambda row: (row.lot_id, row.bag_id), sa.and_(
        Hold.lifted_at.is_(None), sa.or_(Hold.lot_id.in_(ids), Hold.bag_id.in_(of_bag))))
    alerts = _by(Alert, lambda row: row.about, sa.and_(Alert.acknowledged_at.is_(None), sa.or_(
        Alert.about.in_([lot.code for lot in lots]),
        Alert.about.in_(sa.select(Bag.code).where(Bag.lot_id.in_(ids))))))
    names = _names([rows[-1] for rows in journeys.values()])
    return sorted((
        BagLine(
            relations[bag.code], bag, _where(bag, journeys.get(bag.id), into := _into(
                infusions.get(bag.id))), _holder(bag, journeys.get(bag.id), into, names),
            bag.lot.harvest.donor.recipient, into,
            tuple(hold.reason for key in ((bag.lot_id, None), (None, bag.id))
                  for hold in holds.get(key, ())),
            _labels(copies.get(bag.id, [])), _decided(decisions.get(bag.lot_id, [])),
            tuple(alert.sentence for code in (bag.lot.code, bag.code)
                  for alert in alerts.get(code, ())))
        for bag in bags if bag.code in relations), key=_furthest)


def _furthest(line: BagLine) -> tuple[bool, int, int]:
    return (line.relation not in CONCERNED, GONE_FURTHEST.index(line.bag.place), line.bag.id)


def _by(model: type[Any], key: Callable[[Any], Any], where: Any,
        options: tuple[Any, ...] = ()) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for row in session.scalars(sa.select(model).where(where).order_by(model.id).options(*options)):
        found.setdefault(key(row), []).append(row)
    return found


def _names(journeys: Iterable[Journey]) -> dict[int, str]:
    people = {person for row in journeys for person in (row.given_by_id, row.received_by_id)}
    return {id_: name for id_, name in session.execute(
        sa.select(Account.id, Account.name).where(Account.id.in_(people - {None})))}


def _into(infusions: list[Infusion] | None) -> Recipient | None:
    return infusions[0].recipient if infusions else None


def _where(bag: Bag, journeys: list[Journey] | None, into: Recipient | None) -> str:
    if bag.storage_place is not None:
        return bag.storage_place.title
    if into is not None:
        return f"in {into.number}"
    if journeys and bag.place in (Place.ISSUED, Place.RECEIVED):
        on_the_way = "on the way to " if bag.place is Place.ISSUED else ""
        return f"{on_the_way}{journeys[-1].destination}, box {journeys[-1].box}"
    if journeys and bag.place is Place.RETURNED:
        return f"came back from {journeys[-1].destination}"
    return {Place.FILLED: "in no position yet", Place.DESTROYED: "destroyed"}.get(bag.place, "")


def _holder(bag: Bag, journeys: list[Journey] | None, into: Recipient | None,
            names: dict[int, str]) -> str:
    if into is not None:
        return into.number
    if journeys and bag.place is Place.ISSUED:
        return f"in transit, given out by {names[journeys[-1].given_by_id]}"
    if journeys and bag.place is Place.RECEIVED:
        return names[journeys[-1].received_by_id]
    return "nobody" if bag.place is Place.DESTROYED else "laboratory"


def _labels(copies: list[LabelCopy]) -> str:
    """``2 printed; copy 2 applied``: what hangs on the bag, and how many were made."""
    printed = sum(copy.printed_at is not None for copy in copies)
    now = next((copy for copy in reversed(copies) if copy.voided_at is None), None)
    state = "" if now is None else "applied" if now.applied_at else "not applied"
    return f"{printed} printed" + (f"; copy {now.number} {state}" if now else "; none valid")


def _decided(decisions: list[Decision]) -> str:
    """Every decision on the lot in its order, who signed it."""
    return "; ".join(
        f"{each.standing} {day_told(local(each.recorded_at))}, "
        + (f"signed {each.signature.name}" if each.signature else "found by the bank itself")
        for each in decisions)


HEADER = ("Relation", "Bag", "House code", "Lot", "Standing of the lot", "Place", "Where exactly",
          "Who has it", "There since", "Made for", "Infused into", "Viable cells", "Volume in mL",
          "Usable until", "Holds in force", "Labels", "Decisions on the lot", "Open alerts")


def as_csv(lines: Iterable[BagLine]) -> str:
    """The bags of a recall, a line each, in the order of the page."""
    return csv_of(HEADER, ((
        line.relation, line.bag.title, line.bag.code, line.bag.lot.number, line.bag.lot.standing,
        line.bag.place, line.where, line.holder, _iso(line.bag.place_since),
        line.recipient.number, line.infused_into.number if line.infused_into else None,
        line.bag.viable_cells, line.bag.volume_ml, _iso(line.bag.usable_until),
        "; ".join(line.holds), line.labels, line.decided, " ".join(line.alerts))
        for line in lines))


def _iso(moment: datetime) -> str:
    """On the site's clock, with its offset."""
    return local(moment).isoformat(timespec="minutes")
