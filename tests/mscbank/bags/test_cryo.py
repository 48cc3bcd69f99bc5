"""Cells frozen between two passages: into units, into their position, thawed and seeded on."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from labels import readback
from mscbank import clock
from mscbank.audit.service import record
from mscbank.bags import cryo, service
from mscbank.bags.models import CryoUnit, UnitPlace
from mscbank.cultures.cells import cells_left, cumulative_doublings, doublings
from mscbank.cultures.models import Culture
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, Unfit, WrongMoment
from mscbank.labelling import jobs
from mscbank.lineage import Derivation
from mscbank.reports import freezer
from mscbank.reports.batch.record import batch_record
from mscbank.reports.lineage import as_text, family_tree
from mscbank.reports.recall import recall
from mscbank.reports.tree import vessel_tree
from tests.cast import Cast
from tests.stages.bags import (
    box,
    filled_lot,
    frozen_lot,
    frozen_units,
    stored_unit,
)
from tests.stages.cultures import (
    count,
    counted_culture,
    grown_culture,
    passaged_culture,
    released_reagent,
    seeded_culture,
)
from tests.stages.labelling import issued_unit_label, labelled_unit, thawed_culture


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


def freeze(cast: Cast, culture: Culture, by: str = "tessa", **different) -> Culture:
    facts = {"units": 2, "cells_per_unit": 20_000_000, "volume_ml": Decimal("1.8")} | different
    reagent = released_reagent(cast).code
    with transaction():
        return cryo.freeze_into_units(culture, **facts, reagents=[reagent],
                                      by=getattr(cast, by), at=clock.now())


def lot_from_frozen_cells(cast: Cast):
    return filled_lot(cast, count(cast, thawed_culture(cast), 260_000_000, 250_000_000))


def test_a_counted_culture_is_frozen_into_units_and_what_is_left_goes_on(cast) -> None:
    culture = freeze(cast, counted_culture(cast))
    assert [(unit.number, unit.units, unit.viable_cells) for unit in culture.cryo_units] == [
        (1, 2, 20_000_000), (2, 2, 20_000_000)]
    assert culture.ended_as == "frozen" and cells_left(culture) == 20_000_000
    with pytest.raises(AlreadyDone, match="frozen into 2 units already"):
        freeze(cast, culture)


def test_what_cannot_be_frozen_is_refused_with_a_sentence(cast) -> None:
    with pytest.raises(WrongMoment, match="not counted"):
        freeze(cast, seeded_culture(cast))
    culture = counted_culture(cast)
    for different, field in (({"units": 4}, "cells_per_unit"), ({"units": 0}, "units"),
                             ({"cells_per_unit": 0}, "cells_per_unit"),
                             ({"volume_ml": Decimal(101)}, "volume_ml")):
        with pytest.raises(Malformed) as refusal:
            freeze(cast, culture, **different)
        assert refusal.value.field == field
    with pytest.raises(NotAllowed):
        freeze(cast, culture, by="nadia")
    last = grown_culture(cast)
    while last.passage < 2:
        last = _next(cast, last)
    with pytest.raises(Unfit, match="ends at passage"):
        freeze(cast, last)


def _next(cast: Cast, culture: Culture) -> Culture:
    return count(cast, passaged_culture(cast, culture), 260_000_000, 250_000_000)


def test_a_position_holds_one_unit_or_one_bag(cast) -> None:
    first, second = frozen_units(cast)
    stored = stored_unit(cast, first)
    taken = stored.storage_place
    bag = frozen_lot(cast).bags[0]
    for put in (lambda: cryo.store(second, taken.code, by=cast.tessa, at=clock.now()),
                lambda: service.store(bag, taken.code, by=cast.tessa, at=clock.now())):
        with pytest.raises(WrongMoment, match="holds Cryo unit 1 of 2"), transaction():
            put()
    free = box(cast, "B")[0]
    with transaction():
        cryo.relocate(stored, free.code, by=cast.tessa, at=clock.now())
        service.store(bag, taken.code, by=cast.tessa, at=clock.now())
    with pytest.raises(WrongMoment, match="holds Bag 1"), transaction():
        cryo.relocate(stored, taken.code, by=cast.tessa, at=clock.now())
    row, = [each for each in freezer.boxes("TANK 9", clock.now()) if each.name == "B"]
    assert row.taken == 1 and not row.positions[0].free
    assert freezer.leads_to(row.positions[0]) == f"/cryo-units/{stored.code}"


def test_a_thawed_unit_is_seeded_on_once_as_the_next_passage(cast) -> None:
    unit = labelled_unit(cast)
    with pytest.raises(Malformed, match="20\u202f000\u202f000 viable cells were frozen"):
        thawed_culture(cast, unit, 20_000_001)
    child = thawed_culture(cast, unit)
    assert (unit.place, unit.viable_thawed, unit.storage_place) == (
        UnitPlace.THAWED, 18_000_000, None)
    assert (child.passage, child.seeded_cells, child.harvest_id) == (
        unit.culture.passage + 1, 18_000_000, unit.culture.harvest_id)
    place = box(cast, "B")[0]
    for again in (lambda: thawed_culture(cast, unit),
                  lambda: cryo.store(unit, place.code, by=cast.tessa, at=clock.now())):
        with pytest.raises(WrongMoment, match="is thawed"):
            again()


def test_doublings_go_on_where_the_frozen_culture_stopped(cast) -> None:
    before = counted_culture(cast)
    unit = labelled_unit(cast, stored_unit(cast, frozen_units(cast, before)[0]))
    grown = count(cast, thawed_culture(cast, unit), 150_000_000, 144_000_000)
    assert doublings(grown) == Decimal("3.000")
    assert cumulative_doublings(grown) == cumulative_doublings(before) + Decimal("3.000")
    assert cumulative_doublings(before) > 10


def test_a_unit_that_was_not_used_is_destroyed_and_its_position_is_free(cast) -> None:
    unit = stored_unit(cast)
    place = unit.storage_place
    with transaction():
        cryo.destroy(unit, "Tank alarm.", by=cast.tessa, at=clock.now())
    assert unit.place is UnitPlace.DESTROYED and service.free_place(place.code) is not None
    with pytest.raises(WrongMoment, match="is destroyed, and must be frozen or stored"), transaction():
        cryo.destroy(unit, "Again.", by=cast.tessa, at=clock.now())


def test_only_the_laboratory_stores_thaws_and_destroys(cast) -> None:
    unit = frozen_units(cast)[0]
    place = box(cast, "C")[0]
    for person in (cast.nadia, cast.paula, cast.carole, cast.adam):
        for act in (lambda: cryo.store(unit, place.code, by=person, at=clock.now()),
                    lambda: cryo.destroy(unit, "Why.", by=person, at=clock.now())):
            with pytest.raises(NotAllowed), transaction():
                act()


def test_recall_and_trace_go_through_the_frozen_cells_both_ways(cast) -> None:
    lot = lot_from_frozen_cells(cast)
    unit = session.scalars(sa.select(CryoUnit).where(
        CryoUnit.place == UnitPlace.THAWED)).one()
    found = recall(lot.harvest)
    assert unit.code in {step.thing.code for step in found.steps}
    assert {line.bag.code for line in recall(unit).bags} == {bag.code for bag in lot.bags}
    told = as_text(family_tree(unit.code))
    assert lot.harvest.title in told and "> " in told and lot.bags[0].code in told
    assert "Cryo unit 1 of 2" in as_text(family_tree(lot.code))
    assert "Cryo unit 2 of 2" not in as_text(family_tree(lot.code))
    assert vessel_tree(lot.harvest).told  # the picture steps over what was frozen
    assert batch_record(lot).startswith(b"%PDF")


def test_a_unit_has_its_own_label_that_is_read_back(cast) -> None:
    unit = frozen_units(cast)[0]
    copy = issued_unit_label(cast, unit)
    assert list(readback.pages(jobs.pdf_of(copy.job))) == [{copy.content["code"]}]
    assert copy.content["code"].startswith(unit.code)
    assert copy.content["unit"] == "1/2"


def test_the_database_keeps_the_way_of_a_unit_too(cast) -> None:
    first, second = frozen_units(cast)
    stored = labelled_unit(cast, stored_unit(cast, first))
    bag = frozen_lot(cast).bags[0]
    wrong = (
        (second, {"place": UnitPlace.THAWED, "thawed_at": clock.now(), "viable_thawed": 1}),
        (stored, {"viable_cells": 1}),
        (stored, {"place": UnitPlace.THAWED, "thawed_at": clock.now(), "storage_place_id": None,
                  "viable_thawed": 20_000_001}),
        (second, {"place": UnitPlace.STORED}),
        (bag, {"place": "stored", "storage_place_id": stored.storage_place_id}))
    for row, values in wrong:
        with pytest.raises(IntegrityError), transaction():
            for name, value in values.items():
                setattr(row, name, value)
            record("store", row, by=cast.tessa, at=clock.now())
        session.expire_all()
    with pytest.raises(IntegrityError), transaction():
        session.add(Derivation(parent=stored.code, child=first.harvest.code, cells=1))
        record("thaw and seed", stored, by=cast.tessa, at=clock.now())
