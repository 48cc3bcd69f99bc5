"""After the infusion, built through the acts. Carole follows up and speaks for the sponsor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank import clock
from mscbank.audit import chain
from mscbank.database import transaction
from mscbank.followup import service
from mscbank.followup.models import (
    AdverseEvent,
    Cause,
    Opinion,
    Outcome,
    Seriousness,
    Side,
)
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.stages.infusions import finished


def infused_recipient(cast: Cast) -> Recipient:
    """Somebody whose whole bag ran in."""
    return finished(cast).recipient


def event(cast: Cast, recipient: Recipient, onset_at: datetime | None = None, **different: Any,
          ) -> AdverseEvent:
    """Carole reports a mild event that began just now."""
    facts = {"term": "Flushing", "grade": 1, "seriousness": Seriousness.NOT_SERIOUS,
             "onset_at": onset_at or clock.now(), "outcome": Outcome.RECOVERED} | different
    with transaction():
        return service.report_event(recipient, **facts, by=cast.carole, at=clock.now())


def opinion(cast: Cast, about: AdverseEvent, side: Side, cause: Cause, reason: str | None = None,
            ) -> Opinion:
    """Paula for the investigators, Carole for the sponsor: read, then sign."""
    by, give = ((cast.paula, service.investigator_opinion) if side is Side.INVESTIGATOR
                else (cast.carole, service.sponsor_opinion))
    seal = Seal(by.id, Meaning.CAUSE_JUDGED,
                chain.digest(service.opinion_record(about, side, cause, reason)))
    with transaction():
        return give(about, cause, reason, seal=seal, by=by, at=clock.now())
