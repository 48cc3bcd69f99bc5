"""The people of the bank: who holds which role, who has what to sign with, who lost it.

What is done once and told once (an enrolment code) has a page of its own here; giving and taking
roles are acts like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from mscbank import acts, clock, things
from mscbank.accounts import enrolment, factors, service
from mscbank.accounts.acts import ADD, CONFIRM, GIVE_CODE
from mscbank.accounts.models import Account
from mscbank.database import session
from mscbank.errors import Refused
from mscbank.permissions import Permission, Role
from mscbank.settings import settings
from mscbank.web import forms
from mscbank.web.actform import Sheet
from mscbank.web.doors import actor, needs

pages = Blueprint("people", __name__)


@pages.get("/people/")
@needs(Permission.READ_ACCOUNTS)
def people() -> str:
    """Everyone who works or worked with the bank."""
    found = session.scalars(sa.select(Account).order_by(
        Account.ended_at.is_not(None), Account.username)).all()
    return render_template("accounts/people.html", people=found, held=roles_held,
                           may_add=actor().may(ADD.permission))


def roles_held(account: Account) -> list[str]:
    """The roles held at this moment."""
    return sorted(account.roles_at(clock.now()))


@pages.get("/people/<code:code>")
@needs(Permission.READ_ACCOUNTS)
def person(code: str) -> str:
    """One person: roles now and before, factors, an open loss."""
    return _person(things.get(Account, code.upper()))


def _person(account: Account, refusal: Refused | None = None) -> str:
    loss = enrolment.open_loss(account, clock.now())
    me = actor()
    return render_template(
        "accounts/person.html", thing=account, held=roles_held(account), refusal=refusal,
        passkeys=factors.passkeys_of(account.id), time_code=factors.time_code_of(account.id),
        loss=loss, asked_by=loss and session.get_one(Account, loss.asked_by_id),
        may_confirm=me.may(CONFIRM.permission),
        may_give=me.may(GIVE_CODE.permission) and acts.why_not(GIVE_CODE, account, me) is None)


@pages.route("/people/add", methods=["GET", "POST"])
@needs(Permission.KEEP_ACCOUNTS)
def add() -> Any:
    """A new person, and the code with which they set their password."""
    sheet = Sheet(ADD, None, MultiDict(request.form))
    if request.method == "GET" or (data := sheet.load()) is None:
        return _draw(sheet, 422 if sheet.wrong else 200)
    return _told_once(sheet, data)


def _draw(sheet: Sheet, status: int) -> Any:
    boxes = forms.boxes(ADD.schema(), sheet.typed, sheet.wrong, zone=settings().zone,
                        at=clock.now(), fresh=False)
    return render_template(
        "accounts/add.html", boxes=[box for box in boxes if box.name != "roles"], roles=list(Role),
        chosen=sheet.typed.getlist("roles"), wrong=sheet.wrong, refusal=sheet.refusal), status


@pages.post("/people/<code:code>/give-enrolment-code")
@needs(Permission.KEEP_ACCOUNTS)
def give_code(code: str) -> Any:
    """Another code for who has not enrolled yet."""
    return _told_once(Sheet(GIVE_CODE, code.upper(), MultiDict(request.form)), {})


@pages.post("/people/<code:code>/confirm-lost-credential")
@needs(Permission.CONFIRM_LOST_CREDENTIAL)
def confirm(code: str) -> Any:
    """The second person confirms a loss; the code to enrol anew is shown to them, once."""
    return _told_once(Sheet(CONFIRM, code.upper(), MultiDict(request.form)), {})


def _told_once(sheet: Sheet, data: Mapping[str, Any]) -> Any:
    """Do the act and show the code. No answer is kept for a retry: it would hold the code."""
    code, act = enrolment.new_code(), sheet.act
    secret = {"code": code} if act is GIVE_CODE else {
        "code": code, "prepared": service.hash_password(None)}
    try:
        told = acts.perform(act, sheet.code, {**data, **secret}, by=actor())
    except Refused as refusal:
        sheet.refusal = refusal
        if refusal.field:
            sheet.wrong[refusal.field] = refusal.sentence
        if act is ADD:
            return _draw(sheet, refusal.status)
        return _person(sheet.thing, refusal), refusal.status
    return render_template("accounts/code.html", act=act, code=code,
                           thing=things.get(Account, told["code"]))

