"""Signing in, signing out, changing one's password."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mscbank import clock
from mscbank.accounts import rules, service, sessions
from mscbank.database import session, transaction
from mscbank.errors import Malformed, NotProven, Refused
from mscbank.web.doors import actor, cookie_name, open_to_all, signed_in

pages = Blueprint("accounts", __name__)


@pages.get("/sign-in")
@open_to_all
def sign_in() -> Any:
    """The door."""
    back = own_address(request.args.get("back", "/"))
    if g.actor is not None:
        return redirect(back)
    return render_template("accounts/sign_in.html", back=back, kept={})


@pages.post("/sign-in")
@open_to_all
def enter() -> Any:
    """User name and password; then back to where the person wanted to go, with what was typed."""
    back, kept = own_address(request.form.get("back", "/")), _kept(request.form.get("kept", "{}"))
    username = request.form.get("username", "").strip()
    try:
        person = service.prove(username, request.form.get("password", ""), through="sign-in")
    except NotProven as refusal:
        return render_template("accounts/sign_in.html", back=back, kept=kept, username=username,
                               refusal=refusal), refusal.status
    token = sessions.sign_in(person, at=clock.now())
    if old := request.cookies.get(cookie_name(_config())):
        _end(old)
    if kept:
        answer = current_app.make_response(_resume(back, kept, token))
    else:
        answer = redirect(back, 303)
    _set_cookie(answer, token)
    return answer


def _resume(back: str, kept: dict[str, list[str]], token: str) -> str:
    """A page that sends what was typed back into its form, by one press."""
    browser = session.get_one(sessions.BrowserSession, sessions.digest(token))
    return render_template("accounts/resume.html", back=back, kept=kept, csrf=browser.csrf)


def _end(token: str) -> None:
    if g.actor is not None:
        sessions.sign_out(token, by=g.actor, at=clock.now())


def _kept(text: str) -> dict[str, list[str]]:
    """What the sign-in page held: names and words, nothing else."""
    try:
        kept = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(kept, dict):
        return {}
    return {name: [str(word) for word in words] for name, words in kept.items()
            if isinstance(words, list) and "password" not in name}


def own_address(text: str) -> str:
    """An address of this site to go back to, or the worklist: never another site's."""
    return text if re.fullmatch(r"/(?![/\\])[^\\\s]{0,500}", text) else "/"


@pages.post("/sign-out")
@signed_in
def sign_out() -> Any:
    """End the session here and on the server."""
    name = cookie_name(_config())
    sessions.sign_out(request.cookies.get(name, ""), by=actor(), at=clock.now())
    answer = redirect(url_for("accounts.sign_in"), 303)
    answer.delete_cookie(name, secure=_config().https, httponly=True, samesite="Strict")
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@pages.get("/password")
@signed_in
def password() -> str:
    """Change one's password."""
    return render_template("accounts/password.html", must=g.must_change)


@pages.post("/password")
@signed_in
def change_password() -> Any:
    """The present password proves the person; the new one is typed twice."""
    person, new = actor(), request.form.get("new_password", "")
    try:
        proven = service.prove(person.username, request.form.get("present_password", ""),
                               through=person.through)
        rules.password(new, person.username)
        if new != request.form.get("again_password", ""):
            raise Malformed("The new password was not typed twice alike.", field="again_password")
        if new == request.form.get("present_password"):
            raise Malformed("The new password must be another one.", field="password")
        hashed = service.hash_password(new)
        with transaction():
            account = session.get_one(service.Account, proven.id)
            service.change_password(account, new, by=person, at=clock.now(), hashed=hashed)
    except Refused as refusal:
        return render_template("accounts/password.html", must=g.must_change,
                               refusal=refusal), refusal.status
    return render_template("accounts/changed.html")


for view in (password, change_password, sign_out):
    view.for_newcomers = True


def _config() -> Any:
    return current_app.extensions["mscbank"]


def _set_cookie(answer: Response, token: str) -> None:
    """For this host alone, out of reach of scripts and of other sites' requests."""
    answer.set_cookie(cookie_name(_config()), token, secure=_config().https, httponly=True,
                      samesite="Strict", path="/")
