"""The vessels of one harvest as one picture, each with what was measured in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from mscbank import lineage
from mscbank.bags.models import CryoUnit, Lot
from mscbank.cultures.cells import doublings
from mscbank.cultures.models import Culture, CultureCount
from mscbank.database import session
from mscbank.harvests.models import Harvest
from mscbank.lineage import Derivation, Link
from mscbank.reports.journey import address, culture_state, harvest_stop, lot_stop
from mscbank.rules import count_told, parted
from mscbank.reports.layout import (
    Edge,
    Grid,
    Picture,
    Stop,
    cells_in_words,
    day_in_words,
    draw,
)

GRID = Grid(width=186, height=168, column=250, row=184)


def vessel_tree(harvest: Harvest, here: Culture | None = None) -> Picture:
    """From the harvest down to the lots: area, density, count, viability, doublings."""
    made = [harvest, *harvest.cultures, *harvest.lots]
    return tree_of(harvest, harvest.cultures, harvest.lots,
                   lineage.links_among(thing.code for thing in made), GRID, here)


def tree_of(harvest: Harvest, cultures: Sequence[Culture], lots: Sequence[Lot],
            edges: Iterable[Derivation | Link], grid: Grid, here: Culture | None = None) -> Picture:
    """The same of these cultures and lots alone, in boxes of this size."""
    last = max((culture.passage for culture in cultures), default=0)
    stops = [harvest_stop(harvest, 0), *(_culture(culture, here) for culture in cultures),
             *(lot_stop(lot, last + 2) for lot in lots)]
    return draw(stops, [Edge(edge.parent, edge.child, edge.cells) for edge in edges], grid,
                f"The vessels made from {harvest.title}, from the marrow to the lots.")


def units_of(culture: Culture) -> Sequence[CryoUnit]:
    """The cryo units frozen from a culture, each with its position: the tree steps over them."""
    return session.scalars(
        sa.select(CryoUnit).where(CryoUnit.culture_id == culture.id).order_by(CryoUnit.number)
        .options(joinedload(CryoUnit.storage_place))).all()


def viability(count: CultureCount) -> Decimal:
    """Viable cells of all cells counted, in per cent."""
    share = Decimal(count.viable_cells) * 100 / count.total_cells
    return share.quantize(Decimal("0.1"))


def _culture(culture: Culture, here: Culture | None) -> Stop:
    state, tone = culture_state(culture)
    grown = doublings(culture)
    lines = [day_in_words(culture.seeded_at), f"{culture.vessel} × {culture.vessels}",
             f"{parted(culture.area_cm2)} cm² · {parted(culture.density)}/cm²"]
    if culture.count:
        lines.append(f"{cells_in_words(culture.count.viable_cells)} · {viability(culture.count)} %")
    if grown is not None:
        lines.append(count_told(grown.quantize(Decimal("0.1")), "doubling"))
    return Stop(culture.code, "culture", f"P{culture.passage}", tuple(lines), state, tone,
                address(culture), 1 + culture.passage,
                here=here is not None and culture.code == here.code)
