"""Doors: who asks, and whether they may. What has no door is refused.

- A browser proves itself by the cookie of a session kept in the database, a machine by a bearer
  token. Both are looked up before the door is asked; there is no other memory of who is who.
- Every unsafe request of a browser carries the session's own token (``csrf`` in the form, or
  ``X-CSRF`` as a header), and comes from our own pages by its Origin. Bearer requests carry no
  cookie and need neither.
- ``door`` on a view says who may pass: nothing, so nobody.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from mscbank import clock
from mscbank.accounts import sessions
from mscbank.config import Config
from mscbank.errors import NotAllowed, NotProven
from mscbank.permissions import Actor, Permission

OPEN, SIGNED_IN = "open to all", "signed in"
SAFE = ("GET", "HEAD", "OPTIONS")
Door = Permission | str | Callable[..., Permission]


class Expired(NotProven):
    """Nobody is signed in here, or no longer."""

    reason = "signed out"


class Foreign(NotAllowed):
    """The request did not come from one of our pages."""

    reason = "foreign request"


def needs(permission: Permission | Callable[..., Permission]) -> Callable[[Any], Any]:
    """Only for people who may. A callable is given the view's arguments and names the row."""
    def hang(view: Any) -> Any:
        view.door = permission
        return view
    return hang


def signed_in(view: Any) -> Any:
    """For everyone with an account, whatever their roles."""
    view.door = SIGNED_IN
    return view


def open_to_all(view: Any) -> Any:
    """For everyone, known or not: the sign-in page, the style sheet, the sign of life."""
    view.door = OPEN
    return view


def actor() -> Actor:
    """The person who asks. Raises Expired when nobody is signed in."""
    if (person := g.get("actor")) is None:
        raise Expired("Sign in first.")
    return person


def for_machines() -> bool:
    """Whether the answer is JSON: everything under /api/."""
    return request.path.startswith("/api/")


def is_secret(box: str) -> bool:
    """Whether a box of a form holds what proves a person: never kept, never shown again."""
    return "password" in box or box.startswith(("signer_", "second_"))


def cookie_name(config: Config) -> str:
    """``__Host-`` binds the cookie to this very host, and browsers accept it by https only."""
    return "__Host-msc" if config.https else "msc"


def install(app: Flask, config: Config) -> None:
    """Ask at every request: who is it, may they, did it come from us."""
    app.before_request(_identify)
    app.before_request(_ask_door)
    app.before_request(_ask_origin)
    app.view_functions["static"] = open_to_all(app.view_functions["static"])
    app.jinja_env.globals["csrf_token"] = lambda: g.browser.csrf if g.get("browser") else ""


def _identify() -> None:
    """Put the person on the request: ``g.actor``, and ``g.browser`` for a browser."""
    g.actor = g.browser = None
    g.must_change = False
    if request.endpoint in ("static", "web.health"):
        return
    config: Config = current_app.extensions["mscbank"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        g.actor = sessions.find_token(token.strip(), at=clock.now())
    elif cookie := request.cookies.get(cookie_name(config)):
        found = sessions.find_session(
            cookie, at=clock.now(), idle=timedelta(minutes=config.idle_minutes),
            absolute=timedelta(hours=config.absolute_hours))
        if found:
            g.actor, g.browser = found
            g.must_change = g.browser.must_change


def whose_session() -> str:
    """Whose session it was that has ended, for what is kept of it; empty where none is known."""
    cookie = request.cookies.get(cookie_name(current_app.extensions["mscbank"]), "")
    return sessions.whose(cookie) if cookie else ""


def _ask_door() -> Response | None:
    """Deny by default: the hook refuses, the view need not remember to."""
    if request.endpoint is None:
        return None  # no such page, or not by this method: answered as such
    door: Door | None = getattr(current_app.view_functions[request.endpoint], "door", None)
    if door is None:
        raise NotAllowed("This page has no door yet, so nobody may enter. Tell the maintainer.",
                         reasons=("no door",))
    if door == OPEN:
        return None
    person = actor()
    if g.must_change and not getattr(
            current_app.view_functions[request.endpoint], "for_newcomers", False):
        return redirect(url_for("accounts.password"))
    if door != SIGNED_IN:
        person.must(door(**request.view_args) if callable(door) else door)
    return None


def _ask_origin() -> None:
    """Refuse what another site makes a browser send."""
    if request.method in SAFE or request.endpoint is None:
        return
    if request.headers.get("Authorization") and g.browser is None:
        return
    origin = request.headers.get("Origin")
    elsewhere = origin is not None and urlsplit(origin).netloc != request.host
    if elsewhere or request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise Foreign("This was sent from another site and was not done.")
    if g.browser is None:
        return  # nobody's rights can be misused
    given = request.headers.get("X-CSRF") or request.form.get("csrf", "")
    if not hmac.compare_digest(given.encode(), g.browser.csrf.encode()):
        raise Foreign("This form is not from your present session, so nothing was done. "
                      "Open the page again and send it once more.", field="csrf")
