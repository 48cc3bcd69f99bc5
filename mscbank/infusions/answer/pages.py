"""The answer of a check has an address of its own, for the two who checked; a go has its start."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request
from sqlalchemy.orm import joinedload

from mscbank import acts, clock, things
from mscbank.bags.models import Bag
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Refused, WrongMoment
from mscbank.identities import service as identities
from mscbank.infusions import checking
from mscbank.infusions.findings import Word
from mscbank.infusions.models import Check, Order, OrderedBag
from mscbank.labelling import contents
from mscbank.permissions import Permission
from mscbank.recipients.models import Recipient
from mscbank.web import actor, needs
from mscbank.web.actform import act_at

pages = Blueprint("answer", __name__)
_NAMING = OrderedBag.__table__.alias()
_ORDERED = (  # the lines of the latest order that names the bag, with what the answer tells of it
    sa.select(OrderedBag).where(
        OrderedBag.order_id == sa.select(sa.func.max(_NAMING.c.order_id)).where(
            _NAMING.c.bag_id == sa.bindparam("bag_id")).scalar_subquery())
    .order_by(OrderedBag.id)
    .options(joinedload(OrderedBag.order).joinedload(Order.recipient)))
TIME_OVER = "The time for this start is over. Scan wristband and bag again, both of you."
STARTED = "This bag was started meanwhile. A bag starts once."


@pages.get("/bedside/answer/<code:code>")
@needs(Permission.INFUSE)
def answer(code: str) -> Any:
    """The answer of a check, to the people who checked; to others it is a record."""
    return _told(things.get(Check, code))


@pages.post("/bedside/answer/<code:code>/identity")
@needs(Permission.READ_IDENTITIES)
def identity(code: str) -> Any:
    """The answer with name and birth date, to be read back. Reading is an entry."""
    found = things.get(Check, code)
    if found.wristband is None:
        raise WrongMoment("This check read no wristband of this bank, so it names nobody.")
    with transaction():
        person = session.get_one(Recipient, found.wristband.recipient_id)
        values: dict[str, Any] = identities.open_values(person.code, by=actor(), at=clock.now())
    values["birth date"] = date.fromisoformat(values["birth date"])
    return _told(things.get(Check, code), values)


def _told(found: Check, person: dict[str, Any] | None = None) -> Any:
    if actor().id not in (found.recorded_by_id, found.second_id):
        return redirect(f"/checks/{found.code}")
    if found.verdict != Word.GO:
        return screen(Word(found.verdict), found.told, found, person=person)
    at = clock.now()
    left = int((found.token_until - at).total_seconds())
    if left > 0 and checking.stands(found.code, at):
        return screen(Word.GO, [], found, left=left, person=person)
    if (infusion := found.bag.infusion) is not None:
        if infusion.recorded_by_id == actor().id:
            return redirect(f"/infusions/{infusion.code}", 303)
        return screen(Word.ALREADY_DONE, [STARTED], found)
    if left <= 0:
        return screen(Word.CANNOT_TELL, [TIME_OVER], found)
    now = checking.again(found, at)  # a yes over what has changed meanwhile would be believed
    return screen(now.word, [each.sentence for each in now.findings], found, left=left,
                  person=person)


def screen(word: Word, sentences: list[str], found: Check | None = None, *,
           bag: Bag | None = None, left: int = 0, person: dict[str, Any] | None = None) -> str:
    """The whole screen is the answer."""
    bag = found.bag if found else bag
    parts = _ordered(bag) if bag else []
    return render_template(
        "infusions/verdict.html", word=word, sentences=sentences, check=found, bag=bag,
        parts=parts, part=next((one for one in parts if one.bag_id == bag.id), None),
        left=left, named=person,
        token=checking.token_of(found.code) if found and word is Word.GO else "",
        may_read_identities=actor().may(Permission.READ_IDENTITIES),
        product=contents.product_of(bag) if bag else "", class_name=contents.CLASS_NAME,
        key=secrets.token_urlsafe(18))


def _ordered(bag: Bag) -> list[OrderedBag]:
    """The lines of the latest order that names this bag."""
    return list(session.scalars(_ORDERED, {"bag_id": bag.id}))


@pages.post("/bedside/start")
@needs(Permission.INFUSE)
def start() -> Any:
    """Start on the token of the go; judged again inside the lock."""
    form = request.form
    try:
        told = acts.perform(act_at("bags", "start"), form.get("bag", ""),
                            {"token": form.get("token", "")}, by=actor(),
                            key=form.get("key", "")[:80] or None)
    except AlreadyDone as refusal:
        return _not_started(Word.ALREADY_DONE, refusal)
    except Refused as refusal:
        return _not_started(Word.STOP, refusal)
    return redirect(f"/infusions/{told['code']}", 303)


def _not_started(word: Word, refusal: Refused) -> Any:
    """The refusal, full screen; of a bag that runs, with the way to its infusion."""
    bag = session.scalar(sa.select(Bag).where(Bag.code == request.form.get("bag", "")))
    return screen(word, [refusal.sentence], bag=bag), refusal.status
