"""What an auditor reads first: where the bank left its ordinary way, the latest first."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from mscbank.bags.lifecycle import Standing
from mscbank.database import session
from mscbank.infusions.models import Infusion
from mscbank.permissions import Actor
from mscbank.release.models import Decision, ExceptionRequest
from mscbank.reports.waiting.item import Item, everything, item
from mscbank.testing.models import Result

SHOWN = 90  # letters of a reason


def exceptions(at: datetime, _: Actor) -> list[Item]:
    """Lots that were released although something failed, with what the physician asked for."""
    found = _decided(Standing.EXCEPTIONAL)
    asked = dict(session.execute(
        sa.select(ExceptionRequest.lot_id, ExceptionRequest.justification)
        .where(ExceptionRequest.lot_id.in_([one.lot_id for one in found]))
        .order_by(ExceptionRequest.id)).all())
    return [item(lot, f"released exceptionally: {typed}", None, at) for lot, typed in (
        (one.lot, asked.get(one.lot_id, "")[:SHOWN]) for one in found)]


def nonconforming(at: datetime, _: Actor) -> list[Item]:
    """Lots that were found, or declared, nonconforming after their release."""
    return [item(lot, f"declared nonconforming: {typed}" if declared
                 else "found nonconforming by a later result", None, at)
            for lot, declared, typed in (
                (one.lot, one.result_id is None, (one.reason or "")[:SHOWN])
                for one in _decided(Standing.NONCONFORMING))]


def _decided(standing: Standing) -> list[Decision]:
    return everything(sa.select(Decision).where(Decision.standing == standing)
                      .options(joinedload(Decision.lot)).order_by(Decision.id.desc()))


def on_paper(at: datetime, _: Actor) -> list[Item]:
    """Infusions that rest on a signed sheet and not on the check at the bedside."""
    found = everything(sa.select(Infusion).where(Infusion.paper_id.is_not(None))
                       .order_by(Infusion.id.desc()))
    return [item(one, "given on paper, without the bank's check", None, at) for one in found]


def corrected(at: datetime, _: Actor) -> list[Item]:
    """Results that replaced another one; one that was awaited and came back replaced none."""
    before = aliased(Result)
    found = everything(sa.select(Result).join(before, before.id == Result.corrects_id)
                       .where(~before.pending).order_by(Result.id.desc()))
    return [item(one, f"corrected: {typed}", None, at) for one, typed in (
        (one, (one.reason or "")[:SHOWN]) for one in found)]
