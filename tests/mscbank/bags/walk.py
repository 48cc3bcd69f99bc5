"""The walk: every state one bag and its lot can come to, and the laws each step is held to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mscbank.bags import rules
from mscbank.bags.lifecycle import (
    BAG_PLACE,
    LOT_STANDING,
    ON_PAPER,
    RELEASED,
    Place,
    Row,
    Standing,
    after,
)
from mscbank.errors import Refused
from mscbank.permissions import CHART, Permission, Role

S, P = Standing, Place


@dataclass(frozen=True)
class State:
    """One bag and its lot, with what has happened to them on the way here."""

    standing: Standing = S.PENDING
    place: Place = P.FILLED
    thawed: bool = False
    signed_release: bool = False  # the standing it has now was given by signature
    went_out_released: bool = False  # it was issued under a signed release
    handed_over: int = 0  # 1 issued, 2 received as well
    starts: int = 0
    returned_since: bool = False  # came back, and quality assurance has not accepted it


@dataclass(frozen=True)
class Law:
    """The charts and the rules beside them."""

    lot: tuple[Row, ...] = LOT_STANDING
    bag: tuple[Row, ...] = BAG_PLACE
    may_thaw: Callable = rules.may_thaw
    never_back_when_thawed: Callable = rules.never_back_when_thawed


def steps(law: Law, state: State) -> Iterator[tuple[str, Row | None, State]]:
    """Every act that is possible from here, and where it leads."""
    for row in law.lot:
        if standing := _allowed(law.lot, row, state.standing, None):
            signed = row.signed is not None and standing in RELEASED
            yield row.act, row, replace(state, standing=standing, signed_release=signed)
    for row in law.bag:
        if not (place := _allowed(law.bag, row, state.place, state.standing)):
            continue
        if place is P.STORED and _refused(law.never_back_when_thawed, "Bag", state.thawed or None):
            continue
        yield row.act, row, _moved(state, row, place)
    if not _refused(law.may_thaw, "Bag", state.place, True, state.thawed or None):
        yield "thaw", None, replace(state, thawed=True)


def _allowed(chart: tuple[Row, ...], row: Row, now, lot: Standing | None):
    try:
        return after((row,), row.act, now, lot=lot)
    except Refused:
        return None


def _refused(rule: Callable, *facts: object) -> bool:
    try:
        rule(*facts)
    except Refused:
        return True
    return False


def _moved(state: State, row: Row, place: Place) -> State:
    over = {P.ISSUED: 1, P.RECEIVED: 2 if state.handed_over else 0, P.STORED: 0}
    return replace(
        state, place=place, handed_over=over.get(place, state.handed_over),
        went_out_released=(state.signed_release if place is P.ISSUED
                           else state.went_out_released and place is not P.STORED),
        starts=min(state.starts + (place is P.INFUSING), 2),
        returned_since=(place is P.RETURNED
                        or (state.returned_since and row.signed is None)))


def broken(law: Law) -> set[str]:
    """Walk everything that can happen; the sentences that turn out not to hold."""
    found, seen, waiting = set(), {State()}, [State()]
    while waiting:
        state = waiting.pop()
        for act, row, then in steps(law, state):
            found |= set(_broken_by(act, row, state, then))
            if then not in seen:
                seen.add(then)
                waiting.append(then)
    if not any(state.place is P.INFUSED for state in seen):
        found.add("a released bag reaches the patient")
    if {state.place for state in seen} != set(P) or {state.standing for state in seen} != set(S):
        found.add("every place and standing is reached")
    return found


def _broken_by(act: str, row: Row | None, state: State, then: State) -> Iterator[str]:
    moved = state.place is not then.place
    # Told of afterwards: the lot may have been recalled meanwhile, and it was given all the same.
    told = act == ON_PAPER
    if moved and then.place is P.INFUSING and not then.signed_release and not told:
        yield "nothing reaches the patient without a signed release"
    if moved and then.place is P.INFUSING and not then.went_out_released:
        yield "what was given on paper too went out under a signed release"
    if moved and then.place in (P.ISSUED, P.INFUSING) and then.standing not in RELEASED and not told:
        yield "only bags of a released lot leave and start"
    if moved and then.place is P.INFUSING and then.handed_over < 2:
        yield "what starts was issued and received"
    if moved and then.place is P.INFUSED and state.place is not P.INFUSING:
        yield "what is infused was started"
    if then.starts > 1:
        yield "a bag starts once"
    if moved and state.place in (P.INFUSED, P.DESTROYED):
        yield "infused and destroyed have no way out"
    if moved and state.place is P.INFUSING and then.place is not P.INFUSED:
        yield "what was started ends as infused"
    if moved and then.place is P.STORED and state.thawed:
        yield "what was thawed is not stored again"
    if moved and then.returned_since and then.place not in (P.RETURNED, P.DESTROYED):
        yield "what came back is used again only by a signed decision"
    if then.place is P.FILLED and moved:
        yield "nothing becomes filled again"
    yield from _broken_by_person(act, row, state, then)
    yield from _broken_by_standing(state, then)


def _broken_by_standing(state: State, then: State) -> Iterator[str]:
    if state.standing is then.standing:
        return
    if state.standing is S.REJECTED:
        yield "a rejected lot stays so"
    if (state.standing is S.NONCONFORMING) != (then.standing is S.PENDING):
        yield "a recalled lot, and no other, comes back, and only to wait for a new decision"
    if then.standing is S.REJECTED and state.standing in (S.CERTIFIED, S.EXCEPTIONAL):
        yield "a lot that went out whole is recalled, not rejected"
    if then.standing is S.NONCONFORMING and state.standing not in RELEASED:
        yield "only a lot that went out is recalled"


def _broken_by_person(act: str, row: Row | None, state: State, then: State) -> Iterator[str]:
    if row is None:
        return
    if state.standing is not then.standing:
        if row.who is None and then.standing is not S.NONCONFORMING:
            yield "the bank itself only stops a lot"
        if row.who is not None and row.signed is None:
            yield "every standing that a person gives is signed"
        if row.who is not None and CHART[row.who] != (Role.QUALITY,):
            yield "quality assurance alone decides on a lot"
    if then.place is P.STORED and state.place is P.RETURNED and CHART[row.who] != (Role.QUALITY,):
        yield "quality assurance alone accepts a return"
    if act in ("start", "finish", ON_PAPER) and row.who is not Permission.INFUSE:
        yield "only who may infuse starts"
