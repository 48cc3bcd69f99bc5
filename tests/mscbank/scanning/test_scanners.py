"""A scanner is tried with a code of every sign."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labels.keyboards import KEYBOARDS
from mscbank import clock
from mscbank.database import session
from mscbank.scanning.scanners import service
from tests.cast import Cast


def garbled(keyboard: str) -> str:
    """The test code as a US scanner types it on this keyboard."""
    keys = {meant: typed for typed, meant in KEYBOARDS[keyboard].items()}
    return "".join(chr(keys[key]) if (key := (sign if sign in keys else ord(sign))) in keys
                   else sign for sign in service.TEST)


def test_the_test_code_holds_every_sign_of_our_codes() -> None:
    assert set("BCDEFGHJKLNPRTVXMQWYZ0123456789=&%$*+-./:") <= set(service.TEST)


def test_only_an_exact_match_passes() -> None:
    assert service.fault_of(service.TEST) == ""
    assert "Signs were lost" in service.fault_of(service.TEST[:-3])
    assert "Caps lock was on: switch it off" in service.fault_of(service.TEST.swapcase())
    assert "1 of " in service.fault_of(service.TEST.replace("Q", "A"))


@pytest.mark.parametrize("keyboard", KEYBOARDS)
def test_a_wrong_layout_is_named(keyboard: str) -> None:
    assert keyboard in service.fault_of(garbled(keyboard))


def fresh() -> None:
    """A read may hold an older picture; the log is written on a connection of its own."""
    session.rollback()


def test_a_trial_counts_for_its_device_and_day(bank) -> None:
    cast, at = Cast(), clock.now()
    assert not service.tried_today("B" * 16, at)
    assert service.try_scanner("rubbish", "blue", "ward 3", "B" * 16, cast.nadia.id, at)
    assert not service.tried_today("B" * 16, at)
    assert service.try_scanner(service.TEST, "blue", "ward 3", "B" * 16, cast.nadia.id, at) == ""
    fresh()
    assert service.tried_today("B" * 16, at) and not service.tried_today("C" * 16, at)
    assert not service.tried_today("B" * 16, at + timedelta(days=1))  # tomorrow
    assert service.last_trial("B" * 16).place == "ward 3"
