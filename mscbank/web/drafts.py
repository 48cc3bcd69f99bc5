"""Where the browser sends what is being typed into a long form."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from mscbank import clock
from mscbank.accounts import drafts
from mscbank.acts import Act
from mscbank.errors import NotKnown
from mscbank.web.actform import CONTROLS, act_at, draft_of
from mscbank.web.doors import actor, signed_in

pages = Blueprint("drafts", __name__)


@pages.post("/drafts")
@signed_in
def keep() -> Any:
    """Keep the words of a form: never a password, a code or a file."""
    act, code = _asked()
    asked = set(act.schema().load_fields)
    words = [(name, word) for name, word in request.form.items(multi=True)
             if name not in CONTROLS and name.split("-")[0] in asked]
    drafts.keep(actor().id, draft_of(act, code), words, clock.now())
    return "", 204


@pages.post("/drafts/discard")
@signed_in
def discard() -> Any:
    """Back to the thing, where the form begins with what stands; else to the empty form."""
    act, code = _asked()
    drafts.wipe(actor().id, draft_of(act, code))
    return redirect(f"/{act.place}/{code or act.slug}", 303)


def _asked() -> tuple[Act, str | None]:
    """The act of the form and its thing's code, by the name the form gave; theirs to do."""
    place, code, slug = (request.form.get("draft", "").split("/") + ["", ""])[:3]
    act = act_at(place, slug)
    if not act.drafted or len(code) > 40:
        raise NotKnown("Nothing is kept of this form.")
    actor().must(act.permission)
    return act, code or None
