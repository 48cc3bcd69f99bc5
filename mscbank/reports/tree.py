"""The vessels of one harvest as one picture, each with what was measured in it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from mscbank import lineage
from mscbank.bags.models import Lot
from mscbank.cultures.cells import doublings
from mscbank.cultures.models import Culture
from mscbank.harvests.models import Harvest
from mscbank.reports.journey import address, culture_state, harvest_stop, lot_stop
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
    cultures: Sequence[Culture] = harvest.cultures
    lots: Sequence[Lot] = harvest.lots
    last = max((culture.passage for culture in cultures), default=0)
    stops = [harvest_stop(harvest, 0), *(_culture(culture, here) for culture in cultures),
             *(lot_stop(lot, last + 2) for lot in lots)]
    edges = [Edge(edge.parent, edge.child, edge.cells)
             for edge in lineage.edges_among(stop.code for stop in stops)]
    return draw(stops, edges, GRID,
                f"The vessels made from {harvest.title}, from the marrow to the lots.")


def viability(culture: Culture) -> Decimal | None:
    """Viable cells of all cells counted, in per cent. None before the count."""
    if culture.count is None:
        return None
    share = Decimal(culture.count.viable_cells) * 100 / culture.count.total_cells
    return share.quantize(Decimal("0.1"))


def _culture(culture: Culture, here: Culture | None) -> Stop:
    state, tone = culture_state(culture)
    grown = doublings(culture)
    lines = [day_in_words(culture.seeded_at), f"{culture.vessels} × {culture.vessel}",
             f"{culture.area_cm2:,} cm² · {culture.density:,}/cm²"]
    if culture.count:
        lines.append(f"{cells_in_words(culture.count.viable_cells)} · {viability(culture)} %")
    if grown is not None:
        lines.append(f"{grown.quantize(Decimal('0.1'))} doublings")
    return Stop(culture.code, "culture", f"P{culture.passage}", tuple(lines), state, tone,
                address(culture), 1 + culture.passage,
                here=here is not None and culture.code == here.code)
