"""A label and its companion: two printers, one copy; both come out once, or a person is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from labels import zpl
from mscbank import clock
from mscbank.audit.service import record
from mscbank.database import session, transaction
from mscbank.errors import Refused, Unfit, WrongMoment
from mscbank.labelling import copies, jobs, printers, queue, runner, service, wire
from mscbank.labelling.models import LabelCopy, LabelJob, LabelPrint, Piece, PrintState
from mscbank.permissions import SYSTEM
from tests.cast import Cast
from tests.mscbank.labelling.printer import closed_port, listening
from tests.stages.bags import filled_lot
from tests.stages.labelling import (
    apply,
    issued_labels,
    print_job,
    queued,
    queued_whole,
    registered_printer,
)

SENT, WAITING, UNKNOWN = PrintState.SENT, PrintState.WAITING, PrintState.UNKNOWN


def run() -> dict[PrintState, int]:
    return dict(runner.run(connect_s=60, send_s=60))


def states(copy: LabelCopy) -> dict[Piece, PrintState]:
    session.expire_all()
    return {row.piece: row.state for row in copy.prints}


def texts(job: LabelJob) -> list[str]:
    return [copy.content["code"] for copy in job.copies]


def printed(came_out: list[set[str]], wanted: list[str]) -> list[str]:
    """Which of these texts stand on what came out, in that order."""
    return [next(text for text in label if text in wanted) for label in came_out]


def test_labels_and_companions_come_out_once_at_their_own_printers(bank):
    with listening() as small, listening() as tags:
        job = queued_whole(Cast(), small.port, tags.port)
        assert run() == {SENT: 4}
        assert run() == {}
        for printer in (small, tags):
            assert printed(printer.labels, texts(job)) == texts(job)
        sizes = [data[:40] for data in small.received + tags.received]
    assert len(set(sizes)) == 2, "two stocks"
    assert all(states(copy) == {Piece.LABEL: SENT, Piece.COMPANION: SENT} for copy in job.copies)


def test_a_companion_that_cannot_be_read_back_is_not_queued_nor_is_its_label(bank, monkeypatch):
    cast, pictures = Cast(), zpl.pictures
    drawn: list[bytes] = []
    monkeypatch.setattr(zpl, "pictures", lambda data: (
        drawn.append(data), pictures(data) if len(drawn) == 1 else iter(()))[1])
    with pytest.raises(Unfit, match="What goes on tag-100x80 cannot be printed there"):
        queued_whole(cast, 9100, 9101, filled_lot(cast))
    assert not session.scalar(sa.select(sa.func.count()).select_from(LabelPrint))


@pytest.mark.parametrize(("how", "sentence"), [
    ("not named", "Name a printer that is loaded with tag-100x80: a label and its companion are"),
    ("another roll", "Zebra 1 is loaded with small-50x25, and this is made for tag-100x80: change"),
    ("ended", "Zebra 2 was ended: Worn out."),
    ("none goes with it", "Nothing is to be printed there: leave this printer empty.")])
def test_a_companion_goes_to_a_printer_that_fits_and_else_nothing_is_queued(bank, how, sentence):
    cast = Cast()
    stock = "bag-100x100" if how == "none goes with it" else "small-50x25"
    job = issued_labels(cast, stock=stock)
    there = registered_printer(cast, stock=stock)
    beside = registered_printer(cast, stock=jobs.TAG, name="Zebra 2")
    if how == "ended":
        with transaction():
            printers.end_printer(beside, "Worn out.", by=cast.tessa, at=clock.now())
    named = {"not named": None, "another roll": there.code}.get(how, beside.code)
    with pytest.raises(Refused, match=sentence), transaction():
        queue.send_to_printer(job, there.code, named, by=cast.tessa, at=clock.now())
    assert not session.scalar(sa.select(sa.func.count()).select_from(LabelPrint))


def test_a_printer_that_is_off_does_not_hold_the_other(bank, monkeypatch):
    """Nor does each of its copies cost the others the seconds of one more attempt."""
    asked: list[int] = []
    send = wire.send
    monkeypatch.setattr(wire, "send", lambda host, port, *told, **more: (
        asked.append(port), send(host, port, *told, **more))[1])
    cast, off = Cast(), closed_port()
    with listening() as small, clock.pinned(clock.now()):
        job = queued_whole(cast, small.port, off,
                           filled_lot(cast, bags=3, volume_ml=30, cells_per_bag=40_000_000))
        assert run() == {SENT: 3, WAITING: 3}
        assert asked == [small.port, off, small.port, small.port, off, off]
        assert printed(small.labels, texts(job)) == texts(job)
    assert all(states(copy) == {Piece.LABEL: SENT, Piece.COMPANION: WAITING}
               for copy in job.copies)


@pytest.mark.parametrize("off", [0, 1])
def test_a_label_is_applied_with_its_companion_and_not_before(bank, monkeypatch, off):
    cast, send = Cast(), wire.send
    with listening() as small, listening() as tags:
        silent = {(small, tags)[off].port}
        monkeypatch.setattr(wire, "send", lambda host, port, *told, **more: wire.Attempt(
            wire.Ending.NOTHING_OUT, 0, "no connection") if port in silent else send(
                host, port, *told, **more))
        job = queued_whole(cast, small.port, tags.port)
        run()
        copy = job.copies[0]
        with pytest.raises(WrongMoment, match="label and its companion go on together"):
            apply(cast, copy.bag)
        with pytest.raises(sa.exc.DBAPIError, match="go on together"), transaction():
            copy.applied_at, copy.applied_by_id = clock.now(), cast.tessa.id
            session.flush()
        silent.clear()  # the control
        with clock.pinned(clock.now() + timedelta(hours=1)):
            assert run() == {SENT: 2}
            apply(cast, copy.bag)
    assert copy.applied_at is not None


def test_labels_printed_from_their_pages_are_applied_as_ever(bank):
    cast = Cast()
    job = print_job(cast, issued_labels(cast, stock="small-50x25"))
    apply(cast, job.copies[0].bag)
    assert job.copies[0].applied_at is not None


class _Crash(BaseException):
    """The worker's process is gone."""


def _crash(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, time: int) -> None:
    """The worker ends as it comes to this step for that time."""
    step, come = getattr(module, name), iter(range(1, 100))

    def or_end(*told: Any, **more: Any) -> Any:
        if next(come) == time:
            raise _Crash
        return step(*told, **more)

    with monkeypatch.context() as patch:
        patch.setattr(module, name, or_end)
        with pytest.raises(_Crash):
            run()
    session.rollback()


def _one_bag(cast: Cast) -> Any:
    return filled_lot(cast, bags=1)


@pytest.mark.parametrize(("module", "step", "time", "label", "companion"), [
    (wire, "send", 1, (0, UNKNOWN), (1, SENT)), (queue, "end", 1, (1, UNKNOWN), (1, SENT)),
    (queue, "take", 2, (1, SENT), (1, SENT)), (wire, "send", 2, (1, SENT), (0, UNKNOWN)),
    (queue, "end", 2, (1, SENT), (1, UNKNOWN))])
def test_a_worker_that_crashes_between_the_printers_prints_nothing_twice(
        bank, monkeypatch, module, step, time, label, companion):
    cast = Cast()
    with listening() as small, listening() as tags:
        copy = queued_whole(cast, small.port, tags.port, _one_bag(cast)).copies[0]
        _crash(monkeypatch, module, step, time)
        run()
        with clock.pinned(clock.now() + queue.LEASE + timedelta(seconds=1)):
            run()
            assert run() == {}
        assert (len(small.labels), len(tags.labels)) == (label[0], companion[0])
    assert states(copy) == {Piece.LABEL: label[1], Piece.COMPANION: companion[1]}


def test_a_worker_that_put_back_what_it_finds_taken_would_print_twice(bank, monkeypatch):
    """The control: the same crash, and a queue that takes it for not printed."""
    def put_back(*, at: Any) -> int:
        for row in session.scalars(sa.select(LabelPrint).where(
                LabelPrint.state == PrintState.SENDING)):
            row.state = WAITING
            record("leave the queue", row.copy, by=SYSTEM, at=at, copy=row.copy.number)
        return 1

    cast = Cast()
    with listening() as small, listening() as tags:
        queued_whole(cast, small.port, tags.port, _one_bag(cast))
        _crash(monkeypatch, queue, "end", 2)
        monkeypatch.setattr(queue, "give_up_the_lost", put_back)
        with clock.pinned(clock.now() + queue.LEASE + timedelta(seconds=1)):
            run()
        assert (len(small.labels), len(tags.labels)) == (1, 2)


def _refused(match: str, change: Callable[[], None]) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=match), transaction():
        change()
        session.flush()


def _beside(row: LabelPrint, **different: Any) -> None:
    told = {"copy_id": row.copy_id, "piece": Piece.COMPANION, "printer_id": row.printer_id,
            "zpl": row.zpl, "zpl_digest": row.zpl_digest, "not_before": row.not_before,
            "recorded_by_id": row.recorded_by_id, "recorded_at": row.recorded_at}
    session.add(LabelPrint(**told | different))


def test_no_companion_without_need_and_no_printer_with_another_roll_says_the_database(bank):
    cast = Cast()
    row = queued(cast, 9100).copies[0].prints[0]
    tags = registered_printer(cast, stock=jobs.TAG, name="Zebra 2")
    _refused("only where there is one", lambda: _beside(row, printer_id=tags.id))
    job = issued_labels(cast, stock="small-50x25")
    _refused("loaded with", lambda: _beside(row, copy_id=job.copies[0].id))
    _refused("loaded with", lambda: _beside(row, copy_id=job.copies[0].id, piece=Piece.LABEL))
    with transaction():  # the control
        _beside(row, copy_id=job.copies[0].id, printer_id=tags.id)
        record("send to printer", job, by=cast.tessa, at=clock.now())


def _sending(row: LabelPrint) -> None:
    row.state, row.taken_at = PrintState.SENDING, clock.now()


def test_no_label_leaves_without_its_companion_in_a_queue_says_the_database(bank):
    cast = Cast()
    job = issued_labels(cast, stock="small-50x25")
    there = registered_printer(cast, stock="small-50x25")
    with transaction():
        queue.queued(job.copies[0], {Piece.LABEL: there}, {Piece.LABEL: b"^XA^XZ"}, cast.tessa,
                     clock.now())
        record("send to printer", job, by=cast.tessa, at=clock.now())
    row = job.copies[0].prints[0]
    _refused("no label without its companion", lambda: _sending(row))
    tags = registered_printer(cast, stock=jobs.TAG, name="Zebra 2")
    with transaction():  # the control
        _beside(row, printer_id=tags.id)
        record("send to printer", job, by=cast.tessa, at=clock.now())
    with transaction():
        _sending(row)
        record("take from the queue", row.copy, by=SYSTEM, at=clock.now())


def test_no_void_copy_is_sent_says_the_database(bank):
    cast = Cast()
    copy = queued_whole(cast, 9100, 9101).copies[0]
    with transaction():
        service.void_label(copy.bag, "Wrong expiry.", by=cast.tessa, at=clock.now())
    _refused("sent while it counts", lambda: _sending(copy.prints[0]))


def test_paper_on_its_way_is_not_destroyed_yet(bank):
    cast = Cast()
    with listening() as small:
        copy = queued_whole(cast, small.port, closed_port(), _one_bag(cast)).copies[0]
        run()
        with clock.pinned(clock.now() + timedelta(hours=1)), transaction():
            taken = queue.take(at=clock.now())
        assert taken.piece is Piece.COMPANION
        with pytest.raises(WrongMoment, match="is being sent to a printer"), transaction():
            copies.destroy_copy(copy, "Cut up.", by=cast.tessa, at=clock.now())
        with transaction():
            service.void_label(copy.bag, "Smeared.", by=cast.tessa, at=clock.now())

        def destroy() -> None:
            copy.destroyed_at, copy.destroyed_by_id = clock.now(), cast.tessa.id
            copy.destroyed_how = "Cut up."

        _refused("not destroyed yet", destroy)
        with transaction():  # the control: that paper is out
            queue.end(taken, wire.Attempt(wire.Ending.SENT, 10), at=clock.now())
        with transaction():
            copies.destroy_copy(copy, "Both cut up.", by=cast.tessa, at=clock.now())
