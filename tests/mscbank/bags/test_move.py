"""``move``: the only hand that changes a bag's place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mscbank
from mscbank import clock
from mscbank.audit import chain
from mscbank.audit.service import record
from mscbank.bags import service
from mscbank.bags.lifecycle import Place
from mscbank.database import Unrecorded, session, transaction
from mscbank.errors import Malformed, NotAllowed, RecordChanged, Refused, WrongMoment
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from tests.cast import Cast
from tests.stages.bags import box, stored_bag
from tests.stages.custody import bag_at_bedside, returned_bag
from tests.stages.labelling import labelled_lot
from tests.stages.release import declare_nonconforming, released_lot


def move(bag, act, by, **facts):
    with transaction():
        signature = service.move(bag, act, by=by, at=clock.now(), **facts)
        record(act, bag, by=by, at=clock.now())
        return signature


def stored_released(cast):
    bag, place = labelled_lot(cast, released_lot(cast)).bags[0], box(cast)[0]
    with transaction():
        service.store(bag, place.code, by=cast.tessa, at=clock.now())
    return bag


def test_a_move_follows_the_chart_and_frees_the_position(bank):
    cast = Cast()
    bag = stored_released(cast)
    assert move(bag, "issue", cast.tessa) is None
    assert (bag.place, bag.storage_place_id, bag.place_since) == (Place.ISSUED, None, clock.now())
    with pytest.raises(WrongMoment, match="it is issued"):
        move(bag, "issue", cast.tessa)


def test_a_bag_of_a_pending_or_recalled_lot_neither_leaves_nor_starts(bank):
    cast = Cast()
    with pytest.raises(WrongMoment, match="the lot is pending") as refusal:
        move(stored_bag(cast), "issue", cast.tessa)
    assert refusal.value.reasons == ("not released",)
    bag = recalled_at_bedside(cast)
    with pytest.raises(WrongMoment, match="the lot is nonconforming"):
        move(bag, "start", cast.nadia)
    assert bag.place is Place.RECEIVED


def recalled_at_bedside(cast):
    """A bag taken over on the ward whose lot was recalled meanwhile."""
    bag = bag_at_bedside(cast)
    declare_nonconforming(cast, bag.lot)
    return bag


@pytest.mark.parametrize(("act", "person"), [
    ("issue", "quentin"), ("issue", "paula"), ("destroy", "nadia"), ("issue", "adam")])
def test_a_move_asks_the_permission_of_its_row(bank, act, person):
    cast = Cast()
    bag = stored_bag(cast)
    with pytest.raises(NotAllowed):
        move(bag, act, getattr(cast, person))
    assert bag.place is Place.STORED


def test_a_move_without_an_entry_is_undone(bank):
    cast = Cast()
    bag = stored_bag(cast)
    with pytest.raises(Unrecorded), transaction():
        service.move(bag, "destroy", by=cast.tessa, at=clock.now())
    assert session.get_one(type(bag), bag.id).place is Place.STORED


def test_a_signed_move_asks_for_the_seal_its_meaning_and_the_record_that_was_read(bank):
    cast = Cast()
    bag = returned_bag(cast)
    place = box(cast, "Z")[0].id
    over = {"bag": bag.code, "looked": "intact"}

    def accept(seal, by=cast.quentin):
        return move(bag, "accept return", by, seal=seal, over=over, storage_place_id=place)

    good = Seal(cast.quentin.id, Meaning.RETURN_ACCEPTED, chain.digest(over))
    with pytest.raises(Refused, match="must be signed"):
        accept(None)
    with pytest.raises(Refused, match="this act needs"):
        accept(Seal(cast.quentin.id, Meaning.CERTIFIED, good.digest))
    with pytest.raises(RecordChanged):
        accept(Seal(cast.quentin.id, Meaning.RETURN_ACCEPTED, chain.digest({"bag": "another"})))
    with pytest.raises(Refused, match="another person's"):
        accept(good, by=cast.quynh)
    with pytest.raises(NotAllowed):
        accept(Seal(cast.tessa.id, Meaning.RETURN_ACCEPTED, good.digest), by=cast.tessa)
    assert bag.place is Place.RETURNED
    assert accept(good).meaning is Meaning.RETURN_ACCEPTED
    assert (bag.place, bag.storage_place_id) == (Place.STORED, place)


def test_what_is_stored_has_a_position_and_nothing_else_has(bank):
    cast = Cast()
    bag = stored_bag(cast)
    neighbour = bag.lot.bags[1]
    with pytest.raises(Malformed, match="Scan the position"):
        move(neighbour, "store", cast.tessa)
    with pytest.raises(Malformed, match="has no position"):
        move(bag, "destroy", cast.tessa, storage_place_id=bag.storage_place_id)


def test_nothing_else_in_the_house_assigns_a_bags_place():
    assigning = set()
    for file in Path(mscbank.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
            written = [part for target in targets if target is not None
                       for part in ast.walk(target)
                       if isinstance(part, ast.Attribute) and part.attr == "place"
                       and ast.unparse(part.value) != "unit"]  # a cryo unit goes its own way
            if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and written:
                assigning.add(f"{file.parent.name}/{file.name}")
    assert assigning == {"bags/service.py"}
