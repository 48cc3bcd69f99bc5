"""Two people, each on a phone of their own, who scan different things at one bed: both hear it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from mscbank import clock
from mscbank.accounts import service as accounts
from mscbank.accounts.models import Account
from mscbank.audit.reading import history
from mscbank.audit.service import record
from mscbank.bags.models import Bag
from mscbank.database import session, transaction
from mscbank.infusions import halves, orders, service
from mscbank.infusions.models import Check, HalfCheck
from mscbank.permissions import Role
from mscbank.release import stops
from tests.cast import Cast
from tests.conftest import START
from tests.mscbank.infusions.test_own_check import scans
from tests.stages.infusions import Bedside, bedside, checked, order, second_bag, started
from tests.stages.labelling import apply, label_text, reprinted
from tests.stages.recipients import allocated_recipient, weigh, wristband

NOT_THE_SAME = ("The two of you did not scan the same wristband and the same bag. Do not infuse. Look "
                "at both together, then begin again.")


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def beside(cast: Cast) -> Bedside:
    """The first of the two bags of a dose."""
    alone = bedside(cast, ordered=False)
    bag = second_bag(cast, alone)
    alone.order = order(cast, alone.recipient, alone.bag, bag, volume_ml=Decimal(25))
    return alone


@pytest.fixture
def other(beside: Bedside) -> Bedside:
    """The second of them."""
    bag = next(part.bag for part in beside.order.parts if part.bag is not beside.bag)
    return Bedside(bag, beside.recipient, beside.band, beside.order)


def at_bag(who: str, bag: Bag) -> str:
    return f"{who} scanned label 1 of bag {bag.number} of lot {bag.lot.number}."


def both_hear(hers: HalfCheck, outcome: service.Outcome) -> Check:
    """The one check that answers her, who waited, and him, who scanned last."""
    check = outcome.check
    assert check is not None and outcome.token is None
    assert halves.state_of(hers, START) == ("answered", check)
    assert (check.first_half_id, check.second_half_id) == (outcome.half.id, hers.id)
    assert (check.recorded_by_id, check.second_id) == (
        outcome.half.recorded_by_id, hers.recorded_by_id)
    return check


def test_two_who_scanned_different_bags_of_a_dose_are_both_told_stop_and_what_to_do(
        cast, beside, other) -> None:
    hers = scans(beside, cast.nadia).half
    check = both_hear(hers, scans(other, cast.noel))
    assert (check.verdict, check.reasons, check.bag) == ("stop", ["different scans"], other.bag)
    assert check.told == [
        NOT_THE_SAME, at_bag("Nadia Simon", beside.bag), at_bag("Noel Garnier", other.bag),
        "Both bags are ordered for R-001. Put them side by side, choose the one that is given now, "
        "and scan that one, both of you."]


def test_each_of_the_two_bags_has_the_stop_in_its_history(cast, beside, other) -> None:
    scans(beside, cast.nadia)
    check = scans(other, cast.noel).check
    for bag in (beside.bag, other.bag):
        entry = history(bag)[0]
        assert (entry.act, entry.by) == ("check", "noel")
        assert entry.facts["check"] == check.code and entry.facts["verdict"] == "stop"
        assert entry.facts["reasons"] == ["different scans"]
        assert (entry.facts["second"], entry.facts["label"]) == (cast.nadia.code, 1)


def test_after_such_a_stop_both_scan_again_at_once_and_the_bag_starts(cast, beside, other) -> None:
    scans(beside, cast.nadia)
    assert scans(other, cast.noel).check.verdict == "stop"
    for one in (beside, other):  # one after the other, whoever scans first
        assert scans(one, cast.noel).check is None
        go = scans(one, cast.nadia)
        assert go.check.verdict == "go"
        with transaction():
            service.start(one.bag, go.token, by=cast.noel, at=clock.now())


def test_two_bags_may_be_checked_crosswise_where_one_person_has_scanned_both(
        cast, beside, other) -> None:
    """Bag one, bag two; then the second person the same, in whatever order: two yeses."""
    first, second = scans(beside, cast.nadia).half, scans(other, cast.nadia).half
    for one, hers in ((other, second), (beside, first)):
        check = scans(one, cast.noel).check
        assert (check.verdict, check.second_half_id) == ("go", hers.id)


def test_what_somebody_scanned_before_their_last_scans_stops_nobody(cast, beside, other) -> None:
    scans(beside, cast.nadia)
    scans(beside, cast.nadia)  # she began again: the first of these two stays in no check
    assert scans(beside, cast.noel).check.verdict == "go"
    assert scans(other, cast.noel).check is None
    assert scans(other, cast.nadia).check.verdict == "go"


def test_scans_that_are_over_stop_nobody(cast, beside, other) -> None:
    hers = scans(beside, cast.nadia).half
    with clock.pinned(START + timedelta(minutes=5, microseconds=1)):
        assert scans(other, cast.noel).check is None
        assert halves.state_of(hers, clock.now())[0] == "over"


def test_the_control_one_moment_before_they_do(cast, beside, other) -> None:
    scans(beside, cast.nadia)
    with clock.pinned(START + timedelta(minutes=5)):
        assert scans(other, cast.noel).check.verdict == "stop"


def test_one_person_alone_is_not_stopped_by_what_they_scanned_themselves(cast, beside, other) -> None:
    assert [scans(one, cast.nadia).check for one in (beside, other, beside)] == [None] * 3


def test_who_may_not_infuse_any_more_stops_nobody(cast, beside, other) -> None:
    scans(beside, cast.nadia)
    with transaction():
        accounts.take_role(session.get_one(Account, cast.nadia.id), Role.NURSE, by=cast.adam,
                           at=clock.now(), reason="she moved to another ward")
    with clock.pinned(START + timedelta(seconds=1)):
        assert scans(other, cast.noel).check is None


def test_people_at_two_beds_do_not_hear_of_one_another(cast) -> None:
    """Neither the bag nor the wristband is the same: a stop of the one says nothing to the other."""
    beside = bedside(cast)
    hers = scans(beside, cast.nadia).half
    rose = wristband(cast, allocated_recipient(cast, name="Rose Petit"))
    elsewhere = Bedside(beside.bag.lot.bags[1], rose.recipient, rose, None)
    check = scans(elsewhere, cast.noel).check
    assert check.verdict == "stop" and "different scans" not in check.reasons
    assert (check.first_half_id, check.second_id) == (None, None)
    assert halves.state_of(hers, START) == ("waiting", None)


def test_a_wrong_wristband_stops_who_waits_for_the_same_bag_too(cast, beside) -> None:
    hers = scans(beside, cast.nadia).half
    rose = wristband(cast, allocated_recipient(cast, name="Rose Petit"))
    weigh(cast, rose.recipient)
    check = both_hear(hers, scans(beside, cast.noel, wristband=rose.code))
    assert (check.verdict, check.reasons) == ("stop", ["wrong recipient", "different scans"])
    number = rose.recipient.number
    assert check.told[0].startswith(f"This bag is for R-001; the wristband is {number}'s.")
    assert check.told[1:] == [NOT_THE_SAME, "Nadia Simon scanned the wristband of R-001.",
                              f"Noel Garnier scanned the wristband of {number}."]


def test_a_wrong_bag_stops_who_waits_at_the_same_wristband_too(cast) -> None:
    beside = bedside(cast)
    hers = scans(beside, cast.nadia).half
    wrong = beside.bag.lot.bags[1]  # in the laboratory still, and not ordered
    check = both_hear(hers, scans(Bedside(wrong, beside.recipient, beside.band, None), cast.noel))
    assert check.verdict == "stop" and check.reasons[-1] == "different scans"
    assert {"not ordered", "custody gap"} <= set(check.reasons)
    assert check.told[-2:] == [  # and nobody is told to choose between them
        at_bag("Nadia Simon", beside.bag), at_bag("Noel Garnier", wrong)]


def test_two_bags_of_which_an_order_was_cancelled_are_nobodys_to_choose(cast, beside, other) -> None:
    hers = scans(beside, cast.nadia).half
    with transaction():
        orders.cancel_order(beside.order, "Fever.", by=cast.paula, at=clock.now())
    check = both_hear(hers, scans(other, cast.noel))
    assert check.reasons == ["order cancelled", "different scans"]
    assert check.told[-1] == at_bag("Noel Garnier", other.bag)


def test_a_replaced_wristband_on_one_of_two_phones_is_told(cast, beside) -> None:
    hers = scans(beside, cast.nadia).half
    new = wristband(cast, beside.recipient)
    check = both_hear(hers, scans(beside, cast.noel, wristband=new.code))
    assert (check.verdict, check.reasons) == ("stop", ["different scans"])
    assert check.told[1:] == [
        "Nadia Simon scanned a wristband of R-001 that was replaced or ended.",
        "Noel Garnier scanned the wristband of R-001."]


def test_two_labels_of_one_bag_are_told(cast, beside) -> None:
    hers = scans(beside, cast.nadia).half
    reprinted(cast, beside.bag)
    apply(cast, beside.bag)
    check = both_hear(hers, scans(beside, cast.noel))
    assert (check.verdict, check.reasons) == ("stop", ["different scans"])
    bag = f"bag {beside.bag.number} of lot {beside.bag.lot.number}."
    assert check.told[1:] == [f"Nadia Simon scanned label 1 of {bag}",
                              f"Noel Garnier scanned label 2 of {bag}"]


def test_what_stops_the_second_who_scanned_the_same_stops_the_first_who_waits(cast, beside) -> None:
    hers = scans(beside, cast.nadia).half
    with transaction():
        stops.hold_bag(beside.bag, "A crack.", by=cast.tessa, at=clock.now())
    check = both_hear(hers, scans(beside, cast.noel))
    assert (check.verdict, check.reasons) == ("stop", ["held"])


def test_a_typed_code_on_one_phone_and_a_label_on_the_other_are_one_bag(cast, beside) -> None:
    for first, then in ((None, label_text(beside.bag)), (label_text(beside.bag), None)):
        assert scans(beside, cast.nadia, label=first).check is None
        assert scans(beside, cast.noel, label=then).check.verdict == "go"


def test_of_two_who_wait_the_one_who_scanned_last_hears_it(cast, beside, other) -> None:
    """Two who wait for different things, and a third whose scans touch on both."""
    rose = wristband(cast, allocated_recipient(cast, name="Rose Petit"))
    with transaction():
        at = clock.now()
        halves.keep(beside.bag, beside.band.id, 1, cast.nadia, at, 5)
        last = halves.keep(other.bag, rose.id, 1, cast.paula, at, 5)
        record("own check", beside.bag, by=cast.nadia, at=at)
    found, who, same = halves.anothers(beside.bag, rose.id, 1, cast.noel, clock.now())
    assert (found, who.id, same) == (last, cast.paula.id, False)


def test_two_bags_at_anothers_wristband_are_not_said_to_be_ordered_for_that_person(
        cast, beside, other) -> None:
    rose = wristband(cast, allocated_recipient(cast, name="Rose Petit"))
    check = checked(cast, beside, wristband=rose.code, label_again=label_text(other.bag)).check
    assert {"wrong recipient", "different scans"} <= set(check.reasons)
    assert check.told[-1] == at_bag("Noel Garnier", other.bag)


def test_a_bag_that_runs_already_stops_nobody_who_checks_the_next(cast, beside, other) -> None:
    started(cast, beside)
    hers = scans(other, cast.nadia).half
    seen = scans(beside, cast.noel)  # he scans the one that runs
    assert (seen.check.verdict, seen.check.second_id) == ("already done", None)
    assert halves.state_of(hers, START)[0] == "waiting"
    assert scans(other, cast.noel).check.verdict == "go"


def test_a_phone_that_is_handed_over_finds_the_same_and_tells_both_bags(cast, beside, other) -> None:
    check = checked(cast, beside, label_again=label_text(other.bag)).check
    assert check.told == [
        NOT_THE_SAME, at_bag("Nadia Simon", beside.bag), at_bag("Noel Garnier", other.bag),
        "Both bags are ordered for R-001. Put them side by side, choose the one that is given now, "
        "and scan that one, both of you."]
