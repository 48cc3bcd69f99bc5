"""The bedside at each stage, built through the acts. Paula orders; Nadia and Noel check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from mscbank import clock
from mscbank.audit import chain
from mscbank.bags.models import Bag, Lot
from mscbank.database import session, transaction
from mscbank.infusions import onpaper, service
from mscbank.infusions.facts import Judged, judge
from mscbank.infusions.models import Infusion, Order
from mscbank.recipients.models import Recipient, Wristband
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.conftest import START
from tests.stages.custody import bag_at_bedside, issue, receive
from tests.stages.kept import kept
from tests.stages.labelling import label_text
from tests.stages.recipients import weigh, wristband
from tests.stages.release import released_lot


BEGAN, ENDED = START + timedelta(minutes=10), START + timedelta(minutes=40)
LATER = START + timedelta(hours=2)
CALM = {"temperature_c": Decimal("36.8"), "pulse": 72, "systolic": 124, "diastolic": 78,
        "saturation": 98}


@dataclass
class Bedside:
    """A bag on the ward and the person it is for, with a band on the wrist and an order."""

    bag: Bag
    recipient: Recipient
    band: Wristband
    order: Order | None

    def judge(self, band: str | None = None, **how: Any) -> Judged:
        """What the verdict is now, by label and band."""
        text = label_text(self.bag)
        return judge(text, band or self.band.code, clock.now(), **how)


def recipient_of(lot: Lot) -> Recipient:
    """Whom the lot was made for."""
    return session.get_one(Recipient, lot.recipient_id)


def order(cast: Cast, recipient: Recipient, *wanted: Bag, volume_ml: Decimal | None = None,
          ) -> Order:
    """Paula reads the order and signs it; whole bags unless told otherwise."""
    parts = [{"bag": bag.code, "volume_ml": volume_ml} for bag in wanted]
    seal = Seal(cast.paula.id, Meaning.INFUSION_ORDERED,
                chain.digest(service.order_record(recipient, parts)))
    with transaction():
        return service.order(recipient, parts, seal=seal, by=cast.paula, at=clock.now())


@kept
def bedside(cast: Cast, lot: Lot | None = None, *, ordered: bool = True) -> Bedside:
    """A bag that was never frozen, received on the ward; its person weighed and banded."""
    bag = bag_at_bedside(cast, lot or released_lot(cast))
    recipient = recipient_of(bag.lot)
    weigh(cast, recipient)
    band = wristband(cast, recipient)
    return Bedside(bag, recipient, band, order(cast, recipient, bag) if ordered else None)


def second_bag(cast: Cast, beside: Bedside) -> Bag:
    """Another bag of the same lot, also received."""
    bag = next(each for each in beside.bag.lot.bags if each.id != beside.bag.id)
    issue(cast, bag)
    receive(cast, bag)
    return bag


def checked(cast: Cast, beside: Bedside, **different: Any) -> service.Outcome:
    """Nadia checks with Noel, who scans what she scanned unless told otherwise."""
    how = {"wristband": beside.band.code, "label": label_text(beside.bag),
           "second": cast.noel, "by": cast.nadia} | different
    how = {"wristband_again": how["wristband"], "label_again": how["label"]} | how
    with transaction():
        return service.check(beside.bag, **how, at=clock.now())


@kept
def started(cast: Cast, beside: Bedside | None = None) -> Infusion:
    """An infusion that runs."""
    beside = beside or bedside(cast)
    outcome = checked(cast, beside)
    with transaction():
        return service.start(beside.bag, outcome.token, by=cast.nadia, at=clock.now())


@kept
def finished(cast: Cast, beside: Bedside | None = None) -> Infusion:
    """An infusion whose whole bag ran in, in the time it takes."""
    infusion = started(cast, beside)
    with clock.pinned(infusion.not_before or clock.now()), transaction():
        return service.finish(infusion, infusion.bag.volume_ml, by=cast.nadia, at=clock.now())


def given_on_paper(cast: Cast, beside: Bedside, at: datetime = LATER, **different: Any,
                   ) -> Infusion:
    """Nadia and Noel sign the sheet; two hours after the start Nadia enters it with Paula."""
    says = {"wristband": beside.band.code, "began_at": BEGAN, "checked_by": "nadia",
            "checked_again_by": "noel", "why": "The network was gone from 9 to 11.",
            "ended_at": ENDED, "volume_given_ml": Decimal(50), "second": cast.paula,
            "by": cast.nadia} | different
    with clock.pinned(at), transaction():
        return onpaper.enter(beside.bag, **says, at=clock.now())
