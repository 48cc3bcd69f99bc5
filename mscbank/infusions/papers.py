"""The bedside form: one for each bag of an order, for the hour when the system is out of reach."""

from __future__ import annotations

from labels.wording import Language
from mscbank.errors import WrongMoment
from mscbank.infusions.models import Order
from mscbank.labelling import contents
from mscbank.labelling.jobs import Paper, Wanted, known
from mscbank.labelling.kept import OrderForm
from mscbank.labelling.models import LabelKind
from mscbank.permissions import Permission
from mscbank.recipients.service import protocol_of
from mscbank.settings import local, settings


def _form(wanted: Wanted, language: Language) -> OrderForm:
    config, order = settings(), wanted.thing
    part = order.parts[wanted.part - 1]
    bag, lot = part.bag, part.bag.lot
    cautions, agents = contents.cautions_of(bag)
    return OrderForm(
        code=order.code, din=lot.harvest.din, product=contents.product_of(bag),
        class_name=contents.CLASS_NAME, lot=lot.number, bag_number=bag.number,
        bag_count=len(lot.bags), recipient=order.recipient.code,
        recipient_number=order.recipient.number, volume=part.volume_ml,
        cells=contents.cells_text(part.cells, language), expiry=local(bag.usable_until),
        trial=protocol_of(order.recipient).registry_id, facility=config.site_name,
        telephone=config.site_telephone, cautions=cautions, reactive_for=agents)


def _stands(order: Order) -> None:
    if order.cancelled_at is not None:
        raise WrongMoment(f"This order was cancelled: {order.cancelled_why}")


BEDSIDE_FORM = known(Paper(
    LabelKind.BEDSIDE_FORM, Order, Permission.OBSERVE, OrderForm, "paper-a4", _form,
    parts=lambda order: len(order.parts), usable=_stands))
