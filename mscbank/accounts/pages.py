"""Signing in, signing out, changing one's password."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from labels import housecode
from mscbank import clock
from mscbank.accounts import enrolment, factors, preferences, rules, service, sessions
from mscbank.accounts.factors import BY_PASSWORD, Proof
from mscbank.accounts.models import Account
from mscbank.accounts.own.pages import pages as own_pages
from mscbank.accounts.people.pages import pages as people_pages
from mscbank.accounts.statement import SIGN_IN, Statement
from mscbank.database import session, transaction
from mscbank.errors import Malformed, NotProven, Refused
from mscbank.permissions import Actor
from mscbank.web.actform import beside
from mscbank.web.doors import actor, cookie_name, is_secret, open_to_all, signed_in
from mscbank.web.language import COOKIE

pages = Blueprint("accounts", __name__)
pages.register_blueprint(own_pages)
pages.register_blueprint(people_pages)
SIGNING_IN = "sign in"
YEAR = 365 * 24 * 3600


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
    """User name and password; then the second factor, where one is registered."""
    username = _by_badge(request.form.get("username", "").strip())
    try:
        person = service.check_password(username, request.form.get("password", ""),
                                        through="sign-in")
    except NotProven as refusal:
        return _at_the_door(refusal, username)
    asked = factors.ask(person, _signing_in(person))
    if asked is None:
        service.forget_failures(username)
        return _let_in(person, BY_PASSWORD)
    page = asked.nonce or factors.issue(person.id, SIGNING_IN)
    return _ask_second(asked, page)


@pages.post("/sign-in/second")
@open_to_all
def enter_by_second() -> Any:
    """The second factor: a passkey's answer to the page, or a time code."""
    page, at = request.form.get("page", ""), clock.now()
    try:
        account = session.get_one(Account, factors.whose_page(page, SIGNING_IN, at))
        person = service.actor(account, at, "sign-in")
    except NotProven as refusal:
        return _at_the_door(refusal)
    proof = BY_PASSWORD
    try:
        service.wait_for_turn(person.username, at)
        typed = replace(beside("signer"), nonce=page)
        proof = replace(factors.second(person, typed, _signing_in(person)), asked=person.id,
                        purpose=SIGNING_IN, nonce=page)
        service.forget_failures(person.username)
        return _let_in(person, proof)
    except NotProven as refusal:
        factors.keep_refusal(person, SIGNING_IN, refusal, proof, at)
        if proof.nonce:  # this page was answered, and is not asked again
            return _at_the_door(refusal, person.username)
        asked = factors.ask(person, _signing_in(person), page)
        return _ask_second(asked, page, refusal)


def _signing_in(person: Actor) -> Statement:
    return Statement(SIGNING_IN, person.code, SIGNING_IN, SIGN_IN)


def _by_badge(text: str) -> str:
    """The user name; a badge that was scanned in its place says it, so that a shared tablet
    changes hands by a badge and a password."""
    if not housecode.is_valid(text):
        return text
    code = housecode.parse(text).code
    return session.scalar(sa.select(Account.username).where(Account.code == code)) or text


def _wanted() -> tuple[str, dict[str, list[str]], str]:
    """Where the person wanted to go, what they had typed there, and who they were."""
    form = request.form
    return own_address(form.get("back", "/")), _kept(form.get("kept", "{}")), form.get("whose", "")


def _at_the_door(refusal: NotProven, username: str = "") -> Any:
    back, kept, whose = _wanted()
    return render_template("accounts/sign_in.html", back=back, kept=kept, username=username,
                           whose=whose, refusal=refusal), refusal.status


def _ask_second(asked: Any, page: str, refusal: NotProven | None = None) -> Any:
    back, kept, whose = _wanted()
    return render_template("accounts/second.html", back=back, kept=kept, asked=asked, page=page,
                           whose=whose, refusal=refusal), refusal.status if refusal else 200


def _let_in(person: Actor, proof: Proof) -> Any:
    """Back to where the person wanted to go, with what was typed."""
    back, kept, whose = _wanted()
    if whose and whose != person.code:  # words and scans are their owner's, not the next person's
        back, kept = ("/bedside" if back.startswith("/bedside") else "/"), {}
    token = sessions.sign_in(person, at=clock.now(), proof=proof)
    if old := request.cookies.get(cookie_name(_config())):
        _end(old)
    if kept and _way_back(back):
        answer = current_app.make_response(_resume(back, kept, token))
    else:
        answer = redirect(back, 303)
    _set_cookie(answer, token)
    return answer


def _resume(back: str, kept: dict[str, list[str]], token: str) -> str:
    """A page that sends what was typed back to where it was typed, by one press."""
    browser = session.get_one(sessions.BrowserSession, sessions.digest(token))
    return render_template("accounts/resume.html", back=back, kept=kept, csrf=browser.csrf,
                           way=_way_back(back))


def _way_back(back: str) -> str | None:
    """How words are taken there: a ``form`` shows them again, the ``bedside`` goes on, anything
    else does what was asked; None where nothing is sent."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(back.partition("?")[0], method="POST")
    except HTTPException:
        return None
    if endpoint in ("web.act", "web.begin"):
        return "form"
    return "bedside" if back in ("/bedside", "/bedside/second") else "act"


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
            if isinstance(words, list) and not is_secret(name)}


def own_address(text: str) -> str:
    """An address of this site to go back to, or the worklist: never another site's."""
    return text if re.fullmatch(r"/(?![/\\])[^\\\s]{0,500}", text) else "/"


@pages.post("/language")
@open_to_all
def choose_language() -> Any:
    """The reader's own choice: with the account, and in this browser while nobody is signed in."""
    chosen = preferences.known(request.form.get("language", ""))
    if g.actor is not None:
        preferences.choose_language(g.actor.id, chosen)
    answer = redirect(own_address(request.form.get("back", "/")), 303)
    answer.set_cookie(COOKIE, chosen, max_age=YEAR, secure=_config().https, httponly=True,
                      samesite="Strict", path="/")
    return answer


@pages.post("/sign-out")
@signed_in
def sign_out() -> Any:
    """End the session here and on the server."""
    name = cookie_name(_config())
    sessions.sign_out(request.cookies.get(name, ""), by=actor(), at=clock.now())
    answer = redirect(url_for("accounts.sign_in"), 303)
    answer.delete_cookie(name, secure=_config().https, httponly=True, samesite="Strict")
    # not all cookies: the device keeps its mark, under which its scanner was tried
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@pages.post("/lock")
@signed_in
def lock() -> Any:
    """End the session and stand at the door: the same person goes on where they were, another
    one begins anew."""
    person = actor()
    sessions.sign_out(request.cookies.get(cookie_name(_config()), ""), by=person, at=clock.now())
    kept = {name: words for name in request.form if name not in ("csrf", "back", "key")
            and not is_secret(name) and any(words := request.form.getlist(name))}
    g.actor = g.browser = None  # the page is nobody's any more
    page = render_template("accounts/sign_in.html", back=own_address(request.form.get("back", "/")),
                           kept=kept, whose=person.code, locked=person)
    answer = current_app.make_response(page)
    answer.delete_cookie(cookie_name(_config()), secure=_config().https, httponly=True,
                         samesite="Strict")
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
        _typed_twice(new)
        if new == request.form.get("present_password"):
            raise Malformed("The new password must be another one.", field="password")
        hashed = service.hash_password(new)
        with transaction():
            account = session.get_one(Account, proven.id)
            service.change_password(account, new, by=person, at=clock.now(), hashed=hashed)
    except Refused as refusal:
        return render_template("accounts/password.html", must=g.must_change,
                               refusal=refusal), refusal.status
    return render_template("accounts/changed.html")


@pages.get("/enrol")
@open_to_all
def enrol() -> str:
    """For who was given an enrolment code: at first, or after a loss."""
    return render_template("accounts/enrol.html")


@pages.post("/enrol")
@open_to_all
def set_password() -> Any:
    """A password of one's own, by the code. Failures delay the next try, as passwords do."""
    form, at = request.form, clock.now()
    username, new = form.get("username", "").strip(), form.get("new_password", "")
    try:
        service.wait_for_turn(username, at)
        _typed_twice(new)
        hashed = service.hash_password(new)
        with transaction():
            enrolment.enrol(username, form.get("enrolment_code", ""), new, hashed=hashed, at=at)
        service.forget_failures(username)
    except Refused as refusal:
        if isinstance(refusal, enrolment.WrongCode):
            service.count_failure(username, through="enrolment")
        return render_template("accounts/enrol.html", username=username,
                               refusal=refusal), refusal.status
    return render_template("accounts/enrolled.html")


def _typed_twice(new: str) -> None:
    if new != request.form.get("again_password", ""):
        raise Malformed("The new password was not typed twice alike.", field="again_password")


for view in (password, change_password, sign_out, choose_language, lock):
    view.for_newcomers = True


def _config() -> Any:
    return current_app.extensions["mscbank"]


def _set_cookie(answer: Response, token: str) -> None:
    """For this host alone, out of reach of scripts and of other sites' requests."""
    answer.set_cookie(cookie_name(_config()), token, secure=_config().https, httponly=True,
                      samesite="Strict", path="/")
