"""The family tree, both ways, from anything a person holds in the hand."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from labels import housecode
from mscbank.accounts.models import Account
from mscbank.database import db, session
from mscbank.errors import Malformed, NotKnown
from mscbank.reports import lineage
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.cultures import (
    count,
    counted_culture,
    grown_culture,
    passaged_culture,
    released_reagent,
    seeded_culture,
)
from tests.stages.donors import enrolled_donor
from tests.stages.harvests import received_harvest
from tests.stages.infusions import finished
from tests.stages.recipients import enrolled_recipient, wristband


class Family:
    """One harvest, two P0 pooled into one P1 and one of them split, a lot of two bags; and
    another family, to be told apart."""

    def __init__(self, cast):
        self.harvest = received_harvest(cast)
        self.donor = self.harvest.donor
        self.recipient = self.donor.recipient
        self.medium = released_reagent(cast)
        self.one = count(cast, seeded_culture(cast, self.harvest, reagents=[self.medium.code]),
                         62_000_000, 60_000_000)
        self.two = counted_culture(cast, self.harvest)
        self.pool = passaged_culture(cast, self.one, seeded_cells=30_000_000, pooled_with=[
            {"culture": self.two.code, "cells": 10_000_000}])
        self.split = passaged_culture(cast, self.one, seeded_cells=25_000_000)
        count(cast, self.pool, 260_000_000, 250_000_000)
        self.lot = filled_lot(cast, self.pool)
        self.bags = list(self.lot.bags)

    def codes(self, *names):
        found = []
        for name in names:
            found += [getattr(self, name)] if name != "bags" else self.bags
        return {thing.code for thing in found}


def told(text):
    return {node.code for node in lineage.family_tree(text).nodes}


PEOPLE = ("recipient", "donor")
WHOLE = (*PEOPLE, "harvest", "one", "two", "pool", "split", "lot", "bags")


def test_the_tree_goes_both_ways_from_wherever_one_starts(bank):
    cast = Cast()
    family = Family(cast)
    filled_lot(cast, grown_culture(cast))  # another family
    for start in ("recipient", "donor", "harvest"):
        assert told(getattr(family, start).code) == family.codes(*WHOLE), start
    made = (*PEOPLE, "harvest", "one", "two", "pool", "lot", "bags")
    assert told(family.pool.code) == told(family.lot.code) == family.codes(*made)
    assert told(family.two.code) == family.codes(*PEOPLE, "harvest", "two", "pool", "lot", "bags")
    assert told(family.split.code) == family.codes(*PEOPLE, "harvest", "one", "split")
    assert told(family.bags[0].code) == (family.codes(*made) - {family.bags[1].code})


def test_edges_carry_the_cells_of_splits_and_pools_as_they_were(bank):
    family = Family(Cast())
    cells = {(edge.parent, edge.child): edge.cells
             for edge in lineage.family_tree(family.recipient.code).edges}
    assert cells == {
        (family.recipient.code, family.donor.code): None,
        (family.donor.code, family.harvest.code): None,
        (family.harvest.code, family.one.code): 60_000_000,
        (family.harvest.code, family.two.code): 60_000_000,
        (family.one.code, family.pool.code): 20_000_000,
        (family.two.code, family.pool.code): 10_000_000,
        (family.one.code, family.split.code): 25_000_000,
        (family.pool.code, family.lot.code): 140_000_000,
        (family.lot.code, family.bags[0].code): 70_000_000,
        (family.lot.code, family.bags[1].code): 70_000_000,
    }


def test_a_reagent_lot_leads_to_everything_it_went_into(bank):
    family = Family(Cast())
    assert told(family.medium.code) == family.codes(
        *PEOPLE, "harvest", "medium", "one", "pool", "split", "lot", "bags")
    edges = lineage.family_tree(family.medium.code).edges
    assert lineage.Edge(family.medium.code, family.one.code) in edges


def test_an_infused_bag_leads_to_the_person_it_went_into(bank):
    cast = Cast()
    infusion = finished(cast)
    bag = infusion.bag
    from_recipient = lineage.family_tree(infusion.recipient.number)
    for tree in (from_recipient, lineage.family_tree(infusion.code)):
        node = next(node for node in tree.nodes if node.kind == "infusion")
        assert (node.code, node.state) == (infusion.code, "finished")
        assert node.title.endswith(f"into {infusion.recipient.number}")
        assert lineage.Edge(bag.code, infusion.code) in tree.edges
    assert next(node for node in from_recipient.nodes if node.code == bag.code).state == "infused"


def test_people_without_marrow_are_a_tree_of_their_own(bank):
    cast = Cast()
    alone = enrolled_recipient(cast)
    assert told(alone.code) == {alone.code}
    donor = enrolled_donor(cast)
    assert told(donor.number) == told(donor.recipient.number) == {
        donor.code, donor.recipient.code}


def test_what_people_hold_is_understood(bank):
    cast = Cast()
    family = Family(cast)
    band = wristband(cast, family.recipient)
    din = family.harvest.din
    texts = {
        family.lot: ("L26-001", "l26-001", " L26-001 ", family.lot.code, family.lot.code.lower()),
        family.recipient: ("R-001", "r-001"), family.donor: ("D-001",),
        family.harvest: (din, f"{din[:5]} {din[5:7]} {din[7:]}"),
        family.bags[0]: (family.bags[0].code, housecode.copy_text(family.bags[0].code, 2)),
    }
    for thing, written in texts.items():
        for text in written:
            assert lineage.find(text) == thing, text
    assert lineage.family_tree(band.code).start == family.recipient.code
    assert lineage.find("L26-001", "lots") == family.lot
    with pytest.raises(NotKnown, match="where one of bags is needed"):
        lineage.find("L26-001", "bags")


@pytest.mark.parametrize(("text", "refusal"), [
    ("", Malformed), ("nonsense", Malformed), ("R-999", NotKnown), ("D-1", NotKnown),
    ("L99-001", NotKnown), ("A999926999999", Malformed), ("BXBBBBBBBBBBBBBBBBBC", Malformed),
])
def test_what_names_nothing_is_refused(bank, text, refusal):
    with pytest.raises(refusal):
        lineage.family_tree(text)


def test_a_person_at_the_desk_has_no_family_tree(bank):
    account = session.get_one(Account, Cast().tessa.id)
    with pytest.raises(NotKnown, match="no family tree"):
        lineage.family_tree(account.code)


def test_the_text_names_the_pooled_culture_once_in_full(bank):
    family = Family(Cast())
    text = lineage.as_text(lineage.family_tree("L26-001"))
    lines = text.splitlines()
    assert lines[0].startswith("  Recipient R-001 | consenting | 02 MAR 2026 09:00 CET | RX")
    assert lines[2].startswith(f"      Harvest {family.harvest.din} | received | ")
    assert text.count(family.pool.code) == 1 and text.count("as above") == 1
    assert "20\u202f000\u202f000 cells: P1 of" in text and "10\u202f000\u202f000 cells: P1 of" in text
    marked = [line for line in lines if line.startswith(">")]
    assert len(marked) == 1 and "Lot L26-001 | pending" in marked[0]


def test_the_machine_form_is_plain(bank):
    family = Family(Cast())
    tree = json.loads(json.dumps(lineage.as_json(lineage.family_tree(family.bags[1].code))))
    assert tree["start"] == family.bags[1].code
    last = tree["nodes"][-1]
    assert last == {"kind": "bag", "code": family.bags[1].code, "state": "filled",
                    "title": "Bag 2 of lot L26-001", "date": "2026-03-02T08:00:00.000000Z"}
    assert {"parent": family.lot.code, "child": family.bags[1].code,
            "cells": 70_000_000} in tree["edges"]


def test_every_look_up_uses_an_index(bank):
    tables = {"recipient": "number", "donor": "number", "lot": "number", "harvest": "din",
              "bag": "code", "culture": "code", "reagent_lot": "code"}
    inspector = sa.inspect(db.engine)
    for table, column in tables.items():
        unique = [each["column_names"] for each in inspector.get_unique_constraints(table)]
        assert [column] in unique, table
