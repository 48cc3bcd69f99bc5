"""Every act can be reached by the pages: from the page of its thing, or from where things begin."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from mscbank import acts, things
from mscbank.acts import Act
from mscbank.database import session
from mscbank.permissions import CHART
from mscbank.reports import lastly
from tests.cast import WHO, Cast
from tests.mscbank.web.conftest import ON_ONE_DATABASE
from tests.stages.cultures import count, seeded_culture
from tests.stages.everything import something_of_everything

# Forms of a page of their own, with what only that page can give them.
OWN_FORMS = {("infusions", "observe"), ("infusions", "finish"), ("infusions", "stop"),
             ("infusions", "report-reaction"), ("bags", "start"), ("shapes", "save-shape")}


@pytest.fixture
def years_of_work(cast: Cast, bank) -> None:
    something_of_everything(cast)


def offered(act: Act, browse, pages: dict[tuple[str, str], str]) -> bool:
    """Whether a person who may sees the act, as a button or grey with its reason."""
    def read(name: str, path: str) -> str:
        if (name, path) not in pages:
            pages[name, path] = browse(name).get(path).text
        return pages[name, path]

    for role in CHART[act.permission]:
        name = WHO[role]
        if act.on is None:
            path = {"trail": "/trail"}.get(act.place, f"/{act.place}/")
            if f'href="/{act.place}/{act.slug}' in read(name, path):
                return True
            continue
        for code in session.scalars(sa.select(act.on.code).order_by(act.on.id.desc()).limit(3)):
            page = read(name, f"/{act.place}/{code}")
            if re.search(rf'/{act.place}/{code}/{act.slug}["?]', page) or (
                    f'aria-disabled="true">{act.name[:1].upper()}{act.name[1:]}<' in page):
                return True
    return False


@ON_ONE_DATABASE
def test_each_act_is_offered_where_its_thing_is_shown(years_of_work, browse) -> None:
    pages: dict[tuple[str, str], str] = {}
    missed = [key for key, act in acts.catalogue().items()
              if key not in OWN_FORMS and not offered(act, browse, pages)]
    assert not missed, missed
    assert not offered(Act("fly", acts.catalogue()["bags", "store"].permission, print,
                           on=things.SLUGS["bags"]), browse, pages)


@ON_ONE_DATABASE
def test_what_a_thing_is_the_matter_of_is_begun_from_its_page(years_of_work, browse, cast) -> None:
    culture = seeded_culture(cast)
    page = browse("tessa").get(f"/cultures/{culture.code}").text
    for address in (f"/samples/take-sample?taken_from={culture.code}",
                    f"/attachments/attach?about={culture.code}",
                    f"/deviations/open-deviation?about={culture.code}"):
        assert f'href="{address}"' in page
    assert "take-sample" not in browse("quentin").get(f"/cultures/{culture.code}").text


@ON_ONE_DATABASE
def test_what_is_measured_is_said_and_not_filled_in(browse, cast) -> None:
    culture = seeded_culture(cast)
    count(cast, culture, 412_000_000, 398_000_000)
    page = browse("tessa").get(f"/cultures/{culture.code}/count").text
    assert "Last time:" in page and "4.12 × 10" in page
    assert 'value="412000000"' not in page
    measured = {box for boxes in lastly.SHOWN.values() for box in boxes}
    filled = {box for chart in (lastly.SAME_THING, lastly.SAME_PERSON)
              for boxes in chart.values() for box in boxes}
    assert not measured & filled


@ON_ONE_DATABASE
def test_what_stays_the_same_is_filled_in_and_said(browse, cast) -> None:
    culture = seeded_culture(cast)
    page = browse("tessa").get(f"/harvests/{culture.harvest.code}/seed").text
    assert "As last time" in page and f'value="{culture.vessels}"' in page
    assert "As last time" not in browse("theo").get(f"/harvests/{culture.harvest.code}/seed").text
