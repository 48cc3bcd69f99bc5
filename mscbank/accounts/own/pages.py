"""My account: passkeys and time code, each change after proving oneself again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request
from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from mscbank import clock
from mscbank.accounts import factors, service, timecode, webauthn
from mscbank.accounts.factors import Proof
from mscbank.accounts.models import Account
from mscbank.accounts.own import service as own
from mscbank.accounts.schemas import PasskeySchema, ReasonSchema
from mscbank.accounts.statement import Statement, challenge
from mscbank.audit import chain
from mscbank.database import session, transaction
from mscbank.errors import Malformed, NotProven, Refused
from mscbank.settings import settings
from mscbank.web import forms
from mscbank.web.actform import beside
from mscbank.web.doors import actor, signed_in

pages = Blueprint("own", __name__)
MAKING = "register passkey"


@pages.get("/me")
@signed_in
def me() -> str:
    """What I prove myself with."""
    person = actor()
    required = sorted(person.roles & settings().second_factor)
    return render_template("accounts/me.html", passkeys=factors.passkeys_of(person.id),
                           time_code=factors.time_code_of(person.id), required=required)


@pages.route("/me/passkeys/add", methods=["GET", "POST"])
@signed_in
def add_passkey() -> Any:
    """Prove oneself again, and name the passkey; then it is made."""
    asking = _Asking("begin passkey", "Register a passkey", "I register a passkey for myself.",
                     "Go on", PasskeySchema())
    if asking.done(lambda proof: own.begin_passkey(_account(), proof, by=actor(),
                                                   at=clock.now())):
        return _make(asking.data["label"])
    return asking.page()


def _making(nonce: str) -> bytes:
    person = actor()
    return challenge(Statement(MAKING, person.code, MAKING, "I register this passkey.")
                     .manifest(person.username, nonce))


def _make(label: str, refusal: Refused | None = None) -> Any:
    """The page on which the browser makes the key."""
    person, nonce = actor(), factors.issue(actor().id, MAKING)
    options = webauthn.asking_for_new(
        factors.site(), _making(nonce), site_name=settings().site_name, code=person.code,
        username=person.username, name=person.name,
        known=[key.credential_id for key in factors.passkeys_of(person.id)])
    return render_template("accounts/passkey.html", label=label, nonce=nonce, options=options,
                           origin=factors.site().origin,
                           refusal=refusal), refusal.status if refusal else 200


@pages.post("/me/passkeys/create")
@signed_in
def create_passkey() -> Any:
    """The browser made a key: its public half is kept."""
    person, typed = actor(), beside("signer")
    data = {}
    try:
        data = _loaded(PasskeySchema(), {})
        key = webauthn.check_new(typed.answer, _making(typed.nonce), factors.site())
        page = Proof(asked=person.id, purpose=MAKING, nonce=typed.nonce)
        with transaction():
            own.register_passkey(_account(), data["label"], key, page, by=person, at=clock.now())
    except NotProven as refusal:
        return _start_again(refusal)
    except Refused as refusal:
        return _make(data.get("label", ""), refusal)
    return redirect("/me", 303)


def _start_again(refusal: Refused) -> Any:
    """Nobody makes a key on the strength of an old page: the password is asked again."""
    asking = _Asking("begin passkey", "Register a passkey", "I register a passkey for myself.",
                     "Go on", PasskeySchema(), refusal)
    return asking.page()


@pages.route("/me/passkeys/<int:number>/end", methods=["GET", "POST"])
@signed_in
def end_passkey(number: int) -> Any:
    """End a passkey of mine, with the reason."""
    label = own.passkey_of(actor().id, number).label
    asking = _Asking("end passkey", f"End the passkey “{label}”", f"I end my passkey {label}.",
                     "End this passkey", ReasonSchema())
    if asking.done(lambda proof: own.end_passkey(
            own.passkey_of(actor().id, number), asking.data["reason"], proof, by=actor(),
            at=clock.now())):
        return redirect("/me", 303)
    return asking.page()


@pages.route("/me/time-code/add", methods=["GET", "POST"])
@signed_in
def add_time_code() -> Any:
    """Prove oneself again; then the secret is shown, once."""
    asking = _Asking("begin time code", "Register a time code", "I register a time code for "
                     "myself.", "Go on", Schema())
    secret = timecode.new_secret()
    if not asking.done(lambda proof: own.begin_time_code(_account(), secret, proof, by=actor(),
                                                         at=clock.now())):
        return asking.page()
    side, path = timecode.picture(timecode.address(secret, actor().username))
    return render_template("accounts/time_code.html", side=side, path=path, secret=secret)


@pages.post("/me/time-code/confirm")
@signed_in
def confirm_time_code() -> Any:
    """The first code of the app: from now on it counts."""
    person, at = actor(), clock.now()
    try:
        service.wait_for_turn(person.username, at)
        with transaction():
            own.confirm_time_code(_account(), request.form.get("signer_code", ""), by=person,
                                  at=at)
    except Refused as refusal:
        if isinstance(refusal, NotProven):
            service.count_failure(person.username, through=person.through)
        return render_template("accounts/time_code.html", refusal=refusal), refusal.status
    return redirect("/me", 303)


@pages.route("/me/time-code/end", methods=["GET", "POST"])
@signed_in
def end_time_code() -> Any:
    """End my time code, with the reason."""
    asking = _Asking("end time code", "End the time code", "I end my time code.",
                     "End the time code", ReasonSchema())
    if asking.done(lambda proof: own.end_time_code(_account(), asking.data["reason"], proof,
                                                   by=actor(), at=clock.now())):
        return redirect("/me", 303)
    return asking.page()


def _account() -> Account:
    return session.get_one(Account, actor().id)


def _loaded(schema: Schema, wrong: dict[str, str]) -> dict[str, Any]:
    """The words of the form. Refuses the first that cannot be; ``wrong`` gets them all."""
    raw, found = forms.read(schema, request.form, settings().zone)
    try:
        data = schema.load(raw)
    except ValidationError as error:
        found = forms.sentences(error.messages) | found
        data = {}
    wrong |= found
    if wrong:
        name, sentence = next(iter(wrong.items()))
        raise Malformed(sentence, field=name)
    return data


class _Asking:
    """A page that asks to prove oneself again before something of one's own is changed."""

    def __init__(self, act: str, title: str, words: str, button: str, schema: Schema,
                 refusal: Refused | None = None) -> None:
        person = actor()
        self.title, self.words, self.button, self.schema = title, words, button, schema
        self.statement = Statement(act, person.code, act, words, chain.digest(request.path))
        self.refusal = refusal
        self.wrong: dict[str, str] = {}
        self.data: dict[str, Any] = {}

    def done(self, act: Callable[[Proof], Any]) -> bool:
        """Prove the person and do it. False: they were not asked yet, or were refused."""
        if request.method != "POST":
            return False
        person, proof = actor(), factors.BY_PASSWORD
        try:
            self.data = _loaded(self.schema, self.wrong)
            _, proof = factors.prove(person.username, request.form.get("signer_password", ""),
                                     beside("signer"), self.statement, through=person.through)
            with transaction():
                act(proof)
        except Refused as refusal:
            self.refusal = refusal
            if not isinstance(refusal, Malformed):
                factors.keep_refusal(person, self.statement.act, refusal, proof, clock.now())
            return False
        return True

    def page(self) -> Any:
        """The form, with everything typed but the proofs."""
        typed = request.form if request.method == "POST" else MultiDict()
        boxes = forms.boxes(self.schema, typed, self.wrong, zone=settings().zone, at=clock.now(),
                            fresh=not typed)
        return render_template(
            "accounts/prove.html", asking=self, boxes=boxes,
            asked=factors.ask(actor(), self.statement)), (
                self.refusal.status if self.refusal else 200)
