"""The pages of labels: a job, a copy, a printer, the lot's reconciliation; empty and full."""

from __future__ import annotations

import pytest

from labels import readback
from mscbank import clock
from mscbank.accounts.service import find_account
from mscbank.acts import catalogue, perform, why_not
from mscbank.database import transaction
from mscbank.errors import NotAllowed
from mscbank.labelling import copies, jobs, printers, queue, runner, service
from mscbank.labelling.models import LabelKind
from tests.mscbank.labelling.printer import listening
from tests.mscbank.web.conftest import browse, cast, machine
from tests.stages.bags import filled_lot
from tests.stages.labelling import apply, issued_labels, labelled_lot, reprinted
from tests.stages.testing import sample_of

__all__ = ["browse", "cast", "machine"]


@pytest.mark.parametrize(("place", "begin"), [
    ("label-jobs", ""), ("label-copies", ""), ("printers", "/printers/add-printer"),
    ("label-reconciliations", "")])
def test_lists_say_that_nothing_is_there_and_how_to_begin(cast, browse, place, begin):
    page = browse("tessa").get(f"/{place}/")
    assert page.status_code == 200
    assert "Nothing stands here yet." in page.text and begin in page.text


def test_a_printer_is_registered_by_its_form_and_its_queue_is_empty(cast, browse):
    browser = browse("tessa")
    done = browser.post("/printers/add-printer", {
        "name": "Zebra 1", "place": "Room 2", "dpi": "203", "stock": "bag-100x100",
        "host": "10.0.4.17", "port": "9100", "key": "printer-1"}, follow_redirects=True)
    assert done.status_code == 200 and "add printer" in done.text.lower()
    page = browser.get("/printers/").text
    assert "Zebra 1" in page
    address = next(part.split('"')[0] for part in page.split('href="')
                   if part.startswith("/printers/LR"))
    assert "Nothing was sent to it yet" in browser.get(address).text


def test_the_form_of_a_printer_says_what_is_wrong(cast, browse):
    page = browse("tessa").post("/printers/add-printer", {
        "name": "Zebra 1", "place": "Room 2", "dpi": "203", "stock": "bag-100x100",
        "host": "printer one", "port": "9100", "key": "printer-2"})
    assert page.status_code == 422
    assert "Give the printer&#39;s name or address on the network" in page.text


def test_a_job_shows_each_copy_and_what_comes_next(cast, browse):
    job = issued_labels(cast)
    browser = browse("tessa")
    page = browser.get(f"/label-jobs/{job.code}").text
    assert "Labels: 2 × bag on bag-100x100" in page and "Print it" in page
    with transaction():
        service.print_job(job, by=cast.tessa, at=clock.now())
    assert f"/bags/{job.copies[0].bag.code}/apply-label" in browser.get(
        f"/label-jobs/{job.code}").text
    apply(cast, job.copies[0].bag)
    assert "Scanned back by Tessa Roux" in browser.get(f"/label-jobs/{job.code}").text


def test_places_of_a_sheet_that_hold_no_label_are_typed_on_lines(cast, browse):
    lot = filled_lot(cast)
    browser = browse("tessa")
    sheet = {"stock": "a4-bag-100x50", "language": "en", "key": "sheet-1"}
    for typed in ("1\nx", "1.5", "0", "100"):
        assert browser.post(f"/lots/{lot.code}/issue-labels",
                            sheet | {"used": typed}).status_code == 422
    assert service.unlabelled(lot) == lot.bags
    browser.post(f"/lots/{lot.code}/issue-labels", sheet | {"used": "1\n2"})
    job = lot.bags[0].labels[0].job
    assert job.used == [1, 2]
    assert len(list(readback.pages(service.pdf_of(job)))) == 1


def test_what_is_seen_is_what_is_downloaded(cast, browse):
    job = issued_labels(cast)
    answer = browse("tessa").get(f"/label-jobs/{job.code}/labels.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.data == service.pdf_of(job)
    assert len(list(readback.pages(answer.data))) == 2


def test_a_small_label_offers_its_companions(cast, browse):
    lot = filled_lot(cast)
    with transaction():
        job = service.issue_labels(lot, "small-50x25", by=cast.tessa, at=clock.now())
    browser = browse("tessa")
    assert f"/label-jobs/{job.code}/tags.pdf" in browser.get(f"/label-jobs/{job.code}").text
    assert browser.get(f"/label-jobs/{job.code}/tags.pdf").data == jobs.tags_of(job)


@pytest.mark.parametrize(("who", "status"), [("tessa", 200), ("nadia", 403), ("quentin", 403),
                                             ("adam", 403)])
def test_labels_of_bags_open_for_the_laboratory_only(cast, browse, who, status):
    job = issued_labels(cast)
    assert browse(who).get(f"/label-jobs/{job.code}/labels.pdf").status_code == status


def test_badges_are_read_by_those_who_keep_accounts(cast, browse):
    paper = jobs.paper_of(LabelKind.BADGE)
    with transaction():
        job = copies.issue_label(paper, "issue label", find_account("nadia"),
                                 jobs.On(paper.stock), {}, by=cast.adam, at=clock.now())
    address = f"/label-jobs/{job.code}"
    assert browse("adam").get(address).status_code == 200
    assert browse("adam").get(f"{address}/labels.pdf").status_code == 200
    assert browse("tessa").get(address).status_code == 403


def test_copies_are_the_affair_of_those_who_may_issue_that_kind_of_label(cast, browse):
    paper = jobs.paper_of(LabelKind.BADGE)
    with transaction():
        badge = copies.issue_label(paper, "issue label", find_account("nadia"),
                                   jobs.On(paper.stock), {}, by=cast.adam, at=clock.now())
    bags = issued_labels(cast)
    act = catalogue()["label-jobs", "print"]
    assert why_not(act, badge, cast.adam) is None and why_not(act, bags, cast.tessa) is None
    assert "may not keep accounts" in why_not(act, badge, cast.tessa)
    assert "may not print and apply labels" in why_not(act, bags, cast.adam)
    addresses = {job: f"/label-jobs/{job.code}/print" for job in (badge, bags)}
    assert browse("adam").post(addresses[bags], {"key": "p-1"}).status_code == 403
    assert browse("tessa").post(addresses[badge], {"key": "p-2"}).status_code == 403
    assert browse("adam").post(addresses[badge], {"key": "p-3"}).status_code == 303
    with pytest.raises(NotAllowed):
        perform(act, bags.code, {}, by=cast.adam)


def test_a_copy_shows_its_life_and_what_replaced_it(cast, browse):
    bag = labelled_lot(cast).bags[0]
    old = service.current_copy(bag)
    new = reprinted(cast, bag)
    browser = browse("tessa")
    page = browser.get(f"/label-copies/{old.code}").text
    assert f'Replaced by <a href="/label-copies/{new.code}">copy 2</a>' in page
    assert f"/label-copies/{old.code}/destroy-copy" in page
    with transaction():
        copies.destroy_copy(old, "Cut up.", by=cast.tessa, at=clock.now())
    assert "by Tessa Roux: Cut up." in browser.get(f"/label-copies/{old.code}").text


def test_a_copy_of_a_tube_is_scanned_back_by_its_form(cast, browse):
    paper, sample = jobs.paper_of(LabelKind.SAMPLE), sample_of(cast, filled_lot(cast))
    with transaction():
        job = copies.issue_label(paper, "issue label", sample, jobs.On(paper.stock), {},
                                 by=cast.tessa, at=clock.now())
    with transaction():
        service.print_job(job, by=cast.tessa, at=clock.now())
    copy = job.copies[0]
    browser = browse("tessa")
    wrong = browser.post(f"/label-copies/{copy.code}/scan-back",
                         {"text": sample.code, "key": "scan-1"})
    assert "does not say which copy" in wrong.text and copy.applied_at is None
    right = browser.post(f"/label-copies/{copy.code}/scan-back",
                         {"text": copy.content["code"], "key": "scan-2"}, follow_redirects=True)
    assert right.status_code == 200
    assert "scanned back by Tessa Roux" in browser.get(f"/label-copies/{copy.code}").text


def test_the_queue_shows_how_far_each_copy_came(cast, browse):
    job = issued_labels(cast)
    with listening(50) as there:
        with transaction():
            printer = printers.add_printer("Zebra 1", "Room 2", 203, "bag-100x100", "127.0.0.1",
                                           there.port, by=cast.tessa, at=clock.now())
        with transaction():
            queue.send_to_printer(job, printer.code, by=cast.tessa, at=clock.now())
        browser = browse("tessa")
        assert "Wait for the printer" in browser.get(f"/label-jobs/{job.code}").text
        runner.run()
    page = browser.get(f"/label-jobs/{job.code}").text
    assert "Look whether it came out" in page and "unknown" in page and "sent" in page
    page = browser.get(f"/printers/{printer.code}").text
    assert "unknown" in page and job.copies[0].bag.title in page
    page = browser.get(f"/label-copies/{job.copies[0].code}").text
    assert f"/label-copies/{job.copies[0].code}/print-again" in page


def test_the_lot_counts_its_labels_and_names_those_astray(cast, browse):
    lot = labelled_lot(cast)
    old = service.current_copy(lot.bags[0])
    reprinted(cast, lot.bags[0])
    page = browse("quentin").get(f"/lots/{lot.code}").text
    assert "Labels not reconciled: 2 copies" in page
    assert f'<a href="/label-copies/{old.code}">Copy 1 of bag 1</a>: voided, its paper' in page
    assert "3 printed = 1 applied + 0 destroyed + 2 loose" in page
    apply(cast, lot.bags[0])
    with transaction():
        copies.destroy_copy(old, "Cut up.", by=cast.tessa, at=clock.now())
    browser = browse("quentin")
    browser.post(f"/lots/{lot.code}/reconcile-labels", {"key": "close-1"})
    assert "Labels reconciled: 2 applied, in use, 1 destroyed" in browser.get(
        f"/lots/{lot.code}").text
    assert "3 printed = 2 applied + 1 destroyed + 0 loose" in browser.get(f"/lots/{lot.code}").text


def test_a_machine_issues_labels_by_the_same_act(bank, cast, machine):
    lot = filled_lot(cast)
    answer = bank.test_client().post(f"/api/v1/lots/{lot.code}/issue-labels", json={"data": {}},
                                     headers=machine("tessa", Idempotency_Key="labels-1"))
    assert [copy["number"] for copy in answer.json["copies"]] == [1, 1]
    found = bank.test_client().get(f"/api/v1/scan/{answer.json['copies'][0]['text']}",
                                   headers=machine("tessa")).json
    assert found["copy"] == 1


def test_papers_to_destroy_stand_on_the_worklist(cast, browse):
    bag = labelled_lot(cast).bags[0]
    old = service.current_copy(bag)
    browser = browse("tessa")
    assert "Labels to account for" not in browser.get("/").text
    reprinted(cast, bag)
    assert f"/label-copies/{old.code}" in browser.get("/").text
