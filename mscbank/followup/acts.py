"""The acts of this step."""

from __future__ import annotations

from typing import Any

from mscbank.acts import Act
from mscbank.followup import schemas, service
from mscbank.followup.models import AdverseEvent, Opinion, Visit
from mscbank.permissions import Permission
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning


def _visit(visit: Visit) -> dict[str, Any]:
    return {"visit": visit.name, "within_window": visit.within_window}


def _event(event: AdverseEvent) -> dict[str, Any]:
    return {"ctcae_version": event.ctcae_version}


def _opinion(opinion: Opinion) -> dict[str, Any]:
    return {"side": opinion.side, "cause": opinion.cause}


ACTS: tuple[Act, ...] = (
    Act("record visit", Permission.FOLLOW_UP, service.visit, on=Recipient,
        schema=schemas.VisitSchema, possible=service.may_be_visited, answer=_visit),
    Act("report adverse event", Permission.FOLLOW_UP, service.report_event, on=Recipient,
        schema=schemas.EventSchema, answer=_event),
    Act("give investigator's opinion", Permission.JUDGE_CAUSE, service.investigator_opinion,
        on=AdverseEvent, schema=schemas.OpinionSchema, meaning=Meaning.CAUSE_JUDGED,
        record=service.investigator_record, answer=_opinion),
    Act("give sponsor's opinion", Permission.SPONSOR_OPINION, service.sponsor_opinion,
        on=AdverseEvent, schema=schemas.OpinionSchema, meaning=Meaning.CAUSE_JUDGED,
        record=service.sponsor_record, answer=_opinion),
    Act("end follow-up", Permission.FOLLOW_UP, service.end_follow_up, on=Recipient,
        schema=schemas.EndSchema, possible=service.may_be_ended),
)
