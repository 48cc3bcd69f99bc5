"""The acts on a harvest: the marrow is collected, leaves the ward, arrives at the laboratory."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from labels.isbt128 import din
from labels.isbt128.errors import FormatError
from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.database import session
from mscbank.donors import rules as donor_rules
from mscbank.donors import service as donors
from mscbank.donors.models import Donor, Eligibility
from mscbank.errors import Refused
from mscbank.harvests import rules
from mscbank.harvests.models import Anticoagulant, Harvest, Site
from mscbank.permissions import Actor, Permission, Role
from mscbank.recipients import rules as recipient_rules
from mscbank.recipients.service import protocol_of
from mscbank.rules import not_before, not_in_the_future
from mscbank.settings import local, settings
from mscbank.usual import FIELD, held_against


def harvest(
    donor: Donor, site: Site, collected_at: datetime, volume_ml: Decimal,
    anticoagulant: Anticoagulant, why_unusual: str | None = None, *, by: Actor, at: datetime,
) -> Harvest:
    """Record a marrow collection. Its donation identification number is given here."""
    by.must(Permission.RECORD_HARVEST)
    may_be_harvested(donor)
    rules.a_possible_volume(volume_ml)
    not_in_the_future(collected_at, at, field="collected_at")
    not_before(local(collected_at).date(), donors.consents_since(donor), field="collected_at",
               what="the donor's consent")
    rules.decided_before(donor.decision.recorded_at, collected_at)
    _fresh_markers(donor, collected_at)
    rules.not_collected_then(collected_at, [each.collected_at for each in donor.harvests])
    asked = held_against("harvest", {"volume_ml": volume_ml}, why_unusual, at)
    collected = Harvest(
        din=_next_din(local(collected_at).year), donor=donor, site=site,
        collected_at=collected_at, volume_ml=volume_ml, anticoagulant=anticoagulant,
        recorded_by_id=by.id, recorded_at=at, **asked)
    session.add(collected)
    session.flush()  # the house code is given as the row is written
    record("harvest", collected, by=by, at=at, reason=asked[FIELD], donor=donor.code,
           din=collected.din, site=site, collected_at=collected_at, volume_ml=volume_ml,
           anticoagulant=anticoagulant)
    return collected


def dispatch(harvest: Harvest, dispatched_at: datetime, *, by: Actor, at: datetime) -> Harvest:
    """Record when the marrow left for the laboratory."""
    by.must(Permission.RECORD_HARVEST)
    rules.not_dispatched(harvest.dispatched_at)
    not_in_the_future(dispatched_at, at, field="dispatched_at")
    not_before(dispatched_at, harvest.collected_at, field="dispatched_at",
               what="the collection of the marrow")
    harvest.dispatched_at = dispatched_at
    record("dispatch", harvest, by=by, at=at, dispatched_at=dispatched_at)
    return harvest


def receive_harvest(
    harvest: Harvest, received_at: datetime, transport_min_c: Decimal, transport_max_c: Decimal,
    condition: str, nucleated_cells: int, viability: Decimal, why_unusual: str | None = None, *,
    by: Actor, at: datetime,
) -> Harvest:
    """Record the arrival: times, logger in °C, look, nucleated cells (total), viability in %.

    A transport outside the protocol's limits is received and quality assurance alerted.
    """
    by.must(Permission.RECEIVE_HARVEST)
    rules.on_its_way(harvest.dispatched_at, harvest.received_at)
    recipient_rules.something_written(condition, "condition")
    rules.a_possible_transport(transport_min_c, transport_max_c)
    rules.possible_counts(nucleated_cells, viability)
    not_in_the_future(received_at, at, field="received_at")
    not_before(received_at, harvest.dispatched_at, field="received_at",
               what="the dispatch of the marrow")
    asked = held_against("harvest", {"nucleated_cells": nucleated_cells, "viability": viability},
                         why_unusual, at)
    harvest.usual = (harvest.usual or {}) | asked["usual"]
    harvest.why_received_unusual = asked[FIELD]
    harvest.received_at, harvest.received_by_id = received_at, by.id
    harvest.transport_min_c, harvest.transport_max_c = transport_min_c, transport_max_c
    harvest.condition = condition
    harvest.nucleated_cells, harvest.viability = nucleated_cells, viability
    faults = transport_faults(harvest)
    if faults:
        raise_alert(Role.QUALITY, harvest, f"Marrow {harvest.din} travelled outside its limits: "
                    f"{' '.join(faults)} Judge whether it may be seeded.", at=at)
    record("receive harvest", harvest, by=by, at=at, reason=asked[FIELD], received_at=received_at,
           transport_min_c=transport_min_c, transport_max_c=transport_max_c, condition=condition,
           nucleated_cells=nucleated_cells, viability=viability, faults=faults)
    return harvest


def may_be_harvested(donor: Donor) -> None:
    """Refuse unless donor and recipient consent and a standing, covered decision accepts."""
    recipient_rules.consents(donor.consents_now, donor.number)
    recipient_rules.consents(donor.recipient.consents_now, donor.recipient.number)
    rules.accepted(donor.decision and donor.decision.outcome, donor.number)
    rules.decision_covers(donors.decision_covers(donor), donor.number)


def transport_faults(harvest: Harvest) -> tuple[str, ...]:
    """What was outside the protocol's limits on the way; empty before the receipt."""
    if harvest.received_at is None:
        return ()
    protocol = protocol_of(harvest.donor.recipient)
    allowed = protocol.temperature("marrow")
    return rules.transport_faults(
        harvest.transport_min_c, harvest.transport_max_c, allowed.low, allowed.high,
        harvest.received_at - harvest.dispatched_at, protocol.transport.hours_max)


def find_harvest(din_text: str) -> Harvest | None:
    """The harvest of a donation number, with or without its check character."""
    try:
        number = din.validate(din_text)
    except FormatError:
        return None
    return session.scalar(sa.select(Harvest).where(Harvest.din == number))


def _fresh_markers(donor: Donor, collected_at: datetime) -> None:
    asked = protocol_of(donor.recipient).donor
    sampled = defaultdict(list)
    for marker in donor.standing_markers:
        sampled[str(marker.agent)].append(marker.sampled_at)
    donor_rules.markers_of_sample(
        asked.markers, sampled, collected_at, asked.sampling_to_donation_days_max,
        missing_accepted=donor.decision.outcome == Eligibility.EXCEPTION)


def _next_din(year: int) -> str:
    """The next number of the facility's year: numbers are never given twice, nor left out."""
    beginning = f"{settings().facility}{year % 100:02d}"
    last = session.scalar(sa.select(sa.func.max(Harvest.din))
                          .where(Harvest.din.startswith(beginning, autoescape=True)))
    try:
        return din.make(settings().facility, year, int(last[7:]) + 1 if last else 1)
    except FormatError as error:
        raise Refused(f"No donation number can be given: {error}. Tell the administrator.",
                      reasons=("no donation number",)) from error
