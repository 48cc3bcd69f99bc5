"""What stands on a bag's label: from the record to the printed facts, and kept as plain values.

The kept form is all that a job's pages are drawn from, so the same job gives the same bytes, also
after the bank moved house or changed its zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from labels import housecode, signed
from labels.content import BagLabel, ContentError
from labels.isbt128.errors import FormatError
from labels.wording import CAUTIONS, Caution, Language
from mscbank.audit import chain
from mscbank.bags.lifecycle import Standing
from mscbank.bags.models import Bag
from mscbank.database import plain_decimal
from mscbank.donors.service import warnings_of
from mscbank.errors import Unfit
from mscbank.labelling import rules
from mscbank.recipients.service import protocol_of
from mscbank.settings import settings
from specs.protocol import Protocol, TemperatureRange

FRESH, CRYOPRESERVED = "D0001", "D0002"  # the bank's own product codes, never a licensed table's
COLLECTION_TYPE = "0"  # none stated: the table of collection types is a licensed one
CLASS_NAME = "MSC(M)"  # culture-adapted MSC from marrow (ICCBBA and ISCT, Cytotherapy 2021)
WORDS = {Language.EN: ("viable cells", "to"), Language.FR: ("cellules viables", "à")}
_MOMENTS, _DAYS, _DECIMALS = {"expiry"}, {"frozen_on"}, {"volume"}


def is_frozen_product(bag: Bag) -> bool:
    """Whether the bag is made to be frozen: its medium holds a cryoprotectant."""
    return bag.lot.dmso_percent > 0


def product_of(bag: Bag) -> str:
    """The product code of this bag. With the donation number it names this bag and no other."""
    description = CRYOPRESERVED if is_frozen_product(bag) else FRESH
    earlier = sorted((lot for lot in bag.lot.harvest.lots if lot.id < bag.lot_id),
                     key=lambda lot: lot.id)
    division = rules.division([len(lot.bags) for lot in earlier], bag.number)
    return description + COLLECTION_TYPE + division


def content_of(bag: Bag, number: int, language: Language) -> dict[str, Any]:
    """What copy ``number`` of the bag's label says, as it is kept."""
    config = settings()
    lot = bag.lot
    recipient = lot.harvest.donor.recipient
    protocol = protocol_of(recipient)
    expiry = bag.expires_at.astimezone(config.zone).replace(second=0, microsecond=0)
    cautions, agents = cautions_of(bag)
    frozen = bag.frozen_at and bag.frozen_at.astimezone(config.zone).date()
    try:
        label = BagLabel(
            code=housecode.copy_text(bag.code, number), din=lot.harvest.din,
            product=product_of(bag), class_name=CLASS_NAME, lot=lot.number,
            bag_number=bag.number, bag_count=len(lot.bags), recipient=recipient.code,
            recipient_number=recipient.number, volume=bag.volume_ml,
            cells=cells_text(bag.viable_cells, language), contains=_contains(bag),
            frozen_on=frozen, expiry=expiry, storage=_storage(bag, protocol, language),
            trial=protocol.registry_id, facility=config.site_name,
            facility_address=config.site_address,
            signed=_signed(bag, number, recipient.code, expiry), cautions=cautions,
            reactive_for=agents)
    except (ContentError, FormatError, housecode.CodeError) as error:
        raise Unfit(f"The label of {bag.title} cannot be made: {error}.") from error
    return keep(label, config.time_zone)


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
    kept = limits(bag, protocol)
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


# --- the kept form ------------------------------------------------------------------------------

def keep(label: BagLabel, zone: str) -> dict[str, Any]:
    """The label as plain values, with the zone its times are printed in."""
    return {"zone": zone} | {field.name: chain.plain(getattr(label, field.name))
                             for field in fields(label)}


def label_of(kept: dict[str, Any]) -> BagLabel:
    """The label that was kept."""
    values = {name: value for name, value in kept.items() if name != "zone"}
    zone = ZoneInfo(kept["zone"])
    for name in _MOMENTS:
        values[name] = datetime.fromisoformat(values[name]).astimezone(zone)
    for name in _DAYS:
        values[name] = values[name] and date.fromisoformat(values[name])
    for name in _DECIMALS:
        values[name] = Decimal(values[name])
    values["cautions"] = tuple(Caution(word) for word in values["cautions"])
    values["reactive_for"] = tuple(values["reactive_for"])
    return BagLabel(**values)
