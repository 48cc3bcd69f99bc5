"""Seeding marrow: P0."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.cultures import cells, service
from mscbank.cultures.models import VESSEL_AREA_CM2, VesselKind
from mscbank.database import transaction
from mscbank.donors import service as donors
from mscbank.donors.models import Agent, Reaction
from mscbank.errors import Malformed, NotAllowed, Unfit, WrongMoment
from mscbank.lineage import ancestors
from mscbank.recipients import service as recipients
from mscbank.signatures.meanings import Meaning
from tests.cast import Cast
from tests.stages.cultures import others, released_reagent, seeded_culture
from tests.stages.donors import blood_tested, exceptional_donor, seal_of
from tests.stages.harvests import dispatched_harvest, received_harvest


def test_seeding_makes_p0_of_the_harvest(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    culture = seeded_culture(cast, harvest)
    assert (culture.passage, culture.area_cm2, culture.seeded_cells) == (0, 1272, 60_000_000)
    assert culture.density == 47170
    assert ancestors(culture.code) == [harvest.code]
    assert cells.cells_given(harvest.code) == 60_000_000


def test_the_area_is_the_vessels_area_times_their_number(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    for vessel in VesselKind:
        culture = seeded_culture(cast, harvest, vessel=vessel, vessels=3)
        assert culture.area_cm2 == 3 * VESSEL_AREA_CM2[vessel]


def test_a_harvest_may_be_seeded_until_its_cells_are_gone_and_no_further(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    seeded_culture(cast, harvest, seeded_cells=800_000_000)
    with pytest.raises(Malformed, match="40\u202f000\u202f000 nucleated") as refusal:
        seeded_culture(cast, harvest, seeded_cells=40_000_001)
    assert refusal.value.field == "seeded_cells"
    seeded_culture(cast, harvest, seeded_cells=40_000_000)
    assert cells.cells_given(harvest.code) == harvest.nucleated_cells


def test_marrow_on_its_way_is_not_seeded(bank):
    cast = Cast()
    harvest = dispatched_harvest(cast)
    with pytest.raises(WrongMoment, match="receive it first"):
        seeded_culture(cast, harvest)


def test_only_a_technician_seeds(bank):
    cast = Cast()
    harvest, reagent = received_harvest(cast), released_reagent(cast).code
    for by in others(cast, "tessa", "theo"):
        with pytest.raises(NotAllowed), transaction():
            service.seed(harvest, VesselKind.T175, 1, 1_000_000, "INC-1", [reagent], by=by,
                         at=clock.now())
    assert harvest.cultures == []


@pytest.mark.parametrize(("late", "seeds"), [
    (timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)])
def test_marrow_waits_for_24_hours_at_most(bank, late, seeds):
    cast = Cast()
    harvest = received_harvest(cast)
    with clock.pinned(clock.now() + late):
        if seeds:
            assert seeded_culture(cast, harvest).seeded_at == clock.now()
        else:
            with pytest.raises(Unfit, match="24 hours"):
                seeded_culture(cast, harvest)


IMPOSSIBLE = (("seeded_cells", 0), ("seeded_cells", -5), ("vessels", 0), ("vessels", -1),
              ("colony_forming", 0), ("colony_forming", 60_000_001))


def test_numbers_that_cannot_be_are_refused(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    for field, number in IMPOSSIBLE:
        with pytest.raises(Malformed) as refusal:
            seeded_culture(cast, harvest, **{field: number})
        assert refusal.value.field == field
    assert harvest.cultures == []


def test_the_next_work_lies_ahead_and_has_a_zone(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    now = clock.now()
    for due in (now, now - timedelta(days=1), (now + timedelta(days=1)).replace(tzinfo=None)):
        with pytest.raises(Malformed) as refusal:
            seeded_culture(cast, harvest, next_due_at=due)
        assert refusal.value.field == "next_due_at"
    assert seeded_culture(cast, harvest, next_due_at=now + timedelta(days=3)).next_due_at > now


def test_marrow_of_a_donor_accepted_by_exception_is_seeded(bank):
    cast = Cast()
    assert seeded_culture(cast, received_harvest(cast, exceptional_donor(cast))).passage == 0


def test_a_test_that_came_in_after_the_decision_stops_seeding_until_decided_again(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    with clock.pinned(clock.now() + timedelta(hours=1)):
        blood_tested(cast, harvest.donor, (Agent.CMV,), Reaction.REACTIVE)
        with pytest.raises(WrongMoment, match="decides again") as refusal:
            seeded_culture(cast, harvest)
        assert refusal.value.reasons == ("decision not covered",)


def test_marrow_of_a_donor_found_not_eligible_is_not_seeded(bank):
    cast = Cast()
    harvest = received_harvest(cast)
    _find_not_eligible(cast, harvest.donor)
    with pytest.raises(Unfit) as refusal:
        seeded_culture(cast, harvest)
    assert refusal.value.reasons == ("donor not accepted",)


def _find_not_eligible(cast, donor):
    why = "Travelled in a region with malaria."
    seal = seal_of(cast, donor, Meaning.DONOR_INELIGIBLE, why)
    with transaction():
        donors.find_not_eligible(donor, why, seal=seal, by=cast.paula, at=clock.now())


def test_marrow_is_not_seeded_when_donor_or_recipient_withdrew(bank):
    cast = Cast()
    of_donor, of_recipient = received_harvest(cast), received_harvest(cast)
    with transaction():
        donors.withdraw_donor(of_donor.donor, "Changed her mind.", by=cast.carole, at=clock.now())
    with transaction():
        recipients.withdraw(of_recipient.donor.recipient, "Moves away.", by=cast.carole,
                            at=clock.now())
    for harvest in (of_donor, of_recipient):
        with pytest.raises(WrongMoment, match="does not consent"):
            seeded_culture(cast, harvest)
