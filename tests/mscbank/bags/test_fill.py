"""Filling a lot from counted cultures."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.bags import service
from mscbank.bags.lifecycle import Place, Standing
from mscbank.cultures.cells import cells_left
from mscbank.cultures.reagents import reagents_of
from mscbank.cultures.service import discard
from mscbank.database import transaction
from mscbank.donors import service as donors
from mscbank.donors.models import Agent, Reaction
from mscbank.errors import Malformed, NotAllowed, Unfit, WrongMoment
from mscbank.lineage import ancestors, edges_among
from mscbank.signatures.meanings import Meaning
from specs import shelf
from tests.cast import Cast
from tests.stages.bags import EXCIPIENTS, filled_lot
from tests.stages.cultures import (
    blocked_reagent,
    count,
    counted_culture,
    grown_culture,
    others,
    passaged_culture,
    released_reagent,
    seeded_culture,
)
from tests.stages.donors import accept_by_exception, blood_tested, seal_of
from tests.stages.harvests import received_harvest


def test_a_lot_is_filled_with_its_bags_and_everything_they_came_from(bank):
    cast = Cast()
    culture = grown_culture(cast)
    cryoprotectant = released_reagent(cast)
    lot = filled_lot(cast, culture, bags=3, reagents=[cryoprotectant.code])
    harvest = culture.harvest
    assert (lot.number, lot.passage, lot.standing) == ("L26-001", 1, Standing.PENDING)
    assert (lot.harvest_id, lot.recipient_id) == (harvest.id, harvest.donor.recipient_id)
    assert [bag.number for bag in lot.bags] == [1, 2, 3]
    for bag in lot.bags:
        assert (bag.place, bag.viable_cells, bag.volume_ml) == (Place.FILLED, 70_000_000, 50)
        assert ancestors(bag.code)[0] == lot.code and harvest.code in ancestors(bag.code)
    cells = {(edge.parent, edge.child): edge.cells
             for edge in edges_among([culture.code, lot.code, *(bag.code for bag in lot.bags)])}
    assert cells[culture.code, lot.code] == 210_000_000
    assert [cells[lot.code, bag.code] for bag in lot.bags] == [70_000_000] * 3
    assert reagents_of(lot.code) == [cryoprotectant]
    assert culture.ended_as == "filled" and cells_left(culture) == 40_000_000


def test_the_lot_keeps_the_specification_in_force_on_that_day(bank):
    lot = filled_lot(Cast())
    published = shelf.release("bm-msc", on=clock.now().date())
    assert (lot.specification, lot.specification_digest) == (published.reference, published.digest)


def test_numbers_follow_each_other_within_the_year_of_the_site(bank):
    cast = Cast()
    culture = grown_culture(cast)
    assert filled_lot(cast, culture, bags=1).number == "L26-001"
    assert filled_lot(cast, culture, bags=1).number == "L26-002"
    new_year_in_paris = clock.now().replace(month=12, day=31, hour=23, minute=30)
    with clock.pinned(new_year_in_paris):
        assert filled_lot(cast, culture, bags=1).number == "L27-001"


def test_the_number_after_999_has_four_figures(bank, monkeypatch):
    cast = Cast()
    culture = grown_culture(cast)
    numbers = iter(["L26-999", "L26-1000"])
    kept = service._next_number
    monkeypatch.setattr(service, "_next_number", lambda at: next(numbers))
    filled_lot(cast, culture, bags=1, cells_per_bag=100_000)
    assert kept(clock.now()) == "L26-1000"
    filled_lot(cast, culture, bags=1, cells_per_bag=100_000)
    assert kept(clock.now()) == "L26-1001"


def test_no_more_is_filled_than_is_left(bank):
    cast = Cast()
    culture = grown_culture(cast)
    with pytest.raises(Malformed, match="250\u202f000\u202f000 viable cells left") as refusal:
        filled_lot(cast, culture, bags=2, cells_per_bag=125_000_001)
    assert refusal.value.field == "cells_per_bag"
    filled_lot(cast, culture, bags=2, cells_per_bag=125_000_000)
    assert cells_left(culture) == 0
    with pytest.raises(Malformed, match="0 viable cells left"):
        filled_lot(cast, culture, bags=1, cells_per_bag=100_000)


def test_what_was_passed_on_is_not_filled_as_well(bank):
    cast = Cast()
    culture = counted_culture(cast)
    passaged_culture(cast, culture, seeded_cells=25_000_000)
    with pytest.raises(Malformed, match="35\u202f000\u202f000"):
        filled_lot(cast, culture, bags=1, cells_per_bag=35_000_001)
    assert filled_lot(cast, culture, bags=1, cells_per_bag=35_000_000).passage == 0
    assert culture.ended_as == "passaged"


def test_cultures_of_one_harvest_are_pooled_into_a_lot_and_the_highest_passage_counts(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    low = counted_culture(cast, harvest)
    high = grown_culture(cast, harvest)
    lot = filled_lot(cast, low, bags=2, cells_per_bag=50_000_000,
                     pooled_with=[{"culture": high.code, "cells": 60_000_000}])
    assert lot.passage == 1
    assert {edge.parent: edge.cells for edge in edges_among([low.code, high.code, lot.code])
            if edge.child == lot.code} == {low.code: 40_000_000, high.code: 60_000_000}
    assert low.ended_as == high.ended_as == "filled"


def test_cultures_of_two_harvests_never_meet_in_a_lot(bank):
    cast = Cast()
    one, two = counted_culture(cast), counted_culture(cast)
    with pytest.raises(Unfit, match="different harvests"):
        filled_lot(cast, one, pooled_with=[{"culture": two.code, "cells": 1_000}])


def test_uncounted_and_discarded_cultures_are_not_filled(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    uncounted, discarded = seeded_culture(cast, harvest), counted_culture(cast, harvest)
    with transaction():
        discard(discarded, "Contaminated.", by=cast.tessa, at=clock.now())
    for culture in (uncounted, discarded):
        with pytest.raises(WrongMoment):
            filled_lot(cast, culture, bags=1, cells_per_bag=5)


def test_cells_that_doubled_too_often_are_not_filled(bank):
    cast = Cast()
    culture = count(cast, seeded_culture(cast, colony_forming=1), 2**26, 2**26)
    with pytest.raises(Unfit, match="26.000 times"):
        filled_lot(cast, culture, bags=1, cells_per_bag=5)


def test_a_donor_found_not_eligible_after_the_harvest_stops_the_filling(bank):
    cast = Cast()
    culture = grown_culture(cast)
    why = "Reported a malaria area after the harvest."
    seal = seal_of(cast, culture.harvest.donor, Meaning.DONOR_INELIGIBLE, why)
    with transaction():
        donors.find_not_eligible(culture.harvest.donor, why, seal=seal, by=cast.paula,
                                 at=clock.now())
    with pytest.raises(Unfit) as refusal:
        filled_lot(cast, culture)
    assert refusal.value.reasons == ("donor not accepted",)
    assert culture.harvest.lots == [] and culture.ended_at is None


def test_a_late_reactive_marker_stops_the_filling_until_the_physician_decides_again(bank):
    cast = Cast()
    culture = grown_culture(cast)
    donor = culture.harvest.donor
    with clock.pinned(clock.now() + timedelta(days=1)):
        blood_tested(cast, donor, (Agent.HTLV,), Reaction.REACTIVE)
        with pytest.raises(WrongMoment, match="decides again"):
            filled_lot(cast, culture)
        accept_by_exception(cast, donor)
        assert filled_lot(cast, culture).number == "L26-001"


@pytest.mark.parametrize("reagent", [[], None])
def test_a_lot_needs_usable_reagents(bank, reagent):
    cast = Cast()
    culture = grown_culture(cast)
    codes = reagent if reagent is not None else [blocked_reagent(cast).code]
    with pytest.raises((Malformed, Unfit)) as refusal:
        filled_lot(cast, culture, reagents=codes)
    assert refusal.value.field == "reagents"


def test_values_that_cannot_be_are_refused(bank):
    cast = Cast()
    culture = grown_culture(cast)
    now = clock.now()
    for field, value in (
            ("bags", 0), ("bags", -1), ("bags", 201), ("volume_ml", Decimal(0)),
            ("volume_ml", Decimal("-1")), ("volume_ml", Decimal("1000.1")), ("cells_per_bag", 0),
            ("cells_per_bag", -7), ("dmso_percent", Decimal("-0.1")),
            ("dmso_percent", Decimal("20.1")), ("expires_at", now),
            ("expires_at", now - timedelta(days=1)), ("expires_at", now + timedelta(days=3661)),
            ("expires_at", (now + timedelta(days=30)).replace(tzinfo=None))):
        with pytest.raises(Malformed) as refusal:
            filled_lot(cast, culture, **{field: value})
        assert refusal.value.field == field
    assert culture.harvest.lots == []


def test_only_a_technician_fills(bank):
    cast = Cast()
    culture, reagent = grown_culture(cast), released_reagent(cast).code
    for by in others(cast, "tessa", "theo"):
        with pytest.raises(NotAllowed), transaction():
            service.fill(culture, 1, Decimal(50), 70_000_000, EXCIPIENTS, Decimal(10),
                         clock.now() + timedelta(days=9), [reagent], by=by, at=clock.now())
    assert culture.ended_at is None
