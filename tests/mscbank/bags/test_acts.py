"""The acts on lots, bags and places as the form, the interface and the import meet them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from marshmallow import ValidationError

from mscbank import clock
from mscbank.acts import catalogue, perform, why_not
from mscbank.bags import schemas
from mscbank.bags.acts import ACTS
from mscbank.bags.lifecycle import BAG_PLACE, row_for
from tests.cast import Cast
from tests.stages.bags import EXCIPIENTS, filled_lot, stored_bag
from tests.stages.cultures import grown_culture, passaged_culture, released_reagent

BY_NAME = {act.name: act for act in ACTS}
FILL = {"bags": 2, "volume_ml": "50", "cells_per_bag": 70_000_000, "excipients": EXCIPIENTS,
        "dmso_percent": "10", "expires_at": "2027-03-01T12:00:00+01:00",
        "reagents": ["GXBBBBBBBBBBBBBBBBCC"]}
BOX = {"tank": "T1", "rack": "R1", "box": "A", "positions": 25}


@pytest.mark.parametrize(("schema", "good", "wrong"), [
    (schemas.FillSchema, FILL, {"bags": 0}),
    (schemas.FillSchema, FILL, {"bags": 201}),
    (schemas.FillSchema, FILL, {"bags": 1.5}),
    (schemas.FillSchema, FILL, {"volume_ml": "0"}),
    (schemas.FillSchema, FILL, {"volume_ml": "-1"}),
    (schemas.FillSchema, FILL, {"volume_ml": "1000.01"}),
    (schemas.FillSchema, FILL, {"volume_ml": "50.005"}),
    (schemas.FillSchema, FILL, {"volume_ml": "NaN"}),
    (schemas.FillSchema, FILL, {"cells_per_bag": 0}),
    (schemas.FillSchema, FILL, {"cells_per_bag": 10**13}),
    (schemas.FillSchema, FILL, {"dmso_percent": "21"}),
    (schemas.FillSchema, FILL, {"excipients": "x" * 201}),
    (schemas.FillSchema, FILL, {"expires_at": "2027-03-01T12:00:00"}),
    (schemas.FillSchema, FILL, {"expires_at": "next spring"}),
    (schemas.FillSchema, FILL, {"reagents": []}),
    (schemas.FillSchema, FILL, {"pooled_with": [{"cells": 5}]}),
    (schemas.FillSchema, FILL, {"standing": "certified"}),
    (schemas.AddBoxSchema, BOX, {"positions": 0}),
    (schemas.AddBoxSchema, BOX, {"positions": 401}),
    (schemas.AddBoxSchema, BOX, {"tank": "x" * 21}),
    (schemas.AddBoxSchema, BOX, {"box": " "}),
    (schemas.PlaceSchema, {"place": "FX"}, {"place": ""}),
    (schemas.ReasonSchema, {"reason": "Leaks."}, {"reason": "x" * 501}),
])
def test_what_cannot_be_is_refused_by_form_and_names_its_field(schema, good, wrong):
    assert schema().load(good)
    with pytest.raises(ValidationError) as refusal:
        schema().load(good | wrong)
    assert set(refusal.value.messages) == set(wrong)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_every_act_stands_in_the_catalogue_and_every_field_has_a_label(act):
    assert catalogue()[(act.place, act.slug)] is act
    for name, field in act.schema().fields.items():
        assert field.metadata.get("label"), f"{act.name}: {name}"


@pytest.mark.parametrize("name", ["store", "destroy"])
def test_an_acts_permission_is_that_of_its_row_on_the_wall_chart(name):
    assert BY_NAME[name].permission is row_for(BAG_PLACE, name).who


def test_buttons_are_greyed_with_the_reason_the_act_would_give(bank):
    cast = Cast()
    stored, filled = stored_bag(cast), filled_lot(cast)
    grown = grown_culture(cast)
    for name, thing in (("fill", grown), ("freeze", filled), ("store", filled.bags[0]),
                        ("relocate", stored), ("destroy", stored)):
        assert why_not(BY_NAME[name], thing, cast.tessa) is None, name
    child = passaged_culture(cast)
    for name, thing, why in (
            ("fill", child, "count it first"), ("freeze", stored.lot, "No bag"),
            ("store", stored, "must be filled"), ("relocate", filled.bags[0], "is filled")):
        assert why in why_not(BY_NAME[name], thing, cast.tessa), name
    assert "may not" in why_not(BY_NAME["store"], filled.bags[0], cast.nadia)


def test_a_lot_goes_through_the_one_door_from_the_culture_to_the_tank(bank):
    cast = Cast()
    culture, reagent = grown_culture(cast).code, released_reagent(cast).code
    data = BY_NAME["fill"].schema().load(FILL | {"reagents": [reagent]})
    told = perform(BY_NAME["fill"], culture, data, by=cast.tessa, key="fill-1")
    assert told["number"] == "L26-001" and len(told["bags"]) == 2 and told["code"] == told["lot"]
    assert perform(BY_NAME["fill"], culture, data, by=cast.tessa, key="fill-1") == told
    perform(BY_NAME["freeze"], told["lot"], {}, by=cast.tessa)
    positions = perform(BY_NAME["add box"], None, BOX, by=cast.tessa)["places"]
    assert len(positions) == 25
    with clock.pinned(clock.now() + timedelta(minutes=5)):
        perform(BY_NAME["store"], told["bags"][0], {"place": positions[0]}, by=cast.tessa)
        perform(BY_NAME["relocate"], told["bags"][0], {"place": positions[1]}, by=cast.theo)
        perform(BY_NAME["store"], told["bags"][1], {"place": positions[0]}, by=cast.theo)
