"""A record that changes between reading and signing: nothing is signed, and what changed is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.release import stops
from mscbank.release.record import lot_record
from mscbank.release.service import reject
from mscbank.errors import RecordChanged
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import ShownRecord
from mscbank.signatures.shown import KEPT, MOST_LINES, changed_since, show
from tests.cast import PASSWORD, Cast
from tests.mscbank.pages.conftest import entries, hidden
from tests.stages import release as stages


def read_and_sign(window, path: str, between) -> str:
    """The page that answers when something happens between the reading and the signing."""
    page = window.get(path).text
    between()
    answer = window.post(path, {"seen": hidden(page, "seen"), "step": "sign", "key": "press-1",
                                "signer": window.username, "signer_password": PASSWORD})
    assert answer.status_code == 409
    return answer.text


def test_the_signer_reads_what_came_in_between(browse, cast: Cast):
    lot = stages.reviewed(cast, stages.tested_lot(cast))
    path, signed = f"/lots/{lot.code}/certify", entries()

    def held() -> None:
        with transaction():
            stops.hold_lot(lot, "A neighbour in the tank leaks.", by=cast.theo, at=clock.now())

    page = read_and_sign(browse("quentin"), path, held)
    assert "Not done" in page and "holds 1: added" in page
    assert "A neighbour in the tank leaks." in page
    assert entries() > signed


def test_the_machine_is_told_the_lines_too(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
    seen = show(lot_record(lot, reason="Contaminated."), at=clock.now())
    assert seen == stages.seal_of(cast.quentin, Meaning.REJECTED,
                           lot_record(lot, reason="Contaminated.")).digest
    with transaction():
        stops.hold_lot(lot, "A doubt.", by=cast.theo, at=clock.now())
    seal = stages.seal_of(cast.quentin, Meaning.REJECTED, lot_record(lot, reason="Another."))
    seal = type(seal)(seal.user_id, seal.meaning, seen)
    with pytest.raises(RecordChanged) as refusal, transaction():
        reject(lot, "Contaminated.", seal=seal, by=cast.quentin, at=clock.now())
    assert any(line.startswith("holds 1: None -> ") for line in refusal.value.difference)


def test_a_record_shown_twice_is_kept_once_and_for_a_day(bank):
    Cast()
    first = show({"a": 1}, at=clock.now())
    assert show({"a": 1}, at=clock.now()) == first
    assert changed_since(first, {"a": 2}) == ("a: 1 -> 2",)
    assert changed_since(first, {"a": 1}) == ()
    show({"b": 1}, at=clock.now() + KEPT + timedelta(seconds=1))
    session.rollback()
    assert session.get(ShownRecord, first) is None
    assert changed_since(first, {"a": 2}) == ()


def test_a_long_list_of_changes_ends_with_how_many_more(bank):
    Cast()
    many = show({f"n{number:03d}": number for number in range(100)}, at=clock.now())
    lines = changed_since(many, {f"n{number:03d}": -number - 1 for number in range(100)})
    assert len(lines) == MOST_LINES + 1 and lines[-1] == "and 60 more"
