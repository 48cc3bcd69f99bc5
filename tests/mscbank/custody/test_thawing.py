"""A bag is thawed once, by scanning its own label; what may not be used, only with a reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.acts import why_not
from mscbank.audit.models import Entry
from mscbank.bags import service as bags
from mscbank.custody import acts, thawing
from mscbank.database import db, session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, Unfit, WrongMoment
from mscbank.release import stops
from tests.cast import Cast
from tests.stages.bags import box, filled_lot, frozen_lot, stored_bag
from tests.stages.cultures import grown_culture, others
from tests.stages.custody import issuable_lot, labelled_bag, thaw, thawed_bag
from tests.stages.labelling import issued_labels, label_text, labelled_lot, print_job, reprinted

ACT = next(act for act in acts.ACTS if act.name == "thaw")
WHY = "To be tested after thawing."


def test_a_bag_is_thawed_once_and_usable_for_two_hours(bank):
    cast = Cast()
    bag = thaw(cast, issuable_lot(cast).bags[0])
    assert bag.thaw_expires_at == clock.now() + timedelta(minutes=120) == bag.usable_until
    with pytest.raises(AlreadyDone, match="thawed once"):
        thaw(cast, bag, who="nadia")


def test_only_the_label_of_this_very_bag_thaws_it(bank):
    cast = Cast()
    bag, neighbour = issuable_lot(cast).bags[:2]
    for text, said in ((label_text(neighbour), "label of another bag"), (bag.code, "bare code"),
                       ("nonsense", "no label of ours")):
        with pytest.raises((Unfit, Malformed), match=said) as refusal, transaction():
            thawing.thaw(bag, text, by=cast.tessa, at=clock.now())
        assert refusal.value.field == "text"
    assert bag.thawed_at is None and neighbour.thawed_at is None
    assert thaw(cast, bag).thawed_at == clock.now()


def test_a_bag_whose_label_nobody_proved_is_not_thawed(bank):
    cast = Cast()
    bag, filled = stored_bag(cast), frozen_lot(cast, grown_culture(cast))
    assert "has no label" in why_not(ACT, bag, cast.tessa)
    print_job(cast, issued_labels(cast, bag.lot))
    assert "not scanned back" in why_not(ACT, bag, cast.tessa)
    with pytest.raises(WrongMoment, match="not scanned back"):
        thaw(cast, bag, WHY)
    good = issuable_lot(cast).bags[0]
    assert why_not(ACT, good, cast.tessa) is None
    old = label_text(good)
    reprinted(cast, good)
    with pytest.raises(WrongMoment, match="not scanned back"), transaction():
        thawing.thaw(good, old, by=cast.tessa, at=clock.now())
    assert "it is filled" in why_not(ACT, labelled_lot(cast, filled).bags[0], cast.tessa)
    assert "never frozen" in why_not(ACT, filled_lot(cast, grown_culture(cast)).bags[0], cast.tessa)


def test_what_may_not_be_used_is_thawed_only_with_a_reason_which_is_kept(bank):
    cast = Cast()
    pending, held = labelled_bag(cast), issuable_lot(cast).bags[0]
    with transaction():
        stops.hold_bag(held, "Cracked.", by=cast.tessa, at=clock.now())
    for bag, said in ((pending, "pending, not released"), (held, "on hold: Cracked")):
        for why in (None, " "):
            with pytest.raises(Unfit, match=said) as refusal:
                thaw(cast, bag, why)
            assert refusal.value.field == "why"
        thaw(cast, bag, WHY)
        assert session.scalar(sa.select(Entry).where(
            Entry.act == "thaw", Entry.subject == bag.code)).body.count(WHY) == 1


def test_a_thaw_does_not_lengthen_the_expiry_and_what_expired_is_not_thawed(bank):
    cast = Cast()
    late, over = issuable_lot(cast).bags[:2]
    with clock.pinned(late.expires_at - timedelta(minutes=30)):
        thaw(cast, late)
    assert late.usable_until == late.expires_at < late.thaw_expires_at
    with clock.pinned(over.expires_at - timedelta(microseconds=1)):
        assert why_not(ACT, over, cast.tessa) is None
    with clock.pinned(over.expires_at), pytest.raises(Unfit, match="expired"):
        thaw(cast, over, WHY)


def test_a_thawed_bag_is_not_put_elsewhere_in_the_freezer(bank):
    cast = Cast()
    bag, place = thawed_bag(cast), box(cast, "Z")[0]
    with pytest.raises(WrongMoment, match="not stored again"), transaction():
        bags.relocate(bag, place.code, by=cast.tessa, at=clock.now())


def test_thawing_is_the_technicians_and_the_nurses(bank):
    cast = Cast()
    first, second = issuable_lot(cast).bags[:2]
    for by in others(cast, "tessa", "theo", "nadia", "noel"):
        with pytest.raises(NotAllowed), transaction():
            thawing.thaw(first, label_text(first), by=by, at=clock.now())
    assert thaw(cast, first, who="nadia").thawed_at and thaw(cast, second, who="tessa").thawed_at


def test_the_database_thaws_no_bag_without_a_proven_label(bank):
    cast = Cast()
    bare, proven = stored_bag(cast), labelled_bag(cast)
    assert [thaws(bag.id) for bag in (bare, proven)] == [False, True]


def thaws(bag: int) -> bool:
    """Whether the database lets somebody with a client thaw it. Afterwards it never happened."""
    session.rollback()
    with db.engine.connect() as connection, connection.begin_nested() as step:
        try:
            connection.execute(sa.text(
                "UPDATE bag SET thawed_at = place_since, thaw_expires_at = expires_at, entry ="
                " (SELECT sequence + 1 FROM audit_head WHERE id = 1) WHERE id = :bag"), {"bag": bag})
        except sa.exc.DBAPIError as error:
            assert "its label scanned back" in str(error)
            return False
        finally:
            step.rollback()
        return True
