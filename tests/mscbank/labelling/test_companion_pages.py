"""What the pages tell of labels with companions: where to send them, how far both came."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mscbank import clock
from mscbank.labelling import queue, runner
from mscbank.labelling.jobs import TAG
from tests.mscbank.labelling.printer import closed_port, listening
from tests.mscbank.web.conftest import browse, cast, machine
from tests.stages.labelling import issued_labels, print_job, queued_whole, registered_printer

__all__ = ["browse", "cast", "machine"]


def test_a_job_is_sent_from_its_form_to_both_printers(cast, browse):
    job = issued_labels(cast, stock="small-50x25")
    there = registered_printer(cast, stock="small-50x25")
    beside = registered_printer(cast, stock=TAG, name="Zebra 2")
    registered_printer(cast, stock=TAG, name="Zebra 3")
    browser = browse("tessa")
    form = browser.get(f"/label-jobs/{job.code}/send-to-printer").text
    assert f'<option value="{there.code}" selected' in form, "it alone is loaded with that"
    assert f'<option value="{beside.code}">' in form and "Zebra 3" in form
    sent = browser.post(f"/label-jobs/{job.code}/send-to-printer", {
        "printer": there.code, "companion_printer": beside.code, "key": "send-1"})
    assert sent.status_code == 303
    assert [(row.piece, row.printer) for row in job.copies[0].prints] == [
        ("label", there), ("companion", beside)]


def test_a_job_without_companions_asks_for_no_second_printer(cast, browse):
    job = issued_labels(cast)
    registered_printer(cast)
    form = browse("tessa").get(f"/label-jobs/{job.code}/send-to-printer").text
    assert "Printer of the labels" in form and "companions" not in form


def test_a_job_with_companions_must_name_both(cast, browse):
    job = issued_labels(cast, stock="small-50x25")
    form = browse("tessa").get(f"/label-jobs/{job.code}/send-to-printer").text
    assert "companions" in form and "(optional)" not in form


@pytest.mark.parametrize("missing", ["small-50x25", TAG])
def test_without_a_printer_for_a_stock_sending_is_grey_and_says_so(cast, browse, missing):
    job = issued_labels(cast, stock="small-50x25")
    registered_printer(cast, stock=TAG if missing != TAG else "small-50x25")
    browser = browse("tessa")
    assert f"No printer in use is loaded with {missing}" in browser.get(
        f"/label-jobs/{job.code}").text
    registered_printer(cast, stock=missing, name="Zebra 2")
    page = browser.get(f"/label-jobs/{job.code}").text
    assert "No printer in use" not in page and "/send-to-printer" in page


def test_the_job_tells_how_far_labels_and_companions_came_at_each_printer(cast, browse):
    browser = browse("tessa")
    with listening() as small:
        job = queued_whole(cast, small.port, closed_port())
        runner.run(connect_s=60, send_s=60)
        page = browser.get(f"/label-jobs/{job.code}").text
        assert "Zebra 2 did not answer at attempt 1 of 5" in page
        assert "Wait for the printer" in page and "/apply-label" not in page
        at = clock.now()
        for attempt in range(1, queue.ATTEMPTS):
            with clock.pinned(at + attempt * timedelta(hours=1)):
                runner.run(connect_s=60, send_s=60)
    page = " ".join(browser.get(f"/label-jobs/{job.code}").text.split())
    assert "Zebra 2 did not answer, and nothing came out: put it right or take another" in page
    assert "Only one of its two came out:" in page
    assert f"/label-jobs/{job.code}/print-again" in page
    copy = job.copies[0]
    assert f"/label-copies/{copy.code}/print-again" in page
    form = browser.get(f"/label-copies/{copy.code}/print-again").text
    assert "Printer of the companions" in form and "Printer of the labels" not in form


def test_a_job_printed_from_its_pages_says_so(cast, browse):
    job = issued_labels(cast, stock="small-50x25")
    browser = browse("tessa")
    assert "not sent to a printer yet" in browser.get(f"/label-jobs/{job.code}").text
    print_job(cast, job)
    assert "printed from the pages" in browser.get(f"/label-jobs/{job.code}").text


def test_a_machine_sends_both_by_the_same_act(bank, cast, machine):
    job = issued_labels(cast, stock="small-50x25")
    named = {"printer": registered_printer(cast, stock="small-50x25").code}
    address = f"/api/v1/label-jobs/{job.code}/send-to-printer"
    client = bank.test_client()
    alone = client.post(address, json={"data": named},
                        headers=machine("tessa", Idempotency_Key="send-one"))
    assert alone.status_code == 422 and "tag-100x80" in alone.text
    named["companion_printer"] = registered_printer(cast, stock=TAG, name="Zebra 2").code
    both = client.post(address, json={"data": named},
                       headers=machine("tessa", Idempotency_Key="send-two"))
    assert both.status_code == 200, both.text
    assert len(job.copies[0].prints) == 2
