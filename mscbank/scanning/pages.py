"""Scanning: one page says what it is, where it is, whether it may be used, and what can be done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from mscbank import clock
from mscbank.bags.models import Bag
from mscbank.permissions import Permission
from mscbank.scanning import service
from mscbank.scanning.reading import Problem
from mscbank.scanning.service import Scanned
from mscbank.web import actor, needs

pages = Blueprint("scanning", __name__)

# A name for each problem, and how loud it is: what must not be used stops, the rest asks again.
NAMED = {
    Problem.UNKNOWN: ("Unknown", "wait"), Problem.DAMAGED: ("Damaged code", "wait"),
    Problem.OLD_LABEL: ("Stop: old label", "stop"),
    Problem.OTHER_BANK: ("Stop: not of this bank", "stop"),
    Problem.FORGED: ("Stop: not genuine", "stop"),
    Problem.KEYBOARD: ("Wrong keyboard", "wait"), Problem.INCOMPLETE: ("Not enough", "wait")}


@pages.get("/scan")
@needs(Permission.READ_RECORDS)
def begin() -> str:
    """Nothing scanned yet."""
    return render_template("scanning/scanned.html", scanned=None)


@pages.post("/scan")
@needs(Permission.READ_RECORDS)
def scan() -> Any:
    """What was scanned. Kept in the scan log, after the answer was found."""
    text, at = request.form.get("text", ""), clock.now()
    scanned = service.look_up(text)
    page = render_template(
        "scanning/scanned.html", scanned=scanned, named=NAMED,
        stops=service.stops(scanned.thing, at) if scanned.thing else (), usable=_usable(scanned))
    service.log(text, scanned.word, actor().id, at)
    return page


def _usable(scanned: Scanned) -> bool:
    """Whether it is a question at all if this may be used: a bag that is not at its end."""
    return isinstance(scanned.thing, Bag) and scanned.thing.place not in ("infused", "destroyed")
