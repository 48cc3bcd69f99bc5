"""The physician's order: cells from dose per kg and that day's weight, in named bags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from mscbank import things
from mscbank.audit.service import record
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.infusions import dose, pace
from mscbank.infusions.models import Infusion, Order, OrderedBag
from mscbank.permissions import Actor, Permission
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign
from mscbank.testing.service import specification_of
from specs import shelf
from specs.protocol import Protocol


def order(
    recipient: Recipient, bags: Sequence[Mapping[str, Any]], *, seal: Seal | None, by: Actor,
    at: datetime,
) -> Order:
    """Order an infusion, signed. ``bags``: ``{"bag": code, "volume_ml": mL}``, the whole bag where
    no volume is given.

    The dose is dose per kg of the recipient's place in the trial x the latest weight; what was
    given before counts. Refused outside the tolerance, above the DMSO limit, with another
    person's bag, and while another order of this person stands.
    """
    by.must(Permission.ORDER_INFUSION)
    over = order_record(recipient, bags)
    allocation, weight = recipient.allocation, recipient.weight_now
    dose.no_open_order(recipient.number, (each.code for each in open_orders(recipient)))
    dose.weight_fresh(recipient.number, weight.measured_at, at)
    parts = _parts(bags)
    for facts, _, _, _ in parts:
        dose.may_be_ordered(facts, recipient.number, at)
    limits = protocol_of(recipient).dose
    cells = sum(part[2] for part in parts)
    minutes = _minutes(parts)
    dose.dose_fits(weight.kg, allocation.dose_per_kg, over["target_cells"], cells,
                   over["given_cells"], limits)
    dose.dmso_fits(weight.kg, sum((volume * facts.dmso_percent / 100
                                   for facts, volume, _, _ in parts), Decimal(0)), limits)
    signature = sign(seal, recipient, meaning=Meaning.INFUSION_ORDERED, over=over,
                     permission=Permission.ORDER_INFUSION, by=by, at=at)
    ordered = Order(
        recipient_id=recipient.id, dose_per_kg=allocation.dose_per_kg, weight_id=weight.id,
        weight_kg=weight.kg, target_cells=over["target_cells"], given_cells=over["given_cells"],
        tolerance_percent=limits.tolerance_percent, signature_id=signature.id,
        parts=[OrderedBag(bag_id=bag.id, cells=count, volume_ml=volume, minutes_at_least=least)
               for (_, volume, count, bag), least in zip(parts, minutes, strict=True)],
        recorded_by_id=by.id, recorded_at=at)
    session.add(ordered)
    session.flush()
    record("order", recipient, by=by, at=at, order=ordered.code, cells=cells,
           target_cells=ordered.target_cells, given_cells=ordered.given_cells, kg=weight.kg,
           bags={facts.code: {"volume_ml": volume, "cells": count, "minutes_at_least": least}
                 for (facts, volume, count, _), least in zip(parts, minutes, strict=True)})
    return ordered


def order_record(recipient: Recipient, bags: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the physician sees and signs: person, weight, dose, and the cells of each bag."""
    allocation, weight = recipient.allocation, recipient.weight_now
    dose.may_be_ordered_for(recipient.number, recipient.consents_now,
                            allocation and allocation.dose_per_kg)
    dose.weighed(recipient.number, weight and weight.kg)
    parts = _parts(bags)
    limits = protocol_of(recipient).dose
    return {
        "recipient": {"code": recipient.code, "number": recipient.number},
        "protocol": recipient.protocol, "cohort": allocation.cohort,
        "dose_per_kg": allocation.dose_per_kg,
        "weight": {"kg": weight.kg, "measured_at": weight.measured_at},
        "target_cells": target_cells(allocation.dose_per_kg, weight.kg),
        "tolerance_percent": limits.tolerance_percent,
        "given_cells": given_cells(recipient),
        "ordered_cells": sum(count for _, _, count, _ in parts),
        "bags": [{"bag": facts.code, "title": facts.title, "is_for": facts.is_for,
                  "standing": facts.standing, "volume_ml": volume, "of_ml": facts.volume_ml,
                  "cells": count, "dmso_percent": facts.dmso_percent,
                  "minutes_at_least": least}
                 for (facts, volume, count, _), least in zip(parts, _minutes(parts), strict=True)],
    }


def cancel_order(order: Order, reason: str, *, by: Actor, at: datetime) -> Order:
    """Cancel an order: none of its bags that has not begun may be given under it."""
    by.must(Permission.ORDER_INFUSION)
    reason = dose.said(reason, field="reason")
    may_be_cancelled(order)
    order.cancelled_at, order.cancelled_why = at, reason
    record("cancel order", order, by=by, at=at, reason=reason)
    return order


def may_be_cancelled(order: Order) -> None:
    """Refuse when it was cancelled before or a bag of it runs."""
    dose.may_be_cancelled(order.cancelled_at is not None,
                          any(each.ended_at is None for each in order.infusions))


def can_be_ordered(recipient: Recipient) -> None:
    """Refuse when this is not the moment to order for this person."""
    allocation = recipient.allocation
    dose.may_be_ordered_for(recipient.number, recipient.consents_now,
                            allocation and allocation.dose_per_kg)
    dose.no_open_order(recipient.number, (each.code for each in open_orders(recipient)))


def open_orders(recipient: Recipient) -> list[Order]:
    """Orders that were not cancelled and of which some bag has not begun."""
    return [each for each in recipient.orders if each.cancelled_at is None
            and len(each.infusions) < len(each.parts)]


def given_cells(recipient: Recipient) -> int:
    """Viable cells given so far; a running bag counts as ordered."""
    total = Decimal(0)
    for infusion in recipient.infusions:
        part = part_of(infusion)
        share = Decimal(1)
        if infusion.volume_given_ml is not None:
            share = infusion.volume_given_ml / part.volume_ml
        total += part.cells * share
    return int(total.to_integral_value(rounding=ROUND_HALF_UP))


def part_of(infusion: Infusion) -> OrderedBag:
    """The line of the order under which this bag was started."""
    return next(part for part in infusion.order.parts if part.bag_id == infusion.bag_id)


def target_cells(dose_per_kg: int, kg: Decimal) -> int:
    """Viable cells to give, to the nearest cell (a half goes up)."""
    return int((dose_per_kg * kg).to_integral_value(rounding=ROUND_HALF_UP))


def protocol_of(recipient: Recipient) -> Protocol:
    """The protocol the recipient was enrolled under."""
    return shelf.protocol(recipient.protocol)


def _parts(bags: Sequence[Mapping[str, Any]],
           ) -> list[tuple[dose.BagFacts, Decimal, int, Bag]]:
    """Each bag with its facts, the volume ordered and the cells in that volume."""
    found = [things.get(Bag, each["bag"], field="bags") for each in bags]
    dose.bags_named([bag.code for bag in found])
    parts = []
    for bag, each in zip(found, bags, strict=True):
        facts = _facts(bag)
        volume = each.get("volume_ml")
        volume = bag.volume_ml if volume is None else volume
        dose.volume_ordered(facts, volume)
        parts.append((facts, volume, dose.cells_in(facts, volume), bag))
    return parts


def _minutes(parts: Sequence[tuple[dose.BagFacts, Decimal, int, Bag]]) -> list[int | None]:
    """How long each bag runs in at least, by the specification of its lot."""
    ordered = sum(count for _, _, count, _ in parts)
    return [pace.minutes_at_least(pace.hours_at_least(specification_of(bag.lot)), count, ordered)
            for _, _, count, bag in parts]


def _facts(bag: Bag) -> dose.BagFacts:
    lot = bag.lot
    other = session.scalar(
        sa.select(Order.code).join(OrderedBag).outerjoin(Infusion, Infusion.bag_id == bag.id)
        .where(OrderedBag.bag_id == bag.id, Order.cancelled_at.is_(None), Infusion.id.is_(None)))
    number = session.scalar(sa.select(Recipient.number).where(Recipient.id == lot.recipient_id))
    return dose.BagFacts(
        code=bag.code, title=bag.title, is_for=number or "", place=bag.place,
        standing=lot.standing, usable_until=bag.usable_until, volume_ml=bag.volume_ml,
        viable_cells=bag.viable_cells, dmso_percent=lot.dmso_percent, in_order=other)
