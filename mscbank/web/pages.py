"""Pages that every step shares: the worklist, lists, any thing, any act."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify, redirect, render_template, request

from labels import qr
from mscbank import clock, things
from mscbank.accounts import preferences
from mscbank.accounts.models import Alert
from mscbank.acts import Performed
from mscbank.audit.service import record
from mscbank.database import session, transaction
from mscbank.errors import NotKnown, Refused
from mscbank.infusions import checking
from mscbank.permissions import Permission
from mscbank.reports import kinds, listing, lists, order_sheet, worklist
from mscbank.reports.sheets import csv_of
from mscbank.reports.whose import FOR_SOMEBODY, whose_each
from mscbank.scanning import commands
from mscbank.settings import on_the_clock
from mscbank.web import actform, guides, look
from mscbank.web.drafts import pages as draft_pages
from mscbank.web.doors import actor, needs, open_to_all, signed_in
from mscbank.web.files import CSV, download

pages = Blueprint("web", __name__)
pages.register_blueprint(draft_pages)

# Where what begins something stands on the worklist, as it is wanted most often.
ROOMS = ("recipients", "reagents", "samples", "imports", "places", "deviations", "laboratories",
         "methods", "printers")


def permission_of(place: str = "", room: str = "", slug: str = "", code: str = "",
                  **_: str) -> Permission:
    """The row of the chart an act's address stands under; an unknown thing's, that of its kind."""
    asked = actform.act_at(place or room, slug)
    if asked.permission_for is None:
        return asked.permission
    try:
        return asked.needs(things.get(asked.on, code))
    except Refused:
        return asked.permission


@pages.get("/")
@signed_in
def home() -> str:
    """What waits for this person, overdue first."""
    sections = worklist.sections(actor())
    of = whose_each(item.thing for section in sections for item in section.items
                    if isinstance(item.thing, FOR_SOMEBODY))
    return render_template("home.html", sections=sections, of=of,
                           alerts=worklist.alerts(actor()), rooms=ROOMS,
                           guide=not preferences.knows_the_way(actor().id) and _guide())


@pages.get("/next")
@signed_in
def next_thing() -> Any:
    """The most pressing thing of the worklist; the worklist where nothing waits."""
    first = next((item for section in worklist.sections(actor()) for item in section.items), None)
    return redirect(look.address(first.thing) if first else "/")


def _guide() -> list[tuple[Any, tuple[guides.Step, ...]]]:
    return [(role, steps) for role, steps in guides.GUIDES.items() if role in actor().roles]


@pages.get("/help")
@signed_in
def help_page() -> str:
    """The first steps of each role this person holds, the keys, the card to print."""
    return render_template("help/help.html", guide=_guide(), everybody=guides.EVERYBODY,
                           keys=guides.KEYS)


@pages.get("/help/card")
@signed_in
def card() -> str:
    """The quick card: commands to scan, for whoever wears gloves. It is printed."""
    return render_template("help/card.html", keys=guides.KEYS, commands=[
        (one, qr.matrix(one.code)) for one in commands.of(actor())])


@pages.post("/help/read")
@signed_in
def put_guide_away() -> Any:
    """The first steps are known."""
    preferences.put_guide_away(actor().id, clock.now())
    return redirect("/", 303)


@pages.get("/health")
@open_to_all
def health() -> Any:
    """A sign of life for the machine in front: the database answers. The bedside counts from its
    clock, for what happens while the network is away, and hears in the same answer whether the go
    it shows could still start its bag: asked by the check's own code, so that no session is kept
    alive by it."""
    at = clock.now()
    told = {"status": "ok", "at": on_the_clock(at)}
    if check := request.args.get("check", "")[:40]:
        return jsonify(told | {"stands": checking.stands(check, at)})
    session.execute(sa.text("SELECT 1"))
    return jsonify(told)


@pages.get("/<slug:place>/")
@needs(Permission.READ_RECORDS)
def things_of(place: str) -> str:
    """All things of a kind, latest first; searched, narrowed and sorted as the address says."""
    model = listing.model_of(place)
    shown = lists.show(model, lists.read(model, request.args))
    return render_template("things.html", place=place, model=model, shown=shown,
                           beginning=kinds.BEGINNINGS.get(place), sizes=lists.SIZES,
                           counted=lists.MOST_COUNTED)


@pages.post("/<slug:place>/export")
@needs(Permission.READ_RECORDS)
def export(place: str) -> Response:
    """The list as it is shown, as a file; that it left the bank is an entry of the trail."""
    model, at = listing.model_of(place), clock.now()
    asked = lists.read(model, request.form)
    shown = lists.every(model, asked)
    with transaction():
        record("export list", None, by=actor(), at=at, list=place, rows=len(shown.rows),
               asked={name: text for name, text in asked.words().items()
                      if name not in ("page", "rows")})
    header = [look.words(place), "House code", *(look.words(one.name) for one in shown.columns)]
    text = csv_of(header, ([row.title, row.code, *map(look.plain_text, cells)]
                           for row, cells in shown.rows))
    return download(text, CSV, f"{place}-{at:%Y%m%d-%H%M}.csv")


@pages.get("/<slug:place>/<code:code>")
@needs(Permission.READ_RECORDS)
def thing(place: str, code: str) -> str:
    """Any thing: what is recorded, what hangs on it, what can be done, what was done."""
    found = things.get(listing.model_of(place), code)
    return render_template("thing.html", thing=found, how=order_sheet.steps(found),
                           recorded=listing.facts(found), attached=listing.attached(found))


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
