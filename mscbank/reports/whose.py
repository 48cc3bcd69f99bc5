"""Of what and for whom a thing is: two families' things may bear the same name, and a result that is
written to the wrong one is released with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures.models import Culture
from mscbank.custody.models import Excursion, Journey
from mscbank.database import session
from mscbank.donors.models import Donor
from mscbank.followup.event_models import AdverseEvent
from mscbank.followup.models import Visit
from mscbank.harvests.models import Harvest
from mscbank.infusions.models import Check, Infusion, Observation, Order, Reaction
from mscbank.labelling.models import LabelCopy
from mscbank.recipients.models import Recipient, Wristband
from mscbank.release.models import Decision
from mscbank.reports.lists import by_codes
from mscbank.testing.models import Investigation, Result, Sample
from mscbank.things import Thing

# One step towards the recipient: a relationship, or of two kinds the column that holds a code.
_TOWARDS: dict[type[Any], str] = {
    Investigation: "result", Result: "sample", Sample: "taken_from", LabelCopy: "about",
    Decision: "lot", Check: "bag", Infusion: "bag", Excursion: "journey", Journey: "bag",
    Bag: "lot", Lot: "harvest", CryoUnit: "culture", Culture: "harvest", Harvest: "donor",
    Donor: "recipient", Order: "recipient", Visit: "recipient", AdverseEvent: "recipient",
    Wristband: "recipient", Observation: "infusion", Reaction: "infusion"}
# Their own names do not tell them apart: what they were taken from does.
UNTOLD = (Sample, Result, Investigation)
# Of these the name does not say for whom they are.
FOR_SOMEBODY = (*UNTOLD, Bag, CryoUnit, Culture, Infusion, Lot)


def whose(thing: Thing) -> list[Thing]:
    """What it was taken from, where its own name does not say so, and the recipient; empty for what
    belongs to no family."""
    return whose_each([thing])[thing.code]


def whose_each(found: Iterable[Thing]) -> dict[str, list[Thing]]:
    """The same of many things by their codes: one question for each kind and step."""
    ways: dict[str, list[Any]] = {one.code: [one] for one in found}
    while ends := {way[-1] for way in ways.values() if type(way[-1]) in _TOWARDS}:
        # Kind after kind as they stand above: what one step has read, the next does not ask for.
        after = {one: step for kind in _TOWARDS if (own := [
            end for end in ends if type(end) is kind]) for one, step in _steps(kind, own)}
        for way in ways.values():
            if way[-1] in after:
                way.append(after[way[-1]])
    return {code: _told(way[0], way[1:]) for code, way in ways.items()}


def _told(thing: Thing, way: list[Any]) -> list[Thing]:
    source = [one for one in way if one and not isinstance(one, UNTOLD)][:1]
    return [*(source if isinstance(thing, UNTOLD) else ()),
            *(one for one in way if isinstance(one, Recipient))]


def _steps(kind: type[Any], ends: list[Any]) -> list[tuple[Any, Any]]:
    name = _TOWARDS[kind]
    towards = sa.inspect(kind).relationships.get(name)
    if towards is None:
        known = by_codes({getattr(one, name) for one in ends})
        return [(one, known.get(getattr(one, name))) for one in ends]
    (column,) = towards.local_columns
    absent = {getattr(one, column.key) for one in ends if towards.mapper.identity_key_from_primary_key(
        (getattr(one, column.key),)) not in session.identity_map}
    target = towards.mapper.class_
    read = session.scalars(sa.select(target).where(target.id.in_(absent))).all() if absent else ()
    stepped = [(one, getattr(one, name)) for one in ends]
    del read  # held until each of them was asked for
    return stepped
