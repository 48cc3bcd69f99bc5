"""Reagents: taken into stock in quarantine, released, blocked, used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from mscbank import things
from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.cultures import rules
from mscbank.cultures.models import ReagentKind, ReagentLot, ReagentStanding, ReagentUse
from mscbank.database import session
from mscbank.errors import AlreadyDone
from mscbank.permissions import Actor, Permission, Role
from mscbank.rules import count_told
from mscbank.settings import local


def add_reagent(
    reagent: ReagentKind, name: str, lot_number: str, supplier: str, expires_on: date, *,
    by: Actor, at: datetime,
) -> ReagentLot:
    """Take a supplier's lot into stock. It begins in quarantine."""
    by.must(Permission.KEEP_REAGENTS)
    rules.not_expired_already(expires_on, local(at).date())
    if session.scalar(sa.select(ReagentLot.id).where(
            ReagentLot.supplier == supplier, ReagentLot.name == name,
            ReagentLot.lot_number == lot_number)):
        raise AlreadyDone(f"{name}, lot {lot_number} of {supplier} is in stock already.",
                          field="lot_number")
    lot = ReagentLot(reagent=reagent, name=name, lot_number=lot_number, supplier=supplier,
                     expires_on=expires_on, standing=ReagentStanding.QUARANTINE,
                     recorded_by_id=by.id, recorded_at=at)
    session.add(lot)
    session.flush()
    record("add reagent", lot, by=by, at=at, reagent=reagent, name=name, lot_number=lot_number,
           supplier=supplier, expires_on=expires_on)
    return lot


def release_reagent(reagent_lot: ReagentLot, *, by: Actor, at: datetime) -> ReagentLot:
    """Let this lot be used: its certificate was read and is in order."""
    by.must(Permission.RELEASE_REAGENTS)
    rules.may_release_reagent(reagent_lot.title, reagent_lot.standing)
    rules.not_expired_already(reagent_lot.expires_on, local(at).date())
    reagent_lot.standing = ReagentStanding.RELEASED
    record("release reagent", reagent_lot, by=by, at=at)
    return reagent_lot


def block_reagent(reagent_lot: ReagentLot, reason: str, *, by: Actor, at: datetime) -> ReagentLot:
    """Stop this lot for good. Where it went into something, quality assurance is told."""
    by.must(Permission.KEEP_REAGENTS)
    rules.said(reason, field="reason")
    rules.may_block_reagent(reagent_lot.title, reagent_lot.standing)
    reagent_lot.standing = ReagentStanding.BLOCKED
    made = used_in(reagent_lot)
    if made:
        raise_alert(Role.QUALITY, reagent_lot,
                    f"{reagent_lot.title} was blocked after it was used {count_told(len(made), 'time')}: "
                    "look at what was made with it.", at=at)
    record("block reagent", reagent_lot, by=by, at=at, reason=reason, used_in=made)
    return reagent_lot


def use_reagents(used_in_code: str, codes: Sequence[str], *, by: Actor, at: datetime) -> list[str]:
    """Write that these reagent lots (house codes) went into this thing; the act records it.

    Refuses a lot that is expired, in quarantine or blocked, by its number. Returns the lots' codes.
    """
    lots = usable_reagents(codes, at)
    for lot in lots:
        session.add(ReagentUse(reagent_lot_id=lot.id, used_in=used_in_code,
                               recorded_by_id=by.id, recorded_at=at))
    return [lot.code for lot in lots]


def usable_reagents(codes: Sequence[str], at: datetime) -> list[ReagentLot]:
    """The lots of these house codes, each fit for use today."""
    lots = [things.get(ReagentLot, code, field="reagents") for code in codes]
    rules.named_once([lot.code for lot in lots], field="reagents", what="the reagent lots used")
    for lot in lots:
        may_be_used(lot, at)
    return lots


def may_be_used(lot: ReagentLot, at: datetime) -> None:
    """Refuse a lot that may not touch cells today."""
    rules.reagent_usable(lot.title, lot.standing, lot.expires_on, local(at).date())


def used_in(reagent_lot: ReagentLot) -> list[str]:
    """Codes of the cultures and lots this reagent lot went into, in order of first use."""
    uses = session.scalars(sa.select(ReagentUse.used_in).order_by(ReagentUse.id).where(
        ReagentUse.reagent_lot_id == reagent_lot.id))
    return list(dict.fromkeys(uses))


def reagents_of(code: str) -> list[ReagentLot]:
    """The reagent lots that went into this culture or lot, in order of first use."""
    uses = session.scalars(sa.select(ReagentUse).where(ReagentUse.used_in == code)
                           .order_by(ReagentUse.id).options(
                               sa.orm.joinedload(ReagentUse.reagent_lot)))
    return list(dict.fromkeys(use.reagent_lot for use in uses))
