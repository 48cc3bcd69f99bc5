"""What the bedside's forms and messages let in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from mscbank.followup import schemas as after
from mscbank.infusions import schemas

SIGNS = {"temperature_c": "36.8", "pulse": 70, "systolic": 120, "diastolic": 80, "saturation": 98}
EVENT = {"term": "Fever", "grade": 2, "seriousness": [], "outcome": "recovered",
         "onset_at": "2026-03-02T10:00:00+01:00"}


@pytest.mark.parametrize("schema, data", [
    (schemas.OrderSchema, {"bags": []}), (schemas.OrderSchema, {"bags": [{"volume_ml": "5"}]}),
    (schemas.OrderSchema, {"bags": [{"bag": "BX", "volume_ml": "NaN"}]}),
    (schemas.OrderSchema, {"bags": [{"bag": "BX", "volume_ml": "1.234"}]}),
    (schemas.OrderSchema, {"bags": [{"bag": "BX", "dose": "1"}]}),
    (schemas.CheckSchema, {}), (schemas.CheckSchema, {"wristband": ""}),
    (schemas.CheckSchema, {"wristband": "P" * 401}),
    (schemas.CheckSchema, {"wristband": "PX", "verdict": "go"}),
    (schemas.StartSchema, {"token": "short"}), (schemas.StartSchema, {}),
    (schemas.ObserveSchema, SIGNS | {"pulse": 70.5}),
    (schemas.ObserveSchema, SIGNS | {"pulse": "many"}),
    (schemas.ObserveSchema, SIGNS | {"saturation": 101}),
    (schemas.ObserveSchema, SIGNS | {"temperature_c": "46"}),
    (schemas.FinishSchema, {"volume_given_ml": "-1"}),
    (schemas.StopSchema, {"volume_given_ml": "1"}),
    (schemas.ReactionSchema, {"term": "x" * 81, "grade": 1, "done": "Slowed."}),
    (schemas.ReactionSchema, {"term": "chills", "grade": 6, "done": "Slowed."}),
    (schemas.CancelOrderSchema, {"reason": " "}),
    (after.EventSchema, EVENT | {"onset_at": "2026-03-02T10:00:00"}),
    (after.EventSchema, EVENT | {"seriousness": ["grave"]}),
    (after.EventSchema, EVENT | {"grade": 0}),
    (after.VisitSchema, {"name": "M3", "took_place_on": "2026-13-01"}),
    (after.VisitSchema, {"name": "M3", "took_place_on": "2026-03-01", "mrss": 52}),
    (after.OpinionSchema, {"cause": "perhaps"}), (after.EndSchema, {"ended_on": "2026-03-01"}),
])
def test_what_cannot_be_is_refused_at_the_door(schema: type[Schema], data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        schema().load(data)


@pytest.mark.parametrize("schema, data, field, value", [
    (schemas.OrderSchema, {"bags": [{"bag": "BX"}]}, "bags", [{"bag": "BX", "volume_ml": None}]),
    (schemas.CheckSchema, {"wristband": "PX"}, "label", None),
    (schemas.ObserveSchema, SIGNS, "temperature_c", Decimal("36.8")),
    (schemas.FinishSchema, {"volume_given_ml": "49.5"}, "volume_given_ml", Decimal("49.5")),
    (after.EventSchema, EVENT, "narrative", None), (after.VisitSchema, {
        "name": "M3", "took_place_on": "2026-03-01"}, "fvc_percent", None),
])
def test_what_may_be_left_out_is_nothing(schema: type[Schema], data: dict[str, Any], field: str,
                                         value: Any) -> None:
    assert schema().load(data)[field] == value


def test_every_field_says_what_it_is() -> None:
    for module in (schemas, after):
        for schema in vars(module).values():
            if isinstance(schema, type) and issubclass(schema, Schema) and schema is not Schema:
                for field in schema().fields.values():
                    assert field.metadata.get("label")
