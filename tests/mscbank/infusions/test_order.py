"""Ordering an infusion: the dose in cells, whose bags, how much of them; and taking it back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.audit import chain
from mscbank.bags import service as bags
from mscbank.bags.lifecycle import Place, Standing
from mscbank.bags.models import Bag
from mscbank.database import transaction
from mscbank.errors import (
    AlreadyDone,
    Malformed,
    NotAllowed,
    NotKnown,
    RecordChanged,
    Refused,
    Unfit,
    WrongMoment,
)
from mscbank.infusions import dose, explained, orders, service
from mscbank.infusions.dose import BagFacts
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Recipient
from mscbank.reports import order_sheet
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.service import Seal
from specs import shelf
from tests.cast import Cast
from tests.conftest import START
from tests.stages.bags import filled_lot
from tests.stages.infusions import (
    bedside,
    checked,
    finished,
    order,
    recipient_of,
    second_bag,
    started,
)
from tests.stages.recipients import allocated_recipient, assessed_recipient, weigh

LIMITS = shelf.protocol("nct02213705-2").dose
D = Decimal


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def ready(cast: Cast) -> tuple[Recipient, Bag]:
    """Somebody of 70 kg in cohort 1, and the first bag of their lot."""
    lot = filled_lot(cast)
    weigh(cast, recipient_of(lot))
    return recipient_of(lot), lot.bags[0]


def test_a_whole_bag_for_seventy_kilograms(cast: Cast, ready) -> None:
    recipient, bag = ready
    made = order(cast, recipient, bag)
    assert (made.target_cells, made.parts[0].cells, made.parts[0].volume_ml) == (
        70_000_000, 70_000_000, D(50))
    assert made.given_cells == 0
    assert orders.open_orders(recipient) == [made]


def test_the_signature_is_over_what_was_read(cast: Cast, ready) -> None:
    recipient, bag = ready
    parts = [{"bag": bag.code, "volume_ml": None}]
    seal = Seal(cast.paula.id, Meaning.INFUSION_ORDERED,
                chain.digest(service.order_record(recipient, parts)))
    with clock.pinned(START + timedelta(hours=1)):
        weigh(cast, recipient, D("71"))
    with pytest.raises(RecordChanged), transaction():
        service.order(recipient, parts, seal=seal, by=cast.paula, at=clock.now())


def test_an_unsigned_order_is_refused(cast: Cast, ready) -> None:
    recipient, bag = ready
    with pytest.raises(Refused, match="must be signed"), transaction():
        service.order(recipient, [{"bag": bag.code}], seal=None, by=cast.paula, at=clock.now())


@pytest.mark.parametrize("who", ["nadia", "tessa", "quentin", "carole", "adam"])
def test_only_the_physician_orders(cast: Cast, ready, who: str) -> None:
    recipient, bag = ready
    with pytest.raises(NotAllowed), transaction():
        service.order(recipient, [{"bag": bag.code}], seal=None, by=getattr(cast, who),
                      at=clock.now())


def test_two_bags_are_twice_the_dose_and_the_refusal_says_so(cast: Cast, ready) -> None:
    recipient, bag = ready
    with pytest.raises(Unfit) as refusal:
        order(cast, recipient, *bag.lot.bags)
    assert refusal.value.sentence.startswith(
        "70 kg × 1 x 10^6 cells/kg = 70 x 10^6 cells; the bags give 140 x 10^6")


@pytest.mark.parametrize("volume, fits", [
    ("45", True), ("44.9", False), ("50", True), ("0.1", False)])
def test_the_tolerance_itself_is_allowed(cast: Cast, ready, volume: str, fits: bool) -> None:
    recipient, bag = ready
    if fits:
        assert order(cast, recipient, bag, volume_ml=D(volume)).parts[0].volume_ml == D(volume)
    else:
        with pytest.raises(Unfit):
            order(cast, recipient, bag, volume_ml=D(volume))


@pytest.mark.parametrize("volume", ["0", "-1", "50.01", "NaN", "Infinity"])
def test_no_more_than_is_in_the_bag_and_no_less_than_some(cast: Cast, ready, volume: str) -> None:
    recipient, bag = ready
    with pytest.raises(Malformed):
        order(cast, recipient, bag, volume_ml=D(volume))


def test_a_bag_is_named_once_and_known(cast: Cast, ready) -> None:
    recipient, bag = ready
    with pytest.raises(Malformed, match="twice"):
        order(cast, recipient, bag, bag)
    with pytest.raises(Malformed, match="between 1 and"):
        order(cast, recipient)
    with pytest.raises(NotKnown):
        service.order_record(recipient, [{"bag": recipient.code}])


def test_another_persons_bag_is_refused(cast: Cast, ready) -> None:
    _, bag = ready
    other = allocated_recipient(cast, name="Rose Petit")
    weigh(cast, other)
    with pytest.raises(Unfit) as refusal:
        order(cast, other, bag)
    assert "is for R-001, not for R-002" in refusal.value.sentence


def test_without_weight_place_or_consent_there_is_no_dose(cast: Cast) -> None:
    recipient = assessed_recipient(cast)
    with pytest.raises(WrongMoment, match="no place in the trial"):
        service.order_record(recipient, [])
    with transaction():
        recipients.allocate(recipient, by=cast.paula, at=clock.now())
    with pytest.raises(WrongMoment, match="weigh first"):
        service.order_record(recipient, [])
    with transaction():
        recipients.withdraw(recipient, "No more.", by=cast.carole, at=clock.now())
    with pytest.raises(WrongMoment, match="does not consent"):
        service.order_record(recipient, [])


def test_an_old_weight_is_no_weight(cast: Cast, ready) -> None:
    recipient, bag = ready
    with clock.pinned(START + timedelta(days=7, seconds=1)), pytest.raises(
            WrongMoment, match="days old"):
        order(cast, recipient, bag)


def test_one_order_at_a_time_and_anew_after_cancelling(cast: Cast, ready) -> None:
    recipient, bag = ready
    first = order(cast, recipient, bag)
    with pytest.raises(AlreadyDone, match="cancel it"):
        order(cast, recipient, bag.lot.bags[1])
    with transaction():
        service.cancel_order(first, "Fever.", by=cast.paula, at=clock.now())
    assert order(cast, recipient, bag).given_cells == 0
    with pytest.raises(AlreadyDone, match="cancelled before"), transaction():
        service.cancel_order(first, "Fever.", by=cast.paula, at=clock.now())


@pytest.mark.parametrize("reason", ["", "   "])
def test_cancelling_says_why_and_is_the_physicians(cast: Cast, ready, reason: str) -> None:
    recipient, bag = ready
    made = order(cast, recipient, bag)
    with pytest.raises(Malformed), transaction():
        service.cancel_order(made, reason, by=cast.paula, at=clock.now())
    with pytest.raises(NotAllowed), transaction():
        service.cancel_order(made, "Fever.", by=cast.nadia, at=clock.now())


def test_an_order_is_not_cancelled_while_its_bag_runs(cast: Cast) -> None:
    beside = bedside(cast)
    infusion = started(cast, beside)
    with pytest.raises(WrongMoment, match="running"), transaction():
        service.cancel_order(beside.order, "Fever.", by=cast.paula, at=clock.now())
    assert orders.given_cells(beside.recipient) == 70_000_000
    with transaction():
        service.stop(infusion, D(10), "Chills.", by=cast.nadia, at=clock.now())
    assert orders.given_cells(beside.recipient) == 14_000_000


def test_what_was_given_before_is_part_of_the_dose(cast: Cast) -> None:
    beside = bedside(cast)
    infusion = started(cast, beside)
    with transaction():
        service.stop(infusion, D(10), "Chills.", by=cast.nadia, at=clock.now())
    bag = second_bag(cast, beside)
    with pytest.raises(Unfit, match="14 x 10\\^6 were given before"):
        order(cast, beside.recipient, bag)
    further = order(cast, beside.recipient, bag, volume_ml=D(40))
    assert (further.given_cells, further.parts[0].cells) == (14_000_000, 56_000_000)
    beside.bag, beside.order = bag, further
    assert checked(cast, beside).check.verdict == "go"


def test_nobody_is_given_the_dose_twice(cast: Cast) -> None:
    beside = bedside(cast)
    finished(cast, beside)
    with pytest.raises(Unfit, match="were given before"):
        order(cast, beside.recipient, second_bag(cast, beside))


def test_a_bag_that_is_gone_is_not_ordered(cast: Cast, ready) -> None:
    recipient, bag = ready
    with transaction():
        bags.destroy(bag, "It leaks.", by=cast.tessa, at=clock.now())
    with pytest.raises(WrongMoment, match="destroyed"):
        order(cast, recipient, bag)


GOOD = BagFacts(code="BX", title="Bag 1", is_for="R-001", place=Place.STORED,
                standing=Standing.PENDING, usable_until=START + timedelta(days=1),
                volume_ml=D(50), viable_cells=70_000_000, dmso_percent=D(10),
                recovery_percent=D(100), recovery_why="assumed", in_order=None)


@pytest.mark.parametrize("different, refusal", [
    ({"is_for": "R-002"}, Unfit), ({"place": Place.INFUSED}, WrongMoment),
    ({"place": Place.INFUSING}, WrongMoment), ({"place": Place.DESTROYED}, WrongMoment),
    ({"standing": Standing.REJECTED}, WrongMoment),
    ({"standing": Standing.NONCONFORMING}, WrongMoment), ({"usable_until": START}, WrongMoment),
    ({"in_order": "VX"}, AlreadyDone)])
def test_which_bags_may_be_ordered(different: dict, refusal: type[Refused]) -> None:
    dose.may_be_ordered(GOOD, "R-001", START)
    with pytest.raises(refusal):
        dose.may_be_ordered(BagFacts(**{**GOOD.__dict__, **different}), "R-001", START)


@pytest.mark.parametrize("volume, cells", [
    ("50", 70_000_000), ("25", 35_000_000), ("0.01", 14_000), ("33.33", 46_662_000)])
def test_cells_go_with_the_volume(volume: str, cells: int) -> None:
    assert dose.cells_in(GOOD, D(volume)) == cells


@pytest.mark.parametrize("kg, dmso, fits", [
    ("40", "40", True), ("40", "40.1", False), ("70", "50", True), ("70", "50.1", False)])
def test_the_dmso_limit_is_per_kg_and_in_all(kg: str, dmso: str, fits: bool) -> None:
    if fits:
        dose.dmso_fits(D(kg), D(dmso), LIMITS)
    else:
        with pytest.raises(Unfit, match="DMSO"):
            dose.dmso_fits(D(kg), D(dmso), LIMITS)


def test_the_order_says_how_it_came_about_on_the_page_and_on_paper(cast: Cast, ready) -> None:
    recipient, bag = ready
    made = order(cast, recipient, bag)
    lines = order_sheet.steps(made)
    assert lines[0] == "Target: 1 x 10^6 cells/kg × 70 kg = 70 x 10^6 viable cells."
    assert "100 % come out of thawing viable (assumed by nct02213705-2)" in lines[1]
    assert lines[2] == f"Exactly 50 mL of {bag.title} are wanted, and ordered."
    assert lines[3] == ("Together 70 x 10^6: +0.00 % of the target; the protocol allows 10 % either "
                        "way.")
    assert lines[4] == "DMSO: 5 mL = 0.071 mL/kg; at most 50 mL for this weight."
    assert lines[5].startswith("Not faster than 5.8 mL/min: at most 6 mL/min; at most 5 mL/kg/h")
    paper = order_sheet.order_sheet(made)
    assert paper.startswith(b"%PDF") and paper == order_sheet.order_sheet(made)


@pytest.mark.parametrize("dose_per_kg, target", [(1_000_000, 70_000_000), (3_000_000, 210_000_000)])
def test_seventy_kilograms_are_seventy_and_two_hundred_and_ten_million(dose_per_kg: int,
                                                                       target: int) -> None:
    assert orders.target_cells(dose_per_kg, D(70)) == target


@pytest.mark.parametrize("recovery, target, volumes", [
    ("100", 70_000_000, ["50"]), ("100", 35_000_000, ["25.0"]), ("80", 70_000_000, ["50", "12.5"]),
    ("100", 210_000_000, ["50", "50", "50"]), ("100", 70_050_000, ["50"])])
def test_bags_are_proposed_whole_first_and_a_part_of_the_last(
        recovery: str, target: int, volumes: list[str]) -> None:
    bag = BagFacts(**{**GOOD.__dict__, "recovery_percent": D(recovery)})
    found = explained.proposal(target, 0, [bag, bag, bag], D("0.1"))
    assert [volume for _, volume in found] == [D(each) for each in volumes]
