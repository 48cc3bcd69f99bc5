"""A lot to which everything happens that a batch record has a place for, and how a PDF is read."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pypdfium2

from mscbank import clock
from mscbank.bags.models import Lot
from mscbank.cultures import service as cultures
from mscbank.database import transaction
from mscbank.donors import service as donors
from mscbank.harvests.models import Harvest
from mscbank.release import stops
from mscbank.release.models import Hold
from mscbank.signatures.meanings import Meaning
from mscbank.testing import attachments, results
from tests.cast import Cast
from tests.stages import custody, deviations, infusions, labelling, release, seen, testing
from tests.stages.bags import filled_lot
from tests.stages.cultures import count, passaged_culture, seeded_culture
from tests.stages.harvests import received_harvest
from tests.stages.kept import kept

CSV = b"marker,percent\nCD90,96.1\n"


def text_of(pdf: bytes) -> str:
    """The words of all pages, white space as one blank."""
    document = pypdfium2.PdfDocument(pdf)
    return re.sub(r"\s+", " ", " ".join(
        page.get_textpage().get_text_range() for page in document))


@kept
def corrected_cultures(cast: Cast, harvest: Harvest, bags: int = 2) -> Lot:
    """Two passages; the first was looked at, miscounted and corrected."""
    first = seeded_culture(cast, harvest)
    with transaction():
        cultures.observe(first, 80, "Spindle-shaped, adherent.", by=cast.tessa, at=clock.now())
    count(cast, first, 62_000_000, 60_000_000)
    with transaction():
        cultures.correct_count(first, 63_000_000, 61_000_000, "Wrong square of the grid.",
                               by=cast.tessa, at=clock.now())
    second = passaged_culture(cast, first, seeded_cells=25_000_000)
    viable = 110_000_000 + bags * 70_000_000
    return filled_lot(cast, count(cast, second, viable + 10_000_000, viable), bags=bags)


@kept
def eventful_lot(cast: Cast, bags: int = 2) -> Lot:
    """Corrected, investigated, retested, held, deviated from, released, labelled twice, carried
    too warm and given."""
    lot = corrected_cultures(cast, received_harvest(cast), bags)
    found = testing.record_all(cast, lot, but={"cd105": {"value": Decimal(91), "unit": "%"}})
    testing.set_aside(cast, found["cd105"])
    testing.retested(cast, found["cd105"], value=Decimal("97.2"), unit="%")
    with transaction():
        corrected = results.correct_result(
            found["cd90"], "Read 98.7 for 96.1 & typed so.", value=Decimal("96.1"), unit="%",
            by=cast.theo, at=clock.now())
    with transaction():
        attachments.attach(corrected.code, {"name": "cd90.csv", "data": CSV}, by=cast.theo,
                           at=clock.now())
    deviations.resolved(cast, deviations.open_deviation(cast, lot.code))
    lift(cast, hold(cast, lot))
    release.certify(cast, lot)
    labelling.labelled_lot(cast, lot)
    labelling.reprinted(cast, lot.bags[0])
    labelling.apply(cast, lot.bags[0])
    beside = infusions.bedside(cast, lot)
    excursion = custody.open_excursion(cast, beside.bag.journeys[0])
    custody.judged_excursion(cast, excursion)
    seen.seen_beside(cast, infusions.finished(cast, beside))
    return lot


def hold(cast: Cast, lot: Lot, reason: str = "The freezer's alarm rang.") -> Hold:
    """Tessa stops the lot."""
    with transaction():
        return stops.hold_lot(lot, reason, by=cast.tessa, at=clock.now())


def lift(cast: Cast, stop: Hold) -> Hold:
    """Quentin ends the hold."""
    why = "The door stood open; −150 °C was kept."
    seal = release.seal_of(cast.quentin, Meaning.HOLD_LIFTED, stops.hold_record(stop, why))
    with transaction():
        return stops.lift_hold(stop, why, seal=seal, by=cast.quentin, at=clock.now())


def correct_marker(cast: Cast, lot: Lot) -> None:
    """Carole corrects a marker of the donor, after all decisions."""
    donor = lot.harvest.donor
    was = donor.standing_markers[0]
    with transaction():
        donors.correct_marker(
            donor, was.agent, was.reaction, was.sampled_at - timedelta(hours=1), was.laboratory,
            "The tube was drawn an hour earlier.", by=cast.carole, at=clock.now())
