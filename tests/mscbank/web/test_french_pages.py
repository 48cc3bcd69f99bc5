"""Every kind of page in French, with a thing of each kind: no text of the house stays English."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from flask import Flask

from mscbank import acts, things
from mscbank.database import session
from mscbank.permissions import CHART, Permission, Role
from mscbank.reports.listing import PRIVATE
from mscbank.signatures.models import Meaning
from mscbank.web.language import phrases
from tests.mscbank.web.conftest import ON_ONE_DATABASE
from tests.stages.everything import something_of_everything

FRENCH = {"Accept-Language": "fr"}
WHO = {Role.TECHNICIAN: "tessa", Role.QUALITY: "quentin", Role.PHYSICIAN: "paula",
       Role.NURSE: "nadia", Role.COORDINATOR: "carole", Role.ADMINISTRATOR: "adam"}
VOID = {"br", "img", "input", "meta", "link", "hr", "wbr", "use", "path", "line", "polyline", "rect"}
# English on purpose: the words a signature seals stand beside their French.
SEALED = {meaning.sentence for meaning in Meaning}
# Free text and names that somebody recorded, and that happen to be words of the house too.
RECORDED = {"Method"}
# What a page shows of the trail is what was hashed: its acts, its facts.
HASHED = ("/review-trail", "/trail", "/audit")


class Texts(HTMLParser):
    """The whole text nodes that a reader sees: words of a script or a style are none."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not {"script", "style"} & set(self.inside):
            self.found.append(text)


def english_in(page: str) -> list[str]:
    """The texts of a page that the catalogue has in French, and that stand there in English:
    alone, or behind a number as in ``11 missing``."""
    known = phrases("fr").exact
    french = set(known.values())
    texts = [re.sub(r"^[\d ,.×]+(?=[a-z])", "", text) for text in Texts(page).found]
    told = {text: known.get(text) or known.get(text[:1].lower() + text[1:], text) for text in texts}
    return [text for text in texts if told[text].casefold() != text.casefold()
            and text not in french | SEALED | RECORDED]


def pages_of(app: Flask) -> list[tuple[str, str]]:
    """Each list, a thing of each kind, each form and each page of its own; and who opens it."""
    codes = {place: session.scalars(sa.select(model.code).order_by(model.id.desc())).first()
             for place, model in things.SLUGS.items()}
    found = {(name, "/") for name in WHO.values()}
    found |= {("quentin", f"/{place}/{code}") for place in codes if place not in PRIVATE
              for code in ("", codes[place]) if code is not None}
    for (place, slug), act in acts.catalogue().items():
        who = WHO[CHART[act.permission][0]]
        if act.on is None or codes[place]:
            found.add((who, f"/{place}/{slug}" if act.on is None else f"/{place}/{codes[place]}/{slug}"))
    for rule in app.url_map.iter_rules():
        door = getattr(app.view_functions[rule.endpoint], "door", None)
        place = rule.rule.split("/")[1]
        if "GET" in rule.methods and not rule.endpoint.startswith("web.") and (
                not rule.arguments or rule.arguments == {"code"} and codes.get(place)):
            found.add((WHO[CHART[door][0]] if isinstance(door, Permission) else "quentin",
                       rule.rule.replace("<code:code>", codes.get(place) or "")))
    return sorted(path for path in found if not path[1].startswith(("/api", "/static"))
                  and "." not in path[1] and not path[1].endswith(HASHED))


@ON_ONE_DATABASE
def test_no_page_in_french_keeps_an_english_text_of_the_house(bank, browse, cast) -> None:
    something_of_everything(cast)
    people = {name: browse(name) for name in WHO.values()}
    left, walked = {}, 0
    for who, path in pages_of(bank):
        answer = people[who].get(path, headers=FRENCH)
        if answer.status_code in (200, 409) and answer.mimetype == "text/html":
            assert '<html lang="fr"' in answer.text, path
            walked += 1
            if found := english_in(answer.text):
                left[path] = found
    assert left == {}
    assert walked > 180


@pytest.mark.parametrize(("page", "found"), [
    ("<h1>Reject</h1>", ["Reject"]), ("<h1>Certify</h1>", ["Certify"]), ("<td>11 missing</td>", ["missing"]),
    ("<p>Sign in <b>now</b></p>", ["Sign in"]), ("<p>Se connecter</p>", []),
    ("<script>Sign in</script>", []), ("<td>I certify this lot by hand.</td>", [])])
def test_an_english_text_of_the_house_is_found(page: str, found: list[str]) -> None:
    assert english_in(page) == found
