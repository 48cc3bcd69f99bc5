"""The pages and papers of follow-up: who sees them, and what stands there."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pypdfium2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.followup import schedule, service
from mscbank.followup.models import Cause, Ended, Seriousness, Side, Visit
from mscbank.followup.rules import Value
from mscbank.recipients.models import Recipient
from mscbank.reports import cioms, course
from mscbank.reports.person_paper import follow_up_paper
from mscbank.settings import local
from specs import shelf
from specs.conduct import visit_windows
from specs.scores import SKIN_SITES
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.web.conftest import Browser, browse, cast, entries, hidden
from tests.stages.followup import (
    event,
    infused_recipient,
    news,
    opinion,
    serious_event,
    visit,
)

__all__ = ["Browser", "browse", "cast", "hidden"]
LATER = START + timedelta(days=120)
MEASURES = {"mrss": 22, "fvc_percent": Decimal("80.5"), "haq_di": Decimal("1.125"),
            "laboratory": [Value("CRP", Decimal(9), "mg/L", None, Decimal(5))]}


@pytest.fixture
def person(cast: Cast) -> Recipient:
    found = infused_recipient(cast)
    with clock.pinned(LATER):
        visit(cast, found, "D0", date(2026, 3, 2), mrss=26, fvc_percent=Decimal(78))
        visit(cast, found, "M3", date(2026, 6, 3), **MEASURES)
    return found


SITES = [f"mrss_sites-{site}" for site in SKIN_SITES]


def recorded(carole: Browser, person: Recipient, **typed: str):
    """The form of the visit at six months, sent as a browser sends it."""
    address = f"/recipients/{person.code}/record-visit"
    key = hidden(carole.get(address).text, "key")
    return carole.post(address, {"key": key, "name": "M6", "took_place_on": "2026-06-30",
                                 "step": "do"} | typed)


def test_a_form_asks_each_site_of_the_skin_and_the_server_adds_up(browse, person) -> None:
    with clock.pinned(LATER):
        carole = browse("carole")
        page = carole.get(f"/recipients/{person.code}/record-visit").text
        assert all(page.count(f'type="radio" name="{site}"') == 4 for site in SITES)
        assert recorded(carole, person, **dict.fromkeys(SITES, "2")).status_code == 303
    session.rollback()
    kept = session.query(Visit).filter_by(name="M6").one()
    assert (kept.mrss, kept.mrss_sites) == (34, [2] * 17)


def test_a_visit_with_a_laboratory_value_is_recorded_by_its_form(browse, person) -> None:
    """Its request is kept with its answer, so that a second press does nothing."""
    crp = {"laboratory-0-name": "CRP", "laboratory-0-value": "9", "laboratory-0-unit": "mg/L"}
    with clock.pinned(LATER):
        assert recorded(browse("carole"), person, **crp).status_code == 303
    session.rollback()
    (value,) = session.query(Visit).filter_by(name="M6").one().laboratory
    assert (value.name, value.value) == ("CRP", 9)


def test_a_site_that_was_left_out_is_named_and_the_others_stay(browse, person) -> None:
    with clock.pinned(LATER):
        answer = recorded(browse("carole"), person, **dict.fromkeys(SITES[1:], "1"))
        assert answer.status_code == 422
        assert f"Score these sites too, or none: {SKIN_SITES[SITES[0][11:]]}." in answer.text
        assert answer.text.count(" checked") == 16
        assert recorded(browse("carole"), person, mrss="20", **{SITES[0]: "9"}).status_code == 422
        assert recorded(browse("carole"), person, mrss="20").status_code == 303  # none is fine


def test_a_row_of_seventeen_numbers_is_still_read_and_fills_the_table(browse, person) -> None:
    with clock.pinned(LATER):
        row = " ".join("01230123012301230")
        page = browse("carole").get(f"/recipients/{person.code}/record-visit?mrss_sites={row}").text
        assert page.count(" checked") == 17
        assert recorded(browse("carole"), person, mrss_sites=row).status_code == 303
    session.rollback()
    assert session.query(Visit).filter_by(name="M6").one().mrss == 24


def test_the_trail_tells_laboratory_values_as_a_table_with_the_readers_mark(
        browse, cast, person) -> None:
    values = [Value("Creatinine", Decimal("60.4"), "µmol/L"), Value("CRP", Decimal("4.1"), "mg/L")]
    with clock.pinned(LATER):
        visit(cast, person, "M6", date(2026, 6, 30), laboratory=values)
        quality = browse("quentin")
        quality.client.set_cookie("msc_language", "fr")
        page = quality.get(f"/trail?thing={person.code}").text
    assert "<td>Créatinine</td><td>µmol/L</td><td>60,4</td>" in page and "60.4" not in page


def test_the_terms_stand_under_their_organ_system_and_the_grades_in_words(browse, person) -> None:
    page = browse("carole").get(f"/recipients/{person.code}/report-adverse-event").text
    group = page[page.index('<optgroup label="Gastrointestinal disorders">'):]
    assert 'value="Nausea"' in group[:group.index("</optgroup>")]
    assert 'value="Sepsis"' not in group[:group.index("</optgroup>")]  # the control
    assert page.count('<option value="Nausea"') == 1 and 'value="Other, specify"' in page
    assert "4: life-threatening, treated at once" in page


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_everyone_in_the_chain_sees_them_and_an_administrator_does_not(browse, cast, person,
                                                                       ) -> None:
    about = serious_event(cast, person)
    paths = ["/follow-up", f"/follow-up/{person.code}", f"/follow-up/{person.code}.pdf",
             f"/visits/{person.visits[0].code}", f"/adverse-events/{about.code}",
             f"/adverse-events/{about.code}/cioms.pdf"]
    for username in ("carole", "nadia", "adam"):
        window = browse(username)
        before = entries()
        expected = 403 if username == "adam" else 200
        assert {window.get(path).status_code for path in paths} == {expected}, username
        assert expected == 403 or entries() == before, "looking writes nothing"
    assert {browse().get(path).status_code for path in paths} == {401}


def test_the_list_offers_to_record_what_is_overdue(browse, cast, person) -> None:
    with clock.pinned(LATER):
        page = browse("carole").get("/follow-up")
        assert page.text.count("record-missed-visit?name=M1") == 1
        assert "record-visit?name=M3" not in page.text
        form = browse("carole").get(f"/recipients/{person.code}/record-visit?name=M1")
    assert re.search(r'name="name"[^>]*value="M1"', form.text)


def test_a_persons_page_shows_measures_with_their_pictures(browse, cast, person) -> None:
    with clock.pinned(LATER):
        page = browse("paula").get(f"/follow-up/{person.code}").text
    for words in ("26", "80.5", "1.125", "at most 5", "Modified Rodnan skin score, points",
                  "not recorded:", "M3 22", "D10"):
        assert words in page, words
    assert page.count("<svg") >= 3 and page.count("<desc") == page.count("<title id")


def test_the_pictures_hold_every_value_and_shade_the_windows(cast, person) -> None:
    planned = schedule.schedule_of(person, LATER.date())
    skin = course.plots(planned, date(2026, 3, 2))[0]
    assert skin.told.endswith("D0 26; M3 22.")
    assert len([mark for mark in skin.marks if mark.kind == "sign"]) == 2
    assert len([mark for mark in skin.marks if mark.kind == "block"]) == 7
    assert all(0 <= mark.x <= skin.width and 0 <= mark.y <= skin.height
               for mark in skin.marks if mark.kind == "sign")
    assert course.plots([], None) == []


def test_a_correction_begins_with_what_stands(browse, cast, person) -> None:
    seen = next(each for each in person.visits if each.name == "M3")
    with clock.pinned(LATER):
        window = browse("carole")
        page = window.get(f"/visits/{seen.code}").text
        form = window.get(re.search(r'href="(/visits/[^"]*correct-visit[^"]*)"', page)[1].replace(
            "&amp;", "&")).text
    for name, value in (("took_place_on", "2026-06-03"), ("mrss", "22"), ("haq_di", "1.125"),
                        ("laboratory-0-name", "CRP"), ("laboratory-0-high", "5")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', form), name


def test_news_of_an_event_begin_with_what_is_known(browse, cast, person) -> None:
    about = serious_event(cast, person, seriousness=[Seriousness.HOSPITALISATION,
                                                     Seriousness.IMPORTANT])
    window = browse("carole")
    page = window.get(f"/adverse-events/{about.code}").text
    assert "15 days left" in page and "hospitalisation or its prolongation" in page
    form = window.get(re.search(r'href="([^"]*add-information-to-event[^"]*)"', page)[1].replace(
        "&amp;", "&")).text
    marked = re.findall(r'type="checkbox" name="seriousness" value="([^"]+)" checked', form)
    assert marked == [Seriousness.HOSPITALISATION, Seriousness.IMPORTANT]
    said = {"csrf": hidden(form, "csrf"), "key": hidden(form, "key"), "what_is_new": "At home.",
            "grade": "3", "outcome": "recovered", "action": "none", "seriousness": marked}
    answer = window.post(f"/adverse-events/{about.code}/add-information-to-event", said)
    assert answer.status_code == 303
    session.expire_all()
    assert about.now.number == 2 and about.now.seriousness == marked


def test_both_opinions_stand_side_by_side_on_the_page(browse, cast, person) -> None:
    about = serious_event(cast, person)
    opinion(cast, about, Side.INVESTIGATOR, Cause.RELATED)
    opinion(cast, about, Side.SPONSOR, Cause.NOT_RELATED)
    with clock.pinned(START + timedelta(days=1)):
        news(cast, about, treatment="Antibiotics.")
    page = browse("paula").get(f"/adverse-events/{about.code}").text
    assert page.count("before the latest information") == 2
    assert "not related, unexpected" in page and "the clock runs" in page


@pytest.mark.parametrize("narrative", [None, "Fever and chills, then better. " * 64])
def test_the_report_form_is_one_page_without_a_name(cast, person, narrative) -> None:
    about = serious_event(cast, person, narrative=narrative and narrative[:2000])
    made = cioms.cioms(about)
    assert made == cioms.cioms(about) and len(pypdfium2.PdfDocument(made)) == 1
    text = words_of(made)
    for words in ("Serious adverse event", "R-001, event 1", "Sepsis", "[x] hospitalisation",
                  "0 h 0 min after the cells", "Paris", "first report by 17 MAR 2026"):
        assert words in text.replace("\r\n", " "), words
    assert "Lambert" not in text and person.code not in text and about.code not in text


def test_the_paper_of_a_follow_up_is_the_same_each_time(cast, person) -> None:
    event(cast, person)
    with clock.pinned(LATER):
        made = follow_up_paper(person, local(LATER).date())
        assert made == follow_up_paper(person, local(LATER).date())
        with transaction():
            service.end_follow_up(person, date(2026, 6, 20), Ended.LOST, "Moved.", by=cast.carole,
                                  at=LATER)
        ended = words_of(follow_up_paper(person, local(LATER).date()))
    text = words_of(made)
    for words in ("R-001", "Flushing", "at most 5", "80.5", "overdue"):
        assert words in text, words
    assert "not held" in ended and "overdue" not in ended and "lost to follow-up" in ended


PROTOCOL = shelf.protocol("nct02213705-2")


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dates(date(2015, 1, 1), date(2040, 12, 31)), st.integers(-5, 900))
@example(date(2020, 2, 29), 366)
@example(date(2026, 3, 28), 1)
@example(date(2026, 10, 24), 1)
def test_on_every_day_every_visit_stands_in_exactly_one_way(infused_on: date, later: int) -> None:
    """Over leap days and the nights the clocks change: due from the first to the last day of its
    window, later before, overdue after; recorded, it is done on every day."""
    today = infused_on + timedelta(days=later)
    nobody = Recipient(protocol=PROTOCOL.reference, visits=[
        Visit(id=1, name="M3", took_place_on=infused_on, within_window=False)])
    planned = schedule._planned(nobody, infused_on, today)
    assert [each.name for each in planned] == [each.name for each in PROTOCOL.visits]
    for each, window in zip(planned, visit_windows(PROTOCOL, infused_on), strict=True):
        inside = window.opens <= today <= window.closes
        expected = (schedule.Coming.DONE if each.name == "M3" else schedule.Coming.DUE if inside
                    else schedule.Coming.LATER if today < window.opens
                    else schedule.Coming.OVERDUE)
        assert each.state is expected
