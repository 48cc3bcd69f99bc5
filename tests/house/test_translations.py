"""French: the catalogue is whole and fits, and a sentence finds its own."""

from __future__ import annotations

import io
import re

import pytest
from babel.messages import mofile
from babel.support import Translations

from mscbank.translations import english, update
from mscbank.translations.glossary import against
from mscbank.translations.phrases import AGREES, HOLE, Pattern, Phrases, holes
from mscbank.web.language import phrases

FRENCH = update.catalogue()
FILLERS = ("R-001", "L26-014", "12", "quentin", "tessa", "DV26-003", "B-7", "31", "x9")


def pairs() -> list[tuple[str, str]]:
    """Every English text beside its French, plural forms apart."""
    found = []
    for message in FRENCH:
        if isinstance(message.id, (tuple, list)):
            found += [(message.id[min(at, 1)], told) for at, told in enumerate(message.string)]
        elif message.id:
            found.append((message.id, message.string))
    return found


def test_every_text_that_people_read_has_its_french() -> None:
    lacking = update.missing(update.update())
    assert lacking == [], "write their French into messages.po, then: make translations"


def test_one_thing_has_one_word_in_french() -> None:
    """The glossary at the head of the catalogue, kept by every text of it."""
    straying = [(one, told, terms) for one, told in pairs() if told and (terms := against(one, told))]
    assert straying == []


@pytest.mark.parametrize(("english_", "french", "terms"), [
    ("The lot was released.", "Le lot a été publié.", ["release(s|d)?"]),
    ("The lot was released.", "Le lot a été libéré.", []),
    ("Open a deviation.", "Ouvrez une non-conformité.", ["deviations?"]),
    ("The infusion runs.", "L’infusion est en cours.", ["infus(ion|ions|ed|ing)"]),
    ("Bag {bag} was infused.", "Le sachet {bag} a été perfusé.", ["bags?"])])
def test_another_word_for_the_same_thing_is_noticed(
        english_: str, french: str, terms: list[str]) -> None:
    assert against(english_, french) == terms


def test_a_text_without_french_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    new = {"A bag that nobody translated.": "here"}
    monkeypatch.setattr(update, "messages", lambda: new)
    assert update.missing(update.update()) == list(new)


def test_the_compiled_catalogue_is_that_of_the_texts() -> None:
    compiled = io.BytesIO()
    mofile.write_mo(compiled, FRENCH)
    assert update.MO.read_bytes() == compiled.getvalue(), "make translations"


def test_what_is_filled_in_is_filled_in_in_french_too() -> None:
    differing = [(one, told) for one, told in pairs() if told and holes(one) != holes(told)]
    assert differing == []


def test_a_hole_that_was_lost_is_noticed() -> None:
    assert holes("{number} of %(lot)s") == {"number", "lot"} != holes("{nombre} de %(lot)s")


def test_a_word_agrees_with_the_number_of_a_hole_that_is_there() -> None:
    loose = [(one, told) for one, told in pairs()
             if {word[1] for word in AGREES.finditer(told)} - holes(one)]
    assert loose == []


@pytest.mark.parametrize(("english_", "french"), [
    ("11 bags", "11 poches"), ("1 bag", "1 poche"), ("0 bags", "0 poche"), ("1.5 bags", "1.5 poche"),
    ("2 bags", "2 poches"), ("12 bags", "12 poches"), ("1 x 10^6 bags", "1 × 10⁶ poches")])
def test_words_agree_with_their_number(english_: str, french: str) -> None:
    known = Phrases({"{n} bags": "{n} {n|poche|poches}", "{n} bag": "{n} {n|poche|poches}"}, "fr")
    assert known.say(english_) == french.replace(".", ",")


@pytest.mark.parametrize(("counted", "french"), [
    ("11 missing", "11 manquants"), ("1 missing", "1 manquant"), ("14 met", "14 satisfaits"),
    ("2 not met", "2 non satisfaits"), ("1 informative", "1 informatif"),
    ("3 infused in R-024", "3 perfusées chez R-024"), ("1 infused in R-024", "1 perfusée chez R-024"),
    ("1 day 3 h", "1 jour 3 h"), ("27 days 9 h", "27 jours 9 h")])
def test_a_tally_agrees(counted: str, french: str) -> None:
    assert phrases("fr").say(counted).replace("\u00a0", " ") == french


def test_a_hole_at_the_end_does_not_take_the_next_sentence_in() -> None:
    told = phrases("fr").say("48 kg is 31 % below the last value, 70 kg. Check it; if it is right, "
                             "write why.")
    assert told.replace("\u00a0", " ") == ("48 kg, c’est 31 % de moins que la dernière valeur, 70 kg. "
                                           "Vérifiez ; si c’est juste, écrivez pourquoi.")


def test_what_somebody_typed_is_never_translated() -> None:
    known = Phrases({"major: {typed}": "majeure\u00a0: {typed}", "Bag {number}": "Poche {number}",
                     "The bag is {what}.": "La poche est {what}."}, "fr")
    assert known.say("major: Bag looked odd") == "majeure\u00a0: Bag looked odd"
    assert known.say("major: Bag 7. Bag 8") == "majeure\u00a0: Bag 7. Bag 8"
    assert known.say("The bag is Bag 7.") == "La poche est Poche 7."


def test_french_is_set_as_french_is() -> None:
    """No straight apostrophe between letters, no breakable blank before a double mark."""
    wrong = [told for _, told in pairs() if re.search(r"\w'\w| [;!?»]|« | :(?=\s|$)", told)]
    assert wrong == []


def test_every_template_finds_its_own_french() -> None:
    """A sentence filled in is led back to its template and to no other one."""
    known = phrases("fr")
    lost = []
    for one, told in pairs():
        names = HOLE.findall(one)
        if not told or not names or len(re.findall("[A-Za-z]", english.bare(one))) < 2:
            continue
        filled = dict(zip(dict.fromkeys(names), FILLERS, strict=False)) | {"n": "12"}
        wanted = Pattern(one, told).fill(filled)
        given = HOLE.sub(lambda hole: filled.get(hole[1], hole[1]), one)
        if known.say(given) != wanted:
            lost.append((given, known.say(given), wanted))
    assert lost == []


def test_two_templates_that_fit_alike_are_noticed() -> None:
    """The control: a template that another one swallows does not find its own French."""
    known = Phrases({"Bag {number} is {place}.": "A {number} {place}",
                     "Bag {a} is {b}.": "B {a} {b}"}, "fr")
    assert known.say("Bag 1 is stored.") == "A 1 stored"


def test_a_sentence_is_said_with_what_stands_in_it() -> None:
    said = phrases("fr").say
    assert said("The lot is certified: destroy its bags.") == (
        "Le lot est certifié\u00a0: détruisez ses poches.")
    assert said("tessa may not decide on a lot: ask quality assurance.") == (
        "Non autorisé pour tessa\u00a0: décider d’un lot. S’adresser à\u00a0: assurance qualité.")
    assert said("This bag expired at 22 NOV 2026 16:40 CET. Return it to the laboratory.") == (
        "Cette poche est périmée depuis le 22 NOV. 2026 16:40 CET. Retournez-la au laboratoire.")
    assert said("It is on hold: Look at the freezer first.") == (
        "Elle est bloquée\u00a0: Look at the freezer first.")
    assert said("Mycoplasma not detected meets absent (not detected or negative)") == (
        "Mycoplasmes non détecté satisfait\u00a0: absent (non détecté ou négatif)")
    assert said("Viability 91.5 % is at least 70 %") == (
        "Viabilité 91,5 % est au moins 70 %")


def test_what_the_catalogue_does_not_know_is_shown_as_it_is() -> None:
    for typed in ("Bag looked odd, so I called Dr Moreau.", "Bag seen by me; it was warm.",
                  "Lot went to the ward with me", "Add wiping to the list."):
        assert phrases("fr").say(typed) == typed


def test_the_catalogue_is_loaded_from_its_compiled_file() -> None:
    with update.MO.open("rb") as file:
        assert len(Translations(file)._catalog) > 2000


def test_the_source_is_read_as_templates() -> None:
    found = [text for text, _ in english.of_source(
        'def rule(bag):\n'
        '    """A docstring is no sentence of the house."""\n'
        '    if bag:\n'
        '        raise Unfit(f"{bag.title} has expired: "\n'
        '                    f"{bag.why}.", field="bag")\n'
        '    return "a phrase here" if bag else None\n')]
    assert sorted(found) == ["a phrase here", "{title} has expired: {why}."]
