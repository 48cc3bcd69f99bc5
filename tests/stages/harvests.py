"""A harvest at each stage, built through the acts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mscbank import clock
from mscbank.database import transaction
from mscbank.donors.models import Donor
from mscbank.harvests import service
from mscbank.harvests.models import Anticoagulant, Harvest, Site
from tests.cast import Cast
from tests.stages.donors import eligible_donor
from tests.stages.kept import kept

RECEIPT = {"transport_min_c": Decimal("18.5"), "transport_max_c": Decimal("21.5"),
           "condition": "Bag intact, no clots", "nucleated_cells": 840_000_000,
           "viability": Decimal("98.5")}


@kept
def collected_harvest(cast: Cast, donor: Donor | None = None, **different: Any) -> Harvest:
    """30 mL of marrow, collected just now."""
    donor = donor or eligible_donor(cast)
    facts = {"site": Site.BOTH_POSTERIOR, "collected_at": clock.now(), "volume_ml": Decimal(30),
             "anticoagulant": Anticoagulant.HEPARIN} | different
    with transaction():
        return service.harvest(donor, **facts, by=cast.nadia, at=clock.now())


def dispatched_harvest(cast: Cast, donor: Donor | None = None, **different: Any) -> Harvest:
    """Marrow on its way to the laboratory."""
    harvest = collected_harvest(cast, donor, **different)
    with transaction():
        service.dispatch(harvest, clock.now(), by=cast.nadia, at=clock.now())
    return harvest


def receive(cast: Cast, harvest: Harvest, **different: Any) -> Harvest:
    """Tessa receives the marrow; in good order unless told otherwise."""
    facts = RECEIPT | {"received_at": clock.now()} | different
    with transaction():
        return service.receive_harvest(harvest, **facts, by=cast.tessa, at=clock.now())


@kept
def received_harvest(cast: Cast, donor: Donor | None = None, **different: Any) -> Harvest:
    """Marrow at the laboratory, counted, ready to be seeded."""
    return receive(cast, dispatched_harvest(cast, donor, **different))
