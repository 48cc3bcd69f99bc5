"""Pages that every step shares: the worklist, lists, any thing, any act."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, jsonify, redirect, render_template, request

from mscbank import things
from mscbank.accounts.models import Alert
from mscbank.acts import Performed
from mscbank.database import session
from mscbank.errors import Malformed, NotKnown
from mscbank.permissions import Permission
from mscbank.reports import listing, worklist
from mscbank.web import actform, look
from mscbank.web.doors import actor, needs, open_to_all, signed_in

pages = Blueprint("web", __name__)


def permission_of(place: str = "", room: str = "", slug: str = "", **_: str) -> Permission:
    """The row of the chart an act's address stands under."""
    return actform.act_at(place or room, slug).permission


@pages.get("/")
@signed_in
def home() -> str:
    """What waits for this person, overdue first."""
    return render_template("home.html", sections=worklist.sections(actor()),
                           alerts=worklist.alerts(actor()))


@pages.get("/health")
@open_to_all
def health() -> Any:
    """A sign of life for the machine in front: the database answers."""
    session.execute(sa.text("SELECT 1"))
    return jsonify({"status": "ok"})


@pages.get("/<slug:place>/")
@needs(Permission.READ_RECORDS)
def things_of(place: str) -> str:
    """All things of a kind, latest first."""
    model = listing.model_of(place)
    found, before = listing.page(model, request.args.get("before"), _asked_size())
    return render_template("things.html", place=place, model=model, found=found, before=before,
                           columns=listing.columns_of(model))


def _asked_size() -> int:
    text = request.args.get("rows", "25")
    if text not in ("25", "100"):
        raise Malformed("A page has 25 or 100 rows.", field="rows")
    return int(text)


@pages.get("/<slug:place>/<code:code>")
@needs(Permission.READ_RECORDS)
def thing(place: str, code: str) -> str:
    """Any thing: what is recorded, what hangs on it, what can be done, what was done."""
    found = things.get(listing.model_of(place), code)
    return render_template("thing.html", thing=found, recorded=listing.facts(found),
                           attached=listing.attached(found))


@pages.route("/<slug:place>/<code:code>/<slug:slug>", methods=["GET", "POST"])
@needs(permission_of)
def act(place: str, code: str, slug: str) -> Any:
    """An act on a thing."""
    door = actform.take if request.method == "POST" else actform.show
    return door(actform.act_at(place, slug), code.upper())


@pages.route("/<slug:room>/<slug:slug>", methods=["GET", "POST"])
@needs(permission_of)
def begin(room: str, slug: str) -> Any:
    """An act that begins something."""
    door = actform.take if request.method == "POST" else actform.show
    return door(actform.act_at(room, slug), None)


@pages.get("/alerts/<code:code>/about")
@signed_in
def about(code: str) -> Any:
    """To the thing an alert speaks of."""
    alert = things.get(Alert, code)
    return redirect(look.address(things.by_code(alert.about)) if alert.about else "/")


@pages.get("/done/<key>")
@signed_in
def done(key: str) -> str:
    """The confirmation of an act: what was done, under which entry, and where it stands."""
    performed = session.get(Performed, (actor().id, key))
    if performed is None:
        raise NotKnown("Nothing of yours was done under this reference.")
    told = json.loads(performed.answer)
    here = things.by_code(told["code"]) if told.get("code") else None
    extra = {name: value for name, value in told.items()
             if name not in ("act", "code", "entry")}
    return render_template("done.html", told=told, thing=here, extra=extra, at=performed.at)
