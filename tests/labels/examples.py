"""One good label of every kind, with the fields a test wants changed."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from labels import content, housecode, signed
from labels.housecode import Kind

PARIS = ZoneInfo("Europe/Paris")
SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = SECRET.public_key()
KEY = signed.key_id(PUBLIC)
BAG = housecode.with_check(Kind.BAG, "HCXJXTPELJPRLVNR")
RECIPIENT = housecode.with_check(Kind.RECIPIENT, "VXTRPNLKJHGFEDCB")
EXPIRY = datetime(2031, 11, 22, 16, 40, tzinfo=PARIS)


def facts(**changes) -> signed.Facts:
    return replace(signed.Facts(bag=BAG, copy=1, din="A999926000042", recipient=RECIPIENT,
                                expiry=EXPIRY.astimezone(UTC), key=KEY), **changes)


def bag(number: int = 1, **changes) -> content.BagLabel:
    """Bag `number` of twelve: each has a code and a division of its own."""
    body = "".join(housecode.ALPHABET[(number * 7919 * (i + 3)) % 16] for i in range(16))
    code = housecode.with_check(Kind.BAG, body)
    return content.BagLabel(**{**dict(
        code=housecode.copy_text(code, 1), din="A999926000042", product="D0001XA0",
        class_name="MSC(M)", lot="L-2026-014", bag_number=(number - 1) % 12 + 1, bag_count=12,
        recipient=RECIPIENT, recipient_number="SSC-01-012", volume=Decimal("50.0"),
        cells="1.2 × 10^8 viable cells",
        contains="albumin 40 g/L, DMSO 10 % (v/v), sodium chloride 9 g/L",
        frozen_on=date(2026, 11, 22), expiry=EXPIRY, storage="below -150 °C, vapour of nitrogen",
        trial="NCT02213705", facility="Cell Therapy Laboratory, Test Hospital",
        facility_address="1 Example Street, 75010 Paris, +33 1 00 00 00 00",
        signed=signed.issue(facts(bag=code), SECRET.sign)), **changes})


def harvest(**changes) -> content.HarvestLabel:
    return content.HarvestLabel(**{**dict(
        code=housecode.with_check(Kind.HARVEST, "BCDEFGHJKLNPRTVX"), din="A999926000042",
        material="Bone marrow, from a donor of the family",
        collected_at=datetime(2026, 10, 1, 9, 5, tzinfo=PARIS),
        expiry=datetime(2026, 10, 2, 9, 5, tzinfo=PARIS), volume=Decimal("32.5"),
        anticoagulant="heparin 100 IU/mL", recipient_number="SSC-01-012",
        storage="15 to 25 °C, do not freeze", trial="NCT02213705",
        facility="Cell Therapy Laboratory, Test Hospital",
        facility_address="1 Example Street, 75010 Paris, +33 1 00 00 00 00"), **changes})


def culture(**changes) -> content.CultureLabel:
    return content.CultureLabel(**{**dict(
        code=housecode.with_check(Kind.CULTURE, "XVTRPNLKJHGFEDCB"), number="C-2026-014",
        passage="P1", vessel="3 / 10", seeded_at=datetime(2026, 10, 12, 14, 30, tzinfo=PARIS),
        medium="aMEM-PL5 lot 7731", recipient_number="SSC-01-012"), **changes})


def sample(**changes) -> content.SampleLabel:
    return content.SampleLabel(**{**dict(
        code=housecode.with_check(Kind.SAMPLE, "BBBBCCCCDDDDEEEE"), number="S-2026-0117",
        source="L-2026-014", test="Sterility 14 d",
        taken_at=datetime(2026, 10, 27, 11, 0, tzinfo=PARIS)), **changes})


def wristband(**changes) -> content.Wristband:
    return content.Wristband(**{**dict(
        code=housecode.with_check(Kind.WRISTBAND, "KKLLNNPPRRTTVVXX"),
        recipient_number="SSC-01-012", trial="NCT02213705", issued_on=date(2026, 11, 22)),
        **changes})


def storage_place(**changes) -> content.StoragePlaceLabel:
    return content.StoragePlaceLabel(**{**dict(
        code=housecode.with_check(Kind.STORAGE_PLACE, "HJHJHJHJHJHJHJHJ"),
        place="Tank 2 / C3 / 14", temperature="below -150 °C"), **changes})


def badge(**changes) -> content.BadgeLabel:
    return content.BadgeLabel(**{**dict(
        code=housecode.with_check(Kind.BADGE, "DXDXDXDXDXDXDXDX"), number="0417",
        role="Laboratory technician"), **changes})
