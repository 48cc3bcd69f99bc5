"""The bedside: wristband and bag scanned in any order, by two people blind, one answer.

The page keeps no memory on the server until both are scanned: what was scanned stands in its form.
Then the person's half is kept under their own credentials. What already says stop is answered at
once; a go needs the half of another person, from their own phone or from this one handed over.
Every answer has an address, so that going back, pressing twice or a lost answer does no harm.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request

from labels import housecode
from mscbank import acts, clock
from mscbank.accounts import factors
from mscbank.accounts.models import Account
from mscbank.acts import Credential
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.errors import NotAllowed, NotKnown, NotProven, Refused
from mscbank.infusions import halves
from mscbank.infusions.acts import OWN_CHECK
from mscbank.infusions.answer.pages import pages as answer_pages
from mscbank.infusions.answer.pages import screen
from mscbank.infusions.findings import Word
from mscbank.infusions.models import HalfCheck
from mscbank.infusions.paper.pages import pages as paper_pages
from mscbank.infusions.running.pages import pages as running_pages
from mscbank.permissions import Permission
from mscbank.recipients.models import Wristband
from mscbank.scanning import service as scanning
from mscbank.scanning.scanners.pages import mark
from mscbank.web import actor, needs
from mscbank.web.actform import act_at, beside

pages = Blueprint("infusions", __name__)
pages.register_blueprint(answer_pages)
pages.register_blueprint(paper_pages)
pages.register_blueprint(running_pages)
_log = logging.getLogger(__name__)
LONGEST_WAIT = timedelta(hours=1)
CANNOT_TELL = ("The record could not be read just now. Do not infuse; scan again, then call the "
               "laboratory.")


@dataclass(frozen=True)
class Scans:
    """What was scanned so far: texts of wristband and bag, the second person's user name; what
    was wrong with the last scan, and a code to confirm where one could be made out."""

    band: str = ""
    bag: str = ""
    second: str = ""
    problem: str = ""
    proposal: str = ""

    @property
    def both(self) -> bool:
        return bool(self.band and self.bag)


@pages.get("/bedside")
@needs(Permission.INFUSE)
def bedside() -> str:
    """Nothing scanned yet."""
    return _scan_page(Scans())


@pages.get("/bags/<code:code>/check")
@pages.get("/bags/<code:code>/start")
@needs(Permission.INFUSE)
def by_scan(code: str) -> Any:
    """Nobody checks or starts from a list: both codes are scanned at the bedside."""
    return redirect("/bedside")


@pages.post("/bedside")
@needs(Permission.INFUSE)
def scanned() -> Any:
    """One more scan: what is missing is asked for; both make this person's half."""
    scans = _taken(_sent(), request.form.get("text", ""))
    if scans.second:
        scans = _by_badge(scans)
    if not scans.both or scans.problem:
        return _scan_page(scans)
    code, data = _asked(scans)
    return _answered(lambda: acts.perform(OWN_CHECK, code, data, by=actor(), key=_key()))


def _by_badge(scans: Scans) -> Scans:
    """Whoever scans a badge here says who is scanning: what another scanned counts for nobody, or
    one person would have done both halves."""
    if scans.second == actor().username:
        return replace(scans, second="", problem=(
            "You are signed in already: scan the wristband and the bag."))
    return Scans(problem=f"This is another person's badge, and what is scanned here counts as "
                         f"{actor().name}'s. Lock this device and sign in with your own badge.")


def _scan_page(scans: Scans) -> str:
    return render_template("infusions/scan.html", scans=scans, key=secrets.token_urlsafe(18))


def _sent() -> Scans:
    form = request.form
    return Scans(*(form.get(name, "")[:400] for name in ("band", "bag", "second")))


def _key() -> str | None:
    return request.form.get("key", "")[:80] or None


def _waited() -> timedelta:
    """How long the scan waited in the page for the network, as the page counted it."""
    sent = request.form.get("waited", "")
    return min(timedelta(milliseconds=int(sent)), LONGEST_WAIT) if re.fullmatch(
        r"[0-9]{1,9}", sent) else timedelta(0)


def _taken(scans: Scans, text: str) -> Scans:
    """A scan put where it belongs, in whatever order it came."""
    if not text.strip():
        return scans
    found = scanning.look_up(text)
    scanning.log(text, found.word, actor().id, clock.now() - _waited(), device=mark(),
                 how=request.form.get("how", ""), bedside=True)
    if isinstance(found.thing, Wristband):
        return replace(scans, band=found.thing.code)
    if isinstance(found.thing, Bag):
        copy = found.copy and housecode.copy_text(found.thing.code, found.copy)
        return replace(scans, bag=copy or found.thing.code)
    if isinstance(found.thing, Account):
        return replace(scans, second=found.thing.username)
    if found.thing is not None:
        return replace(scans, problem=f"This is a {found.kind}. Scan the wristband and the bag.")
    return replace(scans, problem=found.sentence, proposal=found.proposal or "")


def _asked(scans: Scans) -> tuple[str, dict[str, Any]]:
    """The bag's code and the words of one person's half."""
    return (scans.bag[:housecode.LENGTH], {"wristband": scans.band, "label": _label(scans.bag)})


def _label(text: str) -> str | None:
    """The label's text, if it was one: a typed code names the bag alone."""
    return text if len(housecode.compact(text)) != housecode.LENGTH else None


def _answered(perform: Callable[[], dict[str, Any]]) -> Any:
    """Keep the check in the record and lead to its answer. Whatever goes wrong is never a yes."""
    try:
        told = perform()
    except (NotProven, NotAllowed):
        raise
    except NotKnown as refusal:
        return screen(Word.STOP, [refusal.sentence])
    except Refused as refusal:
        return screen(Word.CANNOT_TELL, [refusal.sentence])
    except Exception:
        _log.exception("a bedside check could not be kept")
        session.rollback()
        return screen(Word.CANNOT_TELL, [CANNOT_TELL])
    if told["check"] is None:
        return redirect(f"/bedside/own/{told['half']}", 303)
    return redirect(f"/bedside/answer/{told['check']}", 303)


# --- the second person --------------------------------------------------------------------------

def _half(number: int) -> HalfCheck:
    """A half of this very person: nobody is shown another's."""
    found = session.get(HalfCheck, number)
    if found is None or found.recorded_by_id != actor().id:
        raise NotKnown("These are not your scans: scan wristband and bag yourself.")
    return found


@pages.get("/bedside/own/<int:half>")
@needs(Permission.INFUSE)
def waiting(half: int) -> Any:
    """One person's scans are kept; the answer comes when another person has scanned."""
    mine, at = _half(half), clock.now()
    state, check = halves.state_of(mine, at)
    if check is not None:
        return redirect(f"/bedside/answer/{check.code}")
    return render_template("infusions/waiting.html", half=mine, over=state == "over",
                           left=max(0, int((mine.until_at - at).total_seconds())))


@pages.get("/bedside/own/<int:half>/state")
@needs(Permission.INFUSE)
def how_it_stands(half: int) -> Any:
    """Whether the other person has scanned, for the page that waits."""
    state, check = halves.state_of(_half(half), clock.now())
    return jsonify({"state": state,
                    "address": f"/bedside/answer/{check.code}" if check else None})


@pages.post("/bedside/second")
@needs(Permission.INFUSE)
def second() -> Any:
    """The phone was handed over: the second person scans, and sees nothing of the first's scans."""
    mine = _half(_number())
    scans = _taken(_sent(), request.form.get("text", ""))
    if scans.second == actor().username:
        scans = replace(scans, second="", problem=(
            "This is the badge of who checked first. Another person must check."))
    return _second_page(mine, scans)


def _number() -> int:
    text = request.form.get("half", "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _second_page(mine: HalfCheck, scans: Scans, refusal: Refused | None = None) -> Any:
    if halves.state_of(mine, clock.now())[0] != "waiting":
        return redirect(f"/bedside/own/{mine.id}", 303)
    asked = None
    if scans.both:
        code, data = _both(mine, scans)
        asked = factors.ask_second(actor(), acts.second_statement(
            act_at("bags", "check"), code, data, actor()))
    page = render_template("infusions/second.html", half=mine, scans=scans, refusal=refusal,
                           asked=asked, key=secrets.token_urlsafe(18))
    return page, refusal.status if refusal else 200


def _both(mine: HalfCheck, scans: Scans) -> tuple[str, dict[str, Any]]:
    """The bag's code and the words of the check: what each person scanned."""
    label = housecode.copy_text(mine.bag.code, mine.copy) if mine.copy else None
    return mine.bag.code, {"wristband": mine.wristband.code, "label": label,
                           "wristband_again": scans.band, "label_again": scans.bag}


@pages.post("/bedside/second/check")
@needs(Permission.INFUSE)
def check() -> Any:
    """The second person has scanned and proves who they are: the answer."""
    mine, scans = _half(_number()), _sent()
    if not scans.both or halves.state_of(mine, clock.now())[0] != "waiting":
        return _second_page(mine, scans)
    code, data = _both(mine, scans)
    other = Credential(scans.second.strip(), request.form.get("second_password", ""),
                       beside("second"))
    try:
        return _answered(lambda: acts.perform(act_at("bags", "check"), code, data, by=actor(),
                                              second=other, key=_key()))
    except (NotProven, NotAllowed) as refusal:
        return _second_page(mine, scans, refusal)
