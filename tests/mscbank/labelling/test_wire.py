"""A printer is asked how it stands before a label goes out; one that cannot print is sent nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.labelling import progress, queue, runner, wire
from mscbank.labelling.models import PrintState
from mscbank.labelling.wire import Attempt, Ending, Hindrance, hindrance
from tests.cast import Cast
from tests.mscbank.labelling.printer import READY, listening
from tests.stages.bags import filled_lot
from tests.stages.labelling import queued_whole

SENT, WAITING, FAILED = PrintState.SENT, PrintState.WAITING, PrintState.FAILED
CANNOT = {
    Hindrance.NO_LABELS: READY.replace(b"030,0,0", b"030,1,1"),
    Hindrance.NO_RIBBON: READY.replace(b"001,0,0,0", b"001,0,0,1"),
    Hindrance.OPEN: READY.replace(b"001,0,0,0", b"001,0,1,0"),
    Hindrance.PAUSED: READY.replace(b"030,0,0", b"030,0,1")}


def run() -> dict[PrintState, int]:
    return dict(runner.run(connect_s=60, ask_s=60, send_s=60))


@pytest.mark.parametrize("found", Hindrance)
def test_what_a_printer_says_of_itself_is_understood(found):
    assert hindrance(CANNOT[found]) is found
    assert hindrance(READY) is None, "the control"


@pytest.mark.parametrize("answer", [
    b"", b"\x02", READY[:30], b"OK\r\n", b"\x021\x03\x021\x03\x021\x03", b"\xff\x00\x03\x03\x03",
    CANNOT[Hindrance.NO_LABELS].replace(b",0,0,0\x03", b"\x03")])
def test_what_is_not_understood_keeps_no_label_back(answer):
    assert hindrance(answer) is None


@pytest.mark.parametrize("found", Hindrance)
def test_a_printer_that_cannot_print_is_sent_nothing_and_goes_on_once_it_can(bank, found):
    cast = Cast()
    with listening() as small, listening() as tags:
        copy = queued_whole(cast, small.port, tags.port, filled_lot(cast, bags=1)).copies[0]
        tags.stands = CANNOT[found]
        assert run() == {SENT: 1, WAITING: 1}
        row = copy.prints[-1]
        assert (row.trouble, row.bytes_out) == (found, 0) and tags.received == []
        assert progress.told(row).startswith(f"Zebra 2 says: {found}. Put it right: it is asked again at")
        tags.stands = READY
        with clock.pinned(clock.now() + timedelta(hours=1)):
            assert run() == {SENT: 1}
        assert len(tags.labels) == len(small.labels) == 1


def test_a_printer_that_stays_empty_fails_and_says_why(bank):
    cast = Cast()
    with listening() as small, listening() as tags:
        copy = queued_whole(cast, small.port, tags.port, filled_lot(cast, bags=1)).copies[0]
        tags.stands, at = CANNOT[Hindrance.NO_LABELS], clock.now()
        for attempt in range(1, queue.ATTEMPTS + 1):
            with clock.pinned(at + attempt * timedelta(hours=1)):
                run()
    row = copy.prints[-1]
    assert row.state is FAILED
    assert progress.told(row) == ("Zebra 2 says: no labels left. Nothing came out: put it right, or "
                                  "take another printer, then print again.")


def test_a_silent_printer_is_sent_its_labels_all_the_same():
    with listening() as printer:
        printer.stands = b""
        assert wire.send("127.0.0.1", printer.port, b"^XA^XZ", connect_s=60, ask_s=0.05,
                         send_s=60) == Attempt(Ending.SENT, 6)
    assert printer.received == [b"^XA^XZ"]


def test_a_line_closed_while_the_printer_was_asked_has_printed_nothing():
    with listening() as printer:
        printer.stands = None
        attempt = wire.send("127.0.0.1", printer.port, b"^XA^XZ", connect_s=60, ask_s=60,
                            send_s=60)
    assert (attempt.ending, attempt.bytes_out) == (Ending.NOTHING_OUT, 0)
    assert printer.received == []
