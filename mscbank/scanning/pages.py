"""Scanning: one page says what it is, where it is, whether it may be used, and what can be done."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request

from mscbank import clock
from mscbank.permissions import Permission
from mscbank.scanning import service
from mscbank.web import actor, needs

pages = Blueprint("scanning", __name__)


@pages.get("/scan")
@needs(Permission.READ_RECORDS)
def begin() -> Any:
    """The scan page itself has no memory: it begins at the worklist's scan box."""
    return redirect("/")


@pages.post("/scan")
@needs(Permission.READ_RECORDS)
def scan() -> Any:
    """What was scanned."""
    text, at = request.form.get("text", ""), clock.now()
    scanned = service.look_up(text)
    page = render_template("scanning/scanned.html", scanned=scanned,
                           stops=service.stops(scanned.thing, at) if scanned.thing else ())
    service.log(text, scanned.word, actor().id, at)
    return page
