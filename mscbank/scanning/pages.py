"""Scanning: one page says what it is, where it is, whether it may be used, and what can be done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request

from labels import housecode
from mscbank import clock
from mscbank.bags.models import Bag, CryoUnit
from mscbank.cultures.models import ReagentLot
from mscbank.permissions import Permission
from mscbank.scanning import commands, frames, service
from mscbank.scanning.called import Called, called
from mscbank.scanning.reading import Problem
from mscbank.scanning.going.pages import pages as going_pages
from mscbank.scanning.scanners.pages import mark
from mscbank.scanning.scanners.pages import pages as scanner_pages
from mscbank.scanning.service import Scanned
from mscbank.things import Thing
from mscbank.web import actor, found, needs

pages = Blueprint("scanning", __name__)
pages.register_blueprint(going_pages)
pages.register_blueprint(scanner_pages)
LOOKED_FOR = "words"

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
    if (command := commands.command_of(text)) is not None:
        service.log(text, "command", actor().id, at)
        return redirect(command.path, 303)
    scanned = service.look_up(text)
    if _asks_for_words(scanned) and (answer := found.page_of(text)) is not None:
        service.log(LOOKED_FOR, LOOKED_FOR, actor().id, at)  # words may be somebody's name
        return answer
    stops = service.stops(scanned.thing, at) if scanned.thing else ()
    page = render_template("scanning/scanned.html", scanned=scanned, named=NAMED, stops=stops,
                           usable=_usable(scanned.thing, stops))
    service.log(LOOKED_FOR if _asks_for_words(scanned) and found.is_words(text.strip()) else text,
                scanned.word, actor().id, at, how=request.form.get("how", ""), device=mark())
    return page


@pages.post("/scan/called")
@needs(Permission.READ_RECORDS)
def codes_called() -> str:
    """What the codes in a box of a form name. Nothing is done with them yet, and nothing kept."""
    return render_template("scanning/called.html",
                           found=called(request.form.get("text", ""), clock.now()))


@pages.post("/scan/frame")
@needs(Permission.READ_RECORDS)
def frame() -> Any:
    """What a camera's picture says. It is looked at and forgotten."""
    frames.in_turn(actor().id, clock.now())
    return jsonify({"texts": frames.texts(request.get_data(cache=False))})


@pages.app_template_global("called")
def _called(texts: str) -> list[Called]:
    """For every form: what the codes that stand in a box name."""
    return called(texts, clock.now())


def _asks_for_words(scanned: Scanned) -> bool:
    """Whether the text is no code at all, rather than a code that went wrong: a name of many
    consonants is shorter than a code, and has a letter that no code has."""
    if scanned.problem is Problem.UNKNOWN:
        return True
    letters = [letter for letter in scanned.text.upper() if letter.isalpha()]
    return (scanned.problem in (Problem.KEYBOARD, Problem.DAMAGED) and scanned.proposal is None
            and found.is_words(scanned.text) and len(letters) < housecode.LENGTH - 2
            and any(letter not in housecode.ALPHABET for letter in letters))


def _usable(thing: Thing | None, stops: tuple[str, ...]) -> bool:
    """Whether it is a question at all if this may be used: a reagent; a bag that is not at its end;
    a cryo unit where something speaks against it, since acts may still find more."""
    if isinstance(thing, CryoUnit):
        return bool(stops)
    return isinstance(thing, ReagentLot) or (
        isinstance(thing, Bag) and thing.place not in ("infused", "destroyed"))
