"""The acts of this step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import Schema

from mscbank.acts import Act
from mscbank.bags.lifecycle import BAG_PLACE, after
from mscbank.bags.models import Bag
from mscbank.infusions import corrections, onpaper, orders, places, schemas, service
from mscbank.infusions.models import Infusion, Observation, Order, Reaction
from mscbank.infusions.papers import BEDSIDE_FORM
from mscbank.infusions.seen_models import Seen
from mscbank.infusions.checking import Outcome
from mscbank.labelling.acts import issue_act
from mscbank.permissions import Permission
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning


def _may_be_started(bag: Bag) -> None:
    service.may_be_started(bag)
    after(BAG_PLACE, "start", bag.place, lot=bag.lot.standing)


def _outcome(outcome: Outcome) -> dict[str, Any]:
    check = outcome.check
    return {
        "check": outcome.code, "verdict": check.verdict if check else "waiting",
        "findings": [{"reason": finding.reason, "sentence": finding.sentence}
                     for finding in outcome.findings],
        "token": outcome.token, "seconds": outcome.seconds,
        "until": check.token_until if check else None,
        "half": outcome.half.id if outcome.half else None,
    }


def _order(order: Order) -> dict[str, Any]:
    return {"target_cells": order.target_cells, "given_cells": order.given_cells,
            "bags": [{"bag": part.bag.code, "volume_ml": part.volume_ml, "cells": part.cells,
                      "minutes_at_least": part.minutes_at_least}
                     for part in order.parts]}


def _infusion(infusion: Infusion) -> dict[str, Any]:
    return {"started_at": infusion.started_at, "not_before": infusion.not_before,
            "ended_at": infusion.ended_at}


def _beside(seen: Seen) -> Infusion:
    return seen.infusion


def _correction(name: str, do: Callable[..., Any], on: type[Any], schema: type[Schema]) -> Act:
    """What was seen beside a bag is said anew in a form that begins with it, and read there again."""
    return Act(name, Permission.OBSERVE, do, on=on, schema=schema, back=_beside,
               possible=corrections.may_be_corrected, begins=corrections.said_again,
               offers=corrections.offers, page="infusions/correct.html")


def _withdrawal(name: str, do: Callable[..., Any], on: type[Any]) -> Act:
    """What was never seen beside this bag is taken out of what counts."""
    return Act(name, Permission.OBSERVE, do, on=on, schema=schemas.WithdrawSchema, back=_beside,
               possible=corrections.may_be_withdrawn)


ACTS: tuple[Act, ...] = (
    Act("order", Permission.ORDER_INFUSION, orders.order, on=Recipient,
        schema=schemas.OrderSchema, meaning=Meaning.INFUSION_ORDERED, record=orders.order_record,
        possible=orders.can_be_ordered, answer=_order,
        begins=lambda recipient: {"bags": orders.proposed(recipient)}),
    Act("give up place", Permission.ORDER_INFUSION, places.give_up_place, on=Recipient,
        schema=schemas.GiveUpPlaceSchema, possible=places.may_give_up),
    Act("cancel order", Permission.ORDER_INFUSION, orders.cancel_order, on=Order,
        schema=schemas.CancelOrderSchema, possible=orders.may_be_cancelled),
    Act("check", Permission.INFUSE, service.check, on=Bag, schema=schemas.CheckSchema,
        witnessed=True, answer=_outcome),
    Act("start", Permission.INFUSE, service.start, on=Bag, schema=schemas.StartSchema,
        possible=_may_be_started, answer=_infusion),
    Act("enter paper infusion", Permission.INFUSE, onpaper.enter, on=Bag,
        schema=schemas.PaperInfusionSchema, witnessed=True, possible=onpaper.may_be_entered,
        offers=onpaper.offers, answer=_infusion),
    Act("observe", Permission.OBSERVE, service.observe, on=Infusion,
        schema=schemas.ObserveSchema),
    Act("finish", Permission.INFUSE, service.finish, on=Infusion, schema=schemas.FinishSchema,
        possible=service.may_be_ended, answer=_infusion),
    Act("stop", Permission.INFUSE, service.stop, on=Infusion, schema=schemas.StopSchema,
        possible=service.may_be_ended, answer=_infusion),
    Act("report reaction", Permission.OBSERVE, service.report_reaction, on=Infusion,
        schema=schemas.ReactionSchema),
    _correction("correct vital signs", corrections.correct_signs, Observation,
                schemas.CorrectSignsSchema),
    _withdrawal("withdraw vital signs", corrections.withdraw_signs, Observation),
    _correction("correct reaction", corrections.correct_reaction, Reaction,
                schemas.CorrectReactionSchema),
    _withdrawal("withdraw reaction", corrections.withdraw_reaction, Reaction),
    issue_act(BEDSIDE_FORM, "issue bedside form"),
)

# One person's half, from the bedside page alone: no list and no machine offers it.
OWN_CHECK = Act("own check", Permission.INFUSE, service.own_check, on=Bag,
                schema=schemas.OwnCheckSchema, answer=_outcome)
