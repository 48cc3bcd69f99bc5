"""Places in the ladder of cohorts; the trial's pause, and the board's decision that ends it.

The stopping rule is met in follow-up, where the events are; the pause is kept here, because every
step after this one asks whether the trial runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import session
from mscbank.errors import Unfit
from mscbank.permissions import Actor, Permission
from mscbank.recipients import rules
from mscbank.recipients.eligibility import may_be_screened, protocol_of, stands_eligible
from mscbank.recipients.models import Allocation, Recipient, TrialPause
from mscbank.rules import not_in_the_future
from mscbank.settings import local
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal, sign, snapshot
from specs import conduct, shelf
from specs.protocol import Protocol


def allocate(recipient: Recipient, *, by: Actor, at: datetime) -> Allocation:
    """Give the recipient the lowest place of the ladder that nobody has: in order, once."""
    by.must(Permission.ASSESS_ELIGIBILITY)
    may_be_allocated(recipient)
    protocol = protocol_of(recipient)
    try:
        place, cohort = conduct.next_place(protocol, _places_taken(recipient.trial, protocol))
    except conduct.NoPlaceLeft as error:
        raise Unfit(f"{error}.", reasons=("no place left",)) from error
    recipient.allocated = Allocation(
        trial=recipient.trial, protocol=recipient.protocol, number=place, cohort=cohort.number,
        dose_per_kg=cohort.dose_per_kg, recorded_by_id=by.id, recorded_at=at)
    record("allocate", recipient, by=by, at=at, place=place, cohort=cohort.number,
           dose_per_kg=cohort.dose_per_kg)
    return recipient.allocated


def may_be_allocated(recipient: Recipient) -> None:
    """Refuse unless the trial runs, the person consents and the assessment says eligible."""
    rules.not_allocated(recipient.number, recipient.allocated and recipient.allocated.number)
    may_be_screened(recipient)
    runs(recipient)
    stands_eligible(recipient)


def give_up(place: Allocation, reason: str, *, at: datetime) -> None:
    """Free a place of somebody who was not infused. The step that infuses calls this."""
    place.given_up_at, place.given_up_why = at, reason


def _places_taken(trial: str, protocol: Protocol) -> list[int]:
    """Places that somebody has; those given up too, where nobody is replaced."""
    places = sa.select(Allocation.number).where(Allocation.trial == trial)
    if protocol.enrolment.replace_not_infused:
        places = places.where(Allocation.given_up_at.is_(None))
    return list(session.scalars(places))


# --- pause --------------------------------------------------------------------------------------

def pause_of(trial: str) -> TrialPause | None:
    """The pause in which the trial stands now."""
    return session.scalar(sa.select(TrialPause).where(TrialPause.trial == trial,
                                                      TrialPause.resumed_at.is_(None)))


def pauses_of(trial: str) -> Sequence[TrialPause]:
    """Every pause of the trial, in order."""
    return session.scalars(sa.select(TrialPause).where(TrialPause.trial == trial)
                           .order_by(TrialPause.id)).all()


def runs(recipient: Recipient) -> None:
    """Refuse while the recipient's trial is paused."""
    pause = pause_of(recipient.trial)
    if pause is not None:
        protocol = protocol_of(recipient)
        rules.trial_runs(protocol.registry_id, local(pause.recorded_at).date(), pause.why,
                         protocol.stopping.lifted_by)


def begin_pause(protocol: Protocol, why: str, events: Sequence[str], *, by: Actor, at: datetime,
                ) -> TrialPause | None:
    """Pause the trial under the entry that is being written; None where it stands already."""
    if pause_of(protocol.name) is not None:
        return None
    pause = TrialPause(trial=protocol.name, protocol=protocol.reference, why=why,
                       events=list(events), recorded_by_id=by.id, recorded_at=at)
    session.add(pause)
    session.flush()  # the database refuses the second pause of a trial
    return pause


def pause_trial(protocol: str, why: str, *, by: Actor, at: datetime) -> TrialPause:
    """Pause a trial by a person's decision, whatever the stopping rule says."""
    by.must(Permission.PAUSE_TRIAL)
    rules.something_written(why, "why")
    found = rules.published(protocol, shelf.installed().protocols.references())
    pause = begin_pause(shelf.protocol(found), why, (), by=by, at=at)
    rules.not_paused(pause is None, shelf.protocol(found).registry_id)
    record("pause trial", pause, by=by, at=at, reason=why, trial=pause.trial)
    return pause


def resume_record(pause: TrialPause, board_met_on: date, decision: str) -> dict[str, Any]:
    """What is read and signed: the pause with its events, and the board's decision."""
    protocol = shelf.protocol(pause.protocol)
    return {"pause": snapshot(pause), "trial": protocol.registry_id,
            "lifted by": protocol.stopping.lifted_by, "board met on": board_met_on,
            "decision": decision}


def resume(pause: TrialPause, board_met_on: date, decision: str, *, seal: Seal | None, by: Actor,
           at: datetime) -> TrialPause:
    """Record the board's decision that the trial goes on. Signed, by another person than the one
    under whose act the trial was paused."""
    by.must(Permission.RESUME_TRIAL)
    may_be_resumed(pause)
    rules.another_resumes(by, pause.recorded_by_id)
    rules.something_written(decision, "decision")
    not_in_the_future(board_met_on, local(at), field="board_met_on")
    rules.the_board_met_after(board_met_on, local(pause.recorded_at).date())
    signature = sign(seal, pause, meaning=Meaning.TRIAL_RESUMED,
                     over=resume_record(pause, board_met_on, decision),
                     permission=Permission.RESUME_TRIAL, by=by, at=at)
    pause.resumed_at, pause.signature_id = at, signature.id
    pause.board_met_on, pause.decision = board_met_on, decision
    record("resume trial", pause, by=by, at=at, reason=decision, board_met_on=board_met_on,
           trial=pause.trial)
    return pause


def may_be_resumed(pause: TrialPause) -> None:
    """Refuse a pause that has ended."""
    rules.still_paused(pause.resumed_at is not None)
