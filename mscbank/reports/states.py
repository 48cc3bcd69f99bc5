"""How the things of a kind stand, in the words of their scan and as the database tells them, so that
a list is narrowed and sorted by them however long it is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from mscbank.bags.models import Bag, CryoUnit, Lot, StoragePlace
from mscbank.cultures.models import Culture
from mscbank.custody.models import Excursion, Journey
from mscbank.donors.models import Donor, DonorConsent, DonorDecision, Eligibility
from mscbank.followup.event_models import AdverseEvent, Opinion, Outcome, Side
from mscbank.followup.event_models import EventInformation as Information
from mscbank.followup.models import Ended, FollowUpEnd, Visit
from mscbank.harvests.models import Harvest
from mscbank.infusions.models import Ending, Infusion, Observation, Order, Reaction
from mscbank.labelling.models import LabelCopy
from mscbank.recipients.models import (
    Allocation,
    Recipient,
    RecipientConsent,
    ScreeningFailure,
    Wristband,
)
from mscbank.release.models import Action, Deviation, Hold
from mscbank.testing.models import Investigation, MoveKind, Result, Sample, SampleMove

Condition = sa.ColumnElement[bool]
State = tuple[tuple[str, Condition], ...]
OTHERWISE = sa.true()


def _some(model: type[Any], *where: Condition) -> Condition:
    return sa.select(model.id).where(*where).exists()


def _latest(reference: Any, owner: type[Any], told: Condition) -> Condition:
    """Whether of the rows that refer to it the latest is so."""
    model = reference.class_
    later = aliased(model)
    last = sa.select(sa.func.max(later.id)).where(getattr(later, reference.key) == owner.id)
    return _some(model, model.id == last.correlate(owner).scalar_subquery(), told)


def _no_consent_stands(consent: type[Any], mine: Condition) -> Condition:
    return sa.and_(_some(consent, mine), ~_some(consent, mine, consent.withdrawn_at.is_(None)))


def _moved(kind: MoveKind) -> Condition:
    return _latest(SampleMove.sample_id, Sample, SampleMove.kind == kind)


def _corrected(model: type[Any]) -> Condition:
    later = aliased(model)
    return _some(later, later.corrects_id == model.id)


def _given(side: Side) -> Condition:
    return _some(Opinion, Opinion.adverse_event_id == AdverseEvent.id, Opinion.side == side)


_FOLLOWED = Infusion.recipient_id == Recipient.id
_PLACE = Allocation.recipient_id == Recipient.id
_TESTED = (Result.sample_id == Sample.id, ~_corrected(Result))
# Of each kind the first that is so.
IN_WORDS: dict[type[Any], State] = {
    Recipient: (
        *((str(end), _some(FollowUpEnd, FollowUpEnd.recipient_id == Recipient.id,
                           FollowUpEnd.ended_as == end)) for end in Ended if end != Ended.WITHDRAWN),
        ("screened out", _some(ScreeningFailure, ScreeningFailure.recipient_id == Recipient.id)),
        ("withdrew consent", sa.or_(
            _some(FollowUpEnd, FollowUpEnd.recipient_id == Recipient.id),
            _no_consent_stands(RecipientConsent, RecipientConsent.recipient_id == Recipient.id))),
        ("being infused", _some(Infusion, _FOLLOWED, Infusion.ended_at.is_(None))),
        ("in follow-up", _some(Infusion, _FOLLOWED)),
        ("place given up", _some(Allocation, _PLACE, Allocation.given_up_at.is_not(None))),
        ("enrolled", _some(Allocation, _PLACE)),
        ("in screening", OTHERWISE)),
    Donor: (
        ("withdrew consent", _no_consent_stands(DonorConsent, DonorConsent.donor_id == Donor.id)),
        *((str(each), _latest(DonorDecision.donor_id, Donor, DonorDecision.outcome == each))
          for each in Eligibility),
        ("not decided on", OTHERWISE)),
    Harvest: (("arrived", Harvest.received_at.is_not(None)),
              ("on the way", Harvest.dispatched_at.is_not(None)), ("collected", OTHERWISE)),
    Culture: (*((word, Culture.ended_as == word)
                for word in ("passaged", "filled", "frozen", "discarded")), ("growing", OTHERWISE)),
    StoragePlace: (("taken", sa.or_(_some(Bag, Bag.storage_place_id == StoragePlace.id), _some(
        CryoUnit, CryoUnit.storage_place_id == StoragePlace.id))), ("free", OTHERWISE)),
    Sample: (("results awaited", _some(Result, *_TESTED, Result.pending)),
             ("used up", _moved(MoveKind.USED_UP)), ("discarded", _moved(MoveKind.DISCARDED)),
             ("tested", _some(Result, *_TESTED)), ("on the way", _moved(MoveKind.SENT)),
             ("arrived", _moved(MoveKind.RECEIVED)), ("not sent yet", OTHERWISE)),
    LabelCopy: (("paper destroyed", LabelCopy.destroyed_at.is_not(None)),
                ("void", LabelCopy.voided_at.is_not(None)),
                ("applied", LabelCopy.applied_at.is_not(None)),
                ("printed", LabelCopy.printed_at.is_not(None)), ("not printed", OTHERWISE)),
    Wristband: (("ended", Wristband.ended_at.is_not(None)), ("worn", OTHERWISE)),
    Journey: (("came back", Journey.returned_at.is_not(None)),
              ("arrived", Journey.received_at.is_not(None)), ("on the way", OTHERWISE)),
    Excursion: (("judged", Excursion.judged_at.is_not(None)), ("open", OTHERWISE)),
    Hold: (("lifted", Hold.lifted_at.is_not(None)), ("in force", OTHERWISE)),
    Deviation: (("closed", Deviation.closed_at.is_not(None)), ("open", OTHERWISE)),
    Action: (("effective", Action.effective.is_(True)), ("not effective", Action.effective.is_(False)),
             ("done", Action.done_at.is_not(None)), ("open", OTHERWISE)),
    Investigation: (("concluded", Investigation.concluded_at.is_not(None)), ("open", OTHERWISE)),
    Order: (("cancelled", Order.cancelled_at.is_not(None)), ("ordered", OTHERWISE)),
    Infusion: (*((str(each), Infusion.ending == each) for each in Ending), ("running", OTHERWISE)),
    Visit: (("corrected", _corrected(Visit)), ("missed", Visit.took_place_on.is_(None)),
            ("done", OTHERWISE)),
    **{seen: (("corrected", _corrected(seen)), ("withdrawn", seen.withdrawn), ("recorded", OTHERWISE))
       for seen in (Observation, Reaction)},
    AdverseEvent: (
        ("both opinions awaited", sa.not_(sa.or_(*(_given(side) for side in Side)))),
        ("investigator's opinion awaited", ~_given(Side.INVESTIGATOR)),
        ("sponsor's opinion awaited", ~_given(Side.SPONSOR)), ("both opinions given", OTHERWISE)),
}
# What an event came to, as far as is known.
OUTCOMES: State = tuple((str(each), _latest(
    Information.adverse_event_id, AdverseEvent, Information.outcome == each)) for each in Outcome)
_HELD = Hold.lifted_at.is_(None)
HELD: dict[type[Any], State] = {
    Lot: (("held", _some(Hold, _HELD, Hold.lot_id == Lot.id)),),
    Bag: (("held", _some(Hold, _HELD, sa.or_(Hold.bag_id == Bag.id, Hold.lot_id == Bag.lot_id))),)}

