"""The freezer map, custody and the cohorts as pictures: what stands where, and how it is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pypdfium2
import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.bags import service as bags
from mscbank.database import db, session, transaction
from mscbank.followup.models import Cause, Side
from mscbank.release import stops
from mscbank.reports import cohorts, freezer, pictures, sketch, timeline, whereabouts
from mscbank.reports.layout import Tone
from mscbank.reports.sketch import Block, Sign, Sketch
from specs import shelf
from tests.cast import Cast
from tests.stages.bags import box, stored_bag
from tests.stages.custody import issued_bag, read
from tests.stages.followup import event, infused_recipient, opinion
from tests.stages.infusions import finished
from tests.stages.seen import seen_beside


def told(picture: Sketch) -> list[str]:
    """What a screen reader is told of the marks, in order."""
    return [mark.told for mark in picture.marks if isinstance(mark, Block | Sign) and mark.told]


def words_of(paper: bytes) -> str:
    document = pypdfium2.PdfDocument(paper)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def statements(read_) -> int:
    """How many statements reading takes."""
    session.expire_all()
    asked = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    read_()
    return len(asked)


def test_a_bag_is_shown_where_it_lies_and_a_free_position_as_free(bank):
    cast = Cast()
    bag = stored_bag(cast)
    (drawn,) = freezer.boxes("TANK 9", clock.now(), here=bag.storage_place.code)
    first, second = drawn.picture.marks[:2]
    assert first.told == f"TANK 9 / RACK 1 / A / 1: bag 1 of lot {bag.lot.number}, pending"
    assert first.address == f"/bags/{bag.code}" and first.here and first.tone is Tone.WAIT
    assert second.told.endswith("2: free") and not second.here
    assert drawn.taken == 1 and freezer.tanks() == [("TANK 9", 4, 1)]


def test_a_bag_that_must_stay_is_marked_stop_in_the_map(bank):
    cast = Cast()
    bag = stored_bag(cast)
    assert freezer.how(freezer.boxes("TANK 9", clock.now())[0].positions[0],
                       bag.expires_at) == ("expired", Tone.STOP)
    with transaction():
        stops.hold_bag(bag, "The overwrap is open.", by=cast.theo, at=clock.now())
    (drawn,) = freezer.boxes("TANK 9", clock.now())
    assert "held" in drawn.picture.marks[0].told and drawn.picture.marks[0].tone is Tone.STOP


def test_a_map_is_read_in_one_statement_however_many_boxes_there_are(bank):
    cast = Cast()
    stored_bag(cast)
    few = statements(lambda: freezer.boxes("TANK 9", clock.now()))
    for name in "BCD":
        box(cast, name, 30)
    assert statements(lambda: freezer.boxes("TANK 9", clock.now())) <= few


@pytest.mark.parametrize("positions, across", [(40, 10), (81, 9), (64, 8), (25, 5), (7, 7),
                                               (13, 10), (1, 1)])
def test_a_box_is_drawn_as_boxes_are_made(positions: int, across: int) -> None:
    assert freezer._across(positions) == across


def test_custody_names_every_place_in_turn_and_how_long(bank):
    cast = Cast()
    infusion = finished(cast)
    bag = infusion.bag
    picture = whereabouts.custody(bag, timeline.timeline(bag), clock.now())
    assert [each.split(";")[0] for each in told(picture)] == [
        "Laboratory", "Freezer", "On the way", "Ward", "Infusion", "Infused"]
    assert picture.told.startswith("Laboratory from")


def test_the_life_of_a_bag_tells_the_reactions_that_stand(bank):
    cast = Cast()
    infusion = finished(cast)
    seen_beside(cast, infusion)
    assert [each.what for each in timeline.timeline(infusion.bag)
            if each.what.startswith("Reaction")] == ["Reaction: fever, grade 2"]


def test_a_reading_outside_the_limits_has_a_sign_of_its_own(bank):
    cast = Cast()
    journey = issued_bag(cast).journeys[0]
    assert whereabouts.temperature(journey) is None
    read(cast, journey, "-150")
    assert told(whereabouts.temperature(journey)) == []
    assert "none outside" in whereabouts.temperature(journey).told
    read(cast, journey, "-80")
    (wrong,) = told(whereabouts.temperature(journey))
    assert wrong.startswith("-80 °C") and "1 outside" in whereabouts.temperature(journey).told


def test_the_cohorts_show_everybody_once_with_events_by_their_sign(bank):
    cast = Cast()
    recipient = infused_recipient(cast)
    mild, grave = event(cast, recipient), event(cast, recipient, term="Dyspnea", grade=3)
    protocol = shelf.protocol(recipient.protocol)
    picture = cohorts.timeline(protocol)
    signs = {mark.told.split(",")[0]: mark.tone for mark in picture.marks
             if isinstance(mark, Sign) and mark.told}
    assert signs == {"Flushing": Tone.OPEN, "Dyspnea": Tone.WAIT}
    opinion(cast, mild, Side.INVESTIGATOR, Cause.RELATED)
    session.expire_all()
    (related,) = [mark for mark in cohorts.timeline(protocol).marks
                  if isinstance(mark, Sign) and mark.tone is Tone.STOP and mark.told]
    assert related.address == f"/adverse-events/{mild.code}" and "related" in related.told
    assert sum(each.startswith(f"{recipient.number}: infused") for each in told(picture)) == 1
    assert grave.code != mild.code


def test_a_protocol_nobody_holds_has_a_picture_too(bank):
    assert "nobody was infused yet" in cohorts.timeline(shelf.protocol("follow-on-1")).told


def test_the_papers_say_what_the_pages_say(bank):
    cast = Cast()
    infusion = finished(cast)
    bag, recipient = infusion.bag, infusion.recipient
    read(cast, bag.journeys[0], "-80")
    now = clock.now() + timedelta(hours=1)
    for paper, words in (
            (pictures.of_journey(recipient), (recipient.number, bag.lot.number, "finished")),
            (pictures.of_vessels(bag.lot.harvest.cultures[-1]), (bag.lot.harvest.din, "P1")),
            (pictures.of_custody(bag, now), ("Ward", "Infused", "°C", "minutes since")),
            (pictures.of_cohorts(shelf.protocol(recipient.protocol)), (recipient.number,))):
        assert all(word in words_of(paper) for word in words)
    with transaction():
        spare = next(each for each in bag.lot.bags if each.storage_place)
        place = spare.storage_place
    paper = pictures.of_tank(place.tank, now)
    assert f"{bag.lot.number}" in words_of(paper) and "pending" not in words_of(paper)
    assert paper == pictures.of_tank(place.tank, now)  # the same record, the same bytes


def test_a_relocated_bag_is_found_in_its_new_position(bank):
    cast = Cast()
    bag = stored_bag(cast)
    free = freezer.boxes("TANK 9", clock.now())[0].positions[2]
    with transaction():
        bags.relocate(bag, free.code, by=cast.tessa, at=clock.now())
    positions = freezer.boxes("TANK 9", clock.now())[0].positions
    assert [each.bag for each in positions] == [None, None, bag.code, None]


@pytest.mark.parametrize("low, high", [("0", "0"), ("-196", "-80"), ("0", "3.7"), ("-3", "41"),
                                       ("0", "0.04"), ("12", "99999")])
def test_an_axis_holds_all_it_must_in_few_round_steps(low: str, high: str) -> None:
    found = sketch.steps(Decimal(low), Decimal(high))
    assert found[0] <= Decimal(low) and found[-1] >= Decimal(high)
    assert 1 <= len(found) <= 9
    assert len({b - a for a, b in zip(found, found[1:], strict=False)}) <= 1


def test_a_time_is_told_in_its_two_greatest_units() -> None:
    assert [sketch.lasting(timedelta(minutes=each)) for each in (5, 65, 60 * 26, 60 * 24 * 90)] == [
        "5 min", "1 h 5 min", "1 day 2 h", "90 days"]
