"""What did not come out is printed again by a person: the same copy, or the next one, whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from mscbank import acts, clock
from mscbank.database import session, transaction
from mscbank.donors import service as donors
from mscbank.donors.models import Agent, Reaction
from mscbank.errors import Malformed, NotAllowed, Unfit, WrongMoment
from mscbank.labelling import again, jobs, printers, progress, queue, runner, service
from mscbank.labelling.models import LabelCopy, LabelJob, Piece, PrintState
from mscbank.labelling.rules import CopyState
from tests.cast import Cast
from tests.mscbank.labelling.printer import WHOLE, FakePrinter, closed_port, listening
from tests.stages.bags import filled_lot
from tests.stages.labelling import issued_labels, queued, queued_whole, registered_printer

SENT, WAITING, FAILED = PrintState.SENT, PrintState.WAITING, PrintState.FAILED
UNKNOWN = PrintState.UNKNOWN


def run() -> dict[PrintState, int]:
    return dict(runner.run(connect_s=60, send_s=60))


def until_it_failed() -> None:
    """Every attempt of the queue, hours apart."""
    at = clock.now()
    for attempt in range(1, queue.ATTEMPTS + 1):
        with clock.pinned(at + attempt * timedelta(hours=1)):
            run()


def states(job: LabelJob) -> list[PrintState]:
    session.expire_all()
    return [copy.prints[-1].state for copy in job.copies]


def rows(copy: LabelCopy) -> list[tuple[Piece, PrintState]]:
    session.expire_all()
    return [(row.piece, row.state) for row in copy.prints]


def print_again(cast: Cast, copy: LabelCopy, reason: str = "It broke.", **how: str) -> LabelCopy:
    with transaction():
        return again.print_again(copy, reason, **how, by=cast.tessa, at=clock.now())


def test_a_printer_that_stays_off_fails_and_a_person_prints_again(bank):
    cast = Cast()
    job = queued(cast, closed_port())
    at = clock.now()
    for attempt in range(1, queue.ATTEMPTS + 1):
        with clock.pinned(at + attempt * timedelta(hours=1)):
            run()
    assert states(job) == [PrintState.FAILED] * 2
    copy = job.copies[0]
    assert copy.printed_at is None and copy.prints[0].bytes_out == 0
    with transaction():
        another = again.print_again(copy, "It is switched on now.", by=cast.tessa, at=clock.now())
    assert another is copy, "nothing went out, so it is the same copy"
    assert [each.state for each in copy.prints] == [PrintState.FAILED, PrintState.WAITING]


def test_what_is_in_doubt_is_printed_again_as_the_next_number(bank):
    cast = Cast()
    with listening(500) as printer:
        job = queued(cast, printer.port)
        run()
        copy = job.copies[0]
        with transaction():
            another = again.print_again(copy, "Half a label came out.", by=cast.tessa,
                                        at=clock.now())
        assert (another.number, another.replaces_id, another.bag) == (2, copy.id, copy.bag)
        assert service.as_rule(copy).state is CopyState.VOIDED
        assert run() == {PrintState.SENT: 1}
        assert another.content["code"] in printer.labels[-1]
    with pytest.raises(Unfit, match="replaced on .* by copy 2"), transaction():
        service.apply_label(copy.bag, copy.content["code"], by=cast.tessa, at=clock.now())


def test_a_copy_that_was_taken_whole_is_not_printed_again(bank):
    cast = Cast()
    with listening() as printer:
        job = queued(cast, printer.port)
        with pytest.raises(WrongMoment, match="in the queue"), transaction():
            again.print_again(job.copies[0], "Faster.", by=cast.tessa, at=clock.now())
        run()
    with pytest.raises(WrongMoment, match="took this copy whole"), transaction():
        again.print_again(job.copies[0], "One more.", by=cast.tessa, at=clock.now())


def test_a_copy_that_never_was_in_a_queue_is_not_printed_again(bank):
    cast = Cast()
    copy = issued_labels(cast).copies[0]
    with pytest.raises(WrongMoment, match="never sent"), transaction():
        again.print_again(copy, "Why not.", by=cast.tessa, at=clock.now())


@contextmanager
def one_in_doubt(cast: Cast, *small: int, tags: int) -> Iterator[
        tuple[LabelCopy, FakePrinter, FakePrinter]]:
    """A copy of a lot's only bag, of which a piece may be on paper."""
    with listening(*small) as there, listening(tags) as beside:
        copy = queued_whole(cast, there.port, beside.port, filled_lot(cast, bags=1)).copies[0]
        run()
        yield copy, there, beside


@pytest.mark.parametrize(("small", "tags"), [(WHOLE, 500), (500, WHOLE), (500, 500)])
def test_a_label_or_companion_in_doubt_is_printed_again_with_the_other(bank, small, tags):
    cast = Cast()
    with one_in_doubt(cast, small, tags=tags) as (copy, there, beside):
        before = len(there.labels), len(beside.labels)
        another = print_again(cast, copy, "Half a label came out.")
        assert (another.number, another.replaces_id) == (2, copy.id)
        assert service.as_rule(copy).state is CopyState.VOIDED
        assert run() == {SENT: 2}
        for printer, so_far in ((there, before[0]), (beside, before[1])):
            assert len(printer.labels) == so_far + 1
            assert another.content["code"] in printer.labels[-1]
    assert rows(another) == [(Piece.LABEL, SENT), (Piece.COMPANION, SENT)]


def test_a_companion_still_waiting_is_dropped_with_its_label_in_doubt(bank):
    """The printer of the companions is off, the label's broke: another is named for each."""
    cast = Cast()
    with listening(500) as broken, listening() as tags:
        copy = queued_whole(cast, broken.port, closed_port(), filled_lot(cast, bags=1)).copies[0]
        run()
        assert rows(copy) == [(Piece.LABEL, UNKNOWN), (Piece.COMPANION, WAITING)]
        beside = registered_printer(cast, tags.port, stock=jobs.TAG, name="Zebra 3")
        another = print_again(cast, copy, companion_printer=beside.code)
        with clock.pinned(clock.now() + timedelta(hours=1)):
            assert run() == {SENT: 2}
        assert [another.content["code"] in label for label in tags.labels] == [True]
    assert rows(copy) == [(Piece.LABEL, UNKNOWN), (Piece.COMPANION, FAILED)]
    broke, dropped = progress.troubles(copy.prints)
    assert broke.startswith("The line to Zebra 1 broke: look there whether it came out")
    assert dropped == "Voided before it was sent: nothing came out."


def test_a_companion_that_failed_alone_is_printed_alone_at_another_printer(bank):
    cast = Cast()
    with listening() as small, listening() as tags:
        copy = queued_whole(cast, small.port, closed_port(), filled_lot(cast, bags=1)).copies[0]
        until_it_failed()
        assert rows(copy) == [(Piece.LABEL, SENT), (Piece.COMPANION, FAILED)]
        with transaction():
            printers.end_printer(copy.prints[-1].printer, "Broken.", by=cast.tessa, at=clock.now())
        with pytest.raises(Exception, match="Zebra 2 was ended: Broken."):
            print_again(cast, copy)
        beside = registered_printer(cast, tags.port, stock=jobs.TAG, name="Zebra 3")
        with pytest.raises(Malformed, match="leave this printer empty") as refused:
            print_again(cast, copy, printer=beside.code, companion_printer=beside.code)
        assert refused.value.field == "printer"
        with pytest.raises(Unfit, match="loaded with small-50x25, and this is made for tag-100x80"):
            print_again(cast, copy, companion_printer=copy.prints[0].printer.code)
        assert print_again(cast, copy, companion_printer=beside.code) is copy
        assert run() == {SENT: 1}
        assert (len(small.labels), len(tags.labels)) == (1, 1)
    with transaction():
        service.apply_label(copy.bag, copy.content["code"], by=cast.tessa, at=clock.now())


def test_a_next_copy_that_needs_a_companion_asks_for_its_printer(bank):
    """A warning came since, and the label has no room to say it in two languages."""
    cast = Cast()
    with listening(500) as wide, listening() as tags:
        job = issued_labels(cast, filled_lot(cast, bags=1), stock="bag-100x50", language="en+fr")
        copy = queued(cast, wide.port, job, stock="bag-100x50").copies[0]
        run()
        beside = registered_printer(cast, tags.port, stock=jobs.TAG, name="Zebra 2")
        assert again.offers(copy, {})["companion_printer"].asked is False
        with transaction():
            donors.record_marker(copy.bag.lot.harvest.donor, Agent.HTLV, Reaction.REACTIVE,
                                 clock.now(), "Virology", by=cast.carole, at=clock.now())
        assert again.offers(copy, {})["companion_printer"].choices == (
            (beside.code, "Zebra 2, Room 2, bench 1"),)
        with pytest.raises(Malformed, match="Name a printer that is loaded with tag-100x80"):
            print_again(cast, copy)
        print_again(cast, copy, companion_printer=beside.code)
        assert run() == {SENT: 2}


def test_what_is_printed_again_is_drawn_before_the_lock(bank, monkeypatch):
    cast, locked = Cast(), []
    zpl, pages = jobs.zpl_of, jobs.prepare

    def seen(do):
        return lambda *told: (locked.append(session.info.get("open") is not None), do(*told))[1]

    monkeypatch.setattr(jobs, "zpl_of", seen(zpl))
    monkeypatch.setattr(jobs, "prepare", seen(pages))
    with one_in_doubt(cast, WHOLE, tags=500) as (copy, _, beside):
        locked.clear()
        act = acts.catalogue()["label-copies", "print-again"]
        told = acts.perform(act, copy.code, act.schema().load({"reason": "Torn."}), by=cast.tessa)
        assert locked == [False] * 3, "its pages, its label, its companion"
        assert told["copy"] == 2 and run() == {SENT: 2}
        assert len(beside.labels) == 1


def test_what_changed_while_it_was_drawn_is_not_printed(bank):
    cast = Cast()
    with one_in_doubt(cast, WHOLE, tags=500) as (copy, small, _):
        drawn = again.prepare_again(copy, "Torn.")
        with transaction():
            donors.record_marker(copy.bag.lot.harvest.donor, Agent.HTLV, Reaction.REACTIVE,
                                 clock.now(), "Virology", by=cast.carole, at=clock.now())
        with pytest.raises(WrongMoment, match="changed while this was drawn"), transaction():
            again.print_again(copy, "Torn.", prepared=drawn, by=cast.tessa, at=clock.now())
        assert copy.voided_at is None and run() == {} and len(small.labels) == 1
        drawn = again.prepare_again(copy, "Torn.")  # the control
        with transaction():
            again.print_again(copy, "Torn.", prepared=drawn, by=cast.tessa, at=clock.now())
        assert run() == {SENT: 2}


def test_all_of_a_job_that_failed_is_printed_again_at_once_and_nothing_else(bank):
    """One label came out, one is void; the companions' printer was off for all three."""
    cast = Cast()
    with listening() as small, listening() as tags:
        job = queued_whole(cast, small.port, closed_port(),
                           filled_lot(cast, bags=3, volume_ml=30, cells_per_bag=40_000_000))
        until_it_failed()
        with transaction():
            service.void_label(job.copies[1].bag, "Wrong expiry.", by=cast.tessa, at=clock.now())
        beside = registered_printer(cast, tags.port, stock=jobs.TAG, name="Zebra 3")
        with pytest.raises(Malformed, match="leave this printer empty"), transaction():
            again.print_failed(job, "It is on now.", beside.code, by=cast.tessa, at=clock.now())
        act = acts.catalogue()["label-jobs", "print-again"]
        acts.perform(act, job.code, act.schema().load({
            "reason": "Another is on.", "companion_printer": beside.code}), by=cast.tessa)
        with pytest.raises(WrongMoment, match="Nothing of this job failed"), transaction():
            again.print_failed(job, "Once more.", by=cast.tessa, at=clock.now())
        assert run() == {SENT: 2}
        assert (len(small.labels), len(tags.labels)) == (3, 2)
        for copy, label in zip((job.copies[0], job.copies[2]), tags.labels, strict=True):
            assert copy.content["code"] in label


def test_what_was_printed_again_while_it_was_drawn_is_not_printed_twice(bank):
    cast = Cast()
    job = queued_whole(cast, closed_port(), closed_port())
    until_it_failed()
    drawn = again.prepare_failed(job, "On again.")
    print_again(cast, job.copies[0])
    with pytest.raises(WrongMoment, match="changed while this was drawn"), transaction():
        again.print_failed(job, "On again.", prepared=drawn, by=cast.tessa, at=clock.now())
    with transaction():  # the control
        again.print_failed(job, "On again.", prepared=again.prepare_failed(job, "On again."),
                           by=cast.tessa, at=clock.now())
    assert [rows(copy)[2:] for copy in job.copies] == [
        [(Piece.LABEL, WAITING), (Piece.COMPANION, WAITING)]] * 2


def test_what_is_in_doubt_is_not_printed_with_what_failed(bank):
    cast = Cast()
    with listening(500) as broken:
        job = queued_whole(cast, broken.port, closed_port(), filled_lot(cast, bags=1))
        until_it_failed()
    assert rows(job.copies[0]) == [(Piece.LABEL, UNKNOWN), (Piece.COMPANION, FAILED)]
    with pytest.raises(WrongMoment, match="printed again from its copy"), transaction():
        again.print_failed(job, "On again.", by=cast.tessa, at=clock.now())


def test_a_nurse_prints_no_label_of_a_bag_again(bank):
    cast = Cast()
    job = queued(cast, closed_port())
    until_it_failed()
    with pytest.raises(NotAllowed), transaction():
        again.print_again(job.copies[0], "Why not.", by=cast.nadia, at=clock.now())
