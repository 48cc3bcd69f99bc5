"""The acts on cultures: seed, feed, observe, count, passage, discard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mscbank.audit.service import record
from mscbank.cultures import rules
from mscbank.cultures.cells import (
    cells_given,
    cells_left,
    culture_limits,
    cumulative_doublings,
    donor_accepted,
    doubling_time,
    doublings,
    end_as,
    sources,
)
from mscbank.cultures.models import (
    VESSEL_AREA_CM2,
    Culture,
    CultureCount,
    CultureNote,
    Looked,
    VesselKind,
)
from mscbank.cultures.reagents import use_reagents
from mscbank.database import session
from mscbank.harvests.models import Harvest
from mscbank.lineage import derive
from mscbank.permissions import Actor, Permission
from mscbank.recipients.rules import consents
from mscbank.usual import FIELD, held_against, viability

__all__ = ["cells_given", "cells_left", "correct_count", "count", "cumulative_doublings", "discard",
           "doubling_time", "doublings", "feed", "observe", "passage", "seed"]


def seed(
    harvest: Harvest, vessel: VesselKind, vessels: int, seeded_cells: int, incubator: str,
    reagents: Sequence[str], next_due_at: datetime | None = None,
    colony_forming: int | None = None, *, by: Actor, at: datetime,
) -> Culture:
    """Seed marrow cells: P0. ``seeded_cells`` are nucleated cells over all vessels together."""
    by.must(Permission.CULTURE)
    may_be_grown(harvest)
    rules.fresh_enough(harvest.collected_at, at,
                       culture_limits(harvest).marrow_to_seeding_hours_max)
    rules.positive(seeded_cells, field="seeded_cells", what="The cells seeded")
    rules.enough_nucleated_cells(seeded_cells, harvest.nucleated_cells or 0,
                                 cells_given(harvest.code))
    rules.colonies_sensible(colony_forming, seeded_cells)
    culture = lay_out(harvest, 0, vessel, vessels, seeded_cells, incubator, next_due_at,
                       by=by, at=at, colony_forming=colony_forming)
    derive(culture.code, [(harvest.code, seeded_cells)])
    used = use_reagents(culture.code, reagents, by=by, at=at)
    record("seed", culture, by=by, at=at, harvest=harvest.code, vessel=vessel, vessels=vessels,
           seeded_cells=seeded_cells, reagents=used)
    return culture


def feed(
    culture: Culture, reagents: Sequence[str], confluence: int | None = None,
    seen: str | None = None, next_due_at: datetime | None = None, *, by: Actor, at: datetime,
) -> CultureNote:
    """Change the medium. ``confluence`` in per cent."""
    by.must(Permission.CULTURE)
    rules.due_later(next_due_at, at)
    note = _note(culture, Looked.FED, confluence, seen, by=by, at=at)
    used = use_reagents(culture.code, reagents, by=by, at=at)
    culture.next_due_at = next_due_at
    record("feed", culture, by=by, at=at, reagents=used, confluence=confluence)
    return note


def observe(
    culture: Culture, confluence: int, seen: str | None = None, *, by: Actor, at: datetime,
) -> CultureNote:
    """Look under the microscope. ``confluence`` in per cent."""
    by.must(Permission.CULTURE)
    note = _note(culture, Looked.OBSERVED, confluence, seen, by=by, at=at)
    record("observe", culture, by=by, at=at, confluence=confluence)
    return note


def count(
    culture: Culture, total_cells: int, viable_cells: int, why_unusual: str | None = None, *,
    by: Actor, at: datetime,
) -> CultureCount:
    """Count the detached cells of the whole culture, once."""
    by.must(Permission.CULTURE)
    rules.not_counted(culture)
    rules.count_sensible(total_cells, viable_cells)
    asked = _asked(total_cells, viable_cells, why_unusual, at)
    counted = CultureCount(culture_id=culture.id, at=at, total_cells=total_cells,
                           viable_cells=viable_cells, recorded_by_id=by.id, recorded_at=at, **asked)
    _add(counted, culture, "counts")
    record("count", culture, by=by, at=at, reason=asked[FIELD], total_cells=total_cells,
           viable_cells=viable_cells)
    return counted


def correct_count(
    culture: Culture, total_cells: int, viable_cells: int, reason: str, *, by: Actor, at: datetime,
) -> CultureCount:
    """A further count that replaces the one that stands; both stay to be read."""
    by.must(Permission.CULTURE)
    rules.was_counted(culture)
    rules.said(reason, field="reason")
    rules.count_sensible(total_cells, viable_cells)
    before = culture.counts[-1]
    rules.correction_changes((before.total_cells, before.viable_cells),
                             (total_cells, viable_cells))
    rules.count_covers(viable_cells, cells_given(culture.code))
    counted = CultureCount(culture_id=culture.id, at=before.at, total_cells=total_cells,
                           viable_cells=viable_cells, corrects_id=before.id, reason=reason,
                           recorded_by_id=by.id, recorded_at=at,
                           **_asked(total_cells, viable_cells, reason, at))
    _add(counted, culture, "counts")
    record("correct count", culture, by=by, at=at, reason=reason,
           was=[before.total_cells, before.viable_cells], becomes=[total_cells, viable_cells])
    return counted


def _asked(total_cells: int, viable_cells: int, why: str | None, at: datetime) -> dict[str, Any]:
    """What is usual of a count, and why this one is not. A correction has its reason already."""
    values = {"total_cells": total_cells, "viability": viability(viable_cells, total_cells)}
    return held_against("count", values, why, at)


def passage(
    culture: Culture, vessel: VesselKind, vessels: int, seeded_cells: int, incubator: str,
    reagents: Sequence[str], pooled_with: Sequence[Mapping] = (),
    next_due_at: datetime | None = None, *, by: Actor, at: datetime,
) -> Culture:
    """Seed counted cells into new vessels: the child culture.

    ``seeded_cells`` are viable cells over all vessels; those named in ``pooled_with``
    (``{"culture": code, "cells": number}``) are part of them, this culture gives the rest. A
    split is several passages while viable cells are left. The parents end as passaged.
    """
    by.must(Permission.CULTURE)
    rules.may_give_cells(culture)
    parents = sources(culture, seeded_cells, pooled_with, field="seeded_cells")
    number = 1 + max(parent.passage for parent, _ in parents)
    rules.within_passages(number, culture_limits(culture.harvest).passage_limit)
    child = lay_out(culture.harvest, number, vessel, vessels, seeded_cells, incubator,
                     next_due_at, by=by, at=at)
    derive(child.code, [(parent.code, cells) for parent, cells in parents])
    end_as(parents, "passaged", at)
    used = use_reagents(child.code, reagents, by=by, at=at)
    record("passage", child, by=by, at=at, vessel=vessel, vessels=vessels, passage=number,
           parents={parent.code: cells for parent, cells in parents}, reagents=used)
    return child


def discard(culture: Culture, reason: str, *, by: Actor, at: datetime) -> Culture:
    """End a culture that is neither passaged nor filled."""
    by.must(Permission.CULTURE)
    rules.said(reason, field="reason")
    rules.not_ended(culture)
    end_as([(culture, 0)], "discarded", at)
    record("discard", culture, by=by, at=at, reason=reason)
    return culture


def may_be_grown(harvest: Harvest) -> None:
    """Refuse marrow that was not received, was withdrawn, or whose donor is not accepted."""
    rules.harvest_received(harvest.received_at)
    donor = harvest.donor
    consents(donor.consents_now, donor.number)
    consents(donor.recipient.consents_now, donor.recipient.number)
    donor_accepted(harvest)


def lay_out(
    harvest: Harvest, number: int, vessel: VesselKind, vessels: int, seeded_cells: int,
    incubator: str, next_due_at: datetime | None, *, by: Actor, at: datetime,
    colony_forming: int | None = None,
) -> Culture:
    """A new culture in its vessels; whoever seeds it writes where its cells come from."""
    rules.positive(vessels, field="vessels", what="The number of vessels")
    rules.due_later(next_due_at, at)
    culture = Culture(
        harvest_id=harvest.id, passage=number, vessel=vessel, vessels=vessels,
        area_cm2=VESSEL_AREA_CM2[vessel] * vessels, seeded_cells=seeded_cells,
        colony_forming=colony_forming, seeded_at=at, incubator=incubator, next_due_at=next_due_at,
        recorded_by_id=by.id, recorded_at=at)
    session.add(culture)
    session.flush()
    return culture


def _note(
    culture: Culture, kind: Looked, confluence: int | None, seen: str | None, *,
    by: Actor, at: datetime,
) -> CultureNote:
    rules.growing(culture)
    rules.confluence_sensible(confluence)
    note = CultureNote(culture_id=culture.id, kind=kind, at=at, confluence=confluence, seen=seen,
                       recorded_by_id=by.id, recorded_at=at)
    _add(note, culture, "notes")
    return note


def _add(row: CultureCount | CultureNote, culture: Culture, collection: str) -> None:
    """By its key, not through the collection: the trail names only rows that changed."""
    session.add(row)
    session.flush()
    session.expire(culture, [collection])
