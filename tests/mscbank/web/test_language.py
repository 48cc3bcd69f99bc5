"""The reader's language: whose choice counts, and that nothing recorded depends on it."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from marshmallow import Schema, fields
from werkzeug.datastructures import MultiDict

from mscbank import acts
from mscbank.accounts import preferences
from mscbank.accounts.models import Preference
from mscbank.accounts.service import find_account
from mscbank.database import session, transaction
from mscbank.followup.schemas import VisitSchema
from mscbank.schemas import QuantityField
from mscbank.settings import settings
from mscbank.web.forms import read
from tests.mscbank.web.conftest import ON_ONE_DATABASE, entries, hidden
from tests.stages.recipients import consenting_recipient, enrolled_recipient

FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


def language_of(page: str) -> str:
    return re.search(r'<html lang="(\w+)"', page)[1]


@ON_ONE_DATABASE
def test_a_page_is_in_the_language_the_browser_asks_for(bank, browse) -> None:
    nobody = browse(None)
    french, english = (nobody.get("/sign-in", headers=asked).text for asked in (FRENCH, ENGLISH))
    assert (language_of(french), language_of(english)) == ("fr", "en")
    assert "<h1>Se connecter</h1>" in french and "<h1>Sign in</h1>" in english


@ON_ONE_DATABASE
def test_where_the_browser_says_none_it_is_the_banks_language(bank, browse, monkeypatch) -> None:
    assert language_of(browse(None).get("/sign-in").text) == "en"
    monkeypatch.setattr("mscbank.settings._held", settings().__class__(
        **{**settings().__dict__, "language": "fr"}))
    assert language_of(browse(None).get("/sign-in").text) == "fr"
    assert language_of(browse(None).get("/sign-in", headers={"Accept-Language": "de"}).text) == "fr"


def test_a_persons_own_choice_follows_them_to_another_browser(bank, browse) -> None:
    tessa = browse("tessa")
    before = entries()
    answer = tessa.post("/language", {"language": "fr", "back": "/lots/"}, headers=ENGLISH)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/lots/")
    assert language_of(tessa.get("/", headers=ENGLISH).text) == "fr"
    assert entries() == before, "what language a person reads in is no fact of the record"
    elsewhere = browse("tessa")
    assert language_of(elsewhere.get("/", headers=ENGLISH).text) == "fr"
    assert language_of(browse("quentin").get("/", headers=ENGLISH).text) == "en"
    tessa.post("/language", {"language": "en"})
    assert language_of(elsewhere.get("/", headers=FRENCH).text) == "en"


@ON_ONE_DATABASE
def test_the_choice_stands_before_anybody_signs_in(bank, browse) -> None:
    nobody = browse(None)
    page = nobody.get("/sign-in", headers=ENGLISH).text
    assert 'value="fr" lang="fr"' in page and hidden(page.split('"/language"')[1], "back") == "/sign-in"
    nobody.client.post("/language", data={"language": "fr", "back": "//elsewhere.example"})
    assert language_of(nobody.get("/sign-in", headers=ENGLISH).text) == "fr"


@ON_ONE_DATABASE
def test_a_choice_leads_to_no_other_site(bank, browse) -> None:
    sent = browse(None).client.post("/language", data={"language": "fr",
                                                       "back": "//elsewhere.example"})
    assert sent.headers["Location"] == "/"


def test_a_language_the_bank_does_not_speak_is_refused_here_and_in_the_database(
        bank, browse, cast) -> None:
    answer = browse("tessa").post("/language", {"language": "tlh"})
    assert answer.status_code == 422 and "Choose one of the languages offered." in answer.text
    tessa = find_account("tessa").id
    with pytest.raises(sa.exc.IntegrityError), transaction():
        session.add(Preference(account_id=tessa, language="de"))
    preferences.choose_language(tessa, "fr")
    assert preferences.language_of(tessa) == "fr"


@ON_ONE_DATABASE
def test_a_refusal_is_told_in_the_readers_language_and_kept_in_one(bank, browse, cast) -> None:
    recipient = enrolled_recipient(cast).code
    page = browse("paula").get(f"/recipients/{recipient}/assess", headers=FRENCH).text
    assert "Évaluer" in page and "n’a pas de consentement" in page
    assert "does not consent" not in page


@ON_ONE_DATABASE
def test_machines_are_answered_in_english_unless_they_ask(bank, browse) -> None:
    tessa = browse("tessa")
    tessa.post("/language", {"language": "fr"})
    plain = tessa.get("/api/v1/things-of-no-kind").get_json()["error"]
    asked = tessa.get("/api/v1/things-of-no-kind", headers=FRENCH).get_json()["error"]
    assert plain["sentence"].startswith("There is no page things-of-no-kind")
    assert asked["sentence"].startswith("Il n’y a pas ici de page")
    assert plain["reasons"] == asked["reasons"] and plain["status"] == asked["status"]


@ON_ONE_DATABASE
def test_what_is_signed_does_not_depend_on_who_reads(bank, browse, cast) -> None:
    """The same record, the same digest; the French reader sees the sealed words beside."""
    recipient = consenting_recipient(cast).code
    typed = {"assessed_on": "2026-03-01", "mrss": "25", "acr_eular_score": "12",
             "severe_organ_involvement": "yes", "inadequate_response": "yes",
             "severe_comorbidity": "no", "step": "review"}
    paula = browse("paula")
    pages = [paula.post(f"/recipients/{recipient}/assess", typed, headers=asked).text
             for asked in (ENGLISH, FRENCH)]
    digests = [hidden(page, "seen") for page in pages]
    assert digests[0] == digests[1]
    assert "J’ai évalué ce receveur selon les critères du protocole." in pages[1]
    assert "I have assessed this recipient against the protocol" in pages[1]


@ON_ONE_DATABASE
def test_decimals_are_read_with_comma_and_with_point(bank, browse, cast) -> None:
    recipient = consenting_recipient(cast).code
    nadia = browse("nadia")
    for number, typed in enumerate(("70,5", "70.5")):
        answer = nadia.post(f"/recipients/{recipient}/weigh", {
            "kg": typed, "measured_at": f"2026-03-02T08:0{number}", "step": "do"}, headers=FRENCH)
        assert answer.status_code == 303, answer.text
    page = nadia.get(f"/recipients/{recipient}", headers=FRENCH).text
    shown = page.split("id=\"history\"")[0]  # the trail shows what it hashed
    assert shown.count("70,5") >= 2 and "70.5" not in shown
    assert re.search(r"\d\d MARS 2026 \d\d:\d\d CET", page)


def quantities() -> list[tuple[str, type[Schema], str]]:
    """Every box of every act that takes a number with a fraction."""
    found = []
    for act in acts.catalogue().values():
        schema = act.schema
        found += [(f"{act.place} {act.name}", schema, name)
                  for name, asked in schema().fields.items() if isinstance(asked, fields.Decimal)]
    return found


def test_a_comma_is_a_decimal_mark_in_every_box_that_takes_a_fraction() -> None:
    taken = {(about, name): read(schema(), MultiDict({name: "1,5"}), ZoneInfo("Europe/Paris"))[0].get(name)
             for about, schema, name in quantities()}
    assert len(taken) > 15 and set(taken.values()) == {"1.5"}


@pytest.mark.parametrize(("typed", "taken"), [
    ("0,625", "0.625"), ("1,125", "1.125"), ("2,875", "2.875"), ("1.125", "1.125")])
def test_three_figures_after_a_comma_are_no_thousands_on_a_short_scale(typed: str, taken: str) -> None:
    assert read(VisitSchema(), MultiDict({"haq_di": typed}), ZoneInfo("Europe/Paris"))[0]["haq_di"] == taken


def test_what_could_be_thousands_is_asked_about() -> None:
    values, wrong = read(QuantitySchema(), MultiDict({"amount": "1,250"}), ZoneInfo("Europe/Paris"))
    assert not values and "two ways" in wrong["amount"]


class QuantitySchema(Schema):
    """A box without a greatest number."""

    amount = QuantityField(3, required=True)
