"""Samples: taken, sent, received, used up or discarded."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from mscbank import things
from mscbank.audit.service import record
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import Culture
from mscbank.database import session
from mscbank.permissions import Actor, Permission
from mscbank.settings import local
from mscbank.testing import register, rules
from mscbank.testing.models import (
    ENDS,
    Laboratory,
    LaboratoryKind,
    MoveKind,
    Sample,
    SampleMove,
    Stage,
)
from specs.criterion import Stage as SpecStage


def take_sample(
    taken_from: str, stage: Stage, taken_at: datetime, destined: str,
    volume_ml: Decimal | None = None, *, by: Actor, at: datetime,
) -> Sample:
    """Write down that material was taken from a culture, lot or bag, and where it goes."""
    by.must(Permission.TEST)
    source = things.by_code(taken_from)
    rules.sampled_where_it_can_be(source.SLUG, SpecStage(stage))
    began_at, what = _beginning(source)
    rules.sampled_in_time(taken_at, began_at, at, what=what)
    rules.some_volume(volume_ml)
    lot_id = None
    if isinstance(source, Bag):
        rules.thawed_before_sampled(SpecStage(stage), source.thawed_at)
        if stage is Stage.POST_THAW:
            rules.sampled_in_time(taken_at, source.thawed_at, at, what="the thawing of the bag")
        lot_id = source.lot_id
    elif isinstance(source, Lot):
        lot_id = source.id
    sample = Sample(taken_from=source.code, lot_id=lot_id, stage=stage, taken_at=taken_at,
                    destined=destined, volume_ml=volume_ml, recorded_by_id=by.id, recorded_at=at)
    session.add(sample)
    session.flush()
    record("take sample", sample, by=by, at=at, taken_from=source.code, stage=stage,
           taken_at=taken_at, destined=destined, volume_ml=volume_ml)
    return sample


def _beginning(source: Any) -> tuple[datetime, str]:
    if isinstance(source, Culture):
        return source.seeded_at, "the seeding of the culture"
    lot = source.lot if isinstance(source, Bag) else source
    return lot.filled_at, "the filling of the lot"


def send_sample(sample: Sample, laboratory: str, sent_at: datetime, condition: str, *, by: Actor,
                at: datetime) -> Sample:
    """The sample leaves for a laboratory of the register; ``condition`` says how cold it goes."""
    by.must(Permission.TEST)
    can_send(sample)
    register.laboratory_used(laboratory, local(sent_at).date())
    _move(sample, MoveKind.SENT, sent_at, at, by, field="sent_at", laboratory=laboratory,
          condition=condition)
    record("send sample", sample, by=by, at=at, laboratory=laboratory, sent_at=sent_at,
           condition=condition)
    return sample


def receive_sample(sample: Sample, received_at: datetime, condition: str, *, by: Actor,
                   at: datetime) -> Sample:
    """The sample has arrived where it was sent, in this condition."""
    by.must(Permission.TEST)
    can_receive(sample)
    _move(sample, MoveKind.RECEIVED, received_at, at, by, field="received_at",
          laboratory=sample.moves[-1].laboratory, condition=condition)
    record("receive sample", sample, by=by, at=at, laboratory=sample.moves[-1].laboratory,
           received_at=received_at, condition=condition)
    return sample


def use_up_sample(sample: Sample, ended_at: datetime, reason: str, *, by: Actor,
                  at: datetime) -> Sample:
    """Nothing of the sample is left."""
    return _end("use up sample", MoveKind.USED_UP, sample, ended_at, reason, by, at)


def discard_sample(sample: Sample, ended_at: datetime, reason: str, *, by: Actor,
                   at: datetime) -> Sample:
    """The sample is thrown away, or was lost. Only tests begun before may still give results."""
    return _end("discard sample", MoveKind.DISCARDED, sample, ended_at, reason, by, at)


def _end(act: str, kind: MoveKind, sample: Sample, ended_at: datetime, reason: str, by: Actor,
         at: datetime) -> Sample:
    by.must(Permission.TEST)
    can_end(sample)
    _move(sample, kind, ended_at, at, by, field="ended_at", reason=reason)
    record(act, sample, by=by, at=at, reason=reason, ended_at=ended_at)
    return sample


def _move(sample: Sample, kind: MoveKind, moved_at: datetime, at: datetime, by: Actor, *,
          field: str, **words: str | None) -> None:
    """Write the next step of the sample's way, in its order."""
    before = sample.moves[-1] if sample.moves else None
    rules.moved_in_time(moved_at, before.moved_at if before else sample.taken_at, at, field=field,
                        what=f"it was {before.kind}" if before else "the taking of the sample")
    sample.moves.append(SampleMove(kind=kind, moved_at=moved_at, recorded_by_id=by.id,
                                   recorded_at=at, **words))
    session.flush()


def can_send(sample: Sample) -> None:
    """Refuse what is on its way or gone."""
    rules.not_gone(gone(sample))
    rules.may_be_sent(under_way_to(sample))


def can_receive(sample: Sample) -> None:
    """Refuse what is not on its way."""
    rules.not_gone(gone(sample))
    rules.may_be_received(under_way_to(sample))


def can_end(sample: Sample) -> None:
    """Refuse what is gone already."""
    rules.not_gone(gone(sample))


def gone(sample: Sample) -> str | None:
    """``used up`` or ``discarded``, or None while there is something left."""
    last = sample.moves[-1].kind if sample.moves else None
    return str(last) if last in ENDS else None


def under_way_to(sample: Sample) -> str | None:
    """The laboratory that the sample is on its way to, or None."""
    last = sample.moves[-1] if sample.moves else None
    return last.laboratory if last and last.kind is MoveKind.SENT else None


def tested_there(sample: Sample, laboratory: Laboratory, performed_at: datetime) -> None:
    """Refuse a test that the sample cannot have undergone: before an outside laboratory received
    it, or begun after it was gone."""
    here = [move for move in sample.moves if move.laboratory == laboratory.name]
    arrived = next((move.moved_at for move in here if move.kind is MoveKind.RECEIVED), None)
    rules.there_when_tested(
        laboratory.name, bool(here) or laboratory.kind is LaboratoryKind.CONTRACT, arrived,
        performed_at)
    last = sample.moves[-1].moved_at if gone(sample) else None
    rules.not_gone_when_tested(gone(sample), last, performed_at)
