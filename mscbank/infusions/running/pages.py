"""The page of an infusion: what is due, and one thumb to do it."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from mscbank import acts, clock, things
from mscbank.errors import Refused
from mscbank.infusions import service
from mscbank.infusions.models import Infusion
from mscbank.infusions.orders import part_of, protocol_of
from mscbank.infusions.schemas import TERMS
from mscbank.infusions.seen_models import chains
from mscbank.permissions import Permission
from mscbank.reports.people import who
from mscbank.settings import on_the_clock
from mscbank.web import actor, needs
from mscbank.web.actform import Sheet, act_at

pages = Blueprint("running", __name__)
FREQUENT = TERMS[:8]


@pages.get("/infusions/<code:code>")
@needs(Permission.READ_RECORDS)
def infusion(code: str) -> str:
    """An infusion: while it runs, what is due and what can be done with one thumb."""
    return _infusion(things.get(Infusion, code))


@pages.post("/bedside/<code:code>/<slug:slug>")
@needs(lambda code, slug: act_at("infusions", slug).permission)
def done(code: str, slug: str) -> Any:
    """Something done to a running infusion, from its own page and back to it."""
    sheet = Sheet(act_at("infusions", slug), code.upper(), MultiDict(request.form))
    try:
        if (data := sheet.load()) is not None:
            acts.perform(sheet.act, sheet.code, data, by=actor(),
                         key=request.form.get("key", "")[:80] or None)
            return redirect(f"/infusions/{sheet.code}", 303)
    except Refused as refusal:
        sheet.refusal = refusal
    status = sheet.refusal.status if sheet.refusal else 422
    return _infusion(things.get(Infusion, code), sheet), status


def _infusion(found: Infusion, sheet: Sheet | None = None) -> str:
    running, due, at = found.ended_at is None, service.next_observation(found), clock.now()
    return render_template(
        "infusions/infusion.html", thing=found, running=running, sheet=sheet, who=who,
        observed=chains(found.observations), reacted=chains(found.reactions),
        part=part_of(found), due=due, terms=FREQUENT, made_at=on_the_clock(at),
        left=(due - at).total_seconds() if due else 0,
        over=service.over(found, at) - ({sheet.act.slug} if sheet else set()),  # typed: it stays
        more_terms=[term for term in TERMS if term not in FREQUENT],
        minutes=protocol_of(found.recipient).infusion.observation_minutes,
        may=lambda slug: actor().may(act_at("infusions", slug).permission),
        new_key=lambda: secrets.token_urlsafe(18))
