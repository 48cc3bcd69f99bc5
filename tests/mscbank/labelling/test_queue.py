"""The print queue: every copy comes out once, and what is in doubt is printed by nobody unasked."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.errors import WrongMoment
from mscbank.labelling import jobs, queue, runner, service, wire
from mscbank.labelling.models import LabelCopy, LabelJob, LabelPrint, PrintState
from mscbank.labelling.rules import CopyState
from mscbank.labelling.wire import Ending
from mscbank.things import by_code
from tests.cast import Cast
from tests.mscbank.labelling.printer import MUTE, WHOLE, closed_port, listening
from tests.stages.bags import filled_lot
from tests.stages.labelling import issued_labels, queued
from tests.story.conftest import environment


def run() -> dict[PrintState, int]:
    return dict(runner.run(connect_s=60, send_s=60))


def states(job: LabelJob) -> list[PrintState]:
    session.expire_all()
    return [copy.prints[-1].state for copy in job.copies]


def texts(job: LabelJob) -> list[str]:
    return [copy.content["code"] for copy in job.copies]


@pytest.mark.parametrize("dpi", [203, 300])
def test_each_copy_comes_out_once_and_reads_as_the_job_says(bank, dpi):
    cast = Cast()
    with listening() as printer:
        job = queued(cast, printer.port, dpi=dpi)
        assert run() == {PrintState.SENT: 2}
        assert run() == {}
        came_out = printer.labels
    assert len(came_out) == 2
    for text, found in zip(texts(job), came_out, strict=True):
        assert text in found
    assert states(job) == [PrintState.SENT] * 2
    assert {service.as_rule(copy).state for copy in job.copies} == {CopyState.PRINTED}


def test_what_is_sent_is_what_was_read_back_and_its_digest_is_in_the_trail(bank):
    cast = Cast()
    with listening() as printer:
        job = queued(cast, printer.port)
        run()
        sent = printer.received
    kept = [copy.prints[0].zpl_digest for copy in job.copies]
    assert [jobs.digest(data) for data in sent] == kept
    body = session.scalar(sa.text(
        "SELECT body FROM audit_entry WHERE act = 'send to printer'"))
    assert json.loads(body)["facts"]["zpl"] == kept
    session.rollback()
    assert verify().sound


def test_a_printer_that_is_off_gets_it_later(bank):
    cast = Cast()
    port = closed_port()
    job = queued(cast, port)
    assert run() == {PrintState.WAITING: 2}
    assert states(job) == [PrintState.WAITING] * 2
    assert run() == {}, "it is not asked again at once"
    assert {service.as_rule(copy).state for copy in job.copies} == {CopyState.ISSUED}


@pytest.mark.parametrize("after", [1, 100, 9_000])
def test_a_line_that_breaks_after_bytes_went_out_is_never_sent_again(bank, after):
    cast = Cast()
    with listening(after, WHOLE) as printer:
        job = queued(cast, printer.port)
        assert run() == {PrintState.UNKNOWN: 1, PrintState.SENT: 1}
        for hours in range(1, 10):
            with clock.pinned(clock.now() + timedelta(hours=hours)):
                assert run() == {}
        came_out = printer.labels
    assert states(job) == [PrintState.UNKNOWN, PrintState.SENT]
    assert len(came_out) == 1 and texts(job)[1] in came_out[0]
    row = job.copies[0].prints[0]
    assert row.bytes_out > 0 and "bytes" in row.trouble
    assert job.copies[0].printed_at is not None, "it may be on paper, so it is accounted for"


def test_a_printer_that_reads_nothing_leaves_the_copy_in_doubt(bank, monkeypatch):
    """The limit is short for the mute printer alone: a busy machine is no broken line."""
    cast, send, limits = Cast(), wire.send, iter((0.5, 60))
    monkeypatch.setattr(wire, "send", lambda *told, connect_s, ask_s, send_s: send(
        *told, connect_s=connect_s, ask_s=0.1, send_s=next(limits)))
    with listening(MUTE, WHOLE) as printer:
        job = queued(cast, printer.port)
        assert run() == {PrintState.UNKNOWN: 1, PrintState.SENT: 1}
    assert "no answer in time" in job.copies[0].prints[0].trouble


def test_a_runner_that_died_while_sending_leaves_its_copy_in_doubt(bank):
    cast = Cast()
    with listening() as printer:
        job = queued(cast, printer.port)
        with transaction():
            assert queue.take(at=clock.now()) is not None
        # that runner is gone; another begins, at once and later
        assert run() == {PrintState.SENT: 1}
        assert states(job) == [PrintState.SENDING, PrintState.SENT]
        with clock.pinned(clock.now() + queue.LEASE + timedelta(seconds=1)):
            assert run() == {PrintState.UNKNOWN: 1}
        assert states(job) == [PrintState.UNKNOWN, PrintState.SENT]
        assert len(printer.labels) == 1


def test_a_runner_that_comes_back_late_does_not_overwrite_the_doubt(bank):
    cast = Cast()
    queued(cast, closed_port())
    with transaction():
        taken = queue.take(at=clock.now())
    later = clock.now() + queue.LEASE + timedelta(seconds=1)
    with transaction():
        queue.give_up_the_lost(at=later)
    with pytest.raises(WrongMoment, match="another runner wrote down"), transaction():
        queue.end(taken, wire.Attempt(Ending.SENT, 10), at=later)


def test_a_copy_voided_in_the_queue_is_not_sent(bank):
    cast = Cast()
    with listening() as printer:
        job = queued(cast, printer.port)
        with transaction():
            service.void_label(job.copies[0].bag, "Wrong expiry.", by=cast.tessa, at=clock.now())
        assert run() == {PrintState.SENT: 1}
        assert len(printer.labels) == 1
    assert states(job) == [PrintState.FAILED, PrintState.SENT]
    assert job.copies[0].prints[0].trouble == "voided before it was sent"


@pytest.mark.parametrize(("was", "becomes"), [
    ("sent", "waiting"), ("unknown", "waiting"), ("unknown", "sending"), ("sent", "sending"),
    ("failed", "waiting")])
def test_the_database_sends_nothing_twice(bank, was, becomes):
    cast = Cast()
    endings = {"sent": Ending.SENT, "unknown": Ending.IN_DOUBT, "failed": Ending.NOTHING_OUT}
    job = queued(cast, closed_port())
    row = job.copies[0].prints[0]
    at = clock.now()
    for _ in range(queue.ATTEMPTS):
        at += timedelta(hours=1)
        with transaction():
            taken = queue.take(at=at)
        assert taken and taken.id == row.id
        out = 0 if was == "failed" else 5
        with transaction():
            queue.end(taken, wire.Attempt(endings[was], out), at=at)
        if row.state == was:
            break
    assert row.state == was
    with pytest.raises(sa.exc.DBAPIError, match="sent once|set once"), transaction():
        row.state, row.ended_at, row.bytes_out = PrintState(becomes), None, 0
        session.flush()


def test_one_copy_stands_in_one_queue_says_the_database(bank):
    cast = Cast()
    job = queued(cast, closed_port())
    row = job.copies[0].prints[0]
    with pytest.raises(sa.exc.IntegrityError), transaction():
        session.add(LabelPrint(copy_id=row.copy_id, piece=row.piece, printer_id=row.printer_id,
                               zpl=row.zpl, zpl_digest=row.zpl_digest, not_before=clock.now(),
                               recorded_by_id=cast.tessa.id, recorded_at=clock.now()))
        session.flush()


def test_two_runners_at_once_send_every_copy_once(bank, database_url, tmp_path):
    cast = Cast()
    job = issued_labels(cast, filled_lot(cast, bags=8, volume_ml=25, cells_per_bag=10_000_000))
    with listening() as printer:
        queued(cast, printer.port, job)
        wanted = texts(job)
        session.remove()
        begun = [subprocess.Popen(
            [sys.executable, "-m", "mscbank", "print-queue", "--once", "--json"], cwd=tmp_path,
            env=environment(tmp_path, database_url), stdout=subprocess.PIPE, text=True)
            for _ in range(2)]
        told = [json.loads(line) for each in begun
                for line in each.communicate(timeout=120)[0].splitlines()]
        came_out = printer.labels
    assert [each.returncode for each in begun] == [0, 0]
    assert sorted(each["state"] for each in told) == ["sent"] * 8
    assert len({each["copy"] for each in told}) == 8
    assert sorted(next(text for text in label if text in wanted) for label in came_out) == sorted(
        wanted)


def test_runners_that_did_not_ask_the_database_would_print_twice(bank):
    """The control: the same two looks at the queue without taking from it."""
    cast = Cast()
    queued(cast, closed_port())
    waiting = sa.select(LabelPrint.id).where(LabelPrint.state == PrintState.WAITING)
    looks: list[list[int]] = []

    def look() -> None:
        with bank.app_context():
            looks.append(list(session.scalars(waiting)))
            session.remove()

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert looks[0] == looks[1] and len(looks[0]) == 2


def test_every_step_of_a_copy_through_the_queue_is_in_the_trail(bank):
    cast = Cast()
    with listening() as printer:
        job = queued(cast, printer.port)
        run()
    copy: LabelCopy = by_code(job.copies[0].code)
    entries = session.scalars(sa.text(
        "SELECT act FROM audit_entry WHERE subject = :code ORDER BY sequence").bindparams(
            code=copy.code)).all()
    assert entries == ["take from the queue", "leave the queue"]
