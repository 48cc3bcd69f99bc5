"""Of what and for whom a thing is: two families' things may bear the same name, and a result that is
written to the wrong one is released with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mscbank import things
from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures.models import Culture
from mscbank.custody.models import Excursion, Journey
from mscbank.donors.models import Donor
from mscbank.followup.event_models import AdverseEvent
from mscbank.followup.models import Visit
from mscbank.harvests.models import Harvest
from mscbank.infusions.models import Check, Infusion, Order
from mscbank.labelling.models import LabelCopy
from mscbank.recipients.models import Recipient, Wristband
from mscbank.release.models import Decision
from mscbank.testing.models import Investigation, Result, Sample
from mscbank.things import Thing

# One step towards the recipient.
_TOWARDS: dict[type[Any], Callable[[Any], Any]] = {
    Investigation: lambda one: one.result, Result: lambda result: result.sample,
    Sample: lambda sample: things.by_code(sample.taken_from),
    LabelCopy: lambda copy: copy.thing, Decision: lambda decision: decision.lot,
    Check: lambda check: check.bag, Infusion: lambda infusion: infusion.bag,
    Excursion: lambda excursion: excursion.journey, Journey: lambda journey: journey.bag,
    Bag: lambda bag: bag.lot, Lot: lambda lot: lot.harvest,
    CryoUnit: lambda unit: unit.culture, Culture: lambda culture: culture.harvest,
    Harvest: lambda harvest: harvest.donor, Donor: lambda donor: donor.recipient,
    Order: lambda order: order.recipient, Visit: lambda visit: visit.recipient,
    AdverseEvent: lambda event: event.recipient, Wristband: lambda band: band.recipient}
# Their own names do not tell them apart: what they were taken from does.
UNTOLD = (Sample, Result, Investigation)


def whose(thing: Thing) -> list[Thing]:
    """What it was taken from, where its own name does not say so, and the recipient; empty for what
    belongs to no family."""
    way = list(_way(thing))
    source = [one for one in way if not isinstance(one, UNTOLD)][:1]
    return [*(source if isinstance(thing, UNTOLD) else ()),
            *(one for one in way if isinstance(one, Recipient))]


def _way(thing: Any) -> Iterator[Any]:
    while (step := _TOWARDS.get(type(thing))) is not None:
        thing = step(thing)
        yield thing
