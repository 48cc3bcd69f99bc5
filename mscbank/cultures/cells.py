"""How many cells there are, went on and are left, and how often they have doubled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from mscbank import lineage, things
from mscbank.cultures import rules
from mscbank.cultures.models import Culture
from mscbank.database import session
from mscbank.donors.service import decision_covers
from mscbank.harvests.models import Harvest
from mscbank.lineage import Derivation, Link
from mscbank.recipients.service import protocol_of
from specs.protocol import CultureRules


def culture_limits(harvest: Harvest) -> CultureRules:
    """The limits for cultures in the protocol this harvest's recipient takes part in."""
    return protocol_of(harvest.donor.recipient).culture


def donor_accepted(harvest: Harvest) -> None:
    """Refuse unless the donor's decision accepts and was signed over the tests that stand now."""
    donor = harvest.donor
    rules.donor_accepted(donor.decision and donor.decision.outcome)
    rules.decision_covers(decision_covers(donor), donor.number)


def cells_given(code: str) -> int:
    """Cells of this harvest or culture that went on into cultures and lots."""
    total = sa.select(sa.func.sum(Derivation.cells)).where(Derivation.parent == code)
    return int(session.scalar(total) or 0)


def cells_left(culture: Culture) -> int:
    """Viable cells counted and not yet passed on or filled; 0 before the count."""
    return culture.count.viable_cells - cells_given(culture.code) if culture.count else 0


def doublings(culture: Culture) -> Decimal | None:
    """Population doublings of this passage. None before the count, when nothing was viable, and
    for P0 where the colony-forming cells are not known (marrow is mostly other cells)."""
    start = culture.colony_forming if culture.passage == 0 else culture.seeded_cells
    if not start or not culture.count or not culture.count.viable_cells:
        return None
    return rules.population_doublings(start, culture.count.viable_cells)


def cumulative_doublings(culture: Culture) -> Decimal:
    """Doublings of this culture and all before it, as far as known (see ``reached``)."""
    family = [culture.code, *lineage.ancestors(culture.code)]
    cultures = session.scalars(sa.select(Culture).where(Culture.code.in_(family))
                               .options(selectinload(Culture.counts))).all()
    return reached(cultures, lineage.edges_among(family))[culture.code]


def reached(cultures: Iterable[Culture], edges: Iterable[Derivation | Link]) -> dict[str, Decimal]:
    """Cumulative doublings of each culture by its code, along the derivations among them.

    Of pooled parents the oldest counts. A passage that lost cells counts as 0: those left did
    not grow younger. Cells that were frozen between two passages go on where they stopped.
    """
    ordered = sorted(cultures, key=lambda culture: (culture.passage, culture.id))
    parents: dict[str, list[str]] = {}
    for edge in edges:
        parents.setdefault(edge.child, []).append(edge.parent)
    found: dict[str, Decimal] = {}

    def before(code: str) -> Decimal:
        return max((found[parent] if parent in found else before(parent)
                    for parent in parents.get(code, ())), default=Decimal(0))

    for culture in ordered:
        own = max(doublings(culture) or Decimal(0), Decimal(0))
        found[culture.code] = own + before(culture.code)
    return found


def doubling_time(culture: Culture) -> timedelta | None:
    """How long one doubling took in this passage; None where ``doublings`` is not known."""
    if doublings(culture) is None or culture.count is None:
        return None
    start = culture.colony_forming if culture.passage == 0 else culture.seeded_cells
    first = culture.counts[0]
    return rules.doubling_time(start or 0, culture.count.viable_cells, first.at - culture.seeded_at)


def sources(culture: Culture, total: int, pooled_with: Sequence[Mapping],
            *, field: str) -> list[tuple[Culture, int]]:
    """Who gives how many of ``total`` cells: each pooled culture what it is named with, this one
    the rest. Refuses other harvests, uncounted cultures, and more than is left."""
    pooled = [(things.get(Culture, part["culture"], field="pooled_with"), part["cells"])
              for part in pooled_with]
    parents = [(culture, total - sum(cells for _, cells in pooled)), *pooled]
    rules.named_once([parent.code for parent, _ in parents], field="pooled_with",
                     what="the cultures")
    rules.one_harvest(parent.harvest_id for parent, _ in parents)
    for parent, cells in parents:
        rules.may_give_cells(parent)
        rules.enough_viable_cells(parent.title, cells, cells_left(parent),
                                  field=field if parent is culture else "pooled_with")
        rules.within_doublings(cumulative_doublings(parent),
                               culture_limits(culture.harvest).population_doublings_max)
    return parents


def end_as(parents: Sequence[tuple[Culture, int]], word: str, at: datetime) -> None:
    """The vessels are empty; what is left in suspension may still go on. The first end stands."""
    for parent, _ in parents:
        if parent.ended_at is None:
            parent.ended_at, parent.ended_as, parent.next_due_at = at, word, None
