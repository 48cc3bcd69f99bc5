"""After the infusion, built through the acts. Carole follows up and speaks for the sponsor."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mscbank import clock
from mscbank.audit import chain
from mscbank.database import transaction
from mscbank.followup import events, service
from mscbank.followup.models import (
    AdverseEvent,
    Cause,
    EventInformation,
    Expectedness,
    Opinion,
    Outcome,
    Seriousness,
    Side,
    Visit,
)
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.stages.infusions import finished
from tests.stages.kept import kept


@kept
def infused_recipient(cast: Cast) -> Recipient:
    """Somebody whose whole bag ran in."""
    return finished(cast).recipient


def event(cast: Cast, recipient: Recipient, onset_at: datetime | None = None, **different: Any,
          ) -> AdverseEvent:
    """Carole reports a mild event that began just now."""
    facts = {"term": "Flushing", "grade": 1, "onset_at": onset_at or clock.now(),
             "outcome": Outcome.RECOVERED} | different
    with transaction():
        return events.report_event(recipient, **facts, by=cast.carole, at=clock.now())


def serious_event(cast: Cast, recipient: Recipient, **different: Any) -> AdverseEvent:
    """A sepsis that brings somebody to hospital and goes on."""
    return event(cast, recipient, **{
        "term": "Sepsis", "grade": 3, "seriousness": [Seriousness.HOSPITALISATION],
        "outcome": Outcome.ONGOING} | different)


def news(cast: Cast, about: AdverseEvent, **different: Any) -> EventInformation:
    """Carole learns something new of an event."""
    now = about.now
    facts = {"what_is_new": "A letter of the hospital.", "grade": now.grade,
             "outcome": now.outcome, "seriousness": now.seriousness} | different
    with transaction():
        return events.add_information(about, **facts, by=cast.carole, at=clock.now())


def opinion(cast: Cast, about: AdverseEvent, side: Side, cause: Cause, reason: str | None = None,
            expectedness: Expectedness = Expectedness.UNEXPECTED) -> Opinion:
    """Paula for the investigators, Carole for the sponsor: read, then sign."""
    by, give = ((cast.paula, events.investigator_opinion) if side is Side.INVESTIGATOR
                else (cast.carole, events.sponsor_opinion))
    said = (cause,) if side is Side.INVESTIGATOR else (cause, expectedness)
    seal = Seal(by.id, Meaning.CAUSE_JUDGED, chain.digest(events.opinion_record(
        about, side, cause, reason, None if side is Side.INVESTIGATOR else expectedness)))
    with transaction():
        return give(about, *said, reason, seal=seal, by=by, at=clock.now())


def visit(cast: Cast, person: Recipient, name: str, day: date, *, by: str = "carole",
          **measured: Any) -> Visit:
    """Carole records a visit."""
    with transaction():
        return service.visit(person, name, day, **measured, by=getattr(cast, by), at=clock.now())
