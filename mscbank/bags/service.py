"""The acts on lots and bags: fill, freeze, store, relocate, thaw, destroy; and ``move``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from mscbank import things
from mscbank.audit.service import record
from mscbank.bags import rules
from mscbank.bags.lifecycle import BAG_PLACE, Place, Standing, after, row_for
from mscbank.bags.models import Bag, CryoUnit, Lot, StoragePlace
from mscbank.cultures import rules as culture_rules
from mscbank.cultures.cells import donor_accepted, end_as, sources
from mscbank.cultures.models import Culture
from mscbank.cultures.reagents import use_reagents
from mscbank.database import session
from mscbank.harvests.models import Harvest
from mscbank.lineage import derive
from mscbank.permissions import Actor, Permission
from mscbank.recipients.service import protocol_of
from mscbank.settings import local
from mscbank.signatures.models import Signature
from mscbank.signatures.service import Seal, sign
from mscbank.usual import FIELD, held_against
from specs import shelf
from specs.criterion import Specification


def move(
    bag: Bag, act: str, *, by: Actor, at: datetime, seal: Seal | None = None,
    over: dict[str, Any] | None = None, storage_place_id: int | None = None,
) -> Signature | None:
    """Move a bag along its chart: the only assigner of ``bag.place``. The calling act records.

    Asks the chart, the lot's standing and the row's permission; where the chart asks for a
    signature, signs ``over`` with ``seal`` and returns it. What enters *stored* names its free
    position (``free_place(code).id``); what leaves it frees its own.
    """
    row = row_for(BAG_PLACE, act)
    by.must(row.who)
    place = may_move(bag, act)
    rules.position_named(place, storage_place_id)
    signature = None
    if row.signed is not None:
        signature = sign(seal, bag, meaning=row.signed, over=over or {}, permission=row.who,
                         by=by, at=at)
    bag.place, bag.place_since, bag.storage_place_id = place, at, storage_place_id
    return signature


def may_move(bag: Bag, act: str) -> Place:
    """Where the act leads to, or a refusal by the chart; thawed cells never enter *stored*."""
    place = Place(after(BAG_PLACE, act, bag.place, lot=bag.lot.standing))
    if place is Place.STORED:
        rules.never_back_when_thawed(bag.title, bag.thawed_at)
    return place


def fill(
    culture: Culture, bags: int, volume_ml: Decimal, cells_per_bag: int, excipients: str,
    dmso_percent: Decimal, expires_at: datetime, reagents: Sequence[str],
    pooled_with: Sequence[Mapping] = (), why_unusual: str | None = None, *, by: Actor, at: datetime,
) -> Lot:
    """Fill a lot: ``bags`` alike, each of ``volume_ml`` mL and ``cells_per_bag`` viable cells.

    Cells named in ``pooled_with`` (``{"culture": code, "cells": number}``) are part of the total,
    this culture gives the rest. The lot keeps the release specification in force today.
    """
    by.must(Permission.FILL)
    culture_rules.may_give_cells(culture)
    harvest = culture.harvest
    donor_accepted(harvest)
    rules.bags_sensible(bags, volume_ml, cells_per_bag, dmso_percent)
    rules.expires_later(expires_at, at)
    parents = sources(culture, bags * cells_per_bag, pooled_with, field="cells_per_bag")
    specification = specification_in_force(harvest, at)
    asked = held_against("bag", {"volume_ml": volume_ml, "viable_cells": cells_per_bag},
                         why_unusual, at)
    lot = Lot(
        number=_next_number(at), harvest_id=harvest.id, recipient_id=harvest.donor.recipient_id,
        passage=max(parent.passage for parent, _ in parents),
        specification=specification.reference, specification_digest=specification.digest,
        standing=Standing.PENDING, filled_at=at, excipients=excipients,
        dmso_percent=dmso_percent, recorded_by_id=by.id, recorded_at=at, **asked)
    session.add(lot)
    session.flush()
    filled = [Bag(lot_id=lot.id, number=number, volume_ml=volume_ml, viable_cells=cells_per_bag,
                  place=Place.FILLED, place_since=at, expires_at=expires_at,
                  recorded_by_id=by.id, recorded_at=at) for number in range(1, bags + 1)]
    session.add_all(filled)
    session.flush()
    derive(lot.code, [(parent.code, cells) for parent, cells in parents])
    for bag in filled:
        derive(bag.code, [(lot.code, cells_per_bag)])
    end_as(parents, "filled", at)
    used = use_reagents(lot.code, reagents, by=by, at=at)
    record("fill", lot, by=by, at=at, reason=asked[FIELD], number=lot.number,
           bags=[bag.code for bag in filled], cells_per_bag=cells_per_bag, volume_ml=volume_ml,
           expires_at=expires_at,
           parents={parent.code: cells for parent, cells in parents}, reagents=used)
    return lot


def freeze(lot: Lot, *, by: Actor, at: datetime) -> Lot:
    """The lot's bags go through the freezer: every bag that was not frozen yet."""
    by.must(Permission.FILL)
    rules.lot_may_freeze(lot.standing)
    waiting = to_freeze(lot)
    rules.anything_to_freeze(len(waiting))
    for bag in waiting:
        bag.frozen_at = at
    record("freeze", lot, by=by, at=at, bags=[bag.code for bag in waiting])
    return lot


def store(bag: Bag, place: str, *, by: Actor, at: datetime) -> Bag:
    """Put a filled bag into a position (its house code)."""
    by.must(row_for(BAG_PLACE, "store").who)
    may_move(bag, "store")
    position = free_place(place)
    move(bag, "store", by=by, at=at, storage_place_id=position.id)
    record("store", bag, by=by, at=at, place=position.code)
    return bag


def relocate(bag: Bag, place: str, *, by: Actor, at: datetime) -> Bag:
    """Put a stored bag into another position; it stays stored."""
    by.must(Permission.FILL)
    rules.may_relocate(bag.title, bag.place)
    rules.never_back_when_thawed(bag.title, bag.thawed_at)
    position = things.get(StoragePlace, place, field="place")
    rules.another_position(bag.storage_place_id, position.id)
    position = free_place(place)
    before = bag.storage_place and bag.storage_place.code
    bag.storage_place_id, bag.place_since = position.id, at
    record("relocate", bag, by=by, at=at, place=position.code, before=before)
    return bag


def thaw(bag: Bag, why: str | None = None, *, by: Actor, at: datetime) -> Bag:
    """Thaw a bag, once. It is usable for the protocol's minutes and no longer than its expiry.
    Asked through custody (``custody.thawing``), which knows what speaks against it."""
    by.must(Permission.HAND_OVER)
    may_thaw(bag)
    rules.not_expired(bag.title, bag.expires_at, at)
    minutes = protocol_of(bag.lot.harvest.donor.recipient).bedside.thawed_expiry_minutes
    bag.thawed_at, bag.thaw_expires_at = at, at + timedelta(minutes=minutes)
    record("thaw", bag, by=by, at=at, reason=why, thaw_expires_at=bag.thaw_expires_at)
    return bag


def may_thaw(bag: Bag) -> None:
    """Refuse a bag that was thawed before, was never frozen or is not there to be thawed."""
    rules.may_thaw(bag.title, bag.place, bag.frozen_at, bag.thawed_at)


def destroy(bag: Bag, reason: str, *, by: Actor, at: datetime) -> Bag:
    """Destroy a bag. Its position is free again; its record stays."""
    rules.said(reason, field="reason")
    move(bag, "destroy", by=by, at=at)
    record("destroy", bag, by=by, at=at, reason=reason)
    return bag


def free_place(code: str) -> StoragePlace:
    """The position of this house code, refused when a bag or a cryo unit is in it."""
    position = things.get(StoragePlace, code, field="place")
    holds = (session.scalar(sa.select(Bag).where(Bag.storage_place_id == position.id))
             or session.scalar(sa.select(CryoUnit).where(
                 CryoUnit.storage_place_id == position.id)))
    rules.place_free(position.title, holds and holds.title)
    return position


def to_freeze(lot: Lot) -> list[Bag]:
    """Bags of this lot that wait for the freezer."""
    return [bag for bag in lot.bags
            if rules.bag_may_freeze(bag.place, bag.frozen_at, bag.thawed_at)]


def specification_in_force(harvest: Harvest, at: datetime) -> Specification:
    """The release specification of the recipient's protocol, as in force on that day."""
    name = protocol_of(harvest.donor.recipient).release_specification
    return shelf.release(name, on=local(at).date())


def _next_number(at: datetime) -> str:
    """L26-001, L26-002, ...: the year on the site's clock, and the next number in it."""
    year = f"L{local(at):%y}-"
    last = session.scalar(
        sa.select(Lot.number).where(Lot.number.startswith(year, autoescape=True))
        .order_by(sa.func.length(Lot.number).desc(), Lot.number.desc()).limit(1))
    return f"{year}{int(last.removeprefix(year)) + 1 if last else 1:03d}"
