"""The head of each page: grouped by the work, only one's own work, and the place one is at."""

from __future__ import annotations

import re

import pytest

from mscbank import clock
from mscbank.accounts.service import raise_alert
from mscbank.audit.service import record
from mscbank.database import transaction
from mscbank.permissions import CHART, SYSTEM, Role
from mscbank.web.navigation import GROUPS, ways_of
from tests.cast import PEOPLE, WHO
from tests.mscbank.web.conftest import ON_ONE_DATABASE


def test_no_role_is_shown_more_words_than_fit_on_one_line(cast) -> None:
    for username in PEOPLE:
        groups = ways_of(getattr(cast, username), "/")
        words = [group.title if len(group.ways) > 1 else group.ways[0].label for group in groups]
        assert len(words) <= 9, username
        assert len(set(words)) == len(words)


def test_a_person_is_shown_what_the_chart_allows_and_nothing_else(cast) -> None:
    for username in PEOPLE:
        person = getattr(cast, username)
        shown = {way.path for group in ways_of(person, "/") for way in group.ways}
        allowed = {way.path for group in GROUPS for way in group.ways
                   if way.permission is None or set(CHART[way.permission]) & person.roles}
        if Role.AUDITOR in person.roles:  # who reads everything is shown every list
            allowed |= {way.path for group in GROUPS for way in group.ways
                        if way.path.endswith("/")}
        assert shown == allowed, username


@ON_ONE_DATABASE
@pytest.mark.parametrize("username", WHO.values())
def test_each_way_leads_to_a_page(username: str, browse, cast) -> None:
    browser = browse(username)
    for group in ways_of(getattr(cast, username), "/"):
        for way in group.ways:
            page = browser.get(way.path)
            assert page.status_code == 200, way.path
            assert f'href="{way.path}" aria-current="page"' in page.text


def test_the_group_of_the_page_is_marked(cast) -> None:
    here = [group.title for group in ways_of(cast.tessa, "/cultures/CXBBBBBBBBBBBBBBBBBB/feed")
            if group.here]
    assert here == ["Laboratory"]
    assert [group.ways[0].label for group in ways_of(cast.tessa, "/") if group.here] == ["Worklist"]
    assert not any(group.here for group in ways_of(cast.tessa, "/nowhere"))


@ON_ONE_DATABASE
def test_the_bell_counts_what_waits_for_ones_role(browse, cast, bank) -> None:
    quentin, tessa = browse("quentin"), browse("tessa")
    assert 'class="bell"' in quentin.get("/").text
    with transaction():
        alert = raise_alert(Role.QUALITY, None, "The freezer is warm.", at=clock.now())
        record("freezer warm", alert, by=SYSTEM, at=clock.now())
    counted = re.search(r'class="bell rings".*?class="count">(\d+)<', quentin.get("/").text, re.S)
    assert counted and counted[1] == "1"
    assert 'class="bell"' in tessa.get("/").text
