"""Quality control and the decision, as the story tells them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mscbank.bags.models import Lot
from mscbank.demo.bench import Attempt, at
from mscbank.demo.story import Telling, Thread
from mscbank.release import late, record, service, stops
from mscbank.signatures.meanings import Meaning
from mscbank.testing import service as testing
from mscbank.testing.models import Result, Sample, Stage

D = Decimal
QC, MICRO, GENETICS = "Quality control laboratory", "Microbiology", "Cytogenetics"
_FLOW = (("cd73", "99.1"), ("cd90", "98.7"), ("cd105", "97.9"), ("cd45", "0.4"), ("cd34", "0.3"),
         ("hla_dr", "6.5"))
_PENDING = {"sterility": "Automated culture, 14 days", "mycoplasma": "Nucleic acid amplification",
            "karyotype": "G banding"}
BACK_AFTER = 18


def testing_begins(t: Thread, lot: Lot, day: date, *, viability: str = "91.5") -> Telling:
    """A sample of the drug product, the quick results confirmed, the slow ones sent away."""
    yield at(day, "15:30")
    sample = testing.take_sample(lot.code, Stage.DRUG_PRODUCT, at(day, "11:20"), QC, D(2),
                                 **t.by("lea"))
    counted = _result(t, sample, "viability", "Dye exclusion", QC, day, value=D(viability), unit="%")
    testing.confirm_result(counted, **t.by("hugo"))
    for test, value in _FLOW:
        _result(t, sample, test, "Flow cytometry", QC, day, value=D(value), unit="%")
    gram = _result(t, sample, "gram_stain", "Microscopy", MICRO, day, word="negative")
    testing.confirm_result(gram, **t.by("hugo"))
    _result(t, sample, "endotoxin", "LAL", QC, day, value=D("0.08"), unit="EU/kg/h")
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
            testing.confirm_result(came, **t.by("hugo"))


def _result(t: Thread, sample: Sample, test: str, method: str, laboratory: str, day: date,
            **value: Any) -> Result:
    return late.record_result(sample, test=test, method=method, laboratory=laboratory,
                              performed_at=at(day, "15:00"), **value, **t.by("lea"))


def decide(t: Thread, lot: Lot, act: str, day: date, **words: Any) -> Telling:
    """Quality assurance reads the record and signs."""
    yield at(day, "16:30")
    do, meaning = {
        "release conditionally": (service.release_conditionally, Meaning.RELEASED_CONDITIONALLY),
        "certify": (service.certify, Meaning.CERTIFIED),
        "release exceptionally": (service.release_exceptionally, Meaning.RELEASED_EXCEPTIONALLY),
        "reject": (service.reject, Meaning.REJECTED),
        "declare nonconforming": (service.declare_nonconforming, Meaning.NONCONFORMING),
    }[act]
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


def deviation_is_closed(t: Thread, lot: Lot, day: date, conclusion: str) -> Telling:
    """Every open deviation about this lot is concluded and signed."""
    yield at(day, "11:00")
    for deviation in record.deviations_of(lot):
        if deviation.closed_at is None:
            stops.close_deviation(deviation, conclusion, **t.bench.signed(
                "claire", Meaning.DEVIATION_CLOSED, stops.deviation_record(deviation, conclusion)))


def reads_again(t: Thread, lot: Lot, day: date) -> Telling:
    """CD105 is read again from the raw data and misses its limit."""
    yield at(day, "11:30")
    first = next(result for result in testing.standing_results(lot) if result.test == "cd105")
    late.correct_result(first, "Wrong gate in the first analysis; read again from the raw data.",
                        value=D("93.2"), unit="%", method="Flow cytometry", laboratory=QC,
                        performed_at=at(day, "11:00"), **t.by("lea"))
