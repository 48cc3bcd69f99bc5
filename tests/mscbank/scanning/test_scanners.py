"""A scanner is tried with a code of every sign; the log counts what could not be read."""

from __future__ import annotations

import pytest

from labels.keyboards import KEYBOARDS
from mscbank import clock
from mscbank.database import session
from mscbank.scanning import service as scanning
from mscbank.scanning.scanners import service
from tests.cast import Cast
from tests.stages.infusions import bedside
from tests.stages.labelling import label_text


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
    assert not service.tried_today("B" * 16, at + service.SPAN / 30)  # tomorrow
    assert service.last_trial("B" * 16).place == "ward 3"


def test_what_was_typed_by_hand_is_counted_by_label_printer_and_ward(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    text, at = label_text(beside.bag), clock.now()
    ward = beside.bag.journeys[-1].destination
    for how in ("scanner", "keyed", "keyed"):
        scanning.log(text, "bag", cast.nadia.id, at, how=how)
    scanning.log("BXBB", "damaged", cast.nadia.id, at, how="scanner")
    fresh()
    told = service.counts(at)
    assert (told.scans, told.answers) == (4, [("damaged", 1)])
    assert told.labels[0][1] == 2 and told.labels[0][0].replace(" ", "") == text
    assert told.wards == [(ward, 2)]
    assert told.printers[0][1] == 2
    assert [line.how for line in service.latest()] == ["scanner", "keyed", "keyed", "scanner"]
