"""Vital signs at a visit far out of the usual are a slip of the hand, or they have a reason."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.audit.reading import told
from mscbank.database import session, transaction
from mscbank.followup import service
from mscbank.followup.models import Visit
from mscbank.recipients.models import Recipient
from mscbank.reports.person_paper import follow_up_paper
from mscbank.usual import UnusualValue, held_against
from tests.cast import Cast
from tests.mscbank.study.followed import LATER
from tests.mscbank.web.conftest import browse, cast
from tests.stages.followup import infused_recipient, visit
from tests.stages.papers import text_of

__all__ = ["browse", "cast"]
D = Decimal
WHY = "Measured again: breathless, sent to the emergency room."
ON = date(2026, 6, 3)


@pytest.fixture
def person(cast: Cast) -> Recipient:
    return infused_recipient(cast)


def seen_at(cast: Cast, person: Recipient, **measured) -> Visit:
    with clock.pinned(LATER):
        return visit(cast, person, "M3", ON, **measured)


def kept() -> list[Visit]:
    session.expire_all()
    return list(session.scalars(sa.select(Visit).order_by(Visit.id)))


@pytest.mark.parametrize(("odd", "said"), [
    ({"saturation": 9}, "Oxygen saturation: 9 % lies outside what is usual here, 88 to 100 %."),
    ({"saturation": 87}, "Oxygen saturation: 87 %"), ({"pulse": 131}, "Pulse: 131 per minute"),
    ({"pulse": 40}, "Pulse: 40 per minute"), ({"temperature_c": D("39.1")}, "Temperature: 39.1 °C"),
    ({"temperature_c": D(35)}, "Temperature: 35 °C"),
    ({"systolic": 90, "diastolic": 60}, "Systolic pressure: 90 mmHg"),
    ({"systolic": 220, "diastolic": 60}, "Systolic pressure: 220 mmHg"),
    ({"systolic": 120, "diastolic": 39}, "Diastolic pressure: 39 mmHg"),
    ({"systolic": 160, "diastolic": 121}, "Diastolic pressure: 121 mmHg")])
def test_a_vital_sign_out_of_the_usual_is_asked_about_and_kept_with_its_reason(
        cast, person, odd, said) -> None:
    for nothing in (None, "  "):
        with pytest.raises(UnusualValue) as asked:
            seen_at(cast, person, **odd, why_unusual=nothing)
        assert asked.value.sentence.startswith(said)
    assert kept() == []
    assert seen_at(cast, person, **odd, why_unusual=f" {WHY} ").why_unusual == WHY
    entry = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc()).limit(1)).one()
    assert (entry.act, told([entry])[0].reason) == ("record visit", WHY)


@pytest.mark.parametrize("ends", [
    {"temperature_c": D("35.1"), "pulse": 41, "systolic": 91, "diastolic": 40, "saturation": 88},
    {"temperature_c": D(39), "pulse": 130, "systolic": 219, "diastolic": 120, "saturation": 100}])
def test_both_ends_of_the_usual_ask_nothing(cast, person, ends) -> None:
    """The control; a reason that nobody asked for is not kept."""
    seen = seen_at(cast, person, **ends, why_unusual=WHY)
    assert seen.why_unusual is None and set(seen.usual) == set(ends)


def test_what_was_not_measured_is_not_asked_about(cast, person) -> None:
    seen = seen_at(cast, person, mrss=18, pulse=70)
    assert (seen.usual, seen.why_unusual) == ({"pulse": ["41", "130"]}, None)


def test_a_correction_is_asked_too(cast, person) -> None:
    wrong = seen_at(cast, person, saturation=98)
    with clock.pinned(LATER):
        for why, fits in ((None, False), (WHY, True)):
            try:
                with transaction():
                    right = service.correct_visit(wrong, "Read from another line.", ON, saturation=84,
                                                  why_unusual=why, by=cast.carole, at=LATER)
            except UnusualValue:
                assert not fits and len(kept()) == 1
    assert (right.why_unusual, right.reason) == (WHY, "Read from another line.")
    entry = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc()).limit(1)).one()
    assert (told([entry])[0].facts["why_unusual"], told([entry])[0].reason) == (
        WHY, "Read from another line.")


@pytest.mark.parametrize(("measured", "bounds"), [
    ({"saturation": 87}, True), ({"temperature_c": D("39.1")}, True), ({"pulse": 70}, False)])
def test_the_database_refuses_a_sign_without_its_bounds_or_its_reason(
        cast, person, monkeypatch, measured, bounds) -> None:
    def silent(about, values, why, at):
        return held_against(about, values, "Forged.", at) | {"why_unusual": None} | (
            {} if bounds else {"usual": {}})

    with monkeypatch.context() as patched:
        patched.setattr(service, "held_against", silent)
        with pytest.raises(sa.exc.DBAPIError, match="out of the usual has its reason"):
            seen_at(cast, person, **measured)
    session.rollback()
    seen_at(cast, person, pulse=70, mrss=18)  # the control: usual, with its bounds
    assert [one.pulse for one in kept()] == [70]


def test_the_form_asks_once_keeps_what_was_typed_and_a_correction_begins_with_the_reason(
        browse, cast, person) -> None:
    with clock.pinned(LATER):
        carole, address = browse("carole"), f"/recipients/{person.code}/record-visit"
        assert "why_unusual" not in carole.get(address).text
        typed = {"name": "M3", "took_place_on": "2026-06-03", "saturation": "84", "mrss": "18",
                 "step": "do", "key": "one"}
        page = carole.post(address, typed)
        assert page.status_code == 422 and "84 % lies outside what is usual here" in page.text
        assert re.search(r'name="saturation"[^>]*value="84"', page.text)
        assert "why_unusual" in page.text and kept() == []
        assert carole.post(address, typed | {"key": "two", "why_unusual": WHY}).status_code == 303
        (seen,) = kept()
        page = carole.get(f"/visits/{seen.code}").text
        assert f"Out of the usual: {WHY}" in re.sub(r"<[^>]+>", "", page)
        again = re.search(r'href="(/visits/[^"]*correct-visit[^"]*)"', page)[1]
        form = carole.get(again.replace("&amp;", "&")).text
        assert WHY in form and "why_unusual" in form


def test_the_reason_stands_on_the_persons_page_and_paper(browse, cast, person) -> None:
    with clock.pinned(LATER):
        seen_at(cast, person, saturation=84, why_unusual=WHY)
        visit(cast, person, "M6", date(2026, 9, 2), saturation=97)
        page = re.sub(r"<[^>]+>", "", browse("paula").get(f"/follow-up/{person.code}").text)
        paper = text_of(follow_up_paper(person, LATER.date()))
    for words in (page, paper):
        assert words.count("Out of the usual:") == 1 and WHY in words
