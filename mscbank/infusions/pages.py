"""The bedside: wristband and bag scanned in any order, a second person, one answer, the infusion.

The page keeps no memory on the server: what was scanned stands in its form. Two codes that already
say stop are answered at once; a go needs the second person, who sees nothing of the first's.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request
from werkzeug.datastructures import MultiDict

from labels import housecode
from mscbank import acts, clock, things
from mscbank.accounts import factors
from mscbank.accounts.models import Account
from mscbank.acts import Act, Credential
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.errors import AlreadyDone, NotAllowed, NotKnown, NotProven, Refused
from mscbank.infusions import service
from mscbank.infusions.facts import judge
from mscbank.infusions.findings import Reason, Word
from mscbank.infusions.models import Infusion, OrderedBag
from mscbank.infusions.orders import part_of, protocol_of
from mscbank.infusions.schemas import TERMS
from mscbank.permissions import Permission
from mscbank.recipients.models import Wristband
from mscbank.reports.people import who
from mscbank.scanning import service as scanning
from mscbank.web import actor, needs
from mscbank.web.actform import Sheet, act_at, beside

pages = Blueprint("infusions", __name__)
_log = logging.getLogger(__name__)
FREQUENT = TERMS[:8]
CANNOT_TELL = ("The record could not be read just now. Do not infuse; scan again, then call the "
               "laboratory.")


@dataclass(frozen=True)
class Scans:
    """What was scanned so far: texts of wristband and bag, the second person's user name, and
    what was wrong with the last scan."""

    band: str = ""
    bag: str = ""
    second: str = ""
    problem: str = ""

    @property
    def both(self) -> bool:
        return bool(self.band and self.bag)


@pages.get("/bedside")
@needs(Permission.INFUSE)
def bedside() -> str:
    """Nothing scanned yet."""
    return render_template("infusions/scan.html", scans=Scans())


@pages.get("/bags/<code:code>/check")
@pages.get("/bags/<code:code>/start")
@needs(Permission.INFUSE)
def by_scan(code: str) -> Any:
    """Nobody checks or starts from a list: both codes are scanned at the bedside."""
    return redirect("/bedside")


@pages.post("/bedside")
@needs(Permission.INFUSE)
def scanned() -> Any:
    """One more scan: what is missing is asked for; two codes that say stop are answered."""
    form = request.form
    before = Scans(form.get("band", ""), form.get("bag", ""), form.get("second", ""))
    scans = _taken(before, form.get("text", ""))
    if not scans.both:
        return render_template("infusions/scan.html", scans=scans)
    look = judge(scans.bag, scans.band, clock.now())
    if look.word is Word.GO or scans.problem:
        return _ask_second(scans)
    return _check(scans, None, secrets.token_urlsafe(18))


def _taken(scans: Scans, text: str) -> Scans:
    """A scan put where it belongs, in whatever order it came."""
    found = scanning.look_up(text)
    scanning.log(text, found.word, actor().id, clock.now())
    if isinstance(found.thing, Wristband):
        return replace(scans, band=found.thing.code)
    if isinstance(found.thing, Bag):
        copy = found.copy and housecode.copy_text(found.thing.code, found.copy)
        return replace(scans, bag=copy or found.thing.code)
    if isinstance(found.thing, Account):
        return replace(scans, second=found.thing.username)
    if found.thing is not None:
        return replace(scans, problem=f"This is a {found.kind}. Scan the wristband and the bag.")
    return replace(scans, problem=found.sentence)


def _ask_second(scans: Scans, refusal: Refused | None = None) -> Any:
    person, (code, data) = actor(), _asked(scans)
    asked = factors.ask_second(person, acts.second_statement(_act("check"), code, data, person))
    page = render_template("infusions/second.html", scans=scans, refusal=refusal, asked=asked,
                           key=secrets.token_urlsafe(18))
    return page, refusal.status if refusal else 200


@pages.post("/bedside/check")
@needs(Permission.INFUSE)
def check() -> Any:
    """Both people have looked: the answer."""
    form = request.form
    scans = Scans(form.get("band", ""), form.get("bag", ""), form.get("second", ""))
    second = Credential(scans.second, form.get("second_password", ""), beside("second"))
    return _check(scans, second, form.get("key", "")[:80])


def _check(scans: Scans, second: Credential | None, key: str) -> Any:
    """Keep the check in the record and show its answer. Whatever goes wrong is never a yes."""
    code, data = _asked(scans)
    try:
        told = acts.perform(_act("check"), code, data, by=actor(), second=second, key=key or None)
    except (NotProven, NotAllowed) as refusal:
        return _ask_second(scans, refusal)
    except NotKnown as refusal:
        return _answer(Word.STOP, [refusal.sentence])
    except Refused as refusal:
        return _answer(Word.CANNOT_TELL, [refusal.sentence])
    except Exception:
        _log.exception("a bedside check could not be kept")
        session.rollback()
        return _answer(Word.CANNOT_TELL, [CANNOT_TELL])
    return _answer(Word(told["verdict"]), _sentences(told, second), told, things.get(Bag, code))


def _asked(scans: Scans) -> tuple[str, dict[str, Any]]:
    """The bag and the words of the check, as both people confirm them."""
    typed = len(housecode.compact(scans.bag)) == housecode.LENGTH
    return (scans.bag[:housecode.LENGTH],
            {"wristband": scans.band, "label": None if typed else scans.bag})


def _sentences(told: dict[str, Any], second: Credential | None) -> list[str]:
    """Every reason. That nobody came second is no news where nobody was asked."""
    findings = [finding for finding in told["findings"]
                if second or finding["reason"] != Reason.SECOND_MISSING]
    return [finding["sentence"] for finding in findings]


def _answer(word: Word, sentences: list[str], told: dict[str, Any] | None = None,
            bag: Bag | None = None) -> str:
    left = 0
    if told and told.get("until"):
        until = datetime.fromisoformat(told["until"])
        left = max(0, int((until - clock.now()).total_seconds()))
    return render_template(
        "infusions/verdict.html", word=word, sentences=sentences, told=told or {}, bag=bag,
        part=_ordered(bag) if bag and word is Word.GO else None, left=left,
        key=secrets.token_urlsafe(18))


def _ordered(bag: Bag) -> OrderedBag | None:
    """The line of the latest order that names this bag."""
    return session.scalar(sa.select(OrderedBag).where(OrderedBag.bag_id == bag.id)
                          .order_by(OrderedBag.id.desc()).limit(1))


@pages.post("/bedside/start")
@needs(Permission.INFUSE)
def start() -> Any:
    """Start on the token of the go; judged again inside the lock."""
    form = request.form
    code = form.get("bag", "")
    try:
        told = acts.perform(_act("start"), code, {"token": form.get("token", "")}, by=actor(),
                            key=form.get("key", "")[:80] or None)
    except AlreadyDone as refusal:
        return _answer(Word.ALREADY_DONE, [refusal.sentence]), refusal.status
    except Refused as refusal:
        return _answer(Word.STOP, [refusal.sentence]), refusal.status
    return redirect(f"/infusions/{told['code']}", 303)


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
    running = found.ended_at is None
    return render_template(
        "infusions/infusion.html", thing=found, running=running, sheet=sheet, who=who,
        part=part_of(found), due=service.next_observation(found), terms=FREQUENT,
        more_terms=[term for term in TERMS if term not in FREQUENT],
        minutes=protocol_of(found.recipient).infusion.observation_minutes,
        may=lambda slug: actor().may(act_at("infusions", slug).permission),
        new_key=lambda: secrets.token_urlsafe(18))


def _act(slug: str) -> Act:
    return act_at("bags", slug)
