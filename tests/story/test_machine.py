"""Nothing that must never happen happens; and what would show it if it did.

The machine is in machine.py. Planted faults show that it can fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import DBAPIError

from mscbank import clock, create_app
from mscbank.database import db, session
from mscbank.errors import Refused
from mscbank.infusions import facts as infusion_facts
from mscbank.infusions.models import PaperStart
from mscbank.recipients.models import Recipient
from tests import databases
from tests.cast import Cast
from tests.conftest import START, configured, empty_database
from tests.stages import release as stage
from tests.stages.bags import frozen_lot
from tests.stages.custody import stored_lot
from tests.stages.labelling import labelled_lot
from tests.stages.recipients import assessed_recipient, weigh, wristband
from tests.story.machine import Bank


def prepared(cast: Cast) -> None:
    """A tested, labelled, stored lot of two or more bags; its recipient and a stranger banded."""
    lot = stored_lot(cast, labelled_lot(cast, stage.tested_lot(cast, frozen_lot(cast))))
    recipient = session.get_one(Recipient, lot.recipient_id)
    weigh(cast, recipient)
    wristband(cast, recipient)
    wristband(cast, assessed_recipient(cast))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def begin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
          ) -> Iterator[Callable[[], tuple[Any, Cast]]]:
    folder = tmp_path_factory.mktemp("machine")
    with empty_database(request.param, request, folder) as url:
        app = create_app(configured(folder, url), pages=False)
        with app.app_context(), clock.pinned(START):
            cast = Cast()
            prepared(cast)
            session.remove()
            db.engine.dispose()
            place = databases.copy_away(db.engine.url)

        def fresh() -> tuple[Any, Cast]:
            with app.app_context():
                session.remove()
                db.engine.dispose()
                databases.make(db.engine.url, place, instead=True)
            return app, cast

        yield fresh


def machine(begin: Callable[[], tuple[Any, Cast]]) -> type[Bank]:
    return type("Bank", (Bank,), {"begin": staticmethod(begin)})


HOW = settings(max_examples=25, stateful_step_count=16, deadline=None, derandomize=True,
               suppress_health_check=list(HealthCheck), database=None)


def test_nothing_that_must_never_happen_happens(begin) -> None:
    run_state_machine_as_test(machine(begin), settings=HOW)


SLIPS: dict[str, Callable[[Bank], None]] = {
    "signature no longer covers": lambda bank: bank.a_count_far_up_is_corrected(False),
    "consent withdrawn": lambda bank: bank.the_patient_withdraws(False),
    "label not the current one": lambda bank: bank.a_label_is_torn(0, False),
    "held": lambda bank: bank.the_lot_is_held(False),
    "recalled": lambda bank: bank.decide("recall"),
    "thaw time over": lambda bank: bank.time_passes(130),
}
GUARDED_TWICE = {"held", "recalled", "thaw time over"}


@pytest.mark.parametrize("slip", SLIPS)
def test_one_slip_and_the_bag_does_not_start(begin, slip: str) -> None:
    bank = opened(begin)
    SLIPS[slip](bank)
    bank.start_as_it_should_be(0, 1)
    assert not bank.begun
    bank.teardown()


def test_without_a_slip_the_bag_starts(begin) -> None:
    bank = opened(begin)
    bank.start_as_it_should_be(0, 1)
    assert len(bank.begun) == 1
    bank.teardown()


@pytest.mark.parametrize("slip", SLIPS)
def test_what_was_given_on_paper_all_the_same_is_told_with_the_slip(begin, slip: str) -> None:
    bank = opened(begin)
    SLIPS[slip](bank)
    bank.something_was_given_on_paper(0, False, True, True, 0)
    assert len(bank.begun) == 1
    assert slip in session.scalars(sa.select(PaperStart.reasons)).one()
    bank.start_as_it_should_be(0, 1)
    bank.each_infusion_without_a_go_is_a_deviation()
    bank.teardown()


@pytest.mark.parametrize("slip", SLIPS)
def test_a_planted_fault_is_found(begin, monkeypatch: pytest.MonkeyPatch, slip: str) -> None:
    """The tests of the test: a verdict blind to one reason is found out by the model, or the
    database's own guard stands in its way."""
    verdict = infusion_facts.verdict
    also = {"recalled": {"not released"}}.get(slip, set()) | {slip}

    def blind(facts: Any) -> list[Any]:
        return [finding for finding in verdict(facts) if str(finding.reason) not in also]

    monkeypatch.setattr(infusion_facts, "verdict", blind)
    bank = opened(begin)
    SLIPS[slip](bank)
    with pytest.raises((DBAPIError, Refused) if slip in GUARDED_TWICE else AssertionError):
        bank.start_as_it_should_be(0, 1)
        if not bank.begun:
            raise Refused("stopped by a rule further in")
    monkeypatch.undo()
    bank.teardown()


def opened(begin: Callable[[], tuple[Any, Cast]]) -> Bank:
    """A bank whose first bag lies thawed on the ward, certified and ordered."""
    bank = machine(begin)()
    bank.open_the_bank(early=False)
    return bank
