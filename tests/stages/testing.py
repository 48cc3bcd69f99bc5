"""Samples and results of a lot, built through the acts. Theo tests, Tessa confirms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mscbank import clock, lineage
from mscbank.audit import chain
from mscbank.bags.models import Lot
from mscbank.cultures.models import Culture
from mscbank.database import session, transaction
from mscbank.permissions import Actor
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from mscbank.testing import investigations, register, results, samples
from mscbank.testing.models import (
    Investigation,
    InvestigationOutcome,
    Laboratory,
    LaboratoryKind,
    Point,
    Qualifier,
    Result,
    Sample,
    Stage,
)
from tests.cast import Cast
from tests.stages.kept import kept

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
    "endotoxin": {"value": Decimal("0.05"), "unit": "EU/mL",
                  "qualifier": Qualifier.BELOW},
    "karyotype": {"word": "46,XX"},
}
IN_PROCESS: dict[str, dict[str, Any]] = {
    "sterility": {"word": "no growth"},
    "morphology": {"word": "adherent, spindle-shaped"},
}
METHODS = {
    "viability": "Dye exclusion", "gram_stain": "Microscopy", "endotoxin": "LAL",
    "sterility": "Automated culture, 14 days", "mycoplasma": "Nucleic acid amplification",
    "karyotype": "G banding", "morphology": "Phase-contrast microscopy",
}
SINCE = date(2014, 1, 1)
LABORATORIES = (HOSPITAL, "Our own", "Microbiology")
OTHER_METHODS = ("Flow cytometry", "Standard method", "Culture", "Method")
PENDING = ("sterility", "mycoplasma", "karyotype")
CONFIRMED = ("viability", "gram_stain", "sterility", "karyotype")


@kept
def registered(cast: Cast) -> None:
    """The methods and laboratories of the stages stand in the register."""
    if session.scalar(sa.select(sa.exists(Laboratory.id))):
        return
    done = {"by": cast.quentin, "at": clock.now()}
    with transaction():
        for name in LABORATORIES:
            register.add_laboratory(name, LaboratoryKind.IN_HOUSE, SINCE, **done)
        for name in dict.fromkeys((*METHODS.values(), *OTHER_METHODS)):
            register.add_method(name, "What it is named for.", SINCE, **done)


@kept
def sample_of(cast: Cast, lot: Lot, **different: Any) -> Sample:
    """Material of the lot for quality control."""
    facts = {"taken_from": lot.code, "stage": Stage.DRUG_PRODUCT, "taken_at": clock.now(),
             "destined": "Quality control", "volume_ml": Decimal(2)} | different
    registered(cast)
    with transaction():
        return samples.take_sample(**facts, by=cast.theo, at=clock.now())


def result_of(cast: Cast, sample: Sample, test: str, **outcome: Any) -> Result:
    """One result, by Theo; the passing one unless told otherwise."""
    facts = {"method": METHODS.get(test, "Flow cytometry"), "laboratory": HOSPITAL,
             "performed_at": clock.now(), **(outcome or PASSING[test])}
    with transaction():
        return results.record_result(sample, test, **facts, by=cast.theo, at=clock.now())


def confirm(cast: Cast, result: Result) -> Result:
    """Tessa looks at the raw data and finds the same."""
    with transaction():
        return results.confirm_result(result, by=cast.tessa, at=clock.now())


def record_in_process(cast: Cast, lot: Lot) -> list[Result]:
    """The last culture, sampled as it ended: sterile, and of the right look; confirmed."""
    culture = session.scalars(
        sa.select(Culture).where(Culture.code.in_(lineage.ancestors(lot.code)))
        .order_by(Culture.id.desc())).first()
    sample = sample_of(cast, lot, taken_from=culture.code, stage=Stage.IN_PROCESS,
                       taken_at=culture.ended_at or clock.now())
    return [confirm(cast, result_of(cast, sample, test, **IN_PROCESS[test]))
            for test in IN_PROCESS]


@kept
def record_all(cast: Cast, lot: Lot, pending: tuple[str, ...] = (),
               but: dict[str, dict[str, Any]] | None = None) -> dict[str, Result]:
    """Every result the specification asks for: passing, pending where named, else as in ``but``.
    The ones of the culture on the way pass; they are not among those given back."""
    record_in_process(cast, lot)
    sample = sample_of(cast, lot)
    results = {}
    for test in PASSING:
        outcome = {"pending": True} if test in pending else (but or {}).get(test, PASSING[test])
        results[test] = result_of(cast, sample, test, **outcome)
        if test in CONFIRMED and test not in pending:
            confirm(cast, results[test])
    return results


def opened(cast: Cast, result: Result) -> Investigation:
    """Theo opens the investigation of a result that fails."""
    with transaction():
        return investigations.open_investigation(result, "Out of its limit.", by=cast.theo,
                                                 at=clock.now())


def answered(cast: Cast, investigation: Investigation, wrong: str = "") -> Investigation:
    """The laboratory's checklist: every point in order but the one named."""
    answers: dict[str, Any] = {str(point): str(point) != wrong for point in Point}
    if wrong:
        answers[f"{wrong}_words"] = "Gated on the debris."
    with transaction():
        return investigations.answer_checklist(investigation, **answers, by=cast.theo,
                                               at=clock.now())


def concluded(cast: Cast, investigation: Investigation, outcome: InvestigationOutcome,
              by: Actor | None = None, conclusion: str = "Gated on the debris.") -> Investigation:
    """Quynh, who took no part in the result, reads the record and signs."""
    by = by or cast.quynh
    record = investigations.investigation_record(investigation, outcome, conclusion)
    seal = Seal(by.id, Meaning.INVESTIGATION_CONCLUDED, chain.digest(record))
    with transaction():
        return investigations.conclude_investigation(investigation, outcome, conclusion, seal=seal,
                                                     by=by, at=clock.now())


def set_aside(cast: Cast, result: Result) -> Investigation:
    """A laboratory error is proven: the result is set aside."""
    return concluded(cast, answered(cast, opened(cast, result), "calculation"),
                     InvestigationOutcome.LABORATORY_ERROR)


def retested(cast: Cast, first: Result, by: Actor | None = None, **outcome: Any) -> Result:
    """Tessa tests again on the same sample; the passing outcome unless told otherwise."""
    facts = {"method": first.method, "laboratory": first.laboratory, "performed_at": clock.now(),
             **(outcome or PASSING[first.test])}
    with transaction():
        return results.record_result(first.sample, first.test, **facts, retest_of=first.code,
                                     by=by or cast.tessa, at=clock.now())
