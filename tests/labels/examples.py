"""One good label of every kind, with the fields a test wants changed."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from labels import content, housecode, papers, signed
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


def donor_tube(**changes) -> content.DonorTubeLabel:
    return content.DonorTubeLabel(**{**dict(
        code=housecode.with_check(Kind.SAMPLE, "CDFHKNRVBEGJLPTX"), donor_number="D-2026-007",
        tests="HIV, HBV, HCV, syphilis", tube="EDTA 6 mL, 1 / 4",
        taken_at=datetime(2026, 9, 20, 8, 15, tzinfo=PARIS)), **changes})


def cryo_unit(**changes) -> content.CryoUnitLabel:
    return content.CryoUnitLabel(**{**dict(
        code=housecode.with_check(Kind.CRYO_UNIT, "XVXVTRTRPNPNLKLK"), number="C-2026-014",
        passage="P1", unit="2 / 6", cells="5 × 10^6 viable cells", frozen_on=date(2026, 10, 14),
        expiry=datetime(2028, 10, 13, 9, 5, tzinfo=PARIS), recipient_number="SSC-01-012",
        storage="below -150 °C"), **changes})


def box(**changes) -> papers.BoxLabel:
    return papers.BoxLabel(**{**_shipment(), **changes})


def packing_list(count: int = 3, **changes) -> papers.PackingList:
    bags = tuple(_packed(number) for number in range(1, count + 1))
    return papers.PackingList(**{**_shipment(), "bag_count": count, "bags": bags, **changes})


def _shipment() -> dict:
    return dict(
        code=housecode.with_check(Kind.JOURNEY, "TXTXPRPRLNLNHKHK"), box="DRY-7", bag_count=3,
        sender="Cell Therapy Laboratory, Test Hospital, 1 Example Street, 75010 Paris",
        receiver="Ward 3, Internal Medicine, Saint Example Hospital, 2 Sample Road, Lyon",
        dispatched_at=datetime(2026, 12, 1, 7, 30, tzinfo=PARIS),
        temperature="below -150 °C", telephone="+33 1 00 00 00 00")


def _packed(number: int) -> papers.PackedBag:
    whole = bag(number)
    return papers.PackedBag(
        code=whole.code[:housecode.LENGTH], din=whole.din, product=f"D0001XA{chr(96 + number)}",
        lot=whole.lot, recipient_number=whole.recipient_number, expiry=whole.expiry)


def bedside_form(**changes) -> papers.BedsideForm:
    whole = bag()
    same = {name: getattr(whole, name) for name in (
        "code", "din", "product", "class_name", "lot", "bag_number", "bag_count", "recipient",
        "recipient_number", "volume", "cells", "expiry", "trial")}
    return papers.BedsideForm(**{**same, "facility": "Cell Therapy Laboratory",
                                 "code": whole.code[:housecode.LENGTH],
                                 "telephone": "+33 1 00 00 00 00", **changes})


GOOD = [
    ("bag-100x100", bag()), ("bag-100x50", bag()), ("small-50x25", bag()), ("tag-100x80", bag()),
    ("bag-100x50", harvest()), ("small-50x25", culture()), ("small-50x25", cryo_unit()),
    ("small-50x25", sample()), ("small-50x25", donor_tube()), ("small-50x25", storage_place()),
    ("wristband", wristband()), ("badge-86x54", badge()), ("bag-100x100", box()),
    ("paper-a4", packing_list()), ("paper-a4", bedside_form())]
