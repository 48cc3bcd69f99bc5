"""The page of a bag: how it stands, whether anything speaks against it, its labels, its custody."""

from __future__ import annotations

from flask import Blueprint, render_template

from mscbank import clock, things
from mscbank.bags.lifecycle import BAG_PLACE, RELEASED
from mscbank.bags.models import Bag
from mscbank.permissions import Permission
from mscbank.reports import timeline
from mscbank.reports.people import who
from mscbank.web import needs

pages = Blueprint("bags", __name__)
# Where a bag may still go; what has no way on is at its end.
ENDS = frozenset(row.enters for row in BAG_PLACE) - {
    place for row in BAG_PLACE for place in row.leaves}


@pages.get("/bags/<code:code>")
@needs(Permission.READ_RECORDS)
def bag(code: str) -> str:
    """Everything about one bag."""
    found = things.get(Bag, code)
    return render_template(
        "bags/bag.html", thing=found, ended=found.place in ENDS, released=RELEASED,
        against=timeline.against(found, clock.now()), events=timeline.timeline(found),
        journey=found.journeys[-1] if found.journeys else None, who=who)
