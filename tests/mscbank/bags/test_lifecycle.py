"""The wall charts walked to their ends; and charts with a planted fault, for the walk to find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mscbank.bags.lifecycle import (
    BAG_PLACE,
    LOT_STANDING,
    ON_PAPER,
    RELEASED,
    Place,
    Row,
    Standing,
    row_for,
)
from mscbank.permissions import Permission
from tests.mscbank.bags.walk import Law, broken

S, P = Standing, Place


def test_the_charts_keep_every_law():
    assert broken(Law()) == set()


@pytest.mark.parametrize("left_out", [set(), {"certify"}, {"certify", "release conditionally"}])
def test_without_the_signed_releases_no_path_reaches_the_patient(left_out):
    releases = {row.act for row in LOT_STANDING if row.enters in RELEASED}
    assert releases == {"release conditionally", "certify", "release exceptionally"}
    kept = tuple(row for row in LOT_STANDING if row.act not in (left_out or releases))
    reached = "a released bag reaches the patient" not in broken(Law(lot=kept))
    assert reached == bool(left_out), "one release is enough, none is not"


def _with(chart: tuple[Row, ...], act: str, **different: object) -> tuple[Row, ...]:
    return tuple(replace(row, **different) if row.act == act else row for row in chart)


def _also_leaves(chart: tuple[Row, ...], act: str, *more: object) -> tuple[Row, ...]:
    return _with(chart, act, leaves=row_for(chart, act).leaves | set(more))


def _anything(*_: object) -> None:
    return None


PLANTED = {
    "issue whatever the lot is": (
        Law(bag=_with(BAG_PLACE, "issue", while_lot=None)),
        "only bags of a released lot leave and start"),
    "start whatever the lot is": (
        Law(bag=_with(BAG_PLACE, "start", while_lot=None)),
        "only bags of a released lot leave and start"),
    "issue while the lot is pending": (
        Law(bag=_with(BAG_PLACE, "issue", while_lot=RELEASED | {S.PENDING})),
        "only bags of a released lot leave and start"),
    "start after a recall": (
        Law(bag=_with(BAG_PLACE, "start", while_lot=RELEASED | {S.NONCONFORMING})),
        "only bags of a released lot leave and start"),
    "start from the freezer": (
        Law(bag=_also_leaves(BAG_PLACE, "start", P.STORED)),
        "what starts was issued and received"),
    "start what nobody took over": (
        Law(bag=_also_leaves(BAG_PLACE, "start", P.ISSUED)),
        "what starts was issued and received"),
    "receive what was never issued": (
        Law(bag=_also_leaves(BAG_PLACE, "receive", P.STORED)),
        "what starts was issued and received"),
    "finish what was never started": (
        Law(bag=_also_leaves(BAG_PLACE, "finish", P.RECEIVED)),
        "what is infused was started"),
    "a stopped bag may start again": (
        Law(bag=_with(BAG_PLACE, "stop", enters=P.RECEIVED)), "a bag starts once"),
    "an infused bag may start again": (
        Law(bag=_also_leaves(BAG_PLACE, "start", P.INFUSED)), "a bag starts once"),
    "an infused bag comes back": (
        Law(bag=_also_leaves(BAG_PLACE, "return", P.INFUSED)),
        "infused and destroyed have no way out"),
    "a destroyed bag is stored": (
        Law(bag=_also_leaves(BAG_PLACE, "store", P.DESTROYED)),
        "infused and destroyed have no way out"),
    "a running bag is destroyed": (
        Law(bag=_also_leaves(BAG_PLACE, "destroy", P.INFUSING)),
        "what was started ends as infused"),
    "a return is accepted without a signature": (
        Law(bag=_with(BAG_PLACE, "accept return", signed=None)),
        "what came back is used again only by a signed decision"),
    "a returned bag is received again": (
        Law(bag=_also_leaves(BAG_PLACE, "receive", P.RETURNED)),
        "what came back is used again only by a signed decision"),
    "a return is accepted by the carrier": (
        Law(bag=_with(BAG_PLACE, "accept return", who=Permission.HAND_OVER)),
        "quality assurance alone accepts a return"),
    "thawed cells go back into the tank": (
        Law(never_back_when_thawed=_anything), "what was thawed is not stored again"),
    "certify without a signature": (
        Law(lot=_with(LOT_STANDING, "certify", signed=None)),
        "nothing reaches the patient without a signed release"),
    "a technician certifies": (
        Law(lot=_with(LOT_STANDING, "certify", who=Permission.TEST)),
        "quality assurance alone decides on a lot"),
    "a rejected lot is certified": (
        Law(lot=_also_leaves(LOT_STANDING, "certify", S.REJECTED)),
        "a rejected lot stays so"),
    "a rejected lot is reinstated": (
        Law(lot=_also_leaves(LOT_STANDING, "reinstate", S.REJECTED)),
        "a rejected lot stays so"),
    "a recalled lot is certified": (
        Law(lot=_also_leaves(LOT_STANDING, "certify", S.NONCONFORMING)),
        "a recalled lot, and no other, comes back, and only to wait for a new decision"),
    "a recalled lot goes out again at once": (
        Law(lot=_with(LOT_STANDING, "reinstate", enters=S.CERTIFIED)),
        "a recalled lot, and no other, comes back, and only to wait for a new decision"),
    "a certified lot becomes pending again": (
        Law(lot=_also_leaves(LOT_STANDING, "reinstate", S.CERTIFIED)),
        "a recalled lot, and no other, comes back, and only to wait for a new decision"),
    "a recalled lot is reinstated without a signature": (
        Law(lot=_with(LOT_STANDING, "reinstate", signed=None)),
        "every standing that a person gives is signed"),
    "anyone finds a lot nonconforming, unsigned": (
        Law(lot=_with(LOT_STANDING, "find nonconforming", who=Permission.TEST)),
        "every standing that a person gives is signed"),
    "the bank itself certifies": (
        Law(lot=_with(LOT_STANDING, "certify", who=None)),
        "the bank itself only stops a lot"),
    "a certified lot is rejected": (
        Law(lot=_also_leaves(LOT_STANDING, "reject", S.CERTIFIED)),
        "a lot that went out whole is recalled, not rejected"),
    "a pending lot is recalled": (
        Law(lot=_also_leaves(LOT_STANDING, "declare nonconforming", S.PENDING)),
        "only a lot that went out is recalled"),
    "a stored bag is filled again": (
        Law(bag=(*BAG_PLACE, Row("refill", frozenset({P.STORED}), P.FILLED, Permission.FILL))),
        "nothing becomes filled again"),
    "anyone starts": (
        Law(bag=_with(BAG_PLACE, "start", who=Permission.READ_RECORDS)),
        "only who may infuse starts"),
    "paper tells of a bag from the freezer": (
        Law(bag=_also_leaves(BAG_PLACE, ON_PAPER, P.STORED)),
        "what was given on paper too went out under a signed release"),
    "paper tells of what nobody took over": (
        Law(bag=_also_leaves(BAG_PLACE, ON_PAPER, P.ISSUED)),
        "what starts was issued and received"),
    "paper tells of an infused bag again": (
        Law(bag=_also_leaves(BAG_PLACE, ON_PAPER, P.INFUSED)), "a bag starts once"),
    "paper tells of an end without a start": (
        Law(bag=_with(BAG_PLACE, ON_PAPER, enters=P.INFUSED)),
        "what is infused was started"),
    "anyone enters what was given on paper": (
        Law(bag=_with(BAG_PLACE, ON_PAPER, who=Permission.HAND_OVER)),
        "only who may infuse starts"),
    "no bag is ever issued": (
        Law(bag=tuple(row for row in BAG_PLACE if row.act != "issue")),
        "a released bag reaches the patient"),
    "no lot is ever recalled": (
        Law(lot=tuple(row for row in LOT_STANDING if row.enters != S.NONCONFORMING)),
        "every place and standing is reached"),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(fault):
    law, sentence = PLANTED[fault]
    assert sentence in broken(law)
