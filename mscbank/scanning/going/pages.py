"""One page of how scanning goes, for quality assurance and the coordinator."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template, request

from mscbank import clock
from mscbank.permissions import Permission
from mscbank.scanning.going import service
from mscbank.things import KINDS
from mscbank.web import needs

pages = Blueprint("going", __name__)
SPANS = (7, 30, 90)


@pages.get("/scanning")
@needs(Permission.READ_SCANNING)
def going() -> str:
    """Signs of a way around the check, and labels that could not be read, in so many days."""
    asked = request.args.get("days", type=int)
    days = asked if asked in SPANS else service.SPAN.days
    return render_template("scanning/going.html", days=days, spans=SPANS, address_of_code=_address,
                           made=service.going(clock.now(), timedelta(days=days)))


def _address(code: str) -> str:
    """The page of a wristband or a bag."""
    return f"/{KINDS[code[:2]].SLUG}/{code}"
