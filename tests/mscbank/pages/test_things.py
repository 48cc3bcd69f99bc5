"""The pages of recipient, culture, lot and bag: who may see them, and what stands there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.audit.models import Entry
from mscbank.cultures import service as cultures
from mscbank.cultures.cells import cells_left
from mscbank.database import plain_decimal, session, transaction
from mscbank.identities.models import SealedValue
from mscbank.infusions import orders
from mscbank.labelling import service as labelling
from mscbank.release import stops
from mscbank.reports.journey import journey
from mscbank.rules import parted
from mscbank.things import Thing
from tests.cast import PEOPLE, Cast
from tests.mscbank.pages.conftest import entries
from tests.stages.bags import filled_lot, frozen_units, stored_unit
from tests.stages.cultures import counted_culture, grown_culture
from tests.stages.custody import issuable_lot, labelled_bag
from tests.stages.harvests import received_harvest
from tests.stages.infusions import bedside, finished
from tests.stages.recipients import weigh
from tests.stages.release import released_lot

CODE = re.compile(r"/(?:recipients|donors|harvests|cultures|lots|bags|infusions)/([A-Z]{20})")


def address(thing: Thing) -> str:
    return f"/{thing.SLUG}/{thing.code}"


@pytest.fixture
def family(cast: Cast) -> dict[str, Thing]:
    """One recipient's things, from the donor to an infusion that has finished."""
    infusion = finished(cast)
    lot = infusion.bag.lot
    return {"recipient": infusion.recipient, "culture": lot.harvest.cultures[-1], "lot": lot,
            "bag": infusion.bag, "infusion": infusion}


def test_everyone_in_the_chain_sees_the_record_and_an_administrator_does_not(
        browse, family: dict[str, Thing]) -> None:
    paths = [address(thing) for thing in family.values()]
    for username in PEOPLE:
        window = browse(username)
        expected = 403 if username == "adam" else 200
        assert {window.get(path).status_code for path in paths} == {expected}, username
    assert {browse().get(path).status_code for path in paths} == {401}


def test_looking_writes_nothing(browse, family: dict[str, Thing]) -> None:
    window = browse("quentin")
    before = entries()
    for path in [address(thing) for thing in family.values()]:
        window.get(path)
    assert entries() == before


def test_the_journey_is_drawn_from_the_donor_to_the_follow_up(
        browse, cast: Cast, family: dict[str, Thing]) -> None:
    recipient = family["recipient"]
    kinds = [box.stop.kind.split(" · ")[0] for box in journey(recipient).boxes]
    assert set(kinds) == {"donor", "harvest", "culture", "lot", "bag", "infusion", "follow-up"}
    page = browse("carole").get(address(recipient)).text
    assert all(f'href="{address(family[name])}"' in page for name in ("culture", "lot", "bag"))
    assert "style=" not in page  # the browser would refuse it


def test_no_page_shows_another_patients_things(browse, cast: Cast) -> None:
    one, other = filled_lot(cast), filled_lot(cast)
    families = [{thing.code for thing in (
        lot.harvest.donor.recipient, lot.harvest.donor, lot.harvest, *lot.harvest.cultures, lot,
        *lot.bags)} for lot in (one, other)]
    paths = [address(thing) for thing in (
        one.harvest.donor.recipient, one.harvest.cultures[-1], one, one.bags[0])]
    window = browse("quentin")
    for path in paths:
        found = set(CODE.findall(window.get(path).text))
        assert found & families[0]
        assert not found & families[1], path


def test_a_name_is_shown_only_when_asked_for_and_the_trail_keeps_who_asked(
        browse, family: dict[str, Thing]) -> None:
    path = address(family["recipient"])
    window = browse("nadia")
    assert session.query(SealedValue).count() > 0
    assert "Hospital number" not in window.get(path).text
    shown = window.post(f"{path}/identity")
    assert shown.status_code == 200 and "Hospital number" in shown.text
    session.rollback()
    last = session.query(Entry).order_by(Entry.sequence.desc()).first()
    assert (last.act, last.subject) == ("identity read", family["recipient"].code)
    assert "Hospital number" not in window.get(path).text


@pytest.mark.parametrize("username", ["tessa", "quentin", "adam"])
def test_a_name_is_not_shown_to_those_who_need_none(browse, cast: Cast, username: str) -> None:
    path = address(filled_lot(cast).harvest.donor.recipient)
    assert browse(username).post(f"{path}/identity").status_code == 403
    assert "Show identity" not in browse("tessa").get(path).text


def test_what_was_usual_stands_as_numbers_and_who_recorded_it_by_name(browse, cast: Cast) -> None:
    harvest = received_harvest(cast)
    page = browse("theo").get(address(harvest)).text
    assert "10 to 250" in page
    assert "Nadia Simon" in page.split("Recorded by")[1][:80]


def test_a_culture_shows_its_numbers_and_a_corrected_count(browse, cast: Cast) -> None:
    culture = filled_lot(cast).harvest.cultures[0]
    count = culture.count
    with transaction():
        cultures.correct_count(culture, count.total_cells + 1_000_000, count.viable_cells,
                               "Read the wrong line of the counter.", by=cast.tessa,
                               at=clock.now())
    page = browse("tessa").get(address(culture)).text
    assert "Read the wrong line of the counter." in page
    assert f"{parted(culture.area_cm2)} cm²" in page and "doublings" in page


def test_a_lot_that_changed_after_its_decision_shows_the_signature_struck(
        browse, cast: Cast) -> None:
    lot = released_lot(cast)
    window = browse("quentin")
    before = window.get(address(lot)).text
    assert "covers the record" in before and "no longer covers" not in before
    with transaction():
        stops.hold_lot(lot, "A courier was late.", by=cast.tessa, at=clock.now())
    after = window.get(address(lot)).text
    assert "no longer covers the record" in after
    assert "A courier was late." in after


def test_a_lot_without_results_says_what_is_missing_and_offers_no_release(
        browse, cast: Cast) -> None:
    page = browse("quentin").get(address(filled_lot(cast))).text
    assert "missing" in page and "none recorded" in page
    assert "no bag may leave" in page


def test_a_bag_shows_its_void_label_and_its_custody(browse, cast: Cast) -> None:
    beside = bedside(cast)
    with transaction():
        labelling.void_label(beside.bag, "Torn at the ward.", by=cast.tessa, at=clock.now())
    page = browse("nadia").get(address(beside.bag)).text
    for words in ("Torn at the ward.", "Given out", "Taken over", "Stored", "scanned back"):
        assert words in page


def test_a_held_bag_says_why_it_may_not_be_used(browse, cast: Cast) -> None:
    bag = bedside(cast).bag
    with transaction():
        stops.hold_bag(bag, "The overwrap is open.", by=cast.theo, at=clock.now())
    page = browse("nadia").get(address(bag)).text
    assert "Not to be used as it stands." in page and "The overwrap is open" in page


def test_thawing_is_advised_only_while_nothing_speaks_against_the_bag(
        browse, cast: Cast) -> None:
    advised = re.compile(r'class="button"\s+href="[^"]*/thaw"')
    bag = labelled_bag(cast)  # of a lot that nobody decided on
    page = browse("tessa").get(address(bag)).text
    assert f"{address(bag)}/thaw" in page and not advised.search(page)
    ready = issuable_lot(cast).bags[0]
    assert advised.search(browse("tessa").get(address(ready)).text)


def test_a_cryo_unit_says_when_it_expires_that_it_has_or_that_it_has_no_limit(
        browse, cast: Cast) -> None:
    def page(unit: Thing, language: str = "en") -> str:
        return window.get(address(unit), headers={"Accept-Language": language}).text

    window = browse("tessa")
    none, limit = "No storage limit: the release specification", "14 JUN 2028"
    unlimited = stored_unit(cast)
    assert none in page(unlimited) and "badge bad" not in page(unlimited)
    assert "Pas de limite de conservation\u00a0: la spécification" in page(unlimited, "fr")
    with clock.pinned(datetime(2026, 6, 15, 8, 0, tzinfo=UTC)):
        unit = frozen_units(cast, counted_culture(cast))[0]
    assert limit in page(unit) and none not in page(unit) and "expired" not in page(unit)
    with clock.pinned(unit.expires_at):
        window = browse("tessa")
        assert ">expired</span>" in page(unit) and limit in page(unit)
        assert ">périmé</span>" in page(unit, "fr")
        assert "expired" not in page(unlimited)
        stop = "May not be used"
        assert stop in window.post("/scan", {"text": unit.code}).text
        assert stop not in window.post("/scan", {"text": unlimited.code}).text


def test_an_infused_bag_is_at_its_end(browse, family: dict[str, Thing]) -> None:
    page = browse("nadia").get(address(family["bag"])).text
    assert "Nothing more can be done with it." in page
    assert f"{Decimal(family['infusion'].volume_given_ml):f}".rstrip("0").rstrip(".") in page


def test_the_form_of_an_order_begins_with_the_bags_that_come_nearest_to_the_dose(
        browse, cast: Cast) -> None:
    lot = issuable_lot(cast)
    recipient = lot.harvest.donor.recipient
    weigh(cast, recipient)
    (first, *_) = orders.proposed(recipient)
    window = browse("paula")
    page = window.get(f"/recipients/{recipient.code}/order").text
    assert 'name="bags-0-bag"' in page and f'value="{first["bag"]}"' in page
    assert f'value="{plain_decimal(first["volume_ml"])}"' in page
    typed = window.get(f"/recipients/{recipient.code}/order?bags-0-bag={'B' * 20}").text
    assert first["bag"] not in typed, "what the address says goes before the proposal"


def test_a_form_that_gives_cells_on_says_how_many_are_left(browse, cast: Cast) -> None:
    """Beside the box, so that nobody has to remember the count."""
    culture = grown_culture(cast)
    left = cells_left(culture)
    tessa = browse("tessa")
    for form in ("passage", "fill", "freeze-into-units"):
        assert f"{culture.title} has {parted(left)} cells left." in tessa.get(
            f"{address(culture)}/{form}").text
    harvest = received_harvest(cast)
    assert f"{harvest.title} has {parted(harvest.nucleated_cells)} cells left." in tessa.get(
        f"{address(harvest)}/seed").text


def test_a_culture_names_the_units_frozen_from_it_and_where_they_lie(cast, browse) -> None:
    with clock.pinned(datetime(2026, 6, 15, 8, 0, tzinfo=UTC)):
        kept, loose = frozen_units(cast)
        stored_unit(cast, kept)
    page = browse("tessa").get(address(kept.culture)).text
    units = page.split('<h2 id="units">')[1].split("</section>")[0]
    for unit in (kept, loose):
        assert f'href="{address(unit)}">{unit.title}</a>' in units
    assert kept.storage_place.title in units and "expired" not in units
    with clock.pinned(kept.expires_at):
        units = browse("tessa").get(address(kept.culture)).text.split('<h2 id="units">')[1]
    assert units.split("</section>")[0].count("expired") == 2
    bare = browse("tessa").get(address(counted_culture(cast))).text
    assert '<h2 id="units">' not in bare
