"""Recall: from any thing backwards and forwards, each bag's place, every person, in few queries."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock, things
from mscbank.bags import service as bags
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.reagents import reagents_of
from mscbank.database import db, session, transaction
from mscbank.errors import NotKnown
from mscbank.release import stops
from mscbank.reports.recall import recall
from mscbank.reports.recall_bags import HEADER, Relation, as_csv
from mscbank.reports.sheets import csv_of
from mscbank.testing.service import standing_results
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import EXCIPIENTS, box, filled_lot
from tests.stages.cultures import grown_culture, released_reagent
from tests.stages.custody import issue, issued_bag, receive, returned_bag
from tests.stages.infusions import bedside, finished
from tests.stages.release import released_lot


def given_lot(cast: Cast) -> Lot:
    """A lot of which one bag was infused; the other is in the freezer."""
    return finished(cast, bedside(cast)).bag.lot


def test_the_totals_say_what_went_into_whom_and_what_is_left(bank):
    cast = Cast()
    lot = given_lot(cast)
    number = lot.harvest.donor.recipient.number
    found = recall(lot)
    assert found.totals == [f"1 infused in {number}", "1 stored"]
    assert [person.number for person in found.people] == [number]
    assert [line.bag.place for line in found.bags] == ["infused", "stored"]
    assert found.bags[0].holder == number and found.bags[0].where == f"in {number}"


@pytest.mark.parametrize("begin", [
    lambda lot: lot.harvest, lambda lot: lot.harvest.cultures[0], lambda lot: lot,
    lambda lot: lot.harvest.donor, lambda lot: lot.harvest.donor.recipient,
    lambda lot: standing_results(lot)[0], lambda lot: standing_results(lot)[0].sample,
    lambda lot: reagents_of(lot.code)[0], lambda lot: reagents_of(lot.harvest.cultures[0].code)[0],
])
def test_from_whatever_it_begins_every_bag_and_the_whole_chain_are_found(bank, begin):
    cast = Cast()
    lot = given_lot(cast)
    found = recall(begin(lot))
    assert {line.bag.code for line in found.bags} == {bag.code for bag in lot.bags}
    assert len(found.people) == 1
    codes = {step.thing.code for step in found.steps}
    assert codes >= {lot.code, lot.harvest.code, lot.harvest.donor.code,
                     lot.harvest.donor.recipient.code,
                     *(culture.code for culture in lot.harvest.cultures)}
    assert {step.kind for step in found.steps} >= {"reagent lot"}


def test_from_one_bag_its_sisters_are_of_the_same_origin(bank):
    cast = Cast()
    lot = given_lot(cast)
    stored = next(bag for bag in lot.bags if bag.place == "stored")
    found = recall(stored)
    assert [(line.bag.code, line.relation) for line in found.bags] == [
        (stored.code, Relation.THIS),
        (next(bag.code for bag in lot.bags if bag is not stored), Relation.SAME_ORIGIN)]
    assert found.totals == ["1 stored"] and found.people == []
    assert found.further[0].startswith("1 infused in R-")
    relations = {step.thing.code: step.relation for step in found.steps}
    assert relations[lot.code] == relations[lot.harvest.code] == Relation.BEFORE


def test_from_a_lot_the_sister_lot_of_the_same_culture_is_of_the_same_origin(bank):
    cast = Cast()
    culture = grown_culture(cast)
    first, second = (filled_lot(cast, culture, bags=1, cells_per_bag=100_000_000)
                     for _ in range(2))
    found = recall(first)
    assert {line.bag.lot.number: line.relation for line in found.bags} == {
        first.number: Relation.AFTER, second.number: Relation.SAME_ORIGIN}
    assert {line.relation for line in recall(culture).bags} == {Relation.AFTER}


def test_another_family_is_not_in_it_unless_a_reagent_went_into_both(bank):
    cast = Cast()
    shared = released_reagent(cast, lot_number="SHARED")
    one, other, third = (filled_lot(cast, reagents=[shared.code]),
                         filled_lot(cast, reagents=[shared.code]), filled_lot(cast))
    assert {line.bag.lot_id for line in recall(one).bags} == {one.id}
    assert {line.bag.lot_id for line in recall(shared).bags} == {one.id, other.id}
    lots = {step.thing.code for step in recall(shared).steps if step.kind == "lot"}
    assert lots == {one.code, other.code} and third.code not in lots


def test_a_reagent_nobody_used_has_no_bag(bank):
    cast = Cast()
    found = recall(released_reagent(cast))
    assert (found.bags, found.totals, found.people) == ([], [], [])
    assert [step.relation for step in found.steps] == [Relation.THIS]


def test_where_a_bag_is_and_who_has_it_is_said_at_each_place(bank):
    cast = Cast()

    def line(bag: Bag) -> tuple[str, str]:
        found = next(each for each in recall(bag).bags if each.bag.id == bag.id)
        return found.where, found.holder

    filled = filled_lot(cast).bags[0]
    assert line(filled) == ("in no position yet", "laboratory")
    bag = issued_bag(cast)
    assert line(bag) == ("on the way to Ward 3, room 12, box BOX-7",
                         "in transit, given out by Tessa Roux")
    receive(cast, bag)
    assert line(bag) == ("Ward 3, room 12, box BOX-7", "Nadia Simon")
    sister = next(each for each in bag.lot.bags if each.id != bag.id)
    assert line(sister) == (sister.storage_place.title, "laboratory")
    issue(cast, sister)
    with transaction():
        bags.destroy(filled, "Cracked.", by=cast.tessa, at=clock.now())
    assert line(filled) == ("destroyed", "nobody")
    back = returned_bag(cast, released_lot(cast))
    assert line(back) == ("came back from Ward 3, room 12", "laboratory")


def test_holds_labels_decisions_deviations_and_open_alerts_stand_beside_the_bags(bank):
    cast = Cast()
    bag = issued_bag(cast)
    with transaction():
        stops.hold_bag(bag, "Cracked.", by=cast.tessa, at=clock.now())
    stages.declare_nonconforming(cast, bag.lot)
    found = recall(bag.lot)
    mine = next(line for line in found.bags if line.bag.id == bag.id)
    assert mine.holds == (f"Lot {bag.lot.number} was declared nonconforming.", "Cracked.")
    assert mine.labels == "1 printed; copy 1 applied"
    assert mine.decided == ("certified 02 MAR 2026, signed Quentin Noir; "
                            "nonconforming 02 MAR 2026, signed Quentin Noir")
    assert len(mine.alerts) == 2 and len(found.alerts) == 2
    assert [each.number for each in found.deviations] == ["DV26-001"]


def test_a_thing_without_a_family_is_refused(bank):
    with pytest.raises(NotKnown, match="no family"):
        recall(box(Cast())[0])


def test_the_file_has_a_line_for_each_bag_in_plain_words(bank):
    cast = Cast()
    lot = given_lot(cast)
    text = as_csv(recall(lot).bags)
    assert text.count("\r\n") == 3 and text.endswith("\r\n")
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    assert tuple(head) == HEADER and not any("_" in name for name in head)
    rows = [dict(zip(head, line)) for line in lines]
    assert [row["Place"] for row in rows] == ["infused", "stored"]
    assert rows[0]["Infused into"] == rows[0]["Made for"] == lot.harvest.donor.recipient.number
    assert (rows[1]["Infused into"], rows[1]["Viable cells"], rows[1]["Volume in mL"]) == (
        "", "70000000", "50")
    assert rows[0]["There since"] == "2026-03-02T09:15+01:00"


@pytest.mark.parametrize(("cell", "written"), [
    ("=1+1", "'=1+1"), ("+33 1 42", "'+33 1 42"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"), ("plain = words", "plain = words"), (None, ""), (Decimal("1.5"), "1.5"),
    ('say "no", twice\r\n', 'say "no", twice\r\n'),
])
def test_no_cell_is_run_as_a_formula_and_none_is_torn_apart(cell, written):
    text = csv_of(("What", "More"), [(cell, "x")])
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["What", "More"], [written, "x"]]


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database within."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def test_a_thousand_bags_take_no_more_queries_than_two(bank):
    cast = Cast()
    culture, reagent, at = grown_culture(cast), released_reagent(cast), clock.now()
    few = filled_lot(cast)
    codes = few.harvest.code, culture.harvest.code
    with transaction():
        for _ in range(5):
            lot = bags.fill(culture, bags=200, volume_ml=Decimal(5), cells_per_bag=100_000,
                            excipients=EXCIPIENTS, dmso_percent=Decimal(10),
                            expires_at=at + timedelta(days=365), reagents=[reagent.code],
                            by=cast.tessa, at=at)
        stops.hold_lot(lot, "Doubt.", by=cast.tessa, at=at)
    needed = []
    for code, wanted in zip(codes, (2, 1000), strict=True):
        session.rollback()
        session.expunge_all()
        start = things.by_code(code)
        with counted() as sent:
            found = recall(start)
            text = as_csv(found.bags)
            assert found.totals == [f"{wanted} filled"]
        assert text.count("\r\n") == wanted + 1
        needed.append(len(sent))
    assert needed[0] == needed[1] <= 25, needed
