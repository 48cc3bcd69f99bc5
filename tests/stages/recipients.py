"""A recipient at each stage, built through the acts."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

from mscbank import clock
from mscbank.audit import chain
from mscbank.database import transaction
from mscbank.recipients import service
from mscbank.recipients.models import Recipient, Sex, Wristband
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.stages.kept import kept

SHEET = "Information for patients, version 3"
ELIGIBLE = {"mrss": 22, "acr_eular_score": 15, "severe_organ_involvement": True,
            "inadequate_response": True, "severe_comorbidity": False}
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


def assess(cast: Cast, recipient: Recipient, **different: Any) -> None:
    """Paula assesses and signs; eligible unless told otherwise."""
    answers = ELIGIBLE | {"assessed_on": today()} | different
    seal = Seal(cast.paula.id, Meaning.RECIPIENT_ELIGIBLE,
                chain.digest(service.assessment_record(recipient, **answers)))
    with transaction():
        service.assess(recipient, **answers, seal=seal, by=cast.paula, at=clock.now())


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
        service.weigh(recipient, kg, clock.now(), by=cast.nadia, at=clock.now())


def wristband(cast: Cast, recipient: Recipient) -> Wristband:
    """Nadia puts a new band on the wrist."""
    with transaction():
        return service.issue_wristband(recipient, by=cast.nadia, at=clock.now())
