"""The page of a recipient: the journey in one picture, and who may take part with what."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from mscbank import clock, things
from mscbank.database import session, transaction
from mscbank.identities import service as identities
from mscbank.permissions import Permission
from mscbank.recipients import service
from mscbank.recipients.models import Recipient
from mscbank.reports import pictures
from mscbank.reports.journey import journey
from mscbank.reports.people import who
from mscbank.signatures.models import Signature
from mscbank.web import actor, needs
from mscbank.web.files import pdf

pages = Blueprint("recipients", __name__)


@pages.get("/recipients/<code:code>")
@needs(Permission.READ_RECORDS)
def recipient(code: str) -> str:
    """Who it is, by study number; the name is not part of this page."""
    return _page(things.get(Recipient, code))


@pages.get("/recipients/<code:code>/journey.pdf")
@needs(Permission.READ_RECORDS)
def journey_pdf(code: str) -> Response:
    """The journey on paper."""
    found = things.get(Recipient, code)
    return pdf(pictures.of_journey(found), f"journey-{found.number}")


@pages.post("/recipients/<code:code>/identity")
@needs(Permission.READ_IDENTITIES)
def identity(code: str) -> str:
    """The same page with name, birth date and hospital number; the trail keeps who looked."""
    found = things.get(Recipient, code)
    with transaction():
        values = identities.open_values(found.code, by=actor(), at=clock.now())
    return _page(things.get(Recipient, code), values)


def _page(found: Recipient, identity: dict[str, str] | None = None) -> str:
    return render_template(
        "recipients/recipient.html", thing=found, identity=identity, picture=journey(found),
        protocol=service.protocol_of(found), who=who,
        signature_of=lambda id_: session.get_one(Signature, id_),
        may_see_identity=actor().may(Permission.READ_IDENTITIES))
