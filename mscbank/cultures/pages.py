"""The page of a culture: the vessels of its harvest, how they grew, and what can be done next."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, Response, render_template

from mscbank import lineage, things
from mscbank.cultures import cells, reagents
from mscbank.cultures.models import Culture
from mscbank.permissions import Permission
from mscbank.reports import pictures
from mscbank.reports.growth import growth
from mscbank.reports.people import who
from mscbank.reports.tree import units_of, vessel_tree, viability
from mscbank.web import needs
from mscbank.web.files import pdf

pages = Blueprint("cultures", __name__)


@pages.get("/cultures/<code:code>")
@needs(Permission.READ_RECORDS)
def culture(code: str) -> str:
    """One passage within the tree of its harvest."""
    found = things.get(Culture, code)
    family = found.harvest.cultures
    limits = cells.culture_limits(found.harvest)
    return render_template(
        "cultures/culture.html", thing=found, family=family, limits=limits, who=who,
        picture=vessel_tree(found.harvest, found),
        curve=growth(family, limits.population_doublings_max, cells.reached(
            family, lineage.links_among(each.code for each in family))), numbers=cells,
        viability=viability, hundredth=Decimal("0.01"),
        used=reagents.reagents_of(found.code), units=units_of(found),
        last=next((note for note in reversed(found.notes) if note.confluence is not None), None),
        again={"passage": {"vessel": found.vessel, "vessels": found.vessels,
                           "incubator": found.incubator}})


@pages.get("/cultures/<code:code>/vessels.pdf")
@needs(Permission.READ_RECORDS)
def vessels_pdf(code: str) -> Response:
    """The vessels and the growth curve on paper."""
    found = things.get(Culture, code)
    return pdf(lambda: pictures.of_vessels(found), f"vessels-{found.harvest.din}")
