"""The physician's order: cells from dose per kg and that day's weight, in named bags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa

from mscbank import clock, things
from mscbank.audit.service import record
from mscbank.bags.lifecycle import RELEASED, Place
from mscbank.bags.models import Bag, Lot
from mscbank.database import session
from mscbank.infusions import dose, explained, pace, places
from mscbank.infusions.models import Infusion, Order, OrderedBag
from mscbank.infusions.thawed import recovery_of
from mscbank.permissions import Actor, Permission
from mscbank.recipients.eligibility import protocol_of
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign
from mscbank.testing.service import specification_of
from specs.protocol import Protocol

STILL_THERE = (Place.FILLED, Place.STORED, Place.ISSUED, Place.RECEIVED)


def order(
    recipient: Recipient, bags: Sequence[Mapping[str, Any]], *, seal: Seal | None, by: Actor,
    at: datetime,
) -> Order:
    """Order an infusion, signed. ``bags``: ``{"bag": code, "volume_ml": mL}``, the whole bag where
    no volume is given.

    The dose is dose per kg of the recipient's place in the trial x the latest weight, in viable
    cells after thawing; what was given before counts. Refused outside the tolerance, above the
    DMSO limit, with another person's bag, while another order of this person stands, while the
    trial is paused, and before the cohorts below were watched long enough.
    """
    by.must(Permission.ORDER_INFUSION)
    over = order_record(recipient, bags)
    allocation, weight = recipient.allocation, recipient.weight_now
    limits = protocol_of(recipient).dose
    places.may_go_on(recipient, at)
    dose.no_open_order(recipient.number, (each.code for each in open_orders(recipient)))
    dose.weight_fresh(recipient.number, weight.measured_at, at, limits.weight_valid_days)
    parts = _parts(recipient, bags)
    for facts, _, _, _ in parts:
        dose.may_be_ordered(facts, recipient.number, at)
    cells = sum(part[2] for part in parts)
    minutes = _minutes(parts, explained.fastest(limits, weight.kg))
    dose.dose_fits(weight.kg, allocation.dose_per_kg, over["target_cells"], cells,
                   over["given_cells"], limits)
    dose.dmso_fits(weight.kg, over["dmso_ml"], limits)
    signature = sign(seal, recipient, meaning=Meaning.INFUSION_ORDERED, over=over,
                     permission=Permission.ORDER_INFUSION, by=by, at=at)
    ordered = Order(
        recipient_id=recipient.id, dose_per_kg=allocation.dose_per_kg, weight_id=weight.id,
        weight_kg=weight.kg, target_cells=over["target_cells"], given_cells=over["given_cells"],
        tolerance_percent=limits.tolerance_percent, dmso_ml=over["dmso_ml"],
        ml_per_minute_max=over["ml_per_minute_max"], signature_id=signature.id,
        parts=[OrderedBag(bag_id=bag.id, cells=count, volume_ml=volume, minutes_at_least=least,
                          recovery_percent=facts.recovery_percent)
               for (facts, volume, count, bag), least in zip(parts, minutes, strict=True)],
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
    parts = _parts(recipient, bags)
    limits = protocol_of(recipient).dose
    volumes = [(facts, volume) for facts, volume, _, _ in parts]
    target, given = target_cells(allocation.dose_per_kg, weight.kg), given_cells(recipient)
    rate = explained.fastest(limits, weight.kg)
    minutes = _minutes(parts, rate)
    return {
        "recipient": {"code": recipient.code, "number": recipient.number},
        "protocol": recipient.protocol, "cohort": allocation.cohort,
        "dose_per_kg": allocation.dose_per_kg,
        "weight": {"kg": weight.kg, "measured_at": weight.measured_at},
        "target_cells": target, "tolerance_percent": limits.tolerance_percent,
        "given_cells": given,
        "ordered_cells": sum(count for _, _, count, _ in parts),
        "bags": [{"bag": facts.code, "title": facts.title, "is_for": facts.is_for,
                  "standing": facts.standing, "volume_ml": volume, "of_ml": facts.volume_ml,
                  "filled_cells": facts.viable_cells,
                  "recovery_percent": facts.recovery_percent, "recovery": facts.recovery_why,
                  "cells": count, "dmso_percent": facts.dmso_percent, "minutes_at_least": least}
                 for (facts, volume, count, _), least in zip(parts, minutes, strict=True)],
        "dmso_ml": explained.dmso_ml(volumes), "ml_per_minute_max": rate.ml_per_minute,
        "how": [*explained.explained(weight.kg, allocation.dose_per_kg, target, given, volumes,
                                     limits), *explained.durations(volumes, minutes)],
    }


def proposed(recipient: Recipient) -> list[dict[str, Any]]:
    """The bags and mL that come nearest to the dose, as the form of an order takes them; nothing
    while the dose or the bags are not there."""
    allocation, weight = recipient.allocation, recipient.weight_now
    if allocation is None or weight is None:
        return []
    stored = session.scalars(
        sa.select(Bag).join(Bag.lot).where(
            Lot.recipient_id == recipient.id, Bag.place.in_(STILL_THERE),
            Lot.standing.in_(RELEASED)).order_by(Bag.lot_id, Bag.number)).all()
    facts = [_facts(bag, protocol_of(recipient)) for bag in stored]
    parts = explained.proposal(
        target_cells(allocation.dose_per_kg, weight.kg), given_cells(recipient),
        [each for each in facts if each.in_order is None],
        protocol_of(recipient).dose.volume_step_ml)
    return [{"bag": bag.code, "volume_ml": volume} for bag, volume in parts]


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
    places.may_go_on(recipient, clock.now())


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


def _parts(recipient: Recipient, bags: Sequence[Mapping[str, Any]],
           ) -> list[tuple[dose.BagFacts, Decimal, int, Bag]]:
    """Each bag with its facts, the volume ordered and the cells in that volume."""
    found = [things.get(Bag, each["bag"], field="bags") for each in bags]
    dose.bags_named([bag.code for bag in found])
    parts, protocol = [], protocol_of(recipient)
    for bag, each in zip(found, bags, strict=True):
        facts = _facts(bag, protocol)
        volume = each.get("volume_ml")
        volume = bag.volume_ml if volume is None else volume
        dose.volume_ordered(facts, volume, protocol.dose.volume_step_ml)
        parts.append((facts, volume, dose.cells_in(facts, volume), bag))
    return parts


def _minutes(parts: Sequence[tuple[dose.BagFacts, Decimal, int, Bag]], rate: explained.Rate,
             ) -> list[int | None]:
    """How long each bag runs in at least: by the specification of its lot, and by the protocol's
    rates; the longer counts."""
    ordered, least = sum(count for _, _, count, _ in parts), []
    for _, volume, count, bag in parts:
        asked = [pace.minutes_at_least(pace.hours_at_least(specification_of(bag.lot)), count,
                                       ordered),
                 explained.minutes_at_least(volume, rate)]
        least.append(max((each for each in asked if each is not None), default=None))
    return least


def _facts(bag: Bag, protocol: Protocol) -> dose.BagFacts:
    lot = bag.lot
    recovery, why = recovery_of(lot, protocol)
    other = session.scalar(
        sa.select(Order.code).join(OrderedBag).outerjoin(Infusion, Infusion.bag_id == bag.id)
        .where(OrderedBag.bag_id == bag.id, Order.cancelled_at.is_(None), Infusion.id.is_(None)))
    number = session.scalar(sa.select(Recipient.number).where(Recipient.id == lot.recipient_id))
    return dose.BagFacts(
        code=bag.code, title=bag.title, is_for=number or "", place=bag.place,
        standing=lot.standing, usable_until=bag.usable_until, volume_ml=bag.volume_ml,
        viable_cells=bag.viable_cells, dmso_percent=lot.dmso_percent,
        recovery_percent=recovery, recovery_why=why, in_order=other)
