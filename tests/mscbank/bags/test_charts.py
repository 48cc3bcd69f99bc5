"""The wall charts against the laboratory's procedure, pair by pair."""

from __future__ import annotations

import pytest

from mscbank.bags.lifecycle import BAG_PLACE, LOT_STANDING, RELEASED, Place, Standing, after
from mscbank.errors import WrongMoment

S, P = Standing, Place

# Written by hand from the laboratory's procedure, not from the chart: act -> leaves, enters.
PROCEDURE = {
    "store": ({P.FILLED}, P.STORED), "issue": ({P.STORED}, P.ISSUED),
    "receive": ({P.ISSUED}, P.RECEIVED), "start": ({P.RECEIVED}, P.INFUSING),
    "enter paper infusion": ({P.RECEIVED}, P.INFUSING),
    "finish": ({P.INFUSING}, P.INFUSED), "stop": ({P.INFUSING}, P.INFUSED),
    "return": ({P.ISSUED, P.RECEIVED}, P.RETURNED), "accept return": ({P.RETURNED}, P.STORED),
    "destroy": ({P.FILLED, P.STORED, P.ISSUED, P.RECEIVED, P.RETURNED}, P.DESTROYED),
}
DECISIONS = {
    "release conditionally": ({S.PENDING}, S.CONDITIONAL),
    "certify": ({S.PENDING, S.CONDITIONAL}, S.CERTIFIED),
    "release exceptionally": ({S.PENDING, S.CONDITIONAL}, S.EXCEPTIONAL),
    "reject": ({S.PENDING, S.CONDITIONAL}, S.REJECTED),
    "declare nonconforming": ({S.CONDITIONAL, S.CERTIFIED, S.EXCEPTIONAL}, S.NONCONFORMING),
    "find nonconforming": ({S.CONDITIONAL, S.CERTIFIED, S.EXCEPTIONAL}, S.NONCONFORMING),
    "reinstate": ({S.NONCONFORMING}, S.PENDING),
}


@pytest.mark.parametrize("place", P)
@pytest.mark.parametrize("act", PROCEDURE)
def test_a_bag_goes_where_the_procedure_says_and_nowhere_else(act, place):
    leaves, enters = PROCEDURE[act]
    for standing in S:
        if place in leaves and (standing in RELEASED or act not in ("issue", "start")):
            assert after(BAG_PLACE, act, place, lot=standing) is enters
            continue
        with pytest.raises(WrongMoment) as refusal:
            after(BAG_PLACE, act, place, lot=standing)
        assert act in refusal.value.sentence
        assert (standing if place in leaves else place) in refusal.value.sentence


@pytest.mark.parametrize("act", DECISIONS)
def test_a_lot_becomes_what_the_procedure_says_and_nothing_else(act):
    leaves, enters = DECISIONS[act]
    for standing in S:
        if standing in leaves:
            assert after(LOT_STANDING, act, standing) is enters
            continue
        with pytest.raises(WrongMoment, match=standing):
            after(LOT_STANDING, act, standing)


def test_the_charts_have_no_further_act():
    assert {row.act for row in BAG_PLACE} == set(PROCEDURE)
    assert {row.act for row in LOT_STANDING} == set(DECISIONS)


@pytest.mark.parametrize("act", sorted(set(PROCEDURE) - {"issue", "start"}))
def test_a_bag_moves_by_procedure_even_when_nothing_is_known_of_its_lot(act):
    leaves, enters = PROCEDURE[act]
    assert {after(BAG_PLACE, act, place) for place in leaves} == {enters}


@pytest.mark.parametrize("act", ["issue", "start"])
def test_a_bag_whose_lot_is_unknown_neither_leaves_nor_starts(act):
    with pytest.raises(WrongMoment):
        after(BAG_PLACE, act, next(iter(PROCEDURE[act][0])))
