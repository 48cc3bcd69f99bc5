"""The acts of this step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mscbank.acts import Act, Offer
from mscbank.cultures import reagents, rules, schemas, service
from mscbank.cultures.cells import culture_limits
from mscbank.cultures.models import Culture, ReagentLot
from mscbank.harvests.models import Harvest
from mscbank.permissions import Permission


def _may_seed(harvest: Harvest) -> None:
    service.may_be_grown(harvest)
    rules.something_left(harvest.title, _marrow_left(harvest))


def _may_passage(culture: Culture) -> None:
    rules.may_give_cells(culture)
    rules.something_left(culture.title, service.cells_left(culture))
    rules.within_passages(culture.passage + 1, culture_limits(culture.harvest).passage_limit)


def to_give(box: str, left: Callable[[Any], int]) -> Callable[[Any, Any], dict[str, Offer]]:
    """Beside this box: how many cells the thing still has to give."""
    def offers(thing: Any, _: Any) -> dict[str, Offer]:
        cells = left(thing)
        return {box: Offer(help=rules.left_told(thing.title, cells))} if cells > 0 else {}
    return offers


def _marrow_left(harvest: Harvest) -> int:
    return (harvest.nucleated_cells or 0) - service.cells_given(harvest.code)


def _made(culture: Culture) -> dict[str, Any]:
    return {"culture": culture.code, "passage": culture.passage, "density": culture.density}


ACTS: tuple[Act, ...] = (
    Act("add reagent", Permission.KEEP_REAGENTS, reagents.add_reagent, room="reagents",
        schema=schemas.AddReagentSchema),
    Act("release reagent", Permission.RELEASE_REAGENTS, reagents.release_reagent, on=ReagentLot,
        possible=lambda lot: rules.may_release_reagent(lot.title, lot.standing)),
    Act("block reagent", Permission.KEEP_REAGENTS, reagents.block_reagent, on=ReagentLot,
        schema=schemas.ReasonSchema,
        possible=lambda lot: rules.may_block_reagent(lot.title, lot.standing)),
    Act("seed", Permission.CULTURE, service.seed, on=Harvest, schema=schemas.SeedSchema,
        possible=_may_seed, answer=_made, offers=to_give("seeded_cells", _marrow_left)),
    Act("feed", Permission.CULTURE, service.feed, on=Culture, schema=schemas.FeedSchema,
        possible=rules.growing),
    Act("observe", Permission.CULTURE, service.observe, on=Culture, schema=schemas.ObserveSchema,
        possible=rules.growing),
    Act("count", Permission.CULTURE, service.count, on=Culture, schema=schemas.CountSchema,
        possible=rules.not_counted),
    Act("correct count", Permission.CULTURE, service.correct_count, on=Culture,
        schema=schemas.CorrectCountSchema, possible=rules.was_counted),
    Act("passage", Permission.CULTURE, service.passage, on=Culture, schema=schemas.PassageSchema,
        possible=_may_passage, answer=_made,
        offers=to_give("seeded_cells", service.cells_left)),
    Act("discard", Permission.CULTURE, service.discard, on=Culture, schema=schemas.ReasonSchema,
        possible=rules.not_ended),
)
