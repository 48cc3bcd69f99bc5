"""Every kind of page in French, with a thing of each kind: no text of the house stays English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from flask import Flask

from labels.housecode import ALPHABET
from mscbank import acts, things
from mscbank.database import Model, session
from mscbank.permissions import CHART, Permission
from mscbank.reports.listing import PRIVATE
from mscbank.settings import settings
from mscbank.signatures.models import Meaning
from mscbank.translations import english, update
from mscbank.web.language import phrases
from tests.cast import WHO
from tests.mscbank.web.conftest import ON_ONE_DATABASE
from tests.stages.everything import something_of_everything

FRENCH = {"Accept-Language": "fr"}
WORD = re.compile(r"[^\W\d_]{2,}")
# Words of the page's own language, beside which a reader finds nothing: numbers of protocols and
# stock, names of products, what a file's columns are called.
OWN_WORDS = {"follow", "msc"}
ALWAYS = {"the", "of", "and", "is", "not", "with", "until", "since", "by", "which", "bag", "from"}
# A code by groups of four is no prose either, though a group of it be a word by chance.
NO_PROSE = re.compile(rf"[A-Z]{{16,}}|\b[{ALPHABET}]{{4}}(?: [{ALPHABET}]{{4}}){{4,5}}\b"
                      r"|\b[\w/.-]*[\d_][\w/.-]*\b|\S+@\S+")
SPOKEN = {"title", "aria-label", "aria-description", "placeholder", "alt", "label", "data-said",
          "data-words", "data-empty"}
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
        self.spoken: list[str] = []  # by attributes, to a screen reader or in an empty box
        self.inside: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(dict(attrs))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._attributes(known)
        if tag not in VOID:
            self.inside.append((tag, tag in ("script", "style") or known.get("lang") == "en"
                                or known.get("translate") == "no"))

    def _attributes(self, known: dict[str, str | None]) -> None:
        if known.get("lang") != "en" and not any(quiet for _, quiet in self.inside):
            self.spoken += [text for name in SPOKEN if (text := known.get(name))]

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not any(quiet for _, quiet in self.inside):
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


def vocabulary() -> set[str]:
    """English words that no French text of the catalogue has."""
    english_, french = set(), set()
    for message in update.catalogue():
        ids = message.id if isinstance(message.id, (tuple, list)) else [message.id]
        told = message.string if isinstance(message.string, (tuple, list)) else [message.string]
        english_ |= {word.lower() for text in ids for word in WORD.findall(english.bare(text))}
        french |= {word.lower() for text in told for word in WORD.findall(english.bare(text))}
    return (english_ - french | ALWAYS) - OWN_WORDS


def typed_here() -> list[str]:
    """What somebody typed, and what a step recorded in words: longest first."""
    found: set[str] = {settings().site_name}
    for table in Model.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum):
                found |= {" ".join(text.split()) for text in session.scalars(
                    sa.select(column).where(column.like("% %")).distinct()) if len(text) < 2000}
    return sorted(found, key=lambda text: -len(text))


def words_left(page: str, known: set[str], typed: Sequence[str]) -> list[str]:
    """The texts, attributes too, in which an English word stands that nobody typed."""
    texts = Texts(page)
    left = []
    for text in dict.fromkeys(texts.found + texts.spoken):
        bare = text if len(text) < 2000 else ""
        for part in typed:
            if part in bare:
                bare = bare.replace(part, " ")
        if text not in SEALED | RECORDED and any(word.lower() in known
                                      for word in WORD.findall(NO_PROSE.sub(" ", bare))):
            left.append(text)
    return left


# How a machine writes: one of many, a day by numbers, a decimal point. A version keeps its point.
STORED = re.compile(r"(?<![\d,.\u202f\u00a0])1[ \u00a0](?:jours|heures|minutes|mois|poches|lots|"
                    r"lignes|entrées|personnes|pages|résultats|copies|places|cohortes|événements|visites)\b"
                    r"|\b(?:19|20)\d\d-\d\d-\d\d\b|(?<![\w./])\d+\.\d+(?![\w./])")
EXAMPLES = re.compile(r"CTCAE [\d.]+|^5\.0$|CFR [\d.]+|8\.2|2026-11-22|2027-01-31")


def as_stored(page: str, typed: Sequence[str]) -> list[str]:
    """The texts of a page that tell numbers and days as they are stored; what was typed may."""
    found = []
    for text in Texts(page).found:
        bare = EXAMPLES.sub("", text)
        for part in typed:
            bare = bare.replace(part, " ")
        if STORED.search(bare):
            found.append(text)
    return found


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
    known, typed = vocabulary(), typed_here()
    left, walked, refused = {}, 0, 0
    for who, path in pages_of(bank):
        answers = [people[who].get(path, headers=FRENCH)]
        if "<form method=\"post\" action=\"" + path in answers[0].text:  # an act, sent as it is
            answers.append(people[who].post(path, {"step": "do"}, headers=FRENCH))
            refused += answers[-1].status_code >= 400
        for answer in answers:
            if answer.status_code in (200, 409, 422) and answer.mimetype == "text/html":
                assert '<html lang="fr"' in answer.text, path
                walked += 1
                if found := (english_in(answer.text) + words_left(answer.text, known, typed)
                             + as_stored(answer.text, typed)):
                    left[path] = sorted({*found, *left.get(path, ())})
    assert left == {}
    assert walked > 180 and refused > 35


@pytest.mark.parametrize(("page", "found"), [
    ("<h1>Reject</h1>", ["Reject"]), ("<h1>Certify</h1>", ["Certify"]), ("<td>11 missing</td>", ["missing"]),
    ("<p>Sign in <b>now</b></p>", ["Sign in"]), ("<p>Se connecter</p>", []),
    ("<script>Sign in</script>", []), ("<td>I certify this lot by hand.</td>", [])])
def test_an_english_text_of_the_house_is_found(page: str, found: list[str]) -> None:
    assert english_in(page) == found


@pytest.mark.parametrize(("text", "found"), [
    ("il y a 1 jours", True), ("il y a 11 jours", False), ("il y a 1 jour", False), ("1,1 jours", False),
    ("le 2026-03-02", True), ("le 02 MARS 2026", False), ("36.8", True), ("36,8", False),
    ("CTCAE 5.0", False), ("à 1.2.3", False), ("« 36.8 noté »", False)])
def test_a_number_as_it_is_stored_is_found(text: str, found: bool) -> None:
    assert bool(as_stored(f"<p>{text}</p>", ["36.8 noté"])) is found


@pytest.mark.parametrize(("page", "found"), [
    ("<p>Poche not found</p>", ["Poche not found"]), ("<p>Poche introuvable</p>", []),
    ('<p title="the bag">Poche</p>', ["the bag"]), ('<img alt="which bag">', ["which bag"]),
    ("<svg><title>Where it was</title></svg>", ["Where it was"]),
    ('<option label="not yet">Non</option>', ["not yet"]), ('<p lang="en">nobody signed</p>', []),
    ("<code>bag-100x100</code>", []), ("<p>Poche BXHE HELD NEXT FREE BELL TREE</p>", []),
    ("<p>Poche HELD</p>", ["Poche HELD"]), ("<p>Call the ward, then the lab</p>", [])])
def test_an_english_word_is_found_wherever_it_is_said(page: str, found: list[str]) -> None:
    assert words_left(page, vocabulary(), ["Call the ward, then the lab"]) == found
