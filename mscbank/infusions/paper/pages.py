"""Paper forms: of one order, or of every bag on its way to a bedside or there."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, render_template

from mscbank import clock, things
from mscbank.bags.lifecycle import Place
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.errors import NotKnown
from mscbank.infusions.models import Order, OrderedBag
from mscbank.permissions import Permission
from mscbank.web import actor, needs
from mscbank.web.files import pdf

pages = Blueprint("paper", __name__)


def on_the_ward() -> list[OrderedBag]:
    """The ordered bags that were given out or received and have not begun to run."""
    return list(session.scalars(
        sa.select(OrderedBag).join(Order, Order.id == OrderedBag.order_id)
        .join(Bag, Bag.id == OrderedBag.bag_id)
        .where(Order.cancelled_at.is_(None), Bag.place.in_([Place.ISSUED, Place.RECEIVED]))
        .order_by(Order.recipient_id, OrderedBag.id)))


@pages.get("/bedside/paper")
@needs(Permission.READ_RECORDS)
def forms() -> str:
    """Which bags have a paper form now, to print while there is a network; and what was given on
    paper, to enter once there is one again."""
    parts = on_the_ward()
    return render_template(
        "infusions/paper.html", parts=parts, may_infuse=actor().may(Permission.INFUSE),
        received=[part for part in parts if part.bag.place is Place.RECEIVED])


@pages.get("/bedside/paper.pdf")
@needs(Permission.READ_RECORDS)
def of_the_ward() -> Response:
    """A page for each bag of the ward."""
    if not (parts := on_the_ward()):
        raise NotKnown("No ordered bag is on its way to the ward or there: there is nothing to "
                       "print.")
    return _drawn(parts, "bedside-forms")


@pages.get("/orders/<code:code>/paper.pdf")
@needs(Permission.READ_RECORDS)
def of_order(code: str) -> Response:
    """A page for each bag of an order."""
    order = things.get(Order, code)
    return _drawn(order.parts, f"bedside-form-{order.recipient.number}")


def _drawn(parts: list[OrderedBag], name: str) -> Response:
    from mscbank.reports.downtime import paper  # what draws is loaded when first asked for

    return pdf(lambda: paper(parts, clock.now()), name)
