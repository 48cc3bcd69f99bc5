"""Made-up families: a recipient, a relative's marrow, three passages, ten lots, a hundred bags.

Every bag is at the bedside, thawed, released, ordered, labelled and carried by two people, so the
verdict reads all there is to read and answers *go*. Values are those the acts would have written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from labels import housecode
from mscbank.audit import chain
from mscbank.bags.lifecycle import Place, Standing
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import Culture, CultureCount, VesselKind
from mscbank.custody.models import Journey
from mscbank.donors.models import (
    Agent,
    Donor,
    DonorConsent,
    DonorDecision,
    Eligibility,
    Kinship,
    Marker,
    Reaction,
)
from mscbank.harvests.models import Anticoagulant, Harvest, Site
from mscbank.infusions.models import Order, OrderedBag
from mscbank.labelling.models import LabelCopy, LabelKind
from mscbank.lineage import Derivation
from mscbank.recipients.models import (
    Recipient,
    RecipientConsent,
    Sex,
    Weight,
    Wristband,
)
from mscbank.release.models import Decision
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.testing.models import (
    Laboratory,
    LaboratoryKind,
    Method,
    Qualifier,
    Result,
    Sample,
    Stage,
)

LOTS, BAGS = 10, 10
FAMILY = LOTS * BAGS
KG, DOSE, CELLS = Decimal(70), 1_000_000, 7_000_000  # ten bags are one dose
Row = tuple[type[Any], dict[str, Any]]


@dataclass
class Bank:
    """What the rows of one bank share: ids count from 1 per table; two people hand over."""

    at: datetime
    signer: int
    giver: int
    taker: int
    told_every: int
    random: Random = field(default_factory=lambda: Random(1))
    ids: dict[type[Any], Iterator[int]] = field(default_factory=dict)
    texts: list[tuple[str, str]] = field(default_factory=list)  # (label, wristband) of some bags

    def row(self, model: type[Any], **values: Any) -> Row:
        """One row, with an id, and a house code where the table has one."""
        values["id"] = next(self.ids.setdefault(model, count(1)))
        if getattr(model, "KIND", ""):
            body = "".join(self.random.choices(housecode.ALPHABET, k=16))
            values["code"] = housecode.with_check(model.KIND, body)
        if "recorded_at" in model.__table__.c:
            values |= {"recorded_by_id": self.giver, "recorded_at": self.at}
        return model, values

    def signature(self, meaning: Meaning, subject: str) -> Row:
        """A signature over a short record."""
        return self.row(
            Signature, user_id=self.signer, username="quentin", name="Quentin Noir",
            role="quality assurance", meaning=meaning, subject=subject, digest=chain.digest({}),
            record="{}", at=self.at)


def family(bank: Bank, number: int) -> Iterator[Row]:
    """The rows of one family, what others point to first."""
    day = bank.at.date() - timedelta(days=90)
    if Laboratory not in bank.ids:
        yield bank.row(Laboratory, name="Quality control", kind=LaboratoryKind.IN_HOUSE, since=day)
        yield bank.row(Method, name="in house", measures="what is asked", since=day)
    person = bank.row(Recipient, number=f"R-{number:06d}", sex=Sex.FEMALE,
                      trial="nct02213705", protocol="nct02213705-2")
    recipient = person[1]["id"]
    band = bank.row(Wristband, recipient_id=recipient)
    weight = bank.row(Weight, recipient_id=recipient, kg=KG,
                      measured_at=bank.at - timedelta(hours=20))
    yield from (person, band, weight, bank.row(
        RecipientConsent, recipient_id=recipient, protocol="nct02213705-2", document="SCL-1",
        given_on=day))
    relative = bank.row(Donor, number=f"D-{number:06d}", recipient_id=recipient,
                        kinship=Kinship.SISTER, sex=Sex.FEMALE)
    yield relative
    yield from _cleared(bank, relative[1]["id"], relative[1]["code"], day)
    marrow = bank.row(
        Harvest, din=f"A9999{number:08d}", donor_id=relative[1]["id"], site=Site.LEFT_POSTERIOR,
        collected_at=bank.at - timedelta(days=60), volume_ml=Decimal("98.5"),
        anticoagulant=Anticoagulant.HEPARIN, received_at=bank.at - timedelta(days=60),
        received_by_id=bank.taker, nucleated_cells=900_000_000, viability=Decimal("97.5"))
    yield marrow
    parent = marrow[1]["code"]
    for passage in range(3):
        culture = bank.row(
            Culture, harvest_id=marrow[1]["id"], passage=passage, vessel=VesselKind.STACK_2,
            vessels=4, area_cm2=5088, seeded_cells=20_000_000, incubator="INC-2",
            seeded_at=bank.at - timedelta(days=60 - passage * 10),
            ended_at=bank.at - timedelta(days=50 - passage * 10), ended_as="passaged")
        yield culture
        yield bank.row(CultureCount, culture_id=culture[1]["id"], at=bank.at - timedelta(days=30),
                       total_cells=120_000_000, viable_cells=112_000_000)
        yield bank.row(Derivation, parent=parent, child=culture[1]["code"], cells=20_000_000)
        parent = culture[1]["code"]
    for lot in range(LOTS):
        yield from _lot(bank, number * LOTS + lot, parent, marrow, weight, band)


def _cleared(bank: Bank, donor: int, code: str, day: Any) -> Iterator[Row]:
    yield bank.row(DonorConsent, donor_id=donor, document="SCL-D1", given_on=day)
    for agent in Agent:
        yield bank.row(Marker, donor_id=donor, agent=agent, reaction=Reaction.NON_REACTIVE,
                       sampled_at=bank.at - timedelta(days=65), laboratory="Virology")
    signature = bank.signature(Meaning.DONOR_ELIGIBLE, code)
    yield signature
    yield bank.row(DonorDecision, donor_id=donor, outcome=Eligibility.ELIGIBLE, warnings=[],
                   signature_id=signature[1]["id"])


def _lot(bank: Bank, number: int, culture: str, marrow: Row, weight: Row,
         band: Row) -> Iterator[Row]:
    recipient = band[1]["recipient_id"]
    lot = bank.row(
        Lot, number=f"L26-{number:07d}", harvest_id=marrow[1]["id"], recipient_id=recipient,
        passage=2, specification="bm-msc-1", specification_digest="0" * 64,
        standing=Standing.CERTIFIED, filled_at=bank.at - timedelta(days=30),
        excipients="albumin 4 %", dmso_percent=Decimal(10))
    code = lot[1]["code"]
    yield lot
    yield bank.row(Derivation, parent=culture, child=code, cells=BAGS * CELLS)
    sample = bank.row(Sample, taken_from=code, lot_id=lot[1]["id"], stage=Stage.DRUG_PRODUCT,
                      taken_at=bank.at - timedelta(days=30), destined="quality control")
    yield sample
    for test in ("viability", "sterility", "endotoxin"):
        yield bank.row(
            Result, sample_id=sample[1]["id"], lot_id=lot[1]["id"], test=test, test_name=test,
            pending=False,
            word="as it should be", qualifier=Qualifier.EXACT, method="in house",
            laboratory="Quality control", performed_at=bank.at - timedelta(days=20))
    certified = bank.signature(Meaning.CERTIFIED, code)
    ordered = bank.signature(Meaning.INFUSION_ORDERED, code)
    yield from (certified, ordered)
    yield bank.row(Decision, lot_id=lot[1]["id"], standing=Standing.CERTIFIED, findings=[],
                   signature_id=certified[1]["id"])
    order = bank.row(
        Order, recipient_id=recipient, dose_per_kg=DOSE, weight_id=weight[1]["id"], weight_kg=KG,
        dmso_ml=Decimal("2.5"), ml_per_minute_max=Decimal(5),
        target_cells=BAGS * CELLS, given_cells=0, tolerance_percent=Decimal(10),
        signature_id=ordered[1]["id"])
    yield order
    for place in range(1, BAGS + 1):
        yield from _bag(bank, lot, order, place, band[1]["code"])


def _bag(bank: Bank, lot: Row, order: Row, place: int, band: str) -> Iterator[Row]:
    at = bank.at
    bag = bank.row(
        Bag, lot_id=lot[1]["id"], number=place, volume_ml=Decimal(25), viable_cells=CELLS,
        place=Place.RECEIVED, place_since=at, frozen_at=at - timedelta(days=29),
        expires_at=at + timedelta(days=700), thawed_at=at, thaw_expires_at=at + timedelta(days=2))
    if bag[1]["id"] % bank.told_every == 0:
        bank.texts.append((housecode.copy_text(bag[1]["code"], 1), band))
    of_bag = {"bag_id": bag[1]["id"]}
    yield bag
    yield bank.row(Derivation, parent=lot[1]["code"], child=bag[1]["code"], cells=CELLS)
    yield bank.row(
        LabelCopy, **of_bag, about=bag[1]["code"], kind=LabelKind.BAG, part=1, number=1,
        content={"bag": bag[1]["code"], "number": place},
        printed_at=at, applied_at=at, applied_by_id=bank.giver)
    yield bank.row(
        Journey, **of_bag, box="BOX-7", destination="Ward 3", given_by_id=bank.giver, given_at=at,
        low_c=Decimal(2), high_c=Decimal(8), received_by_id=bank.taker, received_at=at,
        condition="cold")
    yield bank.row(OrderedBag, **of_bag, order_id=order[1]["id"], cells=CELLS,
                   volume_ml=Decimal(25), recovery_percent=Decimal(100))
