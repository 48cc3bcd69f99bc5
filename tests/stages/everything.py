"""Something of every kind that an act is done to."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from mscbank import clock
from mscbank.custody.models import Journey
from mscbank.database import session, transaction
from mscbank.recipients import ladder
from mscbank.release import stops
from mscbank.testing import service as testing
from tests.cast import Cast
from tests.stages.bags import stored_unit
from tests.stages.cultures import seeded_culture
from tests.stages.custody import open_excursion
from tests.stages.deviations import add_action, investigate, open_deviation
from tests.stages.followup import event, infused_recipient, visit
from tests.stages.kept import kept
from tests.stages.labelling import registered_printer
from tests.stages.release import lot_out_of_limit
from tests.stages.seen import seen_beside
from tests.stages.testing import opened


@kept
def something_of_everything(cast: Cast) -> None:
    """A family through to a visit, another on its way, and what goes wrong in between."""
    person = infused_recipient(cast)
    seen_beside(cast, person.infusions[0])
    event(cast, person)
    seeded_culture(cast)
    stored_unit(cast)
    registered_printer(cast)
    lot = lot_out_of_limit(cast)
    bad = next(one for one in testing.standing_results(lot) if one.test == "cd105")
    opened(cast, bad)
    open_excursion(cast, session.scalars(sa.select(Journey)).first())
    with transaction():
        ladder.pause_trial("follow-on-2", "The board asks.", by=cast.quentin, at=clock.now())
    with transaction():
        stops.hold_lot(lot, "Look at the freezer first.", by=cast.quentin, at=clock.now())
    add_action(cast, investigate(cast, open_deviation(cast, lot.code)))
    with clock.pinned(clock.now() + timedelta(days=1)):
        visit(cast, person, "D1", clock.now().date(), pulse=70)
