"""Samples and results of a lot, built through the acts. Theo tests, Tessa confirms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mscbank import clock
from mscbank.bags.models import Lot
from mscbank.database import transaction
from mscbank.testing import service
from mscbank.testing.models import Qualifier, Result, Sample, Stage
from tests.cast import Cast

HOSPITAL = "Hôpital Saint-Louis, cell therapy"
PASSING: dict[str, dict[str, Any]] = {
    "viability": {"value": Decimal("96.5"), "unit": "%"},
    "cd73": {"value": Decimal("99.1"), "unit": "%"},
    "cd90": {"value": Decimal("98.7"), "unit": "%"},
    "cd105": {"value": Decimal("97.2"), "unit": "%"},
    "cd45": {"value": Decimal("0.4"), "unit": "%"},
    "cd34": {"value": Decimal("0.2"), "unit": "%"},
    "hla_dr": {"value": Decimal("3.1"), "unit": "%"},
    "gram_stain": {"word": "no organisms seen"},
    "sterility": {"word": "no growth"},
    "mycoplasma": {"word": "not detected"},
    "endotoxin": {"value": Decimal("0.05"), "unit": "EU/kg/h",
                  "qualifier": Qualifier.BELOW},
    "karyotype": {"word": "46,XX"},
}
PENDING = ("sterility", "mycoplasma", "karyotype")
CONFIRMED = ("viability", "gram_stain", "sterility", "karyotype")


def sample_of(cast: Cast, lot: Lot, **different: Any) -> Sample:
    """Material of the lot for quality control."""
    facts = {"taken_from": lot.code, "stage": Stage.DRUG_PRODUCT, "taken_at": clock.now(),
             "destined": "Quality control", "volume_ml": Decimal(2)} | different
    with transaction():
        return service.take_sample(**facts, by=cast.theo, at=clock.now())


def result_of(cast: Cast, sample: Sample, test: str, **outcome: Any) -> Result:
    """One result, by Theo; the passing one unless told otherwise."""
    facts = {"method": "Standard method", "laboratory": HOSPITAL, "performed_at": clock.now(),
             **(outcome or PASSING[test])}
    with transaction():
        return service.record_result(sample, test, **facts, by=cast.theo, at=clock.now())


def confirm(cast: Cast, result: Result) -> Result:
    """Tessa looks at the raw data and finds the same."""
    with transaction():
        return service.confirm_result(result, by=cast.tessa, at=clock.now())


def record_all(cast: Cast, lot: Lot, pending: tuple[str, ...] = (),
               but: dict[str, dict[str, Any]] | None = None) -> dict[str, Result]:
    """Every result the specification asks for: passing, pending where named, else as in ``but``."""
    sample = sample_of(cast, lot)
    results = {}
    for test in PASSING:
        outcome = {"pending": True} if test in pending else (but or {}).get(test, PASSING[test])
        results[test] = result_of(cast, sample, test, **outcome)
        if test in CONFIRMED and test not in pending:
            confirm(cast, results[test])
    return results
