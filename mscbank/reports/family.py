"""Everything a thing is related to, as house codes: what the trail is searched by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import ReagentLot, ReagentUse
from mscbank.custody.models import Journey
from mscbank.database import session
from mscbank.errors import NotKnown
from mscbank.release.models import Action, Deviation, Hold
from mscbank.reports import lineage
from mscbank.testing.models import Investigation, Result, Sample
from mscbank.things import Thing


def codes_of_family(thing: Thing) -> frozenset[str]:
    """The thing, the whole tree around it both ways, and what was sampled from it, found out
    about it, used in it, held, carried or investigated."""
    try:
        tree = {node.code for node in lineage.family_tree(_in_the_tree(thing)).nodes}
    except NotKnown:
        return frozenset({thing.code})  # stands beside the tree: a place, a label job
    codes = tree | {thing.code}
    samples = sa.select(Sample.id).where(sa.or_(
        Sample.taken_from.in_(codes), Sample.lot_id.in_(_ids(Lot, codes))))
    results = sa.select(Result.id).where(Result.sample_id.in_(samples))
    used = sa.select(ReagentUse.reagent_lot_id).where(ReagentUse.used_in.in_(codes))
    codes |= _codes(
        sa.select(Sample.code).where(Sample.id.in_(samples)),
        sa.select(Result.code).where(Result.id.in_(results)),
        sa.select(Investigation.code).where(Investigation.result_id.in_(results)),
        sa.select(ReagentLot.code).where(ReagentLot.id.in_(used)),
        sa.select(Journey.code).where(Journey.bag_id.in_(_ids(Bag, codes))),
        sa.select(Hold.code).where(sa.or_(Hold.lot_id.in_(_ids(Lot, codes)),
                                          Hold.bag_id.in_(_ids(Bag, codes)))))
    deviations = sa.select(Deviation.id).where(Deviation.about.in_(codes))
    return frozenset(codes | _codes(
        sa.select(Deviation.code).where(Deviation.id.in_(deviations)),
        sa.select(Action.code).where(Action.deviation_id.in_(deviations))))


def _in_the_tree(thing: Any) -> str:
    """The code of what a sample, a result, a journey and the like belong to."""
    if isinstance(thing, Result):
        return thing.sample.taken_from
    if isinstance(thing, Sample):
        return thing.taken_from
    if isinstance(thing, Journey):
        return session.get_one(Bag, thing.bag_id).code
    if isinstance(thing, Deviation):
        return thing.about
    return thing.code


def _ids(model: type[Any], codes: Iterable[str]) -> sa.Select[tuple[int]]:
    return sa.select(model.id).where(model.code.in_(codes))


def _codes(*selects: sa.Select[tuple[str]]) -> set[str]:
    return set(session.scalars(sa.union_all(*selects)))
