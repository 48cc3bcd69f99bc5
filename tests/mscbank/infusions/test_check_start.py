"""The check by two, its token, and the start judged again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.acts import catalogue, perform
from mscbank.audit.models import Entry
from mscbank.bags.lifecycle import Place
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, NotAllowed, Unfit
from mscbank.infusions import service
from mscbank.infusions.models import Check, Infusion
from mscbank.recipients import service as recipients
from mscbank.release import stops
from tests.cast import Cast
from tests.conftest import START
from tests.stages.infusions import Bedside, bedside, checked, second_bag, started
from tests.stages.labelling import label_text
from tests.stages.recipients import allocated_recipient, wristband


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def beside(cast: Cast) -> Bedside:
    return bedside(cast)


def start(cast: Cast, beside: Bedside, token: str, by: str = "nadia") -> Infusion:
    with transaction():
        return service.start(beside.bag, token, by=getattr(cast, by), at=clock.now())


def acts() -> list[str]:
    return list(session.scalars(sa.select(Entry.act).order_by(Entry.sequence)))


def test_a_go_carries_a_token_of_which_only_the_digest_is_kept(cast, beside) -> None:
    outcome = checked(cast, beside)
    assert outcome.check.verdict == "go" and outcome.findings == ()
    assert outcome.check.token_digest == hashlib.sha256(outcome.token.encode()).hexdigest()
    assert outcome.seconds == 60
    assert outcome.check.token_until == START + timedelta(seconds=60)
    body = session.scalars(sa.select(Entry.body).order_by(Entry.sequence.desc())).first()
    assert outcome.token not in body and '"verdict":"go"' in body


def test_the_infusion_starts_once(cast, beside) -> None:
    token = checked(cast, beside).token
    infusion = start(cast, beside, token)
    assert beside.bag.place is Place.INFUSING
    assert (infusion.recipient_id, infusion.order_id) == (beside.recipient.id, beside.order.id)
    assert infusion.started_at == START
    with pytest.raises(AlreadyDone, match="started before"):
        start(cast, beside, token)


@pytest.mark.parametrize("who", ["nadia", "noel"])
def test_either_of_the_two_starts(cast, beside, who: str) -> None:
    assert start(cast, beside, checked(cast, beside).token, by=who).code


def test_a_third_person_does_not(cast, beside) -> None:
    with pytest.raises(NotAllowed, match="one of the two"):
        start(cast, beside, checked(cast, beside).token, by="paula")


@pytest.mark.parametrize("token", ["", "guess", "x" * 100])
def test_a_guessed_token_starts_nothing(cast, beside, token: str) -> None:
    checked(cast, beside)
    with pytest.raises(Unfit, match="scan wristband and bag again"):
        start(cast, beside, token)
    assert beside.bag.place is Place.RECEIVED


def test_a_token_is_good_for_sixty_seconds(cast, beside) -> None:
    token = checked(cast, beside).token
    with clock.pinned(START + timedelta(seconds=60, microseconds=1)):
        with pytest.raises(Unfit, match="too old"):
            start(cast, beside, token)
    with clock.pinned(START + timedelta(seconds=60)):
        assert start(cast, beside, token).started_at == START + timedelta(seconds=60)


def test_a_clock_set_back_does_not_renew_it(cast, beside) -> None:
    token = checked(cast, beside).token
    with clock.pinned(START + timedelta(minutes=5)), transaction():
        stops.open_deviation(beside.bag.code, stops.Severity.MINOR, "A scratch.", by=cast.tessa,
                             at=clock.now())
    with pytest.raises(Unfit, match="too old"):
        start(cast, beside, token)


def test_a_token_starts_only_its_own_bag(cast, beside) -> None:
    token = checked(cast, beside).token
    other = Bedside(second_bag(cast, beside), beside.recipient, beside.band, beside.order)
    with pytest.raises(Unfit, match="check of this bag"):
        start(cast, other, token)


def test_what_happens_between_check_and_start_counts(cast, beside) -> None:
    token = checked(cast, beside).token
    with transaction():
        stops.hold_bag(beside.bag, "A crack.", by=cast.tessa, at=clock.now())
    with pytest.raises(Unfit) as refusal:
        start(cast, beside, token)
    assert refusal.value.reasons == ("held",)
    assert beside.bag.place is Place.RECEIVED
    assert session.scalar(sa.select(sa.func.count(Infusion.id))) == 0


def test_a_withdrawn_consent_between_counts_too(cast, beside) -> None:
    token = checked(cast, beside).token
    with transaction():
        recipients.withdraw(beside.recipient, "No.", by=cast.carole, at=clock.now())
    with pytest.raises(Unfit) as refusal:
        start(cast, beside, token)
    assert refusal.value.reasons == ("consent withdrawn",)


def test_a_stop_is_kept_and_is_no_error(cast, beside) -> None:
    other = wristband(cast, allocated_recipient(cast, name="Rose Petit"))
    outcome = checked(cast, beside, wristband=other.code)
    assert (outcome.check.verdict, outcome.token) == ("stop", None)
    assert "wrong recipient" in outcome.check.reasons
    assert outcome.check.wristband_id == other.id
    assert acts()[-1] == "check"


@pytest.mark.parametrize("band", ["", "rubbish", "BXBBBBBBBBBBBBBBBBBB"])
def test_a_band_that_cannot_be_read_is_kept_too(cast, beside, band: str) -> None:
    outcome = checked(cast, beside, wristband=band)
    assert outcome.check.verdict == "cannot tell"
    assert outcome.check.wristband_id is None
    body = session.scalars(sa.select(Entry.body).order_by(Entry.sequence.desc())).first()
    assert "rubbish" not in body


def test_two_people_are_two(cast, beside) -> None:
    alone = checked(cast, beside, second=None)
    assert alone.check.reasons == ["second person missing"]
    twice = checked(cast, beside, second=cast.nadia)
    assert twice.check.reasons == ["same person"]
    assert twice.check.second_id is None and twice.token is None


def test_both_must_be_allowed_to_infuse(cast, beside) -> None:
    with pytest.raises(NotAllowed):
        checked(cast, beside, second=cast.tessa)
    with pytest.raises(NotAllowed):
        checked(cast, beside, by=cast.tessa)


def test_another_bags_label_is_refused(cast, beside) -> None:
    other = label_text(beside.bag.lot.bags[1])
    with pytest.raises(Unfit, match="another bag's"):
        checked(cast, beside, label=other)


def test_each_go_is_a_token_of_its_own_and_one_starts(cast, beside) -> None:
    first, second = checked(cast, beside).token, checked(cast, beside).token
    assert first != second
    start(cast, beside, second)
    with pytest.raises(AlreadyDone):
        start(cast, beside, first)


def test_a_started_bag_checks_as_already_done(cast, beside) -> None:
    started(cast, beside)
    assert checked(cast, beside).check.verdict == "already done"


def test_the_whole_way_through_the_one_door(cast, beside) -> None:
    find = catalogue()
    data = {"wristband": beside.band.code, "label": label_text(beside.bag),
            "wristband_again": beside.band.code, "label_again": label_text(beside.bag)}
    told = perform(find["bags", "check"], beside.bag.code, data, by=cast.nadia,
                   second=cast.word("noel"), key="one")
    again = perform(find["bags", "check"], beside.bag.code, data, by=cast.nadia,
                    second=cast.word("noel"), key="one")
    assert told == again and told["verdict"] == "go" and told["findings"] == []
    assert session.scalar(sa.select(sa.func.count(Check.id))) == 1
    begun = perform(find["bags", "start"], beside.bag.code, {"token": told["token"]},
                    by=cast.nadia)
    with pytest.raises(AlreadyDone):
        perform(find["bags", "start"], beside.bag.code, {"token": told["token"]}, by=cast.nadia)
    assert acts()[-1] == "refused"
    with clock.pinned(datetime.fromisoformat(begun["not_before"])):
        ended = perform(find["infusions", "finish"], begun["code"],
                        {"volume_given_ml": Decimal(50)}, by=cast.nadia)
    assert ended["ended_at"]


def test_the_witness_signs_with_their_own_word(cast, beside) -> None:
    told = perform(catalogue()["bags", "check"], beside.bag.code,
                   {"wristband": beside.band.code}, by=cast.nadia, second=cast.word("nadia"))
    assert told["verdict"] == "stop"
    assert [finding["reason"] for finding in told["findings"]] == ["same person"]
