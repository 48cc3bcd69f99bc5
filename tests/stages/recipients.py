"""A recipient at each stage, built through the acts."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from mscbank import clock
from mscbank.audit import chain
from mscbank.database import transaction
from mscbank.recipients import eligibility, service
from mscbank.recipients.models import Recipient, Sex, Wristband
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from specs.scores import EXCLUSIONS, SITE_HIGHEST, SKIN_SITES
from specs.scores import SIGNS as ALL_SIGNS
from tests.cast import Cast
from tests.stages.kept import kept

SHEET = "Information for patients, version 3"
SIGNS = ("sclerodactyly", "pitting_scars", "raynaud", "anti_scl_70", "interstitial_lung_disease")
EVIDENCE = "Examined today, both sides"
_numbers = itertools.count(4711)


def today() -> date:
    """The day on the site's clock."""
    return local(clock.now()).date()


def enrolled_recipient(cast: Cast, **different: Any) -> Recipient:
    """A woman of 45, enrolled a moment ago."""
    facts = {"sex": Sex.FEMALE, "name": "Jeanne Lambert", "birth_date": date(1980, 5, 17),
             "hospital_number": f"SLS-{next(_numbers)}"} | different
    with transaction():
        return service.enrol(**facts, by=cast.carole, at=clock.now())


@kept
def consenting_recipient(cast: Cast, **different: Any) -> Recipient:
    """An enrolled recipient who signed today."""
    recipient = enrolled_recipient(cast, **different)
    with transaction():
        service.consent(recipient, SHEET, today(), by=cast.carole, at=clock.now())
    return recipient


def score_skin(cast: Cast, recipient: Recipient, mrss: int = 22, **different: Any) -> None:
    """Paula scores the skin: three points a site from the head down until the score is reached."""
    left, sites = mrss, {}
    for site in SKIN_SITES:
        sites[site] = min(left, SITE_HIGHEST)
        left -= sites[site]
    facts = {"found_on": today(), "evidence": EVIDENCE} | sites | different
    with transaction():
        eligibility.score_skin(recipient, **facts, by=cast.paula, at=clock.now())


def classify(cast: Cast, recipient: Recipient, *present: str, **different: Any) -> None:
    """Paula answers the items of the classification; these are present."""
    facts = {"found_on": today(), "evidence": EVIDENCE} | different
    answers = {sign: sign in (present or SIGNS) for sign in (*ALL_SIGNS, *EXCLUSIONS)}
    with transaction():
        eligibility.classify(recipient, **facts, **answers, by=cast.paula, at=clock.now())


def find(cast: Cast, recipient: Recipient, criterion: str, *present: str, **different: Any) -> None:
    """Paula records which options of a criterion are present, or its number."""
    facts = {"found_on": today(), "evidence": EVIDENCE} | different
    with transaction():
        eligibility.record_finding(recipient, criterion, present=present, **facts, by=cast.paula,
                                   at=clock.now())


def examine(cast: Cast, recipient: Recipient, **different: Any) -> None:
    """Every criterion of the reference trial is found; all of them met unless told otherwise."""
    facts = {"mrss": 22, "signs": SIGNS, "organs": ("lung",),
             "treatment": ("inadequate_response",), "comorbidities": ()} | different
    score_skin(cast, recipient, facts["mrss"])
    classify(cast, recipient, *facts["signs"])
    find(cast, recipient, "organ_involvement", *facts["organs"])
    find(cast, recipient, "earlier_treatment", *facts["treatment"])
    find(cast, recipient, "comorbidity", *facts["comorbidities"])


def assess(cast: Cast, recipient: Recipient, **different: Any) -> None:
    """Paula examines, assesses and signs; eligible unless told otherwise."""
    examine(cast, recipient, **different)
    sign_assessment(cast, recipient)


def sign_assessment(cast: Cast, recipient: Recipient) -> None:
    """Paula assesses what was found, and signs."""
    seal = Seal(cast.paula.id, Meaning.RECIPIENT_ELIGIBLE,
                chain.digest(service.assessment_record(recipient, today())))
    with transaction():
        service.assess(recipient, today(), seal=seal, by=cast.paula, at=clock.now())


@kept
def assessed_recipient(cast: Cast, **different: Any) -> Recipient:
    """A consenting recipient whom the physician found eligible."""
    recipient = consenting_recipient(cast, **different)
    assess(cast, recipient)
    return recipient


@kept
def allocated_recipient(cast: Cast, **different: Any) -> Recipient:
    """A recipient with a place in the ladder."""
    recipient = assessed_recipient(cast, **different)
    with transaction():
        service.allocate(recipient, by=cast.paula, at=clock.now())
    return recipient


def weigh(cast: Cast, recipient: Recipient, kg: Decimal = Decimal(70)) -> None:
    """Nadia weighs the recipient now."""
    with transaction():
        service.weigh(recipient, kg, clock.now(), "Weighed twice.", by=cast.nadia, at=clock.now())


def wristband(cast: Cast, recipient: Recipient) -> Wristband:
    """Nadia puts a new band on the wrist."""
    with transaction():
        return service.issue_wristband(recipient, by=cast.nadia, at=clock.now())
