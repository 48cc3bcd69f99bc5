"""A bag: how it stands, what speaks against it, its labels, its custody. And the freezer map."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request

from mscbank import acts, clock, things
from mscbank.bags.lifecycle import BAG_PLACE, RELEASED
from mscbank.bags.models import Bag, StoragePlace
from mscbank.errors import Malformed, NotKnown, Refused
from mscbank.permissions import Permission
from mscbank.reports import freezer, pictures, timeline, whereabouts
from mscbank.reports.people import who
from mscbank.scanning import service as scanning
from mscbank.web import actor, needs
from mscbank.web.actform import act_at
from mscbank.web.files import pdf

pages = Blueprint("bags", __name__)
# Where a bag may still go; what has no way on is at its end.
ENDS = frozenset(row.enters for row in BAG_PLACE) - {
    place for row in BAG_PLACE for place in row.leaves}
# What puts a bag into a position without a signature.
INTO = ("store", "relocate")


@pages.get("/bags/<code:code>")
@needs(Permission.READ_RECORDS)
def bag(code: str) -> str:
    """Everything about one bag."""
    found, now = things.get(Bag, code), clock.now()
    events = timeline.timeline(found)
    return render_template(
        "bags/bag.html", thing=found, ended=found.place in ENDS, released=RELEASED,
        against=timeline.against(found, now), events=events,
        pictures=whereabouts.pictures(found, events, now),
        journey=found.journeys[-1] if found.journeys else None, who=who)


@pages.get("/bags/<code:code>/custody.pdf")
@needs(Permission.READ_RECORDS)
def custody_pdf(code: str) -> Response:
    """Where it was and how warm, on paper."""
    found = things.get(Bag, code)
    return pdf(lambda: pictures.of_custody(found, clock.now()), f"custody-{found.code}")


@pages.get("/freezer")
@needs(Permission.READ_RECORDS)
def freezer_map() -> str:
    """The boxes of a tank. ``here``: a position that is looked for; ``bag``: one to be put away."""
    return _map(request.args.get("tank", ""), request.args.get("here", "").upper(),
                request.args.get("bag", ""))


@pages.get("/freezer.pdf")
@needs(Permission.READ_RECORDS)
def freezer_pdf() -> Response:
    """The map of a tank on paper."""
    tank = _tank(request.args.get("tank", ""), None)
    return pdf(lambda: pictures.of_tank(tank, clock.now()), "freezer-map")


@pages.post("/freezer")
@needs(Permission.FILL)
def put_away() -> Any:
    """A bag and a position were scanned: the bag lies there now."""
    try:
        found, place = _bag(request.form.get("bag", "")), request.form.get("place", "")
        position = _position(place)
        if found.storage_place is not position:  # else pressed twice, and done
            acts.perform(_into(found), found.code, {"place": position.code}, by=actor(),
                         key=request.form.get("key", "")[:80] or None)
    except Refused as refusal:
        form = request.form
        return _map(form.get("tank", ""), "", form.get("bag", ""), refusal), refusal.status
    return redirect(f"/freezer?tank={position.tank}&here={position.code}", 303)


def _map(tank: str, here: str, scanned: str, refusal: Refused | None = None) -> str:
    chosen: Bag | None = None
    try:
        chosen = _bag(scanned) if scanned else None
        if chosen and not refusal:
            _into(chosen)
    except Refused as wrong:
        refusal, chosen = refusal or wrong, None
    sought = _position(here) if here else chosen.storage_place if chosen else None
    tank = _tank(tank, sought)
    return render_template(
        "bags/freezer.html", tanks=freezer.tanks(), tank=tank, sought=sought, bag=chosen,
        refusal=refusal, key=secrets.token_urlsafe(18), boxes=freezer.boxes(
            tank, clock.now(), here=sought.code if sought else "",
            opens=(lambda each: f"/bags/{chosen.code}/{_into(chosen).slug}?place={each.code}"
                   if each.free else freezer.leads_to(each)) if chosen else None))


def _tank(asked: str, sought: StoragePlace | None) -> str:
    known = [name for name, _, _ in freezer.tanks()]
    if sought is not None:
        return sought.tank
    if asked and asked not in known:
        raise NotKnown("There is no such tank in the map: choose one that is.")
    return asked or next(iter(known), "")


def _bag(text: str) -> Bag:
    """The bag of a scanned label. A label that was replaced says so."""
    found = scanning.look_up(text)
    if found.problem or not isinstance(found.thing, Bag):
        raise Malformed(found.sentence or "This is not a bag: scan the label of the bag first, "
                        "then its position.", field="bag")
    return found.thing


def _position(text: str) -> StoragePlace:
    found = scanning.look_up(text)
    if not isinstance(found.thing, StoragePlace):
        raise Malformed(found.sentence or "This is not a position: scan the label of the position.",
                        field="place")
    return found.thing


def _into(bag: Bag) -> acts.Act:
    """The act by which this bag goes into a position now, or why it may not."""
    why = None
    for act in (act_at("bags", slug) for slug in INTO):
        if (why := acts.why_not(act, bag, actor())) is None:
            return act
    raise Refused(why or "")
