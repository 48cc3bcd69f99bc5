"""What stands on a bag's label: from the record to the printed facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from labels import signed
from labels.content import BagLabel
from labels.wording import CAUTIONS, Caution, Language
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Bag, Lot
from mscbank.database import plain_decimal, session
from mscbank.donors.service import warnings_of
from mscbank.errors import Unfit
from mscbank.labelling import rules
from mscbank.labelling.jobs import Paper, Wanted, known
from mscbank.labelling.jobs import content_of as kept_content
from mscbank.labelling.models import LabelKind
from mscbank.permissions import Permission
from mscbank.recipients.service import protocol_of
from mscbank.settings import settings
from specs.protocol import Protocol, TemperatureRange

FRESH, CRYOPRESERVED = "D0001", "D0002"  # the bank's own product codes, never a licensed table's
COLLECTION_TYPE = "0"  # none stated: the table of collection types is a licensed one
CLASS_NAME = "MSC(M)"  # culture-adapted MSC from marrow (ICCBBA and ISCT, Cytotherapy 2021)
WORDS = {Language.EN: ("viable cells", "to"), Language.FR: ("cellules viables", "à"),
         Language.BOTH: ("viable cells / cellules viables", "–")}

# How many bags each earlier lot of a harvest has.
_BAGS_BEFORE = sa.select(sa.func.count(Bag.id)).select_from(Lot).outerjoin(Bag).where(
    Lot.harvest_id == sa.bindparam("harvest_id"),
    Lot.id < sa.bindparam("lot_id")).group_by(Lot.id).order_by(Lot.id)


def is_frozen_product(bag: Bag) -> bool:
    """Whether the bag is made to be frozen: its medium holds a cryoprotectant."""
    return bag.lot.dmso_percent > 0


def product_of(bag: Bag) -> str:
    """The product code of this bag. With the donation number it names this bag and no other."""
    description = CRYOPRESERVED if is_frozen_product(bag) else FRESH
    earlier = session.scalars(_BAGS_BEFORE, {
        "harvest_id": bag.lot.harvest_id, "lot_id": bag.lot_id}).all()
    division = rules.division(earlier, bag.number)
    return description + COLLECTION_TYPE + division


def label_of(wanted: Wanted, language: Language) -> BagLabel:
    """What this copy of a bag's label says."""
    config, bag = settings(), wanted.thing
    lot = bag.lot
    recipient = lot.harvest.donor.recipient
    protocol = protocol_of(recipient)
    expiry = bag.expires_at.astimezone(config.zone).replace(second=0, microsecond=0)
    cautions, agents = cautions_of(bag)
    frozen = bag.frozen_at and bag.frozen_at.astimezone(config.zone).date()
    return BagLabel(
        code=wanted.text, din=lot.harvest.din, product=product_of(bag), class_name=CLASS_NAME,
        lot=lot.number, bag_number=bag.number, bag_count=len(lot.bags), recipient=recipient.code,
        recipient_number=recipient.number, volume=bag.volume_ml,
        cells=cells_text(bag.viable_cells, language), contains=_contains(bag), frozen_on=frozen,
        expiry=expiry, storage=_storage(bag, protocol, language), trial=protocol.registry_id,
        facility=config.site_name, facility_address=config.site_address,
        signed=_signed(bag, wanted.number, recipient.code, expiry), cautions=cautions,
        reactive_for=agents)


BAG = known(Paper(LabelKind.BAG, Bag, Permission.LABEL, BagLabel, "bag-100x100", label_of,
                  shapes=frozenset({"large", "wide", "small"})))


def content_of(bag: Bag, number: int, language: Language) -> dict[str, Any]:
    """What copy ``number`` of the bag's label says, as it is kept."""
    return kept_content(BAG, Wanted(bag, 1, number), language)


def cautions_of(bag: Bag) -> tuple[tuple[Caution, ...], tuple[str, ...]]:
    """The warnings this bag must carry now, and the agents whose tests reacted."""
    cautions, agents = donor_cautions(warnings_of(bag.lot.harvest.donor))
    if bag.lot.standing is Standing.EXCEPTIONAL:
        cautions = (*cautions, Caution.EXCEPTIONAL_RELEASE)
    return cautions, agents


def donor_cautions(warnings: Iterable[str]) -> tuple[tuple[Caution, ...], tuple[str, ...]]:
    """The donor's warnings as a label knows them. One it does not know stops the label."""
    known = CAUTIONS[Language.EN]
    reactive = known[Caution.REACTIVE].removesuffix("{agents}")
    legends = {legend: caution for caution, legend in known.items()}
    found: dict[Caution, None] = {}
    agents: dict[str, None] = {}
    for warning in warnings:
        if warning.startswith(reactive):
            found[Caution.REACTIVE] = None
            agents |= dict.fromkeys(warning.removeprefix(reactive).split(", "))
        elif warning in legends:
            found[legends[warning]] = None
        else:
            raise Unfit(f"The donor's warning “{warning}” has no place on a label: tell quality "
                        "assurance; a label without it may not be printed.")
    return tuple(found), tuple(agents)


def cells_text(cells: int, language: Language) -> str:
    """Cells as people read them: 4.2 × 10^7 viable cells. Never rounded: no cell is lost."""
    exponent = len(str(cells)) - 1
    mantissa = plain_decimal(Decimal(cells).scaleb(-exponent))
    if language is Language.FR:
        mantissa = mantissa.replace(".", ",")
    return f"{mantissa} × 10^{exponent} {WORDS[language][0]}"


def _contains(bag: Bag) -> str:
    """The excipients as they were written, and the DMSO where those words leave it out."""
    excipients = bag.lot.excipients
    if not is_frozen_product(bag) or "DMSO" in excipients.upper():
        return excipients
    return f"{excipients}; DMSO {plain_decimal(bag.lot.dmso_percent)} %"


def limits(bag: Bag, protocol: Protocol) -> TemperatureRange:
    """How cold the bag is kept: as a frozen bag until it is thawed, else as a thawed one."""
    frozen = is_frozen_product(bag) and bag.thawed_at is None
    return protocol.temperature("frozen_bag" if frozen else "thawed_bag")


def _storage(bag: Bag, protocol: Protocol, language: Language) -> str:
    return degrees(limits(bag, protocol), language)


def degrees(kept: TemperatureRange, language: Language) -> str:
    """Between which temperatures it is kept."""
    return f"{plain_decimal(kept.low)} {WORDS[language][1]} {plain_decimal(kept.high)} °C"


# --- origin -------------------------------------------------------------------------------------

@lru_cache(maxsize=4)
def _signing_key(key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key)


def public_keys() -> dict[str, Ed25519PublicKey]:
    """The keys whose signature on a label this house takes for its own."""
    public = _signing_key(settings().signing_key).public_key()
    return {signed.key_id(public): public}


def _signed(bag: Bag, number: int, recipient: str, expiry: datetime) -> str:
    key = _signing_key(settings().signing_key)
    facts = signed.Facts(bag=bag.code, copy=number, din=bag.lot.harvest.din, recipient=recipient,
                         expiry=expiry.astimezone(UTC), key=signed.key_id(key.public_key()))
    return signed.issue(facts, key.sign)
