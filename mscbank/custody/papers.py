"""What goes with a shipment: the label of its box and the packing list."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from labels.papers import BoxLabel, PackedBag, PackingList
from labels.wording import Language
from mscbank.custody.models import Journey
from mscbank.database import session
from mscbank.errors import WrongMoment
from mscbank.labelling import contents
from mscbank.labelling.jobs import Paper, Wanted, known
from mscbank.labelling.models import LabelKind
from mscbank.permissions import Permission
from mscbank.settings import local, settings
from specs.protocol import TemperatureRange


def shipment_of(journey: Journey) -> list[Journey]:
    """The journeys that share this one's box on its way to the same place: what is packed."""
    return list(session.scalars(
        sa.select(Journey).where(
            Journey.box == journey.box, Journey.destination == journey.destination,
            Journey.received_at.is_(None), Journey.returned_at.is_(None)).order_by(Journey.id)))


def _outside(wanted: Wanted, language: Language) -> dict[str, Any]:
    config, journey = settings(), wanted.thing
    together = shipment_of(journey)
    kept = TemperatureRange(name="box", low=max(each.low_c for each in together),
                            high=min(each.high_c for each in together))
    return {"code": wanted.text, "box": journey.box, "sender": config.site_name,
            "receiver": journey.destination, "bag_count": len(together),
            "dispatched_at": local(min(each.given_at for each in together)),
            "temperature": contents.degrees(kept, language), "telephone": config.site_telephone}


def _box(wanted: Wanted, language: Language) -> BoxLabel:
    return BoxLabel(**_outside(wanted, language))


def _list(wanted: Wanted, language: Language) -> PackingList:
    return PackingList(**_outside(wanted, language), bags=tuple(
        _packed(each) for each in shipment_of(wanted.thing)))


def _packed(journey: Journey) -> PackedBag:
    bag = journey.bag
    return PackedBag(code=bag.code, din=bag.lot.harvest.din,
                     product=contents.product_of(bag), lot=bag.lot.number,
                     recipient_number=bag.lot.harvest.donor.recipient.number,
                     expiry=local(bag.usable_until))


def _under_way(journey: Journey) -> None:
    if journey.received_at is not None or journey.returned_at is not None:
        raise WrongMoment("This box has arrived: nothing is packed in it any more.")


BOX = known(Paper(LabelKind.BOX, Journey, Permission.HAND_OVER, BoxLabel, "bag-100x100", _box,
                  usable=_under_way))
PACKING_LIST = known(Paper(LabelKind.PACKING_LIST, Journey, Permission.HAND_OVER, PackingList,
                           "paper-a4", _list, usable=_under_way))
