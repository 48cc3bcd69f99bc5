"""Quality control and the decision, as the story tells them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mscbank.bags.models import Lot
from mscbank.demo.bench import Attempt, Bench, at
from mscbank.demo.story import Telling, Thread
from mscbank.release import capa, late, record, review, service, stops
from mscbank.release.models import ActionKind, InquiryMethod
from mscbank.signatures.meanings import Meaning
from mscbank.testing import register, results, samples
from mscbank.testing import service as testing
from mscbank.testing.models import LaboratoryKind, Result, Sample, Stage

D = Decimal
QC, MICRO, GENETICS = "Quality control laboratory", "Microbiology", "Cytogenetics"
_FLOW = (("cd73", "99.1"), ("cd90", "98.7"), ("cd105", "97.9"), ("cd45", "0.4"), ("cd34", "0.3"),
         ("hla_dr", "6.5"))
METHODS = (("Dye exclusion", "Viability", "%"), ("Flow cytometry", "Surface markers", "%"),
           ("Microscopy", "Organisms on a stained slide", None),
           ("LAL", "Bacterial endotoxin", None),
           ("Automated culture, 7 days", "Growth of organisms", None),
           ("Automated culture, 14 days", "Growth of organisms", None),
           ("Nucleic acid amplification", "Mycoplasma", None),
           ("G banding", "Karyotype", None),
           ("Phase-contrast microscopy", "Morphology of a culture", None))
_PENDING = {"sterility": "Automated culture, 14 days", "mycoplasma": "Nucleic acid amplification",
            "karyotype": "G banding"}
BACK_AFTER = 18
RELEASES = (Meaning.RELEASED_CONDITIONALLY, Meaning.CERTIFIED, Meaning.RELEASED_EXCEPTIONALLY)


def register_is_kept(by: dict[str, Any]) -> None:
    """Quality assurance enters who tests for the bank, and by which methods."""
    since = date(2014, 1, 1)
    for name in (QC, MICRO, GENETICS):
        register.add_laboratory(name, LaboratoryKind.IN_HOUSE, since, **by)
    for name, measures, unit in METHODS:
        register.add_method(name, measures, since, unit, **by)


def audit_begins(bench: Bench, today: date) -> Telling:
    """An auditor comes, a week ago, for a month."""
    yield at(today - timedelta(days=7), "09:00")
    bench.cast.guest_comes(today + timedelta(days=23))


def testing_begins(t: Thread, lot: Lot, day: date, *, viability: str = "91.5") -> Telling:
    """A sample of the drug product, the quick results confirmed, the slow ones sent away."""
    yield at(day, "15:30")
    sample = samples.take_sample(lot.code, Stage.DRUG_PRODUCT, at(day, "11:20"), QC, D(2),
                                 **t.by("lea"))
    counted = _result(t, sample, "viability", "Dye exclusion", QC, day, value=D(viability), unit="%")
    results.confirm_result(counted, **t.by("hugo"))
    for test, value in _FLOW:
        _result(t, sample, test, "Flow cytometry", QC, day, value=D(value), unit="%")
    gram = _result(t, sample, "gram_stain", "Microscopy", MICRO, day, word="negative")
    results.confirm_result(gram, **t.by("hugo"))
    unit = testing.criterion_of(sample, "endotoxin").reported_unit
    _result(t, sample, "endotoxin", "LAL", QC, day, value=D("0.08"), unit=unit)
    for test, method in _PENDING.items():
        _result(t, sample, test, method, GENETICS if test == "karyotype" else MICRO, day,
                pending=True)


def results_arrive(t: Thread, lot: Lot, day: date, *, sterility: str = "negative") -> Telling:
    """The slow results come back and are confirmed."""
    yield at(day, "10:00")
    karyotype = "46,XX" if t.donor.sex == "female" else "46,XY"
    words = {"sterility": sterility, "mycoplasma": "negative", "karyotype": karyotype}
    for result in list(testing.standing_results(lot)):
        if result.pending:
            came = late.correct_result(result, "The result came back.", word=words[result.test],
                                       performed_at=at(day, "08:30"), **t.by("lea"))
            results.confirm_result(came, **t.by("hugo"))


def _result(t: Thread, sample: Sample, test: str, method: str, laboratory: str, day: date,
            **value: Any) -> Result:
    return late.record_result(sample, test=test, method=method, laboratory=laboratory,
                              performed_at=at(day, "15:00"), **value, **t.by("lea"))


def decide(t: Thread, lot: Lot, act: str, day: date, **words: Any) -> Telling:
    """Quality assurance reviews the trail before a release, reads the record and signs."""
    yield at(day, "16:30")
    do, meaning = {
        "release conditionally": (service.release_conditionally, Meaning.RELEASED_CONDITIONALLY),
        "certify": (service.certify, Meaning.CERTIFIED),
        "release exceptionally": (service.release_exceptionally, Meaning.RELEASED_EXCEPTIONALLY),
        "reject": (service.reject, Meaning.REJECTED),
    }[act]
    if meaning in RELEASES and review.unreviewed(lot):
        review.review_lot(lot, **t.bench.signed(
            "marc", Meaning.TRAIL_REVIEWED, review.lot_span(lot)))
    read = (record.exceptional_record if act == "release exceptionally" else record.lot_record)
    do(lot, **words, **t.bench.signed("claire", meaning, read(lot, **words)))


def request_exception(t: Thread, lot: Lot, day: date) -> Telling:
    """The physician asks for a lot that misses a limit."""
    yield at(day, "14:00")
    why = "CD105 at 93.2 % only; no second donor; the patient worsens; benefit outweighs the risk."
    service.request_exception(lot, why, **t.bench.signed(
        "dr.moreau", Meaning.EXCEPTION_REQUESTED, service.request_record(lot, why)))


def fails_and_is_rejected(t: Thread, lot: Lot, day: date, why: str) -> Telling:
    """A failed lot is rejected; a try to give out one of its bags is refused; all are destroyed."""
    from mscbank.bags import service as bags

    yield from decide(t, lot, "reject", day, reason=why)
    yield at(day, "16:45")
    yield Attempt("bags", "issue", lot.bags[0].code,
                  {"box": "Shipper 4", "destination": "Ward 3"}, "hugo")
    yield at(day + timedelta(days=1), "09:00")
    for bag in lot.bags:
        t.bench.free.append(bag.storage_place.code)
        bags.destroy(bag, f"Lot rejected: {why}", **t.by("claire"))


def deviation_is_worked_through(t: Thread, lot: Lot, day: date) -> Telling:
    """What stopped the lot: its cause, what is done against it, whether that works, the end."""
    yield at(day + timedelta(days=5), "15:00")
    deviation, = (each for each in record.deviations_of(lot) if each.closed_at is None)
    capa.investigate(
        deviation, InquiryMethod.FIVE_WHYS,
        "The strain is that of the sampling bench: the sample was drawn outside the safety "
        "cabinet, which the procedure did not forbid.",
        "The cells given are not concerned: the retained sample is sterile; patient well.",
        "Three lots sampled in that month were looked at: sterile on day 14.", **t.by("lea"))
    action = capa.add_action(
        deviation, ActionKind.PREVENTIVE, "Procedure and training: samples are drawn in the "
        "safety cabinet.", "lea", day + timedelta(days=20), **t.by("claire"))
    yield at(day + timedelta(days=18), "16:00")
    capa.finish_action(action, "Procedure version 4 in force; all technicians trained.",
                       **t.by("lea"))
    yield at(day + timedelta(days=29), "09:00")
    capa.verify_action(action, True, "Ten sampling records read, two samplings watched.",
                       **t.by("marc"))
    yield at(day + timedelta(days=30), "11:00")
    conclusion = ("Contaminant of sampling by strain typing; patient well, no antibiotics; "
                  "procedure changed, training given.")
    stops.close_deviation(deviation, conclusion, **t.bench.signed(
        "claire", Meaning.DEVIATION_CLOSED, stops.deviation_record(deviation, conclusion)))


def reads_again(t: Thread, lot: Lot, day: date) -> Telling:
    """CD105 is read again from the raw data and misses its limit."""
    yield at(day, "11:30")
    first = next(result for result in testing.standing_results(lot) if result.test == "cd105")
    late.correct_result(first, "Wrong gate in the first analysis; read again from the raw data.",
                        value=D("93.2"), unit="%", method="Flow cytometry", laboratory=QC,
                        performed_at=at(day, "11:00"), **t.by("lea"))
