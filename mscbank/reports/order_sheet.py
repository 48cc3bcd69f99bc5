"""An order on paper: what the physician signed, step by step from weight to volumes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from mscbank.audit import checkpoints
from mscbank.database import session
from mscbank.infusions.models import Order
from mscbank.infusions.rules import millions
from mscbank.reports import paper
from mscbank.reports.binding import document, section
from mscbank.signatures.models import Signature


def order_sheet(order: Order) -> bytes:
    """The order as PDF: the same bytes for the same order and head of the trail."""
    signature = session.get_one(Signature, order.signature_id)
    signed = json.loads(signature.record)
    return document("Order of an infusion", order.title, [
        *_standing(order),
        paper.facts(_facts(order, signed)),
        *section("How the dose comes about", *(paper.words(line) for line in signed["how"])),
        *section("Bags", paper.grid(
            ("Bag", "Of", "Ordered", "Viable cells after thawing", "At least"),
            [_bag(bag) for bag in signed["bags"]], (5, 2, 2, 4, 3))),
        *section("Signed", paper.signature(signature, paper.cover(_stands(order, signed)))),
    ], head=checkpoints.head())


def steps(thing: Any) -> list[str]:
    """How the dose of an order comes about, as it was signed; nothing for any other thing."""
    if not isinstance(thing, Order):
        return []
    return json.loads(session.get_one(Signature, thing.signature_id).record)["how"]


def _stands(order: Order, signed: dict[str, Any]) -> bool:
    """Whether dose, weight, target and every bag are still what was signed."""
    kept = [(part.bag.code, part.cells, part.volume_ml) for part in order.parts]
    return kept == [(bag["bag"], bag["cells"], Decimal(bag["volume_ml"]))
                    for bag in signed["bags"]] and (
        order.dose_per_kg, order.target_cells, order.given_cells, order.weight_kg) == (
        signed["dose_per_kg"], signed["target_cells"], signed["given_cells"],
        Decimal(signed["weight"]["kg"]))


def _standing(order: Order) -> list[Any]:
    if order.cancelled_at is None:
        return []
    return [paper.banner("CANCELLED", paper.marked(
        "{}{}{}", paper.moment_here(order.cancelled_at), ": ", paper.typed(order.cancelled_why)),
        alarm=True)]


def _facts(order: Order, signed: dict[str, Any]) -> list[tuple[str, object]]:
    rate = signed["ml_per_minute_max"]
    return [
        ("Recipient", signed["recipient"]["number"]),
        ("Protocol", f"{signed['protocol']}, cohort {signed['cohort']}"),
        ("Dose", f"{millions(signed['dose_per_kg'])} viable cells per kg"),
        ("Weight", f"{signed['weight']['kg']} kg, {paper.entered(signed['weight']['measured_at'])}"),
        ("Target", f"{millions(signed['target_cells'])} viable cells"),
        ("Ordered", f"{millions(signed['ordered_cells'])} viable cells"),
        ("Fastest", f"{rate} mL/min" if rate else "no limit in the protocol"),
        ("Code", order.code)]


def _bag(bag: dict[str, Any]) -> tuple[str, ...]:
    least = bag["minutes_at_least"]
    return (bag["title"], f"{bag['of_ml']} mL", f"{bag['volume_ml']} mL",
            f"{millions(bag['cells'])} ({bag['recovery_percent']} %)",
            f"{least} min" if least is not None else "")
