"""Whether a release still covers: for every column of every covered row, and for none else.

Generated from the models: a new column is tried without anyone remembering it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from mscbank import clock
from mscbank.accounts.service import raise_alert
from mscbank.audit.service import columns_of
from mscbank.audit.service import record as write_entry
from mscbank.bags import service as bags
from mscbank.bags.models import Bag, Lot
from mscbank.cultures import reagents
from mscbank.cultures import service as cultures
from mscbank.cultures.models import CultureNote
from mscbank.database import session, transaction
from mscbank.donors import service as donors
from mscbank.donors.models import Agent, Reaction
from mscbank.permissions import Role
from mscbank.release import capa, record, service, stops, touched
from mscbank.release.models import Severity, TrailReview
from mscbank.release.record import (
    covered,
    decision_covers,
    latest_decision,
    touched_since,
)
from mscbank.signatures.meanings import Meaning
from mscbank.testing import attachments, samples
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import box, frozen_units, stored_unit
from tests.stages.cultures import count, seeded_culture
from tests.stages.custody import thaw, thawed_bag
from tests.stages.deviations import add_action, finish, investigate
from tests.stages.labelling import labelled_lot, labelled_unit, thawed_culture
from tests.stages.testing import HOSPITAL, result_of, retested, sample_of, set_aside

NEVER_SIGNED = {"id", "entry"}
COVERED = {
    "attachment", "checklist_answer", "investigation", "replicate",
    "deviation_action", "deviation_classification", "deviation_investigation",
    "allocation", "bag", "cryo_unit", "culture", "culture_count", "culture_note", "derivation", "deviation",
    "donor", "donor_decision", "harvest", "hold", "lot", "marker", "reagent_lot", "reagent_use", "result",
    "sample", "trail_review",
}


def full_lot(cast: Cast) -> Lot:
    """A certified lot with at least one row of everything a release rests on."""
    first = seeded_culture(cast)
    with transaction():
        cultures.feed(first, [released_reagent_in_transaction(cast).code], 60, "Spindles.",
                      by=cast.tessa, at=clock.now())
    unit = frozen_units(cast, count(cast, first, 62_000_000, 60_000_000))[0]
    grown = count(cast, thawed_culture(cast, labelled_unit(cast, stored_unit(cast, unit))),
                  260_000_000, 250_000_000)
    lot = stages.tested_lot(cast, stages.filled_lot(cast, grown))
    out_of_specification(cast, lot)
    with transaction():
        bags.freeze(lot, by=cast.tessa, at=clock.now())
        deviation = stops.open_deviation(grown.code, Severity.MAJOR, "A late note.",
                                         by=cast.tessa, at=clock.now())
        capa.classify(deviation, Severity.MINOR, "No effect.", by=cast.quentin, at=clock.now())
        hold = stops.hold_lot(lot, "Incubator alarm.", by=cast.tessa, at=clock.now())
    seal = stages.seal_of(cast.quentin, Meaning.HOLD_LIFTED, stops.hold_record(hold, "Tested."))
    with transaction():
        stops.lift_hold(hold, "Tested.", seal=seal, by=cast.quentin, at=clock.now())
    finish(cast, add_action(cast, investigate(cast, deviation)))
    stages.certify(cast, lot)
    return lot


def out_of_specification(cast: Cast, lot: Lot) -> None:
    """A second sample, sent away: one result out of its limit by an error, and its retest."""
    sample = sample_of(cast, lot)
    with transaction():
        samples.send_sample(sample, HOSPITAL, clock.now(), "2-8 °C", by=cast.theo, at=clock.now())
        samples.receive_sample(sample, clock.now(), "Cool", by=cast.theo, at=clock.now())
    first = result_of(cast, sample, "cd73", unit="%",
                      replicates=[Decimal(81), Decimal(82), Decimal(83)])
    with transaction():
        attachments.attach(first.code, {"name": "cd73.csv", "data": b"gate;percent\n"},
                           by=cast.theo, at=clock.now())
    set_aside(cast, first)
    retested(cast, first)


def released_reagent_in_transaction(cast: Cast):
    """A reagent lot, from within a transaction under way."""
    facts = {"reagent": "medium", "name": "Alpha-MEM", "lot_number": "M77", "supplier": "Other",
             "expires_on": date(2027, 1, 31)}
    lot = reagents.add_reagent(**facts, by=cast.tessa, at=clock.now())
    return reagents.release_reagent(lot, by=cast.quentin, at=clock.now())


def rows_signed(monkeypatch: pytest.MonkeyPatch, lot: Lot) -> list[Any]:
    """Every row whose snapshot the lot's record takes."""
    seen: dict[tuple[type, int], Any] = {}
    real = record.snapshot

    def spy(row: Any) -> dict[str, Any]:
        seen[type(row), row.id] = row
        return real(row)

    with monkeypatch.context() as patch:
        patch.setattr(record, "snapshot", spy)
        record.lot_record(lot)
    return list(seen.values())


def another(row: Any, column: str) -> Any:
    """A value that is not the one that stands, of the column's own kind."""
    value = getattr(row, column)
    if value is None:
        return 1 if column.endswith("_id") else clock.now()
    match value:
        case bool():
            return not value
        case Enum():
            return next(member for member in type(value) if member is not value)
        case int() | Decimal():
            return value + 1
        case datetime() | date():
            return value + timedelta(days=1)
        case str():
            return value + "x"
        case list():
            return [*value, "x"]
        case dict():
            return value | {"x": 1}
    raise TypeError(f"{column}: {value!r}")


def changed(row: Any) -> Iterator[str]:
    """Let each signed column of the row be another for a while, without the database."""
    for column in columns_of(type(row)):
        if column in NEVER_SIGNED or column in getattr(row, "UNSIGNED", ()):
            continue
        before = getattr(row, column)
        set_committed_value(row, column, another(row, column))
        yield column
        set_committed_value(row, column, before)


def test_a_change_of_any_signed_column_of_any_covered_row_ends_the_release(bank, monkeypatch):
    lot = full_lot(Cast())
    assert decision_covers(latest_decision(lot))
    rows = {type(row): row for row in rows_signed(monkeypatch, lot)}
    assert {model.__tablename__ for model in rows} == COVERED
    # The findings stay as they were: each column counts by itself, not by what follows from it.
    findings = record._findings(lot)
    monkeypatch.setattr(record, "_findings", lambda _: findings)
    monkeypatch.setattr(record, "_decides_after_thaw", lambda _: False)
    missed, tried = [], 0
    for row in rows.values():
        for column in changed(row):
            tried += 1
            if decision_covers(latest_decision(lot)):
                missed.append(f"{row.__tablename__}.{column}")
    assert missed == []
    assert tried > 120
    assert decision_covers(latest_decision(lot)), "nothing was really changed"


def test_unsigned_columns_do_not_end_the_release(bank):
    lot = full_lot(Cast())
    culture = latest_culture(lot)
    for row, unsigned in ((lot, Lot.UNSIGNED), (lot.bags[0], Bag.UNSIGNED),
                          (culture, type(culture).UNSIGNED)):
        assert unsigned
        for column in unsigned:
            before = getattr(row, column)
            set_committed_value(row, column, another(row, column))
            assert decision_covers(latest_decision(lot)), column
            set_committed_value(row, column, before)


def latest_culture(lot: Lot):
    """The last culture the lot was made from."""
    return lot.harvest.cultures[-1]


def test_the_quick_look_watches_every_row_that_is_signed(bank, monkeypatch):
    lot = full_lot(Cast())
    # A bag moves after the release; a review is written once, and later ones change no decision.
    signed = {(type(row), row.id) for row in rows_signed(monkeypatch, lot)
              if type(row) not in (Bag, TrailReview)}
    watched = {(model, id_) for model, rows in touched.WATCHED.rows
               for id_ in session.scalars(rows, {"lot_id": lot.id})}
    assert signed == watched


def test_the_quick_look_sees_what_is_written_later(bank):
    cast = Cast()
    lot = full_lot(cast)
    harvest, donor = lot.harvest, lot.harvest.donor
    used = record.reagents_of(lot)[0]
    sampled = sample_of(cast, lot)

    def late_note() -> None:
        note = CultureNote(culture_id=latest_culture(lot).id, kind="observed", at=clock.now(),
                           recorded_by_id=cast.tessa.id, recorded_at=clock.now())
        session.add(note)
        write_entry("observe", latest_culture(lot), by=cast.tessa, at=clock.now())

    for change in (
        lambda: donors.record_marker(donor, Agent.CMV, Reaction.REACTIVE, harvest.collected_at,
                                     "Virology", by=cast.tessa, at=clock.now()),
        lambda: reagents.block_reagent(used, "Recalled.", by=cast.tessa, at=clock.now()),
        lambda: stops.open_deviation(donor.code, Severity.CRITICAL, "Hepatitis B, told late.",
                                     by=cast.paula, at=clock.now()),
        lambda: stops.open_deviation(sampled.code, Severity.MINOR, "Late.", by=cast.tessa,
                                     at=clock.now()),
        lambda: stops.hold_lot(lot, "Doubt.", by=cast.tessa, at=clock.now()),
        late_note,
    ):
        before = last_entry()
        with transaction():
            change()
        assert touched_since(lot.id, before)
        assert not touched_since(lot.id, last_entry())
        assert not covered(lot)


def last_entry() -> int:
    """The number of the trail's last entry."""
    return session.scalar(sa.text("SELECT sequence FROM audit_head"))


def test_moving_bags_holding_one_bag_and_alerts_do_not_touch_a_release(bank):
    cast = Cast()
    lot = full_lot(cast)
    decided = latest_decision(lot).entry
    places = box(cast)
    with transaction():
        bags.store(lot.bags[0], places[0].code, by=cast.tessa, at=clock.now())
        bags.store(lot.bags[1], places[1].code, by=cast.tessa, at=clock.now())
    thaw(cast, labelled_lot(cast, lot).bags[0])
    with transaction():
        stops.hold_bag(lot.bags[1], "Cracked.", by=cast.tessa, at=clock.now())
        raise_alert(Role.QUALITY, lot, "Look.", at=clock.now())
        write_entry("look", lot, by=cast.tessa, at=clock.now())
        bags.destroy(lot.bags[1], "Cracked.", by=cast.tessa, at=clock.now())
    assert not touched_since(lot.id, decided)
    assert covered(lot) and decision_covers(latest_decision(lot))


def test_a_bag_frozen_after_the_release_ends_it(bank):
    cast = Cast()
    lot = stages.released_lot(cast)
    with clock.pinned(clock.now() + timedelta(hours=1)), transaction():
        bags.freeze(lot, by=cast.tessa, at=clock.now())
    assert not covered(lot)


def test_what_is_measured_on_a_thawed_bag_keeps_the_next_bag_usable(bank):
    cast = Cast()
    bag = thawed_bag(cast)
    lot = stages.released_lot(cast, bag.lot)
    sample = sample_of(cast, lot, taken_from=bag.code, stage="post-thaw")
    result_of(cast, sample, "viability", value=Decimal(40), unit="%")
    assert touched_since(lot.id, latest_decision(lot).entry)
    assert covered(lot)


def test_another_lot_of_the_same_bank_does_not_matter(bank):
    cast = Cast()
    lot, other = full_lot(cast), stages.released_lot(cast)
    with transaction():
        stops.hold_lot(other, "Doubt.", by=cast.tessa, at=clock.now())
    assert covered(lot) and not covered(other)
    assert not touched_since(lot.id, latest_decision(lot).entry)


def test_a_lot_without_a_decision_is_not_covered(bank):
    assert not covered(stages.tested_lot(Cast()))


def test_the_same_record_has_the_same_digest_at_any_hour(bank):
    lot = stages.released_lot(Cast())
    with clock.pinned(clock.now() + timedelta(days=700)):
        session.expire_all()
        assert decision_covers(latest_decision(lot))
        assert service.findings_of(lot) == service.findings_of(lot)
