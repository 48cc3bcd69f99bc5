"""What the database itself refuses of an infusion that was given on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from mscbank import clock
from mscbank.audit.service import record
from mscbank.bags.lifecycle import ON_PAPER, Place
from mscbank.database import current, session, transaction
from mscbank.infusions.models import Infusion, PaperStart
from mscbank.release import stops
from mscbank.release.models import Severity
from tests.cast import Cast
from tests.conftest import START
from tests.stages.infusions import BEGAN, LATER, Bedside, bedside, given_on_paper
from tests.stages.recipients import allocated_recipient, wristband
from tests.stages.release import declare_nonconforming


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


@pytest.fixture
def beside(cast: Cast) -> Bedside:
    return bedside(cast)


def raw(cast: Cast, beside: Bedside, *, sheet: bool = True, about: str | None = None,
        severity: Severity = Severity.MAJOR, place: Place = Place.INFUSING,
        **different: Any) -> Infusion:
    """The rows as a careless programme would write them, without the act."""
    with clock.pinned(LATER), transaction():
        at, paper = clock.now(), None
        if sheet:
            deviation = stops.open_deviation(about or beside.order.code, severity, "On paper.",
                                             by=cast.nadia, at=at)
            paper = PaperStart(
                bag_id=beside.bag.id, wristband_id=beside.band.id, began_at=BEGAN,
                first_id=cast.nadia.id, second_id=cast.noel.id, witness_id=cast.paula.id,
                why="No network.", reasons=[], told=[], deviation_id=deviation.id,
                recorded_by_id=cast.nadia.id, recorded_at=at)
            for name in set(different) & {"second_id", "witness_id", "began_at", "wristband_id"}:
                setattr(paper, name, different[name])
            session.add(paper)
            session.flush()
        beside.bag.place = place
        session.flush()
        infusion = Infusion(
            bag_id=beside.bag.id, order_id=beside.order.id, recipient_id=beside.recipient.id,
            paper=paper, started_at=different.get("started_at", BEGAN),
            not_before=BEGAN + timedelta(minutes=15), recorded_by_id=cast.nadia.id, recorded_at=at)
        session.add(infusion)
        record(ON_PAPER, beside.bag, by=cast.nadia, at=at)
        return infusion


@pytest.mark.parametrize("wrong", [
    {"sheet": False},
    {"severity": Severity.MINOR},
    {"about": "bag"},
    {"place": Place.RECEIVED},
    {"started_at": BEGAN + timedelta(minutes=1)},
    {"second_id": "nadia"},
    {"witness_id": "nadia"},
    {"began_at": LATER + timedelta(minutes=1), "started_at": LATER + timedelta(minutes=1)}])
def test_the_database_lets_none_begin_without_its_whole_sheet(cast, beside, wrong) -> None:
    if wrong.get("about"):
        wrong = {"about": beside.bag.code}
    for name in set(wrong) & {"second_id", "witness_id"}:
        wrong = wrong | {name: cast.nadia.id}
    with pytest.raises(IntegrityError):
        raw(cast, beside, **wrong)
    session.expire_all()
    assert beside.bag.place is Place.RECEIVED
    assert raw(cast, beside).paper, "the same rows with a whole sheet are taken"


def test_the_database_takes_another_persons_band_for_no_start(cast, beside) -> None:
    other = wristband(cast, allocated_recipient(cast))
    with pytest.raises(IntegrityError):
        raw(cast, beside, wristband_id=other.id)


def test_the_database_lets_a_recalled_bag_begin_only_with_a_sheet(cast, beside) -> None:
    declare_nonconforming(cast, beside.bag.lot)
    with pytest.raises(IntegrityError):
        raw(cast, beside, sheet=False)
    session.expire_all()
    assert raw(cast, beside).paper


def test_a_sheet_is_written_once(cast, beside) -> None:
    infusion = given_on_paper(cast, beside)
    for name, value in (("why", "Another reason."), ("told", ["x"]), ("began_at", START)):
        with pytest.raises(IntegrityError), transaction():
            setattr(infusion.paper, name, value)
            record("change", beside.bag, by=cast.nadia, at=current().at)
        session.expire_all()
