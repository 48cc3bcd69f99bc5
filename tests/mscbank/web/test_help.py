"""Help: first steps that can be put away for ever, a card of commands that are scanned."""

from __future__ import annotations

import re

import numpy as np
import pytest
import sqlalchemy as sa
import zxingcpp

from labels import housecode, qr
from mscbank.database import session
from mscbank.permissions import CHART
from mscbank.scanning import commands
from mscbank.scanning.models import Scan
from mscbank.web.guides import GUIDES
from tests.cast import WHO
from tests.mscbank.web.conftest import ON_ONE_DATABASE, entries
from tests.stages.custody import bag_at_bedside

PEOPLE = {name: role for role, name in WHO.items()}


def test_the_first_steps_are_put_away_for_ever_and_for_oneself_only(browse) -> None:
    tessa = browse("tessa")
    assert "First steps" in tessa.get("/").text
    for _ in range(2):
        assert tessa.post("/help/read").status_code == 303
    assert "First steps" not in tessa.get("/").text
    assert "First steps" not in browse("tessa").get("/").text
    assert "First steps" in browse("theo").get("/").text
    assert "Scan anything" in tessa.get("/help").text  # they stay to be read


@ON_ONE_DATABASE
@pytest.mark.parametrize("name", PEOPLE)
def test_every_step_and_every_command_of_a_card_leads_to_a_page_of_ones_own(name, browse) -> None:
    browser = browse(name)
    page = browser.get("/help").text
    for step in GUIDES[PEOPLE[name]]:
        assert step.title in page and browser.get(step.path).status_code == 200, step.path
    card = browser.get("/help/card").text
    for command in commands.COMMANDS:
        mine = command.permission is None or PEOPLE[name] in CHART[command.permission]
        assert (f"Symbol to scan: {command.word}\"" in card) == mine
        if mine:
            assert browser.get(command.path).status_code in (200, 302), command.path


@ON_ONE_DATABASE
def test_a_scanned_command_opens_its_page_and_does_nothing(browse) -> None:
    nadia = browse("nadia")
    before = entries()
    for command in commands.of(type("Anybody", (), {"may": lambda self, _: True})()):
        assert housecode.parse(command.code).type is housecode.Kind.COMMAND
        answer = nadia.post("/scan", {"text": command.code.lower()})
        assert (answer.status_code, answer.headers["Location"]) == (303, command.path)
    assert entries() == before
    session.rollback()
    assert set(session.scalars(sa.select(Scan.answer))) == {"command"}
    spoilt = commands.COMMANDS[0].code[:-1] + "B"
    assert nadia.post("/scan", {"text": spoilt}).status_code == 200


def test_the_symbol_on_the_card_is_read_as_its_command() -> None:
    codes = {command.code for command in commands.COMMANDS}
    assert len(codes) == len(commands.COMMANDS)
    for command in commands.COMMANDS:
        symbol = np.pad(qr.matrix(command.code), 4)
        picture = np.kron(np.where(symbol, 0, 255).astype(np.uint8), np.ones((4, 4), np.uint8))
        assert [found.text for found in zxingcpp.read_barcodes(picture)] == [command.code]


@ON_ONE_DATABASE
def test_next_opens_the_most_pressing_thing(browse, cast) -> None:
    assert browse("adam").get("/next").headers["Location"] == "/"
    bag = bag_at_bedside(cast)
    assert re.search(rf"/bags/{bag.code}$", browse("nadia").get("/next").headers["Location"])
