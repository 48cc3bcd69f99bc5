"""Pages that look over the whole chain: recall, and the alerts."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from mscbank import clock, things
from mscbank.audit.service import record
from mscbank.database import transaction
from mscbank.errors import NotKnown
from mscbank.infusions.models import Order
from mscbank.permissions import Permission
from mscbank.reports import alerts as all_alerts
from mscbank.reports import cohorts, ladder, pictures
from mscbank.reports.order_sheet import order_sheet
from mscbank.reports.people import who
from mscbank.reports.recall import recall as recalled
from mscbank.reports.recall_bags import as_csv
from mscbank.settings import local, settings
from mscbank.web import actor, needs, signed_in
from mscbank.web.files import CSV, download, pdf
from specs import shelf
from specs.protocol import Protocol
from specs.sheet import ShelfError

pages = Blueprint("reports", __name__)


@pages.get("/recall/<code:code>")
@needs(Permission.READ_RECORDS)
def recall(code: str) -> str:
    """Everything before and after a thing, each bag's place, every person affected."""
    return render_template("reports/recall.html", found=recalled(things.by_code(code)))


@pages.post("/recall/<code:code>.csv")
@needs(Permission.READ_RECORDS)
def recall_csv(code: str) -> Response:
    """The bags of the page as a file; who took it along is an entry."""
    found = recalled(things.by_code(code))
    with transaction():
        record("export recall", found.start, by=actor(), at=clock.now(), bags=len(found.bags),
               people=[person.code for person in found.people])
    return download(as_csv(found.bags), CSV, f"recall-{found.start.code}.csv")


@pages.get("/alerts/")
@signed_in
def alerts() -> str:
    """Alerts, those nobody has read first; to an administrator only their own."""
    person = actor()
    roles = None if person.may(Permission.READ_RECORDS) else person.roles
    return render_template("reports/alerts.html", waiting=all_alerts.waiting(roles),
                           read=all_alerts.read(roles), who=who)


@pages.get("/cohorts")
@needs(Permission.READ_RECORDS)
def cohorts_page() -> str:
    """Everybody of a protocol in one picture, from the infusion to the last contact."""
    protocol = _protocol()
    return render_template("reports/cohorts.html", protocol=protocol,
                           held=cohorts.protocols(), picture=cohorts.timeline(protocol))


@pages.get("/cohorts.pdf")
@needs(Permission.READ_RECORDS)
def cohorts_pdf() -> Response:
    """The same on paper."""
    protocol = _protocol()
    return pdf(lambda: pictures.of_cohorts(protocol), f"cohorts-{protocol.reference}")


@pages.get("/orders/<code:code>/order.pdf")
@needs(Permission.READ_RECORDS)
def order_pdf(code: str) -> Response:
    """An order on paper, with every step from the weight to the volumes."""
    order = things.get(Order, code)
    return pdf(lambda: order_sheet(order), f"order-{order.recipient.number}-{order.code}")


@pages.get("/trial")
@needs(Permission.READ_RECORDS)
def trial_page() -> str:
    """The ladder of a trial, its pause, who was screened out, and the numbers it is run by."""
    return render_template("reports/ladder.html", held=cohorts.protocols(),
                           trial=ladder.trial(_protocol(), local(clock.now()).date()))


@pages.get("/trial.pdf")
@needs(Permission.READ_RECORDS)
def trial_pdf() -> Response:
    """The ladder on paper."""
    protocol = _protocol()
    return pdf(lambda: pictures.of_ladder(protocol, local(clock.now()).date()),
               f"trial-{protocol.reference}")


def _protocol() -> Protocol:
    """The one asked for, else the one most people hold, else the bank's own."""
    held = cohorts.protocols()
    asked = request.args.get("protocol") or next(iter(held), settings().protocol)
    try:
        return shelf.protocol(asked)
    except ShelfError:
        raise NotKnown(f"There is no protocol {asked[:60]}.") from None
