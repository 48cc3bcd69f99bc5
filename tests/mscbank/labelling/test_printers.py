"""Printers, and what may be sent to them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from labels import zpl
from mscbank import acts, clock
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, NotKnown, Refused, Unfit, WrongMoment
from mscbank.labelling import jobs, printers, queue, runner, service
from mscbank.labelling.models import LabelPrint, PrintState
from tests.cast import Cast
from tests.mscbank.labelling.printer import closed_port
from tests.stages.labelling import issued_labels, print_job, queued, registered_printer


def run() -> dict[PrintState, int]:
    return dict(runner.run(connect_s=60, send_s=60))


def test_a_job_is_queued_once_and_not_printed_beside_it(bank):
    cast = Cast()
    job = queued(cast, closed_port())
    with pytest.raises(AlreadyDone, match="was sent to a printer"), transaction():
        queue.send_to_printer(job, job.copies[0].prints[0].printer.code, by=cast.tessa,
                              at=clock.now())
    with pytest.raises(WrongMoment, match="in the queue of a printer"):
        print_job(cast, job)


def test_a_printed_job_is_not_queued(bank):
    cast = Cast()
    job = print_job(cast, issued_labels(cast))
    printer = registered_printer(cast)
    with pytest.raises(AlreadyDone), transaction():
        queue.send_to_printer(job, printer.code, by=cast.tessa, at=clock.now())


def test_a_printer_loaded_with_another_stock_is_refused(bank):
    cast = Cast()
    job = issued_labels(cast)
    printer = registered_printer(cast, stock="small-50x25")
    with pytest.raises(Unfit, match="loaded with small-50x25") as refused, transaction():
        queue.send_to_printer(job, printer.code, by=cast.tessa, at=clock.now())
    assert refused.value.field == "printer"
    with transaction():
        printers.load_stock(printer, "bag-100x100", by=cast.tessa, at=clock.now())
    with transaction():
        queue.send_to_printer(job, printer.code, by=cast.tessa, at=clock.now())


@pytest.mark.parametrize(("printer", "error"), [
    ("Zebra", Malformed), ("LRBBBBBBBBBBBBBBBBBB", Malformed), ("bag", NotKnown)])
def test_a_printer_that_is_none_is_a_sentence(bank, printer, error):
    cast = Cast()
    job = issued_labels(cast)
    printer = job.copies[0].bag.code if printer == "bag" else printer
    with pytest.raises(error), transaction():
        queue.send_to_printer(job, printer, by=cast.tessa, at=clock.now())


def test_a_symbol_that_cannot_be_read_back_is_not_queued(bank, monkeypatch):
    cast = Cast()
    job = issued_labels(cast)
    printer = registered_printer(cast)
    monkeypatch.setattr(zpl, "pictures", lambda data: iter(()))
    with pytest.raises(Unfit, match="cannot be printed there"), transaction():
        queue.send_to_printer(job, printer.code, by=cast.tessa, at=clock.now())
    assert not session.scalar(sa.select(sa.func.count()).select_from(LabelPrint))


def test_a_nurse_sends_no_bag_labels_to_a_printer(bank):
    cast = Cast()
    job = issued_labels(cast)
    printer = registered_printer(cast)
    with pytest.raises(NotAllowed), transaction():
        queue.send_to_printer(job, printer.code, by=cast.nadia, at=clock.now())


def test_formats_are_drawn_before_the_lock(bank, monkeypatch):
    cast = Cast()
    job, printer = issued_labels(cast), registered_printer(cast)
    locked = []
    drawn = jobs.zpl_of
    monkeypatch.setattr(jobs, "zpl_of", lambda *a: (locked.append(
        session.info.get("open") is not None), drawn(*a))[1])
    act = acts.catalogue()["label-jobs", "send-to-printer"]
    acts.perform(act, job.code, act.schema().load({"printer": printer.code}), by=cast.tessa)
    assert locked == [False, False]


@pytest.mark.parametrize(("how", "field"), [
    ({"stock": "a4-bag-100x100"}, "stock"), ({"stock": "paper-a4"}, "stock"),
    ({"host": "printer one"}, "host"), ({"host": "-x"}, "host"), ({"host": "a;b"}, "host")])
def test_a_printer_has_a_roll_and_an_address(bank, how, field):
    cast = Cast()
    told = {"name": "Z", "place": "Room 2", "dpi": 203, "stock": "bag-100x100",
            "host": "10.0.4.17"} | how
    with pytest.raises(Malformed) as refused, transaction():
        printers.add_printer(**told, by=cast.tessa, at=clock.now())
    assert refused.value.field == field


def test_a_printer_s_name_is_taken_once(bank):
    cast = Cast()
    registered_printer(cast)
    with pytest.raises(AlreadyDone, match="called Zebra 1 already"):
        registered_printer(cast)


def test_a_printer_ends_when_nothing_waits_for_it(bank):
    cast = Cast()
    job = queued(cast, closed_port())
    printer = job.copies[0].prints[0].printer
    with pytest.raises(Unfit, match="2 copies wait"), transaction():
        printers.end_printer(printer, "Worn out.", by=cast.tessa, at=clock.now())
    for copy in job.copies:
        with transaction():
            service.void_label(copy.bag, "Not needed.", by=cast.tessa, at=clock.now())
    run()
    with transaction():
        printers.end_printer(printer, "Worn out.", by=cast.tessa, at=clock.now())
    with pytest.raises(AlreadyDone, match="Worn out"), transaction():
        printers.end_printer(printer, "Again.", by=cast.tessa, at=clock.now())
    with pytest.raises(AlreadyDone, match="was ended"), transaction():
        printers.load_stock(printer, "small-50x25", by=cast.tessa, at=clock.now())


def test_a_nurse_keeps_no_printers(bank):
    cast = Cast()
    with pytest.raises(NotAllowed), transaction():
        printers.add_printer("Z", "Ward", 203, "bag-100x100", "10.0.4.17", by=cast.nadia,
                             at=clock.now())


@pytest.mark.parametrize("data", [
    {"dpi": 150}, {"port": 0}, {"port": 70000}, {"name": ""}, {"stock": "napkin"},
    {"name": "x" * 61}])
def test_the_form_of_a_printer_refuses_what_cannot_be(data):
    schema = acts.catalogue()["printers", "add-printer"].schema()
    sound = {"name": "Z", "place": "Room 2", "dpi": 203, "stock": "bag-100x100",
             "host": "10.0.4.17"}
    assert schema.validate(sound) == {}
    assert set(schema.validate(sound | data)) == set(data)


def test_the_queue_leaves_a_refused_attempt_in_the_trail(bank):
    cast = Cast()
    job = issued_labels(cast)
    act = acts.catalogue()["label-jobs", "send-to-printer"]
    with pytest.raises(Refused):
        acts.perform(act, job.code, {"printer": "nonsense"}, by=cast.tessa)
    assert session.scalar(sa.text("SELECT act FROM audit_entry ORDER BY sequence DESC LIMIT 1")
                          ) == "refused"
