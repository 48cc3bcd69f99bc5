"""The journey of a recipient's product as one picture: from the donor to the follow-up.

Left to right: donor, harvest, each passage, lot, bags, infusions, follow-up; splits and pools as
they were, by the derivations and their cell numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mscbank import lineage
from mscbank.bags.lifecycle import Place, Standing
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import Culture
from mscbank.donors.models import Donor, Eligibility
from mscbank.harvests.models import Harvest
from mscbank.followup.models import standing
from mscbank.infusions.models import Ending, Infusion
from mscbank.recipients.models import Recipient
from mscbank.reports.layout import (
    Edge,
    Grid,
    Picture,
    Stop,
    Tone,
    cells_in_words,
    day_in_words,
    draw,
)
from mscbank.rules import count_told
from mscbank.things import Thing

GRID = Grid(width=146, height=92, column=210, row=106)
STANDING_TONE = {
    Standing.PENDING: Tone.WAIT, Standing.CONDITIONAL: Tone.GOOD, Standing.CERTIFIED: Tone.GOOD,
    Standing.EXCEPTIONAL: Tone.GOOD, Standing.REJECTED: Tone.STOP,
    Standing.NONCONFORMING: Tone.STOP}
PLACE_TONE = {
    Place.FILLED: Tone.OPEN, Place.STORED: Tone.OPEN, Place.ISSUED: Tone.OPEN,
    Place.RECEIVED: Tone.OPEN, Place.INFUSING: Tone.WAIT, Place.INFUSED: Tone.DONE,
    Place.RETURNED: Tone.WAIT, Place.DESTROYED: Tone.STOP}
DONOR_TONE = {
    Eligibility.ELIGIBLE: Tone.GOOD, Eligibility.EXCEPTION: Tone.WAIT,
    Eligibility.INELIGIBLE: Tone.STOP}


def journey(recipient: Recipient, grid: Grid = GRID) -> Picture:
    """The picture of everything made for this recipient, as it stands now."""
    stops = list(_stops(recipient))
    return draw(stops, _edges(recipient, [stop.code for stop in stops]), grid,
                _told(recipient, stops))


def _stops(recipient: Recipient) -> Iterator[Stop]:
    harvests = [harvest for donor in recipient.donors for harvest in donor.harvests]
    cultures = [culture for harvest in harvests for culture in harvest.cultures]
    lots = [lot for harvest in harvests for lot in harvest.lots]
    after = 3 + max((culture.passage for culture in cultures), default=0)
    yield from map(donor_stop, recipient.donors)
    yield from map(harvest_stop, harvests)
    yield from map(_culture, cultures)
    yield from (lot_stop(lot, after) for lot in lots)
    yield from (_bag(bag, after + 1) for lot in lots for bag in lot.bags)
    yield from (_infusion(infusion, after + 2) for infusion in recipient.infusions)
    if recipient.infusions:
        yield _follow_up(recipient, after + 3)


def _edges(recipient: Recipient, codes: Iterable[str]) -> Iterator[Edge]:
    for donor in recipient.donors:
        for harvest in donor.harvests:
            yield Edge(donor.code, harvest.code)
    for edge in lineage.links_among(codes):
        # Of a bag its own box says how many cells it holds.
        yield Edge(edge.parent, edge.child, None if edge.child.startswith(Bag.KIND) else edge.cells)
    for infusion in recipient.infusions:
        yield Edge(infusion.bag.code, infusion.code)
        yield Edge(infusion.code, recipient.code)


def donor_stop(donor: Donor) -> Stop:
    """The donor, with the decision that stands."""
    decision = donor.decision
    when = decision.recorded_at if decision else donor.recorded_at
    outcome = decision.outcome if decision else None
    return Stop(donor.code, f"donor · {donor.kinship}", donor.number, (day_in_words(when),),
                outcome or "not decided yet", DONOR_TONE[outcome] if outcome else Tone.WAIT,
                address(donor), 0)


def harvest_stop(harvest: Harvest, column: int = 1) -> Stop:
    """The marrow, collected and then received."""
    there = harvest.received_at is not None
    return Stop(harvest.code, "harvest", harvest.din, (day_in_words(harvest.collected_at),),
                "received" if there else "on its way", Tone.DONE if there else Tone.WAIT,
                address(harvest), column)


def culture_state(culture: Culture) -> tuple[str, Tone]:
    """How a culture stands, in a word and its tone."""
    if culture.ended_as:
        return culture.ended_as, Tone.STOP if culture.ended_as == "discarded" else Tone.DONE
    return ("counted", Tone.WAIT) if culture.count else ("growing", Tone.OPEN)


def _culture(culture: Culture) -> Stop:
    state, tone = culture_state(culture)
    counted = f" · {cells_in_words(culture.count.viable_cells)}" if culture.count else ""
    return Stop(culture.code, "culture", f"P{culture.passage}{counted}",
                (day_in_words(culture.seeded_at),), state, tone, address(culture),
                2 + culture.passage)


def lot_stop(lot: Lot, column: int) -> Stop:
    """The lot and its standing."""
    return Stop(lot.code, "lot", lot.number, (day_in_words(lot.filled_at),), lot.standing,
                STANDING_TONE[lot.standing], address(lot), column)


def _bag(bag: Bag, column: int) -> Stop:
    return Stop(bag.code, "bag", f"Bag {bag.number} · {cells_in_words(bag.viable_cells)}",
                (day_in_words(bag.place_since),), bag.place, PLACE_TONE[bag.place], address(bag),
                column)


def _infusion(infusion: Infusion, column: int) -> Stop:
    state, tone = "running", Tone.WAIT
    if infusion.ending:
        state = infusion.ending
        tone = Tone.GOOD if infusion.ending == Ending.FINISHED else Tone.STOP
    return Stop(infusion.code, "infusion", f"Bag {infusion.bag.number}",
                (day_in_words(infusion.started_at),), state, tone, address(infusion), column)


def _follow_up(recipient: Recipient, column: int) -> Stop:
    visits = [each for each in standing(recipient.visits) if each.took_place_on]
    events = len(recipient.adverse_events)
    last = (day_in_words(visits[-1].took_place_on),) if visits else ()
    state = count_told(events, "event") if events else "no event"
    return Stop(recipient.code, "follow-up", f"Visit {visits[-1].name}" if visits else "No visit",
                last, state, Tone.WAIT if events else Tone.OPEN,
                f"{address(recipient)}#follow-up", column)


def address(thing: Thing) -> str:
    """The page of a thing."""
    return f"/{thing.SLUG}/{thing.code}"


def _told(recipient: Recipient, stops: Iterable[Stop]) -> str:
    """The picture in one sentence, for whoever cannot see it."""
    counted: dict[str, int] = {}
    for stop in stops:
        kind = stop.kind.split(" · ")[0]
        if kind != "follow-up":
            counted[kind] = counted.get(kind, 0) + 1
    parts = [f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in counted.items()]
    return (f"From the donor to the follow-up of {recipient.number}, left to right: "
            + (", ".join(parts) or "nothing yet") + ".")
