"""Passages: cells go on, split and pooled; and discarding."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.cultures import service
from mscbank.cultures.models import VesselKind
from mscbank.database import transaction
from mscbank.errors import Malformed, NotAllowed, NotKnown, Unfit, WrongMoment
from mscbank.lineage import edges_among
from tests.cast import Cast
from tests.stages.cultures import (
    count,
    counted_culture,
    grown_culture,
    others,
    passaged_culture,
    released_reagent,
    seeded_culture,
)
from tests.stages.harvests import received_harvest


def discard(culture, by, reason="Contaminated."):
    with transaction():
        return service.discard(culture, reason, by=by, at=clock.now())


def test_a_passage_makes_the_child_and_ends_the_parent(bank):
    cast = Cast()
    parent = counted_culture(cast)
    child = passaged_culture(cast, parent)
    assert (child.passage, child.harvest_id) == (1, parent.harvest_id)
    assert (child.vessel, child.area_cm2) == (VesselKind.STACK_10, 6360)
    assert (parent.ended_as, parent.ended_at, parent.next_due_at) == ("passaged", clock.now(), None)
    assert service.cells_left(parent) == 35_000_000


def test_a_split_goes_on_while_viable_cells_are_left_and_not_beyond(bank):
    cast = Cast()
    parent = counted_culture(cast)
    passaged_culture(cast, parent, seeded_cells=25_000_000)
    passaged_culture(cast, parent, seeded_cells=30_000_000)
    with pytest.raises(Malformed, match="5\u202f000\u202f000 viable cells left") as refusal:
        passaged_culture(cast, parent, seeded_cells=5_000_001)
    assert refusal.value.field == "seeded_cells"
    passaged_culture(cast, parent, seeded_cells=5_000_000)
    assert service.cells_left(parent) == 0


def test_a_pool_takes_the_named_cells_and_the_rest_from_this_culture(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    one, two = counted_culture(cast, harvest), counted_culture(cast, harvest)
    child = passaged_culture(cast, one, seeded_cells=50_000_000,
                             pooled_with=[{"culture": two.code, "cells": 20_000_000}])
    edges = {edge.parent: edge.cells for edge in edges_among([one.code, two.code, child.code])}
    assert edges == {one.code: 30_000_000, two.code: 20_000_000}
    assert one.ended_as == two.ended_as == "passaged"


def test_a_pool_takes_no_more_than_there_is_and_something_of_each(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    one, two = counted_culture(cast, harvest), counted_culture(cast, harvest)
    for seeded, pooled, field in (
            (110_000_000, 60_000_001, "pooled_with"), (50_000_000, 0, "pooled_with"),
            (50_000_000, -1, "pooled_with"), (50_000_000, 50_000_000, "seeded_cells"),
            (50_000_000, 50_000_001, "seeded_cells"), (110_000_000, 40_000_000, "seeded_cells")):
        with pytest.raises(Malformed) as refusal:
            passaged_culture(cast, one, seeded_cells=seeded,
                             pooled_with=[{"culture": two.code, "cells": pooled}])
        assert refusal.value.field == field
    assert one.ended_as is None and two.ended_as is None


def test_cells_of_two_harvests_are_never_pooled(bank):
    cast = Cast()
    one, two = counted_culture(cast), counted_culture(cast)
    with pytest.raises(Unfit, match="different harvests"):
        passaged_culture(cast, one, pooled_with=[{"culture": two.code, "cells": 1_000_000}])


def test_a_culture_is_not_pooled_with_itself_nor_with_what_is_no_culture(bank):
    cast = Cast()
    parent = counted_culture(cast)
    with pytest.raises(Malformed, match="twice"):
        passaged_culture(cast, parent, pooled_with=[{"culture": parent.code, "cells": 5}])
    with pytest.raises(NotKnown):
        passaged_culture(cast, parent, pooled_with=[{"culture": parent.harvest.code, "cells": 5}])


def test_uncounted_and_discarded_cultures_give_no_cells(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    counted = counted_culture(cast, harvest)
    uncounted, discarded = seeded_culture(cast, harvest), counted_culture(cast, harvest)
    discard(discarded, cast.tessa)
    for culture in (uncounted, discarded):
        with pytest.raises(WrongMoment):
            passaged_culture(cast, culture, seeded_cells=5)
        with pytest.raises(WrongMoment):
            passaged_culture(cast, counted, pooled_with=[{"culture": culture.code, "cells": 5}])


def test_the_protocol_ends_at_p2(bank):
    cast = Cast()
    second = count(cast, passaged_culture(cast, grown_culture(cast)), 90_000_000, 80_000_000)
    assert second.passage == 2
    with pytest.raises(Unfit, match="ends at passage P2") as refusal:
        passaged_culture(cast, second)
    assert refusal.value.reasons == ("passage limit",)


def test_doublings_add_up_along_the_line_and_of_pooled_parents_the_oldest_counts(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    old = count(cast, seeded_culture(cast, harvest, colony_forming=1_000), 64_000_000, 64_000_000)
    young = count(cast, seeded_culture(cast, harvest, colony_forming=2**18 * 1),
                  2**20, 2**20)
    assert service.doublings(young) == Decimal("2.000")
    assert service.doublings(old) == Decimal("15.966")
    child = passaged_culture(cast, old, seeded_cells=1_000_000,
                             pooled_with=[{"culture": young.code, "cells": 500_000}])
    count(cast, child, 8_000_000, 8_000_000)
    assert service.doublings(child) == Decimal("3.000")
    assert service.cumulative_doublings(child) == Decimal("18.966")


def test_doublings_of_p0_are_unknown_without_the_colony_forming_cells(bank):
    cast = Cast()
    culture = count(cast, seeded_culture(cast, colony_forming=None), 9_000_000, 8_000_000)
    assert service.doublings(culture) is None
    assert service.doubling_time(culture) is None
    assert service.cumulative_doublings(culture) == 0


def test_a_passage_that_lost_cells_does_not_make_them_younger(bank):
    cast = Cast()
    parent = counted_culture(cast)
    child = count(cast, passaged_culture(cast, parent), 10_000_000, 5_000_000)
    assert service.doublings(child) < 0
    assert service.cumulative_doublings(child) == service.cumulative_doublings(parent)


@pytest.mark.parametrize(("colonies", "passes"), [(2, True), (1, False)])
def test_cells_that_doubled_more_than_25_times_go_no_further(bank, colonies, passes):
    cast = Cast()
    viable = 2 * 2**25
    parent = count(cast, seeded_culture(cast, colony_forming=colonies), viable, viable)
    if passes:
        assert service.cumulative_doublings(parent) == 25
        assert passaged_culture(cast, parent).passage == 1
    else:
        with pytest.raises(Unfit, match="doubled 26.000 times") as refusal:
            passaged_culture(cast, parent)
        assert refusal.value.reasons == ("doublings limit",)


def test_only_a_technician_passages_and_discards(bank):
    cast = Cast()
    parent, reagent = counted_culture(cast), released_reagent(cast).code
    for by in others(cast, "tessa", "theo"):
        with pytest.raises(NotAllowed), transaction():
            service.passage(parent, VesselKind.T175, 1, 1_000_000, "INC-1", [reagent], by=by,
                            at=clock.now())
        with pytest.raises(NotAllowed):
            discard(parent, by)
    assert parent.ended_at is None


def test_a_culture_is_discarded_once_and_with_a_reason(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    with pytest.raises(Malformed):
        discard(culture, cast.tessa, reason="")
    discard(culture, cast.tessa)
    assert (culture.ended_as, culture.ended_at) == ("discarded", clock.now())
    with pytest.raises(WrongMoment, match="discarded"):
        discard(culture, cast.tessa)


def test_a_passaged_culture_is_not_discarded_afterwards(bank):
    cast = Cast()
    parent = counted_culture(cast)
    passaged_culture(cast, parent)
    with pytest.raises(WrongMoment, match="passaged"):
        discard(parent, cast.tessa)
