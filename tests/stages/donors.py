"""A donor at each stage, built through the acts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mscbank import clock
from mscbank.audit import chain
from mscbank.database import transaction
from mscbank.donors import service
from mscbank.donors.models import Agent, Donor, DonorDecision, Kinship, Reaction
from mscbank.recipients.models import Recipient, Sex
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.stages.kept import kept
from tests.stages.recipients import allocated_recipient, today

SHEET = "Information for marrow donors, version 2"
LABORATORY = "Virology, Saint-Louis"
REQUIRED = (Agent.HIV, Agent.HBSAG, Agent.ANTI_HBC, Agent.HCV, Agent.SYPHILIS)


@kept
def enrolled_donor(cast: Cast, recipient: Recipient | None = None, **different: Any) -> Donor:
    """The recipient's brother, enrolled a moment ago."""
    facts = {"kinship": Kinship.BROTHER, "sex": Sex.MALE, "name": "Luc Lambert",
             "birth_date": date(1984, 9, 2)} | different
    recipient = recipient or allocated_recipient(cast)
    with transaction():
        return service.enrol_donor(recipient, **facts, by=cast.carole, at=clock.now())


@kept
def consenting_donor(cast: Cast, recipient: Recipient | None = None, **different: Any) -> Donor:
    """A donor who signed today."""
    donor = enrolled_donor(cast, recipient, **different)
    with transaction():
        service.consent_donor(donor, SHEET, today(), by=cast.carole, at=clock.now())
    return donor


def blood_tested(cast: Cast, donor: Donor, agents: tuple[Agent, ...] = REQUIRED,
                 reaction: Reaction = Reaction.NON_REACTIVE,
                 sampled_at: datetime | None = None) -> None:
    """One blood sample tested for these agents, all with this result."""
    with transaction():
        for agent in agents:
            service.record_marker(donor, agent, reaction, sampled_at or clock.now(), LABORATORY,
                                  by=cast.carole, at=clock.now())


def seal_of(cast: Cast, donor: Donor, meaning: Meaning, justification: str | None = None) -> Seal:
    """Paula read the donor's record as it stands now and signs it."""
    return Seal(cast.paula.id, meaning,
                chain.digest(service.donor_record(donor, justification)))


def find_eligible(cast: Cast, donor: Donor) -> DonorDecision:
    """Paula signs that the donor is eligible."""
    seal = seal_of(cast, donor, Meaning.DONOR_ELIGIBLE)
    with transaction():
        return service.find_eligible(donor, seal=seal, by=cast.paula, at=clock.now())


def accept_by_exception(cast: Cast, donor: Donor,
                        justification: str = "No other relative can give.") -> DonorDecision:
    """Paula signs that the donor is accepted all the same."""
    seal = seal_of(cast, donor, Meaning.DONOR_EXCEPTION, justification)
    with transaction():
        return service.accept_by_exception(donor, justification, seal=seal, by=cast.paula,
                                           at=clock.now())


@kept
def eligible_donor(cast: Cast, recipient: Recipient | None = None, **different: Any) -> Donor:
    """A tested donor whom the physician found eligible."""
    donor = consenting_donor(cast, recipient, **different)
    blood_tested(cast, donor)
    find_eligible(cast, donor)
    return donor


@kept
def exceptional_donor(cast: Cast, recipient: Recipient | None = None, **different: Any) -> Donor:
    """A donor reactive for anti-HBc, accepted by signed exception."""
    donor = consenting_donor(cast, recipient, **different)
    blood_tested(cast, donor, tuple(agent for agent in REQUIRED if agent != Agent.ANTI_HBC))
    blood_tested(cast, donor, (Agent.ANTI_HBC,), Reaction.REACTIVE)
    accept_by_exception(cast, donor)
    return donor
