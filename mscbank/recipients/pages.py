"""The page of a recipient: the journey in one picture, and who may take part with what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template

from mscbank import clock, things
from mscbank.database import session, transaction
from mscbank.errors import WrongMoment
from mscbank.identities import service as identities
from mscbank.permissions import Permission
from mscbank.recipients import eligibility, service
from mscbank.recipients.models import Recipient
from mscbank.reports import pictures
from mscbank.reports.journey import journey
from mscbank.reports.people import who
from mscbank.settings import local
from mscbank.signatures.models import Signature
from mscbank.web import actor, needs
from mscbank.web.files import pdf
from specs.eligibility import Ask

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
    return pdf(lambda: pictures.of_journey(found), f"journey-{found.number}")


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
        protocol=service.protocol_of(found), who=who, criteria=_criteria(found),
        may_assess=actor().may(Permission.ASSESS_ELIGIBILITY),
        signature_of=lambda id_: session.get_one(Signature, id_),
        may_see_identity=actor().may(Permission.READ_IDENTITIES))


def _criteria(found: Recipient) -> list[dict[str, Any]]:
    """Each criterion of the protocol held: how it stood when last assessed (today before that), on
    what evidence, and the form to find it. Nothing once the person's key is destroyed."""
    forms = {Ask.SKIN_SCORE: "score-skin", Ask.ACR_EULAR: "classify-disease"}
    day = found.assessments[-1].assessed_on if found.assessments else local(clock.now()).date()
    try:
        standing = eligibility.standing(found, day)
    except WrongMoment:
        return []
    rows = []
    for criterion, said, finding in standing:
        form = forms.get(criterion.ask, f"record-finding?criterion={criterion.key}")
        rows.append({"met": said.met, "sentence": said.sentence, "finding": finding,
                     "address": None if criterion.ask is Ask.AGE
                     else f"/recipients/{found.code}/{form}"})
    return rows
