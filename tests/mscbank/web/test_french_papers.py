"""Papers in the reader's language: what is read in a hurry; papers of the sealed record stay."""

from __future__ import annotations

import pypdfium2
import pytest
import sqlalchemy as sa

from labels import housecode
from mscbank.bags.models import Bag, Lot
from mscbank.cultures.models import Culture
from mscbank.database import session
from mscbank.infusions.models import Infusion
from tests.mscbank.web.conftest import ON_ONE_DATABASE
from tests.mscbank.web.test_french_pages import FRENCH, NO_PROSE, WORD, typed_here, vocabulary
from tests.stages.everything import something_of_everything

ENGLISH = {"Accept-Language": "en"}


def text_of(paper: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(paper))


def english_left(paper: bytes, known: set[str], typed: list[str]) -> list[str]:
    """Its lines in which an English word stands that nobody typed; what a signature seals stands
    in English beneath its French, in quotation marks of its own."""
    said = " ".join(text_of(paper).split())
    for part in typed:
        said = said.replace(part, " ")
    return sorted({word for word in WORD.findall(NO_PROSE.sub(" ", said))
                   if word.lower() in known and word not in ("DIN", "MSC", "million", "millions")})


@pytest.fixture
def papers(bank, cast) -> dict[str, str]:
    """Each paper that is read in a hurry, by its address."""
    something_of_everything(cast)
    infusion = session.scalars(sa.select(Infusion).order_by(Infusion.id)).first()
    assert infusion is not None
    recipient = infusion.recipient
    return {
        "order": f"/orders/{infusion.order.code}/order.pdf",
        "bedside form": f"/orders/{infusion.order.code}/paper.pdf",
        "custody": f"/bags/{infusion.bag.code}/custody.pdf",
        "journey": f"/recipients/{recipient.code}/journey.pdf",
        "follow-up": f"/follow-up/{recipient.code}.pdf",
        "vessels": f"/cultures/{session.scalars(sa.select(Culture.code)).first()}/vessels.pdf",
        "map": "/freezer.pdf", "cohorts": "/cohorts.pdf", "ladder": "/trial.pdf"}


@ON_ONE_DATABASE
def test_what_is_read_in_a_hurry_is_drawn_in_the_readers_language(papers, browse) -> None:
    paula, known, typed = browse("paula"), vocabulary(), typed_here()
    typed += ["I order this infusion.", "Dry shipper 1", "Ward"]  # cut off in a box
    left = {}
    for name, address in papers.items():
        drawn = paula.get(address, headers=FRENCH)
        assert drawn.status_code == 200, name
        assert "U+" not in text_of(drawn.data), name
        if found := english_left(drawn.data, known, typed):
            left[name] = found
        assert english_left(paula.get(address, headers=ENGLISH).data, known, typed), name
    assert left == {}


@ON_ONE_DATABASE
def test_the_codes_of_a_bedside_form_are_the_same_in_both_languages(papers, browse) -> None:
    nadia = browse("nadia")
    said = [text_of(nadia.get(papers["bedside form"], headers=asked).data)
            for asked in (FRENCH, ENGLISH)]
    codes = [sorted(word for word in text.split()
                    if len(word) == 4 and set(word) <= set(housecode.ALPHABET)) for text in said]
    assert codes[0] == codes[1] and len(codes[0]) >= 20
    assert "Bracelet" in said[0] and "Wristband" in said[1]


@ON_ONE_DATABASE
@pytest.mark.parametrize("paper", ["certificate", "batch-record"])
def test_a_paper_of_the_record_is_the_same_whoever_reads(papers, browse, paper) -> None:
    lot = session.scalars(sa.select(Lot.code).join(Bag).join(Infusion)).first()
    quentin = browse("quentin")
    drawn = [quentin.get(f"/lots/{lot}/{paper}.pdf", headers=asked).data for asked in (FRENCH, ENGLISH)]
    assert drawn[0].startswith(b"%PDF") and text_of(drawn[0]).splitlines()[:4] == (
        text_of(drawn[1]).splitlines()[:4])
    assert "Page 1 of" in text_of(drawn[0])


@ON_ONE_DATABASE
def test_a_signature_on_a_french_paper_shows_the_words_that_were_sealed(papers, browse) -> None:
    said = text_of(browse("paula").get(papers["order"], headers=FRENCH).data).replace("\xa0", " ")
    assert "« Je prescris cette perfusion. »" in said and "“I order this infusion.”" in said


