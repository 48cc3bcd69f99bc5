"""Screening as it is told: items that add up, evidence for each, and those who did not fit.

Who was screened out is invented: the abstract names only those who were treated.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from mscbank.demo.bench import Bench, at
from mscbank.recipients import eligibility
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Recipient, Sex
from mscbank.signatures.meanings import Meaning
from specs.scores import EXCLUSIONS, SIGNS, SITE_HIGHEST, SKIN_SITES

if TYPE_CHECKING:
    from mscbank.demo.story import Thread

SITES = list(SKIN_SITES)
# The skin hardens from the fingers up: the order in which points are handed out.
FROM_THE_FINGERS = sorted(range(len(SITES)), key=lambda place: (
    "fingers" not in SITES[place], "hand" not in SITES[place],
    "forearm" not in SITES[place], "face" not in SITES[place], place))
ANTIBODIES = ("anti_scl_70", "anti_rna_polymerase_3", "anticentromere")
ORGANS = (
    (("lung",), "CT of the chest: fibrosis of more than 20 %, FVC 68 % of predicted"),
    (("lung", "heart"), "CT: fibrosis of both bases; echocardiography: pressure overload"),
    (("kidney",), "Renal crisis two years ago, creatinine 148 umol/L since"),
    (("lung",), "DLCO 48 % of predicted, CT with ground glass"))
TREATMENTS = (
    (("inadequate_response",), "Cyclophosphamide 6 pulses, then mycophenolate 2 g for 14 months; "
                               "skin score rose all the same"),
    (("inadequate_response", "contraindication_transplantation"),
     "Mycophenolate 3 g for a year without effect; left ventricular function forbids grafting"),
    (("contraindication_immunosuppression",), "Cytopenia under cyclophosphamide, twice"))


def by_site(score: int) -> list[int]:
    """The skin score over its seventeen sites, worst at the fingers."""
    sites = [0] * len(SITES)
    for point in range(score):
        sites[FROM_THE_FINGERS[point // SITE_HIGHEST]] += 1
    return sites


def examined(bench: Bench, recipient: Recipient, index: int, day: date, mrss: int, *,
             signs: tuple[str, ...] | None = None, comorbidity: tuple[str, ...] = ()) -> None:
    """Every criterion is looked for, each with its evidence."""
    by: dict[str, Any] = bench.by("dr.moreau")
    eligibility.score_skin(
        recipient, day, "Palpated at seventeen sites by one physician, patient lying",
        **dict(zip(SITES, by_site(mrss), strict=True)), **by)
    present = set(signs if signs is not None else _signs(index))
    eligibility.classify(
        recipient, day, "Seen today; capillaroscopy and antibodies of the file of the department",
        **{sign: sign in present for sign in (*SIGNS, *EXCLUSIONS)}, **by)
    for key, (found, why) in (("organ_involvement", ORGANS[index % len(ORGANS)]),
                              ("earlier_treatment", TREATMENTS[index % len(TREATMENTS)])):
        eligibility.record_finding(recipient, key, day, why, present=found, **by)
    eligibility.record_finding(
        recipient, "comorbidity", day, "History, examination, laboratory of this week",
        present=comorbidity, **by)


def screened(t: Thread, day: date) -> None:
    """Examined, assessed and signed."""
    examined(t.bench, t.recipient, t.index, day, t.family.mrss)
    assessed(t.bench, t.recipient, day)


def assessed(bench: Bench, recipient: Recipient, day: date) -> None:
    """The physician reads every finding, and signs."""
    recipients.assess(recipient, day, **bench.signed(
        "dr.moreau", Meaning.RECIPIENT_ELIGIBLE, recipients.assessment_record(recipient, day)))


def _signs(index: int) -> tuple[str, ...]:
    """What is seen of the disease: enough for everybody, not the same in everybody."""
    seen = ["sclerodactyly", "raynaud", ANTIBODIES[index % 2 if index % 5 else 2]]
    if index % 3:
        seen.append("hands_proximal")
    if index % 2:
        seen += ["pitting_scars", "nailfold_capillaries"]
    if index % 4 == 1:
        seen += ["telangiectasia", "interstitial_lung_disease"]
    return tuple(seen)


@dataclass(frozen=True)
class Candidate:
    """Somebody who was screened and did not take part."""

    came: date
    name: str
    born: date
    sex: Sex
    mrss: int
    why: str
    signs: tuple[str, ...] | None = None
    comorbidity: tuple[str, ...] = ()


CANDIDATES = (
    Candidate(date(2015, 4, 14), "Ursule Abadie", date(1970, 2, 28), Sex.FEMALE, 11,
              "Skin score below the limit; referred back, to be seen again if it rises."),
    Candidate(date(2017, 5, 9), "Victor Bonnet", date(1959, 9, 9), Sex.MALE, 24,
              "Bladder cancer treated two years ago.", comorbidity=("cancer",)),
    Candidate(date(2018, 11, 6), "Wilma Castel", date(1966, 12, 1), Sex.FEMALE, 19,
              "Fingers spared, eosinophilic fasciitis by biopsy: not systemic sclerosis.",
              signs=("hands_proximal", "fingers_spared", "better_explained")),
)


def not_taken_in(bench: Bench, number: int) -> Iterator[datetime]:
    """One candidate: enrolled for screening, examined, and screened out."""
    who = CANDIDATES[number]
    yield at(who.came, "09:40")
    recipient = recipients.enrol(who.sex, who.name, who.born, f"STL{790100 + 53 * number}",
                                 **bench.by("julie"))
    recipients.consent(recipient, "Patient information, version 3", who.came, **bench.by("julie"))
    yield at(who.came, "11:00")
    examined(bench, recipient, number, who.came, who.mrss, signs=who.signs,
             comorbidity=who.comorbidity)
    assessed(bench, recipient, who.came)
    eligibility.screen_out(recipient, who.came, who.why, **bench.by("dr.moreau"))
