"""Scans are kept outside the trail, and what may be done now comes from the charts."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.database import session
from mscbank.scanning import service
from mscbank.scanning.models import Scan
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.custody import issuable_lot


def kept():
    session.rollback()
    return session.execute(sa.select(Scan.text, Scan.answer).order_by(Scan.id)).all()


def entries():
    return session.scalar(sa.text("SELECT count(*) FROM audit_entry"))


@pytest.mark.parametrize(("text", "as_kept"), [
    ("hello", "hello"), ("x" * 900, "x" * 400), ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
    ("\ud800", "?")])
def test_whatever_was_scanned_is_kept_and_is_no_entry(bank, text, as_kept):
    cast = Cast()
    before = entries()
    assert service.log(text, "unknown", cast.nadia.id, clock.now())
    assert kept() == [(as_kept, "unknown")]
    assert entries() == before


def test_a_log_that_cannot_be_written_does_not_take_the_answer_back(bank, caplog):
    cast = Cast()
    assert service.log("hello", "unknown", 10**9, clock.now()) is False, "an account nobody has"
    assert "a scan was not logged" in caplog.text
    assert service.log("hello again", "unknown", cast.nadia.id, clock.now())
    assert kept() == [("hello again", "unknown")]


def test_a_read_that_is_under_way_is_not_disturbed(bank):
    cast = Cast()
    bag = filled_lot(cast).bags[0]
    found = service.look_up(bag.code)
    assert service.log(bag.code, found.word, cast.nadia.id, clock.now())
    assert found.thing.lot.number == bag.lot.number
    session.rollback()  # the picture of the read is older than the log
    assert service.last_scans(bag) == ["02 MAR 2026 09:00 CET: bag"]


def test_each_act_stands_with_the_reason_why_not(bank):
    cast = Cast()
    bag = issuable_lot(cast).bags[0]
    for person, allowed, refused in (
            (cast.tessa, {"issue", "reprint"}, {"receive", "start"}),
            (cast.quentin, set(), {"issue", "reprint"})):
        reasons = {act.name: why for act, why in service.acts_now(bag, person)}
        assert {name for name in allowed if reasons[name] is None} == allowed
        assert all(reasons[name].endswith(".") for name in refused if name in reasons)
    assert "ask technician or nurse" in reasons["issue"]
