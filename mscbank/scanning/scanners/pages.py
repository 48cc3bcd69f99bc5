"""Trying a scanner on this device, and the scan log."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import Blueprint, Response, current_app, g, render_template, request

from labels import housecode
from mscbank import clock
from mscbank.accounts.timecode import picture
from mscbank.permissions import Permission, Role
from mscbank.scanning.scanners import service
from mscbank.web import actor, needs

pages = Blueprint("scanners", __name__)
COOKIE = "msc-device"
A_YEAR = 31536000


def device() -> str:
    """The mark of this browser: random letters that name no one. Empty before its first trial."""
    mark = request.cookies.get(COOKIE, "")
    return mark if re.fullmatch(f"[{housecode.ALPHABET}]{{16}}", mark) else ""


def mark() -> str:
    """The mark of this browser; a new one goes out with the answer."""
    if not (known := device() or g.get("new_mark", "")):
        g.new_mark = known = "".join(secrets.choice(housecode.ALPHABET) for _ in range(16))
    return known


@pages.after_app_request
def _remember(answer: Response) -> Response:
    if new := g.get("new_mark"):
        answer.set_cookie(COOKIE, new, max_age=A_YEAR, httponly=True, samesite="Strict",
                          secure=current_app.extensions["mscbank"].https)
    return answer


@pages.app_context_processor
def _today() -> dict[str, Any]:
    """For the worklist: whether who works with scanners should try this device's one."""
    def scanner_waits() -> bool:
        person = g.get("actor")
        return bool(person and person.roles & {Role.TECHNICIAN, Role.NURSE}
                    and not service.tried_today(device(), clock.now()))
    return {"scanner_waits": scanner_waits}


@pages.get("/scanner")
@needs(Permission.READ_RECORDS)
def begin() -> Any:
    """The test code, and a box that takes what the scanner makes of it."""
    return _page()


@pages.post("/scanner")
@needs(Permission.READ_RECORDS)
def tried() -> Any:
    """What came for the test code: a pass is an exact match."""
    form = request.form
    read = form.get("read", "").strip("\r\n\t")[:service.LONGEST]
    fault = service.try_scanner(read, form.get("scanner", "").strip(), form.get("at", "").strip(),
                                mark(), actor().id, clock.now())
    return _page(read, fault)


def _page(read: str | None = None, fault: str = "") -> Any:
    side, path = picture(service.TEST)
    return render_template(
        "scanning/scanner.html", side=side, path=path, test=service.TEST, read=read, fault=fault,
        last=service.last_trial(mark()))


@pages.get("/scans")
@needs(Permission.READ_TRAIL)
def log() -> str:
    """What was scanned lately, one by one."""
    return render_template("scanning/log.html", lines=service.latest())
