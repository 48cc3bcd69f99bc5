"""What the verdict is asked: texts that are no code of ours, and what reading the record costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.sql import visitors

from labels import housecode
from mscbank import clock
from mscbank.database import db, session
from mscbank.infusions import facts
from mscbank.infusions.facts import judge
from mscbank.infusions.findings import Word
from tests.cast import Cast
from tests.stages.infusions import Bedside, bedside
from tests.stages.labelling import label_text


@pytest.fixture
def one(bank) -> Iterator[Bedside]:
    yield bedside(Cast())


def test_a_bag_text_that_is_no_bag_of_ours_is_never_a_yes(one: Bedside) -> None:
    for text, word in (
            ("", Word.CANNOT_TELL), (None, Word.CANNOT_TELL), ("hello, nurse", Word.CANNOT_TELL),
            ("'; DROP TABLE bag; --", Word.CANNOT_TELL), ("\0\ud800", Word.CANNOT_TELL),
            ("B" * 100_000, Word.CANNOT_TELL), (housecode.new(housecode.Kind.BAG), Word.STOP),
            (housecode.new(housecode.Kind.WRISTBAND), Word.CANNOT_TELL),
            (housecode.new(housecode.Kind.DONOR), Word.CANNOT_TELL)):
        judged = judge(text, one.band.code, clock.now())
        assert (judged.word, len(judged.findings)) == (word, 1), repr(text)[:40]


def test_a_band_that_is_no_band_of_ours_is_never_a_yes(one: Bedside) -> None:
    for text, word in (("", Word.CANNOT_TELL), ("4711", Word.CANNOT_TELL),
                       (housecode.new(housecode.Kind.WRISTBAND), Word.STOP),
                       (housecode.new(housecode.Kind.BAG), Word.CANNOT_TELL)):
        judged = judge(label_text(one.bag), text, clock.now())
        assert (judged.word, len(judged.findings)) == (word, 1), text


def test_two_texts_the_wrong_way_round_are_both_named(one: Bedside) -> None:
    judged = judge(one.band.code, one.bag.code, clock.now())
    assert judged.word == Word.CANNOT_TELL
    assert len(judged.findings) == 2


def test_a_mistyped_letter_is_proposed_but_never_guessed(one: Bedside) -> None:
    judged = judge(one.bag.code.replace("B", "8"), one.band.code, clock.now())
    assert judged.word == Word.CANNOT_TELL
    assert "Perhaps 8 was typed for B" in judged.findings[0].sentence


def test_a_look_writes_nothing_and_asks_once(one: Bedside) -> None:
    code, band, at = label_text(one.bag), one.band.code, clock.now()
    judge(code, band, at)
    session.rollback()
    said: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", hear)
    try:
        assert judge(code, band, at).word == Word.GO
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", hear)
    assert len(said) == 1
    assert said[0].lstrip().startswith(("SELECT", "WITH"))


def test_every_look_up_is_by_an_index(one: Bedside) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole, whatever their indexes")
    asked = facts.FACTS.params(bag_code="BX", band_code="PX").compile(
        db.engine, compile_kwargs={"literal_binds": True})
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
    found_before = {"one_row", "CONSTANT"} | {
        part.name for part in visitors.iterate(facts.FACTS) if isinstance(part, sa.CTE)}
    scanned = {step.detail.split()[1] for step in plan if step.detail.startswith("SCAN")}
    assert {"family", "results"} < scanned, "the plan is not that of the whole statement"
    assert scanned <= found_before
