"""Recall: from any thing backwards and forwards, with every bag's place and every person affected.

*This* is what was asked for, *before* it what it was made from, *after* it what came of it. *Same
origin* is what else came of the same ancestors: a fault found in one bag may have begun upstream.
The number of queries does not grow with the number of bags.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from mscbank import things
from mscbank.accounts.models import Alert
from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures.models import Culture, ReagentLot, ReagentUse
from mscbank.cultures.reagents import used_in
from mscbank.database import session
from mscbank.donors.models import Donor
from mscbank.errors import NotKnown
from mscbank.harvests.models import Harvest
from mscbank.lineage import Derivation
from mscbank.recipients.models import Recipient
from mscbank.release.models import Deviation
from mscbank.reports.lineage import TELL
from mscbank.reports.recall_bags import (
    CONCERNED,
    GONE_FURTHEST,
    BagLine,
    Relation,
    bag_lines,
)
from mscbank.testing.models import Result, Sample
from mscbank.things import Thing


@dataclass(frozen=True)
class Step:
    """One thing of the chain that is no bag: what it is and how it stands."""

    relation: Relation
    kind: str
    thing: Any
    state: str
    date: datetime


@dataclass
class Recall:
    """Everything the page and the file show."""

    start: Thing
    steps: list[Step] = field(default_factory=list)
    bags: list[BagLine] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    @property
    def totals(self) -> list[str]:
        """Of the bags that are this or came of it: "3 infused in R-004", "2 stored"."""
        return totals(line for line in self.bags if line.relation in CONCERNED)

    @property
    def further(self) -> list[str]:
        """The same of the bags that share no more than an ancestor, or that it was made from."""
        return totals(line for line in self.bags if line.relation not in CONCERNED)

    @property
    def people(self) -> list[Recipient]:
        """Every recipient into whom a bag that is this or came of it went."""
        found = {line.infused_into for line in self.bags
                 if line.infused_into is not None and line.relation in CONCERNED}
        return sorted(found, key=lambda person: person.id)


def totals(lines: Iterable[BagLine]) -> list[str]:
    """How many bags are where, those that went furthest first."""
    counted = Counter((line.bag.place, line.infused_into.number if line.infused_into else "")
                      for line in lines)
    return [f"{many} {place}{f' in {person}' if person else ''}"
            for (place, person), many in sorted(
                counted.items(), key=lambda each: (GONE_FURTHEST.index(each[0][0]), each[0][1]))]


def recall(start: Thing) -> Recall:
    """The whole picture around a thing. Raises NotKnown for what has no family."""
    begins = _begins(start)
    after = _reached(begins, "parent", "child")
    before = _reached(begins, "child", "parent")
    relations = dict.fromkeys(_reached(before, "parent", "child"), Relation.SAME_ORIGIN)
    relations |= dict.fromkeys(before, Relation.BEFORE) | dict.fromkeys(after, Relation.AFTER)
    relations |= dict.fromkeys(begins, Relation.THIS if start.code in begins else Relation.AFTER)
    found = Recall(start)
    lots = _lots(relations)
    found.steps = _steps(start, relations, lots)
    found.bags = bag_lines(lots, relations)
    ours = [step.thing.code for step in found.steps]
    bags = sa.select(Bag.code).where(Bag.lot_id.in_([lot.id for lot in lots]))
    found.deviations = _about(Deviation, Deviation.about, ours, bags)
    found.alerts = [alert for alert in _about(Alert, Alert.about, ours, bags)
                    if alert.acknowledged_at is None]
    return found


def _begins(start: Any) -> list[str]:
    """The codes of the tree that the walk begins with."""
    if isinstance(start, (Harvest, Culture, CryoUnit, Lot, Bag)):
        return [start.code]
    if isinstance(start, ReagentLot):
        return used_in(start)
    if isinstance(start, (Donor, Recipient)):
        of = Donor.id if isinstance(start, Donor) else Donor.recipient_id
        return list(session.scalars(sa.select(Harvest.code).join(
            Donor, Harvest.donor_id == Donor.id).where(of == start.id)))
    return [_origin(start).code]


def _origin(start: Any) -> Thing:
    """What a result, a sample, a hold and so on speak of."""
    if isinstance(start, Result):
        start = start.sample
    if isinstance(start, Sample):
        return (session.get_one(Lot, start.lot_id) if start.lot_id is not None
                else things.by_code(start.taken_from))
    raise NotKnown(f"One of {start.SLUG} has no family: recall what it belongs to.")


def _reached(starts: Sequence[str], near: str, far: str) -> list[str]:
    """Codes of everything beyond ``starts`` in one direction."""
    if not starts:
        return []
    edge = Derivation.__table__
    found = (sa.select(edge.c[far].label("code")).where(edge.c[near].in_(starts))
             .cte("found", recursive=True))
    found = found.union(sa.select(edge.c[far]).join(found, edge.c[near] == found.c.code))
    return list(session.scalars(sa.select(found.c.code)))


def _lots(relations: dict[str, Relation]) -> list[Lot]:
    codes = [code for code in relations if code.startswith(Lot.KIND)]
    return list(session.scalars(
        sa.select(Lot).where(Lot.code.in_(codes)).order_by(Lot.id).options(
            joinedload(Lot.harvest).joinedload(Harvest.donor).joinedload(Donor.recipient))))


def _steps(start: Thing, relations: dict[str, Relation], lots: list[Lot]) -> list[Step]:
    """The chain in its own order: people, harvests, reagents, cultures, lots."""
    harvests = _rows(Harvest, relations, joinedload(Harvest.donor).joinedload(Donor.recipient))
    cultures = _rows(Culture, relations, selectinload(Culture.counts), joinedload(Culture.harvest))
    units = _rows(CryoUnit, relations, joinedload(CryoUnit.culture).joinedload(Culture.harvest))
    donors = {harvest.donor.id: harvest.donor for harvest in harvests}
    if isinstance(start, Donor):
        donors[start.id] = start
    people = {donor.recipient.id: donor.recipient for donor in donors.values()}
    if isinstance(start, Recipient):
        people[start.id] = start
    rows = [*people.values(), *donors.values(), *harvests, *_reagents(start, relations),
            *cultures, *units, *lots]
    return [_step(row, relations.get(row.code, _of_people(row, start))) for row in rows]


def _of_people(row: Thing, start: Thing) -> Relation:
    return Relation.THIS if row.code == start.code else Relation.BEFORE


def _rows(model: type[Any], relations: dict[str, Relation], *options: Any) -> list[Any]:
    codes = [code for code in relations if code.startswith(model.KIND)]
    return list(session.scalars(sa.select(model).where(model.code.in_(codes)).order_by(model.id)
                                .options(*options)))


def _reagents(start: Thing, relations: dict[str, Relation]) -> list[ReagentLot]:
    """What went into this, what it was made from and what came of it; or the one asked for."""
    if isinstance(start, ReagentLot):
        return [start]
    codes = [code for code, relation in relations.items() if relation != Relation.SAME_ORIGIN
             and code.startswith((Culture.KIND, CryoUnit.KIND, Lot.KIND))]
    return list(session.scalars(sa.select(ReagentLot).order_by(ReagentLot.id).where(
        ReagentLot.id.in_(sa.select(ReagentUse.reagent_lot_id).where(
            ReagentUse.used_in.in_(codes))))))


def _step(row: Any, relation: Relation) -> Step:
    kind, _, state, date = TELL[type(row)]
    return Step(relation, kind, row, str(state(row)), date(row))


def _about(model: type[Any], column: Any, codes: list[str], bags: sa.Select[Any]) -> list[Any]:
    return list(session.scalars(sa.select(model).where(
        sa.or_(column.in_(codes), column.in_(bags))).order_by(model.id)))
