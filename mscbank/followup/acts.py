"""The acts of this step."""

from __future__ import annotations

from typing import Any

from mscbank.acts import Act
from mscbank.followup import events, expedited, schemas, service
from mscbank.followup.models import (
    AdverseEvent,
    EventInformation,
    ExpeditedReport,
    Opinion,
    Visit,
)
from mscbank.permissions import Permission
from mscbank.recipients.models import Recipient
from mscbank.signatures.meanings import Meaning


def _visit(visit: Visit) -> dict[str, Any]:
    return {"visit": visit.name, "within_window": visit.within_window}


def _event(event: AdverseEvent) -> dict[str, Any]:
    return {"ctcae_version": event.ctcae_version}


def _information(known: EventInformation) -> dict[str, Any]:
    return {"version": known.number}


def _opinion(opinion: Opinion) -> dict[str, Any]:
    return {"side": opinion.side, "cause": opinion.cause}


def _report(report: ExpeditedReport) -> dict[str, Any]:
    return {"report": report.number, "version": report.information.number}


ACTS: tuple[Act, ...] = (
    Act("record visit", Permission.FOLLOW_UP, service.visit, on=Recipient,
        schema=schemas.VisitSchema, possible=service.may_be_visited, answer=_visit,
        page="followup/measures.html", drafted=True),
    Act("record missed visit", Permission.FOLLOW_UP, service.miss_visit, on=Recipient,
        schema=schemas.MissedVisitSchema, possible=service.may_be_visited, answer=_visit),
    Act("correct visit", Permission.FOLLOW_UP, service.correct_visit, on=Visit,
        schema=schemas.CorrectionSchema, possible=service.may_be_corrected, answer=_visit,
        page="followup/measures.html", drafted=True),
    Act("report adverse event", Permission.FOLLOW_UP, events.report_event, on=Recipient,
        schema=schemas.EventSchema, answer=_event, drafted=True),
    Act("add information to event", Permission.FOLLOW_UP, events.add_information, on=AdverseEvent,
        schema=schemas.InformationSchema, answer=_information, drafted=True),
    Act("give investigator's opinion", Permission.JUDGE_CAUSE, events.investigator_opinion,
        on=AdverseEvent, schema=schemas.OpinionSchema, meaning=Meaning.CAUSE_JUDGED,
        record=events.investigator_record, answer=_opinion),
    Act("give sponsor's opinion", Permission.SPONSOR_OPINION, events.sponsor_opinion,
        on=AdverseEvent, schema=schemas.SponsorSchema, meaning=Meaning.CAUSE_JUDGED,
        record=events.sponsor_record, answer=_opinion),
    Act("record expedited report", Permission.EXPEDITE, expedited.report_sent, on=AdverseEvent,
        schema=schemas.ReportSentSchema, possible=expedited.may_be_sent, answer=_report),
    Act("end follow-up", Permission.FOLLOW_UP, service.end_follow_up, on=Recipient,
        schema=schemas.EndSchema, possible=service.may_be_ended),
)
