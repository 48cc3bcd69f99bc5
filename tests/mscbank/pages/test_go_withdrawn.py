"""A go that is shown is taken off the screen as soon as what it stood on has changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.database import db, transaction
from mscbank.errors import Unfit
from mscbank.infusions import facts, service
from mscbank.infusions.findings import Reason
from mscbank.infusions.models import Check
from mscbank.release import stops
from tests.cast import Cast
from tests.mscbank.infusions.test_judge import ON_THE_WAY
from tests.mscbank.pages.conftest import Browser
from tests.stages.bags import frozen_lot
from tests.stages.custody import thaw
from tests.stages.infusions import Bedside, bedside, checked
from tests.stages.papers import lift
from tests.stages.recipients import allocated_recipient, weigh
from tests.stages.release import released_lot

GO = '<h1 class="word" id="word">May be infused</h1>'
STOP = '<h1 class="word" id="word">Stop</h1>'


@pytest.fixture
def beside(cast: Cast) -> Bedside:
    return bedside(cast)


def stands(stranger: Browser, go: Check) -> bool:
    return stranger.get(f"/health?check={go.code}").json["stands"]


def shown(nurse: Browser, go: Check) -> str:
    return unescape(nurse.get(f"/bedside/answer/{go.code}").text)


def judged(ask: Callable[[], object]) -> int:
    """How often the facts of a verdict are read while this is asked."""
    said: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        ask()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)
    return sum("touches" in statement for statement in said)


@pytest.mark.parametrize("what, expected", ON_THE_WAY)
def test_what_would_refuse_the_start_takes_the_go_off_both_screens_and_says_why(
        browse, cast: Cast, beside: Bedside, what: Callable, expected: set[Reason]) -> None:
    outcome = checked(cast, beside)
    go, pair = outcome.check, (browse("nadia"), browse("noel"))
    assert stands(browse(), go) is True  # the control
    assert all(GO in shown(nurse, go) for nurse in pair)
    what(cast, beside)
    assert stands(browse(), go) is False
    with pytest.raises(Unfit) as refused, transaction():
        service.start(beside.bag, outcome.token, by=cast.nadia, at=clock.now())
    assert expected <= set(refused.value.reasons)
    for nurse in pair:
        page = shown(nurse, go)
        assert STOP in page and GO not in page
        assert "/bedside/start" not in page and "data-stands" not in page
        assert "Already done" not in page and "Cannot tell</h1>" not in page
        assert refused.value.sentence.split(" x 10^")[0].split(". ")[0] in page


def test_what_happens_elsewhere_is_judged_and_takes_no_go_away(
        browse, cast: Cast, beside: Bedside) -> None:
    go, stranger = checked(cast, beside).check, browse()
    assert judged(lambda: stands(stranger, go)) == 0, "nothing happened since"
    weigh(cast, allocated_recipient(cast, name="Rose Petit"))
    with transaction():
        stops.hold_bag(beside.bag.lot.bags[1], "A crack.", by=cast.tessa, at=clock.now())
    assert judged(lambda: stands(stranger, go)) == 1
    assert stands(stranger, go) is True and GO in shown(browse("noel"), go)


def test_a_go_stands_again_when_the_hold_is_lifted_within_its_time(
        browse, cast: Cast, beside: Bedside) -> None:
    outcome, nadia = checked(cast, beside), browse("nadia")
    with transaction():
        hold = stops.hold_bag(beside.bag, "A crack.", by=cast.tessa, at=clock.now())
    assert not stands(nadia, outcome.check) and STOP in shown(nadia, outcome.check)
    lift(cast, hold)
    assert stands(nadia, outcome.check) and GO in shown(nadia, outcome.check)
    with transaction():
        service.start(beside.bag, outcome.token, by=cast.nadia, at=clock.now())


@pytest.mark.parametrize("frozen", [False, True])
def test_a_bag_that_expires_while_its_go_is_shown_is_taken_off_though_nothing_was_written(
        browse, cast: Cast, frozen: bool) -> None:
    lot = released_lot(cast, frozen_lot(cast)) if frozen else None
    beside = bedside(cast, lot)
    if frozen:
        thaw(cast, beside.bag)
    over = beside.bag.usable_until
    with clock.pinned(over - timedelta(seconds=30)):
        weigh(cast, beside.recipient)
        nadia = browse("nadia")  # signing in is written, so it comes before
        go = checked(cast, beside).check
    with clock.pinned(over - timedelta(microseconds=1)):  # the control
        assert judged(lambda: stands(nadia, go)) == 0
        assert stands(nadia, go) and GO in shown(nadia, go)
    with clock.pinned(over):
        assert judged(lambda: stands(nadia, go)) == 1
        assert not stands(nadia, go)
        page = shown(nadia, go)
    assert STOP in page and ("after thawing ended" if frozen else "expired at") in page


def test_past_its_time_a_go_stands_no_longer_and_nothing_is_judged(
        browse, cast: Cast, beside: Bedside) -> None:
    go, stranger = checked(cast, beside).check, browse()
    with transaction():
        stops.hold_bag(beside.bag, "A crack.", by=cast.tessa, at=clock.now())
    with clock.pinned(go.token_until):
        assert judged(lambda: stands(stranger, go)) == 1
    with clock.pinned(go.token_until + timedelta(microseconds=1)):
        assert judged(lambda: stands(stranger, go)) == 0
        assert stands(stranger, go) is False


def test_at_the_last_moment_of_its_time_a_go_stands(browse, cast: Cast, beside: Bedside) -> None:
    go, stranger = checked(cast, beside).check, browse()
    with clock.pinned(go.token_until):
        assert stands(stranger, go) is True
    with clock.pinned(go.token_until + timedelta(microseconds=1)):
        assert stands(stranger, go) is False


def test_a_record_that_cannot_be_read_takes_the_go_away_and_is_no_stop(
        browse, cast: Cast, beside: Bedside, monkeypatch) -> None:
    go, nadia = checked(cast, beside).check, browse("nadia")
    weigh(cast, allocated_recipient(cast, name="Rose Petit"))  # so that it is judged again

    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(facts, "read", broken)
    assert not stands(nadia, go)
    page = shown(nadia, go)
    assert GO not in page and "The record could not be read just now" in page
