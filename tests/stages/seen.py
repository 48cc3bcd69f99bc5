"""What is written beside a bag and corrected there: Nadia writes, at the moment the clock says."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.database import session, transaction
from mscbank.infusions import corrections, service
from mscbank.infusions.models import Infusion, Observation, Reaction
from tests.cast import Cast
from tests.stages.infusions import CALM

WHY = "Read from the other line of the monitor."


def observe(cast: Cast, infusion: Infusion, **different: Any) -> Observation:
    """Vital signs, calm unless told otherwise."""
    with transaction():
        return service.observe(infusion, **(CALM | different), by=cast.nadia, at=clock.now())


def correct(cast: Cast, wrong: Observation, by: str = "nadia", reason: str = WHY,
            **different: Any) -> Observation:
    """Said anew: calm unless told otherwise."""
    with transaction():
        return corrections.correct_signs(wrong, **(CALM | different), reason=reason,
                                         by=getattr(cast, by), at=clock.now())


def withdraw(cast: Cast, wrong: Observation, by: str = "nadia", reason: str = WHY) -> Observation:
    """Never taken beside this bag."""
    with transaction():
        return corrections.withdraw_signs(wrong, reason, by=getattr(cast, by), at=clock.now())


def react(cast: Cast, infusion: Infusion, grade: int, **different: Any) -> Reaction:
    """Chills unless told otherwise."""
    said = {"term": "chills", "done": "Pump slowed."} | different
    with transaction():
        return service.report_reaction(infusion, grade=grade, **said, by=cast.nadia,
                                       at=clock.now())


def regrade(cast: Cast, wrong: Reaction, grade: int, by: str = "nadia", reason: str = WHY,
            **different: Any) -> Reaction:
    """Said anew with another grade."""
    said = {"term": wrong.term, "done": wrong.done, "reason": reason} | different
    with transaction():
        return corrections.correct_reaction(wrong, grade=grade, **said, by=getattr(cast, by),
                                            at=clock.now())


def take_back(cast: Cast, wrong: Reaction, by: str = "nadia", reason: str = WHY) -> Reaction:
    """Never seen beside this bag."""
    with transaction():
        return corrections.withdraw_reaction(wrong, reason, by=getattr(cast, by), at=clock.now())


def seen_beside(cast: Cast, infusion: Infusion) -> None:
    """Beside a bag: a slip of the hand put right, vital signs that were the neighbour's, and two
    reactions of which one was said anew and one was the neighbour's too."""
    slip = observe(cast, infusion, pulse=109)
    correct(cast, slip, pulse=91)
    withdraw(cast, observe(cast, infusion, pulse=77), reason="The neighbour's monitor.")
    mild = react(cast, infusion, 1, done="Slowed for ten minutes.")
    regrade(cast, mild, 2, term="fever", reason="The thermometer was read later.")
    take_back(cast, react(cast, infusion, 1, term="nausea"), reason="The neighbour felt sick.")


def alerts() -> list[str]:
    """What was alerted of, in order."""
    return list(session.scalars(sa.select(Alert.sentence).order_by(Alert.id)))
