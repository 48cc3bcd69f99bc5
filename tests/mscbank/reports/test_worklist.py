"""What waits for whom: overdue first; a bag nobody checks calls both sides."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import alerts
from mscbank.accounts.models import Alert
from mscbank.bags import service as bags
from mscbank.database import session, transaction
from mscbank.infusions import nudges
from mscbank.permissions import Role
from mscbank.recipients import eligibility
from mscbank.reports import worklist
from mscbank.reports.waiting.item import span
from mscbank.settings import local
from tests.cast import PEOPLE, Cast
from tests.stages.bags import box, filled_lot
from tests.stages.cultures import seeded_culture
from tests.stages.custody import bag_at_bedside, issued_bag, returned_bag
from tests.stages.infusions import bedside, checked
from tests.stages.labelling import labelled_lot
from tests.stages.recipients import consenting_recipient
from tests.stages.release import lot_out_of_limit, request_exception, tested_lot


def waiting(person) -> dict[str, list[str]]:
    return {section.title: [item.sentence for item in section.items]
            for section in worklist.sections(person) if section.items}


def test_what_is_overdue_stands_before_what_is_due_and_empty_lists_last(cast: Cast) -> None:
    seeded_culture(cast)
    bag = bag_at_bedside(cast)
    with clock.pinned(bag.usable_until + timedelta(hours=1)):
        sections = worklist.sections(cast.tessa)
        assert sections[0].items and sections[0].items[0].overdue
        filled = [bool(section.items) for section in sections]
        assert filled == sorted(filled, reverse=True)
        assert "its time is over: do not infuse it, return it" in waiting(cast.nadia)[
            "Bags on the ward"]
    left = waiting(cast.nadia)["Bags on the ward"][0]
    assert left.startswith("check at the bedside: ") and left.endswith(" left")


def test_each_role_has_lists_of_its_own(cast: Cast) -> None:
    consenting_recipient(cast)
    lot = lot_out_of_limit(cast)
    titles = {name: {section.title for section in worklist.sections(getattr(cast, name))}
              for name in PEOPLE}
    assert "Lots to decide on" in titles["quentin"] and "Lots to decide on" not in titles["tessa"]
    assert "Visits" in titles["carole"] and "People not enrolled" in titles["adam"]
    assert "assess eligibility" in waiting(cast.paula)["To assess"]
    assert waiting(cast.quentin)["Lots to decide on"] == ["not met: CD105 positive"]
    request_exception(cast, lot)
    assert waiting(cast.quentin)["Lots to decide on"] == [
        "a physician asks for an exceptional release: decide"]


def test_nobody_whose_screening_has_ended_waits_for_anything(cast: Cast) -> None:
    recipient = consenting_recipient(cast)
    assert "no place in the trial yet" in waiting(cast.carole)["Families"]
    with transaction():
        eligibility.screen_out(recipient, local(clock.now()).date(), "The skin is too good.",
                               by=cast.paula, at=clock.now())
    assert "Families" not in waiting(cast.carole) and "To assess" not in waiting(cast.paula)


def test_a_bag_given_out_an_hour_ago_and_not_checked_calls_both_sides_once(cast: Cast) -> None:
    bag = issued_bag(cast)
    assert nudges.late_journeys(clock.now()) == []
    later = clock.now() + timedelta(minutes=61)
    with clock.pinned(later):
        assert "Given out and not checked" in waiting(cast.tessa)
        assert "Given out and not checked" in waiting(cast.nadia)
        for _ in range(2):
            with transaction():
                nudges.nudge(at=later)
        raised = list(session.scalars(sa.select(Alert).where(Alert.about == bag.journeys[-1].code)))
        assert {one.role for one in raised} == {Role.TECHNICIAN, Role.NURSE} and len(raised) == 2
        assert "61 minutes ago" in raised[0].sentence
        mine = worklist.alerts(cast.nadia)
        with transaction():
            alerts.note(mine[0], by=cast.nadia, at=later)
        assert worklist.alerts(cast.nadia) == []


def test_a_bag_that_was_checked_or_came_back_calls_nobody(cast: Cast) -> None:
    beside = bedside(cast)
    checked(cast, beside)
    returned_bag(cast)
    assert nudges.late_journeys(clock.now() + timedelta(hours=5)) == []


def test_a_labelled_bag_waits_for_the_freezer_until_it_lies_in_its_position(cast: Cast) -> None:
    lot = labelled_lot(cast)
    assert "Bags to label" not in waiting(cast.tessa)
    with clock.pinned(clock.now() + timedelta(minutes=95)):
        assert waiting(cast.tessa)["Bags to put away"] == [
            "filled 1 h 35 min ago: freeze its lot, then put it into its position"] * 2
    with transaction():
        bags.freeze(lot, by=cast.tessa, at=clock.now())
    assert waiting(cast.tessa)["Bags to put away"] == ["frozen: put it into its position"] * 2
    for bag, place in zip(lot.bags, box(cast), strict=False):
        with transaction():
            bags.store(bag, place.code, by=cast.tessa, at=clock.now())
    assert "Bags to put away" not in waiting(cast.tessa)


def test_an_unlabelled_bag_is_labelled_first(cast: Cast) -> None:
    filled_lot(cast)
    assert len(waiting(cast.tessa)["Bags to label"]) == 2
    assert "Bags to put away" not in waiting(cast.tessa)


def test_a_bag_that_expires_soon_is_told_until_it_is_destroyed(cast: Cast) -> None:
    lot = labelled_lot(cast)
    first, second = lot.bags
    with clock.pinned(first.expires_at - timedelta(days=31)):
        assert "Bags expiring" not in waiting(cast.tessa)
    with clock.pinned(first.expires_at - timedelta(days=30)):
        assert waiting(cast.tessa)["Bags expiring"] == ["give it before, or destroy it then"] * 2
    with clock.pinned(first.expires_at + timedelta(minutes=1)):
        over = "expired: do not give it; destroy it"
        assert waiting(cast.quentin)["Bags expiring"] == [over] * 2
        with transaction():
            bags.destroy(first, "Expired.", by=cast.quentin, at=clock.now())
        assert waiting(cast.tessa)["Bags expiring"] == [over]
        (item,) = [item for section in worklist.sections(cast.tessa) for item in section.items
                   if section.title == "Bags expiring"]
        assert item.thing is second and item.overdue


def test_a_lot_to_decide_on_says_what_keeps_it(cast: Cast) -> None:
    lot = filled_lot(cast)
    [said] = waiting(cast.quentin)["Lots to decide on"]
    assert said.startswith("still to come: ") and "Sterility" in said
    tested_lot(cast, lot)
    assert waiting(cast.quentin)["Lots to decide on"] == ["every criterion is met: certify"]


def test_spans_are_said_as_people_say_them() -> None:
    assert span(8 * 60) == "8 min" and span(112 * 60 + 59) == "1 h 52 min"
    assert span(3 * 86400) == "3 days"
