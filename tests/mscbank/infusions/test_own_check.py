"""The blind second check: each person's scans are a half of their own, and only two make a go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mscbank import clock
from mscbank.accounts import service as accounts
from mscbank.accounts.models import Account
from mscbank.audit.models import Entry
from mscbank.audit.service import record
from mscbank.database import current, session, transaction
from mscbank.errors import NotAllowed, Refused
from mscbank.infusions import checking, halves, service
from mscbank.infusions.models import Check, HalfCheck, Infusion
from mscbank.permissions import Actor, Role
from mscbank.release import stops
from tests.cast import Cast
from tests.conftest import START
from tests.stages.infusions import Bedside, bedside, checked, second_bag
from tests.stages.labelling import label_text, reprinted
from tests.stages.recipients import allocated_recipient, wristband


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def beside(cast: Cast) -> Bedside:
    return bedside(cast)


def scans(beside: Bedside, by: Actor, **different: Any) -> service.Outcome:
    """One person scans band and bag on a device of their own."""
    how = {"wristband": beside.band.code, "label": label_text(beside.bag)} | different
    with transaction():
        return service.own_check(beside.bag, **how, by=by, at=clock.now())


def test_one_person_alone_waits_and_starts_nothing(cast, beside) -> None:
    outcome = scans(beside, cast.nadia)
    assert (outcome.check, outcome.token) == (None, None)
    assert halves.state_of(outcome.half, START) == ("waiting", None)
    assert session.scalar(sa.select(sa.func.count(Check.id))) == 0
    assert session.scalars(sa.select(Entry.act).order_by(Entry.sequence.desc())).first() == (
        "own check")


def test_two_people_on_two_devices_make_one_go(cast, beside) -> None:
    mine = scans(beside, cast.nadia).half
    go = scans(beside, cast.noel)
    assert go.check.verdict == "go" and go.token == checking.token_of(go.check.code)
    assert (go.check.recorded_by_id, go.check.second_id) == (cast.noel.id, cast.nadia.id)
    assert halves.state_of(mine, START) == ("answered", go.check)
    with transaction():
        begun = service.start(beside.bag, go.token, by=cast.nadia, at=clock.now())
    assert begun.check_id == go.check.id


def test_the_same_person_twice_is_one_person(cast, beside) -> None:
    scans(beside, cast.nadia)
    assert scans(beside, cast.nadia).check is None


@pytest.mark.parametrize("differently", [False, True])
def test_the_scans_of_an_account_that_has_ended_since_count_for_nothing(
        cast, beside, differently: bool) -> None:
    scans(beside, cast.nadia)
    how = {"wristband": bedside(cast).band.code} if differently else {}
    with transaction():
        accounts.end_account(session.get_one(Account, cast.nadia.id), by=cast.adam,
                             at=clock.now(), reason="Has left the ward.")
    alone = scans(beside, cast.noel, **how)
    assert alone.token is None and (alone.check is None or alone.check.second_id is None)


def test_a_half_is_good_for_five_minutes(cast, beside) -> None:
    half = scans(beside, cast.nadia).half
    with clock.pinned(START + timedelta(minutes=5, microseconds=1)):
        assert halves.state_of(half, clock.now())[0] == "over"
        assert scans(beside, cast.noel).check is None
    with clock.pinned(START + timedelta(minutes=6)):  # the control: his own is fresh still
        assert scans(beside, cast.nadia).check.verdict == "go"


def test_a_half_serves_one_check(cast, beside) -> None:
    scans(beside, cast.nadia)
    assert scans(beside, cast.noel).token
    assert scans(beside, cast.noel).check is None


def test_another_bag_of_the_same_person_does_not_agree(cast, beside) -> None:
    other = Bedside(second_bag(cast, beside), beside.recipient, beside.band, beside.order)
    scans(beside, cast.nadia)
    assert scans(other, cast.noel).token is None


def test_the_wrong_wristband_stops_whoever_scanned_it(cast, beside) -> None:
    scans(beside, cast.nadia)
    other = wristband(cast, allocated_recipient(cast, name="Rose Petit"))
    outcome = scans(beside, cast.noel, wristband=other.code)
    assert (outcome.check.verdict, outcome.token) == ("stop", None)
    assert "wrong recipient" in outcome.check.reasons
    assert outcome.check.told[0].startswith("This bag is for R-001")


def test_an_old_label_stops_whoever_scanned_it(cast, beside) -> None:
    scans(beside, cast.nadia)
    old = label_text(beside.bag)
    reprinted(cast, beside.bag)
    outcome = scans(beside, cast.noel, label=old)
    assert outcome.check.reasons == ["label not the current one"]


def test_what_happens_between_the_two_counts(cast, beside) -> None:
    scans(beside, cast.nadia)
    with transaction():
        stops.hold_bag(beside.bag, "A crack.", by=cast.tessa, at=clock.now())
    outcome = scans(beside, cast.noel)
    assert (outcome.check.verdict, outcome.check.reasons) == ("stop", ["held"])


def test_who_lost_the_right_meanwhile_is_no_second_person(cast, beside) -> None:
    scans(beside, cast.nadia)
    with transaction():
        accounts.take_role(session.get_one(Account, cast.nadia.id), Role.NURSE, by=cast.adam,
                           at=clock.now(), reason="she moved to another ward")
    with clock.pinned(START + timedelta(seconds=1)):
        assert scans(beside, cast.noel).check is None


def test_a_technician_does_not_check(cast, beside) -> None:
    with pytest.raises(NotAllowed):
        scans(beside, cast.tessa)


def test_a_second_person_who_did_not_scan_gives_no_go(cast, beside) -> None:
    outcome = checked(cast, beside, wristband_again=None)
    assert (outcome.check.verdict, outcome.check.reasons) == ("stop", ["second person missing"])


@pytest.mark.parametrize("again", ["rubbish", "another bag", "another band"])
def test_two_who_did_not_scan_the_same_are_told_stop(cast, beside, again: str) -> None:
    different = {"wristband_again": again} if again == "rubbish" else (
        {"label_again": label_text(beside.bag.lot.bags[1])} if again == "another bag" else
        {"wristband_again": wristband(cast, allocated_recipient(cast, name="Rose Petit")).code})
    outcome = checked(cast, beside, **different)
    assert (outcome.check.verdict, outcome.check.reasons) == ("stop", ["different scans"])


def test_a_stop_of_two_who_scanned_different_things_says_and_keeps_what_each_scanned(
        cast, beside) -> None:
    bag, other = beside.bag, second_bag(cast, beside)
    rose = wristband(cast, allocated_recipient(cast, name="Rose Petit"))
    lot = bag.lot.number
    mine = f"Nadia Simon scanned label 1 of bag {bag.number} of lot {lot}."
    band = "Nadia Simon scanned the wristband of R-001."
    for different, kept, told in (
        ({"label_again": label_text(other)}, (other, beside.band), (
            mine, f"Noel Garnier scanned label 1 of bag {other.number} of lot {lot}.")),
        ({"label_again": other.code}, (other, beside.band), (
            mine, f"Noel Garnier typed the code of bag {other.number} of lot {lot}.")),
        ({"wristband_again": rose.code}, (bag, rose), (
            band, f"Noel Garnier scanned the wristband of {rose.recipient.number}.")),
        ({"wristband_again": "rubbish"}, None, (
            band, "What Noel Garnier scanned as the wristband is not known here.")),
        ({"label_again": "BXBBBBBBBBBBBBBBBBBB", "wristband_again": rose.code}, None, (
            mine, "What Noel Garnier scanned as the bag is not known here.",
            band, f"Noel Garnier scanned the wristband of {rose.recipient.number}.")),
    ):
        check = checked(cast, beside, **different).check
        assert (check.verdict, check.reasons) == ("stop", ["different scans"])
        assert check.told[0].startswith("The two of you did not scan the same")
        assert tuple(check.told[1:]) == told
        first = session.get_one(HalfCheck, check.first_half_id)
        assert (first.bag, first.wristband, first.recorded_by_id) == (
            bag, beside.band, cast.nadia.id)
        theirs = check.second_half_id and session.get_one(HalfCheck, check.second_half_id)
        assert kept == (theirs and (theirs.bag, theirs.wristband))
    same = checked(cast, beside, label=bag.code)  # the control: typed and scanned are one bag
    assert (same.check.verdict, same.check.told) == ("go", [])


def test_scans_that_differed_make_no_go_of_a_later_check(cast, beside) -> None:
    """They are kept with their stop, and serve no other."""
    other = second_bag(cast, beside)
    stop = checked(cast, beside, label_again=label_text(other)).check
    hers, his = (session.get_one(HalfCheck, one)
                 for one in (stop.first_half_id, stop.second_half_id))
    assert halves.state_of(hers, START) == halves.state_of(his, START) == ("answered", stop)
    assert scans(beside, cast.noel).check is None
    with pytest.raises(DBAPIError):
        _forged(cast, beside, hers, his)


def test_the_scans_of_a_handed_over_phone_use_what_the_first_had_scanned(cast, beside) -> None:
    half = scans(beside, cast.nadia).half
    assert checked(cast, beside).check.first_half_id == half.id
    assert session.scalar(sa.select(sa.func.count(HalfCheck.id))) == 2


def _forged(cast: Cast, beside: Bedside, first: HalfCheck, second: HalfCheck) -> None:
    """A go written behind the acts' back, on these halves."""
    with transaction():
        at = current().at
        session.add(Check(
            bag_id=beside.bag.id, wristband_id=beside.band.id, at=at, verdict="go",
            second_id=cast.noel.id, reasons=[], told=[], first_half_id=first.id,
            second_half_id=second.id, token_digest="0" * 64,
            token_until=at + timedelta(minutes=1), recorded_by_id=cast.nadia.id, recorded_at=at))
        session.flush()
        record("check", beside.bag, by=cast.nadia, at=at)


def test_the_database_lets_no_go_stand_without_the_scans_of_both(cast, beside) -> None:
    hers, alone = scans(beside, cast.nadia).half, scans(beside, cast.nadia).half
    with pytest.raises(DBAPIError):
        _forged(cast, beside, hers, alone)  # one person's scans, twice
    with clock.pinned(START + timedelta(minutes=6)):
        his = scans(beside, cast.noel).half
        with pytest.raises(DBAPIError):
            _forged(cast, beside, hers, his)  # hers is older than five minutes


def test_the_control_two_fresh_halves_of_two_people_do_stand(cast, beside) -> None:
    hers = scans(beside, cast.nadia).half
    with transaction():
        his = halves.keep(beside.bag, beside.band.id, None, cast.noel, clock.now(), 5)
        record("own check", beside.bag, by=cast.noel, at=clock.now())
    _forged(cast, beside, hers, his)
    assert session.scalar(sa.select(Check.verdict)) == "go"


def test_a_half_is_written_once(cast, beside) -> None:
    half = scans(beside, cast.nadia).half
    with pytest.raises((DBAPIError, Refused)):
        with transaction():
            half.until_at = half.until_at + timedelta(hours=1)
            session.flush()
    assert session.scalar(sa.select(sa.func.count(Infusion.id))) == 0
