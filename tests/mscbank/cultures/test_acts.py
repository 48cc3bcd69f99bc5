"""The acts as the form, the interface and the import meet them."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from mscbank.acts import catalogue, perform, why_not
from mscbank.cultures import schemas
from mscbank.cultures.acts import ACTS
from tests.cast import Cast
from tests.stages.cultures import (
    blocked_reagent,
    counted_culture,
    quarantined_reagent,
    released_reagent,
    seeded_culture,
)
from tests.stages.harvests import received_harvest

SEED = {"vessel": "T-175 flask", "vessels": 4, "seeded_cells": 35_000_000, "incubator": "INC-2",
        "reagents": ["GXBBBBBBBBBBBBBBBBCC"]}
REAGENT = {"reagent": "medium", "name": "Alpha-MEM", "lot_number": "M77", "supplier": "Macopharma",
           "expires_on": "2027-01-31"}


@pytest.mark.parametrize(("schema", "good", "wrong"), [
    (schemas.SeedSchema, SEED, {"seeded_cells": "many"}),
    (schemas.SeedSchema, SEED, {"seeded_cells": 1.5}),
    (schemas.SeedSchema, SEED, {"seeded_cells": 0}),
    (schemas.SeedSchema, SEED, {"seeded_cells": 10**13}),
    (schemas.SeedSchema, SEED, {"vessels": 0}),
    (schemas.SeedSchema, SEED, {"vessel": "bathtub"}),
    (schemas.SeedSchema, SEED, {"incubator": "x" * 41}),
    (schemas.SeedSchema, SEED, {"incubator": "   "}),
    (schemas.SeedSchema, SEED, {"reagents": []}),
    (schemas.SeedSchema, SEED, {"reagents": ["x" * 41]}),
    (schemas.SeedSchema, SEED, {"next_due_at": "2026-03-05T10:00:00"}),
    (schemas.SeedSchema, SEED, {"unheard_of": 1}),
    (schemas.PassageSchema, SEED, {"pooled_with": [{"culture": "CX"}]}),
    (schemas.PassageSchema, SEED, {"pooled_with": [{"culture": "CX", "cells": 0}]}),
    (schemas.ObserveSchema, {"confluence": 50}, {"confluence": 101}),
    (schemas.ObserveSchema, {"confluence": 50}, {"confluence": -1}),
    (schemas.ObserveSchema, {"confluence": 50}, {"seen": "x" * 501}),
    (schemas.CountSchema, {"total_cells": 5, "viable_cells": 4}, {"viable_cells": -1}),
    (schemas.CountSchema, {"total_cells": 5, "viable_cells": 4}, {"total_cells": 0}),
    (schemas.CountSchema, {"total_cells": 5, "viable_cells": 4}, {"total_cells": None}),
    (schemas.CorrectCountSchema, {"total_cells": 5, "viable_cells": 4, "reason": "Slip."},
     {"reason": ""}),
    (schemas.AddReagentSchema, REAGENT, {"expires_on": "31.01.2027"}),
    (schemas.AddReagentSchema, REAGENT, {"lot_number": "x" * 41}),
    (schemas.AddReagentSchema, REAGENT, {"reagent": "beer"}),
])
def test_what_cannot_be_is_refused_by_form_and_names_its_field(schema, good, wrong):
    assert schema().load(good)
    with pytest.raises(ValidationError) as refusal:
        schema().load(good | wrong)
    assert set(refusal.value.messages) == set(wrong)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_every_field_of_every_act_has_a_label_for_its_form(act):
    for name, field in act.schema().fields.items():
        assert field.metadata.get("label"), f"{act.name}: {name}"


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_every_act_stands_in_the_catalogue(act):
    assert catalogue()[(act.place, act.slug)] is act


def test_buttons_are_greyed_with_the_reason_the_act_would_give(bank):
    cast = Cast()
    acts = {act.name: act for act in ACTS}
    things = {
        "seed": received_harvest(cast), "feed": seeded_culture(cast),
        "count": seeded_culture(cast), "passage": counted_culture(cast),
        "correct count": counted_culture(cast), "discard": seeded_culture(cast),
        "block reagent": released_reagent(cast),
    }
    for name, thing in things.items():
        assert why_not(acts[name], thing, cast.tessa) is None, name
    assert why_not(acts["release reagent"], quarantined_reagent(cast), cast.quentin) is None
    refused = {
        "feed": counted_culture(cast), "observe": counted_culture(cast),
        "count": counted_culture(cast), "correct count": seeded_culture(cast),
        "passage": seeded_culture(cast), "block reagent": blocked_reagent(cast),
    }
    for name, thing in refused.items():
        assert why_not(acts[name], thing, cast.tessa), name
    assert why_not(acts["feed"], things["feed"], cast.nadia)
    assert why_not(acts["release reagent"], blocked_reagent(cast), cast.quentin)


def test_a_culture_is_seeded_through_the_one_door(bank):
    cast = Cast()
    acts = {act.name: act for act in ACTS}
    data = acts["seed"].schema().load(SEED | {"reagents": [released_reagent(cast).code]})
    told = perform(acts["seed"], received_harvest(cast).code, data, by=cast.tessa)
    assert told["culture"].startswith("CX") and told["code"] == told["culture"]
    assert (told["passage"], told["density"]) == (0, "50000")
