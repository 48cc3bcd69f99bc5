"""Collecting marrow: who may give, when, and the donation number that is born here."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from labels.isbt128 import din
from mscbank import acts, clock, settings
from mscbank.database import transaction
from mscbank.donors import service as donors
from mscbank.donors.models import Agent, Reaction
from mscbank.donors.rules import markers_of_sample
from mscbank.errors import AlreadyDone, Malformed, Refused, Unfit, WrongMoment
from mscbank.harvests import rules, service
from mscbank.harvests.schemas import HarvestMarrow
from mscbank.recipients import service as recipients
from tests.cast import Cast
from tests.conftest import START
from tests.stages.donors import (
    LABORATORY,
    REQUIRED,
    accept_by_exception,
    consenting_donor,
    eligible_donor,
    exceptional_donor,
)
from tests.stages.harvests import collected_harvest
from tests.stages.recipients import consenting_recipient

DAY = timedelta(days=1)
TYPED = {"site": "sternum", "collected_at": "2026-03-02T09:00:00+01:00", "volume_ml": "30.5",
         "anticoagulant": "heparin"}


@pytest.fixture
def cast(bank):
    return Cast()


@pytest.fixture
def donor(cast):
    return eligible_donor(cast, consenting_recipient(cast))


def test_donation_numbers_follow_each_other(cast, donor):
    numbers = []
    for day in range(3):
        with clock.pinned(START + day * DAY):
            numbers.append(collected_harvest(cast, donor).din)
    assert numbers == ["A999926000001", "A999926000002", "A999926000003"]
    assert all(din.is_valid(number) for number in numbers)


def test_the_year_of_a_donation_number_is_the_sites_year(cast):
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Paris
    with clock.pinned(new_year):
        first = collected_harvest(cast, eligible_donor(cast, consenting_recipient(cast)))
    assert first.din == "A999927000001"


def test_another_facility_counts_for_itself(cast, donor, monkeypatch):
    collected_harvest(cast, donor)
    monkeypatch.setattr(settings, "_held", replace(settings.settings(), facility="A9998"))
    with clock.pinned(START + DAY):
        assert collected_harvest(cast, donor).din == "A999826000001"


def test_a_harvest_is_found_by_its_number_as_people_type_it(cast, donor):
    harvest = collected_harvest(cast, donor)
    typed = f"a9999 26-000001 {din.parse(harvest.din).check}"
    assert service.find_harvest(typed) is harvest
    assert service.find_harvest("A999926000002") is None
    assert service.find_harvest("A999926000001" + "?") is None


def test_a_harvest_goes_through_the_one_door(cast, donor):
    told = acts.perform(acts.catalogue()["donors", "harvest"], donor.code,
                        HarvestMarrow().load(TYPED), by=cast.nadia)
    assert told["din"] == "A999926000001" and told["code"].startswith("HX")


def test_nobody_gives_undecided(cast):
    donor = consenting_donor(cast, consenting_recipient(cast))
    with pytest.raises(Unfit, match="not decided"):
        collected_harvest(cast, donor)


def test_a_donor_accepted_by_exception_gives(cast):
    donor = exceptional_donor(cast, consenting_recipient(cast))
    assert collected_harvest(cast, donor).din


def test_a_donor_never_tested_gives_only_by_exception(cast):
    donor = consenting_donor(cast, consenting_recipient(cast))
    accept_by_exception(cast, donor)
    assert collected_harvest(cast, donor).din


def test_a_donor_found_not_eligible_does_not_give():
    for outcome in (None, "not eligible"):
        with pytest.raises(Unfit, match="D-001 is not"):
            rules.accepted(outcome, "D-001")


def test_nobody_gives_who_withdrew(cast, donor):
    with transaction():
        donors.withdraw_donor(donor, "None given", by=cast.carole, at=clock.now())
    with pytest.raises(WrongMoment, match="D-001 does not consent"):
        collected_harvest(cast, donor)


def test_nobody_gives_for_a_recipient_who_withdrew(cast, donor):
    with transaction():
        recipients.withdraw(donor.recipient, "None given", by=cast.carole, at=clock.now())
    with pytest.raises(WrongMoment, match="R-001 does not consent"):
        collected_harvest(cast, donor)


def test_a_test_that_came_after_the_decision_stops_the_needle(cast, donor):
    with transaction():
        donors.record_marker(donor, Agent.HTLV, Reaction.REACTIVE, START, LABORATORY,
                             by=cast.carole, at=clock.now())
    with pytest.raises(WrongMoment, match="decides again"):
        collected_harvest(cast, donor)


def test_marrow_is_not_collected_on_old_blood(cast, donor):
    with clock.pinned(START + 30 * DAY):
        assert collected_harvest(cast, donor).din
    with clock.pinned(START + 30 * DAY + timedelta(minutes=1)):
        with pytest.raises(Unfit, match="30 days.*anti-HIV-1/2, HBsAg"):
            collected_harvest(cast, donor)


@pytest.mark.parametrize(("days_before", "missing_accepted", "passes"), [
    ([0], False, True), ([30], False, True), ([30.001], False, False), ([-0.001], False, False),
    ([90, 3], False, True), ([], False, False), ([], True, True), ([90], True, False)])
def test_which_samples_count(days_before, missing_accepted, passes):
    sampled = {agent: [START] for agent in REQUIRED[1:]}
    sampled[REQUIRED[0]] = [START - days * DAY for days in days_before]
    refused = nullcontext() if passes else pytest.raises(Unfit, match="anti-HIV-1/2:")
    with refused:
        markers_of_sample(REQUIRED, sampled, START, 30, missing_accepted=missing_accepted)


def test_one_collection_is_recorded_once(cast, donor):
    collected_harvest(cast, donor)
    with pytest.raises(AlreadyDone):
        collected_harvest(cast, donor)


def test_impossible_collections_are_refused(cast, donor):
    for different in (
            {"collected_at": START + timedelta(seconds=1)}, {"collected_at": START - DAY},
            {"collected_at": START - timedelta(minutes=1)},
            {"collected_at": START.replace(tzinfo=None)}, {"volume_ml": Decimal(0)},
            {"volume_ml": Decimal(-5)}, {"volume_ml": Decimal("2000.1")},
            {"volume_ml": Decimal("NaN")}):
        with pytest.raises(Malformed):
            collected_harvest(cast, donor, **different)
    assert donor.harvests == []


def test_when_the_years_numbers_are_used_up_nothing_is_invented(cast, donor, monkeypatch):
    monkeypatch.setattr(service.session, "scalar", lambda *_: "A999926999999")
    with pytest.raises(Refused, match="No donation number"):
        service._next_din(2026)


@pytest.mark.parametrize("wrong", [
    {"site": "elbow"}, {"anticoagulant": "none"}, {"volume_ml": "0"}, {"volume_ml": "2001"},
    {"volume_ml": "30.55"}, {"volume_ml": "NaN"}, {"collected_at": "2026-03-02T09:00:00"},
    {"collected_at": "soon"}])
def test_a_malformed_collection_is_refused_by_its_schema(wrong):
    assert HarvestMarrow().load(TYPED)["volume_ml"] == Decimal("30.5")
    assert set(HarvestMarrow().validate(TYPED | wrong)) == set(wrong)
