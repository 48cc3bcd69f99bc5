"""The acts of this step: decisions, holds, deviations, and results that may be late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mscbank.acts import Act
from mscbank.bags.lifecycle import LOT_STANDING, row_for
from mscbank.bags.models import Bag, Lot
from mscbank.permissions import Permission
from mscbank.release import capa, late, review, rules, schemas, service, stops
from mscbank.release.models import Action, Decision, Deviation, Hold, TrailReview
from mscbank.release.record import exceptional_record, lot_record
from mscbank.signatures.meanings import Meaning
from mscbank.testing import offers, results
from mscbank.testing import schemas as testing_schemas
from mscbank.testing.models import Result, Sample


def _decided(decision: Decision) -> dict[str, Any]:
    return {"standing": decision.standing, "decision": decision.code}


def _reviewed(done: TrailReview) -> dict[str, Any]:
    return {"first": done.first, "last": done.last, "entries": done.entries}


def _decision(act: str, do: Callable[..., Decision], record: Callable[..., dict[str, Any]],
              possible: Callable[[Lot], None] | None = None, **more: Any) -> Act:
    """An act whose permission, meaning and moment are the wall chart's row."""
    row = row_for(LOT_STANDING, act)
    return Act(act, row.who, do, on=Lot, meaning=row.signed, record=record, answer=_decided,
               possible=possible or _moment_for(act), **more)


def _moment_for(act: str) -> Callable[[Lot], None]:
    """Whether the chart leads there now, and the record allows a release: the page greys it."""
    if act in service.FITS:
        return lambda lot: service.can_release(act, lot)
    return lambda lot: service.can_move(act, lot) and None


ACTS: tuple[Act, ...] = (
    Act("record result", Permission.TEST, late.record_result, on=Sample,
        schema=testing_schemas.RecordResult, offers=offers.for_sample),
    Act("correct result", Permission.TEST, late.correct_result, on=Result,
        schema=testing_schemas.CorrectResult, possible=results.can_correct,
        offers=offers.for_correction),
    _decision("release conditionally", service.release_conditionally, lot_record),
    _decision("certify", service.certify, lot_record),
    Act("request exception", Permission.REQUEST_EXCEPTION, service.request_exception, on=Lot,
        schema=schemas.RequestException, meaning=Meaning.EXCEPTION_REQUESTED,
        record=service.request_record, possible=service.can_request),
    _decision("release exceptionally", service.release_exceptionally, exceptional_record),
    _decision("reject", service.reject, lot_record, schema=schemas.Reason),
    _decision("declare nonconforming", service.declare_nonconforming, lot_record,
              schema=schemas.Reason),
    _decision("reinstate", service.reinstate, lot_record, service.can_reinstate,
              schema=schemas.Reason),
    Act("review trail", Permission.REVIEW_TRAIL, review.review_lot, on=Lot,
        meaning=Meaning.TRAIL_REVIEWED, record=review.lot_span, reading=review.lot_reading,
        beside=review.lot_unproven, possible=review.can_review, answer=_reviewed),
    Act("review the trail", Permission.REVIEW_TRAIL, review.review_trail, room="trail",
        schema=schemas.ReviewTrail, meaning=Meaning.TRAIL_REVIEWED, record=review.trail_span,
        reading=review.trail_reading, answer=_reviewed),
    Act("hold", Permission.HOLD, stops.hold_lot, on=Lot, schema=schemas.Reason,
        possible=lambda lot: rules.lot_can_be_held(lot.standing)),
    Act("hold", Permission.HOLD, stops.hold_bag, on=Bag, schema=schemas.Reason,
        possible=lambda bag: rules.bag_can_be_held(bag.place)),
    Act("lift hold", Permission.LIFT_HOLD, stops.lift_hold, on=Hold, schema=schemas.Reason,
        meaning=Meaning.HOLD_LIFTED, record=stops.hold_record, possible=stops.can_lift),
    Act("open deviation", Permission.OPEN_DEVIATION, stops.open_deviation, room="deviations",
        schema=schemas.OpenDeviation, answer=lambda deviation: {"number": deviation.number},
        drafted=True),
    Act("classify deviation", Permission.CLASSIFY_DEVIATION, capa.classify, on=Deviation,
        schema=schemas.ClassifyDeviation, possible=capa.can_go_on),
    Act("investigate deviation", Permission.INVESTIGATE_DEVIATION, capa.investigate,
        on=Deviation, schema=schemas.InvestigateDeviation, possible=capa.can_go_on, drafted=True),
    Act("add action", Permission.PLAN_ACTION, capa.add_action, on=Deviation,
        schema=schemas.AddAction, possible=capa.can_go_on,
        answer=lambda action: {"number": action.number}),
    Act("finish action", Permission.FINISH_ACTION, capa.finish_action, on=Action,
        schema=schemas.FinishAction, possible=capa.can_finish),
    Act("verify action", Permission.VERIFY_ACTION, capa.verify_action, on=Action,
        schema=schemas.VerifyAction, possible=capa.can_verify),
    Act("close deviation", Permission.CLOSE_DEVIATION, stops.close_deviation, on=Deviation,
        schema=schemas.CloseDeviation, meaning=Meaning.DEVIATION_CLOSED,
        record=stops.deviation_record, possible=stops.can_close),
)
