"""A machine that acts at random on a real bank, beside a model that knows what must never happen.

Few bags and biased rules, so that deep states are reached; planted faults show that it can fail.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
)


from mscbank import clock
from mscbank.audit.verify import verify
from mscbank.bags.models import Bag, Lot
from mscbank.custody import service as custody
from mscbank.custody.thawing import thaw
from mscbank.cultures import service as cultures
from mscbank.cultures.models import Culture
from mscbank.database import db, session, transaction
from mscbank.errors import Refused
from mscbank.infusions import onpaper
from mscbank.infusions import service as infusions
from mscbank.infusions.models import Infusion
from mscbank.labelling.service import current_copy, reprint
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Recipient
from mscbank.release import stops
from mscbank.release.models import Deviation
from mscbank.signatures.meanings import Meaning
from tests.cast import Cast
from tests.conftest import START
from tests.stages.infusions import order as order_bag
from tests.stages.labelling import label_text
from tests.stages import release as stage

GOOD = st.integers(0, 3).map(lambda n: n > 0)  # the way a careful person goes, three times in four


class Bank(RuleBasedStateMachine):
    """Two bags of one lot, their recipient and a stranger. ``begin`` lays a fresh copy out."""

    begin: Callable[[], tuple[Any, Cast]]
    sound: bool = True

    @initialize(early=st.booleans())
    def open_the_bank(self, early: bool) -> None:
        self.stack = ExitStack()
        app, self.cast = type(self).begin()
        self.stack.enter_context(app.app_context())
        self.now = START + timedelta(hours=2)
        lot = session.scalars(sa.select(Lot)).one()
        self.lot, self.bags = lot.id, [bag.id for bag in lot.bags][:2]
        people = session.scalars(sa.select(Recipient).order_by(Recipient.id)).all()
        self.patient, self.bands = lot.recipient_id, {
            person.id: person.wristbands[-1].code for person in people if person.wristbands}
        self.certified = self.recalled = self.withdrawn = self.altered = False
        self.holds: list[int] = []
        self.fresh: dict[int, Any] = {}
        self.received: set[int] = set()
        self.torn: set[int] = set()
        self.ordered: set[int] = set()
        self.begun: set[int] = set()
        if not early:  # half of the stories begin with a thawed bag of a certified lot on the ward
            self.decide("certify")
            self.go_to_the_ward(0)

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            session.rollback()
            assert verify(rows=self.sound).sound
            session.remove()
            db.engine.dispose()
            self.stack.close()

    def tried(self, act: Callable[[], Any]) -> bool:
        """Do it now; whether it was done."""
        self.now += timedelta(seconds=1)
        try:
            with clock.pinned(self.now):
                act()
        except Refused:
            session.rollback()
            return False
        return True

    def within(self, act: Callable[..., Any], *args: Any, **how: Any) -> bool:
        def do() -> None:
            with transaction():
                act(*args, **how, at=clock.now())
        return self.tried(do)

    def bag(self, which: int) -> Bag:
        return session.get_one(Bag, self.bags[which])

    @rule(which=st.sampled_from(["certify", "certify", "reject", "recall"]))
    def decide(self, which: str) -> None:
        lot = session.get_one(Lot, self.lot)
        act = {"certify": stage.certify, "reject": stage.reject,
               "recall": stage.declare_nonconforming}[which]
        if self.tried(lambda: act(self.cast, lot)):
            self.certified |= which == "certify"
            self.recalled |= which == "recall"
            self.altered &= which != "certify"

    @rule(careful=GOOD)
    def the_lot_is_held(self, careful: bool) -> None:
        if not careful:
            self.within(stops.hold_lot, session.get_one(Lot, self.lot), "A doubt.",
                        by=self.cast.quentin)
            self.holds = [hold.id for hold in stops.open_holds(session.get_one(Lot, self.lot))]

    @rule()
    def a_hold_is_lifted(self) -> None:
        for hold in stops.open_holds(session.get_one(Lot, self.lot)):
            seal = stage.seal_of(self.cast.quentin, Meaning.HOLD_LIFTED,
                           stops.hold_record(hold, "No doubt."))
            self.within(stops.lift_hold, hold, "No doubt.", seal=seal, by=self.cast.quentin)
        self.holds = [hold.id for hold in stops.open_holds(session.get_one(Lot, self.lot))]

    @rule(careful=GOOD)
    def a_count_far_up_is_corrected(self, careful: bool) -> None:
        if careful:
            return
        first = session.scalars(sa.select(Culture).order_by(Culture.id)).first()
        count = first.count
        self.altered |= self.within(
            cultures.correct_count, first, count.total_cells + 1, count.viable_cells,
            "Misread.", by=self.cast.tessa)

    @rule(careful=GOOD)
    def the_patient_withdraws(self, careful: bool) -> None:
        if not careful:
            self.withdrawn |= self.within(
                recipients.withdraw, session.get_one(Recipient, self.patient), "No longer.",
                by=self.cast.carole)

    @rule(which=st.integers(0, 1))
    def go_to_the_ward(self, which: int) -> None:
        """Order, issue, receive, thaw: each where it is the moment."""
        bag, number = self.bag(which), self.bags[which]
        patient = session.get_one(Recipient, self.patient)
        if self.tried(lambda: order_bag(self.cast, patient, bag)):
            self.ordered.add(number)
        if self.within(custody.issue, bag, "BOX-7", "Ward 3", by=self.cast.tessa):
            self.received.discard(number)
        if self.within(custody.receive, bag, "sealed", by=self.cast.nadia):
            self.received.add(number)
        if self.within(thaw, bag, label_text(bag), "It is wanted.", by=self.cast.theo):
            self.fresh[number] = self.now + timedelta(minutes=120)

    @rule(which=st.integers(0, 1), careful=GOOD)
    def a_label_is_torn(self, which: int, careful: bool) -> None:
        if not careful and self.within(reprint, self.bag(which), "Torn.", by=self.cast.tessa):
            self.torn.add(self.bags[which])

    @rule(minutes=st.sampled_from([1, 5, 31, 119, 130]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(which=st.integers(0, 1), wait=st.sampled_from([1, 59]))
    def start_as_it_should_be(self, which: int, wait: int) -> None:
        self.check_and_start(which, True, True, wait, False)

    @rule(which=st.integers(0, 1), right=GOOD, two=GOOD, wait=st.sampled_from([1, 5, 58, 59, 75]),
          again=st.booleans())
    def check_and_start(self, which: int, right: bool, two: bool, wait: int, again: bool) -> None:
        bag = self.bag(which)
        band = self.bands[self.patient] if right else next(
            code for person, code in self.bands.items() if person != self.patient)
        label = label_text(bag) if current_copy(bag) else bag.code
        told: list[Any] = []

        def check() -> None:
            with transaction():
                told.append(infusions.check(
                    bag, band, label, band, label,
                    second=self.cast.noel if two else self.cast.nadia,
                    by=self.cast.nadia, at=clock.now()))

        if not self.tried(check) or told[0].token is None:
            return
        assert right and two, "a go for the wrong person, or by one person alone"
        self.now += timedelta(seconds=wait)
        for _ in range(2 if again else 1):
            if self.within(infusions.start, bag, told[0].token, by=self.cast.nadia):
                assert wait <= 60, "started on a go that was too old"
                self.must_be_allowed(self.bags[which])
                self.begun.add(self.bags[which])

    @rule(which=st.integers(0, 1), careful=GOOD, right=GOOD, two=GOOD,
          ago=st.sampled_from([0, 10, 300]))
    def something_was_given_on_paper(self, which: int, careful: bool, right: bool, two: bool,
                                     ago: int) -> None:
        """Whatever stood against it: what happened is entered, for the lot's own person, once."""
        number = self.bags[which]
        if careful:
            return
        began = self.now - timedelta(minutes=ago)
        if self.within(
                onpaper.enter, self.bag(which), self.bands[self.patient] if right else next(
                    code for person, code in self.bands.items() if person != self.patient),
                began, "nadia", "noel", "No network.",
                second=self.cast.noel if two else None, by=self.cast.nadia):
            assert right and two, "entered for the wrong person, or by one person alone"
            assert number not in self.begun, "given twice"
            assert number in self.ordered and number in self.received, "of no order, or not there"
            self.begun.add(number)

    def must_be_allowed(self, bag: int) -> None:
        """The model's own word on a start that was just let through."""
        assert bag not in self.begun, "started twice"
        assert self.certified and not self.recalled, "not released"
        assert not self.altered, "the signature no longer covers"
        assert not self.holds, "held"
        assert not self.withdrawn, "no consent"
        assert bag in self.ordered and bag in self.received, "not ordered or never received"
        assert bag not in self.torn, "a label that was replaced"
        assert self.now < self.fresh.get(bag, self.now), "thawed too long ago, or still frozen"

    @invariant()
    def each_infusion_is_of_the_lots_own_recipient(self) -> None:
        if hasattr(self, "lot"):
            wrong = session.scalars(sa.select(Infusion).where(
                Infusion.recipient_id != self.patient)).all()
            assert not wrong

    @invariant()
    def each_infusion_without_a_go_is_a_deviation(self) -> None:
        if hasattr(self, "lot"):
            told = session.scalars(sa.select(Deviation.what)).all()
            for infusion in session.scalars(sa.select(Infusion).where(
                    Infusion.check_id.is_(None))):
                assert any(infusion.bag.title in what and "on paper" in what for what in told)
